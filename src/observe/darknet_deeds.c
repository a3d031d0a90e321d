/* darknet_deeds.c - what a stranger did: two things in its record, seven more in a second line. */
#include "observe/darknet_internal.h"

enum {
	/* Of all lines at most so many hold deeds: a stranger more says more than a port more. */
	DEEDS_SHARE = 4,
	KEY_WITHOUT_PORT = 0xffff,
};

static uint32_t take_line(struct darknet *darknet)
{
	if (darknet->deeds_free != 0) {
		uint32_t number_plus_1 = darknet->deeds_free;
		darknet->deeds_free = (uint32_t)darknet_deeds(darknet, number_plus_1)->unused;
		return number_plus_1;
	}
	if (darknet->high_water + darknet->deeds_used >= darknet->line_count ||
	    darknet->deeds_used >= darknet->line_count / DEEDS_SHARE)
		return 0;
	return (uint32_t)++darknet->deeds_used;
}

void darknet_drop_deeds(struct darknet *darknet, struct stranger *stranger)
{
	uint32_t number_plus_1 = stranger->deeds_more;
	if (number_plus_1 == 0)
		return;
	darknet_deeds(darknet, number_plus_1)->unused = darknet->deeds_free;
	darknet->deeds_free = number_plus_1;
	stranger->deeds_more = 0;
}

/* The deed of this key, or the first unused one; NULL when there is neither. */
static struct deed *search(struct deed *deeds, size_t count, uint32_t key)
{
	for (size_t i = 0; i < count; i++) {
		if (deeds[i].key == key)
			return &deeds[i];
		if (deeds[i].key == 0) {
			deeds[i].key = key;
			return &deeds[i];
		}
	}
	return NULL;
}

/* Without room for another port: as port 0, in the place of one that becomes the same. */
static struct deed *search_other(struct deed *deeds, size_t count, uint32_t key)
{
	struct deed *found = search(deeds, count, key & KEY_WITHOUT_PORT);
	if (found != NULL)
		return found;
	found = &deeds[count - 1];
	found->key = key & KEY_WITHOUT_PORT;
	return found;
}

struct deed *darknet_find_deed(struct darknet *darknet, struct stranger *stranger, uint32_t key)
{
	struct deed *found = search(stranger->deeds, STRANGER_DEEDS, key);
	if (found != NULL)
		return found;
	if (stranger->deeds_more == 0) {
		uint32_t number_plus_1 = take_line(darknet);
		if (number_plus_1 == 0)
			return search_other(stranger->deeds, STRANGER_DEEDS, key);
		stranger->deeds_more = number_plus_1 & SLOT_NUMBER_MASK;
		*darknet_deeds(darknet, number_plus_1) = (struct deeds){.unused = 0};
	}
	struct deeds *second = darknet_deeds(darknet, stranger->deeds_more);
	found = search(second->more, DEEDS_MORE, key);
	return found != NULL ? found : search_other(second->more, DEEDS_MORE, key);
}

size_t stranger_deeds(const struct darknet *darknet, const struct stranger *stranger,
    struct deed ret_deeds[static STRANGER_DEEDS + DEEDS_MORE])
{
	size_t count = 0;
	for (size_t i = 0; i < STRANGER_DEEDS && stranger->deeds[i].key != 0; i++)
		ret_deeds[count++] = stranger->deeds[i];
	if (stranger->deeds_more == 0)
		return count;
	const struct deeds *second = darknet_deeds(darknet, stranger->deeds_more);
	for (size_t i = 0; i < DEEDS_MORE && second->more[i].key != 0; i++)
		ret_deeds[count++] = second->more[i];
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
