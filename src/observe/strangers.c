#include "observe/strangers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PORTS = 65536,
};

enum {
	TALLIES = 2 * PORTS, /* of TCP, of UDP; then those of drills */
};

/* By protocol (TCP, then UDP) and port. */
struct tally {
	uint64_t packets;
	uint64_t sources;
};

static struct tally *tally_of(struct tally *tallies, const struct sighting_key *key)
{
	if (key->kind != SIGHTING_REQUEST)
		return NULL;
	if (key->drill != 0)
		tallies += TALLIES;
	if (key->protocol == PROTOCOL_TCP)
		return &tallies[key->port];
	return key->protocol == PROTOCOL_UDP ? &tallies[PORTS + key->port] : NULL;
}

static void tally_stranger(
    struct tally *tallies, const struct darknet *darknet, const struct stranger *stranger)
{
	struct deed deeds[STRANGER_DEEDS + DEEDS_MORE];
	size_t count = stranger_deeds(darknet, stranger, deeds);
	const struct address nobody = {{0}};
	for (size_t i = 0; i < count; i++) {
		const struct sighting_key key = dark_key_open(&nobody, deeds[i].key);
		struct tally *tally = tally_of(tallies, &key);
		if (tally == NULL)
			continue;
		tally->packets += deeds[i].packets;
		tally->sources++;
	}
}

static void tally_sums(struct tally *tallies, const struct sums *sums)
{
	size_t position = 0;
	struct sum sum;
	while (sums_next(sums, &position, &sum)) {
		const struct sighting_key key = {
		    .port = sum.key.port,
		    .kind = sum.key.kind,
		    .protocol = sum.key.protocol,
		    .drill = sum.key.drill,
		};
		struct tally *tally = tally_of(tallies, &key);
		if (tally == NULL)
			continue;
		tally->packets += sum.packets;
		tally->sources += sum.sources;
	}
}

/* Into its place among the most asked, if it is one of them; earlier ports first of equal ones. */
static void rank(struct strangers *strangers, const struct strangers_port *port)
{
	struct strangers_port *ports = strangers->ports;
	size_t at = strangers->port_count;
	while (at > 0 && ports[at - 1].packets < port->packets)
		at--;
	if (at == STRANGERS_PORTS)
		return;
	if (strangers->port_count < STRANGERS_PORTS)
		strangers->port_count++;
	memmove(&ports[at + 1], &ports[at], (strangers->port_count - at - 1) * sizeof *ports);
	ports[at] = *port;
}

static void rank_all(struct strangers *strangers, const struct tally *tallies)
{
	for (uint32_t i = 0; i < TALLIES; i++) {
		/* port 0 stands for all that found no room of their own */
		if (tallies[i].packets == 0 || i % PORTS == 0)
			continue;
		const struct strangers_port port = {
		    .packets = tallies[i].packets,
		    .sources = tallies[i].sources,
		    .port = (uint16_t)(i % PORTS),
		    .protocol = i < PORTS ? PROTOCOL_TCP : PROTOCOL_UDP,
		};
		rank(strangers, &port);
	}
}

int strangers_describe(const struct observer *observer, struct strangers *ret_strangers)
{
	*ret_strangers = (struct strangers){.packets = 0};
	if (observer_darknet(observer, 0) == NULL)
		return 0;
	struct tally *tallies = calloc(2 * (size_t)TALLIES, sizeof *tallies);
	if (tallies == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < DARKNETS; i++) {
		const struct darknet *darknet = observer_darknet(observer, i);
		struct darknet_counts counts;
		darknet_get_counts(darknet, &counts);
		ret_strangers->packets += counts.packets;
		ret_strangers->kept += counts.strangers;
		ret_strangers->folded += counts.folded;
		ret_strangers->refused += counts.refused;
		size_t position = 0;
		const struct stranger *stranger;
		while ((stranger = darknet_next(darknet, &position)) != NULL)
			tally_stranger(tallies, darknet, stranger);
		tally_sums(tallies, darknet_sums(darknet));
	}
	rank_all(ret_strangers, tallies);
	if (ret_strangers->port_count == 0) /* drills only where there is nothing else */
		rank_all(ret_strangers, tallies + TALLIES);
	free(tallies);
	return 0;
}

static int compare_sums(const void *a, const void *b)
{
	return sum_key_compare(&((const struct sum *)a)->key, &((const struct sum *)b)->key);
}

static void add_stranger(
    struct sums *sums, const struct darknet *darknet, const struct stranger *stranger)
{
	struct sum each[STRANGER_DEEDS + DEEDS_MORE];
	size_t count = stranger_sums(darknet, stranger, 1, each);
	for (size_t i = 0; i < count; i++)
		sums_add(sums, &each[i]);
}

static void add_darknet(struct sums *sums, const struct darknet *darknet)
{
	size_t position = 0;
	const struct stranger *stranger;
	while ((stranger = darknet_next(darknet, &position)) != NULL)
		add_stranger(sums, darknet, stranger);
	sums_merge(sums, darknet_sums(darknet));
}

int strangers_each_sum(const struct observer *observer, size_t budget_bytes,
    void (*on_sum)(void *context, const struct sum *sum), void *context)
{
	if (observer_darknet(observer, 0) == NULL)
		return 0;
	struct sum *all = NULL;
	int result = -ENOMEM;
	struct sums *sums = sums_new(budget_bytes);
	if (sums == NULL)
		goto out;
	for (size_t i = 0; i < DARKNETS; i++)
		add_darknet(sums, observer_darknet(observer, i));
	struct sums_counts counts;
	sums_get_counts(sums, &counts);
	size_t count = counts.records[SUMS_V4] + counts.records[SUMS_V6];
	all = calloc(count + 1, sizeof *all);
	if (all == NULL)
		goto out;
	size_t position = 0;
	size_t got = 0;
	while (got < count && sums_next(sums, &position, &all[got]))
		got++;
	if (got > 1)
		qsort(all, got, sizeof *all, compare_sums);
	for (size_t i = 0; i < got; i++)
		on_sum(context, &all[i]);
	result = 0;
out:
	free(all);
	sums_free(sums);
	return result;
}
