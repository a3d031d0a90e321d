/*
 * sandbox_scene.h - what tests of the duties' sandboxes have about them: a directory of theirs and
 * one of others, descriptors such as a parent gives, and what no duty may do.
 */
#ifndef SANDBOX_SCENE_H
#define SANDBOX_SCENE_H

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "proc/message.h"
#include "sandbox_help.h"

static char dir[] = "/tmp/hinomi-test-station-XXXXXX";
static char elsewhere[] = "/tmp/hinomi-test-elsewhere-XXXXXX";

/* Made before, as a parent would; those of the second group anew for each try. */
static struct loop *loop;
static int wake;   /* an eventfd */
static int memory; /* a memfd of a page */
static int udp;    /* a socket */
static int closed_listener;
static uint16_t other_port; /* where it listens */

static int control; /* a channel's end, with a message in it that has a descriptor */
static int control_peer;
static int listening; /* a TCP socket on which somebody has called already, and said a byte */
static int caller;

static inline int try_open(void)
{
	return open_and_close("/usr/bin/env", O_RDONLY);
}

static inline int try_exec(void)
{
	static char name[] = "true";
	char *const arguments[] = {name, NULL};
	(void)execv("/bin/true", arguments);
	return errno;
}

static inline int try_fork(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	return child < 0 ? errno : 0;
}

static inline int try_read_memory_of_parent(void)
{
	char byte;
	struct {
		void *at;
		size_t bytes;
	} here = {&byte, 1}, there = {&byte, 1};
	return syscall(SYS_process_vm_readv, getppid(), &here, 1, &there, 1, 0) < 0 ? errno : 0;
}

static inline int try_kill(void)
{
	return kill(getppid(), 0) != 0 ? errno : 0;
}

static inline int open_socket(int domain, int type, int protocol)
{
	int fd = socket(domain, type | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return errno;
	(void)close(fd); /* nothing was sent */
	return 0;
}

static inline int try_socket(void)
{
	return open_socket(AF_INET, SOCK_STREAM, 0);
}

static inline int try_unix_socket(void)
{
	return open_socket(AF_UNIX, SOCK_STREAM, 0);
}

static inline int try_packet_socket(void)
{
	return open_socket(AF_PACKET, SOCK_RAW, 0);
}

static inline int try_raw_socket(void)
{
	return open_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static inline struct sockaddr_in local(uint16_t port)
{
	return (struct sockaddr_in){
	    .sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static inline int try_accept(void)
{
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return errno;
	(void)close(fd); /* nothing was sent */
	return 0;
}

static inline int try_set_user(void)
{
	return setresuid(65534, 65534, 65534) != 0 ? errno : 0;
}

static inline int try_mount(void)
{
	return (int)(syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL) != 0 ? errno : 0);
}

static inline int try_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0) < 0 ? errno : 0;
}

static inline int try_io_uring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL) < 0 ? errno : 0;
}

static inline void on_message(void *context, struct message *message)
{
	int *told = context;
	*told = message->type == 7 && message->fd >= 0 ? 0 : WRONG;
}

static inline void on_closed(void *context, int error)
{
	int *told = context;
	*told = error == 0 ? WRONG : -error;
}

/* All of a channel and its loop, as a duty has it. */
static inline int try_message(void)
{
	struct channel *channel = NULL;
	int told = WRONG;
	const struct channel_handler handler = {&told, on_message, on_closed, NULL};
	int error = channel_new(loop, control, &handler, &channel);
	if (error == 0)
		error = channel_send(channel, &(struct message){1, NULL, 0, -1});
	if (error == 0)
		error = loop_turn(loop, 1000000);
	return error != 0 ? -error : told;
}

static inline int try_map_code(void)
{
	void *map = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, memory, 0);
	return map == MAP_FAILED ? errno : 0;
}

static inline int path_in(const char *folder, const char *name, char out[static 128])
{
	return snprintf(out, 128, "%s/%s", folder, name) < 128;
}

static inline int try_read_elsewhere(void)
{
	return in_dir(elsewhere, "there", O_RDONLY);
}

static inline int try_write_elsewhere(void)
{
	return in_dir(elsewhere, "there", O_WRONLY);
}

static inline int try_make_elsewhere(void)
{
	return in_dir(elsewhere, "new", O_WRONLY | O_CREAT);
}

static inline int try_truncate_by_path(void)
{
	char path[128];
	return path_in(elsewhere, "there", path) && truncate(path, 0) != 0 ? errno : 0;
}

static inline int try_change_mode(void)
{
	char path[128];
	return path_in(elsewhere, "there", path) && chmod(path, 0777) != 0 ? errno : 0;
}

static inline int try_remove_there(void)
{
	char path[128];
	return path_in(dir, "there", path) && unlink(path) != 0 ? errno : 0;
}

static inline int try_pair(void)
{
	int fds[2];
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0 ? errno : 0;
}

static inline int try_send_anywhere(void)
{
	const struct sockaddr_in to = local(other_port);
	return sendto(udp, "x", 1, 0, (const struct sockaddr *)&to, sizeof to) < 0 ? errno : 0;
}

/* What none of them may. */
static const struct row forbidden[] = {
    {"runs no other program", NULL, try_exec, WAS_REFUSED, 0},
    {"has no child", NULL, try_fork, WAS_REFUSED, 0},
    {"reads no other's memory", NULL, try_read_memory_of_parent, WAS_REFUSED, 0},
    {"signals nobody", NULL, try_kill, WAS_REFUSED, 0},
    {"opens no UNIX socket", NULL, try_unix_socket, WAS_REFUSED, 0},
    {"opens no packet socket", NULL, try_packet_socket, WAS_REFUSED, 0},
    {"opens no raw socket", NULL, try_raw_socket, WAS_REFUSED, 0},
    {"becomes nobody else", NULL, try_set_user, WAS_REFUSED, 0},
    {"mounts nothing", NULL, try_mount, WAS_REFUSED, 0},
    {"loads no BPF program", NULL, try_bpf, WAS_REFUSED, 0},
    {"has no io_uring, which would go around this", NULL, try_io_uring, WAS_REFUSED, 0},
    {"maps no code", NULL, try_map_code, WAS_REFUSED, 0},
    {"opens no file of others", NULL, try_read_elsewhere, WAS_REFUSED, 1},
    {"writes no file of others", NULL, try_write_elsewhere, WAS_REFUSED, 1},
    {"makes no file among others", NULL, try_make_elsewhere, WAS_REFUSED, 1},
    {"empties no file by its path", NULL, try_truncate_by_path, WAS_REFUSED, 0},
    {"changes no mode", NULL, try_change_mode, WAS_REFUSED, 0},
};

/* A TCP socket that listens; gives its port. */
static inline int listen_somewhere(uint16_t *ret_port)
{
	struct sockaddr_in at = local(0);
	socklen_t bytes = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert(fd >= 0 && bind(fd, (const struct sockaddr *)&at, bytes) == 0 &&
	       listen(fd, 8) == 0 && getsockname(fd, (struct sockaddr *)&at, &bytes) == 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

/* What a row uses up. */
static inline void prepare(void)
{
	int fds[2];
	struct channel *channel = NULL;
	const struct channel_handler handler = {NULL, on_message, on_closed, NULL};
	int error = channel_pair(fds);
	if (error == 0)
		error = channel_new(loop, fds[1], &handler, &channel);
	if (error == 0)
		error = channel_send(channel, &(struct message){7, NULL, 0, dup(STDIN_FILENO)});
	assert(error == 0);
	/* The peer's end must stay when the channel that was for sending goes. */
	control_peer = fcntl(fds[1], F_DUPFD_CLOEXEC, 0);
	channel_free(channel);
	assert(control_peer >= 0 && dup3(fds[0], control, O_CLOEXEC) == control);
	(void)close(fds[0]); /* its copy stays */

	uint16_t port;
	listening = listen_somewhere(&port);
	const struct sockaddr_in to = local(port);
	caller = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert(caller >= 0 && connect(caller, (const struct sockaddr *)&to, sizeof to) == 0 &&
	       write(caller, "x", 1) == 1);
}

static inline void clear(void)
{
	(void)close(control_peer); /* of the test */
	(void)close(listening);    /* likewise */
	(void)close(caller);       /* likewise */
}

static inline void test_rows(const struct row *list, size_t count, int landlock_abi)
{
	for (size_t i = 0; i < count; i++) {
		if (landlock_abi == 0 && list[i].needs_abi > 0)
			continue; /* what is hidden cannot hold */
		prepare();
		test_row(&list[i], landlock_abi);
		clear();
	}
}

/* In a child: what the profile lacks, or 255. */
static inline int lacks(const struct sandbox_profile *profile, bool hides)
{
	(void)fflush(stdout); /* else the child would print it too */
	pid_t child = fork();
	if (child == 0) {
		struct sandbox_state expected;
		struct sandbox_state state;
		if (hides)
			hide_landlock();
		sandbox_expect(profile, &expected);
		bool good = sandbox_enter(profile, &state, NULL) == 0 && state.seccomped &&
			    expected.lacks == state.lacks &&
			    expected.landlocked == state.landlocked &&
			    expected.landlock_abi == state.landlock_abi && expected.seccomped;
		_exit(good ? (int)state.lacks : 255);
	}
	int status = wait_for(child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static inline void make_file(const char *folder, const char *name)
{
	char path[128];
	int fd =
	    path_in(folder, name, path) ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
	assert(fd >= 0 && write(fd, "old", 3) == 3);
	(void)close(fd); /* was written */
}

static inline void make_files(void)
{
	char path[128];
	char target[128];
	const char *made = mkdtemp(dir);
	const char *made_too = mkdtemp(elsewhere);
	assert(made != NULL && made_too != NULL);
	make_file(dir, "there");
	make_file(elsewhere, "there");
	int error = path_in(dir, "sub", path) && mkdir(path, 0700) == 0 ? 0 : errno;
	assert(error == 0);
	error = path_in(dir, "link", path) && path_in(elsewhere, "there", target) &&
			symlink(target, path) == 0
		    ? 0
		    : errno;
	assert(error == 0);
}

static inline void remove_files(void)
{
	static const char *const names[] = {"there", "link", "new", "moved", "sub/new", "stolen"};
	char path[128];
	for (size_t i = 0; i < 2 * sizeof names / sizeof names[0]; i++)
		if (path_in(i % 2 == 0 ? dir : elsewhere, names[i / 2], path))
			(void)unlink(path); /* some were never made */
	if (path_in(dir, "sub", path))
		(void)rmdir(path); /* a stray directory in /tmp does no harm */
	(void)rmdir(dir);          /* likewise */
	(void)rmdir(elsewhere);    /* likewise */
}

static inline void open_scene(void)
{
	const struct sockaddr_in at = local(0);
	int error = loop_new(&loop_clock_system, &loop);
	assert(error == 0);
	make_files();
	control = dup(STDIN_FILENO); /* a number, for each row's own */
	wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	memory = memfd_create("test", MFD_CLOEXEC);
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert(control >= 0 && wake >= 0 && memory >= 0 && ftruncate(memory, 4096) == 0 &&
	       udp >= 0 && bind(udp, (const struct sockaddr *)&at, sizeof at) == 0);
	closed_listener = listen_somewhere(&other_port);
}

static inline void close_scene(void)
{
	loop_free(loop);
	remove_files();
}

/* What is tried with Landlock is left out. */
static inline void say_without_landlock(void)
{
	printf("ok %d - with Landlock # SKIP the kernel has none\n", ++test_count);
}

static inline void test_forbidden(
    const char *duty, const struct sandbox_profile *profile, int landlock_abi)
{
	for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
		char name[128];
		struct row row = forbidden[i];
		(void)snprintf(name, sizeof name, "%s: %s", duty, row.name); /* our own words */
		row.name = name;
		row.profile = profile;
		test_rows(&row, 1, landlock_abi);
	}
}

#endif
