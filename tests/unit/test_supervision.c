/*
 * What is told to systemd: by whom it wants to hear it, and in which words.
 */
#include "cmd/station/supervision.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "proc/notify_socket.h"
#include "test.h"

enum {
	HEARD_BYTES = 4096,
};

static char folder[] = "/tmp/hinomi-supervision-XXXXXX";
static struct complaint complaint;
static char heard[HEARD_BYTES];

/* A socket as systemd has one, at a path or, where that begins with @, in no file system. */
static int listen_at(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	memcpy(address.sun_path, name, strlen(name));
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	socklen_t bytes =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + (name[0] != '@'));
	OK(fd >= 0 && bind(fd, (const struct sockaddr *)&address, bytes) == 0, "systemd listens");
	return fd;
}

/* The next that was told, or "". */
static const char *hear(int fd)
{
	ssize_t bytes = recv(fd, heard, sizeof heard - 1, 0);
	heard[bytes > 0 ? bytes : 0] = '\0';
	return heard;
}

static const char *hear_last(int fd)
{
	static char last[HEARD_BYTES];
	last[0] = '\0';
	while (hear(fd)[0] != '\0')
		memcpy(last, heard, sizeof last);
	return last;
}

static void set(const char *name, const char *value)
{
	if (value == NULL)
		(void)unsetenv(name); /* a good name */
	else
		(void)setenv(name, value, 1); /* likewise; memory is there */
}

static void test_environment(void)
{
	char own[32];
	char other[32];
	char longest[128];
	char longer[128];
	(void)snprintf(own, sizeof own, "%d", (int)getpid());
	(void)snprintf(other, sizeof other, "%d", (int)getppid());
	memset(longest, 'x', sizeof longest);
	longest[0] = '/';
	longest[107] = '\0'; /* with its NUL it fills sun_path, see unix(7) */
	memset(longer, 'x', sizeof longer);
	longer[0] = '/';
	longer[108] = '\0';
	const struct {
		const char *socket;
		const char *watchdog;
		const char *pid;
		int result;
		bool is_open;
		int64_t watchdog_us;
		const char *name;
	} rows[] = {
	    {NULL, NULL, NULL, 0, false, 0, "nobody asks"},
	    {NULL, "1000000", NULL, 0, false, 0, "nobody asks, whatever the watchdog"},
	    {"/run/x", NULL, NULL, 0, true, 0, "a path"},
	    {"@x", NULL, NULL, 0, true, 0, "a name in no file system"},
	    {"/run/x", "30000000", NULL, 0, true, 30000000, "a watchdog for anybody"},
	    {"/run/x", "30000000", own, 0, true, 30000000, "a watchdog for us"},
	    {"/run/x", "30000000", other, 0, true, 0, "a watchdog for another process"},
	    {"/run/x", "30000000", "1x", 0, true, 0, "a watchdog for nobody"},
	    {"/run/x", "0", NULL, -EINVAL, true, 0, "a watchdog of nothing"},
	    {"/run/x", "-1", NULL, -EINVAL, true, 0, "a watchdog before it began"},
	    {"/run/x", "9223372036854775808", NULL, -EINVAL, true, 0, "a watchdog too far"},
	    {"/run/x", "", NULL, -EINVAL, true, 0, "a watchdog of no number"},
	    {"", NULL, NULL, -EINVAL, false, 0, "no name"},
	    {"/", NULL, NULL, -EINVAL, false, 0, "half a name"},
	    {"run/x", NULL, NULL, -EINVAL, false, 0, "a path from nowhere"},
	    {"vsock:2:1", NULL, NULL, -EINVAL, false, 0, "another kind of socket"},
	    {longest, NULL, NULL, 0, true, 0, "the longest path"},
	    {longer, NULL, NULL, -EINVAL, false, 0, "a path that fits no address"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct notify_socket socket;
		set("NOTIFY_SOCKET", rows[i].socket);
		set("WATCHDOG_USEC", rows[i].watchdog);
		set("WATCHDOG_PID", rows[i].pid);
		int result = notify_socket_open(&socket, &complaint);
		OK(result == rows[i].result && (socket.fd >= 0) == rows[i].is_open &&
			socket.watchdog_us == rows[i].watchdog_us &&
			getenv("NOTIFY_SOCKET") == NULL && getenv("WATCHDOG_USEC") == NULL &&
			getenv("WATCHDOG_PID") == NULL,
		    rows[i].name);
		notify_socket_close(&socket);
	}
}

static void test_telling(void)
{
	char path[64];
	static char text[NOTIFY_TEXT_MAX_BYTES + 2];
	struct notify_socket told;
	struct notify_socket nobody = {.fd = -1};
	(void)snprintf(path, sizeof path, "%s/told", folder);
	int fd = listen_at(path);
	set("NOTIFY_SOCKET", path);
	OK(notify_socket_open(&told, &complaint) == 0 &&
		notify_socket_tell(&told, "READY=1\nSTATUS=x") == 0 &&
		strcmp(hear(fd), "READY=1\nSTATUS=x") == 0,
	    "what is told is heard");
	memset(text, 'x', NOTIFY_TEXT_MAX_BYTES);
	OK(notify_socket_tell(&told, text) == 0 && strcmp(hear(fd), text) == 0,
	    "as much as may be told");
	text[NOTIFY_TEXT_MAX_BYTES] = 'x';
	OK(notify_socket_tell(&told, text) == -EMSGSIZE && hear(fd)[0] == '\0', "not a byte more");
	OK(notify_socket_tell(&nobody, "READY=1") == 0, "where nobody listens nothing is told");
	int result = 0;
	for (int i = 0; i < 100000 && result == 0; i++)
		result = notify_socket_tell(&told, "x");
	OK(result == -EAGAIN, "who does not listen is not waited for");
	(void)close(fd);
	OK(notify_socket_tell(&told, "READY=1") == -ECONNREFUSED, "who is gone hears nothing");
	notify_socket_close(&told);

	fd = listen_at("@hinomi-test-supervision");
	set("NOTIFY_SOCKET", "@hinomi-test-supervision");
	OK(notify_socket_open(&told, &complaint) == 0 &&
		notify_socket_tell(&told, "READY=1") == 0 && strcmp(hear(fd), "READY=1") == 0,
	    "a name in no file system is heard as well");
	notify_socket_close(&told);
	(void)close(fd);
}

static const struct duty rows[] = {
    {.name = "capture0"},
    {.name = "keeper"},
    {.name = "courier"},
};

static void happens(struct supervision *supervision, size_t duty, enum duty_event_kind kind)
{
	const struct duty_event event = {.kind = kind, .duty = duty};
	supervision_note_event(supervision, &event);
}

static void hears(int fd, const char *expected, const char *name)
{
	bool same = strcmp(hear_last(fd), expected) == 0;
	OK(same, name);
	if (!same)
		printf("# %s\n", heard);
}

static struct loop *open_supervision(
    const char *watchdog, struct supervision **ret_supervision, int *ret_fd)
{
	char path[64];
	struct loop *loop = NULL;
	(void)snprintf(path, sizeof path, "%s/notify", folder);
	(void)unlink(path);
	*ret_fd = listen_at(path);
	set("NOTIFY_SOCKET", path);
	set("WATCHDOG_USEC", watchdog);
	OK(loop_new(&loop_clock_system, &loop) == 0 &&
		supervision_new(loop, rows, 3, ret_supervision, &complaint) == 0,
	    "a station is supervised");
	return loop;
}

static void test_station(void)
{
	struct supervision *supervision = NULL;
	int fd = -1;
	struct loop *loop = open_supervision(NULL, &supervision, &fd);
	happens(supervision, 0, DUTY_STARTED);
	hears(fd, "", "a process is not yet a duty");
	supervision_note_begun(supervision, 0);
	supervision_note_begun(supervision, 1);
	hears(fd, "WATCHDOG=1\nSTATUS=2 of 3 duties run; not courier", "it is not ready yet");
	supervision_note_begun(supervision, 2);
	hears(fd, "READY=1\nWATCHDOG=1\nSTATUS=3 duties run", "it is ready when all are");
	happens(supervision, 1, DUTY_DIED);
	happens(supervision, 1, DUTY_STARTED);
	happens(supervision, 2, DUTY_DIED);
	hears(fd, "READY=1\nWATCHDOG=1\nSTATUS=1 of 3 duties run; not keeper, courier",
	    "it stays ready when duties die, and says which");
	supervision_note_begun(supervision, 1);
	supervision_note_begun(supervision, 2);
	supervision_note_reload(supervision, true);
	hears(fd, "RELOADING=1\nWATCHDOG=1\nSTATUS=3 duties run", "it reads its configuration");
	supervision_note_reload(supervision, false);
	hears(fd, "READY=1\nWATCHDOG=1\nSTATUS=3 duties run", "and is done with that");
	supervision_note_stop(supervision);
	hears(fd, "STOPPING=1\nWATCHDOG=1\nSTATUS=3 duties run", "it ends");
	happens(supervision, 0, DUTY_STOPPED);
	hears(fd, "STOPPING=1\nWATCHDOG=1\nSTATUS=2 of 3 duties run; not capture0", "one by one");
	supervision_free(supervision);
	loop_free(loop);
	(void)close(fd);
}

static void test_watchdog(void)
{
	struct supervision *supervision = NULL;
	int fd = -1;
	struct loop *loop = open_supervision("30000", &supervision, &fd);
	int beats = 0;
	const int64_t end_us = loop_monotonic_us(loop) + 5000000;
	while (beats < 5 && loop_monotonic_us(loop) < end_us) {
		if (loop_turn(loop, 100000) != 0)
			break;
		while (strstr(hear(fd), "WATCHDOG=1") != NULL)
			beats++;
	}
	OK(beats >= 5, "the watchdog hears from the loop");
	supervision_free(supervision);
	loop_free(loop);
	(void)close(fd);
}

static void test_refusal(void)
{
	struct supervision *supervision = NULL;
	struct loop *loop = NULL;
	OK(loop_new(&loop_clock_system, &loop) == 0, "a loop");
	set("NOTIFY_SOCKET", "nonsense");
	OK(supervision_new(loop, rows, 3, &supervision, &complaint) == -EINVAL &&
		strstr(complaint.text, "NOTIFY_SOCKET=nonsense: expected") != NULL,
	    "a variable that makes no sense is named");
	OK(supervision_new(loop, rows, DUTIES_MAX + 1, &supervision, &complaint) == -EINVAL,
	    "one duty more than there can be");
	supervision_free(NULL);
	loop_free(loop);
}

int main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	test_environment();
	test_telling();
	test_station();
	test_watchdog();
	test_refusal();
	char command[64];
	(void)snprintf(command, sizeof command, "%s/told", folder);
	(void)unlink(command); /* it is not always there */
	(void)snprintf(command, sizeof command, "%s/notify", folder);
	(void)unlink(command);
	(void)rmdir(folder);
	return test_done();
}
