#include "registry/registry.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "registry/prefix_table.h"

enum {
	/* A nation's hub has some 10,000; each claim is compared with all others, 2 s at this many.
	 */
	CLAIMS_MAX = 65536,
	MEMBERS_MAX = CLAIMS_MAX,
	/* The bits of the table's values: whether dark, and the member's number plus one. */
	VALUE_DARK = 1,
	VALUE_MEMBER_SHIFT = 1,
	FIRST_ALLOCATION = 16,
};

#define VALUE_MEMBER_MASK (PREFIX_TABLE_VALUE_MAX & ~(uint32_t)VALUE_DARK)

static const char LOCAL_NAME[] = "local";
static const char LOCAL_PREFIXES[] = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,"
				     "169.254.0.0/16,fc00::/7,fe80::/10";

/* A group address is nobody's unused address: dark ranges around these leave them out. */
static const char *const never_dark[] = {"224.0.0.0/4", "255.255.255.255/32", "ff00::/8"};
#define NEVER_DARK_COUNT (sizeof never_dark / sizeof never_dark[0])

struct member {
	char name[MEMBER_NAME_BYTES];
};

struct registry {
	struct member *members;
	size_t member_count;
	size_t member_room;
	struct prefix_overlay *claims; /* of members and dark ranges, in the order given */
	size_t claim_count;
	size_t claim_room;
	struct prefix_table *table; /* NULL until sealed */
	uint64_t dark_v4_count;
	bool has_dark;
};

int registry_new(struct registry **ret_registry)
{
	struct registry *registry = calloc(1, sizeof *registry);
	if (registry == NULL)
		return -ENOMEM;
	*ret_registry = registry;
	return 0;
}

void registry_free(struct registry *registry)
{
	if (registry == NULL)
		return;
	prefix_table_free(registry->table);
	free(registry->claims);
	free(registry->members);
	free(registry);
}

/* Makes room for one more. Returns 0 or -ENOMEM. */
static int grow(void **list, size_t item_bytes, size_t count, size_t *room)
{
	if (count < *room)
		return 0;
	size_t more = *room == 0 ? FIRST_ALLOCATION : *room * 2;
	void *grown = reallocarray(*list, more, item_bytes);
	if (grown == NULL)
		return -ENOMEM;
	*list = grown;
	*room = more;
	return 0;
}

static bool is_name(const char *name)
{
	size_t bytes = strlen(name);
	if (bytes == 0 || bytes >= MEMBER_NAME_BYTES || strpbrk(name, ",=") != NULL)
		return false;
	for (size_t at = 0; at < bytes;) {
		size_t length = utf8_step(name + at, bytes - at);
		if (length == 0 || utf8_is_control(name + at, length))
			return false;
		at += length;
	}
	return true;
}

/* The member's number; a new one is made for a new name. Negative errno on failure. */
static int member_named(
    struct registry *registry, const char *name, int *ret_member, struct complaint *complaint)
{
	for (size_t i = 0; i < registry->member_count; i++) {
		if (strcmp(registry->members[i].name, name) == 0) {
			*ret_member = (int)i;
			return 0;
		}
	}
	if (!is_name(name))
		return complain(complaint, -EINVAL,
		    "member \"%s\": expected a name of 1 to %d bytes of UTF-8 without control "
		    "characters, comma or '='",
		    name, MEMBER_NAME_BYTES - 1);
	if (registry->member_count >= MEMBERS_MAX)
		return complain(
		    complaint, -E2BIG, "member %s: expected at most %d members", name, MEMBERS_MAX);

	void *members = registry->members;
	if (grow(&members, sizeof *registry->members, registry->member_count,
		&registry->member_room) != 0)
		return complain(complaint, -ENOMEM, "member %s: out of memory", name);
	registry->members = members;
	*ret_member = (int)registry->member_count++;
	memcpy(registry->members[*ret_member].name, name, strlen(name) + 1);
	return 0;
}

static uint32_t value_of(int member)
{
	return (uint32_t)(member + 1) << VALUE_MEMBER_SHIFT;
}

static int member_of(uint32_t value)
{
	return (int)(value >> VALUE_MEMBER_SHIFT) - 1;
}

/* A claim of another member that shares addresses with this one, or NULL. */
static const struct prefix_overlay *find_rival(
    const struct registry *registry, const struct prefix_overlay *claim)
{
	if (claim->mask != VALUE_MEMBER_MASK)
		return NULL;
	for (size_t i = 0; i < registry->claim_count; i++) {
		const struct prefix_overlay *other = &registry->claims[i];
		if (other->mask == VALUE_MEMBER_MASK && other->value != claim->value &&
		    prefix_overlaps(&other->prefix, &claim->prefix))
			return other;
	}
	return NULL;
}

static int append_claim(struct registry *registry, const struct prefix_overlay *claim)
{
	void *claims = registry->claims;
	if (grow(&claims, sizeof *registry->claims, registry->claim_count, &registry->claim_room) !=
	    0)
		return -ENOMEM;
	registry->claims = claims;
	registry->claims[registry->claim_count++] = *claim;
	return 0;
}

static struct prefix never_dark_prefix(size_t i)
{
	struct prefix prefix = {0};
	const char *why = NULL;
	int error = prefix_parse(never_dark[i], &prefix, &why);
	assert(error == 0); /* our own table */
	(void)error;
	return prefix;
}

static bool is_never_dark(const struct prefix *prefix)
{
	for (size_t i = 0; i < NEVER_DARK_COUNT; i++) {
		struct prefix group = never_dark_prefix(i);
		if (group.bits <= prefix->bits && prefix_contains(&group, &prefix->address))
			return true;
	}
	return false;
}

/* `what` begins the complaint: "member NAME" or "dark". */
static int add_claim(struct registry *registry, const char *what,
    const struct prefix_overlay *claim, struct complaint *complaint)
{
	char text[PREFIX_TEXT_BYTES];
	prefix_format(&claim->prefix, text);

	const struct prefix_overlay *rival = find_rival(registry, claim);
	if (rival != NULL) {
		char rival_text[PREFIX_TEXT_BYTES];
		prefix_format(&rival->prefix, rival_text);
		return complain(complaint, -EINVAL,
		    "%s: %s overlaps %s of member %s, expected addresses that no other member has",
		    what, text, rival_text, registry->members[member_of(rival->value)].name);
	}
	if (claim->mask == VALUE_DARK && is_never_dark(&claim->prefix))
		return complain(complaint, -EINVAL,
		    "%s: %s: expected unicast addresses, a group's are never unused", what, text);
	if (registry->claim_count >= CLAIMS_MAX)
		return complain(complaint, -E2BIG, "%s: %s: expected at most %d prefixes", what,
		    text, CLAIMS_MAX);
	if (append_claim(registry, claim) != 0)
		return complain(complaint, -ENOMEM, "%s: out of memory", what);
	return 0;
}

/* One element of a list, up to the comma or the end. */
static int add_element(struct registry *registry, const char *what, const char *element,
    struct prefix_overlay claim, struct complaint *complaint)
{
	const char *why = NULL;
	int error = prefix_parse(element, &claim.prefix, &why);
	if (error != 0) {
		/* Blanks and nothing at all need marks to be seen. */
		bool plain = element[0] != '\0' && strpbrk(element, " \t") == NULL;
		return complain(
		    complaint, error, plain ? "%s: %s: %s" : "%s: \"%s\": %s", what, element, why);
	}
	return add_claim(registry, what, &claim, complaint);
}

/* All of "P[,P...]" or nothing. The prefix of `claim` is filled in. */
static int add_list(struct registry *registry, const char *what, const char *prefixes,
    const struct prefix_overlay *claim, struct complaint *complaint)
{
	char *list = strdup(prefixes);
	if (list == NULL)
		return complain(complaint, -ENOMEM, "%s: out of memory", what);

	size_t claim_count = registry->claim_count;
	char *rest = list;
	int error = 0;
	while (error == 0 && rest != NULL)
		error = add_element(registry, what, strsep(&rest, ","), *claim, complaint);
	if (error != 0)
		registry->claim_count = claim_count;
	free(list);
	return error;
}

int registry_add_member(
    struct registry *registry, const char *name, const char *prefixes, struct complaint *complaint)
{
	assert(registry->table == NULL);
	size_t member_count = registry->member_count;
	int member = MEMBER_NONE;
	int error = member_named(registry, name, &member, complaint);
	if (error != 0)
		return error;

	char what[sizeof "member " + MEMBER_NAME_BYTES] = "member ";
	memcpy(what + strlen(what), name, strlen(name) + 1); /* is_name() bounds it */
	struct prefix_overlay claim = {.mask = VALUE_MEMBER_MASK, .value = value_of(member)};
	error = add_list(registry, what, prefixes, &claim, complaint);
	if (error != 0)
		registry->member_count = member_count;
	return error;
}

int registry_add_dark(struct registry *registry, const char *prefix, struct complaint *complaint)
{
	assert(registry->table == NULL);
	struct prefix_overlay claim = {.mask = VALUE_DARK, .value = VALUE_DARK};
	int error = add_list(registry, "dark", prefix, &claim, complaint);
	if (error == 0)
		registry->has_dark = true;
	return error;
}

int registry_add_local(struct registry *registry, struct complaint *complaint)
{
	return registry_add_member(registry, LOCAL_NAME, LOCAL_PREFIXES, complaint);
}

/* Inside a wider dark range these stay live. */
static int add_never_dark(struct registry *registry)
{
	int error = 0;
	for (size_t i = 0; error == 0 && i < NEVER_DARK_COUNT; i++)
		error = append_claim(registry,
		    &(struct prefix_overlay){.prefix = never_dark_prefix(i), .mask = VALUE_DARK});
	return error;
}

int registry_seal(struct registry *registry, struct complaint *complaint)
{
	assert(registry->table == NULL);
	int error = add_never_dark(registry);
	if (error == 0)
		error = prefix_table_new(registry->claims, registry->claim_count, &registry->table);
	if (error != 0)
		return complain(complaint, error, "members: out of memory");
	registry->dark_v4_count = prefix_table_count_v4(registry->table, VALUE_DARK);
	return 0;
}

size_t registry_member_count(const struct registry *registry)
{
	return registry->member_count;
}

const char *registry_member_name(const struct registry *registry, int member)
{
	assert(member >= 0 && (size_t)member < registry->member_count);
	return registry->members[member].name;
}

struct registry_place registry_find(const struct registry *registry, const struct address *address)
{
	return registry_place_of(prefix_table_find(registry->table, address));
}

struct registry_place registry_place_of(uint32_t value)
{
	return (struct registry_place){member_of(value), (value & VALUE_DARK) != 0};
}

struct registry_view registry_view(const struct registry *registry)
{
	return (struct registry_view){prefix_table_view(registry->table)};
}

int registry_find_member(const struct registry *registry, const struct address *address)
{
	return member_of(prefix_table_find(registry->table, address));
}

bool registry_is_dark(const struct registry *registry, const struct address *address)
{
	return (prefix_table_find(registry->table, address) & VALUE_DARK) != 0;
}

bool registry_has_dark(const struct registry *registry)
{
	return registry->has_dark;
}

uint64_t registry_dark_v4_count(const struct registry *registry)
{
	return registry->dark_v4_count;
}
