/*
 * What every engine of the store does alike. Names of results begin with the engine's. The engine
 * null forgets everything, so only what it says is looked at.
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
/* True for an engine that cannot know. */
#define FOUND(condition) (!keeps || (condition))

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

static struct store_notice seen_notice;
static bool seen_all;

static int see_notice(void *context, const void *record)
{
	const struct store_notice *notice = record;
	(*(int *)context)++;
	seen_notice = *notice;
	seen_all = strcmp(notice->message_id, "<1@example>") == 0 && notice->body.length == 3 &&
		   memcmp(notice->body.data, "a\0b", 3) == 0 &&
		   strcmp(notice->subject, "[hinomi] \xe7\x81\xab") == 0 &&
		   strcmp(notice->reply, "") == 0;
	return 0;
}

static void test_round_trip(void)
{
	struct store_incident incident = sample_incident(0, "192.0.2.5");
	int visits = 0;
	begin();
	CHECK(put(STORE_RECORD(&incident)) == 0 && incident.id == 1, "a record gets its id");
	struct store_notice notice = sample_notice(incident.id, "<1@example>");
	CHECK(put(STORE_RECORD(&notice)) == 0 && notice.id == 1, "each kind counts its own");
	commit();
	CHECK(store_each(store, &(struct store_query){.kind = STORE_NOTICE}, see_notice, &visits,
		  &complaint) == 0 &&
		  visits == (keeps ? 1 : 0),
	    "what was committed is found");
	CHECK(FOUND(seen_all && seen_notice.id == 1 && seen_notice.incident_id == 1 &&
		    seen_notice.kind == NOTICE_FIRST && seen_notice.state == NOTICE_WAITING &&
		    seen_notice.next_us == 100 && seen_notice.delivered_us == 0),
	    "with everything that it said; what says nothing is \"\" or 0");
}

static int see_member_note(void *context, const void *record)
{
	const struct store_member *member = record;
	(void)snprintf(context, 16, "%s", member->note);
	return 0;
}

static void test_replace(void)
{
	char note[16] = "";
	struct store_member member = sample_member("replaced");
	member.note = "before";
	begin();
	CHECK(put(STORE_RECORD(&member)) == 0, "a member is put");
	int64_t id = member.id;
	member.note = "after";
	CHECK(put(STORE_RECORD(&member)) == 0 && member.id == id, "and replaced by its id");
	const struct store_query its = {
	    .kind = STORE_MEMBER, .conditions = {{.column = "id", .number = id}}};
	CHECK(count(&its) == (keeps ? 1 : 0), "it is one still");
	CHECK(store_each(store, &its, see_member_note, note, &complaint) == 0 &&
		  FOUND(strcmp(note, "after") == 0),
	    "as it was put last, before the commit already");
	member.id = 77;
	member.name = "with an id of its own";
	CHECK(put(STORE_RECORD(&member)) == 0 && member.id == 77, "an id may be chosen");
	struct store_member next = sample_member("the next");
	CHECK(put(STORE_RECORD(&next)) == 0 && FOUND(next.id == 78), "the next ones follow it");
	commit();
}

static void test_rollback(void)
{
	struct store_member member = sample_member("rolled back");
	struct store_query all = {.kind = STORE_MEMBER};
	int64_t before = count(&all);
	int64_t removed = -1;
	begin();
	CHECK(put(STORE_RECORD(&member)) == 0, "a member is put");
	int64_t id = member.id;
	CHECK(store_remove(store,
		  &(struct store_query){
		      .kind = STORE_MEMBER, .conditions = {{.column = "id", .number = 77}}},
		  &removed, &complaint) == 0 &&
		  FOUND(removed == 1),
	    "another one removed");
	CHECK(store_change(store, &all,
		  (struct store_change[]){{.column = "note", .text = "x"}, {.column = NULL}}, NULL,
		  &complaint) == 0,
	    "all are changed");
	store_rollback(store);
	CHECK(count(&all) == before, "a rollback undoes all of it");
	char note[16] = "";
	CHECK(store_each(store, &(struct store_query){.kind = STORE_MEMBER, .limit = 1},
		  see_member_note, note, &complaint) == 0 &&
		  FOUND(strcmp(note, "after") == 0),
	    "the change as well");
	begin();
	member.id = 0;
	CHECK(put(STORE_RECORD(&member)) == 0 && FOUND(member.id == id),
	    "an id that was rolled back was never given");
	store_rollback(store);
	store_rollback(store);
	CHECK(true, "rolling back twice does no harm");
}

static void test_ids_are_not_used_again(void)
{
	struct store_gap gap = {.source = "ring:eth0", .from_us = 1, .to_us = 2, .kind = "down"};
	begin();
	CHECK(put(STORE_RECORD(&gap)) == 0, "a gap is put");
	int64_t id = gap.id;
	CHECK(store_remove(store, &(struct store_query){.kind = STORE_GAP}, NULL, &complaint) == 0,
	    "and removed");
	commit();
	gap.id = 0;
	begin();
	CHECK(put(STORE_RECORD(&gap)) == 0 && gap.id == id + 1, "its id is not given again");
	commit();
}

static void test_refusals(void)
{
	struct store_member member = sample_member("unique");
	struct store_member other = sample_member("unique");
	struct store_prefix prefix = {.member_id = 4711, .prefix = "192.0.2.0/24"};
	begin();
	CHECK(put(STORE_RECORD(&member)) == 0, "a name is taken");
	CHECK(FOUND(put(STORE_RECORD(&other)) == -EEXIST &&
		    strstr(complaint.text, "member") != NULL && other.id == 0),
	    "it cannot be taken twice");
	CHECK(FOUND(put(STORE_RECORD(&prefix)) == -ENOENT &&
		    strstr(complaint.text, "prefix") != NULL),
	    "nothing refers to a member that is not there");
	prefix.member_id = member.id;
	CHECK(put(STORE_RECORD(&prefix)) == 0, "the transaction goes on after a refusal");
	CHECK(
	    FOUND(store_change(store, &(struct store_query){.kind = STORE_MEMBER},
		      (struct store_change[]){{.column = "name", .text = "all"}, {.column = NULL}},
		      NULL, &complaint) == -EEXIST),
	    "nor is it changed to be taken twice");
	commit();
	CHECK(count(&(struct store_query){
		  .kind = STORE_MEMBER, .conditions = {{.column = "name", .text = "all"}}}) == 0,
	    "and of a change that is refused nothing is done");
	complaint.text[0] = '\0';
}

struct wrong {
	const char *name;
	struct store_record record;
	const char *says;
};

static void test_wrong_records(void)
{
	static char long_text[STORE_TEXT_MAX_BYTES + 2];
	static char long_bytes[STORE_BLOB_MAX_BYTES + 1];
	memset(long_text, 'a', sizeof long_text - 1);
	struct store_member no_name = {.language = "ja", .zone = "UTC"};
	struct store_member bad_text = sample_member("\xff");
	struct store_member long_name = sample_member(long_text);
	struct store_member negative = sample_member("a");
	struct store_member past = sample_member("a");
	struct store_incident less = sample_incident(0, "a");
	struct store_notice kindless = sample_notice(0, "a");
	struct store_notice large = sample_notice(0, "a");
	negative.id = -1;
	past.id = STORE_ID_MAX + 1;
	less.packets = -1;
	kindless.kind = (enum notice_kind)(NOTICE_CERTIFICATE + 1);
	large.body = (struct store_bytes){long_bytes, sizeof long_bytes};
	const struct wrong rows[] = {
	    {"text that is missing", STORE_RECORD(&no_name), "member.name is missing"},
	    {"text that is not UTF-8", STORE_RECORD(&bad_text), "member.name is not UTF-8"},
	    {"text one byte too long", STORE_RECORD(&long_name), "member.name is too long"},
	    {"bytes one too many", STORE_RECORD(&large), "notice.body is too long"},
	    {"a negative id", STORE_RECORD(&negative), "member.id is no id"},
	    {"an id past the last", STORE_RECORD(&past), "member.id is no id"},
	    {"a negative count", STORE_RECORD(&less), "incident.packets is negative"},
	    {"an enumeration past its end", STORE_RECORD(&kindless), "notice.kind is none of"},
	};
	begin();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		complaint.text[0] = '\0';
		CHECK(put(rows[i].record) == -EINVAL &&
			  strstr(complaint.text, rows[i].says) == complaint.text,
		    rows[i].name);
	}
	long_text[STORE_TEXT_MAX_BYTES] = '\0';
	large.body.length--;
	past.id--;
	past.name = "the last one";
	CHECK(put(STORE_RECORD(&long_name)) == 0 && put(STORE_RECORD(&large)) == 0 &&
		  put(STORE_RECORD(&past)) == 0,
	    "what is just within the limits is taken, and what was refused did no harm");
	store_rollback(store);
	complaint.text[0] = '\0';
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

static void test_questions(void)
{
	static const char *const both[] = {"new", "quiet"};
	static const int64_t ids[] = {2, 3, 5, 1000000};
	const struct {
		const char *name;
		struct store_query query;
		int64_t expected;
	} rows[] = {
	    {"is", {.conditions = {{.column = "state", .text = "closed"}}}, 10},
	    {"is not", {.conditions = {{.column = "state", .test = STORE_NOT, .text = "closed"}}},
		21},
	    {"is something", {.conditions = {{.column = "quiet_us", .test = STORE_NOT}}}, 10},
	    {"below",
		{.conditions = {{.column = "changed_us", .test = STORE_BELOW, .number = 1010}}},
		10 + 1},
	    {"from", {.conditions = {{.column = "changed_us", .test = STORE_FROM, .number = 1010}}},
		20},
	    {"one of texts",
		{.conditions = {{.column = "state", .test = STORE_IN, .texts = both, .count = 2}}},
		21},
	    {"one of numbers",
		{.conditions = {{.column = "id", .test = STORE_IN, .numbers = ids, .count = 4}}},
		3},
	    {"one of none", {.conditions = {{.column = "id", .test = STORE_IN, .count = 0}}}, 0},
	    {"a range and a state",
		{.conditions = {{.column = "changed_us", .test = STORE_FROM, .number = 1010},
		     {.column = "changed_us", .test = STORE_BELOW, .number = 1020},
		     {.column = "state", .text = "quiet"}}},
		3},
	    {"a limit", {.conditions = {{.column = "state", .text = "closed"}}, .limit = 4}, 4},
	    {"nothing in an optional column", {.conditions = {{.column = "quiet_us", .number = 0}}},
		21},
	    {"which is below nothing",
		{.conditions = {{.column = "quiet_us", .test = STORE_BELOW, .number = 600}}}, 10},
	    {"nor above",
		{.conditions = {{.column = "quiet_us", .test = STORE_FROM, .number = -5}}}, 10},
	    {"a boolean", {.conditions = {{.column = "drill", .number = 1}}}, 0},
	    {"optional text", {.conditions = {{.column = "close_reason", .text = ""}}}, 31},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct store_query query = rows[i].query;
		int visits = 0;
		query.kind = STORE_INCIDENT;
		CHECK(count(&query) == (keeps ? rows[i].expected : 0) &&
			  store_each(store, &query, count_visits, &visits, &complaint) == 0 &&
			  visits == (keeps ? rows[i].expected : 0),
		    rows[i].name);
	}
}

struct order {
	int64_t last;
	bool descending;
	bool holds;
	int visits;
};

static int see_order(void *context, const void *record)
{
	const struct store_incident *incident = record;
	struct order *order = context;
	order->visits++;
	if (order->visits > 1 && order->descending ? incident->changed_us > order->last
						   : incident->changed_us < order->last)
		order->holds = false;
	order->last = incident->changed_us;
	return order->visits == 8 ? 42 : 0;
}

static void test_order(void)
{
	for (int descending = 0; descending < 2; descending++) {
		struct order order = {.descending = descending, .holds = true};
		const struct store_query query = {
		    .kind = STORE_INCIDENT, .order = "changed_us", .descending = descending};
		CHECK(
		    store_each(store, &query, see_order, &order, &complaint) == (keeps ? 42 : 0) &&
			order.holds && FOUND(order.visits == 8),
		    "records come in their order, until the visit has enough");
	}
}

static int see_nested(void *context, const void *record)
{
	const struct store_incident *incident = record;
	const struct store_query same = {.kind = STORE_INCIDENT,
	    .conditions = {{.column = "state", .text = "closed"}},
	    .order = "changed_us",
	    .limit = 3};
	int visits = 0;
	const char *subject = incident->subject;
	size_t length = strlen(subject);
	int error = store_each(store, &same, count_visits, &visits, &complaint);
	/* What is borrowed stays while others are looked at. */
	*(int *)context += error == 0 && visits == 3 && strlen(subject) == length ? 1 : 1000;
	return 0;
}

static void test_nested(void)
{
	int good = 0;
	const struct store_query query = {.kind = STORE_INCIDENT,
	    .conditions = {{.column = "state", .text = "closed"}},
	    .order = "changed_us",
	    .limit = 3};
	CHECK(store_each(store, &query, see_nested, &good, &complaint) == 0 && FOUND(good == 3),
	    "a visit may ask the same question");
}

static void test_change(void)
{
	int64_t changed = -1;
	const struct store_query closed = {
	    .kind = STORE_INCIDENT, .conditions = {{.column = "state", .text = "closed"}}};
	const struct store_query reasons = {
	    .kind = STORE_INCIDENT, .conditions = {{.column = "close_reason", .text = "fixed"}}};
	const struct store_change to[] = {{.column = "close_reason", .text = "fixed"},
	    {.column = "relapses", .number = 2}, {.column = NULL}};
	begin();
	CHECK(store_change(store, &closed, to, &changed, &complaint) == 0 && FOUND(changed == 10) &&
		  FOUND(count(&reasons) == 10),
	    "columns of all that is asked for are changed");
	struct store_query first = closed;
	first.limit = 4;
	first.order = "changed_us";
	CHECK(store_change(store, &first,
		  (struct store_change[]){{.column = "close_reason", .text = ""}, {.column = NULL}},
		  &changed, &complaint) == 0 &&
		  FOUND(changed == 4) && FOUND(count(&reasons) == 6),
	    "or of the first ones; optional text can be taken away");
	commit();
}

static void test_change_notice(void)
{
	int visits = 0;
	const struct store_query all = {.kind = STORE_NOTICE};
	begin();
	CHECK(
	    store_change(store, &all,
		(struct store_change[]){{.column = "state", .number = NOTICE_DELIVERED},
		    {.column = "delivered_us", .number = 9}, {.column = "reply", .text = "250 ok"},
		    {.column = "body", .bytes = {"x", 1}}, {.column = NULL}},
		NULL, &complaint) == 0,
	    "an enumeration, a time, a text and bytes are changed");
	CHECK(store_each(store, &all, see_notice, &visits, &complaint) == 0 &&
		  FOUND(seen_notice.state == NOTICE_DELIVERED && seen_notice.delivered_us == 9 &&
			seen_notice.body.length == 1),
	    "and found so");
	store_rollback(store);
}

static void test_wrong_questions(void)
{
	int64_t number;
	static const int64_t list[STORE_LIST_MAX + 1] = {0};
	struct store_query query = {
	    .kind = STORE_MEMBER, .conditions = {{.column = "nam", .text = "x"}}};
	CHECK(store_count(store, &query, &number, &complaint) == -EINVAL &&
		  strcmp(complaint.text, "member has no column nam, the nearest is name") == 0,
	    "an unknown column is named, with the nearest");
	query = (struct store_query){.kind = STORE_MEMBER, .order = "agee"};
	CHECK(store_count(store, &query, &number, &complaint) == -EINVAL, "also to order by");
	query = (struct store_query){
	    .kind = STORE_MEMBER, .conditions = {{.column = "name", .number = 1}}};
	CHECK(store_count(store, &query, &number, &complaint) == -EINVAL, "text needs text");
	query = (struct store_query){
	    .kind = STORE_NOTICE, .conditions = {{.column = "body", .text = "x"}}};
	CHECK(store_count(store, &query, &number, &complaint) == -EINVAL, "bytes are not found");
	query = (struct store_query){.kind = STORE_HEARD, .conditions = {{.column = "address"}}};
	CHECK(store_count(store, &query, &number, &complaint) == -EINVAL, "nor no address");
	query = (struct store_query){.kind = STORE_MEMBER,
	    .conditions = {
		{.column = "id", .test = STORE_IN, .numbers = list, .count = STORE_LIST_MAX}}};
	CHECK(store_count(store, &query, &number, &complaint) == 0, "64 in a list are taken");
	query.conditions[0].count++;
	CHECK(store_count(store, &query, &number, &complaint) == -EINVAL, "65 are not");
	query = (struct store_query){.kind = STORE_KIND_COUNT};
	CHECK(store_count(store, &query, &number, &complaint) == -EINVAL, "nor an unknown kind");
	query = (struct store_query){.kind = STORE_MEMBER, .limit = -1};
	CHECK(store_count(store, &query, &number, &complaint) == -EINVAL, "nor a negative limit");
	complaint.text[0] = '\0';
}

static void test_wrong_changes(void)
{
	const struct store_query all = {.kind = STORE_NOTICE};
	struct store_change many[STORE_CHANGES_MAX] = {{.column = NULL}};
	for (size_t i = 0; i < STORE_CHANGES_MAX; i++)
		many[i] = (struct store_change){.column = "reply", .text = "x"};
	const struct {
		const char *name;
		struct store_change change;
	} rows[] = {
	    {"the key is not changed", {.column = "id", .number = 1}},
	    {"nor text to nothing", {.column = "subject", .number = 1}},
	    {"nor an enumeration past its end", {.column = "state", .number = NOTICE_BOUNCED + 1}},
	    {"nor what is not there", {.column = "state_", .number = 1}},
	    {"nor a count to less than nothing", {.column = "attempts", .number = -1}},
	    {"nor nothing at all", {.column = NULL}},
	};
	begin();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK(store_change(store, &all,
			  (struct store_change[]){rows[i].change, {.column = NULL}}, NULL,
			  &complaint) == -EINVAL,
		    rows[i].name);
	CHECK(store_change(store, &all, many, NULL, &complaint) == -EINVAL,
	    "nor one column more than a change may have");
	many[STORE_CHANGES_MAX - 1].column = NULL;
	CHECK(store_change(store, &all, many, NULL, &complaint) == 0, "but as many as it may");
	store_rollback(store);
	complaint.text[0] = '\0';
}

static struct store_stat seen_stat;
static struct store_heard seen_heard;

static int see_stat(void *context, const void *record)
{
	(*(int *)context)++;
	memcpy(&seen_stat, record, sizeof seen_stat);
	return 0;
}

static int see_heard(void *context, const void *record)
{
	(*(int *)context)++;
	memcpy(&seen_heard, record, sizeof seen_heard);
	return 0;
}

static int add(struct store_record record)
{
	return store_put(store, record, STORE_ADD, &complaint);
}

static void test_add(void)
{
	int visits = 0;
	struct store_stat stat = sample_stat(0, 445);
	struct store_stat other = sample_stat(0, 446);
	begin();
	CHECK(add(STORE_RECORD(&stat)) == 0 && add(STORE_RECORD(&stat)) == 0, "a row is added to");
	stat.packets = INT64_MAX;
	CHECK(add(STORE_RECORD(&stat)) == 0 && add(STORE_RECORD(&other)) == 0, "and overflows");
	commit();
	const struct store_query its = {.kind = STORE_STAT,
	    .conditions = {{.column = "port", .number = 445}, {.column = "country", .text = "JP"}}};
	CHECK(store_each(store, &its, see_stat, &visits, &complaint) == 0 &&
		  FOUND(visits == 1 && seen_stat.packets == INT64_MAX && seen_stat.bytes == 180 &&
			seen_stat.sources == 3 && seen_stat.network == 2497),
	    "sums stay at what a number can hold");
	CHECK(count(&(struct store_query){.kind = STORE_STAT}) == (keeps ? 2 : 0),
	    "each value of each dimension has its row");
}

static void test_heard(void)
{
	int visits = 0;
	struct store_heard heard = {.first_us = 100, .last_us = 200};
	(void)address_parse("192.0.2.7", &heard.address); /* well-formed */
	const struct store_query its = {
	    .kind = STORE_HEARD, .conditions = {{.column = "address", .address = &heard.address}}};
	begin();
	CHECK(add(STORE_RECORD(&heard)) == 0, "an address was heard");
	heard.first_us = 150;
	heard.last_us = 300;
	heard.two_way = true;
	CHECK(add(STORE_RECORD(&heard)) == 0, "and again");
	heard.first_us = 50;
	heard.last_us = 60;
	heard.two_way = false;
	CHECK(add(STORE_RECORD(&heard)) == 0, "and told late");
	commit();
	CHECK(store_each(store, &its, see_heard, &visits, &complaint) == 0 &&
		  FOUND(visits == 1 && seen_heard.first_us == 50 && seen_heard.last_us == 300 &&
			seen_heard.two_way && address_equal(&seen_heard.address, &heard.address)),
	    "its times widen, and what was once two-way stays so");
}

static void test_batches(void)
{
	struct store_batch batch = sample_batch(UINT64_MAX, 1);
	struct store_batch other = sample_batch(1, 1);
	begin();
	CHECK(put(STORE_RECORD(&batch)) == 0 && put(STORE_RECORD(&other)) == 0 &&
		  put(STORE_RECORD(&batch)) == 0,
	    "a batch that comes twice");
	commit();
	CHECK(count(&(struct store_query){.kind = STORE_BATCH}) == (keeps ? 2 : 0), "is one");
	const struct store_query its = {.kind = STORE_BATCH,
	    .conditions = {{.column = "epoch", .number = (int64_t)UINT64_MAX}}};
	CHECK(count(&its) == (keeps ? 1 : 0), "an epoch is 64 bits");
	begin();
	batch.sequence = -1;
	CHECK(put(STORE_RECORD(&batch)) == -EINVAL, "a sequence past 2^63 is refused");
	store_rollback(store);
	complaint.text[0] = '\0';
}

static void test_what_goes_with_it(void)
{
	struct store_member member = sample_member("goes");
	struct store_incident incident = sample_incident(0, "203.0.113.9");
	begin();
	CHECK(put(STORE_RECORD(&member)) == 0, "a member is put");
	struct store_contact contact = {.member_id = member.id,
	    .kind = CONTACT_WEBHOOK,
	    .address = "https://example.org/",
	    .language = "en",
	    .severity_min = "low",
	    .code_hash = {"hash", 4}};
	struct store_contact operator= contact;
	operator.member_id = 0;
	struct store_exception exception = {.member_id = member.id,
	    .rule = "",
	    .subject = "192.0.2.1/32",
	    .port = -1,
	    .reason = "scanner",
	    .by = "operator"};
	incident.member_id = member.id;
	CHECK(put(STORE_RECORD(&contact)) == 0 && put(STORE_RECORD(&operator)) == 0 &&
		  put(STORE_RECORD(&exception)) == 0 && put(STORE_RECORD(&incident)) == 0,
	    "with contacts, an exception and an incident");
	struct store_event event = sample_event(incident.id);
	struct store_notice notice = sample_notice(incident.id, "<goes@example>");
	CHECK(put(STORE_RECORD(&event)) == 0 && put(STORE_RECORD(&notice)) == 0, "and its events");
	commit();
	begin();
	int64_t removed = -1;
	CHECK(store_remove(store,
		  &(struct store_query){
		      .kind = STORE_MEMBER, .conditions = {{.column = "name", .text = "goes"}}},
		  &removed, &complaint) == 0 &&
		  FOUND(removed == 1),
	    "the member is removed");
	CHECK(FOUND(count(&(struct store_query){.kind = STORE_CONTACT}) == 1 &&
		    count(&(struct store_query){.kind = STORE_EXCEPTION}) == 0 &&
		    count(&(struct store_query){.kind = STORE_EVENT}) == 1),
	    "its contacts and exceptions go with it, the operator's stay, and its incidents");
	CHECK(store_remove(store,
		  &(struct store_query){.kind = STORE_INCIDENT,
		      .conditions = {{.column = "id", .number = incident.id}}},
		  &removed, &complaint) == 0 &&
		  FOUND(count(&(struct store_query){.kind = STORE_EVENT}) == 0 &&
			count(&(struct store_query){.kind = STORE_NOTICE}) == 1),
	    "with an incident go its events and notices");
	commit();
}

static int see_session(void *context, const void *record)
{
	const struct store_session *session = record;
	*(int64_t *)context =
	    strcmp(session->from, "192.0.2.7") == 0 && session->kind == SESSION_PAGE
		? session->account_id
		: -1;
	return 0;
}

static void test_accounts(void)
{
	struct store_member member = sample_member("of accounts");
	begin();
	CHECK(put(STORE_RECORD(&member)) == 0, "a member is put");
	struct store_account account = {
	    .name = "hanako", .role = ACCOUNT_MEMBER, .member_id = member.id, .language = "ja"};
	struct store_account of_nobody = {
	    .name = "wall", .role = ACCOUNT_VIEWER, .password_hash = "x", .language = "en"};
	CHECK(put(STORE_RECORD(&account)) == 0 && put(STORE_RECORD(&of_nobody)) == 0,
	    "with an account, and one of nobody");
	struct store_session session = sample_session(account.id, "00ff");
	struct store_session other = sample_session(of_nobody.id, "01ff");
	CHECK(put(STORE_RECORD(&session)) == 0 && put(STORE_RECORD(&other)) == 0, "sessions");
	other.id = 0;
	other.token_hash = "00ff";
	CHECK(put(STORE_RECORD(&other)) == (keeps ? -EEXIST : 0), "a token is of one session");
	other = sample_session(4711, "02ff");
	CHECK(put(STORE_RECORD(&other)) == (keeps ? -ENOENT : 0), "and of an account");
	struct store_audit audit = {.at_us = 3,
	    .by = "hanako",
	    .from = "192.0.2.7",
	    .what = "incident.ack",
	    .on = "1",
	    .outcome = "ok"};
	CHECK(put(STORE_RECORD(&audit)) == 0, "and what was done");
	complaint.text[0] = '\0';
	commit();
	int64_t whose = 0;
	const struct store_query its = {
	    .kind = STORE_SESSION, .conditions = {{.column = "token_hash", .text = "00ff"}}};
	CHECK(store_each(store, &its, see_session, &whose, &complaint) == 0 &&
		  FOUND(whose == account.id),
	    "a session is found by the hash of its token");
	begin();
	CHECK(store_remove(store,
		  &(struct store_query){
		      .kind = STORE_MEMBER, .conditions = {{.column = "id", .number = member.id}}},
		  NULL, &complaint) == 0 &&
		  FOUND(count(&(struct store_query){.kind = STORE_ACCOUNT}) == 1 &&
			count(&(struct store_query){.kind = STORE_SESSION}) == 1 &&
			count(&(struct store_query){.kind = STORE_AUDIT}) == 1),
	    "with a member go its accounts and their sessions, but not what they did");
	commit();
}

static void test_frames(void)
{
	struct store_incident incident = sample_incident(0, "203.0.113.10");
	begin();
	CHECK(put(STORE_RECORD(&incident)) == 0, "an incident is put");
	struct store_frame frame = {.incident_id = incident.id,
	    .at_us = 1,
	    .source = "ring:eth0",
	    .wire_bytes = 1500,
	    .link_type = 1,
	    .data = {"\0\1\2", 3}};
	CHECK(put(STORE_RECORD(&frame)) == 0 &&
		  FOUND(count(&(struct store_query){.kind = STORE_FRAME}) == 1),
	    "with a frame");
	CHECK(store_remove(store,
		  &(struct store_query){.kind = STORE_INCIDENT,
		      .conditions = {{.column = "id", .number = incident.id}}},
		  NULL, &complaint) == 0 &&
		  FOUND(count(&(struct store_query){.kind = STORE_FRAME}) == 0),
	    "which goes with it");
	commit();
}

static void test_remove_first(void)
{
	int64_t removed = -1;
	const struct store_query oldest = {.kind = STORE_INCIDENT,
	    .conditions = {{.column = "state", .text = "closed"}},
	    .order = "changed_us",
	    .limit = 3};
	const struct store_query closed = {
	    .kind = STORE_INCIDENT, .conditions = {{.column = "state", .text = "closed"}}};
	begin();
	CHECK(store_remove(store, &oldest, &removed, &complaint) == 0 && FOUND(removed == 3) &&
		  FOUND(count(&closed) == 7),
	    "the first of an order are removed");
	const struct store_query stats = {.kind = STORE_STAT, .order = "start_us", .limit = 1};
	CHECK(store_remove(store, &stats, &removed, &complaint) == 0 && FOUND(removed == 1),
	    "also where the key is several columns");
	CHECK(store_remove(store, &closed, NULL, &complaint) == 0 && FOUND(count(&closed) == 0),
	    "and all of them");
	commit();
}

static void test_everything_else(void)
{
	struct store_meta meta = {.key = "key", .value = "one"};
	const struct store_query its = {
	    .kind = STORE_META, .conditions = {{.column = "key", .text = "key"}}};
	begin();
	CHECK(put(STORE_RECORD(&meta)) == 0, "a setting is put");
	meta.value = "two";
	CHECK(put(STORE_RECORD(&meta)) == 0 && count(&its) == (keeps ? 1 : 0), "and replaced");
	CHECK(store_commit(store, &complaint) == 0 && store_was_committed(store), "and committed");
	CHECK(store_reopen(store, &complaint) == 0 && !store_is_suspect(store) &&
		  store_was_committed(store) && count(&its) == (keeps ? 1 : 0),
	    "reopening changes nothing");
	begin();
	commit();
	CHECK(store_reopen(store, &complaint) == 0 && store_was_committed(store),
	    "nor after a commit of nothing");
}

/* What fills the cache of statements and throws some out. */
static void test_many_questions(void)
{
	int64_t ids[STORE_LIST_MAX] = {1};
	bool good = true;
	for (int round = 0; round < 2; round++) {
		for (size_t n = 1; n <= STORE_LIST_MAX; n++) {
			const struct store_query query = {.kind = STORE_MEMBER,
			    .conditions = {
				{.column = "id", .test = STORE_IN, .numbers = ids, .count = n}}};
			good = good && count(&query) == (keeps ? 1 : 0);
		}
	}
	CHECK(good, "more questions than are kept prepared");
}

static void test_engine(const char *name, const char *folder)
{
	engine = name;
	keeps = strcmp(name, "null") != 0;
	store = open_store(name, in_folder(folder, "station.db"), false);
	CHECK(store != NULL, "opens");
	test_round_trip();
	test_replace();
	test_rollback();
	test_ids_are_not_used_again();
	test_refusals();
	test_wrong_records();
	fill_incidents();
	test_questions();
	test_order();
	test_nested();
	test_change();
	test_change_notice();
	test_wrong_questions();
	test_wrong_changes();
	test_add();
	test_heard();
	test_batches();
	test_what_goes_with_it();
	test_accounts();
	test_frames();
	test_remove_first();
	test_many_questions();
	test_everything_else();
	CHECK(store_begin(store, &complaint) == 0, "a transaction is open");
	store_close(store);
	CHECK(true, "when it is closed");
}

int main(void)
{
	char folder[FOLDER_BYTES];
	make_folder(folder);
	test_engine("sqlite", folder);
	test_engine("memory", folder);
	test_engine("null", folder);

	struct store *none = NULL;
	const struct store_options unknown = {.engine = "postgres"};
	OK(store_open(&unknown, &none, &complaint) == -EINVAL && none == NULL &&
		strcmp(complaint.text,
		    "no store of the kind postgres, expected one of sqlite, memory, null") == 0,
	    "an unknown engine is an error that names the known ones");
	store_close(NULL);
	OK(true, "no store can be closed");
	remove_folder(folder);
	return test_done();
}
