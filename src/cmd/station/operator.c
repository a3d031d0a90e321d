#include "cmd/station/operator.h"

#include <stdbool.h>
#include <string.h>

enum {
	WAYS = 2,          /* mail and a web hook */
	OTHERS_MAX = 1024, /* contacts of before; more would be stopped at the next start */
};

/* One way to the operator. */
struct way {
	enum contact_kind kind;
	const char *address;  /* "": there is none */
	int64_t id;           /* of its contact; 0: it has none */
	bool needs_repair;    /* stopped, or in another language */
	bool is_out_of_order; /* letters do not arrive: stays amber */
};

struct settling {
	struct way ways[WAYS];
	const char *language;
	int64_t others[OTHERS_MAX]; /* to be stopped */
	size_t other_count;
};

static struct way *find_way(struct settling *settling, const struct store_contact *contact)
{
	for (size_t i = 0; i < WAYS; i++) {
		struct way *way = &settling->ways[i];
		if (way->kind == contact->kind && way->id == 0 && way->address[0] != '\0' &&
		    strcmp(way->address, contact->address) == 0)
			return way;
	}
	return NULL;
}

static int visit(void *context, const void *record)
{
	struct settling *settling = context;
	const struct store_contact *contact = record;
	struct way *way = find_way(settling, contact);
	if (way != NULL) {
		way->id = contact->id;
		way->is_out_of_order = contact->state == CONTACT_FAILING;
		way->needs_repair =
		    (contact->state != CONTACT_VERIFIED && contact->state != CONTACT_FAILING) ||
		    strcmp(contact->language, settling->language) != 0;
	} else if (contact->state != CONTACT_STOPPED && settling->other_count < OTHERS_MAX) {
		settling->others[settling->other_count++] = contact->id;
	}
	return 0;
}

static bool is_settled(const struct settling *settling)
{
	for (size_t i = 0; i < WAYS; i++) {
		const struct way *way = &settling->ways[i];
		if (way->address[0] != '\0' && (way->id == 0 || way->needs_repair))
			return false;
	}
	return settling->other_count == 0;
}

static int add(struct store *store, const struct way *way, const char *language, int64_t wall_us,
    struct complaint *complaint)
{
	struct store_contact contact = {
	    .kind = way->kind,
	    .address = way->address,
	    .language = language,
	    .severity_min = severity_name(SEVERITY_LOW),
	    .state = CONTACT_VERIFIED,
	    .verified_us = wall_us,
	    .created_us = wall_us,
	};
	return store_put(store, STORE_RECORD(&contact), STORE_REPLACE, complaint);
}

static int set_state(struct store *store, int64_t id, enum contact_state state,
    const char *language, struct complaint *complaint)
{
	const struct store_query which = {
	    .kind = STORE_CONTACT,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = id}},
	};
	const struct store_change changes[STORE_CHANGES_MAX] = {
	    {.column = "state", .number = state},
	    {.column = language == NULL ? NULL : "language", .text = language},
	};
	return store_change(store, &which, changes, NULL, complaint);
}

static int write_all(struct store *store, const struct settling *settling, int64_t wall_us,
    struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < WAYS && result == 0; i++) {
		const struct way *way = &settling->ways[i];
		if (way->address[0] != '\0' && way->id == 0)
			result = add(store, way, settling->language, wall_us, complaint);
		else if (way->address[0] != '\0' && way->needs_repair)
			result = set_state(store, way->id,
			    way->is_out_of_order ? CONTACT_FAILING : CONTACT_VERIFIED,
			    settling->language, complaint);
	}
	for (size_t i = 0; i < settling->other_count && result == 0; i++)
		result = set_state(store, settling->others[i], CONTACT_STOPPED, NULL, complaint);
	return result;
}

int operator_settle(struct store *store, const struct station_config *config, int64_t wall_us,
    struct complaint *complaint)
{
	struct settling settling = {
	    .ways = {{.kind = CONTACT_MAIL, .address = config->operator.mail },
		{
		    .kind = CONTACT_WEBHOOK,
		    .address = config->operator.webhook } },
		.language = station_language_name((enum language)config->operator.language),
	    };
	const struct store_query operators = {
	    .kind = STORE_CONTACT,
	    .conditions = {{.column = "member_id", .test = STORE_IS, .number = 0}},
	};
	int result = store_each(store, &operators, visit, &settling, complaint);
	if (result != 0 || is_settled(&settling))
		return result;
	result = store_begin(store, complaint);
	if (result == 0)
		result = write_all(store, &settling, wall_us, complaint);
	if (result != 0) {
		store_rollback(store);
		return result;
	}
	return store_commit(store, complaint);
}
