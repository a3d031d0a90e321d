/* Where captures come from: names, kinds, pipes, files that change while they are read. */
#include "source_help.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "test.h"

#define HEADER "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000 "
#define R1     "01000000 02000000 03000000 04000000 aabbcc "
#define R2     "02000000 3f420f00 02000000 02000000 ddee "
#define F1     "1.000002 l1 3/4 aabbcc\n"
#define F2     "2.999999 l1 2/2 ddee\n"
#define WANTED "; expected a pcap or pcapng capture"

enum {
	PATH_BYTES = 256
};

static char folder[PATH_BYTES] = "/tmp/test_source_open.XXXXXX";

static const char *path_of(const char *name)
{
	static char path[2 * PATH_BYTES];
	int length = snprintf(path, sizeof path, "%s/%s", folder, name);
	assert(length > 0 && (size_t)length < sizeof path);
	return path;
}

static void write_file(const char *path, const char *hex)
{
	struct bytes bytes = help_from_hex(hex);
	FILE *file = fopen(path, "wb");
	assert(file != NULL);
	size_t written = fwrite(bytes.at, 1, bytes.count, file);
	int closed = fclose(file);
	assert(written == bytes.count && closed == 0);
	free(bytes.at);
}

/* What opening and reading an address gives, as text; a refusal is "-ERRNO: complaint". */
static char *outcome_of_address(const struct source_kind *const *kinds, const char *address)
{
	struct source *source = NULL;
	struct complaint complaint = {0};
	int result = source_open(kinds, address, &source, &complaint);
	if (result == 0)
		return help_outcome(source, FRAME_BATCH_MAX);
	char *text = NULL;
	int length = asprintf(&text, "%d: %s", result, complaint.text);
	assert(length > 0 && source == NULL);
	return text;
}

static bool opens_as(const char *address, const char *expected)
{
	char *text = outcome_of_address(help_kinds, address);
	bool is_same = strcmp(text, expected) == 0;
	if (!is_same)
		printf("# expected: %s\n# got: %s\n", expected, text);
	free(text);
	return is_same;
}

static int open_other(const char *rest, struct source **ret_source, struct complaint *complaint)
{
	(void)ret_source;
	return complain(complaint, -EPERM, "other got \"%s\"", rest);
}

static const struct source_kind source_other = {.name = "other", .open = open_other};

static void test_addresses(void)
{
	static const struct source_kind *const kinds[] = {&source_pcap, &source_other, NULL};
	static const struct {
		const char *name;
		const char *address;
		const char *expected;
	} cases[] = {
	    {"a kind gets what follows the colon", "other:a:b?c", "-1: other got \"a:b?c\""},
	    {"and may get nothing", "other:", "-1: other got \"\""},
	    {"an unknown kind lists the known ones", "pacp:/nowhere",
		"-22: pacp:/nowhere: no such file, and \"pacp\" is no kind of source; "
		"expected a file or one of pcap:, other:"},
	    {"a missing file", "/nowhere/x.pcap",
		"-2: /nowhere/x.pcap: No such file or directory" WANTED},
	    {"a missing file, with its kind", "pcap:/nowhere/x.pcap",
		"-2: /nowhere/x.pcap: No such file or directory" WANTED},
	    {"a colon far behind is part of a path", "/nowhere/a:b",
		"-2: /nowhere/a:b: No such file or directory" WANTED},
	    {"a kind has small letters", "Pcap:x", "-2: Pcap:x: No such file or directory" WANTED},
	    {"nothing", "", "-2: \"\": No such file or directory" WANTED},
	    {"a folder", "/", "-21: /: is a directory" WANTED},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *text = outcome_of_address(kinds, cases[i].address);
		bool is_same = strcmp(text, cases[i].expected) == 0;
		OK(is_same, cases[i].name);
		if (!is_same)
			printf("# got: %s\n", text);
		free(text);
	}
}

static void test_files(void)
{
	char address[2 * PATH_BYTES];
	int previous = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int changed = chdir(folder);
	assert(previous >= 0 && changed == 0);
	write_file("a.pcap", HEADER R1);
	write_file("pacp:b", HEADER R2);
	write_file("empty", "");
	write_file("text", "4120 6c69 6e65 0a c3a9");
	write_file("zeros", "0000000000000000");
	OK(opens_as("a.pcap", F1 "end"), "a file by name");
	OK(opens_as("pcap:a.pcap", F1 "end"), "a file by kind and name");
	OK(opens_as("pacp:b", F2 "end"), "a file whose name looks like an unknown kind");
	OK(opens_as("empty", "!empty: is empty" WANTED "\nend"), "an empty file");
	OK(opens_as("text", "!text: is text, not a capture" WANTED "\nend"), "a text file");
	OK(opens_as("zeros", "!zeros: is not a capture" WANTED "\nend"), "a file of zeros");
	OK(opens_as("/dev/null", "!/dev/null: is empty" WANTED "\nend"), "/dev/null");
	changed = fchdir(previous);
	assert(changed == 0);
	(void)close(previous);
	(void)snprintf(address, sizeof address, "%s/a.pcap", folder);
	OK(opens_as(address, F1 "end"), "a file by path");
}

static void test_strangers(void)
{
	static const struct {
		const char *name;
		const char *file;
		const char *what;
	} cases[] = {
	    {"bzip2", "425a6839 31415926", "is compressed with bzip2; unpack it first (bzip2 -dc "},
	    {"xz", "fd377a58 5a000004", "is compressed with xz; unpack it first (xz -dc "},
	    {"lz4", "04224d18 6440a700", "is compressed with lz4; unpack it first (lz4 -dc "},
	    {"zip", "504b0304 14000000", "is a zip archive; unpack it first"},
	    {"snoop", "736e6f6f 70000000 00000002", "is a snoop capture; pcap and pcapng are read"},
	    {"Network Monitor", "474d4255 00020000", "is a Network Monitor 2 capture; "},
	    {"Sniffer", "5452534e 49464620 64617461 20202020 1a", "is a Sniffer capture; "},
	    {"one byte", "d4", "is too short to be a capture" WANTED},
	    {"three bytes of a magic", "d4c3b2", "is too short to be a capture" WANTED},
	    {"a magic and nothing else", "d4c3b2a1", "the capture ends in the middle of the file "},
	    {"a control character in text", "61626364 07", "is not a capture" WANTED},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bytes file = help_from_hex(cases[i].file);
		char *text = help_outcome_of(file.at, file.count, 0, 1);
		bool is_told = text[0] == '!' && strstr(text, cases[i].what) != NULL;
		OK(is_told, cases[i].name);
		if (!is_told)
			printf("# got: %s\n", text);
		free(text);
		free(file.at);
	}
}

/* The first bytes alone decide, however many are at hand. */
static void test_long_text(void)
{
	uint8_t file[CAPTURE_PROBE_BYTES + 1];
	memset(file, 'a', sizeof file);
	file[CAPTURE_PROBE_BYTES] = 0;
	OK(help_gives(file, sizeof file, "!FILE: is text, not a capture" WANTED "\nend"),
	    "a zero one past the bytes that are looked at");
	file[CAPTURE_PROBE_BYTES - 1] = 0;
	OK(help_gives(file, sizeof file, "!FILE: is not a capture" WANTED "\nend"),
	    "a zero in the last of them");
}

/* Runs a child that writes the bytes into `fd`, so many at a time. */
static pid_t feed(int fd, const struct bytes *bytes, size_t step)
{
	(void)fflush(stdout);
	pid_t child = fork();
	assert(child >= 0);
	if (child != 0)
		return child;
	for (size_t at = 0; at < bytes->count; at += step) {
		size_t count = bytes->count - at < step ? bytes->count - at : step;
		if (write(fd, bytes->at + at, count) != (ssize_t)count)
			_exit(1);
		if (at % 64 == 0)
			(void)usleep(100);
	}
	_exit(0);
}

static bool has_fed(pid_t child)
{
	int status;
	return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void test_pipes(void)
{
	static const struct {
		const char *name;
		const char *file;
		size_t step;
		int flags;
		const char *expected;
	} cases[] = {
	    {"standard input, whole", HEADER R1 R2, 1000, 0, F1 F2 "end"},
	    {"standard input, byte by byte", HEADER R1 R2, 1, 0, F1 F2 "end"},
	    {"standard input that does not block", HEADER R1 R2, 3, O_NONBLOCK, F1 F2 "end"},
	    {"standard input, cut", HEADER R1 "02000000", 1, 0,
		F1 "!standard input:byte 43: the capture ends in the middle of a packet record: "
		   "4 bytes are left, expected at least 16\nend"},
	    {"nothing on standard input", "", 1, 0, "!standard input: is empty" WANTED "\nend"},
	};
	int saved = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int ends[2];
		int made = pipe2(ends, O_CLOEXEC | cases[i].flags);
		assert(made == 0);
		struct bytes file = help_from_hex(cases[i].file);
		(void)fcntl(ends[1], F_SETFL, 0); /* the writer blocks */
		pid_t child = feed(ends[1], &file, cases[i].step);
		(void)close(ends[1]);
		(void)dup2(ends[0], STDIN_FILENO);
		(void)close(ends[0]);
		OK(opens_as("-", cases[i].expected), cases[i].name);
		OK(has_fed(child), "and all of it was taken");
		free(file.at);
	}
	if (saved >= 0) {
		(void)dup2(saved, STDIN_FILENO);
		(void)close(saved);
	}
}

static void test_fifo(void)
{
	const char *path = path_of("fifo");
	int made = mkfifo(path, 0600);
	assert(made == 0);
	(void)fflush(stdout);
	pid_t child = fork();
	assert(child >= 0);
	if (child == 0) {
		write_file(path, HEADER R1 R2);
		_exit(0);
	}
	OK(opens_as(path, F1 F2 "end"), "a FIFO by its path");
	OK(has_fed(child), "and its writer has ended well");
}

static void read_batch(
    struct source *source, struct frame_batch *batch, size_t max, struct complaint *complaint)
{
	batch->count = 0;
	(void)source_read(source, batch, max, complaint);
}

/* A file of 5000 frames, of which some are read before it changes. */
static struct source *open_changing(int *ret_fd, struct frame_batch *batch)
{
	struct bytes file = help_from_hex(HEADER);
	for (int i = 0; i < 5000; i++)
		help_append_hex(&file, R1);
	*ret_fd = help_file(file.at, file.count);
	struct source *source = NULL;
	int result = capture_open_fd(dup(*ret_fd), "FILE", 0, &source, NULL);
	assert(result == 0);
	read_batch(source, batch, 10, NULL);
	assert(batch->count == 10);
	free(file.at);
	return source;
}

static void test_changes(void)
{
	struct frame_batch *batch = malloc(sizeof *batch);
	assert(batch != NULL);
	int fd;
	struct source *source = open_changing(&fd, batch);
	int changed = ftruncate(fd, 24 + 19 * 1000);
	char *text = help_outcome(source, 100);
	OK(changed == 0 && strstr(text, "!FILE: became shorter while it was read: it ends at byte "
					"19024, expected 95024\nend") != NULL,
	    "a file cut while it is read, where a record ends");
	free(text);
	(void)close(fd);

	source = open_changing(&fd, batch);
	changed = ftruncate(fd, 0);
	text = help_outcome(source, 100);
	OK(changed == 0 && strstr(text, "!FILE: became shorter while it was read") != NULL,
	    "a file emptied while it is read");
	free(text);
	(void)close(fd);

	source = open_changing(&fd, batch);
	struct bytes more = help_from_hex(R2);
	ssize_t written = pwrite(fd, more.at, more.count, 24 + 19 * 5000);
	text = help_outcome(source, 100);
	OK(written == 18 && strstr(text, F1 F2 "end") != NULL,
	    "a file that grows while it is read");
	free(text);
	free(more.at);
	(void)close(fd);
	free(batch);
}

static void test_progress(void)
{
	struct frame_batch *batch = malloc(sizeof *batch);
	assert(batch != NULL);
	int fd;
	struct source *source = open_changing(&fd, batch);
	struct source_progress progress;
	source_get_progress(source, &progress);
	OK(progress.bytes_done == 24 + 190 && progress.bytes_total == 95024,
	    "progress counts what was given, not what was read ahead");
	do
		read_batch(source, batch, FRAME_BATCH_MAX, NULL);
	while (batch->count > 0);
	source_get_progress(source, &progress);
	OK(progress.bytes_done == 95024 && progress.bytes_total == 95024, "and ends with all");
	source_close(source);
	(void)close(fd);
	free(batch);
}

/* A descriptor that stands behind the start of the file is read from there. */
static void test_offset(void)
{
	struct bytes file = help_from_hex("ffffffff" HEADER R1);
	int fd = help_file(file.at, file.count);
	off_t at = lseek(fd, 4, SEEK_SET);
	struct source *source = NULL;
	int result = capture_open_fd(fd, "FILE", 0, &source, NULL);
	assert(at == 4 && result == 0);
	int64_t first_us = 0;
	OK(source_pcap.find_first_time(source, &first_us) && first_us == 1000002,
	    "the first time of a file is found");
	char *text = help_outcome(source, 1);
	OK(strcmp(text, F1 "end") == 0, "and nothing of it is lost");
	free(text);
	free(file.at);
}

static void test_unreadable(void)
{
	struct source *source = NULL;
	int result = capture_open_fd(open("/", O_RDONLY | O_CLOEXEC), "FILE", 0, &source, NULL);
	assert(result == 0);
	char *text = help_outcome(source, 1);
	OK(strcmp(text, "!FILE: cannot be read at byte 0: Is a directory\nend") == 0,
	    "what cannot be read says so");
	free(text);
}

/* More files than the soft limit allows: it is raised. One more than the hard limit is refused. */
static void test_file_limit(void)
{
	struct rlimit limit = {.rlim_cur = 20, .rlim_max = 60};
	struct source *sources[60] = {0};
	struct complaint complaint = {0};
	int set = setrlimit(RLIMIT_NOFILE, &limit);
	assert(set == 0);
	size_t count = 0;
	int result = 0;
	while (result == 0 && count < 60)
		if ((result = source_open(
			 help_kinds, path_of("a.pcap"), &sources[count], &complaint)) == 0)
			count++;
	OK(count > 30, "the limit of open files is raised when it is reached");
	OK(result == -EMFILE && strstr(complaint.text, "too many open files") != NULL,
	    "where it cannot be, the complaint says so");
	for (size_t i = 0; i < count; i++)
		source_close(sources[i]);
}

static void remove_files(void)
{
	static const char *const names[] = {
	    "a.pcap", "pacp:b", "empty", "text", "zeros", "fifo", ""};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)remove(path_of(names[i])); /* of a folder of our own under /tmp */
}

int main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	test_addresses();
	test_files();
	test_strangers();
	test_long_text();
	test_pipes();
	test_fifo();
	test_changes();
	test_progress();
	test_offset();
	test_unreadable();
	test_file_limit();
	remove_files();
	return test_done();
}
