/*
 * Both sides of a relay in processes of their own: killed at random moments, at full speed, and
 * with a third that scribbles over everything.
 *
 * A page that all share stands for what survives: how far each writer was told that it had written,
 * and what the reader "committed". HINOMI_SOAK makes it long.
 */
#include "proc/relay.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "base/when.h"
#include "test.h"

enum {
	ROOM = 64 << 10,
	RECORD_MAX = 4000,
	HEAD_BYTES = 16, /* the writer's number and its record's */
	LIVES_MAX = 20000,
	ROUNDS = 300,
	SOAK_ROUNDS = 10000,
	KILL_WITHIN_US = 3000,
	COMMIT_RECORDS = 16, /* read before they are committed and taken */
	COMMIT_US = 100,     /* as a database would take */
	SPEED_RECORDS = 50000,
	SCRIBBLES = 10000,
	SOAK_SCRIBBLES = 100000,
	COUNTERS_BYTES = 4096,
};

struct lasting {
	uint64_t lives;                /* writers so far */
	uint64_t told[LIVES_MAX];      /* to each: so many of its records are written */
	uint64_t committed[LIVES_MAX]; /* of each */
	uint64_t again;                /* records read twice, since a reader died in between */
	uint64_t holes;
	uint64_t damaged;
	uint64_t refused;
};

static struct lasting *lasting;
static int fds[2];

static struct relay *open_side(enum relay_side side)
{
	struct relay *relay;
	int copies[2] = {
	    fcntl(fds[0], F_DUPFD_CLOEXEC, 0),
	    fcntl(fds[1], F_DUPFD_CLOEXEC, 0),
	};
	assert(copies[0] >= 0 && copies[1] >= 0);
	int error = relay_open(copies, side, RECORD_MAX, &relay);
	assert(error == 0);
	return relay;
}

/* What a record of this writer and number looks like. */
static size_t make_record(uint64_t life, uint64_t number, uint8_t record[static RECORD_MAX])
{
	struct random random;
	random_init(&random, life << 32 ^ number);
	size_t count = HEAD_BYTES + random_below(&random, RECORD_MAX - HEAD_BYTES);
	memcpy(record, &life, sizeof life);
	memcpy(record + sizeof life, &number, sizeof number);
	memset(record + HEAD_BYTES, (int)random_below(&random, 256), count - HEAD_BYTES);
	return count;
}

static void sleep_us(int64_t us)
{
	struct timespec time = {.tv_nsec = us * 1000};
	(void)nanosleep(&time, NULL); /* shorter does no harm */
}

/* For ever. */
static void write_all(uint64_t life)
{
	static uint8_t record[RECORD_MAX];
	struct relay *relay = open_side(RELAY_WRITER);
	for (uint64_t number = 0;; number++) {
		size_t count = make_record(life, number, record);
		while (relay_write(relay, record, count) != 0) {
			lasting->refused++;
			sleep_us(50);
		}
		__atomic_store_n(&lasting->told[life], number + 1, __ATOMIC_SEQ_CST);
	}
}

/* Puts it beside what is committed, if it is the next one of its writer. */
static void judge(const uint8_t *bytes, size_t count, uint64_t next[static LIVES_MAX])
{
	static uint8_t expected[RECORD_MAX];
	uint64_t life = LIVES_MAX;
	uint64_t number = 0;
	if (count >= HEAD_BYTES) {
		memcpy(&life, bytes, sizeof life);
		memcpy(&number, bytes + sizeof life, sizeof number);
	}
	if (life >= LIVES_MAX || make_record(life, number, expected) != count ||
	    memcmp(bytes, expected, count) != 0)
		lasting->damaged++;
	else if (number < next[life])
		lasting->again++;
	else if (number > next[life])
		lasting->holes++;
	else
		next[life]++;
}

static void commit(struct relay *relay, const uint64_t next[static LIVES_MAX])
{
	for (uint64_t life = 0; life < lasting->lives; life++)
		__atomic_store_n(&lasting->committed[life], next[life], __ATOMIC_SEQ_CST);
	sleep_us(COMMIT_US);
	relay_take(relay);
}

/* Until there is nothing more; for ever where `waits`. */
static void read_all(bool waits)
{
	static uint64_t next[LIVES_MAX];
	struct relay *relay = open_side(RELAY_READER);
	memcpy(next, lasting->committed, sizeof next);
	int unsaved = 0;
	for (;;) {
		const uint8_t *bytes;
		size_t count;
		int result = relay_read(relay, &bytes, &count);
		if (result < 0)
			lasting->damaged++;
		if (result == 1)
			judge(bytes, count, next);
		if (result != 1 || ++unsaved == COMMIT_RECORDS) {
			commit(relay, next);
			unsaved = 0;
		}
		if (result == 1)
			continue;
		if (!waits)
			break;
		struct pollfd fd = {.fd = relay_wake_fd(relay), .events = POLLIN};
		(void)poll(&fd, 1, -1); /* looks again in any case */
	}
	relay_close(relay);
}

static pid_t start(enum relay_side side)
{
	pid_t parent = getpid();
	uint64_t life = lasting->lives;
	assert(life < LIVES_MAX);
	lasting->lives += side == RELAY_WRITER;
	pid_t child = fork();
	assert(child >= 0);
	if (child != 0)
		return child;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(1);
	if (side == RELAY_WRITER)
		write_all(life);
	read_all(true);
	_exit(0);
}

static void end(pid_t child)
{
	int status;
	int error = kill(child, SIGKILL);
	assert(error == 0);
	pid_t ended = waitpid(child, &status, 0);
	assert(ended == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void test_deaths(int rounds)
{
	struct random random;
	random_init(&random, (uint64_t)getpid());
	pid_t writer = start(RELAY_WRITER);
	pid_t reader = start(RELAY_READER);
	for (int i = 0; i < rounds; i++) {
		sleep_us((int64_t)random_below(&random, KILL_WITHIN_US));
		uint64_t who = random_below(&random, 3);
		if (who != 0)
			end(writer);
		if (who != 1)
			end(reader);
		if (who != 0)
			writer = start(RELAY_WRITER);
		if (who != 1)
			reader = start(RELAY_READER);
	}
	end(writer);
	end(reader);
	read_all(false);

	uint64_t told = 0;
	uint64_t committed = 0;
	bool all = true;
	for (uint64_t life = 0; life < lasting->lives; life++) {
		told += lasting->told[life];
		committed += lasting->committed[life];
		/* One that was written, but of which its writer was not told any more. */
		uint64_t more = lasting->committed[life] - lasting->told[life];
		all = all && more <= 1;
	}
	OK(all, "every record that a writer was told of is committed, and at most one more");
	OK(lasting->holes == 0, "each writer's records come without a hole");
	OK(lasting->damaged == 0, "none is torn");
	OK(told > (uint64_t)rounds && lasting->again > 0,
	    "and the rounds met work on its way on both sides");
	printf("# %d rounds, seed %d, writers %llu, told %llu, committed %llu, again %llu\n",
	    rounds, (int)getpid(), (unsigned long long)lasting->lives, (unsigned long long)told,
	    (unsigned long long)committed, (unsigned long long)lasting->again);
}

static int64_t now_us(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
	return (int64_t)now.tv_sec * WHEN_SECOND_US + now.tv_nsec / 1000;
}

static void write_many(void)
{
	static uint8_t record[RECORD_MAX];
	struct relay *relay = open_side(RELAY_WRITER);
	for (uint64_t number = 0; number < SPEED_RECORDS; number++) {
		memcpy(record, &number, sizeof number);
		while (relay_write(relay, record, 1000) != 0)
			sleep_us(20);
	}
	_exit(0);
}

static void test_speed(void)
{
	pid_t writer = fork();
	if (writer == 0)
		write_many();
	struct relay *relay = open_side(RELAY_READER);
	int64_t began_us = now_us();
	uint64_t next = 0;
	bool in_order = true;
	while (in_order && next < SPEED_RECORDS && now_us() - began_us < 60 * WHEN_SECOND_US) {
		const uint8_t *bytes;
		size_t count;
		if (relay_read(relay, &bytes, &count) == 1) {
			in_order = count == 1000 && memcmp(bytes, &next, sizeof next) == 0;
			next++;
			continue;
		}
		relay_take(relay);
		struct pollfd fd = {.fd = relay_wake_fd(relay), .events = POLLIN};
		(void)poll(&fd, 1, 1000); /* looks again in any case */
	}
	relay_take(relay);
	int64_t took_us = now_us() - began_us;
	OK(in_order && next == SPEED_RECORDS, "side by side all arrive in order");
	printf(
	    "# %d records of 1000 bytes in %lld ms\n", SPEED_RECORDS, (long long)(took_us / 1000));
	relay_close(relay);
	int status;
	OK(waitpid(writer, &status, 0) == writer && status == 0, "and the writer ends well");
}

/* Random words at random places, the counters more often than their share. */
static void scribble(uint64_t seed)
{
	struct random random;
	random_init(&random, seed);
	uint8_t *memory =
	    mmap(NULL, COUNTERS_BYTES + ROOM, PROT_READ | PROT_WRITE, MAP_SHARED, fds[0], 0);
	if (memory == MAP_FAILED)
		_exit(1);
	for (;;) {
		uint64_t place = random_below(&random, 3) == 0
				     ? random_below(&random, 128)
				     : random_below(&random, COUNTERS_BYTES + ROOM);
		uint64_t value = random_u64(&random) >> random_below(&random, 64);
		uint64_t there;
		if (place + sizeof value > COUNTERS_BYTES + ROOM)
			continue;
		memcpy(&there, memory + place, sizeof there);
		/* Often only a little beside what is there: that is what is nearly believed. */
		if (random_below(&random, 2) == 0)
			value = there + random_below(&random, 65) * 8 - 256;
		memcpy(memory + place, &value, sizeof value);
		if (random_below(&random, 3) == 0)
			sleep_us(1);
	}
}

static void test_scribbling(int reads)
{
	uint64_t seed = (uint64_t)getpid();
	pid_t writer = start(RELAY_WRITER);
	pid_t scribbler = fork();
	if (scribbler == 0)
		scribble(seed);
	struct relay *relay = open_side(RELAY_READER);
	struct relay_counts counts;
	bool within = true;
	int got[3] = {0, 0, 0};
	for (int i = 0; i < reads; i++) {
		const uint8_t *bytes;
		size_t count = 0;
		int result = relay_read(relay, &bytes, &count);
		within = within && (result == 0 || result == 1 || result == -EBADMSG) &&
			 count <= RECORD_MAX;
		got[result < 0 ? 2 : result]++;
		if (result != 1) {
			relay_take(relay);
			sleep_us(10);
		}
	}
	end(scribbler);
	end(writer);
	OK(within && got[2] > 0, "while another scribbles over everything, reading stays sane");
	printf("# seed %llu: %d records, %d times nothing, %d resets\n", (unsigned long long)seed,
	    got[1], got[0], got[2]);

	/* Afterwards all is well again. */
	struct relay *honest = open_side(RELAY_WRITER);
	bool through = false;
	for (int i = 0; !through && i < 4; i++) {
		const uint8_t *bytes;
		size_t count = 0;
		relay_take(relay);
		(void)relay_write(honest, "hello", 5); /* may be refused at first */
		while (relay_read(relay, &bytes, &count) == 1 && !through)
			through = count == 5 && memcmp(bytes, "hello", 5) == 0;
	}
	relay_get_counts(relay, &counts);
	OK(through && counts.resets >= (uint64_t)got[2], "and an honest writer gets through");
	relay_close(honest);
	relay_close(relay);
}

int main(void)
{
	bool soak = getenv("HINOMI_SOAK") != NULL;
	lasting =
	    mmap(NULL, sizeof *lasting, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int error = relay_make(ROOM, fds);
	assert(lasting != MAP_FAILED && error == 0);
	test_deaths(soak ? SOAK_ROUNDS : ROUNDS);
	test_speed();
	test_scribbling(soak ? SOAK_SCRIBBLES : SCRIBBLES);
	(void)close(fds[0]); /* memory only */
	(void)close(fds[1]); /* likewise */
	return test_done();
}
