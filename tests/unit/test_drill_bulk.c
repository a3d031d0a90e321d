/* Traffic without a story: how many packets and sources there are, and who speaks with whom. */
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "drill/scenario.h"
#include "test.h"

enum {
	PACKETS_MAX = 120000
};

static const struct source_kind *const kinds[] = {&source_drill, NULL};

/* All packets of one run, in order. */
struct seen {
	struct facts facts[PACKETS_MAX];
	struct address sources[PACKETS_MAX]; /* sorted */
	size_t count;
	size_t distinct;
};

static int compare(const void *a, const void *b)
{
	return address_compare(a, b);
}

static void count_distinct(struct seen *seen)
{
	for (size_t i = 0; i < seen->count; i++)
		seen->sources[i] = seen->facts[i].source;
	qsort(seen->sources, seen->count, sizeof seen->sources[0], compare);
	seen->distinct = seen->count > 0;
	for (size_t i = 1; i < seen->count; i++)
		seen->distinct += !address_equal(&seen->sources[i - 1], &seen->sources[i]);
}

static struct seen *watch(const char *address)
{
	static struct seen seen;
	static struct frame_batch batch;
	struct source *source = NULL;
	struct complaint complaint = {""};
	seen.count = 0;
	if (source_open(kinds, address, &source, &complaint) != 0)
		printf("# %s\n", complaint.text);
	int status = source != NULL;
	while (status > 0) {
		batch.count = 0;
		status = source_read(source, &batch, FRAME_BATCH_MAX, &complaint);
		for (size_t i = 0; i < batch.count && seen.count < PACKETS_MAX; i++)
			(void)decode_frame(&batch.frames[i], &seen.facts[seen.count++]);
	}
	source_close(source);
	count_distinct(&seen);
	return &seen;
}

static bool is_of(const struct address *address, uint32_t network, uint32_t mask)
{
	return address_is_v4(address) && (address_low32(address) & mask) == network;
}

/* Packets of the one infected recorder, among forged ones. */
static size_t count_infected(const struct seen *seen)
{
	static const uint8_t recorder[] = {198, 51, 100, 77};
	const struct address address = address_from_v4(recorder);
	size_t count = 0;
	for (size_t i = 0; i < seen->count; i++)
		count += address_equal(&seen->facts[i].source, &address);
	return count;
}

static void test_forged(void)
{
	const struct seen *seen = watch("drill:forged-darknet?packets=100000");
	size_t infected = count_infected(seen);
	OK(seen->count == 100000 + infected, "as many forged packets as asked for");
	OK(seen->distinct == 100001, "every one from another address, and one infected machine");
	OK(infected > 900 && infected < 1500, "whose probes are seen, some 1200 of them");
	size_t strays = 0, unroutable = 0;
	for (size_t i = 0; i < seen->count; i++) {
		const struct facts *facts = &seen->facts[i];
		strays += !is_of(&facts->target, 0xc6120000, 0xffff0000);
		unroutable += address_is_private(&facts->source) ||
			      address_is_multicast_or_broadcast(&facts->source) ||
			      address_is_loopback(&facts->source);
	}
	OK(strays == 0, "all to dark addresses");
	OK(unroutable == 0, "from addresses that routers forward");

	seen = watch("drill:forged-darknet?packets=50000&sources=1000");
	OK(seen->distinct == 1001, "of fewer sources each comes again");
	seen = watch("drill:forged-darknet?packets=1&sources=1&seconds=1");
	OK(seen->count > 0, "one packet is enough");
}

/* Whether an earlier packet went the other way between these ports. */
static bool answers(const struct seen *seen, size_t number)
{
	const struct facts *answer = &seen->facts[number];
	for (size_t i = number; i-- > 0;) {
		const struct facts *facts = &seen->facts[i];
		if (address_equal(&facts->source, &answer->target) &&
		    address_equal(&facts->target, &answer->source) &&
		    facts->source_port == answer->target_port &&
		    facts->target_port == answer->source_port)
			return true;
	}
	return false;
}

static void test_flows(void)
{
	const struct seen *seen = watch("drill:campus-border?packets=100000&sources=2000");
	OK(seen->count == 100000, "as many packets of flows as asked for");
	OK(seen->distinct > 1600 && seen->distinct <= 2010, "from about as many sources");
	size_t from_clients = 0, from_servers = 0, tcp = 0;
	for (size_t i = 0; i < seen->count; i++) {
		bool inside = is_of(&seen->facts[i].source, 0x0a000000, 0xff000000);
		bool towards = is_of(&seen->facts[i].target, 0x0a000000, 0xff000000);
		from_clients += inside && !towards;
		from_servers += !inside && towards;
		tcp += seen->facts[i].protocol == 6;
	}
	OK(from_clients + from_servers == seen->count, "each between a client and a server");
	OK(from_servers > 45000 && from_servers < 70000, "in both directions");
	OK(tcp > 70000 && tcp < 90000, "most of it TCP");
	size_t unasked = 0;
	for (size_t i = 0; i < 5000; i++)
		if (!is_of(&seen->facts[i].source, 0x0a000000, 0xff000000))
			unasked += !answers(seen, i);
	OK(unasked == 0, "no server speaks before it was asked");
	int64_t seconds = (seen->facts[99999].time_us - seen->facts[0].time_us) / WHEN_SECOND_US;
	OK(seconds >= 18 && seconds <= 24, "5000 packets a second");
	seen = watch("drill:campus-border?packets=200&sources=1&seconds=86400");
	OK(seen->count == 200, "one source is enough");
}

static void test_v6(void)
{
	static const uint8_t dark[] = {0x20, 0x01, 0x0d, 0xb8, 0xde, 0xad};
	const struct seen *seen = watch("drill:ipv6-darknet?packets=100000&sources=2000");
	OK(seen->count == 100000, "as many IPv6 packets as asked for");
	OK(seen->distinct > 1900 && seen->distinct <= 2000, "from about as many sources");
	size_t strays = 0, syns = 0;
	for (size_t i = 0; i < seen->count; i++) {
		const struct facts *facts = &seen->facts[i];
		strays += facts->net != FACTS_V6 || memcmp(facts->target.bytes, dark, 6) != 0;
		syns += facts->protocol == 6 && facts->tcp_flags == FACTS_SYN;
	}
	OK(strays == 0, "all to dark IPv6 addresses");
	OK(syns > 40000 && syns < 90000, "most of them scanners");
}

int main(void)
{
	test_forged();
	test_flows();
	test_v6();
	return test_done();
}
