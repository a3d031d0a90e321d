#include "source/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

enum {
	/* More than any capture has: libpcap only uses it as the answer of a match. */
	SNAPSHOT_BYTES = 1 << 20,
};

/*
 * Link types for which the expression is compiled at once, since the process loses the right to
 * open what names in it may need (/etc/services, name servers) before it reads frames. The DLT_
 * numbers are those of this system and differ from those in files for raw IP alone.
 */
static const struct link {
	uint32_t link_type;
	int dlt;
} links[] = {
    {LINK_ETHERNET, DLT_EN10MB}, /* first: it decides whether the expression is good */
    {LINK_RAW, DLT_RAW},
    {LINK_RAW_BSD, DLT_RAW},
    {LINK_RAW_OPENBSD, DLT_RAW},
    {LINK_IPV4, DLT_IPV4},
    {LINK_IPV6, DLT_IPV6},
    {LINK_LINUX_SLL, DLT_LINUX_SLL},
    {LINK_LINUX_SLL2, DLT_LINUX_SLL2},
    {LINK_NULL, DLT_NULL},
    {LINK_LOOP, DLT_LOOP},
    {LINK_PPP, DLT_PPP},
    {LINK_PPP_HDLC, DLT_PPP_SERIAL},
    {LINK_PPP_ETHER, DLT_PPP_ETHER},
    {LINK_CISCO_HDLC, DLT_C_HDLC},
};

enum {
	LINK_COUNT = sizeof links / sizeof links[0]
};

struct filter {
	struct bpf_program programs[LINK_COUNT];
	bool is_compiled[LINK_COUNT];
	uint64_t unjudged;
};

static int compile(const struct link *link, const char *expression, struct bpf_program *ret_program,
    struct complaint *complaint)
{
	pcap_t *pcap = pcap_open_dead(link->dlt, SNAPSHOT_BYTES);
	if (pcap == NULL)
		return complain(
		    complaint, -ENOMEM, "out of memory for the filter \"%s\"", expression);
	int result = pcap_compile(pcap, ret_program, expression, 1, PCAP_NETMASK_UNKNOWN);
	if (result != 0)
		complain(complaint, -EINVAL,
		    "filter \"%s\": %s; expected an expression of pcap-filter(7)", expression,
		    pcap_geterr(pcap));
	pcap_close(pcap);
	return result == 0 ? 0 : -EINVAL;
}

int filter_new(const char *expression, struct filter **ret_filter, struct complaint *complaint)
{
	struct filter *filter = calloc(1, sizeof *filter);
	if (filter == NULL)
		return complain(
		    complaint, -ENOMEM, "out of memory for the filter \"%s\"", expression);
	for (size_t i = 0; i < LINK_COUNT; i++) {
		int result =
		    compile(&links[i], expression, &filter->programs[i], i == 0 ? complaint : NULL);
		filter->is_compiled[i] = result == 0;
		if (result != 0 && i == 0) {
			filter_free(filter);
			return result;
		}
	}
	*ret_filter = filter;
	return 0;
}

/*
 * The family before a frame of LINK_NULL has the byte order of the machine that captured it, which
 * no field tells. Families are small: zeros in front mean network order, which is LINK_LOOP.
 */
static uint32_t settle_link_type(const struct frame *frame)
{
	if (frame->link_type != LINK_NULL || frame->captured_bytes < 4)
		return frame->link_type;
	bool is_network_order = frame->bytes[0] == 0 && frame->bytes[1] == 0;
	return is_network_order ? LINK_LOOP : LINK_NULL;
}

bool filter_passes(struct filter *filter, const struct frame *frame)
{
	uint32_t link_type = settle_link_type(frame);
	for (size_t i = 0; i < LINK_COUNT; i++) {
		if (links[i].link_type != link_type || !filter->is_compiled[i])
			continue;
		struct pcap_pkthdr header = {
		    .caplen = frame->captured_bytes,
		    .len = frame->wire_bytes,
		};
		return pcap_offline_filter(&filter->programs[i], &header, frame->bytes) != 0;
	}
	filter->unjudged++;
	return false;
}

void filter_batch(struct filter *filter, struct frame_batch *batch)
{
	size_t kept = 0;
	for (size_t i = 0; i < batch->count; i++)
		if (filter_passes(filter, &batch->frames[i]))
			batch->frames[kept++] = batch->frames[i];
	batch->count = kept;
}

uint64_t filter_get_unjudged(const struct filter *filter)
{
	return filter->unjudged;
}

void filter_free(struct filter *filter)
{
	if (filter == NULL)
		return;
	for (size_t i = 0; i < LINK_COUNT; i++)
		if (filter->is_compiled[i])
			pcap_freecode(&filter->programs[i]);
	free(filter);
}
