/*
 * dossier.h - everything about one subject, prepared for the detectors.
 *
 * Detectors allocate nothing and walk no tables: what several of them need is counted here once. A
 * dossier is about either earnest or drill traffic, never both, and leaves out what somebody else
 * sent in the subject's name (track->forged): the tracks are what is left without that.
 */
#ifndef DETECT_DOSSIER_H
#define DETECT_DOSSIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "detect/finding.h"
#include "detect/ledger.h"

/* Tracks of one protocol and port, taken together over kinds of probe. */
struct asked_port {
	struct track *const *tracks; /* of the dossier's, adjacent */
	size_t track_count;
	uint16_t port;
	uint8_t protocol;
	bool bare; /* an IP protocol without ports */
	uint64_t packets;
	uint64_t targets;
	uint64_t failed;   /* distinct targets that refused or kept silent and never answered */
	uint64_t answered; /* distinct targets that answered */
	uint64_t dark;     /* distinct dark targets, declared or inferred */
	uint32_t walk_peak;
};

/* How the distinct targets lie and in what order they came. */
struct layout {
	uint32_t
	    ordered_percent; /* steps between consecutive targets that are small and one-signed */
	uint64_t densest;    /* targets in the fullest /16 (IPv6: /64) */
	uint64_t sampled;    /* of so many looked at */
};

struct dossier {
	struct ledger *ledger;
	const struct thresholds *thresholds;
	const struct subject *subject;
	bool drill;
	uint32_t host_flags;
	struct track **tracks; /* sorted: kind, protocol, port, variant */
	size_t track_count;
	/* What it asked for: REQUEST and PROBE tracks. */
	struct asked_port *asked;
	size_t asked_count;
	struct address_set targets; /* united over all asked ports */
	uint64_t target_count;
	uint64_t failed;
	uint64_t answered;
	uint64_t dark;                /* distinct */
	uint64_t dark_inferred;       /* of them */
	uint64_t dark_most_in_window; /* most distinct dark targets within scan_dark.window_s */
	uint64_t inside;              /* targets that are members' addresses */
	uint64_t packets;
	int64_t first_us;
	int64_t last_us;
	uint64_t port_count;
	uint64_t protocol_count;  /* bare IP protocols tried at one target, most */
	uint64_t ports_of_target; /* most ports of one target that failed */
	uint64_t deep_targets;    /* targets with scan_live.ports failed ports or more */
	uint64_t marks[TOOL_COUNT];
	uint64_t syns; /* packets that could bear a mark */
	struct layout layout;
	uint64_t peers_at_one_port; /* most peers that answered at one local UDP port */
};

struct dossier_maker;

/* Scratch memory for dossiers; one at a time is open. NULL when memory is out. */
struct dossier_maker *dossier_maker_new(struct ledger *ledger);
void dossier_maker_free(struct dossier_maker *maker); /* NULL is allowed */

/*
 * Fills the dossier of a subject; what it points to lives until the next call. Returns 1, 0 when
 * the subject has no such (drill or earnest) track, or -ENOMEM.
 */
int dossier_open(struct dossier_maker *maker, const struct subject *subject, bool drill,
    struct dossier *ret_dossier);

/* The first track of a kind, and how many follow it in dossier->tracks. */
struct track *const *dossier_tracks(
    const struct dossier *dossier, enum sighting_kind kind, size_t *ret_count);

/* Begins a finding about the subject: identity, role, attribution evidence. */
void dossier_begin_finding(
    const struct dossier *dossier, enum rule rule, enum role role, struct finding *ret_finding);

/* Fills in everything the subject asked for: counts, ports, source ports, tool, events, evidence.
 */
void dossier_describe_asking(const struct dossier *dossier, struct finding *finding);

/* The same for chosen tracks of another kind; `targets` of the finding are their far ends. */
void dossier_describe_tracks(const struct dossier *dossier, struct track *const *tracks,
    size_t count, struct finding *finding);

/*
 * The most distinct addresses of a set that were touched within any stretch of this length, by
 * first or by last touch; scaled where the set is a sketch.
 */
uint64_t dossier_most_targets(const struct address_set *set, int64_t stretch_us);

/*
 * Whether a target or receiver is dark; where that is only inferred, whoever might be there has had
 * time to speak since it was touched.
 */
bool dossier_is_dark(
    const struct dossier *dossier, const struct address_item *item, bool *ret_inferred);

/* The tool whose mark enough packets bear, or -1 (observe/marks.h). */
int dossier_tool(const struct dossier *dossier, uint64_t *ret_packets);

#endif
