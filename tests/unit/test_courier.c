#include "notify/courier.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

enum {
	WAIT_MS = 10000,
};

/* Somebody who takes connections and never says a word. */
struct silent {
	int socket_fd;
	uint16_t port;
};

static struct silent silent_open(void)
{
	struct sockaddr_in name = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof name;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof name) != 0 ||
	    listen(fd, 100) != 0 || getsockname(fd, (struct sockaddr *)&name, &length) != 0)
		abort();
	return (struct silent){fd, ntohs(name.sin_port)};
}

static struct courier *courier_of(struct courier_options options)
{
	struct courier *courier = NULL;
	if (courier_new(&options, &courier, NULL) != 0)
		abort();
	return courier;
}

static int submit(struct courier *courier, uint64_t id, uint16_t port)
{
	static const char message[] = "Subject: x\r\n\r\nx\r\n";
	const struct courier_server server = {
	    .host = "127.0.0.1", .port = port, .tls = COURIER_CLEAR};
	const struct courier_job job = {
	    .id = id,
	    .kind = COURIER_MAIL,
	    .server = &server,
	    .sender = "noc@example.jp",
	    .recipient = "soumu@town.example",
	    .bytes = message,
	    .length = sizeof message - 1,
	};
	return courier_submit(courier, &job, NULL);
}

static bool is_readable(const struct courier *courier, int timeout_ms)
{
	struct pollfd entry = {.fd = courier_fd(courier), .events = POLLIN};
	return poll(&entry, 1, timeout_ms) == 1;
}

static void test_options(void)
{
	struct courier *courier = NULL;
	struct complaint complaint = {""};
	struct courier_options options = {.parallel = COURIER_PARALLEL_MAX + 1};
	OK(courier_new(&options, &courier, &complaint) == -EINVAL && courier == NULL &&
		strstr(complaint.text, "expected at most 64") != NULL,
	    "more at once than may be");
	options.parallel = COURIER_PARALLEL_MAX;
	OK(courier_new(&options, &courier, NULL) == 0, "as many as may be");
	courier_free(courier);
	courier_free(NULL);
	OK(strcmp(courier_outcome_name(COURIER_UNKNOWN), "unknown") == 0, "outcomes have names");
}

static void test_limits(void)
{
	struct silent first = silent_open();
	struct silent second = silent_open();
	struct courier *courier = courier_of((struct courier_options){
	    .parallel = 3, .per_receiver = 2, .mail_connect_s = 60, .mail_total_s = 60});
	struct courier_result result;
	OK(!is_readable(courier, 0) && !courier_collect(courier, &result),
	    "an idle courier has nothing to tell");
	OK(submit(courier, 1, first.port) == 0 && submit(courier, 2, first.port) == 0,
	    "as many as one receiver may have");
	OK(submit(courier, 3, first.port) == -EBUSY, "one more must wait for it");
	OK(submit(courier, 3, second.port) == 0, "one to another need not");
	OK(submit(courier, 4, second.port) == -EAGAIN, "until all are at work");
	OK(!is_readable(courier, 100), "nothing has ended yet");
	courier_free(courier);
	OK(true, "a courier is ended in the middle of its work");
	(void)close(first.socket_fd);
	(void)close(second.socket_fd);
}

static void test_results(void)
{
	struct silent silent = silent_open();
	struct courier *courier = courier_of(
	    (struct courier_options){.parallel = 2, .mail_connect_s = 1, .mail_total_s = 1});
	struct courier_result result = {.id = 0};
	if (submit(courier, UINT64_MAX, silent.port) != 0)
		abort();
	OK(is_readable(courier, WAIT_MS) && courier_collect(courier, &result),
	    "a result is announced");
	OK(result.id == UINT64_MAX && result.outcome == COURIER_TEMPORARY && result.code == 0 &&
		result.reply[0] != '\0' && result.took_us >= 900000,
	    "it tells whose it is, and what came of it");
	OK(!courier_collect(courier, &result) && !is_readable(courier, 0), "it comes once");
	OK(submit(courier, 2, silent.port) == 0 && submit(courier, 3, silent.port) == 0,
	    "its place is free again");
	unsigned seen = 0;
	while (seen < 2 && is_readable(courier, WAIT_MS)) {
		while (courier_collect(courier, &result))
			seen++;
	}
	OK(seen == 2, "two that end together are both told");
	courier_free(courier);
	(void)close(silent.socket_fd);
}

static const struct {
	const char *name;
	struct courier_server server;
	const char *why; /* NULL: taken */
} servers[] = {
    {"STARTTLS anywhere", {.host = "mail.example.jp", .port = 587}, NULL},
    {"an address", {.host = "192.0.2.1", .port = 25}, NULL},
    {"one of IPv6", {.host = "2001:db8::1", .port = 25}, NULL},
    {"in the clear to localhost", {.host = "localhost", .port = 25, .tls = COURIER_CLEAR}, NULL},
    {"in the clear to ::1", {.host = "::1", .port = 25, .tls = COURIER_CLEAR}, NULL},
    {"in the clear to the network", {.host = "192.168.1.1", .port = 25, .tls = COURIER_CLEAR},
	"expected TLS"},
    {"in the clear to a name", {.host = "localhost.example.jp", .port = 25, .tls = COURIER_CLEAR},
	"expected TLS"},
    {"no port", {.host = "mail.example.jp"}, "port"},
    {"a host with a slash", {.host = "mail.example.jp/x", .port = 25}, "host"},
    {"a host with an @", {.host = "a@b.example", .port = 25}, "host"},
    {"an empty host", {.host = "", .port = 25}, "host"},
    {"a user alone", {.host = "mail.example.jp", .port = 25, .user = "kita"}, "password"},
    {"a password alone", {.host = "mail.example.jp", .port = 25, .password = "x"}, "password"},
    {"a password with a line end",
	{.host = "mail.example.jp", .port = 25, .user = "kita", .password = "x\n"}, "control"},
    {"a name for EHLO with a line end",
	{.host = "mail.example.jp", .port = 25, .hello = "x\r\nDATA"}, "EHLO"},
};

static void test_servers(void)
{
	for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
		struct complaint complaint = {""};
		int result = courier_check_server(&servers[i].server, &complaint);
		bool taken = servers[i].why == NULL;
		OK(taken ? result == 0
			 : result == -EINVAL && strstr(complaint.text, servers[i].why) != NULL &&
			       strpbrk(complaint.text, "\r\n") == NULL,
		    servers[i].name);
	}
}

int main(void)
{
	test_options();
	test_limits();
	test_results();
	test_servers();
	return test_done();
}
