#include "cmd/station/page_list.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store/columns.h"

/* One number of a place, as it is written. */
static bool read_mark(const char **text, int64_t *ret_mark)
{
	char *end;
	const char *digits = **text == '-' ? *text + 1 : *text;
	if (*digits < '0' || *digits > '9' || strlen(*text) >= PAGE_CURSOR_BYTES)
		return false;
	errno = 0;
	*ret_mark = strtoll(*text, &end, 10);
	*text = end;
	return errno == 0;
}

/* "1700000000000000.12" */
static bool read_place(const char *text, int64_t place[static PAGE_MARKS], size_t marks)
{
	for (size_t i = 0; i < marks; i++) {
		if (!read_mark(&text, &place[i]))
			return false;
		if (*text != (i + 1 == marks ? '\0' : '.'))
			return false;
		text += *text == '.';
	}
	return place[marks - 1] > 0; /* an id */
}

bool page_list_open(struct page_list *list, const struct page_question *question,
    struct page_answer *answer, size_t marks)
{
	const char *after = page_text(question, "after");
	assert(marks > 0 && marks <= PAGE_MARKS);
	*list = (struct page_list){.question = question,
	    .answer = answer,
	    .json = &answer->json,
	    .limit = page_number(question, "limit", PAGE_LIMIT_DEFAULT),
	    .marks = marks,
	    .has_place = after != NULL};
	if (after != NULL && !read_place(after, list->place, marks)) {
		(void)page_refuse(answer, PROBLEM(400, "after", "parameter.cursor"),
		    "after: expected what a list gave as next");
		return false;
	}
	json_open_object(list->json, NULL);
	json_open_array(list->json, "items");
	return true;
}

bool page_list_has_room(struct page_list *list)
{
	if (list->count < list->limit && list->scanned < PAGE_SCAN_MAX)
		return true;
	list->has_more = true;
	return false;
}

void page_list_note(struct page_list *list, const int64_t place[static PAGE_MARKS], bool is_item)
{
	memcpy(list->last, place, sizeof list->last);
	list->count += is_item;
	list->scanned++;
}

void page_list_close(struct page_list *list, int64_t total)
{
	char next[PAGE_CURSOR_BYTES];
	size_t length = 0;
	for (size_t i = 0; i < list->marks; i++)
		length += (size_t)snprintf(next + length, sizeof next - length, "%s%" PRId64,
		    i == 0 ? "" : ".", list->last[i]); /* three of 20 digits fit */
	json_close_array(list->json);
	json_string(list->json, "next", list->has_more ? next : NULL);
	if (total >= 0)
		json_signed(list->json, "total", total);
	else
		json_string(list->json, "total", NULL);
	json_close_object(list->json);
}

struct walking {
	struct page_list *list;
	const struct page_walk *walk;
	const struct record_kind *kind;
	const struct column *order; /* NULL: by id */
	int result;
};

static int visit(void *context, const void *record)
{
	struct walking *walking = context;
	struct page_list *list = walking->list;
	const int64_t id = column_get(&walking->kind->columns[0], record).number;
	const int64_t number =
	    walking->order != NULL ? column_get(walking->order, record).number : 0;
	const int64_t three[PAGE_MARKS] = {walking->walk->first, number, id};
	const int64_t two[PAGE_MARKS] = {number, id};
	if (!page_list_has_room(list))
		return 1;
	const int written = walking->walk->write(walking->walk->context, list, record);
	if (written < 0) {
		walking->result = written;
		return 1;
	}
	page_list_note(list, list->marks == PAGE_MARKS ? three : two, written == PAGE_WRITTEN);
	return 0;
}

int page_list_walk(struct page_list *list, const struct page_walk *walk)
{
	struct store_query query = walk->query;
	const struct record_kind *kind = record_kind(query.kind);
	struct walking walking = {.list = list,
	    .walk = walk,
	    .kind = kind,
	    .order = query.order != NULL ? record_column(kind, query.order) : NULL};
	const size_t at = list->marks == PAGE_MARKS ? 1 : 0;
	if (list->has_place && (at == 0 || list->place[0] == walk->first))
		query.after =
		    (struct store_after){.number = list->place[at], .id = list->place[at + 1]};
	/* One more than fits tells whether there is more. */
	query.limit =
	    walk->is_filtered ? PAGE_SCAN_MAX + 1 - list->scanned : list->limit + 1 - list->count;
	const int result =
	    store_each(list->question->store, &query, visit, &walking, &list->answer->complaint);
	return result < 0 ? result : walking.result;
}

unsigned page_list_write(
    const struct page_question *question, struct page_answer *answer, const struct page_walk *walk)
{
	struct page_list list;
	int64_t total = -1;
	if (!page_list_open(&list, question, answer, 2))
		return answer->problem.status;
	int result = page_list_walk(&list, walk);
	if (result == 0 && !walk->is_filtered)
		result = store_count(question->store, &walk->query, &total, &answer->complaint);
	if (result != 0)
		return page_broken(answer);
	page_list_close(&list, total);
	return 200;
}
