/*
 * town_help.h - a keeper and all that surrounds it, in time that the test makes: a capture, whose
 * batches wait until they are taken; members; a mail server, which remembers every copy of every
 * letter; a clock that can be set. It outlives keepers and stores, so that they may die.
 *
 * Machines are 198.51.100.N of one member. What is looked at in the end:
 *
 *     acknowledged  incidents that a commit said to be kept
 *     missing       of these, not in the store any more, or under another number
 *     duplicate     more incidents, or more first letters, of one machine than one
 *     altered       letters that came again as other bytes
 *     unstored      letters that were sent and are not in the store
 */
#ifndef TOWN_HELP_H
#define TOWN_HELP_H

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/when.h"
#include "cmd/station/keeper.h"
#include "link/sightings_writer.h"
#include "observe/slab.h"
#include "store_help.h"

#define TOWN_BEGIN_US (INT64_C(1700000040) * WHEN_SECOND_US) /* on the minute */
#define TOWN_TURN_US  (INT64_C(200) * 1000)

enum {
	TOWN_BATCHES_MAX = 4096,
	TOWN_LETTERS_MAX = 4096,
	TOWN_MACHINES_MAX = 256,
	TOWN_ID_BYTES = 256,
	TOWN_OLD_GAPS = 40,
	TOWN_OPENINGS_MAX = 5, /* of a store that cannot be opened: a fault, and what follows */
};

struct town_batch {
	uint8_t *bytes;
	size_t count;
};

struct town_letter {
	char id[TOWN_ID_BYTES];
	char address[64];
	enum notice_kind kind;
	uint32_t machine; /* that it is about; 0: none */
	uint64_t hash;    /* of its bytes */
	unsigned attempts;
	unsigned copies; /* that the mail server took over */
	int64_t sent_us; /* monotonic; of the last attempt */
};

/* On its way. */
struct town_parcel {
	int64_t notice;
	struct town_letter *letter;
};

struct town {
	const char *engine;
	const char *path; /* of the store */
	struct store *store;
	struct keeper *keeper; /* NULL: it is dead */
	struct thresholds thresholds;
	unsigned cap;
	int64_t canary_every_us;
	const struct station_config *config; /* NULL: nothing is removed */
	struct post_limits posts;            /* of interfaces */
	int64_t began_us;                    /* all of the station; wall */
	struct complaint complaint;
	/* the capture */
	struct sightings_writer *writer;
	uint64_t epoch;
	struct town_batch batches[TOWN_BATCHES_MAX];
	size_t batch_count;
	size_t next;
	size_t taken;
	uint16_t canary; /* that was asked for last */
	int canaries;
	/* the mail server: what it does with a letter, NULL: takes it */
	enum courier_outcome (*serve)(struct town *town, const struct town_letter *letter);
	/* Around all that a keeper and its store do: faults are for them. NULL: nothing */
	void (*on_work)(bool begins);
	struct town_letter letters[TOWN_LETTERS_MAX];
	size_t letter_count;
	int64_t too_large; /* a notice that no parcel holds; 0: none */
	bool has_no_room;  /* the way to the mail server */
	struct town_parcel parcels[OUTBOX_SENDING_MAX];
	size_t parcel_count;
	/* time */
	int64_t monotonic_us;
	int64_t wall_us;
	/* what is known */
	uint64_t commits;
	int64_t acknowledged[TOWN_MACHINES_MAX]; /* the number of the incident of each machine */
	int64_t changes;                         /* that were said to be kept */
	unsigned losses;                         /* keepers that had to begin anew */
	unsigned altered;
	unsigned unstored;
	unsigned logs;
	char last_log[256];
};

static inline void town_work(const struct town *town, bool begins)
{
	if (town->on_work != NULL)
		town->on_work(begins);
}

static inline struct keeper_clock town_clock(const struct town *town)
{
	return (struct keeper_clock){.wall_us = town->wall_us, .monotonic_us = town->monotonic_us};
}

/* ---- The capture ---- */

static inline int town_give(void *context, const uint8_t *bytes, size_t count)
{
	struct town *town = context;
	if (town->batch_count == TOWN_BATCHES_MAX)
		abort();
	struct town_batch *batch = &town->batches[town->batch_count++];
	batch->bytes = malloc(count);
	if (batch->bytes == NULL)
		abort();
	memcpy(batch->bytes, bytes, count);
	batch->count = count;
	return 0;
}

static inline int town_read(void *context, const uint8_t **ret_bytes, size_t *ret_count)
{
	struct town *town = context;
	if (town->next == town->batch_count)
		return 0;
	*ret_bytes = town->batches[town->next].bytes;
	*ret_count = town->batches[town->next++].count;
	return 1;
}

static inline void town_open_writer(struct town *town)
{
	const struct sightings_writer_options options = {.give = town_give,
	    .context = town,
	    .name = "x",
	    .sensor = "here",
	    .epoch = ++town->epoch};
	sightings_writer_free(town->writer);
	if (sightings_writer_new(&options, &town->writer) != 0)
		abort();
}

static inline void town_flush(struct town *town)
{
	if (sightings_writer_flush(town->writer) != 0)
		abort();
}

/* Who asks so many dark addresses, from the `first` on, within this second. */
struct town_scan {
	struct address subject;
	struct address dark;
	uint32_t first;
	uint32_t targets;
	bool is_drill;
};

static inline void town_observe(struct town *town, const struct town_scan *scan)
{
	const int64_t now_us = town->wall_us;
	struct sighting sighting = {
	    .key = {.subject = scan->subject, .port = 23, .kind = SIGHTING_REQUEST, .protocol = 6}};
	if (scan->is_drill)
		sighting.key.drill = 1;
	sighting_init(&sighting);
	sighting.window_us = now_us / WHEN_MINUTE_US * WHEN_MINUTE_US;
	sighting.first_us = now_us;
	sighting.last_us = now_us;
	sighting.packets = scan->targets;
	sighting.dark_packets = scan->targets;
	sighting.ttl_min = sighting.ttl_max = 60;
	sighting.seen = SEEN_HANDSHAKE;
	sighting.bytes = 60 * (uint64_t)scan->targets;
	sighting.bins[0] = scan->targets;
	struct slab *slab = slab_new(1U << 20, &slab_sizes_address_set);
	for (uint32_t i = 0; i < scan->targets; i++) {
		struct address target = scan->dark;
		target.bytes[14] = (uint8_t)((scan->first + i) >> 8);
		target.bytes[15] = (uint8_t)(scan->first + i);
		const struct address_touch touch = {now_us, now_us, 1, ITEM_DARK};
		(void)address_set_touch(&sighting.targets, slab, &target, &touch);
	}
	const struct observer_sink *sink = sightings_writer_sink(town->writer);
	sink->on_sighting(sink->context, &sighting);
	town_flush(town);
	slab_free(slab);
}

static inline struct address town_machine(uint32_t number)
{
	return address_from_v4_u32(0xc6336400 + number);
}

static inline void town_scan(struct town *town, uint32_t machine, uint32_t first, uint32_t targets)
{
	const struct town_scan scan = {
	    town_machine(machine), address_from_v4_u32(0xc6120000), first, targets, false};
	town_observe(town, &scan);
}

/* The window in which it is now has ended. */
static inline void town_end_window(struct town *town)
{
	const struct observer_sink *sink = sightings_writer_sink(town->writer);
	sink->on_window_end(sink->context, town->wall_us / WHEN_MINUTE_US * WHEN_MINUTE_US);
	town_flush(town);
}

/* ---- What the keeper wants of its process ---- */

static inline struct town_letter *town_find_letter(struct town *town, const char *id)
{
	for (size_t i = 0; i < town->letter_count; i++)
		if (strcmp(town->letters[i].id, id) == 0)
			return &town->letters[i];
	if (town->letter_count == TOWN_LETTERS_MAX)
		abort();
	struct town_letter *letter = &town->letters[town->letter_count++];
	*letter = (struct town_letter){.machine = 0};
	(void)snprintf(letter->id, sizeof letter->id, "%s", id);
	return letter;
}

struct town_found {
	bool is_there;
	int64_t incident;
	enum notice_kind kind;
	uint32_t machine;
};

static inline int town_visit_notice(void *context, const void *record)
{
	struct town_found *found = context;
	const struct store_notice *notice = record;
	found->is_there = true;
	found->incident = notice->incident_id;
	found->kind = notice->kind;
	return 0;
}

static inline int town_visit_subject(void *context, const void *record)
{
	struct town_found *found = context;
	unsigned machine = 0;
	/* others are no machine of the town */
	if (sscanf(((const struct store_incident *)record)->subject, "198.51.100.%u", &machine) ==
	    1)
		found->machine = machine;
	return 0;
}

/* What the store says of a letter, now that it is sent. */
static inline struct town_found town_find_notice(struct town *town, int64_t notice)
{
	struct town_found found = {.is_there = false};
	struct store_query query = {.kind = STORE_NOTICE,
	    .conditions = {{.column = "id", .test = STORE_IS, .number = notice}}};
	(void)store_each(town->store, &query, town_visit_notice, &found, NULL);
	query.kind = STORE_INCIDENT;
	query.conditions[0].number = found.incident;
	if (found.incident != 0)
		(void)store_each(town->store, &query, town_visit_subject, &found, NULL);
	return found;
}

static inline int town_send(void *context, const struct outbox_parcel *parcel)
{
	struct town *town = context;
	if (town->parcel_count == OUTBOX_SENDING_MAX || town->has_no_room)
		return -EAGAIN;
	if (parcel->notice == town->too_large)
		return -EMSGSIZE;
	const uint64_t hash = hash_bytes(parcel->body.data, parcel->body.length, HASH_SEED_FIXED);
	struct town_letter *letter = town_find_letter(town, parcel->message_id);
	if (letter->attempts > 0 && letter->hash != hash)
		town->altered++;
	letter->attempts++;
	letter->sent_us = town->monotonic_us;
	letter->hash = hash;
	(void)snprintf(letter->address, sizeof letter->address, "%.63s", parcel->address);
	town->parcels[town->parcel_count++] = (struct town_parcel){parcel->notice, letter};
	return 0;
}

/* What the store has of them is looked up when nothing else is asked of it. */
static inline void town_look_letters_up(struct town *town)
{
	for (size_t i = 0; i < town->parcel_count && !store_is_suspect(town->store); i++) {
		if (town->parcels[i].notice < 0)
			continue; /* past a store that takes nothing */
		struct town_letter *letter = town->parcels[i].letter;
		const struct town_found found = town_find_notice(town, town->parcels[i].notice);
		town->unstored += !found.is_there;
		letter->kind = found.kind;
		letter->machine = found.machine;
	}
}

/* What town.serve gives for a letter that gets no answer yet. */
#define TOWN_HANGS COURIER_OUTCOME_COUNT

/* The mail server answers what was sent before now. */
static inline void town_serve(struct town *town)
{
	size_t left = 0;
	for (size_t i = 0; i < town->parcel_count; i++) {
		const struct town_parcel parcel = town->parcels[i];
		const struct outbox_result result = {
		    .notice = parcel.notice,
		    .outcome =
			town->serve == NULL ? COURIER_DELIVERED : town->serve(town, parcel.letter),
		    .reply = "as you say",
		    .at_us = town->wall_us,
		};
		if (result.outcome == TOWN_HANGS) {
			town->parcels[left++] = parcel;
			continue;
		}
		if (result.outcome == COURIER_DELIVERED || result.outcome == COURIER_UNKNOWN)
			parcel.letter->copies++;
		town_work(town, true);
		keeper_note_result(town->keeper, &result);
		town_work(town, false);
	}
	town->parcel_count = left;
}

static inline void town_take(void *context, size_t source)
{
	struct town *town = context;
	(void)source;
	town->taken = town->next;
}

static inline void town_tell_registry(void *context, const char *text, size_t length)
{
	(void)context;
	(void)text;
	(void)length;
}

/* The capture sends one as it would any scan. */
static inline int town_send_canary(void *context, uint16_t number)
{
	struct town *town = context;
	if (town->canary_every_us == 0)
		return -ENOTCONN;
	struct town_scan scan = {.targets = 32, .is_drill = true};
	const char *const texts[] = {"100::ca:0:0", "100::da:0:0"};
	if (address_parse(texts[0], &scan.subject) != 0 || address_parse(texts[1], &scan.dark) != 0)
		abort();
	scan.subject.bytes[14] = (uint8_t)(number >> 8);
	scan.subject.bytes[15] = (uint8_t)number;
	town->canary = number;
	town->canaries++;
	town_observe(town, &scan);
	return 0;
}

static inline void town_log(void *context, const char *event, const char *text)
{
	struct town *town = context;
	town->logs++;
	(void)snprintf(town->last_log, sizeof town->last_log, "%s: %s", event, text);
}

/* ---- Opening and dying ---- */

static inline void town_put(struct town *town, struct store_record record)
{
	if (store_put(town->store, record, STORE_REPLACE, &town->complaint) == 0)
		return;
	printf("# %s\n", town->complaint.text);
	abort();
}

/* Of a member, or 0: the operator's; verified. In no transaction. Returns its number. */
static inline int64_t town_add_contact(
    struct town *town, int64_t member, enum contact_kind kind, const char *address)
{
	struct store_contact contact = {.member_id = member,
	    .kind = kind,
	    .address = address,
	    .language = "en",
	    .severity_min = "low",
	    .state = CONTACT_VERIFIED,
	    .created_us = 1};
	if (store_begin(town->store, NULL) != 0)
		abort();
	town_put(town, STORE_RECORD(&contact));
	if (store_commit(town->store, NULL) != 0)
		abort();
	return contact.id;
}

/* A member, with a contact, and the operator's. On a disk that is well. */
static inline int64_t town_fill_store(struct town *town)
{
	struct store_member member = {
	    .name = "town", .language = "en", .zone = "", .note = "", .created_us = 1};
	struct store_prefix prefix = {.prefix = "198.51.100.0/24"};
	if (store_begin(town->store, NULL) != 0)
		abort();
	town_put(town, STORE_RECORD(&member));
	prefix.member_id = member.id;
	town_put(town, STORE_RECORD(&prefix));
	if (store_commit(town->store, NULL) != 0)
		abort();
	(void)town_add_contact(town, member.id, CONTACT_MAIL, "soc@town.example");
	(void)town_add_contact(town, 0, CONTACT_MAIL, "ops@station.example");
	return member.id;
}

static inline int town_open_keeper(struct town *town)
{
	static struct prefix dark[1];
	const char *why;
	size_t number;
	if (prefix_parse("198.18.0.0/16", &dark[0], &why) != 0)
		abort();
	const struct keeper_options options = {
	    .store = town->store,
	    .roster = {.dark = dark, .dark_count = 1, .language = LANGUAGE_EN, .zone = ""},
	    .correlator = {.thresholds = &town->thresholds,
		.memory_bytes = 8U << 20,
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
		.canary_by_mail = true,
		.canary_every_us = town->canary_every_us,
		.cap = town->cap},
	    .canary = {.every_us = town->canary_every_us,
		.deadline_us = 2 * WHEN_MINUTE_US,
		.by_mail = true,
		.maildir = ""},
	    .batches_us = 25 * WHEN_HOUR_US,
	    .config = town->config,
	    .posts = town->posts,
	    .began_us = town->began_us,
	    .io = {.context = town,
		.send = town_send,
		.send_canary = town_send_canary,
		.take = town_take,
		.tell_registry = town_tell_registry,
		.log = town_log},
	};
	const struct intake_source source = {.read = town_read, .context = town};
	const struct keeper_clock clock = town_clock(town);
	int result = keeper_new(&options, &clock, &town->keeper, &town->complaint);
	if (result != 0)
		return result;
	result = keeper_add_source(town->keeper, "ring:eth0", &source, &number, &town->complaint);
	if (result == 0)
		return 0;
	keeper_free(town->keeper);
	town->keeper = NULL;
	return result;
}

/* Everything but a store and a keeper. */
static inline void town_init(struct town *town, const char *engine, const char *path)
{
	memset(town, 0, sizeof *town);
	town->engine = engine;
	town->path = path;
	town->cap = 20;
	town->wall_us = TOWN_BEGIN_US;
	town->monotonic_us = WHEN_HOUR_US;
	thresholds_init(&town->thresholds);
	town_open_writer(town);
}

/* In memory, where it stays when the keeper goes. Returns the member. */
static inline int64_t town_open_in_memory(struct town *town)
{
	const struct store_options options = {.engine = "memory"};
	if (store_open(&options, &town->store, NULL) != 0)
		abort();
	int64_t member = town_fill_store(town);
	if (town_open_keeper(town) != 0)
		abort();
	return member;
}

/* The keeper dies, and the next begins. */
static inline void town_restart_in_memory(struct town *town)
{
	keeper_free(town->keeper);
	town->next = town->taken;
	town->parcel_count = 0;
	town->commits = 0;
	if (town_open_keeper(town) != 0)
		abort();
}

/* It is gone, with all that it knew. */
static inline void town_kill_keeper(struct town *town)
{
	keeper_free(town->keeper);
	town->keeper = NULL;
	store_close(town->store);
	town->store = NULL;
	town->next = town->taken;
	town->parcel_count = 0;
	town->commits = 0;
}

/* As its process would: what cannot be opened is tried again by the next. */
static inline bool town_open(struct town *town)
{
	const struct store_options options = {.engine = town->engine, .path = town->path};
	for (int i = 0; i < TOWN_OPENINGS_MAX && town->keeper == NULL; i++) {
		town_work(town, true);
		int result = store_open(&options, &town->store, &town->complaint);
		if (result == 0)
			result = town_open_keeper(town);
		town_work(town, false);
		if (result != 0)
			town_kill_keeper(town);
	}
	return town->keeper != NULL;
}

static inline void town_release(struct town *town)
{
	town_kill_keeper(town);
	sightings_writer_free(town->writer);
	for (size_t i = 0; i < town->batch_count; i++)
		free(town->batches[i].bytes);
}

/* ---- Time ---- */

static inline int town_visit_incident(void *context, const void *record)
{
	struct town *town = context;
	const struct store_incident *incident = record;
	struct town_found found = {.machine = 0};
	(void)town_visit_subject(&found, incident);
	if (found.machine != 0 && town->acknowledged[found.machine] == 0)
		town->acknowledged[found.machine] = incident->id;
	return 0;
}

/* What was committed is acknowledged. */
static inline void town_look(struct town *town)
{
	struct keeper_counts counts;
	const struct store_query all = {.kind = STORE_INCIDENT};
	keeper_get_counts(town->keeper, &counts);
	if (counts.commits == town->commits || store_is_suspect(town->store))
		return;
	if (store_each(town->store, &all, town_visit_incident, town, NULL) == 0)
		town->commits = counts.commits;
}

/* So much time passes, and then one turn. */
static inline void town_turn(struct town *town, int64_t us)
{
	town->wall_us += us;
	town->monotonic_us += us;
	const struct keeper_clock clock = town_clock(town);
	town_serve(town);
	if (town->keeper == NULL && !town_open(town))
		return;
	town_work(town, true);
	while (keeper_turn(town->keeper, &clock))
		;
	town_work(town, false);
	if (keeper_is_lost(town->keeper)) {
		town->losses++;
		town_kill_keeper(town);
		return;
	}
	town_look(town);
	town_look_letters_up(town);
}

static inline int town_put_exception(void *context, struct complaint *complaint)
{
	struct town *town = context;
	struct store_exception exception = {.rule = "",
	    .subject = "203.0.113.0/24",
	    .port = -1,
	    .reason = "nobody of the town",
	    .by = "test",
	    .created_us = town->wall_us,
	    .until_us = town->wall_us + WHEN_DAY_US};
	return store_put(town->store, STORE_RECORD(&exception), STORE_REPLACE, complaint);
}

/* Somebody changes something, by the way that a command takes. */
static inline void town_change(struct town *town)
{
	const struct keeper_change change = {
	    .context = town, .put = town_put_exception, .changes_roster = true};
	const struct keeper_clock clock = town_clock(town);
	if (town->keeper == NULL)
		return;
	town_work(town, true);
	town->changes += keeper_change(town->keeper, &clock, &change, &town->complaint) == 0;
	town_work(town, false);
}

/* How many there are of a kind; -1: that cannot be told. */
static inline int64_t town_count(struct town *town, enum store_kind kind)
{
	const struct store_query all = {.kind = kind};
	int64_t count = -1;
	return store_count(town->store, &all, &count, NULL) == 0 ? count : -1;
}

/* Gaps of long ago, which upkeep removes when it first looks. In no transaction. */
static inline void town_add_old_gaps(struct town *town)
{
	if (store_begin(town->store, NULL) != 0)
		abort();
	for (int64_t i = 0; i < TOWN_OLD_GAPS; i++) {
		struct store_gap gap = {
		    .source = "old", .from_us = i, .to_us = i + 1, .kind = "dropped", .detail = ""};
		town_put(town, STORE_RECORD(&gap));
	}
	if (store_commit(town->store, NULL) != 0)
		abort();
}

/* Of these, there still. */
static inline int64_t town_old_gaps(struct town *town)
{
	const struct store_query old = {
	    .kind = STORE_GAP, .conditions = {{.column = "source", .text = "old"}}};
	int64_t count = -1;
	return store_count(town->store, &old, &count, NULL) == 0 ? count : -1;
}

/* With a turn each `step_us`. */
static inline void town_pass_by(struct town *town, int64_t us, int64_t step_us)
{
	for (int64_t passed_us = 0; passed_us < us; passed_us += step_us)
		town_turn(town, step_us);
}

static inline void town_pass(struct town *town, int64_t us)
{
	town_pass_by(town, us, TOWN_TURN_US);
}

/* ---- The end ---- */

struct town_sum {
	int64_t acknowledged;
	int64_t stored;
	int64_t missing;
	int64_t duplicate;
	int64_t letters; /* that were taken over */
	int64_t copies;  /* of them, beyond the first */
	int64_t waiting; /* in the store */
};

struct town_incidents {
	int64_t ids[TOWN_MACHINES_MAX];
	int64_t count[TOWN_MACHINES_MAX];
	const int64_t *wanted;
	bool is_wanted_there[TOWN_MACHINES_MAX];
	int64_t stored;
};

static inline int town_visit_end(void *context, const void *record)
{
	struct town_incidents *there = context;
	const struct store_incident *incident = record;
	struct town_found found = {.machine = 0};
	(void)town_visit_subject(&found, incident);
	there->stored++;
	there->count[found.machine]++;
	if (there->wanted[found.machine] == incident->id)
		there->is_wanted_there[found.machine] = true;
	return 0;
}

/* First letters that were taken over about this machine at this address. */
static inline int64_t town_count_first(const struct town *town, const struct town_letter *like)
{
	int64_t count = 0;
	for (size_t i = 0; i < town->letter_count; i++) {
		const struct town_letter *letter = &town->letters[i];
		count += letter->kind == NOTICE_FIRST && letter->copies > 0 &&
			 letter->machine == like->machine &&
			 strcmp(letter->address, like->address) == 0;
	}
	return count;
}

static inline bool town_sum_up(struct town *town, struct town_sum *ret_sum)
{
	struct town_incidents there = {.wanted = town->acknowledged};
	struct town_sum sum = {0};
	const struct store_query incidents = {.kind = STORE_INCIDENT};
	const struct store_query waiting = {.kind = STORE_NOTICE,
	    .conditions = {{.column = "state", .test = STORE_IS, .number = NOTICE_WAITING}}};
	if (store_each(town->store, &incidents, town_visit_end, &there, &town->complaint) != 0 ||
	    store_count(town->store, &waiting, &sum.waiting, &town->complaint) != 0)
		return false;
	sum.stored = there.stored;
	for (size_t i = 1; i < TOWN_MACHINES_MAX; i++) {
		sum.acknowledged += town->acknowledged[i] != 0;
		sum.missing += town->acknowledged[i] != 0 && !there.is_wanted_there[i];
		sum.duplicate += there.count[i] > 1;
	}
	for (size_t i = 0; i < town->letter_count; i++) {
		const struct town_letter *letter = &town->letters[i];
		sum.letters += letter->copies > 0;
		sum.copies += letter->copies > 1 ? letter->copies - 1 : 0;
		sum.duplicate += letter->kind == NOTICE_FIRST && letter->machine != 0 &&
				 letter->copies > 0 && town_count_first(town, letter) > 1;
	}
	*ret_sum = sum;
	return true;
}

/* Nothing that must not be. */
static inline bool town_is_right(const struct town *town, const struct town_sum *sum)
{
	return sum->missing == 0 && sum->duplicate == 0 && town->altered == 0 &&
	       town->unstored == 0;
}

/* Who of the first `machines` was found, and told of by a letter that arrived. */
static inline bool town_is_told(const struct town *town, uint32_t machines)
{
	for (uint32_t machine = 1; machine <= machines; machine++) {
		bool told = false;
		for (size_t i = 0; i < town->letter_count; i++)
			told |= town->letters[i].machine == machine &&
				town->letters[i].copies > 0 &&
				town->letters[i].kind == NOTICE_FIRST;
		if (!told)
			return false;
	}
	return true;
}

#endif
