/*
 * greynet.h - addresses that nobody uses, learned by listening.
 *
 * Inside the ranges that are watched, an address is dark when nobody was heard to send from it, or
 * to hold it on the wire, for watch.quiet: watched time, without the times at which the station was
 * off or heard nothing at all. Nothing is believed of a range that was not watched for so long
 * itself. Whoever is heard from a dark address ends its darkness at once.
 *
 * Ranges are those of station.yaml, or the networks of the station's own interfaces and those that
 * are heard on the wire: where three machines of one /24 (IPv6: /64) speak for their addresses by
 * ARP or neighbour discovery. Never dark are groups, a range's network and broadcast addresses (and
 * of a wider range all that end in .0 or .255, since its networks are not known), the first address
 * of an IPv6 /64 and its last 128 (anycast: RFC 4291 section 2.6.1, RFC 2526), link-local ones,
 * this machine's own addresses and its gateways.
 *
 * What is learned lies in the store (store_heard, and records "greynet..."), so that a restart does
 * not begin anew. Memory is bounded: when more machines are heard than there is room for, nothing
 * is believed dark any more until there is, and learning begins anew.
 */
#ifndef CMD_STATION_GREYNET_H
#define CMD_STATION_GREYNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "cmd/station/discover.h"
#include "observe/observer.h"
#include "registry/registry.h"
#include "store/store.h"

struct greynet;

enum {
	GREYNET_HOSTS_MAX = 128 * 1024, /* that were heard; 16 MiB when there are so many */
	GREYNET_FOUND_MAX = 64,         /* ranges that were found on the wire */
	GREYNET_HOLDERS = 3,            /* machines that make one */
	GREYNET_OURS_MAX = 64,          /* networks and gateways of this machine */
	GREYNET_WRITES_MAX = 1024,      /* hosts in one transaction */
	GREYNET_COUNT_MAX = 1 << 22,    /* addresses that are counted one by one */
};

struct greynet_options {
	struct store *store;         /* borrowed */
	const struct prefix *ranges; /* of station.yaml; copied, as all */
	size_t range_count;
	bool is_auto;                           /* own networks, and those on the wire, as well */
	const struct station_network *networks; /* of this machine */
	size_t network_count;
	const struct address *gateways;
	size_t gateway_count;
	int64_t quiet_us;
	void *context;
	void (*log)(void *context, const char *event, const char *text);
};

/*
 * How often captures must tell again of who is there, so that a machine that speaks all the time is
 * not forgotten: a quarter of watch.quiet, from a minute to six hours.
 */
int64_t greynet_tell_us(int64_t quiet_us);

/* Reads what was learned before. Returns 0, or a negative errno with a complaint. */
int greynet_new(const struct greynet_options *options, struct greynet **ret_greynet,
    struct complaint *complaint);
void greynet_free(struct greynet *greynet); /* NULL is allowed */

/* Takes what is observed now: what was before the start is in the store. */
const struct observer_sink *greynet_sink(struct greynet *greynet);

/*
 * For the ledger (ledger_options.is_learned_dark): `greynet` is one. Whether the address is some
 * member's is for the caller to know.
 */
bool greynet_is_dark(const void *greynet, const struct address *address);
/* True when somebody was heard from a dark address since this was asked last. */
bool greynet_take_changed(struct greynet *greynet);

/* No more is coming: numbers are due as well. */
void greynet_end(struct greynet *greynet);
/* Whether something waits to be written: at once what is new, numbers after a minute. */
bool greynet_is_due(const struct greynet *greynet, int64_t monotonic_us);
/* Within a transaction. 0, or what the store gave, with a complaint. */
int greynet_write(struct greynet *greynet, int64_t monotonic_us, struct complaint *complaint);
void greynet_commit(struct greynet *greynet); /* it was committed */
void greynet_forget(struct greynet *greynet); /* it was not */

/* A range, and how far its learning is. */
struct greynet_range {
	struct prefix prefix;
	bool is_found;      /* on the wire, or of this machine */
	int64_t watched_us; /* how long */
	bool is_ready;      /* so long that its silent addresses are dark */
};
size_t greynet_range_count(const struct greynet *greynet);
void greynet_get_range(
    const struct greynet *greynet, size_t number, struct greynet_range *ret_range);

/* Prefixes of all of them, which the caller frees; none ever goes. NULL without memory. */
struct prefix *greynet_copy_prefixes(const struct greynet *greynet);

struct greynet_counts {
	size_t hosts;      /* that were heard, in all ranges */
	uint64_t returned; /* dark addresses from which somebody was heard */
	bool is_blind;     /* more machines than there is room for: nothing is believed dark */
};
void greynet_get_counts(const struct greynet *greynet, struct greynet_counts *ret_counts);

/*
 * How many IPv4 addresses of members are dark by learning, and not declared so. Looks at each: for
 * who has the time. *ret_is_whole: false where ranges have more than GREYNET_COUNT_MAX addresses,
 * of which the rest is left out.
 */
uint64_t greynet_count_dark(
    const struct greynet *greynet, const struct registry *registry, bool *ret_is_whole);

#endif
