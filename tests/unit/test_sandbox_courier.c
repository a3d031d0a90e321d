/*
 * What the courier may and may not do, tried from inside on this kernel: once with Landlock, once
 * as if there were none, where seccomp alone must hold.
 */
#include "proc/sandbox.h"

#include <linux/netlink.h>
#include <netdb.h>
#include <pthread.h>
#include <resolv.h>

#include "notify/files.h"
#include "sandbox_scene.h"

static uint16_t allowed_port[1];

static int connect_to(uint16_t port)
{
	const struct sockaddr_in to = local(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	int error = connect(fd, (const struct sockaddr *)&to, sizeof to) != 0 ? errno : 0;
	(void)close(fd); /* nothing was sent */
	return error;
}

static int try_connect_allowed(void)
{
	return connect_to(allowed_port[0]);
}

static int try_connect_other(void)
{
	return connect_to(other_port);
}

static int try_bind(void)
{
	const struct sockaddr_in at = local(0);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return WRONG;
	return bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 ? errno : 0;
}

static int try_listen(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return WRONG;
	return listen(fd, 1) != 0 ? errno : 0;
}

static int try_other_netlink(void)
{
	return open_socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT);
}

static int try_turning_pair(void)
{
	int fds[2];
	return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) != 0 ? errno : 0;
}

static int look_up(const char *name, uint32_t expected)
{
	struct addrinfo *found = NULL;
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	if (getaddrinfo(name, "25", &hints, &found) != 0)
		return WRONG;
	int error = WRONG;
	for (const struct addrinfo *at = found; at != NULL; at = at->ai_next) {
		struct sockaddr_in v4;
		if (at->ai_family != AF_INET)
			continue;
		memcpy(&v4, at->ai_addr, sizeof v4);
		if (v4.sin_addr.s_addr == htonl(expected))
			error = 0;
	}
	freeaddrinfo(found);
	return error;
}

static int try_known_name(void)
{
	return look_up("localhost", INADDR_LOOPBACK);
}

/* Asks our own server, which knows every name. */
static int try_name(void)
{
	struct sockaddr_in at;
	socklen_t bytes = sizeof at;
	if (getsockname(udp, (struct sockaddr *)&at, &bytes) != 0 || res_init() != 0)
		return errno;
	_res.nscount = 1;
	_res.nsaddr_list[0] = at;
	_res.options |= RES_NORELOAD;
	return look_up("mail.example.test", 0xc0000207);
}

static void *look_up_aside(void *told)
{
	*(int *)told = try_name();
	return NULL;
}

static int try_name_aside(void)
{
	pthread_t thread;
	int told = WRONG;
	int error = pthread_create(&thread, NULL, look_up_aside, &told);
	if (error == 0)
		error = pthread_join(thread, NULL);
	return error != 0 ? error : told;
}

static int try_certificates(void)
{
	return open_and_close("/etc/nsswitch.conf", O_RDONLY);
}

/* Whether getaddrinfo() finds our server's names at all here: it need not use the DNS. */
static bool uses_dns(void)
{
	(void)fflush(stdout); /* else the child would print it too */
	pid_t child = fork();
	if (child == 0)
		_exit(try_name());
	int status = wait_for(child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Answers every question for an IPv4 address with 192.0.2.7, for others with nothing. */
static void answer(void)
{
	uint8_t packet[512];
	static const uint8_t found[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7};
	for (;;) {
		struct sockaddr_in from;
		socklen_t bytes = sizeof from;
		ssize_t got = recvfrom(
		    udp, packet, sizeof packet - sizeof found, 0, (struct sockaddr *)&from, &bytes);
		if (got < 12)
			continue;
		size_t end = 12;
		while (end < (size_t)got && packet[end] != 0)
			end += packet[end] + 1U;
		end += 5; /* the end of the name, type, class */
		if (end > (size_t)got)
			continue;
		bool v4 = packet[end - 3] == 1;
		packet[2] |= 0x84; /* an answer, with authority */
		packet[3] = 0x80;
		packet[7] = v4;
		packet[9] = 0;
		packet[11] = 0; /* no more records: what else was asked is cut off */
		memcpy(packet + end, found, sizeof found);
		(void)sendto(udp, packet, end + (v4 ? sizeof found : 0), 0,
		    (const struct sockaddr *)&from, bytes); /* who asked asks again */
	}
}

static pid_t start_answering(void)
{
	(void)fflush(stdout); /* else the child would print it too */
	pid_t child = fork();
	assert(child >= 0);
	if (child == 0)
		answer();
	return child;
}

static int write_notice(const char *where)
{
	return -files_write(where, "i1.json", "{}", 2);
}

static int try_notice(void)
{
	return write_notice(dir);
}

static int try_notice_elsewhere(void)
{
	return write_notice(elsewhere);
}

static int try_read_there(void)
{
	return in_dir(dir, "", O_RDONLY | O_DIRECTORY);
}

static const struct sandbox_profile courier = {
    .may_connect = true,
    .may_message = true,
    .may_thread = true,
    .connect_ports = allowed_port,
    .connect_port_count = 1,
};
static const struct sandbox_profile any_port = {.may_connect = true};
/* Where station.yaml names a directory for notices. */
static const struct sandbox_profile with_files = {
    .may_connect = true, .may_thread = true, .write_dir = dir};
static const struct row rows[] = {
    {"courier: takes a message with a descriptor", &courier, try_message, 0, 0},
    {"courier: connects to its port", &courier, try_connect_allowed, 0, 0},
    {"courier: to no other", &courier, try_connect_other, WAS_REFUSED, 4},
    {"courier: unless it may to any", &any_port, try_connect_other, 0, 0},
    {"courier: sends by UDP", &courier, try_send_anywhere, 0, 0},
    {"courier: knows local names", &courier, try_known_name, 0, 0},
    {"courier: reads settings", &courier, try_certificates, 0, 0},
    {"courier: has pairs of sockets", &courier, try_pair, 0, 0},
    {"courier: none that could turn to others", &courier, try_turning_pair, WAS_REFUSED, 0},
    {"courier: opens nothing elsewhere", &courier, try_open, WAS_REFUSED, 1},
    {"courier: writes no notice as a file", &courier, try_notice, WAS_REFUSED, 0},
    {"courier: writes one where it may", &with_files, try_notice, 0, 0},
    {"courier: and nowhere else", &with_files, try_notice_elsewhere, WAS_REFUSED, 1},
    {"courier: nor does it read there", &with_files, try_read_there, WAS_REFUSED, 1},
    {"courier: connects as before", &with_files, try_connect_other, 0, 0},
    {"courier: makes no file", &courier, try_make_elsewhere, WAS_REFUSED, 0},
    {"courier: writes to none", &courier, try_write_elsewhere, WAS_REFUSED, 0},
    {"courier: removes none", &courier, try_remove_there, WAS_REFUSED, 0},
    {"courier: asks the kernel for nothing but routes", &courier, try_other_netlink, WAS_REFUSED,
	0},
    {"courier: takes no name for itself", &courier, try_bind, WAS_REFUSED, 0},
    {"courier: does not listen", &courier, try_listen, WAS_REFUSED, 0},
    {"courier: accepts nobody", &courier, try_accept, WAS_REFUSED, 0},
};

static const struct row name_rows[] = {
    {"courier: asks a server for a name", &courier, try_name, 0, 0},
    {"courier: in another thread too", &courier, try_name_aside, 0, 0},
};

static void test_all(int landlock_abi, bool with_dns)
{
	test_rows(rows, sizeof rows / sizeof rows[0], landlock_abi);
	test_forbidden("courier", &courier, landlock_abi);
	if (with_dns)
		test_rows(name_rows, sizeof name_rows / sizeof name_rows[0], landlock_abi);
	else
		printf("ok %d - names # SKIP getaddrinfo() asks no DNS here\n", ++test_count);
}

static void test_state(int landlock_abi)
{
	OK(lacks(&courier, true) == (SANDBOX_LACKS_FILES | SANDBOX_LACKS_PORTS) &&
		lacks(&any_port, true) == SANDBOX_LACKS_FILES,
	    "without Landlock it reaches other files and, where it had a list, ports: that is "
	    "told");
	if (landlock_abi >= 4)
		OK(lacks(&courier, false) == 0 && lacks(&any_port, false) == 0,
		    "with it nothing is lacking");
}

int main(void)
{
	struct sandbox_state state;
	open_scene();
	int allowed = listen_somewhere(&allowed_port[0]);
	pid_t answering = start_answering();
	(void)try_known_name(); /* loads what looking names up needs, as the contract says */
	bool with_dns = uses_dns();

	sandbox_expect(&courier, &state);
	test_state(state.landlock_abi);
	if (state.landlock_abi > 0)
		test_all(state.landlock_abi, with_dns);
	else
		say_without_landlock();
	puts("# as if there were no Landlock");
	test_all(0, with_dns);

	(void)kill(answering, SIGKILL); /* it is ours */
	(void)wait_for(answering);      /* however it ends */
	(void)close(allowed);           /* of the test */
	close_scene();
	return test_done();
}
