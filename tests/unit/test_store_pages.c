/*
 * Walks that go on where they ended, and whether anything was committed since: of every engine
 * alike. The engine null forgets everything, so only what it says is looked at.
 */
#include "store/store.h"

#include "store_help.h"

static struct store *store;
static const char *engine;
static bool keeps; /* what was put can be found */
static struct complaint complaint;

static void check(bool passed, const char *name, int line)
{
	char full[160];
	(void)snprintf(full, sizeof full, "%s: %s", engine, name);
	test_ok(passed, full, __FILE__, line);
	if (!passed && complaint.text[0] != '\0')
		printf("# %s\n", complaint.text);
}

#define CHECK(condition, name) check((condition), (name), __LINE__)

static int put(struct store_record record)
{
	return store_put(store, record, STORE_REPLACE, &complaint);
}

static int64_t count(const struct store_query *query)
{
	int64_t number = -1;
	return store_count(store, query, &number, &complaint) == 0 ? number : -1;
}

static void begin(void)
{
	CHECK(store_begin(store, &complaint) == 0, "a transaction begins");
}

static void commit(void)
{
	CHECK(store_commit(store, &complaint) == 0, "and is committed");
}

static void fill_incidents(void)
{
	static const char *const states[] = {"new", "closed", "quiet"};
	char subject[24];
	begin();
	for (int i = 0; i < 30; i++) {
		(void)snprintf(subject, sizeof subject, "10.0.0.%d", i);
		struct store_incident incident = sample_incident(0, subject);
		incident.state = states[i % 3];
		incident.changed_us = 1000 + (i * 7) % 30;
		incident.quiet_us = i % 3 == 2 ? 500 + i : 0;
		CHECK(put(STORE_RECORD(&incident)) == 0, "an incident is put");
	}
	commit();
}

/* A walk in pages: each goes on where the one before ended. */
struct pages {
	struct store_after after;
	int64_t number; /* of the last one */
	bool descending;
	bool holds;
	int visits;
};

static int see_page(void *context, const void *record)
{
	const struct store_incident *incident = record;
	struct pages *pages = context;
	const int64_t number = pages->after.number;
	const bool is_behind = incident->changed_us != number
				   ? (incident->changed_us > number) != pages->descending
				   : (incident->id > pages->after.id) != pages->descending;
	pages->holds = pages->holds && (pages->after.id == 0 || is_behind);
	pages->after = (struct store_after){.id = incident->id, .number = incident->changed_us};
	pages->visits++;
	return 0;
}

static int walk_pages(const char *order, bool descending, const char *state, bool *ret_holds)
{
	struct pages pages = {.descending = descending, .holds = true};
	int before;
	do {
		before = pages.visits;
		struct store_query query = {.kind = STORE_INCIDENT,
		    .order = order,
		    .descending = descending,
		    .after = pages.after,
		    .limit = 4};
		if (state != NULL)
			query.conditions[0] =
			    (struct store_condition){.column = "state", .text = state};
		if (order == NULL) /* see_page() looks at both */
			query.after.number = 12345;
		pages.holds =
		    store_each(store, &query, see_page, &pages, &complaint) == 0 && pages.holds;
	} while (pages.visits > before && pages.visits < 1000);
	*ret_holds = pages.holds;
	return pages.visits;
}

static void test_pages(void)
{
	for (int descending = 0; descending < 2; descending++) {
		bool holds;
		int visits = walk_pages("changed_us", descending, NULL, &holds);
		CHECK(holds && visits == (keeps ? 30 : 0), "pages of an order hold each once");
		visits = walk_pages("changed_us", descending, "closed", &holds);
		CHECK(holds && visits == (keeps ? 10 : 0), "also of what is asked for");
		visits = walk_pages(NULL, descending, NULL, &holds);
		CHECK(visits == (keeps ? 30 : 0), "and by key");
	}
	const struct store_query rest = {
	    .kind = STORE_INCIDENT, .order = "id", .after = {.id = 1000000, .number = -1}};
	CHECK(count(&rest) == 0, "behind the last there is nothing, whatever its number was");
	static const struct store_query wrong[] = {
	    {.kind = STORE_INCIDENT, .order = "state", .after = {.id = 1}},
	    {.kind = STORE_INCIDENT, .order = "quiet_us", .after = {.id = 1}},
	    {.kind = STORE_META, .after = {.id = 1}},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		int visits = 0;
		CHECK(store_each(store, &wrong[i], count_visits, &visits, &complaint) == -EINVAL &&
			  visits == 0,
		    "no walk goes on by text, by what may be missing, or without ids");
	}
}

static void test_version(void)
{
	struct store_meta meta = {.key = "version", .value = "1"};
	uint64_t first = 0;
	uint64_t second = 0;
	CHECK(store_version(store, &first, &complaint) == 0 &&
		  store_version(store, &second, &complaint) == 0 && first == second,
	    "the version stays while nothing is committed");
	begin();
	CHECK(put(STORE_RECORD(&meta)) == 0, "something is put");
	commit();
	CHECK(store_version(store, &second, &complaint) == 0 && first != second,
	    "and is another one after a commit");
}

static void test_engine(const char *name, const char *folder)
{
	engine = name;
	keeps = strcmp(name, "null") != 0;
	store = open_store(name, in_folder(folder, "station.db"), false);
	CHECK(store != NULL, "opens");
	fill_incidents();
	test_pages();
	test_version();
	store_close(store);
}

int main(void)
{
	char folder[FOLDER_BYTES];
	make_folder(folder);
	test_engine("sqlite", folder);
	test_engine("memory", folder);
	test_engine("null", folder);
	remove_folder(folder);
	return test_done();
}
