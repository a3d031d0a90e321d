/*
 * digest_facts.h - what regular reports tell of a time: gaps, and of each member what is open and
 * what was small; out of the store.
 */
#ifndef CMD_STATION_DIGEST_FACTS_H
#define CMD_STATION_DIGEST_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "cmd/station/roster.h"
#include "notify/letter.h"
#include "store/store.h"

struct digest_facts;

enum {
	DIGEST_ITEMS_MAX = 65536, /* incidents that are looked at: 4 MiB; more, and they are no open
				     ones, are left out */
};

struct digest_span {
	int64_t from_us;
	int64_t to_us;
};

/* Reads the store. `items_max` is DIGEST_ITEMS_MAX. 0, or a negative errno with a complaint. */
int digest_facts_read(struct store *store, const struct digest_span *span, size_t items_max,
    struct digest_facts **ret_facts, struct complaint *complaint);
void digest_facts_free(struct digest_facts *facts); /* NULL is allowed */

/* What no other member's contact may see is left out; 0 is the operator, who sees everybody's. */
struct digest_reader {
	const struct roster *roster; /* that knows the members; borrowed */
	int64_t member_id;
	enum severity severity_min; /* what is less has no letter of its own */
};

/* Lines of a letter, with what they borrow. */
struct digest_lines {
	struct letter_digest_line lines[LETTER_LINES_MAX];
	struct finding findings[LETTER_LINES_MAX];
	size_t listed;
	uint64_t count;
};

enum digest_list {
	DIGEST_OPEN,  /* the most urgent first, of these the latest */
	DIGEST_SMALL, /* seen in this time, and not told by a letter */
};

/*
 * Fills *ret_lines; findings of members that are none any more are not listed. Returns 0 or what
 * the store gave, with a complaint.
 */
int digest_facts_list(const struct digest_facts *facts, const struct digest_reader *reader,
    enum digest_list list, struct digest_lines *ret_lines, struct complaint *complaint);

/* Gaps, losses, and the numbers of incidents of this reader; nothing else of it is touched. */
void digest_facts_count(const struct digest_facts *facts, const struct digest_reader *reader,
    struct letter_digest *digest);

#endif
