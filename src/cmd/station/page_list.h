/*
 * page_list.h - lists of the API: {"items":[...],"next":...,"total":...}.
 *
 * A list is a walk over records in an order that does not move under it: `next` names the place of
 * the last record that was looked at, and the next page begins behind it, whatever came or went
 * meanwhile. Where the database cannot tell by itself which records are wanted (what a finding
 * holds), no more than PAGE_SCAN_MAX are looked at for one page: it may have fewer items than were
 * asked for, and still a `next`; then nobody knows the total either, which is null.
 */
#ifndef CMD_STATION_PAGE_LIST_H
#define CMD_STATION_PAGE_LIST_H

#include "cmd/station/page_routes.h"

enum {
	PAGE_SCAN_MAX = 20000, /* some 100 ms */
	PAGE_MARKS = 3,        /* numbers of a place */
};

struct page_list {
	const struct page_question *question;
	struct page_answer *answer;
	struct json *json;
	int64_t limit;
	int64_t count;   /* items so far */
	int64_t scanned; /* records looked at */
	bool has_place;  /* the question says where to go on */
	int64_t place[PAGE_MARKS];
	int64_t last[PAGE_MARKS]; /* of the last record looked at */
	size_t marks;
	bool has_more;
};

/*
 * Begins the answer, whose places are `marks` numbers. False when the question's is none: the
 * problem is set.
 */
bool page_list_open(struct page_list *list, const struct page_question *question,
    struct page_answer *answer, size_t marks);
/*
 * Whether there is room for one more record to be looked at. False: there is more than fits.
 */
bool page_list_has_room(struct page_list *list);
/* One was looked at, at this place, and `is_item`: written. */
void page_list_note(struct page_list *list, const int64_t place[static PAGE_MARKS], bool is_item);
/* `total` negative: not known. */
void page_list_close(struct page_list *list, int64_t total);

/* What a walk writes of a record. */
enum page_wanted {
	PAGE_WRITTEN,
	PAGE_SKIPPED, /* it is not wanted, and nothing was written */
};

struct page_walk {
	struct store_query query; /* without place and limit; its order is by id or a number */
	int64_t first;            /* of the marks, where there are three: the same in all places */
	bool is_filtered;         /* `write` may skip */
	/* PAGE_..., or a negative errno with a complaint in the answer. */
	int (*write)(void *context, struct page_list *list, const void *record);
	void *context;
};
/* Goes on with the list by this walk. 0, or what the store gave, with a complaint in the answer. */
int page_list_walk(struct page_list *list, const struct page_walk *walk);

/* A whole list of one walk whose places are a number and an id. Gives a status. */
unsigned page_list_write(
    const struct page_question *question, struct page_answer *answer, const struct page_walk *walk);

#endif
