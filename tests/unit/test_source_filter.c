/* Capture filters: the same expression must choose the same packets whatever they travel on. */
#include "source/filter.h"

#include <errno.h>

#include "source_help.h"

#include "test.h"

#define MACS "020000000001 020000000002 "
/* UDP from 192.0.2.1 port 53 to 198.51.100.2 port 4660. */
#define V4 "4500 001c 0000 0000 4011 0000 c0000201 c6336402 0035 1234 0008 0000 "
/* TCP from 2001:db8::1 port 1025 to 2001:db8::2 port 445. */
#define V6                                                                                         \
	"60000000 0014 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002 "   \
	"0401 01bd 00000000 00000000 5002 0400 0000 0000 "

static const struct {
	const char *name;
	uint32_t link_type;
	const char *frame;
	const char *filter;
	bool passes;
} cases[] = {
    {"UDP on Ethernet", LINK_ETHERNET, MACS "0800" V4, "udp port 53", true},
    {"not the port", LINK_ETHERNET, MACS "0800" V4, "udp port 54", false},
    {"IPv6 on Ethernet", LINK_ETHERNET, MACS "86dd" V6, "tcp dst port 445", true},
    {"a VLAN is asked for by name", LINK_ETHERNET, MACS "8100 0007 0800" V4, "vlan 7 and udp",
	true},
    {"raw IP", LINK_RAW, V4, "host 192.0.2.1", true},
    {"raw IP, other host", LINK_RAW, V4, "host 192.0.2.2", false},
    {"raw IP as BSD writes it", LINK_RAW_BSD, V4, "src net 192.0.2.0/24", true},
    {"raw IP as OpenBSD writes it", LINK_RAW_OPENBSD, V6, "ip6 and tcp", true},
    {"raw IPv4", LINK_IPV4, V4, "udp", true},
    {"raw IPv6", LINK_IPV6, V6, "tcp port 445", true},
    {"Linux cooked", LINK_LINUX_SLL, "0000 0001 0006 020000000001 0000 0800" V4, "udp port 53",
	true},
    {"Linux cooked, version 2", LINK_LINUX_SLL2,
	"0800 0000 00000002 0001 00 06 0200000000010000" V4, "udp port 53", true},
    {"BSD loopback, this byte order", LINK_NULL, "02000000" V4, "udp port 53", true},
    {"BSD loopback, the other one", LINK_NULL, "00000002" V4, "udp port 53", true},
    {"OpenBSD loopback", LINK_LOOP, "00000002" V4, "udp port 53", true},
    {"PPP with its two bytes in front", LINK_PPP, "ff03 0021" V4, "udp port 53", true},
    {"PPP in HDLC", LINK_PPP_HDLC, "ff03 0021" V4, "udp port 53", true},
    {"Cisco HDLC", LINK_CISCO_HDLC, "0f00 0800" V4, "udp port 53", true},
    {"the length is that of the wire", LINK_ETHERNET, MACS "0800" V4, "greater 1000", true},
    {"a frame of no bytes", LINK_ETHERNET, "", "udp", false},
    {"a frame cut in its header", LINK_ETHERNET, MACS "0800 4500", "udp", false},
    {"no expression passes all", LINK_ETHERNET, MACS "0800" V4, "", true},
};

static struct filter *new_filter(const char *expression)
{
	struct filter *filter = NULL;
	struct complaint complaint = {0};
	int result = filter_new(expression, &filter, &complaint);
	assert(result == 0 && complaint.text[0] == '\0');
	return filter;
}

static void test_cases(void)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bytes bytes = help_from_hex(cases[i].frame);
		struct frame frame = {.bytes = bytes.at,
		    .captured_bytes = (uint32_t)bytes.count,
		    .wire_bytes = 1000,
		    .link_type = cases[i].link_type};
		struct filter *filter = new_filter(cases[i].filter);
		OK(filter_passes(filter, &frame) == cases[i].passes, cases[i].name);
		filter_free(filter);
		free(bytes.at);
	}
}

static void test_refused(void)
{
	struct filter *filter = NULL;
	struct complaint complaint = {0};
	int result = filter_new("tcp prt 80", &filter, &complaint);
	OK(result == -EINVAL && filter == NULL, "a wrong expression is refused");
	printf("# %s\n", complaint.text);
	OK(strncmp(complaint.text, "filter \"tcp prt 80\": ", 21) == 0 &&
		strstr(complaint.text, "expected an expression of pcap-filter(7)") != NULL,
	    "with libpcap's words and what was expected");
	OK(filter_new("port 99999", &filter, &complaint) == -EINVAL, "and so is a port too high");
	filter_free(NULL);
}

static void test_batch(void)
{
	struct bytes udp = help_from_hex(MACS "0800" V4);
	struct bytes tcp = help_from_hex(MACS "86dd" V6);
	struct frame_batch *batch = calloc(1, sizeof *batch);
	assert(batch != NULL);
	for (int i = 0; i < 9; i++) {
		const struct bytes *bytes = i % 3 == 0 ? &tcp : &udp;
		batch->frames[batch->count++] = (struct frame){.bytes = bytes->at,
		    .captured_bytes = (uint32_t)bytes->count,
		    .time_us = i,
		    .link_type = i == 8 ? 65000 : LINK_ETHERNET};
	}
	struct filter *filter = new_filter("udp");
	filter_batch(filter, batch);
	OK(batch->count == 5 && batch->frames[0].time_us == 1 && batch->frames[4].time_us == 7,
	    "a batch keeps what passes, in order");
	OK(filter_get_unjudged(filter) == 1, "a link type that libpcap cannot judge is counted");
	filter_free(filter);

	filter = new_filter("ether host 02:00:00:00:00:01");
	struct bytes raw = help_from_hex(V4);
	struct frame frame = {
	    .bytes = raw.at, .captured_bytes = (uint32_t)raw.count, .link_type = LINK_RAW};
	OK(!filter_passes(filter, &frame) && filter_get_unjudged(filter) == 1,
	    "an expression that makes no sense for a link type passes nothing there");
	filter_free(filter);
	free(raw.at);
	free(batch);
	free(udp.at);
	free(tcp.at);
}

int main(void)
{
	test_cases();
	test_refused();
	test_batch();
	return test_done();
}
