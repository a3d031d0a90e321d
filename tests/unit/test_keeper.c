/* The keeper's turns: what is observed becomes incidents, letters and records, once, over restarts.
 */
#include "cmd/station/keeper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "link/sightings_writer.h"
#include "notify/retry.h"
#include "observe/slab.h"
#include "test.h"

#define BASE_US (INT64_C(1700000040) * WHEN_SECOND_US) /* on the minute */

enum {
	BATCHES_MAX = 64,
	LETTERS_MAX = 64,
};

struct batch {
	uint8_t *bytes;
	size_t count;
};

struct letter_seen {
	int64_t notice;
	char id[128];
	char address[64];
};

struct desk {
	struct store *store;
	struct thresholds thresholds;
	struct keeper *keeper;
	struct sightings_writer *writer;
	struct batch batches[BATCHES_MAX];
	size_t batch_count;
	size_t next;
	size_t taken;
	struct letter_seen letters[LETTERS_MAX];
	size_t letter_count;
	int refusal; /* what the courier says to letters */
	size_t registries;
	size_t logs;
	struct keeper_clock clock;
	uint64_t epoch;
	bool reports; /* each day */
};

static const struct store_condition about_incidents = {
    .column = "incident_id", .test = STORE_FROM, .number = 1};

static int give(void *context, const uint8_t *bytes, size_t count)
{
	struct desk *desk = context;
	struct batch *batch = &desk->batches[desk->batch_count++];
	batch->bytes = malloc(count);
	if (batch->bytes == NULL || desk->batch_count == BATCHES_MAX)
		abort();
	memcpy(batch->bytes, bytes, count);
	batch->count = count;
	return 0;
}

static int read_batch(void *context, const uint8_t **ret_bytes, size_t *ret_count)
{
	struct desk *desk = context;
	if (desk->next == desk->batch_count)
		return 0;
	*ret_bytes = desk->batches[desk->next].bytes;
	*ret_count = desk->batches[desk->next++].count;
	return 1;
}

static int send_letter(void *context, const struct outbox_parcel *parcel)
{
	struct desk *desk = context;
	if (desk->refusal != 0)
		return desk->refusal;
	if (strncmp(parcel->message_id, "alarm", 5) == 0)
		return 0; /* of the station itself: another test's */
	struct letter_seen *seen = &desk->letters[desk->letter_count++];
	seen->notice = parcel->notice;
	(void)snprintf(seen->id, sizeof seen->id, "%s", parcel->message_id);
	(void)snprintf(seen->address, sizeof seen->address, "%s", parcel->address);
	return 0;
}

static void take(void *context, size_t source)
{
	struct desk *desk = context;
	(void)source;
	desk->taken = desk->next;
}

static void tell_registry(void *context, const char *text, size_t length)
{
	struct desk *desk = context;
	(void)text;
	desk->registries += length > 0;
}

static int send_canary(void *context, uint16_t number)
{
	(void)context;
	(void)number;
	return -ENOTCONN;
}

static void log_event(void *context, const char *event, const char *text)
{
	struct desk *desk = context;
	(void)event;
	(void)text;
	desk->logs++;
}

static void put(struct store *store, struct store_record record)
{
	struct complaint complaint;
	if (store_put(store, record, STORE_REPLACE, &complaint) == 0)
		return;
	printf("# %s\n", complaint.text);
	abort();
}

/* A member with a contact, and the operator's. */
static void fill_store(struct store *store)
{
	struct store_member member = {
	    .name = "town", .language = "en", .zone = "", .note = "", .created_us = 1};
	struct store_prefix prefix = {.prefix = "198.51.100.0/24"};
	struct store_contact contact = {.kind = CONTACT_MAIL,
	    .address = "soc@town.example",
	    .language = "en",
	    .severity_min = "low",
	    .state = CONTACT_VERIFIED,
	    .created_us = 1};
	if (store_begin(store, NULL) != 0)
		abort();
	put(store, STORE_RECORD(&member));
	prefix.member_id = member.id;
	put(store, STORE_RECORD(&prefix));
	contact.member_id = member.id;
	put(store, STORE_RECORD(&contact));
	contact.id = 0;
	contact.member_id = 0;
	contact.address = "ops@station.example";
	put(store, STORE_RECORD(&contact));
	if (store_commit(store, NULL) != 0)
		abort();
}

static void open_keeper(struct desk *desk)
{
	static struct prefix dark[1];
	const char *why;
	size_t number;
	struct complaint complaint;
	if (prefix_parse("198.18.0.0/16", &dark[0], &why) != 0)
		abort();
	thresholds_init(&desk->thresholds);
	const struct keeper_options options = {
	    .store = desk->store,
	    .roster = {.dark = dark, .dark_count = 1, .language = LANGUAGE_EN, .zone = ""},
	    .correlator = {.thresholds = &desk->thresholds,
		.memory_bytes = 32U << 20,
		.casebook = {.quiet_us = 6 * WHEN_HOUR_US,
		    .close_us = 14 * WHEN_DAY_US,
		    .settle_us = WHEN_SECOND_US,
		    .update_gap_us = 10 * WHEN_MINUTE_US,
		    .incidents_max = 1000}},
	    .outbox = {.station = "test",
		.from = "hinomi@station.example",
		.desk = "",
		.host = "station.example",
		.identity = "0123456789abcdef",
		.cap = 3},
	    .canary = {.maildir = ""},
	    .digest = {desk->reports, {WEEKDAY_DAILY, 8 * 60}},
	    .batches_us = 25 * WHEN_HOUR_US,
	    .io = {.context = desk,
		.send = send_letter,
		.send_canary = send_canary,
		.take = take,
		.tell_registry = tell_registry,
		.log = log_event},
	};
	const struct intake_source source = {.read = read_batch, .context = desk};
	if (keeper_new(&options, &desk->clock, &desk->keeper, &complaint) != 0 ||
	    keeper_add_source(desk->keeper, "ring:eth0", &source, &number, &complaint) != 0)
		abort();
}

static void open_writer(struct desk *desk)
{
	const struct sightings_writer_options writer = {
	    .give = give, .context = desk, .name = "x", .sensor = "here", .epoch = ++desk->epoch};
	sightings_writer_free(desk->writer);
	if (sightings_writer_new(&writer, &desk->writer) != 0)
		abort();
}

static void open_desk(struct desk *desk)
{
	const struct store_options options = {.engine = "memory"};
	*desk = (struct desk){.clock = {BASE_US, 0}};
	if (store_open(&options, &desk->store, NULL) != 0)
		abort();
	fill_store(desk->store);
	open_writer(desk);
	open_keeper(desk);
}

static void close_desk(struct desk *desk)
{
	keeper_free(desk->keeper);
	sightings_writer_free(desk->writer);
	store_close(desk->store);
	for (size_t i = 0; i < desk->batch_count; i++)
		free(desk->batches[i].bytes);
}

/* The keeper dies, and another begins where the store is. */
static void restart(struct desk *desk)
{
	keeper_free(desk->keeper);
	desk->next = desk->taken;
	open_keeper(desk);
}

static void pass(struct desk *desk, int64_t us)
{
	desk->clock.wall_us += us;
	desk->clock.monotonic_us += us;
	while (keeper_turn(desk->keeper, &desk->clock))
		;
}

/* Machine n asks so many dark addresses now. */
static void scan(struct desk *desk, uint32_t n, uint32_t targets)
{
	const int64_t now_us = desk->clock.wall_us;
	struct sighting sighting = {.key = {.subject = address_from_v4_u32(0xc6336400 + n),
					.port = 23,
					.kind = SIGHTING_REQUEST,
					.protocol = 6}};
	sighting_init(&sighting);
	sighting.window_us = now_us / WHEN_MINUTE_US * WHEN_MINUTE_US;
	sighting.first_us = now_us;
	sighting.last_us = now_us;
	sighting.packets = targets;
	sighting.dark_packets = targets;
	sighting.ttl_min = sighting.ttl_max = 60;
	sighting.seen = SEEN_HANDSHAKE;
	sighting.bytes = 60 * targets;
	sighting.bins[0] = targets;
	struct slab *slab = slab_new(1U << 20, &slab_sizes_address_set);
	for (uint32_t i = 0; i < targets; i++) {
		const struct address target = address_from_v4_u32(0xc6120000 + i);
		const struct address_touch touch = {now_us, now_us, 1, ITEM_DARK};
		(void)address_set_touch(&sighting.targets, slab, &target, &touch);
	}
	const struct observer_sink *sink = sightings_writer_sink(desk->writer);
	sink->on_sighting(sink->context, &sighting);
	if (sightings_writer_flush(desk->writer) != 0)
		abort();
	slab_free(slab);
}

/* Of notices those about incidents. */
static int64_t count(struct desk *desk, enum store_kind kind)
{
	struct store_query query = {.kind = kind};
	int64_t count = -1;
	if (kind == STORE_NOTICE)
		query.conditions[0] = about_incidents;
	if (store_count(desk->store, &query, &count, NULL) != 0)
		abort();
	return count;
}

static int64_t count_kind(struct desk *desk, enum notice_kind kind)
{
	int64_t count = -1;
	const struct store_query query = {
	    .kind = STORE_NOTICE, .conditions = {{.column = "kind", .number = kind}}};
	if (store_count(desk->store, &query, &count, NULL) != 0)
		abort();
	return count;
}

static void answer(struct desk *desk, size_t letter, enum courier_outcome outcome)
{
	const struct outbox_result result = {
	    .notice = desk->letters[letter].notice,
	    .outcome = outcome,
	    .reply = "250 as you say",
	    .at_us = desk->clock.wall_us,
	};
	keeper_note_result(desk->keeper, &result);
}

static int visit_notice(void *context, const void *record)
{
	*(struct store_notice *)context = *(const struct store_notice *)record;
	return 0;
}

/* The only notice, without its texts. */
static struct store_notice notice_of(struct desk *desk)
{
	struct store_notice notice = {.state = NOTICE_FAILED};
	const struct store_query query = {.kind = STORE_NOTICE, .conditions = {about_incidents}};
	if (store_each(desk->store, &query, visit_notice, &notice, NULL) != 0)
		abort();
	return notice;
}

static enum notice_state state_of_notice(struct desk *desk)
{
	return notice_of(desk).state;
}

static struct incident *first_incident(const struct desk *desk)
{
	size_t position = 0;
	return casebook_next(keeper_casebook(desk->keeper), &position);
}

static void test_one(void)
{
	struct desk desk;
	open_desk(&desk);
	OK(desk.registries == 1, "captures are told who are members");
	scan(&desk, 7, 40);
	pass(&desk, 100000);
	OK(count(&desk, STORE_INCIDENT) == 1 && count(&desk, STORE_BATCH) == 1 && desk.taken == 1,
	    "an incident and what it rests on are written, and only then taken");
	OK(count(&desk, STORE_NOTICE) == 0, "the letter waits a second");
	pass(&desk, WHEN_SECOND_US);
	OK(count(&desk, STORE_NOTICE) == 1 && desk.letter_count == 1 &&
		strcmp(desk.letters[0].address, "soc@town.example") == 0,
	    "then it is written, and goes to the member's contact");
	pass(&desk, WHEN_SECOND_US);
	OK(desk.letter_count == 1, "once");
	answer(&desk, 0, COURIER_DELIVERED);
	pass(&desk, WHEN_SECOND_US);
	OK(state_of_notice(&desk) == NOTICE_DELIVERED &&
		first_incident(&desk)->state == INCIDENT_NOTIFIED,
	    "what was delivered is known to be");
	OK(desk.logs == 0, "and nothing went wrong");
	close_desk(&desk);
}

static int visit_incident(void *context, const void *record)
{
	*(int64_t *)context = ((const struct store_incident *)record)->packets;
	return 0;
}

/* Of the only incident, as it is written. */
static int64_t written_packets(struct desk *desk)
{
	int64_t packets = -1;
	const struct store_query query = {.kind = STORE_INCIDENT};
	if (store_each(desk->store, &query, visit_incident, &packets, NULL) != 0)
		abort();
	return packets;
}

static void test_finish(void)
{
	struct desk desk;
	const struct attendance_state report = {
	    .epoch = 1, .sequence = 1, .since_us = BASE_US, .until_us = BASE_US};
	open_desk(&desk);
	pass(&desk, WHEN_MINUTE_US);
	scan(&desk, 7, 40);
	pass(&desk, 100000);
	pass(&desk, WHEN_MINUTE_US);
	scan(&desk, 7, 40);
	pass(&desk, 100000);
	scan(&desk, 7, 40);
	pass(&desk, 100000);
	OK(first_incident(&desk)->packets == 120 && written_packets(&desk) < 120,
	    "mere numbers have time until others are due");
	OK(keeper_note_report(desk.keeper, 0, &report), "a report of the capture");
	keeper_finish(desk.keeper, &desk.clock);
	OK(written_packets(&desk) == 120, "at the end they are written");
	restart(&desk);
	OK(!keeper_note_report(desk.keeper, 0, &report), "and so is until when was watched");
	close_desk(&desk);
}

static int read_nothing(void *context, const uint8_t **ret_bytes, size_t *ret_count)
{
	(void)context;
	(void)ret_bytes;
	(void)ret_count;
	return 0;
}

static void test_finish_two(void)
{
	struct desk desk;
	size_t number;
	const struct intake_source silent = {.read = read_nothing};
	open_desk(&desk);
	if (keeper_add_source(desk.keeper, "ring:eth1", &silent, &number, NULL) != 0)
		abort();
	keeper_set_present(desk.keeper, number, true);
	scan(&desk, 7, 40);
	pass(&desk, 100000);
	const struct observer_sink *sink = sightings_writer_sink(desk.writer);
	sink->on_window_end(sink->context, BASE_US);
	desk.clock.wall_us += WHEN_MINUTE_US;
	scan(&desk, 7, 40);
	pass(&desk, 100000);
	const struct incident *incident = first_incident(&desk);
	OK(incident == NULL || incident->packets < 80,
	    "what another source has not reached yet waits");
	keeper_finish(desk.keeper, &desk.clock);
	OK(written_packets(&desk) == 80 && desk.taken == desk.batch_count,
	    "at the end nobody is waited for: it is written, and then taken");
	close_desk(&desk);
}

static void test_restart(void)
{
	struct desk desk;
	open_desk(&desk);
	scan(&desk, 7, 40);
	pass(&desk, 100000);
	restart(&desk);
	pass(&desk, 100000);
	OK(count(&desk, STORE_INCIDENT) == 1 && first_incident(&desk)->finding != NULL,
	    "after a restart it is known as before, and is one incident");
	pass(&desk, WHEN_SECOND_US);
	OK(desk.letter_count == 1, "and its letter goes out");
	char id[128];
	memcpy(id, desk.letters[0].id, sizeof id);
	restart(&desk);
	pass(&desk, WHEN_SECOND_US);
	OK(desk.letter_count == 1 && notice_of(&desk).unknown == 1 &&
		notice_of(&desk).attempts == 1,
	    "of a letter that was being sent nobody knows the outcome");
	pass(&desk, 2 * WHEN_MINUTE_US);
	OK(desk.letter_count == 2 && strcmp(desk.letters[1].id, id) == 0,
	    "so it goes out again, somewhat later, under the same name");
	answer(&desk, 1, COURIER_DELIVERED);
	pass(&desk, WHEN_SECOND_US);
	restart(&desk);
	pass(&desk, WHEN_MINUTE_US);
	OK(desk.letter_count == 2 && count(&desk, STORE_NOTICE) == 1, "then never again");
	close_desk(&desk);
}

static void test_again(void)
{
	struct desk desk;
	open_desk(&desk);
	scan(&desk, 7, 40);
	pass(&desk, 100000);
	desk.taken = 0; /* the keeper died between the commit and the taking */
	restart(&desk);
	pass(&desk, 100000);
	OK(count(&desk, STORE_BATCH) == 1 && first_incident(&desk)->packets == 40,
	    "a batch that comes again after a restart counts once");
	close_desk(&desk);
}

static void test_unwilling(void)
{
	struct desk desk;
	open_desk(&desk);
	scan(&desk, 7, 40);
	pass(&desk, 100000);
	desk.refusal = -ENOTCONN;
	pass(&desk, WHEN_SECOND_US);
	OK(count(&desk, STORE_NOTICE) == 1 && desk.letter_count == 0,
	    "without a courier letters wait");
	desk.refusal = 0;
	pass(&desk, WHEN_SECOND_US);
	OK(desk.letter_count == 1, "until there is one");
	keeper_lose_courier(desk.keeper, &desk.clock);
	pass(&desk, WHEN_SECOND_US);
	OK(state_of_notice(&desk) == NOTICE_WAITING && desk.letter_count == 1,
	    "one that dies on the way may have delivered it");
	pass(&desk, 5 * WHEN_MINUTE_US);
	OK(desk.letter_count == 2 && strcmp(desk.letters[0].id, desk.letters[1].id) == 0,
	    "so that the same goes out again, somewhat later");
	answer(&desk, 1, COURIER_PERMANENT);
	pass(&desk, WHEN_SECOND_US);
	OK(state_of_notice(&desk) == NOTICE_FAILED &&
		keeper_roster(desk.keeper)->contacts[0].state == CONTACT_FAILING,
	    "what is refused for good is, and its contact is amber");
	pass(&desk, WHEN_MINUTE_US);
	pass(&desk, WHEN_SECOND_US);
	OK(count_kind(&desk, NOTICE_ALARM) == 1, "of which the operator hears");
	pass(&desk, WHEN_DAY_US);
	OK(desk.letter_count == 2 || desk.letter_count == 3, "and it is not sent again");
	close_desk(&desk);
}

/* Nobody knows what became of a letter, again and again: each time it may have been delivered. */
static void test_unknown(void)
{
	struct desk desk;
	open_desk(&desk);
	scan(&desk, 7, 40);
	pass(&desk, 100000);
	pass(&desk, WHEN_SECOND_US);
	/* so often that it never becomes quiet, of which there would be a letter */
	for (unsigned i = 1; i <= RETRY_UNKNOWN_MAX; i++) {
		OK(desk.letter_count == i && state_of_notice(&desk) == NOTICE_SENDING,
		    "a letter on its way");
		if (i % 2 == 0)
			restart(&desk);
		else
			keeper_lose_courier(desk.keeper, &desk.clock);
		pass(&desk, WHEN_SECOND_US);
		scan(&desk, 7, 40);
		OK(notice_of(&desk).unknown == i && notice_of(&desk).attempts == i,
		    "may have arrived or not");
		pass(&desk, 80 * WHEN_MINUTE_US);
	}
	OK(state_of_notice(&desk) == NOTICE_FAILED && desk.letter_count == RETRY_UNKNOWN_MAX,
	    "goes out no more often than it may arrive, whoever died in between");
	close_desk(&desk);
}

/* Off for so long that nothing is left of what was observed. */
static void test_absence(void)
{
	struct desk desk;
	open_desk(&desk);
	scan(&desk, 7, 40);
	pass(&desk, 100000);
	pass(&desk, WHEN_SECOND_US);
	answer(&desk, 0, COURIER_DELIVERED);
	pass(&desk, WHEN_SECOND_US);
	desk.clock.wall_us += 3 * WHEN_DAY_US;
	restart(&desk);
	pass(&desk, WHEN_SECOND_US);
	OK(count(&desk, STORE_NOTICE) == 1 && first_incident(&desk)->finding != NULL &&
		first_incident(&desk)->state == INCIDENT_NOTIFIED,
	    "after three days off nobody knows yet whether it goes on");
	scan(&desk, 8, 3);
	pass(&desk, 100000);
	OK(count(&desk, STORE_NOTICE) == 2 && first_incident(&desk)->state == INCIDENT_QUIET,
	    "when something else is observed it is quiet, and that is told");
	close_desk(&desk);
}

static int visit_meta(void *context, const void *record)
{
	*(uint64_t *)context = strtoull(((const struct store_meta *)record)->value, NULL, 10);
	return 0;
}

/* Packets of the town's machines, as they are written. */
static uint64_t judged(struct desk *desk)
{
	uint64_t packets = 0;
	const struct store_query query = {
	    .kind = STORE_META, .conditions = {{.column = "key", .text = "tally.member.1"}}};
	if (store_each(desk->store, &query, visit_meta, &packets, NULL) != 0)
		abort();
	return packets;
}

/* What regular reports tell is counted once, wherever the keeper dies; and they are written once.
 */
static void test_counting(void)
{
	struct desk desk;
	uint64_t packets = 0;
	open_desk(&desk);
	desk.reports = true;
	restart(&desk);
	for (unsigned i = 0; i < 12; i++) {
		scan(&desk, 7, 40);
		packets += 40;
		if (i % 3 == 0)
			restart(&desk); /* it has not read it */
		pass(&desk, i % 4 == 0 ? 7 * WHEN_MINUTE_US : WHEN_SECOND_US);
		if (i % 3 == 1)
			restart(&desk); /* it has, and may have counted it or not */
		if (i % 6 == 2)
			desk.taken = 0; /* all of it comes again */
	}
	restart(&desk);
	pass(&desk, 7 * WHEN_MINUTE_US);
	pass(&desk, WHEN_SECOND_US);
	OK(judged(&desk) == packets, "each packet counts once");
	OK(count_kind(&desk, NOTICE_DIGEST) == 0, "it is not time for a report yet");
	for (unsigned day = 0; day < 3; day++) {
		pass(&desk, WHEN_DAY_US / 2);
		restart(&desk);
		pass(&desk, WHEN_DAY_US / 2);
		pass(&desk, 11 * WHEN_MINUTE_US); /* nothing comes through */
		OK(count_kind(&desk, NOTICE_DIGEST) == 2 * (day + 1),
		    "one a day, to the member and to the operator");
	}
	pass(&desk, 6 * WHEN_MINUTE_US);
	OK(judged(&desk) == 0, "which begins to count anew");
	close_desk(&desk);
}

static void test_cap(void)
{
	struct desk desk;
	open_desk(&desk);
	for (uint32_t n = 1; n <= 4; n++)
		scan(&desk, n, 40);
	pass(&desk, 100000);
	pass(&desk, WHEN_SECOND_US);
	OK(desk.letter_count == 3, "as many letters an hour as there may be");
	struct outbox_held held = {0};
	size_t position = 0;
	OK(outbox_next_held(keeper_outbox(desk.keeper), &position, &held) && held.count == 1 &&
		held.reader != 0 && held.told == 3 && held.since_us == desk.clock.wall_us &&
		!outbox_next_held(keeper_outbox(desk.keeper), &position, &held),
	    "how many wait is known, whose they are, and since when");
	restart(&desk);
	pass(&desk, WHEN_SECOND_US);
	OK(count(&desk, STORE_NOTICE) == 3, "a keeper that starts anew goes on counting");
	pass(&desk, WHEN_MINUTE_US);
	pass(&desk, WHEN_SECOND_US);
	OK(count_kind(&desk, NOTICE_ALARM) == 1, "the operator hears of it");
	pass(&desk, WHEN_HOUR_US);
	OK(count(&desk, STORE_NOTICE) == 4, "and in the next hour they go out");
	position = 0;
	OK(!outbox_next_held(keeper_outbox(desk.keeper), &position, &held), "then none waits");
	pass(&desk, ALARM_REST_US + WHEN_MINUTE_US);
	pass(&desk, ALARM_REST_US);
	pass(&desk, WHEN_SECOND_US);
	OK(count_kind(&desk, NOTICE_ALARM) == 2, "and the operator hears that it is over");
	close_desk(&desk);
}

static void test_gap(void)
{
	struct desk desk;
	open_desk(&desk);
	scan(&desk, 1, 3);
	scan(&desk, 1, 3);
	scan(&desk, 1, 3);
	free(desk.batches[1].bytes); /* the second is lost on the way */
	desk.batches[1] = desk.batches[2];
	desk.batch_count = 2;
	pass(&desk, WHEN_SECOND_US);
	OK(count(&desk, STORE_GAP) == 1, "a batch that is missing is a gap, and written down");
	close_desk(&desk);
}

static void report(struct desk *desk, uint64_t epoch, uint64_t sequence, int64_t since_us)
{
	const struct attendance_state state = {
	    .epoch = epoch, .sequence = sequence, .since_us = since_us, .until_us = since_us};
	(void)keeper_note_report(desk->keeper, 0, &state);
}

static void test_unwatched(void)
{
	struct desk desk;
	open_desk(&desk);
	report(&desk, 1, 1, BASE_US);
	pass(&desk, WHEN_SECOND_US);
	OK(count(&desk, STORE_GAP) == 0, "a source that is watched: no gap");
	pass(&desk, 10 * WHEN_SECOND_US);
	restart(&desk);
	report(&desk, 2, 1, BASE_US + 60 * WHEN_SECOND_US);
	pass(&desk, WHEN_SECOND_US);
	OK(count(&desk, STORE_GAP) == 1, "its capture ended, and the keeper: found all the same");
	restart(&desk);
	report(&desk, 2, 2, BASE_US + 60 * WHEN_SECOND_US);
	pass(&desk, 11 * WHEN_SECOND_US);
	OK(count(&desk, STORE_GAP) == 1, "once");
	close_desk(&desk);
}

static int visit_gap(void *context, const void *record)
{
	*(int64_t *)context += ((const struct store_gap *)record)->count;
	return 0;
}

/* Lost in all, as it is written. */
static int64_t lost(struct desk *desk)
{
	int64_t sum = 0;
	const struct store_query query = {.kind = STORE_GAP};
	if (store_each(desk->store, &query, visit_gap, &sum, NULL) != 0)
		abort();
	return sum;
}

static void lose(struct desk *desk, uint64_t packets, int64_t after_us)
{
	pass(desk, after_us);
	const struct keeper_lost some = {
	    desk->clock.wall_us - WHEN_SECOND_US, desk->clock.wall_us, packets};
	keeper_note_loss(desk->keeper, 0, LOSS_DROPPED, &some);
}

static void test_losses(void)
{
	struct desk desk;
	open_desk(&desk);
	pass(&desk, WHEN_SECOND_US);
	for (int i = 0; i < 3600; i++)
		lose(&desk, 10, WHEN_SECOND_US);
	pass(&desk, WHEN_SECOND_US);
	OK(count(&desk, STORE_GAP) == 1 && lost(&desk) == 36000 && desk.logs == 1,
	    "an hour of losses, told every second, is one gap, and one line");
	lose(&desk, 7, 0);
	pass(&desk, WHEN_SECOND_US);
	OK(count(&desk, STORE_GAP) == 2 && lost(&desk) == 36007, "what goes on is the next one");
	lose(&desk, 1, 5 * WHEN_SECOND_US);
	pass(&desk, WHEN_SECOND_US);
	OK(count(&desk, STORE_GAP) == 2, "five seconds without any do not end it");
	lose(&desk, 1, 6 * WHEN_SECOND_US);
	pass(&desk, WHEN_SECOND_US);
	OK(count(&desk, STORE_GAP) == 3, "longer ones do");
	const struct keeper_lost refused = {desk.clock.wall_us, desk.clock.wall_us, 5};
	keeper_note_loss(desk.keeper, 0, LOSS_REFUSED, &refused);
	lose(&desk, 1, -WHEN_HOUR_US);
	pass(&desk, WHEN_SECOND_US);
	OK(count(&desk, STORE_GAP) == 5, "each kind has its own, and so has a clock set back");
	restart(&desk);
	lose(&desk, 1, WHEN_SECOND_US);
	pass(&desk, WHEN_SECOND_US);
	OK(count(&desk, STORE_GAP) == 6 && lost(&desk) == 36016, "after a restart it begins anew");
	close_desk(&desk);
}

static void test_losses_unwritten(void)
{
	struct desk desk;
	open_desk(&desk);
	pass(&desk, WHEN_SECOND_US);
	lose(&desk, 3, 0);
	desk.clock.wall_us += WHEN_MINUTE_US; /* without a turn */
	desk.clock.monotonic_us += WHEN_MINUTE_US;
	const struct keeper_lost more = {desk.clock.wall_us, desk.clock.wall_us, 4};
	keeper_note_loss(desk.keeper, 0, LOSS_DROPPED, &more);
	pass(&desk, WHEN_SECOND_US);
	OK(count(&desk, STORE_GAP) == 2 && lost(&desk) == 7,
	    "what could not be written before the next one began is written");
	close_desk(&desk);
}

/* A database in which an incident knows less than the letters about it say. */
static void test_told_before(void)
{
	struct desk desk;
	const struct store_query all = {.kind = STORE_INCIDENT};
	const struct store_change untold[] = {{.column = "told_us", .number = 0},
	    {.column = "told_letters", .number = 0}, {.column = NULL}};
	open_desk(&desk);
	scan(&desk, 7, 40);
	pass(&desk, WHEN_SECOND_US);
	pass(&desk, WHEN_SECOND_US);
	const int64_t letters = count(&desk, STORE_NOTICE);
	if (store_begin(desk.store, NULL) != 0 ||
	    store_change(desk.store, &all, untold, NULL, NULL) != 0 ||
	    store_commit(desk.store, NULL) != 0)
		abort();
	restart(&desk);
	scan(&desk, 8, 40);
	pass(&desk, WHEN_SECOND_US);
	pass(&desk, WHEN_SECOND_US);
	OK(letters == 1 && count(&desk, STORE_INCIDENT) == 2 && count(&desk, STORE_NOTICE) == 2,
	    "a letter that was written before is not written again, and keeps nobody else's");
	close_desk(&desk);
}

int main(void)
{
	test_one();
	test_told_before();
	test_finish();
	test_finish_two();
	test_restart();
	test_again();
	test_unwilling();
	test_unknown();
	test_absence();
	test_counting();
	test_cap();
	test_gap();
	test_unwatched();
	test_losses();
	test_losses_unwritten();
	return test_done();
}
