/*
 * What capture, keeper and web may and may not do, tried from inside on this kernel: once with
 * Landlock, once as if there were none, where seccomp alone must hold.
 */
#include "proc/sandbox.h"

#include <netinet/tcp.h>
#include <sys/file.h>
#include <sys/ptrace.h>

#include "sandbox_scene.h"

static const char *const read_paths[] = {dir, "/tmp/hinomi-test-which-is-not-there", NULL};
static int capture_socket; /* stands for a packet socket: connected, and the peer is open */
static int capture_fds[2];

static int try_trace(void)
{
	return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) != 0 ? errno : 0;
}

/* By a socket that is open. */
static int try_connect(void)
{
	const struct sockaddr_in to = local(other_port);
	return connect(closed_listener, (const struct sockaddr *)&to, sizeof to) != 0 ? errno : 0;
}

/* Messages and waiting. */

static int send_by(int fd)
{
	char byte = 0;
	struct iovec part = {&byte, 1};
	struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
	return sendmsg(fd, &header, MSG_NOSIGNAL) < 0 ? errno : 0;
}

static int try_send_control(void)
{
	return send_by(control);
}

/* Capture. */

static int try_wake(void)
{
	const uint64_t one = 1;
	return write(wake, &one, sizeof one) < 0 ? errno : 0;
}

static int try_send_packet(void)
{
	return send_by(capture_socket);
}

static int try_write_packet(void)
{
	return write(capture_socket, "x", 1) < 0 ? errno : 0;
}

static int try_send_packet_plainly(void)
{
	return send(capture_socket, "x", 1, 0) < 0 ? errno : 0;
}

static int try_say(void)
{
	return write(STDERR_FILENO, "", 0) < 0 ? errno : 0;
}

static int try_count_drops(void)
{
	int value;
	socklen_t bytes = sizeof value;
	return getsockopt(capture_socket, SOL_SOCKET, SO_ERROR, &value, &bytes) != 0 ? errno : 0;
}

static int try_map_memory(void)
{
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	return map == MAP_FAILED ? errno : 0;
}

static int try_copy_descriptor(void)
{
	return dup2(capture_socket, wake) < 0 ? errno : 0;
}

/* Files. */

static int lock_whole(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	if (fcntl(fd, F_SETLK, &lock) != 0 || fcntl(fd, F_GETLK, &lock) != 0)
		return errno;
	lock = (struct flock){.l_type = F_UNLCK, .l_whence = SEEK_SET};
	if (fcntl(fd, F_SETLK, &lock) != 0)
		return errno;
	lock.l_type = F_WRLCK;
	return fcntl(fd, F_OFD_SETLK, &lock) == 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
}

/* As a database does. */
static int use_file(int fd)
{
	char back[5] = "";
	int error = lock_whole(fd);
	if (error != 0)
		return error;
	if (ftruncate(fd, 4096) != 0 || pwrite(fd, "hello", 5, 0) != 5 || fsync(fd) != 0 ||
	    fallocate(fd, 0, 0, 8192) != 0 || pread(fd, back, 5, 0) != 5)
		return errno;
	char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return errno;
	return memcmp(map, back, 5) == 0 ? 0 : WRONG;
}

static int try_keep_file(void)
{
	char from[128];
	char to[128];
	if (!path_in(dir, "sub/new", from) || !path_in(dir, "moved", to))
		return WRONG;
	int fd = open(from, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	int error = use_file(fd);
	if (error != 0)
		return error;
	if (rename(from, to) != 0 || access(to, R_OK) != 0 || open_and_close(to, O_RDONLY) != 0)
		return errno;
	return unlink(to) == 0 ? 0 : errno;
}

static int try_make_directory(void)
{
	char path[128];
	return path_in(dir, "folder", path) && mkdir(path, 0700) != 0 ? errno : 0;
}

static int try_make_link(void)
{
	char path[128];
	return path_in(dir, "link2", path) && symlink("/etc/passwd", path) != 0 ? errno : 0;
}

static int try_make_socket(void)
{
	char path[128];
	return path_in(dir, "sock", path) && mknod(path, S_IFSOCK | 0600, 0) != 0 ? errno : 0;
}

static int try_read_by_link(void)
{
	return in_dir(dir, "link", O_RDONLY);
}

static int try_rename_out(void)
{
	char from[128];
	char to[128];
	if (!path_in(dir, "there", from) || !path_in(elsewhere, "stolen", to))
		return WRONG;
	return rename(from, to) != 0 ? (errno == EXDEV ? EACCES : errno) : 0;
}

static int try_look_into(void)
{
	char path[128];
	char names[512];
	int fd = path_in(dir, ".", path) ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd < 0)
		return errno;
	return syscall(SYS_getdents64, fd, names, sizeof names) > 0 ? 0 : errno;
}

static int try_read_there(void)
{
	char path[128];
	char back[3] = "";
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	int fd = path_in(dir, "there", path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0 || fcntl(fd, F_SETLK, &lock) != 0 || read(fd, back, 3) != 3)
		return errno;
	return memcmp(back, "old", 3) == 0 ? 0 : WRONG;
}

static int try_write_there(void)
{
	return in_dir(dir, "there", O_RDWR);
}

static int try_make_there(void)
{
	return in_dir(dir, "new", O_RDONLY | O_CREAT);
}

static int try_empty_there(void)
{
	return in_dir(dir, "there", O_RDONLY | O_TRUNC);
}

/* Serving. */

static int try_serve(void)
{
	const int on = 1;
	char byte;
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
		return errno;
	if (recv(fd, &byte, 1, 0) != 1 || send(fd, &byte, 1, MSG_NOSIGNAL) != 1)
		return errno;
	return shutdown(fd, SHUT_RDWR) == 0 ? 0 : errno;
}

static int try_make_memory(void)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || ftruncate(fd, 4096) != 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) != 0)
		return errno;
	return 0;
}

static const struct sandbox_profile capture = {
    .may_listen = true,
    .may_message = true,
    .write_fds = capture_fds,
    .write_fd_count = 2,
};
static const struct sandbox_profile keeper = {
    .keep_dir = dir,
    .may_message = true,
    .may_serve = true,
    .may_make_memory = true,
};
static const struct sandbox_profile web = {
    .read_paths = read_paths,
    .may_message = true,
    .may_serve = true,
    .may_thread = true,
};

static const struct {
	const char *name;
	const struct sandbox_profile *profile;
} duties[] = {
    {"capture", &capture},
    {"keeper", &keeper},
    {"web", &web},
};

static const struct row rows[] = {
    {"capture: takes a message with a descriptor, by a loop", &capture, try_message, 0, 0},
    {"capture: answers by its control channel", &capture, try_send_control, 0, 0},
    {"capture: wakes the reader of its relay", &capture, try_wake, 0, 0},
    {"capture: says what is wrong", &capture, try_say, 0, 0},
    {"capture: asks its socket what was lost", &capture, try_count_drops, 0, 0},
    {"capture: maps what it was given", &capture, try_map_memory, 0, 0},
    {"capture: sends no packet by sendmsg", &capture, try_send_packet, WAS_REFUSED, 0},
    {"capture: none by write", &capture, try_write_packet, WAS_REFUSED, 0},
    {"capture: none by send", &capture, try_send_packet_plainly, WAS_REFUSED, 0},
    {"capture: none by another name of the socket", &capture, try_copy_descriptor, WAS_REFUSED, 0},
    {"capture: opens no file", &capture, try_open, WAS_REFUSED, IS_SANITIZED},
    {"capture: makes no file", &capture, try_make_elsewhere, WAS_REFUSED, 0},
    {"capture: opens no socket", &capture, try_socket, WAS_REFUSED, 0},
    {"capture: no pair of sockets", &capture, try_pair, WAS_REFUSED, 0},
    {"capture: connects nothing", &capture, try_connect, WAS_REFUSED, 0},
    {"capture: accepts nobody", &capture, try_accept, WAS_REFUSED, 0},
    {"capture: makes no memory to pass on", &capture, try_make_memory, WAS_REFUSED, 0},

    {"keeper: takes a message with a descriptor", &keeper, try_message, 0, 0},
    {"keeper: keeps files as a database does", &keeper, try_keep_file, 0, 0},
    {"keeper: sees what is there", &keeper, try_look_into, 0, 0},
    {"keeper: takes and answers calls", &keeper, try_serve, 0, 0},
    {"keeper: makes memory to pass on", &keeper, try_make_memory, 0, 0},
    {"keeper: makes no directory", &keeper, try_make_directory, WAS_REFUSED, 0},
    {"keeper: no link", &keeper, try_make_link, WAS_REFUSED, 0},
    {"keeper: no socket in a directory", &keeper, try_make_socket, WAS_REFUSED, 0},
    {"keeper: opens nothing elsewhere", &keeper, try_open, WAS_REFUSED, 1},
    {"keeper: not by a link either", &keeper, try_read_by_link, WAS_REFUSED, 1},
    {"keeper: moves nothing out", &keeper, try_rename_out, WAS_REFUSED, 1},
    {"keeper: opens no socket", &keeper, try_socket, WAS_REFUSED, 0},
    {"keeper: connects nothing", &keeper, try_connect, WAS_REFUSED, 0},
    {"keeper: sends to nobody who is not connected", &keeper, try_send_anywhere, WAS_REFUSED, 0},

    {"web: takes a message with a descriptor", &web, try_message, 0, 0},
    {"web: takes and answers calls", &web, try_serve, 0, 0},
    {"web: reads the station's files", &web, try_read_there, 0, 0},
    {"web: sees what is there", &web, try_look_into, 0, 0},
    {"web: writes none", &web, try_write_there, WAS_REFUSED, 0},
    {"web: makes none, by no way to open", &web, try_make_there, WAS_REFUSED, 0},
    {"web: empties none", &web, try_empty_there, WAS_REFUSED, 0},
    {"web: removes none", &web, try_remove_there, WAS_REFUSED, 0},
    {"web: makes none among others", &web, try_make_elsewhere, WAS_REFUSED, 0},
    {"web: opens nothing elsewhere", &web, try_open, WAS_REFUSED, 1},
    {"web: opens no socket", &web, try_socket, WAS_REFUSED, 0},
    {"web: connects nothing", &web, try_connect, WAS_REFUSED, 0},
};

static void test_all(int landlock_abi)
{
	test_rows(rows, sizeof rows / sizeof rows[0], landlock_abi);
	for (size_t i = 0; i < sizeof duties / sizeof duties[0]; i++)
		test_forbidden(duties[i].name, duties[i].profile, landlock_abi);
	/* The sanitizer's leak check needs it. */
	const struct row tracing = {"capture: traces nobody", &capture, try_trace, WAS_REFUSED, 0};
	if (!IS_SANITIZED)
		test_rows(&tracing, 1, landlock_abi);
}

static void test_state(int landlock_abi)
{
	OK(lacks(&capture, true) == 0, "capture lacks nothing without Landlock: it names no file");
	OK(lacks(&keeper, true) == SANDBOX_LACKS_FILES && lacks(&web, true) == SANDBOX_LACKS_FILES,
	    "keeper and web can open other files then, which is told");
	if (landlock_abi > 0)
		OK(lacks(&capture, false) == 0 && lacks(&keeper, false) == 0 &&
			lacks(&web, false) == 0,
		    "with Landlock nobody lacks anything");

	char text[SANDBOX_TEXT_BYTES];
	struct sandbox_state state = {
	    .landlock_abi = 7, .landlocked = true, .seccomped = true, .no_new_privs = true};
	sandbox_describe(&state, text);
	OK(strcmp(text, "Landlock 7, seccomp") == 0, "a whole sandbox is described");
	state = (struct sandbox_state){
	    .lacks = SANDBOX_LACKS_CALLS | SANDBOX_LACKS_FILES | SANDBOX_LACKS_PORTS};
	sandbox_describe(&state, text);
	OK(strcmp(text, "no Landlock, no seccomp; not kept from: every system call, files "
			"elsewhere, TCP to any port") == 0,
	    "as is none at all");
}

int main(void)
{
	int fds[2];
	struct sandbox_state state;
	open_scene();
	int error = socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds);
	assert(error == 0);
	capture_socket = fds[0];
	capture_fds[0] = control;
	capture_fds[1] = wake;

	sandbox_expect(&keeper, &state);
	printf("# Landlock ABI %d\n", state.landlock_abi);
	test_state(state.landlock_abi);
	if (state.landlock_abi > 0)
		test_all(state.landlock_abi);
	else
		say_without_landlock();
	puts("# as if there were no Landlock");
	test_all(0);
	close_scene();
	return test_done();
}
