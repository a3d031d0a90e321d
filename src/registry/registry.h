/*
 * registry.h - who our members are, which addresses are theirs, and which are declared dark.
 *
 * A registry is built once (registry_new, _add_..., registry_seal) and is then immutable and may be
 * read by any thread. Lookup is longest prefix match.
 */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/complaint.h"
#include "registry/prefix_table.h"

enum {
	MEMBER_NONE = -1,
	MEMBER_NAME_BYTES = 128
};

struct registry;

int registry_new(struct registry **ret_registry);
void registry_free(struct registry *registry); /* NULL is allowed */

/*
 * Adds prefixes to the member of this name (made when new). `prefixes` is "P[,P...]"; all of them
 * are added or, on failure, none. A claim that overlaps another member's is refused with both names
 * and both prefixes; -EINVAL with a complaint. Past 65,536 prefixes in all: -E2BIG.
 * Names: UTF-8, 1 to 127 bytes, no control characters, no comma, no '='.
 */
int registry_add_member(
    struct registry *registry, const char *name, const char *prefixes, struct complaint *complaint);
/* "P[,P...]" as well; all of it or nothing. Group addresses in it stay live. */
int registry_add_dark(struct registry *registry, const char *prefix, struct complaint *complaint);
/* Private and link-local addresses become a member `local`; used when no member was given. */
int registry_add_local(struct registry *registry, struct complaint *complaint);
/* Builds the lookup tables; call once, after which nothing can be added. */
int registry_seal(struct registry *registry, struct complaint *complaint);

size_t registry_member_count(const struct registry *registry);
const char *registry_member_name(const struct registry *registry, int member);

/* What is known of an address: one lookup. `member` is its number, or MEMBER_NONE. */
struct registry_place {
	int member;
	bool is_dark;
};

struct registry_place registry_find(const struct registry *registry, const struct address *address);
/*
 * The same for loops over packets: what answers for most IPv4 addresses, at hand. Valid as long as
 * the sealed registry.
 */
struct registry_view {
	struct prefix_table_view table;
};

struct registry_view registry_view(const struct registry *registry);
struct registry_place registry_place_of(uint32_t value);

/* `*last` as for prefix_table_view_find. */
static inline struct registry_place registry_view_find(
    const struct registry_view *view, const struct address *address, struct prefix_range *last)
{
	uint32_t value = prefix_table_view_find(&view->table, address, last);
	if (value == 0)
		return (struct registry_place){MEMBER_NONE, false}; /* nobody's: nearly always */
	return registry_place_of(value);
}

/* Of an IPv4 address in host order: no member has it, and it is not dark. */
static inline bool registry_view_is_nobody(
    const struct registry_view *view, uint32_t v4, struct prefix_range *last)
{
	return prefix_table_view_find_v4(&view->table, v4, last) == 0;
}

static inline bool registry_view_is_dark(
    const struct registry_view *view, uint32_t v4, struct prefix_range *last)
{
	return registry_place_of(prefix_table_view_find_v4(&view->table, v4, last)).is_dark;
}

/* The same, where only the half is asked. */
int registry_find_member(const struct registry *registry, const struct address *address);
bool registry_is_dark(const struct registry *registry, const struct address *address);
bool registry_has_dark(const struct registry *registry);
/* D: how many IPv4 addresses are declared dark. */
uint64_t registry_dark_v4_count(const struct registry *registry);

#endif
