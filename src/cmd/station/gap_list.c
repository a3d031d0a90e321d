#include "cmd/station/gap_list.h"

#include <stdio.h>
#include <string.h>

static struct gap_line *get_line(struct gap_list *list, const struct store_gap *gap)
{
	char source[GAP_NAME_BYTES]; /* as they are kept */
	char kind[GAP_NAME_BYTES];
	(void)snprintf(source, sizeof source, "%s", gap->source);
	(void)snprintf(kind, sizeof kind, "%s", gap->kind);
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->lines[i].source, source) == 0 &&
		    strcmp(list->lines[i].kind, kind) == 0)
			return &list->lines[i];
	if (list->count > GAP_LIST_MAX)
		return &list->lines[GAP_LIST_MAX];
	struct gap_line *line = &list->lines[list->count++];
	*line = (struct gap_line){.first_us = gap->from_us, .last_us = gap->to_us};
	if (list->count > GAP_LIST_MAX)
		return line; /* of all the others */
	memcpy(line->source, source, sizeof source);
	memcpy(line->kind, kind, sizeof kind);
	return line;
}

static int visit_gap(void *context, const void *record)
{
	const struct store_gap *gap = record;
	struct gap_line *line = get_line(context, gap);
	if (gap->from_us < line->first_us)
		line->first_us = gap->from_us;
	if (gap->to_us > line->last_us)
		line->last_us = gap->to_us;
	line->times++;
	line->lost += gap->count > 0 ? (uint64_t)gap->count : 0;
	return 0;
}

int gap_list_read(
    struct store *store, int64_t since_us, struct gap_list *ret_list, struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_GAP,
	    .conditions = {{.column = "to_us", .test = STORE_FROM, .number = since_us}},
	    .order = "to_us",
	};
	ret_list->count = 0;
	return store_each(store, &query, visit_gap, ret_list, complaint);
}
