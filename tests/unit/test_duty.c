/*
 * One duty at a time, and what becomes of it; duties that share something are in test_duty_links.
 */
#include "duty_help.h"

#include <dirent.h>

#include "proc/duty_backoff.h"
#include "proc/duty_layout.h"
#include "sandbox_help.h"

static const char *const worker[] = {"test", "duty", "worker", NULL};
static const char *const late[] = {"test", "duty", "late", NULL};
static const char *const wrong[] = {"test", "duty", "wrong", NULL};
static const char *const early[] = {"test", "duty", "early", NULL};
static const char *const opener[] = {"test", "duty", "opener", NULL};
static const char *const unable[] = {"test", "duty", "unable", NULL};
static const char *const unknown[] = {"test", "duty", NULL};

/* A table of one. */
static struct duty only;
static struct duty_descriptor given = {0, "given", -1};
static const struct duty_table table = {&only, 1, NULL, 0, &given, 1};

static const struct duty_event *open_one(const char *const *arguments, struct duty row)
{
	row.name = "worker";
	row.may = "play";
	row.arguments = arguments;
	row.silent_us = row.silent_us > 0 ? row.silent_us : 2000000;
	only = row;
	world_open(&table);
	return world_find(DUTY_STARTED, 0, 0);
}

static bool is_ready(const struct duty_event *event)
{
	return event != NULL && event->kind == DUTY_READY && event->sandbox.seccomped &&
	       event->sandbox.no_new_privs;
}

/* A field of /proc/PID/status: what stands behind it. */
static void find_field(pid_t pid, const char *field, char out[static 256])
{
	char path[64];
	char line[256];
	out[0] = '\0';
	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid); /* fits */
	FILE *file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof line, file) != NULL) {
		size_t bytes = strlen(field);
		if (strncmp(line, field, bytes) == 0 && line[bytes] == ':')
			(void)snprintf(out, 256, "%s",
			    line + bytes + strspn(line + bytes, ":\t ")); /* is no longer */
	}
	if (file != NULL)
		(void)fclose(file); /* was only read */
	out[strcspn(out, "\n")] = '\0';
}

static bool field_is(pid_t pid, const char *field, const char *expected)
{
	char found[256];
	find_field(pid, field, found);
	bool same = strcmp(found, expected) == 0;
	if (!same)
		printf("# %s: \"%s\", expected \"%s\"\n", field, found, expected);
	return same;
}

/* The descriptors of a process, as digits: "01234". */
static void list_descriptors(pid_t pid, char out[static 64])
{
	char path[64];
	size_t count = 0;
	(void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid); /* fits */
	DIR *dir = opendir(path);
	bool has[64] = {false};
	for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;)
		if (entry->d_name[0] != '.' && strtoul(entry->d_name, NULL, 10) < 10)
			has[strtoul(entry->d_name, NULL, 10)] = true;
		else if (entry->d_name[0] != '.')
			has[63] = true;
	for (int i = 0; i < 64; i++)
		if (has[i])
			out[count++] = i < 10 ? (char)('0' + i) : '+';
	out[count] = '\0';
	if (dir != NULL)
		(void)closedir(dir); /* was only read */
}

static void test_life(void)
{
	char fds[64];
	int stray = open("/dev/null", O_RDWR); /* inherited, if nobody took care */
	const struct duty_event *started = open_one(worker, (struct duty){0});
	OK(started != NULL && started->pid > 0 && started->starts == 1, "a duty is started");
	const struct duty_event *ready = world_await(DUTY_READY, 0, 0);
	OK(is_ready(ready), "it is ready, in a sandbox");
	OK(field_is(started->pid, "Name", "worker") && field_is(started->pid, "NoNewPrivs", "1") &&
		field_is(started->pid, "Seccomp", "2"),
	    "as the kernel says too");
	list_descriptors(started->pid, fds);
	OK(strcmp(fds, "01234") == 0, "it has a channel and a loop, and no other descriptor");
	printf("# descriptors %s\n", fds);
	OK(world_ask(0, "echo", 42, "echo", 42), "messages go both ways");
	OK(world_ask(0, "open", 0, "open", EACCES) || world.number[0] == EPERM, "it opens no file");
	OK(world_ask(0, "given", 0, "given", -ENOENT), "it was given nothing");
	duties_stop(world.duties);
	OK(world_until(world_is_stopped, NULL), "it is stopped");
	const struct duty_event *stopped = world_find(DUTY_STOPPED, 0, 0);
	OK(stopped != NULL && stopped->exit_status == 0 && stopped->restart_us == -1 &&
		world.event_count == 3 && world.stopped == 1,
	    "ends well, and nothing else was told");
	OK(duties_send(world.duties, 0, &(struct message){TYPE_ORDER, NULL, 0, -1}) == -ENOTCONN,
	    "nobody can talk to it any more");
	world_close();
	(void)close(stray); /* /dev/null */
}

static void test_rights(void)
{
	if (geteuid() != 0) {
		printf("ok %d - rights # SKIP only root can become somebody else\n", ++test_count);
		return;
	}
	static const char *const zeros = "0000000000000000";
	const struct duty_event *started = open_one(worker, (struct duty){.user = "nobody"});
	pid_t pid = started == NULL ? 0 : started->pid;
	OK(is_ready(world_await(DUTY_READY, 0, 0)) &&
		field_is(pid, "Uid", "65534\t65534\t65534\t65534") &&
		field_is(pid, "Gid", "65534\t65534\t65534\t65534") && field_is(pid, "Groups", ""),
	    "it becomes another user, in no other group");
	OK(field_is(pid, "CapEff", zeros) && field_is(pid, "CapPrm", zeros) &&
		field_is(pid, "CapInh", zeros) && field_is(pid, "CapBnd", zeros) &&
		field_is(pid, "CapAmb", zeros),
	    "without any capability, now or later");
	world_close();

	started = open_one(worker, (struct duty){0});
	pid = started == NULL ? 0 : started->pid;
	OK(is_ready(world_await(DUTY_READY, 0, 0)) && field_is(pid, "CapEff", zeros) &&
		field_is(pid, "CapBnd", zeros),
	    "who stays the same user has none either");
	world_close();

	started = open_one(opener, (struct duty){.user = "nobody", .drops_late = true});
	pid = started == NULL ? 0 : started->pid;
	OK(is_ready(world_await(DUTY_READY, 0, 0)) &&
		field_is(pid, "Uid", "65534\t65534\t65534\t65534") &&
		field_is(pid, "CapEff", zeros) && field_is(pid, "CapBnd", zeros),
	    "who drops late opens as root first, and has no right left when it is ready");
	world_close();

	started = open_one(opener, (struct duty){.user = "nobody"});
	const struct duty_event *died = world_await(DUTY_DIED, 0, 0);
	OK(started != NULL && died != NULL && died->exit_status == TOY_FAILED,
	    "who does not, cannot");
	world_close();
}

static void test_given(void)
{
	FILE *file = tmpfile();
	FILE *other = tmpfile();
	assert(file != NULL && other != NULL && fputs("x", file) >= 0 && fflush(file) == 0 &&
	       fputs("y", other) >= 0 && fflush(other) == 0);
	given.fd = fileno(file);
	(void)open_one(worker, (struct duty){.is_mute = true});
	OK(is_ready(world_await(DUTY_READY, 0, 0)) && world_ask(0, "given", 0, "given", 'x'),
	    "a duty reads what it was given");
	OK(world_ask(0, "write", 4, "write", EPERM), "a mute one writes to none of it");
	size_t from = world.event_count;
	OK(duties_set_descriptor(world.duties, 0, "given", fileno(other)) == 0 &&
		duties_set_descriptor(world.duties, 0, "other", 0) == -ENOENT &&
		world_ask(0, "given", 0, "given", 'x'),
	    "another one is given");
	duties_kill(world.duties, 0);
	OK(is_ready(world_await(DUTY_READY, 0, from)) && world_ask(0, "given", 0, "given", 'y'),
	    "from the next start on");
	from = world.event_count;
	OK(duties_set_descriptor(world.duties, 0, "given", -1) == 0, "then none");
	duties_kill(world.duties, 0);
	OK(is_ready(world_await(DUTY_READY, 0, from)) && world_ask(0, "given", 0, "given", -ENOENT),
	    "and it finds none");
	world_close();
	given.fd = -1;
	(void)fclose(file);  /* of the test */
	(void)fclose(other); /* likewise */
}

static void test_deaths(void)
{
	(void)open_one(worker, (struct duty){0});
	OK(is_ready(world_await(DUTY_READY, 0, 0)) && world_order(0, "exit", 3) == 0, "one ends");
	const struct duty_event *died = world_await(DUTY_DIED, 0, 0);
	OK(died != NULL && died->exit_status == 3 && died->signal == 0 && died->pid > 0 &&
		died->restart_us == DUTY_BACKOFF_MIN_US && died->lived_us > 0,
	    "its status is told, and when it is started again");
	size_t from = world.event_count;
	const struct duty_event *ready = world_await(DUTY_READY, 0, from);
	OK(is_ready(ready) && ready->starts == 2 && ready->pid != died->pid, "which it is");
	OK(world_order(0, "abort", 0) == 0, "it crashes");
	died = world_await(DUTY_DIED, 0, from);
	OK(died != NULL && died->exit_status == -1 && died->signal == SIGABRT &&
		died->restart_us == 2 * DUTY_BACKOFF_MIN_US,
	    "the signal is told; it waits twice as long");
	from = world.event_count;
	OK(is_ready(world_await(DUTY_READY, 0, from)) && world_order(0, "last", 7) == 0,
	    "it is there again, says something and ends at once");
	died = world_await(DUTY_DIED, 0, from);
	OK(died != NULL && died->exit_status == 0 && strcmp(world.word[0], "last") == 0 &&
		world.number[0] == 7,
	    "what it said last is heard; to end unasked is to die");
	duties_stop(world.duties);
	OK(world_until(world_is_stopped, NULL) && world_find(DUTY_STOPPED, 0, 0) == NULL,
	    "one that waits to be started is not started for being stopped");
	world_close();
}

static const struct {
	const char *name;
	const char *const *arguments;
	const char *order;
	enum duty_event_kind kind;
	int64_t ready_us;
} faults[] = {
    {"never ready", late, NULL, DUTY_WAS_LATE, 300000},
    {"says what is no message", wrong, NULL, DUTY_WAS_WRONG, 0},
    {"answers what was not asked", early, NULL, DUTY_WAS_WRONG, 0},
    {"no longer answers", worker, "hang", DUTY_WAS_SILENT, 0},
};

static void test_faults(void)
{
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		(void)open_one(faults[i].arguments,
		    (struct duty){.ready_us = faults[i].ready_us, .silent_us = 400000});
		if (faults[i].order != NULL && is_ready(world_await(DUTY_READY, 0, 0)))
			(void)world_order(0, faults[i].order, 0); /* told by what follows */
		const struct duty_event *fault = world_await(faults[i].kind, 0, 0);
		const struct duty_event *died = world_await(DUTY_DIED, 0, 0);
		OK(fault != NULL && died != NULL && died->signal == SIGKILL &&
			died->restart_us > 0 && died->pid == fault->pid,
		    faults[i].name);
		world_close();
	}

	(void)open_one(worker, (struct duty){.silent_us = 1000000});
	OK(is_ready(world_await(DUTY_READY, 0, 0)), "one that answers");
	world_pass(2500000);
	OK(world.event_count == 2, "is left in peace");
	/* As if this process had been stopped for long: nobody else is to blame. */
	(void)poll(NULL, 0, 1800);
	world_pass(300000);
	OK(world.event_count == 2, "also when it was the parent that was away");
	world_close();

	(void)open_one(unable, (struct duty){0});
	const struct duty_event *died = world_await(DUTY_DIED, 0, 0);
	OK(died != NULL && died->exit_status == 3 && strcmp(world.word[0], "unable") == 0 &&
		world.number[0] == 7,
	    "one that cannot begin says why before it ends");
	world_close();

	(void)open_one(unknown, (struct duty){0});
	died = world_await(DUTY_DIED, 0, 0);
	OK(died != NULL && died->exit_status == 1, "a program that knows no such duty ends");
	world_close();
}

static void test_stop(void)
{
	(void)open_one(worker, (struct duty){.stop_us = 200000});
	OK(is_ready(world_await(DUTY_READY, 0, 0)) && world_order(0, "stubborn", 0) == 0 &&
		world_ask(0, "echo", 1, "echo", 1),
	    "one that will not end");
	duties_stop(world.duties);
	duties_stop(world.duties);
	OK(world_until(world_is_stopped, NULL) && world_find(DUTY_WAS_STUCK, 0, 0) != NULL,
	    "is killed");
	const struct duty_event *died = world_find(DUTY_DIED, 0, 0);
	world_pass(200000);
	OK(died != NULL && died->signal == SIGKILL && died->restart_us == -1 && world.stopped == 1,
	    "and not started again");
	world_close();

	(void)open_one(worker, (struct duty){0});
	duties_stop(world.duties);
	OK(world_until(world_is_stopped, NULL) && world.stopped == 1 &&
		world_find(DUTY_STOPPED, 0, 0) != NULL,
	    "one that was only just started is stopped too, and ends in order");
	world_close();
	(void)open_one(worker, (struct duty){0});
	world_close();
	OK(true, "those who are left are killed when all is freed");
}

static size_t count_events(enum duty_event_kind kind)
{
	size_t count = 0;
	for (size_t i = 0; i < world.event_count; i++)
		count += world.events[i].kind == kind;
	return count;
}

/* Anew, in order: for other descriptors. */
static void test_one(void)
{
	(void)open_one(worker, (struct duty){.is_reserve = true});
	OK(count_events(DUTY_STARTED) == 0 && !duties_stop_one(world.duties, 0),
	    "a reserve is not started, and needs no stop");
	duties_start_one(world.duties, 0);
	OK(is_ready(world_await(DUTY_READY, 0, 0)), "until it is asked for");
	duties_start_one(world.duties, 0);
	OK(duties_stop_one(world.duties, 0) && duties_stop_one(world.duties, 0) &&
		world_await(DUTY_STOPPED, 0, 0) != NULL,
	    "it ends when it is asked to");
	OK(count_events(DUTY_STARTED) == 1, "and is not started by itself, nor twice");
	const size_t seen = world.event_count;
	duties_start_one(world.duties, 0);
	OK(is_ready(world_await(DUTY_READY, 0, seen)), "then again");
	OK(duties_stop_one(world.duties, 0) && world_await(DUTY_STOPPED, 0, seen) != NULL,
	    "and ends");
	duties_stop(world.duties);
	duties_start_one(world.duties, 0);
	OK(world_until(world_is_stopped, NULL) && count_events(DUTY_STARTED) == 2,
	    "after the end nobody is started");
	world_close();
}

static void test_backoff(void)
{
	int64_t us = 0;
	bool doubles = true;
	for (int64_t expected = DUTY_BACKOFF_MIN_US; expected < DUTY_BACKOFF_MAX_US;
	     expected *= 2) {
		us = duty_backoff_us(us, 0);
		doubles = doubles && us == expected;
	}
	OK(doubles, "who dies again and again waits twice as long each time");
	us = duty_backoff_us(us, DUTY_LIVED_WELL_US - 1);
	OK(us == DUTY_BACKOFF_MAX_US && duty_backoff_us(us, 0) == DUTY_BACKOFF_MAX_US,
	    "up to half a minute");
	OK(duty_backoff_us(us, DUTY_LIVED_WELL_US) == DUTY_BACKOFF_MIN_US,
	    "who lived for a minute begins anew");
}

/* In a child that hides Landlock: how a duty that names files ended, 255 when it did not. */
static int status_without_landlock(bool is_strict)
{
	(void)fflush(stdout); /* else the child would print it too */
	pid_t child = fork();
	if (child == 0) {
		int devnull = open("/dev/null", O_WRONLY | O_CLOEXEC);
		(void)dup2(devnull, STDERR_FILENO); /* what it complains of is not shown */
		hide_landlock();
		(void)open_one(
		    worker, (struct duty){.profile = {.keep_dir = "/tmp"}, .is_strict = is_strict});
		const struct duty_event *event =
		    world_await(is_strict ? DUTY_DIED : DUTY_READY, 0, 0);
		int status = event == NULL               ? 255
			     : event->kind == DUTY_READY ? (int)event->sandbox.lacks
							 : event->exit_status;
		world_close();
		_exit(status);
	}
	int status = wait_for(child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static void test_strict(void)
{
	OK(status_without_landlock(false) == SANDBOX_LACKS_FILES,
	    "where the kernel cannot hold it to its files, that is told");
	OK(status_without_landlock(true) == TOY_FAILED, "a strict one does not work then");
}

/* Runs the program as somebody might by hand. Its exit status, or -1. */
static int run_by_hand(void)
{
	(void)fflush(stdout); /* else the child would print it too */
	pid_t child = fork();
	if (child == 0) {
		int devnull = open("/dev/null", O_WRONLY | O_CLOEXEC);
		(void)dup2(devnull, STDERR_FILENO); /* what it complains of is not shown */
		(void)dup2(devnull, DUTY_FIRST_FD); /* is open, but no channel */
		(void)execv("/proc/self/exe", (char *const *)(uintptr_t)worker);
		_exit(1);
	}
	int status = wait_for(child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A process that has duties, and dies: its number, and the numbers of its duties. */
static pid_t start_parent(bool drops_late, pid_t ret_duties[static 2])
{
	int fds[2];
	struct duty rows[2] = {{.name = "one", .arguments = worker, .drops_late = drops_late},
	    {.name = "two", .arguments = late}};
	const struct duty_table both = {rows, 2, NULL, 0, NULL, 0};
	int error = pipe(fds);
	(void)fflush(stdout); /* else the child would print it too */
	pid_t child = fork();
	assert(error == 0 && child >= 0);
	if (child == 0) {
		world_open(&both);
		const struct duty_event *one = world_await(DUTY_READY, 0, 0);
		const struct duty_event *two = world_find(DUTY_STARTED, 1, 0);
		pid_t pids[2] = {
		    one == NULL ? 0 : one->pid,
		    two == NULL ? 0 : two->pid,
		};
		ssize_t written = write(fds[1], pids, sizeof pids);
		(void)written; /* shorter, it is not believed */
		for (;;)
			(void)poll(NULL, 0, 1000); /* until it is killed */
	}
	(void)close(fds[1]); /* the child's */
	ssize_t got = read(fds[0], ret_duties, 2 * sizeof(pid_t));
	(void)close(fds[0]); /* was read */
	assert(got == 2 * sizeof(pid_t));
	return child;
}

static bool are_gone(const pid_t pids[static 2])
{
	for (int i = 0; i < PATIENCE_S * 100; i++) {
		char state[256];
		bool gone = true;
		for (int j = 0; j < 2; j++) {
			/* Whoever inherits them may be slow to look: a zombie is gone. */
			find_field(pids[j], "State", state);
			gone = gone && (state[0] == '\0' || state[0] == 'Z' || state[0] == 'X');
		}
		if (gone)
			return true;
		(void)poll(NULL, 0, 10);
	}
	return false;
}

static void test_orphans(void)
{
	pid_t duties[2];
	for (int i = 0; i < 2; i++) {
		pid_t parent = start_parent(i == 1, duties);
		char state[256];
		find_field(duties[0], "State", state);
		bool were_there = duties[0] > 0 && duties[1] > 0 && state[0] != '\0';
		int error = kill(parent, SIGKILL);
		(void)wait_for(parent); /* was killed */
		OK(were_there && error == 0 && are_gone(duties),
		    i == 0 ? "no duty outlives its parent" : "nor one that drops its rights late");
	}
	OK(run_by_hand() == TOY_FAILED, "a duty is not started by hand");
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "duty") == 0)
		return toy_run(argv[2]);
	if (argc > 1)
		return 1;
	test_life();
	test_rights();
	test_given();
	test_deaths();
	test_faults();
	test_stop();
	test_one();
	test_backoff();
	test_strict();
	test_orphans();
	return test_done();
}
