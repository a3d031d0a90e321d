/* The background's statistics, and the marks of tools by the formulas that tell them. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "decode/decode.h"
#include "drill/scenario.h"
#include "test.h"

enum {
	PACKETS = 400000,
	SOURCES_BITS = 17,
	SOURCES_SIZE = 1 << SOURCES_BITS,
	DARK_FIRST = 0xc612, /* 198.18/16 */
};

/* What was counted; shares are of all packets, in a thousand. */
struct count {
	uint64_t packets;
	uint64_t tcp_ports[65536];
	uint64_t mirai;
	uint64_t masscan;
	uint64_t zmap_old;
	uint64_t zmap_new;
	uint64_t syn_ack;
	uint64_t reset;
	uint64_t refused;
	uint64_t udp;
	uint64_t echo;
	uint64_t errors;
	uint64_t dns_answers;
	uint64_t v6;
	uint64_t elsewhere; /* not to a dark address */
	struct address sources[SOURCES_SIZE];
	uint32_t source_packets[SOURCES_SIZE];
	uint64_t source_count;
};

/* Open addressing; the table is larger than the number of sources. */
static void count_source(struct count *count, const struct address *source)
{
	size_t at = hash_address(source, 1) >> (64 - SOURCES_BITS);
	while (count->source_packets[at] != 0 && !address_equal(&count->sources[at], source))
		at = (at + 1) % SOURCES_SIZE;
	count->sources[at] = *source;
	if (count->source_packets[at]++ == 0)
		count->source_count++;
}

static bool is_dark(const struct address *target)
{
	static const uint8_t dark_v6[] = {0x20, 0x01, 0x0d, 0xb8, 0xde, 0xad};
	if (address_is_v4(target))
		return address_low32(target) >> 16 == DARK_FIRST;
	return memcmp(target->bytes, dark_v6, sizeof dark_v6) == 0;
}

static void count_syn(struct count *count, const struct facts *facts)
{
	uint32_t target = address_low32(&facts->target);
	count->tcp_ports[facts->target_port]++;
	if (facts->seq == target)
		count->mirai++;
	else if (facts->ip_id == (uint16_t)(target ^ facts->target_port ^ facts->seq) &&
		 facts->window == 1024 && facts->tcp_options == TCP_OPTIONS_MSS_ONLY)
		count->masscan++;
	else if (facts->ip_id == 54321 && facts->window == 65535)
		count->zmap_old++;
	else if (facts->window == 65535 && facts->ttl <= 64 &&
		 facts->tcp_options >= TCP_OPTIONS_WINDOWS)
		count->zmap_new++;
}

static void count_packet(struct count *count, const struct facts *facts)
{
	bool is_tcp = facts->protocol == 6;
	count->packets++;
	count_source(count, &facts->source);
	count->elsewhere += !is_dark(&facts->target);
	count->v6 += facts->net == FACTS_V6;
	count->udp += facts->protocol == 17 && facts->source_port != 53;
	count->dns_answers += facts->protocol == 17 && facts->source_port == 53;
	count->echo += facts->protocol == 1 && facts->icmp_type == 8;
	count->errors += (facts->flags & FACTS_ICMP_ERROR) != 0 &&
			 address_equal(&facts->inner_source, &facts->target);
	count->syn_ack += is_tcp && facts->tcp_flags == (FACTS_SYN | FACTS_ACK);
	count->reset += is_tcp && facts->tcp_flags == FACTS_RST;
	count->refused += is_tcp && facts->tcp_flags == (FACTS_RST | FACTS_ACK);
	if (is_tcp && facts->tcp_flags == FACTS_SYN && facts->net == FACTS_V4)
		count_syn(count, facts);
}

static void count_all(struct count *count, const char *address)
{
	static const struct source_kind *const kinds[] = {&source_drill, NULL};
	static struct frame_batch batch;
	struct source *source = NULL;
	struct complaint complaint;
	if (source_open(kinds, address, &source, &complaint) != 0)
		return;
	for (;;) {
		batch.count = 0;
		if (source_read(source, &batch, FRAME_BATCH_MAX, &complaint) != 1)
			break;
		for (size_t i = 0; i < batch.count; i++) {
			struct facts facts;
			if (decode_frame(&batch.frames[i], &facts) == DECODE_OK)
				count_packet(count, &facts);
		}
	}
	source_close(source);
}

static void is_near(uint64_t found, unsigned share, const char *name)
{
	uint64_t wanted = (uint64_t)PACKETS * share / 1000;
	bool near = found > wanted * 85 / 100 && found < wanted * 115 / 100;
	OK(near, name);
	if (!near)
		printf("# %llu packets, expected about %llu\n", (unsigned long long)found,
		    (unsigned long long)wanted);
}

static int compare_down(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;
	return *x < *y ? 1 : *x > *y ? -1 : 0;
}

/* A tail: the hundredth part that sends most sends more than its share, yet nobody sends all. */
static void test_tail(struct count *count)
{
	qsort(count->source_packets, SOURCES_SIZE, sizeof count->source_packets[0], compare_down);
	uint64_t top = 0;
	for (uint64_t i = 0; i < count->source_count / 100; i++)
		top += count->source_packets[i];
	printf("# %llu sources, of which one in a hundred sends %llu packets\n",
	    (unsigned long long)count->source_count, (unsigned long long)top);
	OK(top > PACKETS / 5 && top < PACKETS * 9 / 10, "one source in a hundred sends a lot");
	OK(count->source_packets[0] < PACKETS / 50, "nobody sends a fiftieth of all");
	OK(count->source_count > 9000 && count->source_count < 11000,
	    "about as many sources as asked for");
}

/* As many sources as asked for are seen, whether each sends much or hardly any sends twice. */
static void test_sources(struct count *count)
{
	static const struct {
		const char *address;
		uint64_t sources;
	} rows[] = {
	    {"drill:darknet-background?packets=400000&sources=5000", 5000},
	    {"drill:darknet-background?packets=400000&sources=3000&seconds=60", 3000},
	    {"drill:darknet-background?packets=200000&sources=100000", 100000},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		*count = (struct count){0};
		count_all(count, rows[i].address);
		bool near = count->source_count > rows[i].sources * 9 / 10 &&
			    count->source_count < rows[i].sources * 11 / 10;
		OK(near, rows[i].address);
		if (!near)
			printf("# %llu sources\n", (unsigned long long)count->source_count);
	}
	*count = (struct count){0};
	count_all(count, "drill:darknet-background?packets=100000&sources=1000000000000");
	OK(count->source_count > 70000, "more than packets can have: most packets' own");
	printf("# %llu sources\n", (unsigned long long)count->source_count);
}

static void test_ports(const struct count *count)
{
	static const uint16_t leaders[] = {23, 445, 22, 80, 8080, 3389};
	uint64_t before = UINT64_MAX;
	for (size_t i = 0; i < sizeof leaders / sizeof leaders[0]; i++) {
		OK(count->tcp_ports[leaders[i]] < before, "the leading ports stand in their order");
		before = count->tcp_ports[leaders[i]];
	}
	uint64_t others = 0;
	for (unsigned port = 0; port < 65536; port++) {
		bool is_leader = false;
		for (size_t i = 0; i < sizeof leaders / sizeof leaders[0]; i++)
			is_leader = is_leader || leaders[i] == port;
		if (!is_leader && count->tcp_ports[port] > others)
			others = count->tcp_ports[port];
	}
	OK(others < before, "and no other port before them");
	uint64_t telnet = count->tcp_ports[23];
	OK(telnet > PACKETS * 11 / 100 && telnet < PACKETS * 24 / 100,
	    "telnet has 11 to 24 packets in a hundred");
}

static void test_seed(struct count *count, const char *address)
{
	printf("# %s\n", address);
	*count = (struct count){0};
	count_all(count, address);
	OK(count->packets == PACKETS, "exactly so many packets, all readable");
	OK(count->elsewhere == 0, "all of them to dark addresses");
	is_near(count->mirai, 100, "Mirai family: seq is the target's address");
	is_near(count->masscan, 120, "Masscan: id from target, port and seq, 16 bits");
	is_near(count->zmap_old, 80, "ZMap up to 4.0: id 54321");
	is_near(count->zmap_new, 100, "ZMap from 4.1: window and options");
	is_near(count->syn_ack, 53, "SYN+ACK backscatter");
	is_near(count->reset, 10, "RST backscatter without ACK");
	is_near(count->refused, 11, "RST backscatter with ACK");
	is_near(count->errors, 10, "ICMP errors quoting a dark address");
	is_near(count->dns_answers, 8, "DNS answers nobody asked for");
	is_near(count->udp, 76, "UDP requests");
	is_near(count->echo, 35, "ICMP echo");
	is_near(count->v6, 20, "IPv6");
	test_ports(count);
	test_tail(count);
}

/* What ties the packets of one source together. */
struct constant {
	struct address source;
	uint32_t value;
	unsigned packets;
	unsigned agree;
};

/* Nmap: x = seq1 ^ seq2 has equal halves. Unicornscan: one constant, in either byte order. */
static void test_pairs(void)
{
	static const struct source_kind *const kinds[] = {&source_drill, NULL};
	static struct frame_batch batch;
	static struct constant nmap[65536], unicorn[65536];
	struct source *source = NULL;
	uint64_t nmap_pairs = 0, unicorn_pairs = 0;
	if (source_open(
		kinds, "drill:darknet-background?packets=300000&sources=2000", &source, NULL) != 0)
		return;
	for (;;) {
		batch.count = 0;
		if (source_read(source, &batch, FRAME_BATCH_MAX, NULL) != 1)
			break;
		for (size_t i = 0; i < batch.count; i++) {
			struct facts f;
			if (decode_frame(&batch.frames[i], &f) != DECODE_OK ||
			    f.tcp_flags != FACTS_SYN || f.net != FACTS_V4)
				continue;
			size_t at = hash_address(&f.source, 2) & 0xffffU;
			uint32_t x = f.seq ^ nmap[at].value;
			bool is_known = address_equal(&nmap[at].source, &f.source);
			nmap_pairs += is_known && x != 0 && x >> 16 == (x & 0xffffU);
			nmap[at] = (struct constant){.source = f.source, .value = f.seq};
			uint32_t ports = ((uint32_t)f.target_port << 16) + f.source_port;
			uint32_t constant = f.seq ^ address_low32(&f.target) ^ ports;
			is_known = address_equal(&unicorn[at].source, &f.source);
			/* Mirai's numbers would pass as well. */
			is_known = is_known && f.seq != address_low32(&f.target);
			unicorn_pairs += is_known && unicorn[at].value == constant;
			unicorn[at] = (struct constant){.source = f.source, .value = constant};
		}
	}
	source_close(source);
	OK(nmap_pairs > 2500 && nmap_pairs < 3100, "Nmap's pairs have equal halves");
	OK(unicorn_pairs > 300 && unicorn_pairs < 1500, "Unicornscan's constants are constant");
}

int main(void)
{
	struct count *count = malloc(sizeof *count);
	OK(count != NULL, "memory to count in");
	if (count == NULL)
		return test_done();
	test_seed(count, "drill:darknet-background?packets=400000&sources=10000");
	test_seed(count, "drill:darknet-background?packets=400000&sources=10000&seed=77");
	test_sources(count);
	test_pairs();
	free(count);
	return test_done();
}
