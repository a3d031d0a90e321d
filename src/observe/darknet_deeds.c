/* darknet_deeds.c - what a stranger did: four ports in its record, eight other deeds in a second
 * line. */
#include "observe/darknet_internal.h"
#include "observe/lanes.h"

enum {
	/* Of all lines at most so many hold deeds: a stranger more says more than a port more. */
	DEEDS_SHARE = 4,
};

static uint32_t take_line(struct darknet *darknet)
{
	uint32_t number = darknet->deeds_free;
	if (number != 0) {
		darknet->deeds_free = darknet_deeds(darknet, number)->keys[0];
		return number;
	}
	if (darknet_is_full(darknet) || darknet->deeds.count >= darknet->line_count / DEEDS_SHARE)
		return 0;
	const union darknet_line *line = darknet_grow(darknet, &darknet->deeds);
	return line == NULL ? 0 : darknet_number(darknet, line);
}

void darknet_drop_deeds(struct darknet *darknet, struct stranger *stranger)
{
	uint32_t number = stranger->deeds_more;
	if (number == 0)
		return;
	darknet_deeds(darknet, number)->keys[0] = darknet->deeds_free;
	darknet->deeds_free = number;
	stranger->deeds_more = 0;
}

/* Where a second line counts this key, new or not; NULL when it is full of others. */
static uint32_t *find_second(struct deeds *deeds, uint32_t key)
{
	static_assert(DEEDS_MORE == 8, "as many as are compared");
	unsigned found = lanes_equal_8(deeds->keys, key);
	if (found == 0)
		found = lanes_equal_8(deeds->keys, 0);
	if (found == 0)
		return NULL;
	unsigned at = (unsigned)__builtin_ctz(found);
	deeds->keys[at] = key;
	return &deeds->packets[at];
}

/* The place of a port of the record's own kind, a new one if there is room; or NULL. */
static uint16_t *find_first(struct stranger *stranger, uint32_t key)
{
	if (stranger->deed_count == 0)
		stranger->what = (uint16_t)key;
	if (stranger->what != (uint16_t)key)
		return NULL;
	for (unsigned i = 0; i < stranger->deed_count; i++)
		if (stranger->ports[i] == key >> 16)
			return &stranger->packets[i];
	if (stranger->deed_count == STRANGER_DEEDS)
		return NULL;
	unsigned at = stranger->deed_count++;
	stranger->ports[at] = (uint16_t)(key >> 16);
	stranger->packets[at] = 0;
	return &stranger->packets[at];
}

/* The last place of this kind, whose port is given up; NULL when none is of it. */
static uint16_t *share_first(struct stranger *stranger, uint32_t other)
{
	if (stranger->what != other)
		return NULL;
	stranger->ports[STRANGER_DEEDS - 1] = 0;
	return &stranger->packets[STRANGER_DEEDS - 1];
}

static uint32_t *share_second(struct deeds *second, uint32_t other)
{
	for (size_t i = DEEDS_MORE; i-- > 0;) {
		if ((second->keys[i] & KEY_WITHOUT_PORT) != other)
			continue;
		second->keys[i] = other;
		return &second->packets[i];
	}
	return NULL;
}

/* The last place of the second line, whatever it counted: that goes into the sums. */
static void count_last(
    struct darknet *darknet, struct stranger *stranger, struct deeds *second, uint32_t other)
{
	enum {
		LAST = DEEDS_MORE - 1
	};
	const struct deed last = {second->keys[LAST], second->packets[LAST]};
	darknet_fold_deed(darknet, stranger, &last);
	second->keys[LAST] = other;
	second->packets[LAST] = 1;
}

/* Without room for another port: as port 0, in the place of one that becomes the same. */
static bool count_other(
    struct darknet *darknet, struct stranger *stranger, struct deeds *second, uint32_t key)
{
	const uint32_t other = key & KEY_WITHOUT_PORT;
	uint16_t *first = find_first(stranger, other);
	uint32_t *found = NULL;
	if (first == NULL && second != NULL)
		found = find_second(second, other);
	if (first == NULL && found == NULL && second != NULL)
		found = share_second(second, other);
	if (first == NULL && found == NULL)
		first = share_first(stranger, other);
	if (found != NULL)
		return ++*found == UINT32_MAX;
	if (first != NULL)
		return ++*first == UINT16_MAX;
	if (second != NULL)
		count_last(darknet, stranger, second, other);
	else
		darknet_fold_deed(darknet, stranger, &(struct deed){other, 1});
	return false;
}

bool darknet_count_deed(struct darknet *darknet, struct stranger *stranger, uint32_t key)
{
	struct deeds *second = NULL;
	if (stranger->deeds_more != 0) {
		second = darknet_deeds(darknet, stranger->deeds_more);
		uint32_t *found = find_second(second, key);
		return found != NULL ? ++*found == UINT32_MAX
				     : count_other(darknet, stranger, second, key);
	}
	uint16_t *first = find_first(stranger, key);
	if (first != NULL)
		return ++*first == UINT16_MAX;
	uint32_t number = take_line(darknet);
	if (number == 0)
		return count_other(darknet, stranger, NULL, key);
	stranger->deeds_more = number;
	second = darknet_deeds(darknet, number);
	*second = (struct deeds){.keys = {key}, .packets = {1}};
	return false;
}

size_t stranger_deeds(const struct darknet *darknet, const struct stranger *stranger,
    struct deed ret_deeds[static STRANGER_DEEDS + DEEDS_MORE])
{
	size_t count = 0;
	for (; count < stranger->deed_count; count++)
		ret_deeds[count] = (struct deed){
		    (uint32_t)stranger->ports[count] << 16 | stranger->what,
		    stranger->packets[count],
		};
	if (stranger->deeds_more == 0)
		return count;
	const struct deeds *second = darknet_deeds(darknet, stranger->deeds_more);
	for (size_t i = 0; i < DEEDS_MORE && second->keys[i] != 0; i++)
		ret_deeds[count++] = (struct deed){second->keys[i], second->packets[i]};
	return count;
}

uint64_t stranger_packets(const struct darknet *darknet, const struct stranger *stranger)
{
	struct deed deeds[STRANGER_DEEDS + DEEDS_MORE];
	size_t count = stranger_deeds(darknet, stranger, deeds);
	uint64_t packets = 0;
	for (size_t i = 0; i < count; i++)
		packets += deeds[i].packets;
	return packets;
}
