/*
 * A long story, told by a keeper that lives through it, and by keepers that die at each of its
 * points: the letters are the same, by their names and byte for byte, and so is what is known in
 * the end.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/keeper.h"
#include "link/sightings_writer.h"
#include "observe/slab.h"
#include "store_help.h"

#define BASE_US (INT64_C(1700000040) * WHEN_SECOND_US) /* on the minute */

#define TOWN   UINT32_C(0xc6336400) /* 198.51.100.0 */
#define SCHOOL UINT32_C(0xcb007100) /* 203.0.113.0 */

enum {
	BATCHES_MAX = 512,
	SENT_MAX = OUTBOX_SENDING_MAX,
};

struct batch {
	uint8_t *bytes;
	size_t count;
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
	int64_t sent[SENT_MAX]; /* letters that the courier has */
	size_t sent_count;
	struct keeper_clock clock;
	int64_t window_us;
};

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
	if (desk->sent_count == SENT_MAX)
		return -EAGAIN;
	desk->sent[desk->sent_count++] = parcel->notice;
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
	(void)context;
	(void)text;
	(void)length;
}

static int send_canary(void *context, uint16_t number)
{
	(void)context;
	(void)number;
	return -ENOTCONN;
}

static void log_event(void *context, const char *event, const char *text)
{
	(void)context;
	if (strncmp(event, "alarm", 5) != 0)
		printf("# %s: %s\n", event, text);
}

static void put(struct store *store, struct store_record record)
{
	struct complaint complaint;
	if (store_put(store, record, STORE_REPLACE, &complaint) == 0)
		return;
	printf("# %s\n", complaint.text);
	abort();
}

static void add_member(
    struct store *store, const char *name, const char *prefix, const char *address)
{
	struct store_member member = {
	    .name = name, .language = "ja", .zone = "Asia/Tokyo", .created_us = 1};
	struct store_contact contact = {
	    .kind = strchr(address, '@') != NULL ? CONTACT_MAIL : CONTACT_WEBHOOK,
	    .address = address,
	    .language = "ja",
	    .severity_min = "low",
	    .state = CONTACT_VERIFIED,
	    .created_us = 1};
	put(store, STORE_RECORD(&member));
	struct store_prefix of = {.member_id = member.id, .prefix = prefix};
	put(store, STORE_RECORD(&of));
	contact.member_id = member.id;
	put(store, STORE_RECORD(&contact));
}

static void fill_store(struct store *store)
{
	if (store_begin(store, NULL) != 0)
		abort();
	add_member(store, "town", "198.51.100.0/24", "https://town.example/");
	add_member(store, "school", "203.0.113.0/24", "soc@school.example");
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
		.memory_bytes = 16U << 20,
		.casebook = {.quiet_us = 6 * WHEN_HOUR_US,
		    .close_us = 14 * WHEN_DAY_US,
		    .settle_us = WHEN_SECOND_US,
		    .doubt_us = 30 * WHEN_SECOND_US,
		    .doubt_packets = desk->thresholds.spoof_member.packets,
		    .update_gap_us = 10 * WHEN_MINUTE_US,
		    .incidents_max = 1000}},
	    .outbox = {.station = "test",
		.from = "hinomi@station.example",
		.desk = "",
		.host = "station.example",
		.identity = "0123456789abcdef",
		.cap = 3},
	    .canary = {.maildir = ""},
	    .settle_us = WHEN_HOUR_US,
	    .batches_us = 36 * WHEN_HOUR_US,
	    .io = {.context = desk,
		.send = send_letter,
		.send_canary = send_canary,
		.take = take,
		.tell_registry = tell_registry,
		.log = log_event},
	};
	const struct intake_source source = {.read = read_batch, .context = desk};
	if (keeper_new(&options, &desk->clock, &desk->keeper, &complaint) != 0 ||
	    keeper_add_source(desk->keeper, "ring:here", &source, &number, &complaint) != 0) {
		printf("# %s\n", complaint.text);
		abort();
	}
}

static void open_desk(struct desk *desk)
{
	const struct store_options options = {.engine = "memory"};
	const struct sightings_writer_options writer = {
	    .give = give, .context = desk, .name = "x", .sensor = "here", .epoch = 7};
	*desk = (struct desk){.clock = {BASE_US, 0}, .window_us = BASE_US};
	if (store_open(&options, &desk->store, NULL) != 0 ||
	    sightings_writer_new(&writer, &desk->writer) != 0)
		abort();
	fill_store(desk->store);
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

/* The keeper dies, and another begins where the store is. What it had not taken comes again. */
static void restart(struct desk *desk)
{
	keeper_free(desk->keeper);
	desk->next = desk->taken;
	desk->sent_count = 0;
	open_keeper(desk);
}

/* Letters arrive at once. */
static void turn(struct desk *desk)
{
	while (keeper_turn(desk->keeper, &desk->clock))
		;
	for (size_t i = 0; i < desk->sent_count; i++) {
		const struct outbox_result result = {.notice = desk->sent[i],
		    .outcome = COURIER_DELIVERED,
		    .reply = "250 as you say",
		    .at_us = desk->clock.wall_us};
		keeper_note_result(desk->keeper, &result);
	}
	desk->sent_count = 0;
}

/* ---- What happens ---- */

/* A machine asks so many dark addresses now. */
static void scan(struct desk *desk, uint32_t machine, uint16_t port, uint32_t targets, uint8_t seen)
{
	const int64_t now_us = desk->clock.wall_us;
	struct sighting sighting = {.key = {.subject = address_from_v4_u32(machine),
					.port = port,
					.kind = SIGHTING_REQUEST,
					.protocol = 6}};
	sighting_init(&sighting);
	sighting.window_us = desk->window_us;
	sighting.first_us = now_us;
	sighting.last_us = now_us;
	sighting.packets = targets;
	sighting.dark_packets = targets;
	sighting.ttl_min = sighting.ttl_max = 60;
	sighting.seen = seen;
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
	slab_free(slab);
}

/* What was observed since leaves the capture. */
static void flush(struct desk *desk)
{
	if (sightings_writer_flush(desk->writer) != 0)
		abort();
}

/* Time passes; of windows without anything only the last is told of. */
static void pass(struct desk *desk, int64_t us)
{
	const struct observer_sink *sink = sightings_writer_sink(desk->writer);
	desk->clock.wall_us += us;
	desk->clock.monotonic_us += us;
	const int64_t window_us = desk->clock.wall_us - desk->clock.wall_us % SIGHTING_WINDOW_US;
	if (window_us == desk->window_us)
		return;
	sink->on_window_end(sink->context, desk->window_us);
	if (window_us - SIGHTING_WINDOW_US > desk->window_us)
		sink->on_window_end(sink->context, window_us - SIGHTING_WINDOW_US);
	desk->window_us = window_us;
}

static void except(struct desk *desk)
{
	struct complaint complaint;
	struct store_exception exception = {.rule = "",
	    .subject = "198.51.100.8/32",
	    .port = -1,
	    .reason = "our own scanner",
	    .by = "hanako",
	    .created_us = 1};
	if (store_begin(desk->store, NULL) != 0)
		abort();
	put(desk->store, STORE_RECORD(&exception));
	if (store_commit(desk->store, NULL) != 0 ||
	    keeper_read_roster(desk->keeper, &complaint) != 0)
		abort();
}

static void crowd(struct desk *desk)
{
	for (uint32_t i = 0; i < 40; i++)
		scan(desk, SCHOOL + 100 + i, 445, 3, 0);
}

/* A step: what is seen, or done, and then how much time passes. */
struct step {
	const char *what;
	uint32_t machine;
	uint16_t port;
	uint16_t targets;
	uint8_t seen;
	void (*act)(struct desk *desk);
	int64_t pass_us;
};

static const struct step steps[] = {
    {"a machine begins", TOWN + 7, 23, 40, SEEN_HANDSHAKE, NULL, 100000},
    {"its letter", 0, 0, 0, 0, NULL, WHEN_SECOND_US},
    {"more of it", TOWN + 7, 23, 60, SEEN_HANDSHAKE, NULL, 5 * WHEN_SECOND_US},
    {"a minute", 0, 0, 0, 0, NULL, WHEN_MINUTE_US},
    {"a new port, too soon", TOWN + 7, 2323, 20, SEEN_HANDSHAKE, NULL, WHEN_MINUTE_US},
    {"then told", 0, 0, 0, 0, NULL, 11 * WHEN_MINUTE_US},
    {"still known ports only", TOWN + 7, 23, 30, SEEN_HANDSHAKE, NULL, 11 * WHEN_MINUTE_US},
    {"another machine", TOWN + 8, 5555, 3, SEEN_HANDSHAKE, NULL, 2 * WHEN_SECOND_US},
    {"and one over the cap", TOWN + 9, 5556, 3, SEEN_HANDSHAKE, NULL, 2 * WHEN_SECOND_US},
    {"and another, graver", TOWN + 10, 5557, 60, SEEN_HANDSHAKE, NULL, 2 * WHEN_SECOND_US},
    {"held back", 0, 0, 0, 0, NULL, WHEN_MINUTE_US},
    {"known and wanted", 0, 0, 0, 0, except, 2 * WHEN_SECOND_US},
    {"taking it back is held as well", 0, 0, 0, 0, NULL, WHEN_MINUTE_US},
    {"one goes on meanwhile", TOWN + 9, 5556, 40, SEEN_HANDSHAKE, NULL, 2 * WHEN_SECOND_US},
    {"the next hour", 0, 0, 0, 0, NULL, 45 * WHEN_MINUTE_US},
    {"a moment later", 0, 0, 0, 0, NULL, 2 * WHEN_SECOND_US},
    {"may be forged", SCHOOL + 20, 445, 3, 0, NULL, 2 * WHEN_SECOND_US},
    {"told after a while", 0, 0, 0, 0, NULL, 40 * WHEN_SECOND_US},
    {"a crowd of them", 0, 0, 0, 0, crowd, 2 * WHEN_SECOND_US},
    {"which is seen when the window ends", 0, 0, 0, 0, NULL, WHEN_MINUTE_US},
    {"taken back", 0, 0, 0, 0, NULL, WHEN_MINUTE_US},
    {"it was there after all", SCHOOL + 20, 445, 30, SEEN_HANDSHAKE, NULL, 2 * WHEN_SECOND_US},
    {"that is told", 0, 0, 0, 0, NULL, 2 * WHEN_MINUTE_US},
    {"when there is room for it", 0, 0, 0, 0, NULL, WHEN_HOUR_US},
    {"a moment later", 0, 0, 0, 0, NULL, 2 * WHEN_SECOND_US},
    {"six hours of nothing", 0, 0, 0, 0, NULL, 6 * WHEN_HOUR_US},
    {"quiet", 0, 0, 0, 0, NULL, 2 * WHEN_SECOND_US},
    {"all but one", 0, 0, 0, 0, NULL, WHEN_HOUR_US},
    {"again", TOWN + 7, 23, 41, SEEN_HANDSHAKE, NULL, 2 * WHEN_SECOND_US},
    {"which goes on", TOWN + 7, 23, 10, SEEN_HANDSHAKE, NULL, 5 * WHEN_HOUR_US},
    {"and on", TOWN + 7, 23, 10, SEEN_HANDSHAKE, NULL, 5 * WHEN_HOUR_US},
    {"and on", TOWN + 7, 23, 10, SEEN_HANDSHAKE, NULL, 5 * WHEN_HOUR_US},
    {"and on", TOWN + 7, 23, 10, SEEN_HANDSHAKE, NULL, 5 * WHEN_HOUR_US},
    {"and on", TOWN + 7, 23, 10, SEEN_HANDSHAKE, NULL, 5 * WHEN_HOUR_US},
    {"a day later it still goes on", TOWN + 7, 23, 10, SEEN_HANDSHAKE, NULL, 2 * WHEN_SECOND_US},
    {"the end", 0, 0, 0, 0, NULL, WHEN_MINUTE_US},
};

enum {
	STEPS = sizeof steps / sizeof steps[0],
};

/* When a keeper dies. */
enum death {
	DEATH_NEVER,
	DEATH_BEFORE, /* something was observed, which it has not read yet */
	DEATH_AFTER,  /* it has written that, and time passes */
	DEATH_LATER,  /* time has passed, and it has written what came of that */
	DEATH_COUNT,
};

static void die(struct desk *desk, bool dies)
{
	if (dies)
		restart(desk);
}

static void live(struct desk *desk, const struct step *step, enum death death, bool always)
{
	if (step->targets > 0)
		scan(desk, step->machine, step->port, step->targets, step->seen);
	if (step->act != NULL)
		step->act(desk);
	flush(desk);
	die(desk, death == DEATH_BEFORE || always);
	turn(desk);
	die(desk, death == DEATH_AFTER || always);
	pass(desk, step->pass_us);
	turn(desk);
	die(desk, death == DEATH_LATER || always);
	turn(desk);
}

/* ---- What came of it ---- */

static int write_notice(void *context, const void *record)
{
	const struct store_notice *notice = record;
	fprintf(context, "%s %d %" PRId64 " %" PRId64 " %s\n%.*s\n\n", notice->message_id,
	    (int)notice->kind, notice->incident_id, notice->contact_id, notice->subject,
	    (int)notice->body.length, (const char *)notice->body.data);
	return 0;
}

static int write_incident(void *context, const void *record)
{
	const struct store_incident *incident = record;
	/* when a letter was delivered is not known where the keeper died before it heard of it */
	const bool is_settled =
	    strcmp(incident->state, "quiet") == 0 || strcmp(incident->state, "closed") == 0;
	fprintf(context,
	    "%" PRId64 " %s %s %s %s %s first %" PRId64 " last %" PRId64 " opened %" PRId64
	    " %" PRId64 " state %" PRId64 " quiet %" PRId64 " rested %" PRId64 "\n",
	    incident->id, incident->subject, incident->rule, is_settled ? incident->state : "open",
	    incident->close_reason, incident->severity, incident->first_us, incident->last_us,
	    incident->opened_us, incident->opened_wall_us, is_settled ? incident->state_us : 0,
	    incident->quiet_us, incident->rested_us);
	fprintf(context,
	    "  %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " told %s %" PRId64 " %" PRId64
	    " %" PRId64 " %" PRId64 " %s owed '%s' '%s'\n  %s\n",
	    incident->packets, incident->targets, incident->port_count, incident->relapses,
	    incident->told_severity, incident->told_targets, incident->told_ports,
	    incident->told_us, incident->told_letters, incident->told_named, incident->owed,
	    incident->retraction, incident->finding);
	return 0;
}

static int write_event(void *context, const void *record)
{
	const struct store_event *event = record;
	if (strcmp(event->what, "delivered") == 0)
		return 0;
	const bool was_settled =
	    strcmp(event->from_state, "quiet") == 0 || strcmp(event->from_state, "closed") == 0;
	fprintf(context, "%" PRId64 " %" PRId64 " %s > %s: %s\n", event->incident_id, event->at_us,
	    was_settled ? event->from_state : "open", event->to_state, event->what);
	return 0;
}

/* All letters, incidents and their history, as text to be freed. */
static char *write_all(const struct desk *desk)
{
	static const struct {
		enum store_kind kind;
		const char *order;
		int (*write)(void *context, const void *record);
	} kinds[] = {{STORE_NOTICE, "message_id", write_notice},
	    {STORE_INCIDENT, "id", write_incident}, {STORE_EVENT, "id", write_event}};
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		const struct store_query query = {.kind = kinds[i].kind, .order = kinds[i].order};
		if (store_each(desk->store, &query, kinds[i].write, out, NULL) != 0)
			abort();
	}
	if (fclose(out) != 0)
		abort();
	return text;
}

/* The whole story; the keeper dies at this step, or at each. */
static char *tell(size_t at, enum death death, bool always)
{
	static struct desk desk;
	open_desk(&desk);
	for (size_t i = 0; i < STEPS; i++)
		live(&desk, &steps[i], i == at ? death : DEATH_NEVER, always);
	char *text = write_all(&desk);
	close_desk(&desk);
	return text;
}

static bool is_same(const char *expected, char *text)
{
	bool same = strcmp(expected, text) == 0;
	size_t at = 0;
	while (!same && expected[at] == text[at])
		at++;
	while (at > 0 && expected[at - 1] != '\n')
		at--;
	if (!same)
		printf("# expected %.200s\n# but %.200s\n", expected + at, text + at);
	free(text);
	return same;
}

static size_t count(const char *text, const char *what)
{
	size_t count = 0;
	for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
		count++;
	return count;
}

int main(void)
{
	static const char *const deaths[] = {[DEATH_BEFORE] = "with something it has not read",
	    [DEATH_AFTER] = "having written it",
	    [DEATH_LATER] = "some time later"};
	char *expected = tell(0, DEATH_NEVER, false);
	const char *show = getenv("HINOMI_STORY");
	if (show != NULL)
		printf("%s", expected);
	for (int kind = NOTICE_FIRST; kind <= NOTICE_RETRACTION; kind++) {
		char what[64];
		(void)snprintf(what, sizeof what, "@station.example %d ", kind);
		OK(count(expected, what) > 0, "the story has a letter of each kind");
	}
	OK(count(expected, "@station.example 4 ") == 2, "and two that take something back");
	OK(count(expected, "i5.c2.3.0123456789abcdef@station.example 0 ") == 1,
	    "what was taken back and is there after all is told from the beginning");
	OK(count(expected, "2023-11-15 07:27:06.100 JST から観測されていませんでした") == 1,
	    "a relapse tells when it was seen before");
	for (int death = DEATH_BEFORE; death < DEATH_COUNT; death++)
		for (size_t i = 0; i < STEPS; i++) {
			char name[128];
			(void)snprintf(name, sizeof name, "a keeper that dies at \"%s\", %s",
			    steps[i].what, deaths[death]);
			OK(is_same(expected, tell(i, (enum death)death, false)), name);
		}
	OK(is_same(expected, tell(0, DEATH_NEVER, true)), "keepers that die all the time");
	free(expected);
	return test_done();
}
