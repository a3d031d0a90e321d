/*
 * deliver.c - hands jobs to a courier and prints what became of them, for tests/smtp and
 * tests/webhook.
 *
 *     deliver [OPTION=VALUE]... <JOBS
 *
 * Options are those of struct courier_options: parallel, per_receiver, mail_connect_s,
 * mail_total_s, webhook_connect_s, webhook_total_s, webhook_ca_file, syslog_ca_file, files_dir,
 * loopback (0 or 1), allow (a prefix); and stop_ms: end after so long, with whatever runs.
 *
 * A job is a line of fields NAME=VALUE parted by tabs: kind (mail, webhook, syslog or file), id,
 * host, port, tls (starttls, tls, clear), user, password, ca_file, hello, sender, recipient, url,
 * event, media_type, signature, file (the message). They are submitted in order, a job that finds
 * no room later. For each result a line: id, outcome, code, milliseconds, answer; for a job that is
 * refused its id, "refused", errno, 0 and the complaint.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "notify/courier.h"

enum {
	JOBS_MAX = 200,
	LINE_BYTES = 8192,
	MESSAGE_BYTES_MAX = COURIER_MESSAGE_BYTES_MAX + 1,
};

struct entry {
	char *line;
	char *bytes;
	struct courier_server server;
	struct courier_job job;
	bool is_settled;
};

static struct entry entries[JOBS_MAX];
static size_t entry_count;
static size_t settled_count;

static void fail(const char *what)
{
	fprintf(stderr, "deliver: %s\n", what);
	exit(2);
}

static unsigned number_of(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	if (*end != '\0' || number > UINT32_MAX)
		fail(text);
	return (unsigned)number;
}

static void read_message(struct entry *entry, const char *path)
{
	FILE *file = fopen(path, "rb");
	entry->bytes = malloc(MESSAGE_BYTES_MAX);
	if (file == NULL || entry->bytes == NULL)
		fail(path);
	entry->job.bytes = entry->bytes;
	entry->job.length = fread(entry->bytes, 1, MESSAGE_BYTES_MAX, file);
	(void)fclose(file);
}

static enum courier_tls tls_of(const char *name)
{
	if (strcmp(name, "clear") == 0)
		return COURIER_CLEAR;
	return strcmp(name, "tls") == 0 ? COURIER_TLS : COURIER_STARTTLS;
}

static enum courier_kind kind_of(const char *name)
{
	static const char *const names[] = {
	    [COURIER_MAIL] = "mail",
	    [COURIER_WEBHOOK] = "webhook",
	    [COURIER_SYSLOG] = "syslog",
	    [COURIER_FILE] = "file",
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], name) == 0)
			return (enum courier_kind)i;
	fail(name);
	return COURIER_MAIL;
}

static void set_field(struct entry *entry, const char *name, const char *value)
{
	const struct {
		const char *name;
		const char **field;
	} texts[] = {
	    {"host", &entry->server.host},
	    {"user", &entry->server.user},
	    {"password", &entry->server.password},
	    {"ca_file", &entry->server.ca_file},
	    {"hello", &entry->server.hello},
	    {"sender", &entry->job.sender},
	    {"recipient", &entry->job.recipient},
	    {"url", &entry->job.url},
	    {"event", &entry->job.event},
	    {"media_type", &entry->job.media_type},
	    {"signature", &entry->job.signature},
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (strcmp(texts[i].name, name) == 0) {
			*texts[i].field = value;
			return;
		}
	}
	if (strcmp(name, "kind") == 0)
		entry->job.kind = kind_of(value);
	else if (strcmp(name, "id") == 0)
		entry->job.id = number_of(value);
	else if (strcmp(name, "port") == 0)
		entry->server.port = (uint16_t)number_of(value);
	else if (strcmp(name, "tls") == 0)
		entry->server.tls = tls_of(value);
	else if (strcmp(name, "file") == 0)
		read_message(entry, value);
	else
		fail(name);
}

static void read_jobs(void)
{
	char line[LINE_BYTES];
	while (fgets(line, sizeof line, stdin) != NULL) {
		if (entry_count == JOBS_MAX)
			fail("too many jobs");
		struct entry *entry = &entries[entry_count++];
		line[strcspn(line, "\n")] = '\0';
		entry->line = strdup(line);
		if (entry->line == NULL)
			fail("out of memory");
		entry->job.server = &entry->server;
		char *rest = entry->line;
		for (char *field = strsep(&rest, "\t"); field != NULL;
		     field = strsep(&rest, "\t")) {
			char *equals = strchr(field, '=');
			if (equals == NULL)
				fail(field);
			*equals = '\0';
			set_field(entry, field, equals + 1);
		}
	}
}

static void print_line(uint64_t id, const char *what, int code, int64_t us, const char *words)
{
	printf("%" PRIu64 "\t%s\t%d\t%" PRId64 "\t%s\n", id, what, code, us / 1000, words);
	(void)fflush(stdout); /* whoever reads notices what is missing */
}

static void submit_all(struct courier *courier)
{
	for (size_t i = 0; i < entry_count; i++) {
		struct complaint complaint = {""};
		if (entries[i].is_settled)
			continue;
		int result = courier_submit(courier, &entries[i].job, &complaint);
		entries[i].is_settled = result != -EAGAIN && result != -EBUSY;
		if (result == -EAGAIN)
			return;
		if (result == 0 || result == -EBUSY)
			continue;
		print_line(entries[i].job.id, "refused", -result, 0, complaint.text);
		settled_count++;
	}
}

static void collect_all(struct courier *courier)
{
	struct courier_result result;
	while (courier_collect(courier, &result)) {
		print_line(result.id, courier_outcome_name(result.outcome), result.code,
		    result.took_us, result.reply);
		settled_count++;
	}
}

/* As a duty does: the courier is one descriptor among others. */
static int await(int epoll_fd, int timeout_ms)
{
	struct epoll_event event;
	return epoll_wait(epoll_fd, &event, 1, timeout_ms);
}

static int deliver(struct courier *courier, int stop_ms)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, courier_fd(courier), &event) != 0)
		fail("epoll");
	while (settled_count < entry_count) {
		submit_all(courier);
		if (settled_count < entry_count && await(epoll_fd, stop_ms) == 0)
			break; /* stopped in the middle of it */
		collect_all(courier);
	}
	(void)close(epoll_fd);
	return 0;
}

static int set_option(struct courier_options *options, struct prefix *allowed, const char *name,
    const char *value, int *stop_ms)
{
	const struct {
		const char *name;
		unsigned *number;
	} numbers[] = {
	    {"parallel", &options->parallel},
	    {"per_receiver", &options->per_receiver},
	    {"mail_connect_s", &options->mail_connect_s},
	    {"mail_total_s", &options->mail_total_s},
	    {"webhook_connect_s", &options->webhook_connect_s},
	    {"webhook_total_s", &options->webhook_total_s},
	};
	const char *why;
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		if (strcmp(numbers[i].name, name) == 0) {
			*numbers[i].number = number_of(value);
			return 0;
		}
	}
	if (strcmp(name, "webhook_ca_file") == 0)
		options->webhook_ca_file = value;
	else if (strcmp(name, "syslog_ca_file") == 0)
		options->syslog_ca_file = value;
	else if (strcmp(name, "files_dir") == 0)
		options->files_dir = value;
	else if (strcmp(name, "loopback") == 0)
		options->webhook_policy.may_loopback = strcmp(value, "1") == 0;
	else if (strcmp(name, "stop_ms") == 0)
		*stop_ms = (int)number_of(value);
	else if (strcmp(name, "allow") != 0 || prefix_parse(value, allowed, &why) != 0)
		return -1;
	options->webhook_policy.allowed_count += strcmp(name, "allow") == 0;
	return 0;
}

int main(int argc, char **argv)
{
	struct prefix allowed;
	struct courier_options options = {.webhook_policy = {.allowed = &allowed}};
	struct courier *courier = NULL;
	struct complaint complaint = {""};
	int stop_ms = -1;
	for (int i = 1; i < argc; i++) {
		char *equals = strchr(argv[i], '=');
		if (equals == NULL)
			fail(argv[i]);
		*equals = '\0';
		if (set_option(&options, &allowed, argv[i], equals + 1, &stop_ms) != 0)
			fail(argv[i]);
	}
	read_jobs();
	if (courier_new(&options, &courier, &complaint) != 0)
		fail(complaint.text);
	int result = deliver(courier, stop_ms);
	courier_free(courier);
	for (size_t i = 0; i < entry_count; i++) {
		free(entries[i].line);
		free(entries[i].bytes);
	}
	return result;
}
