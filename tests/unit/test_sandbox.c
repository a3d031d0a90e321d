/*
 * What `hinomi read` may and may not do inside; what duties may is in test_sandbox_duties.
 */
#include "proc/sandbox.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/when.h"
#include "sandbox_help.h"

enum {
	LOST_BYTES = 4321,
};

static char write_dir[] = "/tmp/hinomi-test-sandbox-XXXXXX";
static char other_dir[] = "/tmp/hinomi-test-outside-XXXXXX";
static int input_fd;  /* opened before, holding "input" */
static int output_fd; /* opened before, to be written */
static int socket_fd; /* opened before */

static int try_read(void)
{
	char text[5] = "";
	struct iovec part = {.iov_base = text, .iov_len = sizeof text};
	if (pread(input_fd, text, sizeof text, 0) != sizeof text ||
	    lseek(input_fd, 0, SEEK_SET) != 0)
		return errno;
	if (readv(input_fd, &part, 1) != sizeof text)
		return errno;
	return memcmp(text, "input", sizeof text) == 0 ? 0 : WRONG;
}

static int try_fstat(void)
{
	struct stat status;
	if (fstat(input_fd, &status) != 0)
		return errno;
	return status.st_size == 5 ? 0 : WRONG;
}

static int try_stdio(void)
{
	FILE *out = fdopen(output_fd, "w");
	if (out == NULL || fprintf(out, "%d\n", 42) != 3 || fflush(out) != 0)
		return errno;
	return fsync(output_fd) == 0 ? 0 : errno;
}

static int try_isatty(void)
{
	struct winsize size;
	errno = 0;
	if (isatty(input_fd) || errno != ENOTTY)
		return errno;
	return ioctl(input_fd, TIOCGWINSZ, &size) != 0 && errno == ENOTTY ? 0 : errno;
}

static int try_memory(void)
{
	enum {
		BYTES = 64 << 20
	};
	void *bytes = malloc(BYTES);
	if (bytes == NULL)
		return errno;
	memset(bytes, 1, BYTES);
	void *more = realloc(bytes, BYTES * 2);
	if (more == NULL) {
		free(bytes);
		return ENOMEM;
	}
	free(more);
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED || madvise(map, 4096, MADV_DONTNEED) != 0 ||
	    mprotect(map, 4096, PROT_READ) != 0 || munmap(map, 4096) != 0)
		return errno;
	return 0;
}

static int try_map_input(void)
{
	char *map = mmap(NULL, 5, PROT_READ, MAP_PRIVATE, input_fd, 0);
	if (map == MAP_FAILED)
		return errno;
	return memcmp(map, "input", 5) == 0 ? 0 : WRONG;
}

static int compare_ints(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int try_time_and_more(void)
{
	struct timespec now;
	uint64_t seed;
	int list[] = {3, 1, 2};
	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0 || time(NULL) <= 0 ||
	    getrandom(&seed, sizeof seed, 0) != sizeof seed)
		return errno;
	now = (struct timespec){.tv_nsec = 1000};
	if (nanosleep(&now, NULL) != 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return errno;
	qsort(list, 3, sizeof list[0], compare_ints);
	return list[0] == 1 ? 0 : WRONG;
}

static int try_local_time(void)
{
	char text[WHEN_TEXT_BYTES];
	when_format_local(0, text);
	return strstr(text, "1970-01-01 09:00:00.000") == text ? 0 : WRONG;
}

static int try_open(void)
{
	return open_and_close("/etc/passwd", O_RDONLY);
}

static int try_open_to_write(void)
{
	return in_dir(other_dir, "new", O_WRONLY | O_CREAT);
}

static int try_open_old_way(void)
{
	return syscall(SYS_open, "/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}

static int try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int try_socketpair(void)
{
	int fds[2];
	return socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0 ? errno : 0;
}

static int try_exec(void)
{
	static char name[] = "true";
	char *const arguments[] = {name, NULL};
	(void)execv("/bin/true", arguments);
	return errno;
}

static int try_fork(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	return child < 0 ? errno : 0;
}

static int try_spawn(void)
{
	static char name[] = "true";
	char *const arguments[] = {name, NULL};
	pid_t child;
	return posix_spawn(&child, "/bin/true", NULL, NULL, arguments, arguments + 1);
}

static int try_kill(void)
{
	return kill(getppid(), 0) != 0 ? errno : 0;
}

static int try_kill_thread(void)
{
	return syscall(SYS_tgkill, 1, 1, 0) != 0 ? errno : 0;
}

static int try_executable_memory(void)
{
	void *map = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return map == MAP_FAILED ? errno : 0;
}

static int try_make_executable(void)
{
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return mprotect(map, 4096, PROT_READ | PROT_EXEC) != 0 ? errno : 0;
}

static int try_set_limit(void)
{
	struct rlimit *none = NULL;
	uint64_t limit[2] = {0, 0};
	return syscall(SYS_prlimit64, 0, 7, limit, none) != 0 ? errno : 0;
}

static int try_other_ioctl(void)
{
	int one = 1;
	return ioctl(input_fd, FIONBIO, &one) != 0 ? errno : 0;
}

static int try_namespace(void)
{
	return syscall(SYS_unshare, 0x10000000) != 0 ? errno : 0; /* CLONE_NEWUSER */
}

static int try_clone3(void)
{
	return syscall(SYS_clone3, NULL, 0) < 0 ? errno : 0;
}

static int try_chdir(void)
{
	return chdir("/") != 0 ? errno : 0;
}

static void *do_nothing(void *argument)
{
	return argument;
}

static int try_thread(void)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, do_nothing, NULL);
	return error != 0 ? error : pthread_join(thread, NULL);
}

static int try_make_file(void)
{
	char from[128];
	char to[128];
	(void)snprintf(from, sizeof from, "%s/%s", write_dir, "part");
	(void)snprintf(to, sizeof to, "%s/%s", write_dir, "whole");
	FILE *file = fopen(from, "wb");
	if (file == NULL || fputs("frame", file) < 0 || fclose(file) != 0)
		return errno;
	if (open_and_close(from, O_WRONLY | O_TRUNC) != 0 || rename(from, to) != 0)
		return errno;
	return unlink(to) == 0 ? 0 : errno;
}

/* There and back again, so that the next row finds it. */
static int try_rename(void)
{
	char there[128];
	char whole[128];
	(void)snprintf(there, sizeof there, "%s/there", write_dir);
	(void)snprintf(whole, sizeof whole, "%s/whole", write_dir);
	return rename(there, whole) == 0 && rename(whole, there) == 0 ? 0 : errno;
}

static int try_open_there(void)
{
	return in_dir(write_dir, "there", O_WRONLY);
}

static int try_read_back(void)
{
	return in_dir(write_dir, "there", O_RDONLY);
}

static int try_read_and_write(void)
{
	return in_dir(write_dir, "there", O_RDWR);
}

static int try_climb_out(void)
{
	char path[64];
	(void)snprintf(path, sizeof path, "../%s/new", strrchr(other_dir, '/') + 1);
	return in_dir(write_dir, path, O_WRONLY | O_CREAT);
}

static int try_follow_out(void)
{
	return in_dir(write_dir, "link", O_WRONLY | O_CREAT);
}

static int try_remove_outside(void)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/there", other_dir);
	return unlink(path) != 0 ? errno : 0;
}

static int try_make_directory(void)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/sub", write_dir);
	return mkdir(path, 0700) != 0 ? errno : 0;
}

static int ask_socket(int level, int name)
{
	int value = 0;
	socklen_t bytes = sizeof value;
	return getsockopt(socket_fd, level, name, &value, &bytes) != 0 ? errno : 0;
}

static int try_ask_socket(void)
{
	return ask_socket(SOL_SOCKET, SO_ERROR);
}

static int try_ask_more(void)
{
	return ask_socket(IPPROTO_IP, IP_TTL);
}

static int try_set_socket(void)
{
	const int on = 1;
	return setsockopt(socket_fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) != 0 ? errno : 0;
}

static int try_enter_again(void)
{
	struct sandbox_state state;
	return -sandbox_enter(&(struct sandbox_profile){0}, &state, NULL);
}

static const struct sandbox_profile plain = {0};
static const struct sandbox_profile writing = {.write_dir = write_dir};
static const struct sandbox_profile renaming = {.rename_dir = write_dir};
static const struct sandbox_profile threading = {.may_thread = true};
static const struct sandbox_profile listening = {.may_listen = true};

static const struct row rows[] = {
    {"reads what is open", &plain, try_read, 0, 0},
    {"asks its size", &plain, try_fstat, 0, 0},
    {"writes through stdio", &plain, try_stdio, 0, 0},
    {"asks whether it is a terminal", &plain, try_isatty, 0, 0},
    {"allocates and maps", &plain, try_memory, 0, 0},
    {"maps what is open", &plain, try_map_input, 0, 0},
    {"clock, random, sleep, signals, sorting", &plain, try_time_and_more, 0, 0},
    {"knows the time zone", &plain, try_local_time, 0, 0},
    {"opens no file", &plain, try_open, WAS_REFUSED, 0},
    {"makes no file", &plain, try_open_to_write, WAS_REFUSED, 0},
    {"nor by the older call", &plain, try_open_old_way, WAS_REFUSED, 0},
    {"no socket", &plain, try_socket, WAS_REFUSED, 0},
    {"no pair of sockets", &plain, try_socketpair, WAS_REFUSED, 0},
    {"no other program", &plain, try_exec, WAS_REFUSED, 0},
    {"no child", &plain, try_fork, WAS_REFUSED, 0},
    {"no spawning", &plain, try_spawn, WAS_REFUSED, 0},
    {"no signal to the parent", &plain, try_kill, WAS_REFUSED, 0},
    {"no signal to another's thread", &plain, try_kill_thread, WAS_REFUSED, 0},
    {"no executable memory", &plain, try_executable_memory, WAS_REFUSED, 0},
    {"no memory made executable", &plain, try_make_executable, WAS_REFUSED, 0},
    {"no limit set", &plain, try_set_limit, WAS_REFUSED, 0},
    {"no other ioctl", &plain, try_other_ioctl, WAS_REFUSED, 0},
    {"no namespace", &plain, try_namespace, WAS_REFUSED, 0},
    {"no change of directory", &plain, try_chdir, WAS_REFUSED, 0},
    {"clone3 is not there", &plain, try_clone3, ENOSYS, 0},
    {"no thread without leave", &plain, try_thread, WAS_REFUSED, 0},
    {"a thread with leave", &threading, try_thread, 0, 0},
    {"but still no child", &threading, try_fork, WAS_REFUSED, 0},
    {"asks no socket without leave", &plain, try_ask_socket, WAS_REFUSED, 0},
    {"asks one with leave", &listening, try_ask_socket, 0, 0},
    {"but not for everything", &listening, try_ask_more, WAS_REFUSED, 0},
    {"nor sets anything", &listening, try_set_socket, WAS_REFUSED, 0},
    {"nor opens one", &listening, try_socket, WAS_REFUSED, 0},
    {"cannot be entered again", &plain, try_enter_again, WAS_REFUSED, 0},
    {"makes, renames, removes a file", &writing, try_make_file, 0, 0},
    {"but does not read it", &writing, try_read_back, WAS_REFUSED, 0},
    {"nor opens it for both", &writing, try_read_and_write, WAS_REFUSED, 0},
    {"nor reads elsewhere", &writing, try_open, WAS_REFUSED, 0},
    {"makes no directory there", &writing, try_make_directory, WAS_REFUSED, 0},
    {"makes no file elsewhere", &writing, try_open_to_write, WAS_REFUSED, 1},
    {"nor by climbing out", &writing, try_climb_out, WAS_REFUSED, 1},
    {"nor through a link", &writing, try_follow_out, WAS_REFUSED, 1},
    {"removes nothing elsewhere", &writing, try_remove_outside, WAS_REFUSED, 1},
    {"renames nothing without leave", &plain, try_rename, WAS_REFUSED, 0},
    {"renames a file that is there", &renaming, try_rename, 0, 0},
    {"but makes none", &renaming, try_make_file, WAS_REFUSED, 0},
    {"nor opens one", &renaming, try_open_there, WAS_REFUSED, 0},
    {"nor reads one", &renaming, try_read_back, WAS_REFUSED, 0},
    {"nor removes one elsewhere", &renaming, try_remove_outside, WAS_REFUSED, 1},
};

/* In a child as well; gives the ABI by its exit status, 255 on failure. */
static int test_state(void)
{
	(void)fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		struct sandbox_state state = {0};
		bool good = sandbox_enter(&plain, &state, NULL) == 0 && state.no_new_privs &&
			    state.seccomped && state.landlocked == (state.landlock_abi > 0);
		_exit(good ? state.landlock_abi : 255);
	}
	int status = wait_for(child);
	OK(WIFEXITED(status) && WEXITSTATUS(status) != 255, "the state says what was entered");
	printf("# Landlock ABI %d\n", WEXITSTATUS(status));
	return WEXITSTATUS(status);
}

static int leave_missing_dir(void)
{
	struct sandbox_state state = {.landlock_abi = 4242};
	struct complaint complaint = {""};
	const struct sandbox_profile profile = {.write_dir = "/nonexistent/dir"};
	int error = sandbox_enter(&profile, &state, &complaint);
	return error == -ENOENT && state.landlock_abi == 4242 &&
	       strcmp(complaint.text, "/nonexistent/dir: No such file or directory, expected a "
				      "directory that can be written in") == 0;
}

static void *sleep_long(void *argument)
{
	(void)sleep(100);
	return argument;
}

static int refuse_company(void)
{
	struct sandbox_state state;
	struct complaint complaint = {""};
	pthread_t thread;
	if (pthread_create(&thread, NULL, sleep_long, NULL) != 0)
		return 0;
	return sandbox_enter(&plain, &state, &complaint) == -EBUSY &&
	       strstr(complaint.text, "other threads run already") != NULL;
}

static int fail_assertion(void)
{
	struct sandbox_state state;
	if (sandbox_enter(&plain, &state, NULL) != 0)
		return 0;
	abort();
}

/* For the leak check: what is lost inside must still be found when the program ends. */
__attribute__((noinline)) static bool lose(void)
{
	static char *volatile kept;
	kept = malloc(LOST_BYTES);
	bool was_there = kept != NULL;
	kept = NULL;
	return was_there;
}

static int end_with_leak(void)
{
	struct sandbox_state state;
	if (sandbox_enter(&plain, &state, NULL) != 0 || !lose())
		return NOT_ENTERED;
	exit(0);
}

static int end_without_leak(void)
{
	struct sandbox_state state;
	if (sandbox_enter(&plain, &state, NULL) != 0)
		return NOT_ENTERED;
	exit(0);
}

static bool is_told(const char *what)
{
	static char text[8192];
	ssize_t bytes = pread(output_fd, text, sizeof text - 1, 0);
	return bytes > 0 && strstr(text, what) != NULL;
}

/* The status of a child that does this and gives what it returned; its errors are not shown. */
static int status_of(int (*attempt)(void))
{
	(void)fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		(void)alarm(CHILD_SECONDS_MAX);       /* gives no error */
		(void)dup2(output_fd, STDERR_FILENO); /* both are open */
		_exit(attempt());
	}
	return wait_for(child);
}

static void test_edges(int landlock_abi)
{
	int status = 0;
	if (landlock_abi > 0) {
		status = status_of(leave_missing_dir);
		OK(WIFEXITED(status) && WEXITSTATUS(status) == 1, "a missing write_dir is named");
	}
	status = status_of(refuse_company);
	OK(WIFEXITED(status) && WEXITSTATUS(status) == 1, "other threads are not left outside");
	status = status_of(fail_assertion);
	OK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "abort() still ends the program");
	if (!IS_SANITIZED)
		return;
	status = status_of(end_without_leak);
	OK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the leak check works inside");
	status = status_of(end_with_leak);
	OK(WIFEXITED(status) && WEXITSTATUS(status) != 0 && is_told("4321 byte(s) leaked"),
	    "and finds what was lost");
}

static int make_file(const char *dir, const char *name, const char *text)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	return fd;
}

static void remove_all(const char *dir, const char *const names[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char path[128];
		(void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		(void)unlink(path); /* some were never made */
	}
	(void)rmdir(dir); /* a stray directory in /tmp does no harm */
}

int main(void)
{
	static const char *const names[] = {
	    "input", "output", "there", "link", "new", "part", "whole"};
	const char *made = mkdtemp(write_dir);
	const char *made_too = mkdtemp(other_dir);
	assert(made != NULL && made_too != NULL);
	input_fd = make_file(other_dir, "input", "input");
	output_fd = make_file(other_dir, "output", "");
	socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert(socket_fd >= 0);
	(void)close(make_file(write_dir, "there", "old"));
	(void)close(make_file(other_dir, "there", "old"));
	char link[128];
	char target[128];
	(void)snprintf(link, sizeof link, "%s/link", write_dir);
	(void)snprintf(target, sizeof target, "%s/new", other_dir);
	int linked = symlink(target, link);
	assert(linked == 0);
	/* By a file where there is one: it must have been read before. */
	bool has_zones = access("/usr/share/zoneinfo/Asia/Tokyo", R_OK) == 0;
	(void)setenv("TZ", has_zones ? "Asia/Tokyo" : "JST-9", 1); /* a test's environment */

	int landlock_abi = test_state();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		test_row(&rows[i], landlock_abi);
	test_edges(landlock_abi);
	remove_all(write_dir, names, sizeof names / sizeof names[0]);
	remove_all(other_dir, names, sizeof names / sizeof names[0]);
	return test_done();
}
