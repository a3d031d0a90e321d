/*
 * Duties that share channels and relays, and are killed at random; the order of stopping; tables
 * that are wrong; the table as it is printed. HINOMI_SOAK makes it long.
 */
#include "duty_help.h"

#include "base/random.h"
#include "proc/duty_layout.h"

enum {
	FIRST,
	SECOND,
	ROUNDS = 10,
	SOAK_ROUNDS = 1000,
};

static const char *const toy[] = {"test", "duty", "worker", NULL};
static const struct duty rows[] = {
    {.name = "first", .may = "talk and write", .arguments = toy},
    {.name = "second", .may = "talk and read", .arguments = toy, .user = "nobody"},
};
static const struct duty_link links[] = {
    {.name = "talk", .kind = DUTY_CHANNEL, .from = FIRST, .to = SECOND},
    {.name = "records",
	.kind = DUTY_RELAY,
	.from = FIRST,
	.to = SECOND,
	.room_bytes = 65536,
	.record_max_bytes = 100},
};
static const struct duty_table table = {rows, 2, links, 2, NULL, 0};

static bool both_ready(size_t from)
{
	return world_await(DUTY_READY, FIRST, from) != NULL &&
	       world_await(DUTY_READY, SECOND, from) != NULL;
}

/* What one says arrives at the other, if not at once then soon: a new end may be on its way. */
static bool talks(size_t speaker, int64_t number)
{
	size_t listener = 1 - speaker;
	for (int i = 0; i < 200; i++) {
		size_t before = world.reports[listener];
		const struct report answered = {speaker, world.reports[speaker]};
		if (world_order(speaker, "talk", number) != 0 ||
		    !world_until(world_has_report, &answered))
			return false;
		world_pass(20000);
		if (world.reports[listener] > before &&
		    strcmp(world.word[listener], "heard") == 0 && world.number[listener] == number)
			return true;
	}
	return false;
}

/* Whatever is written comes to the reader. */
static bool records_pass(int64_t number)
{
	const struct report read = {SECOND, world.reports[SECOND]};
	return world_ask(FIRST, "put", number, "put", 0) && world_until(world_has_report, &read) &&
	       strcmp(world.word[SECOND], "record") == 0 && world.number[SECOND] == number;
}

static void test_links(void)
{
	world_open(&table);
	OK(both_ready(0), "two duties are ready");
	OK(talks(FIRST, 5) && talks(SECOND, 6), "they talk, both ways");
	OK(records_pass(7), "and pass records");

	size_t from = world.event_count;
	duties_kill(world.duties, SECOND);
	OK(world_await(DUTY_DIED, SECOND, from) != NULL, "one is killed");
	OK(world_ask(FIRST, "put", 8, "put", 0) && world_ask(FIRST, "put", 9, "put", 0),
	    "the other goes on");
	const struct report read = {SECOND, world.reports[SECOND] + 1};
	OK(world_await(DUTY_READY, SECOND, from) != NULL && world_until(world_has_report, &read) &&
		world.number[SECOND] == 9,
	    "a new one reads what was written meanwhile");
	OK(talks(FIRST, 10) && talks(SECOND, 11), "and is talked to over a new channel");

	from = world.event_count;
	duties_kill(world.duties, FIRST);
	OK(world_await(DUTY_READY, FIRST, from) != NULL && talks(FIRST, 12) && talks(SECOND, 13) &&
		records_pass(14),
	    "the other way round as well");
	OK(world_find(DUTY_DIED, SECOND, from) == NULL, "without harm for its peer");
	from = world.event_count;
	duties_kill(world.duties, FIRST);
	duties_kill(world.duties, SECOND);
	OK(both_ready(from) && talks(FIRST, 15) && talks(SECOND, 16) && records_pass(17),
	    "and when both die at once");
	world_close();
}

static int count_descriptors(void)
{
	int count = 0;
	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* Killed at any moment: while starting, getting ends, ready. */
static void test_random_deaths(int rounds)
{
	struct random random;
	uint64_t seed = (uint64_t)getpid();
	int failures = 0;
	random_init(&random, seed);
	world_open(&table);
	bool all = both_ready(0) && talks(FIRST, 1);
	int before = count_descriptors();
	for (int i = 0; all && i < rounds; i++) {
		size_t from = world.event_count;
		for (uint64_t kills = 1 + random_below(&random, 4); kills > 0; kills--) {
			duties_kill(world.duties, random_below(&random, 2));
			world_pass((int64_t)random_below(&random, 150000));
		}
		world_pass(50000); /* the last one's death is known */
		/* Whoever was killed will be ready again. */
		for (size_t duty = 0; all && duty < 2; duty++) {
			const struct duty_event *died = world_find(DUTY_DIED, duty, from);
			all = died == NULL ||
			      world_await(DUTY_READY, duty, (size_t)(died - world.events)) != NULL;
		}
		world_pass(50000);
		all = all && talks(FIRST, i) && talks(SECOND, i) && records_pass(i);
		failures += world_find(DUTY_WAS_SILENT, FIRST, from) != NULL ||
			    world_find(DUTY_WAS_WRONG, FIRST, from) != NULL ||
			    world_find(DUTY_FAILED, FIRST, from) != NULL;
		world.event_count = all ? 0 : world.event_count;
		/* Else the waits would grow. */
		if (i % 2 == 1) {
			world_close();
			world_open(&table);
			all = all && both_ready(0) && talks(FIRST, i);
		}
	}
	OK(all && failures == 0, "killed at random moments, both always find each other again");
	OK(count_descriptors() == before, "the parent keeps no descriptor of the dead");
	printf("# %d rounds, seed %llu\n", rounds, (unsigned long long)seed);
	world_close();
}

static void test_stages(void)
{
	static const struct duty staged[] = {
	    {.name = "a", .arguments = toy, .stop_stage = 1},
	    {.name = "b", .arguments = toy, .stop_stage = 0, .stop_us = 300000},
	    {.name = "c", .arguments = toy, .stop_stage = 7},
	    {.name = "d", .arguments = toy, .stop_stage = 1},
	};
	static const struct duty_table stages = {staged, 4, NULL, 0, NULL, 0};
	static const size_t order[] = {1, 0, 3, 2};
	world_open(&stages);
	bool ready = true;
	for (size_t i = 0; i < 4; i++)
		ready = ready && world_await(DUTY_READY, i, 0) != NULL;
	OK(ready && world_order(1, "stubborn", 0) == 0, "four duties in three stages");
	world_pass(50000);
	size_t from = world.event_count;
	duties_stop(world.duties);
	OK(world_until(world_is_stopped, NULL) && world.stopped == 1, "are stopped");
	bool in_order = true;
	size_t last = from;
	for (size_t i = 0; i < 4; i++) {
		const struct duty_event *end = world_find(DUTY_STOPPED, order[i], from);
		if (end == NULL)
			end = world_find(DUTY_DIED, order[i], from);
		size_t at = end == NULL ? 0 : (size_t)(end - world.events);
		/* Within a stage in any order. */
		in_order = in_order && end != NULL && (i == 2 || at >= last);
		last = i == 1 || i == 2 ? last : at;
	}
	OK(in_order && world_find(DUTY_WAS_STUCK, 1, from) != NULL,
	    "a stage only when the one before is gone, however it went");
	world_close();
}

static bool refuses(const struct duty_table *wrong, const char *words)
{
	struct complaint complaint = {""};
	bool refused =
	    duty_table_check(wrong, &complaint) == -EINVAL && strstr(complaint.text, words) != NULL;
	if (!refused)
		printf("# %s\n", complaint.text);
	return refused;
}

static void test_tables(void)
{
	struct duty many[DUTIES_MAX + 1];
	char names[DUTIES_MAX + 1][8];
	struct duty_link wrong = links[0];
	static struct duty_link links_many[DUTY_LINKS_MAX + 1];
	for (size_t i = 0; i <= DUTIES_MAX; i++) {
		(void)snprintf(names[i], sizeof names[i], "d%zu", i); /* fits */
		many[i] = (struct duty){.name = names[i], .may = "", .arguments = toy};
	}
	struct duty_table tried = {many, DUTIES_MAX, NULL, 0, NULL, 0};
	OK(duty_table_check(&tried, NULL) == 0 && duty_table_check(&table, NULL) == 0,
	    "a table may be full");
	tried.duty_count++;
	OK(refuses(&tried, "duties: 33, expected at most 32"), "one duty more is refused");
	tried = (struct duty_table){rows, 2, links_many, DUTY_LINKS_MAX + 1, NULL, 0};
	OK(refuses(&tried, "links: 65"), "one link more");

	many[1].name = "d0";
	tried = (struct duty_table){many, 2, NULL, 0, NULL, 0};
	OK(refuses(&tried, "duty d0: expected a name of its own"), "a name twice");
	many[1].name = "a-name-of-thirty-two-bytes-------";
	OK(refuses(&tried, "expected a name"), "a name too long");
	many[1] = (struct duty){.name = "x"};
	OK(refuses(&tried, "duty x: expected arguments"), "no arguments");

	tried = (struct duty_table){rows, 2, &wrong, 1, NULL, 0};
	wrong.to = 2;
	OK(refuses(&tried, "link talk: expected two duties"), "a link to nobody");
	wrong.to = wrong.from;
	OK(refuses(&tried, "link talk: expected two duties"), "a link to itself");
	wrong = links[1];
	wrong.record_max_bytes = RELAY_RECORD_MAX_BYTES + 1;
	OK(refuses(&tried, "link records: records of"), "records too large");

	static const char *paths[DUTY_PATHS_MAX + 2];
	static const uint16_t ports[DUTY_PORTS_MAX + 1];
	static struct duty_descriptor given[DUTY_DESCRIPTORS_MAX + 1];
	for (size_t i = 0; i <= DUTY_PATHS_MAX; i++)
		paths[i] = "/etc";
	many[1] = (struct duty){.name = "x", .arguments = toy, .profile = {.read_paths = paths}};
	tried = (struct duty_table){many, 2, NULL, 0, NULL, 0};
	OK(refuses(&tried, "paths of a duty: 17"), "one path more");
	many[1].profile = (struct sandbox_profile){
	    .connect_ports = ports, .connect_port_count = DUTY_PORTS_MAX + 1};
	OK(refuses(&tried, "ports of a duty: 17"), "one port more");
	tried = (struct duty_table){rows, 1, NULL, 0, given, DUTY_DESCRIPTORS_MAX + 1};
	OK(refuses(&tried, "descriptors of a duty: 17"), "one descriptor more");
	given[0] = (struct duty_descriptor){.duty = 5, .name = "socket"};
	tried.descriptor_count = 1;
	OK(refuses(&tried, "descriptor socket: expected a duty"), "a descriptor for nobody");
}

static void test_unknown_user(void)
{
	if (geteuid() != 0) {
		printf("ok %d - users # SKIP only root can become somebody else\n", ++test_count);
		return;
	}
	const struct duty row = {.name = "x", .arguments = toy, .user = "no-such-user-of-hinomi"};
	const struct duty_table wrong = {&row, 1, NULL, 0, NULL, 0};
	const struct duties_handler handler = {NULL, NULL, NULL, NULL};
	struct duties *duties;
	struct loop *loop;
	struct complaint complaint = {""};
	int error = loop_new(&loop_clock_system, &loop);
	OK(error == 0 && duties_new(loop, &wrong, &handler, &duties, &complaint) == -ENOENT &&
		strcmp(complaint.text, "no-such-user-of-hinomi: not known, expected a user of this "
				       "system") == 0,
	    "an unknown user is named");
	loop_free(loop);
}

static void test_explain(void)
{
	char *text = NULL;
	size_t bytes = 0;
	struct sandbox_state state;
	char described[SANDBOX_TEXT_BYTES];
	char expected[SANDBOX_TEXT_BYTES + 128];
	FILE *out = open_memstream(&text, &bytes);
	assert(out != NULL);
	duty_explain(out, &table);
	int error = fclose(out);
	assert(error == 0);
	sandbox_expect(&rows[1].profile, &state);
	sandbox_describe(&state, described);
	const char *line = strstr(text, "\nsecond");
	(void)snprintf(expected, sizeof expected, "\nsecond  %s", /* fits */
	    geteuid() == 0 ? "nobody               talk and read" : "as now");
	OK(strncmp(text, "DUTY    USER", 12) == 0 && strstr(text, "\nparent  ") != NULL &&
		strstr(text, "\nfirst   ") != NULL && line != NULL &&
		strncmp(line, expected, strlen(expected)) == 0,
	    "the table is printed, a line for each");
	OK(line != NULL && strlen(line) > strlen(described) &&
		strcmp(line + strlen(line) - strlen(described) - 1 - 0, described) != 0 &&
		strncmp(
		    line + strlen(line) - strlen(described) - 1, described, strlen(described)) == 0,
	    "with what this kernel enforces");
	printf("# %.*s\n", (int)strcspn(text, "\n"), text);
	free(text);
}

/* The layout, written and read; cut at each length it is none. */
static void test_layout(void)
{
	static uint8_t bytes[MESSAGE_PAYLOAD_MAX_BYTES];
	static struct duty_layout layout;
	static const char *const paths[] = {"/etc", "/srv/station", NULL};
	static const uint16_t ports[] = {25, 443};
	const struct duty row = {
	    .name = "courier",
	    .arguments = toy,
	    .profile = {.read_paths = paths,
		.keep_dir = "/srv",
		.may_connect = true,
		.connect_ports = ports,
		.connect_port_count = 2},
	    .is_strict = true,
	};
	const struct duty both[] = {rows[0], row};
	const struct duty_descriptor given[] = {{1, "lock", 5}, {0, "other", 6}, {1, "gone", -1}};
	const struct duty_table tried = {both, 2, links, 2, given, 3};
	const struct privilege user = {65534, 65533};
	struct pack pack = pack_over(bytes, sizeof bytes);
	duty_layout_write(&pack, &tried, 1, &user);
	struct cursor cursor = cursor_over(bytes, pack.used);
	OK(pack_ok(&pack) && duty_layout_read(&cursor, &layout) &&
		strcmp(layout.name, "courier") == 0 && layout.is_strict && !layout.is_mute &&
		layout.becomes_user && layout.user.uid == 65534 && layout.user.gid == 65533,
	    "what a duty is, is read as it was written");
	const struct sandbox_profile *profile = &layout.profile;
	OK(strcmp(profile->keep_dir, "/srv") == 0 && profile->write_dir == NULL &&
		strcmp(profile->read_paths[1], "/srv/station") == 0 &&
		profile->read_paths[2] == NULL && profile->may_connect && !profile->may_thread &&
		profile->may_message && profile->connect_port_count == 2 &&
		profile->connect_ports[1] == 443,
	    "and what it may");
	OK(layout.link_count == 2 && strcmp(layout.links[0].name, "talk") == 0 &&
		!layout.links[0].is_relay && layout.links[1].is_relay && !layout.links[1].is_from &&
		layout.links[1].record_max_bytes == 100 && layout.descriptor_count == 1 &&
		strcmp(layout.descriptors[0], "lock") == 0,
	    "and what it has");
	bool all = true;
	for (size_t i = 0; i < pack.used; i++) {
		cursor = cursor_over(bytes, i);
		all = all && !duty_layout_read(&cursor, &layout);
	}
	bytes[pack.used] = 0;
	cursor = cursor_over(bytes, pack.used + 1);
	OK(all && !duty_layout_read(&cursor, &layout), "cut anywhere, or longer, it is none");
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "duty") == 0)
		return toy_run(argv[2]);
	test_layout();
	test_tables();
	test_unknown_user();
	test_explain();
	test_links();
	test_stages();
	test_random_deaths(getenv("HINOMI_SOAK") != NULL ? SOAK_ROUNDS : ROUNDS);
	return test_done();
}
