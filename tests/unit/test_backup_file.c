/*
 * A station in one file: what is written is read again, and what is damaged is refused.
 */
#include "cmd/station/backup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

enum {
	DATABASE_BYTES = 70000, /* more than a piece, and no whole block */
};

static struct complaint complaint;
static const char yaml[] = "station:\n  name: test\n";
static uint8_t database[DATABASE_BYTES];

static int memory(const void *bytes, size_t count)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	bool is_there = fd >= 0 && (count == 0 || write(fd, bytes, count) == (ssize_t)count) &&
			lseek(fd, 0, SEEK_SET) == 0;
	return is_there ? fd : -1;
}

static const struct backup_head head = {
    .made = "2026-04-01T00:00:00.000000Z", .program = "0.1.0", .has_keys = true};

static int add_key(struct backup_writer *writer, const char *name, const char *text)
{
	int fd = memory(text, strlen(text));
	int result = backup_writer_add_file(writer, name, fd, &complaint);
	(void)close(fd);
	return result;
}

/* A whole archive, in memory; at its beginning. */
static int make(bool with_keys)
{
	struct backup_writer *writer = NULL;
	struct backup_head made = head;
	int fd = memory("", 0);
	int from = memory(database, sizeof database);
	made.has_keys = with_keys;
	int result = backup_writer_new("test", fd, &writer);
	if (result == 0)
		result = backup_writer_add_head(writer, &made, &complaint);
	if (result == 0)
		result = backup_writer_add_text(
		    writer, "station.yaml", yaml, sizeof yaml - 1, &complaint);
	if (result == 0)
		result = backup_writer_add_file(writer, "station.db", from, &complaint);
	if (result == 0 && with_keys)
		result = add_key(writer, "settings.yaml", "notices:\n  cap: 40\n");
	if (result == 0 && with_keys)
		result = add_key(writer, "wording/ja.yaml", "letters:\n");
	if (result == 0 && with_keys)
		result = add_key(writer, "holidays/KR", "12-25 Christmas Day\n");
	if (result == 0 && with_keys)
		result = add_key(writer, "keys/mail.password", "secret\n");
	if (result == 0 && with_keys)
		result = add_key(writer, "keys/empty", "");
	if (result == 0)
		result = backup_writer_finish(writer, &complaint);
	backup_writer_free(writer);
	(void)close(from);
	OK(result == 0 && lseek(fd, 0, SEEK_SET) == 0, "an archive is written");
	return fd;
}

static void test_round_trip(void)
{
	struct backup *backup = NULL;
	static uint8_t got[DATABASE_BYTES + 1];
	int fd = make(true);
	int to = memory("", 0);
	OK(backup_read("test", fd, to, &backup, &complaint) == 0, "and read");
	OK(strcmp(backup->head.made, head.made) == 0 &&
		strcmp(backup->head.program, head.program) == 0 && backup->head.has_keys,
	    "it says when and by which program it was made");
	const struct backup_text *text = backup_find(backup, "station.yaml");
	OK(text != NULL && strcmp(text->bytes, yaml) == 0 && text->count == sizeof yaml - 1,
	    "the text is what it was");
	text = backup_find(backup, "holidays/KR");
	OK(backup->file_count == 4 && text != NULL &&
		strcmp(text->bytes, "12-25 Christmas Day\n") == 0 &&
		backup_find(backup, "wording/ja.yaml") != NULL &&
		backup_find(backup, "wording/en.yaml") == NULL,
	    "so is what else people wrote");
	text = backup_find(backup, "settings.yaml");
	OK(text != NULL && strcmp(text->bytes, "notices:\n  cap: 40\n") == 0,
	    "and what was changed by the page");
	OK(backup->key_count == 2 && strcmp(backup->keys[0].name, "mail.password") == 0 &&
		strcmp(backup->keys[0].text.bytes, "secret\n") == 0 &&
		backup->keys[1].text.count == 0,
	    "so are the keys");
	OK(backup->database_bytes == DATABASE_BYTES && lseek(to, 0, SEEK_SET) == 0 &&
		read(to, got, sizeof got) == DATABASE_BYTES &&
		memcmp(got, database, sizeof database) == 0,
	    "so is the database");
	backup_free(backup);
	(void)close(to);
	(void)close(fd);

	fd = make(false);
	OK(backup_read("test", fd, -1, &backup, &complaint) == 0 && backup->key_count == 0 &&
		!backup->head.has_keys,
	    "without keys there are none");
	backup_free(backup);
	(void)close(fd);
	backup_free(NULL);
}

/* Damaged at one place. Whether it is refused with a line. */
static bool refuses(const uint8_t *bytes, size_t count)
{
	struct backup *backup = NULL;
	int fd = memory(bytes, count);
	complaint.text[0] = '\0';
	int result = backup_read("test", fd, -1, &backup, &complaint);
	(void)close(fd);
	if (result == 0)
		backup_free(backup);
	return result != 0 && strncmp(complaint.text, "test", 4) == 0;
}

static uint8_t *load(int fd, size_t *ret_count)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return NULL;
	uint8_t *bytes = malloc((size_t)status.st_size + 1);
	*ret_count = (size_t)status.st_size;
	if (bytes != NULL && read(fd, bytes, *ret_count) != status.st_size) {
		free(bytes);
		return NULL;
	}
	return bytes;
}

static void test_damage(void)
{
	size_t count = 0;
	int fd = make(true);
	uint8_t *bytes = load(fd, &count);
	int taken = 0;
	OK(bytes != NULL && count % 10240 == 0, "an archive has the size that tar(1) gives it");
	/* Bytes of all headers and texts, and some of each kilobyte of the database. */
	for (size_t i = 0; i < count; i += i < 4096 || i > count - 12288 ? 3 : 997) {
		bytes[i] ^= 0x10;
		taken += !refuses(bytes, count);
		bytes[i] ^= 0x10;
	}
	OK(taken == 0, "no byte can be another");
	if (taken != 0)
		printf("# %d were taken\n", taken);
	taken = 0;
	for (size_t i = 0; i < count; i += i < 4096 || i > count - 12288 ? 3 : 997)
		taken += !refuses(bytes, i);
	OK(taken == 0, "nothing may be missing at its end");
	bytes[count] = 0;
	OK(refuses(bytes, count + 1), "nor may anything follow");
	OK(refuses(bytes + 512, count - 512), "nor be missing at its beginning");
	free(bytes);
	(void)close(fd);
}

/* Archives that nobody damaged, but that say what they should not. */
static void test_foreign(void)
{
	static const struct {
		const char *files[4]; /* names in the order of the archive; NULL ends */
		const char *title;
	} rows[] = {
	    {{NULL}, "nothing at all"},
	    {{"station.yaml", "station.db", NULL}, "no head"},
	    {{"hinomi-backup", "station.db", NULL}, "no configuration"},
	    {{"hinomi-backup", "station.yaml", NULL}, "no database"},
	    {{"hinomi-backup", "station.yaml", "station.db", "station.db"}, "two databases"},
	    {{"hinomi-backup", "station.yaml", "station.db", "keys/x"}, "keys not told of"},
	    {{"hinomi-backup", "station.yaml", "station.db", "lock"}, "something else"},
	    {{"hinomi-backup", "station.yaml", "station.db", "station.yaml"}, "two configurations"},
	    {{"hinomi-backup", "station.yaml", "station.db", "wording/../../x"}, "a way out"},
	    {{"hinomi-backup", "station.yaml", "station.db", "wording/fr.yaml"}, "no such words"},
	    {{"hinomi-backup", "station.yaml", "station.db", "wording"}, "a folder itself"},
	    {{"hinomi-backup", "station.yaml", "station.db", "holidays/kr"}, "no country"},
	    {{"hinomi-backup", "station.yaml", "station.db", "holidays/"}, "no name"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct backup_writer *writer = NULL;
		struct backup *backup = NULL;
		struct backup_head plain = head;
		int fd = memory("", 0);
		plain.has_keys = false;
		int result = backup_writer_new("test", fd, &writer);
		for (size_t j = 0; j < 4 && rows[i].files[j] != NULL && result == 0; j++)
			result = strcmp(rows[i].files[j], BACKUP_HEAD) == 0
				     ? backup_writer_add_head(writer, &plain, &complaint)
				     : backup_writer_add_text(
					   writer, rows[i].files[j], "x", 1, &complaint);
		if (result == 0)
			result = backup_writer_finish(writer, &complaint);
		backup_writer_free(writer);
		OK(result == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
			backup_read("test", fd, -1, &backup, &complaint) == -EBADMSG,
		    rows[i].title);
		(void)close(fd);
	}
}

static void test_heads(void)
{
	static const struct {
		const char *text;
		int result;
		const char *title;
	} rows[] = {
	    {"hinomi-backup 3\n", -EPROTONOSUPPORT, "a later form"},
	    {"hinomi-backup 0\n", -EPROTONOSUPPORT, "a form that never was"},
	    {"hinomi-backup 1\n", -EBADMSG, "half a head"},
	    {"hinomi-backup one\nmade x\nprogram y\nkeys no\n", -EBADMSG, "no version"},
	    {"hinomi-backup 1\nmade x\nprogram y\nkeys some\n", -EBADMSG, "neither yes nor no"},
	    {"hinomi-backup 1\nmade x\nprogram y\nkeys no\nmore x\n", -EBADMSG, "a line more"},
	    {"hinomi-backup 1\nmade x y\nprogram y\nkeys no\n", -EBADMSG, "a blank in a value"},
	    {"hinomi-backup 1\nmade \x1b[2J\nprogram y\nkeys no\n", -EBADMSG,
		"what acts on a terminal"},
	    {"hinomi-backup 1\nmade \nprogram y\nkeys no\n", -EBADMSG, "an empty value"},
	    {"", -EBADMSG, "an empty head"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct backup_writer *writer = NULL;
		struct backup *backup = NULL;
		int fd = memory("", 0);
		int result = backup_writer_new("test", fd, &writer);
		if (result == 0)
			result = backup_writer_add_text(
			    writer, BACKUP_HEAD, rows[i].text, strlen(rows[i].text), &complaint);
		if (result == 0)
			result = backup_writer_add_text(writer, "station.yaml", "", 0, &complaint);
		if (result == 0)
			result = backup_writer_finish(writer, &complaint);
		backup_writer_free(writer);
		OK(result == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
			backup_read("test", fd, -1, &backup, &complaint) == rows[i].result,
		    rows[i].title);
		(void)close(fd);
	}
}

static void test_names(void)
{
	char longest[TAR_NAME_BYTES];
	memset(longest, 'k', sizeof longest);
	longest[TAR_NAME_BYTES - 1 - strlen(BACKUP_KEYS)] = '\0';
	OK(backup_name_is_valid("mail.password") && backup_name_is_valid("our-ca_2.pem") &&
		backup_name_is_valid(longest),
	    "names of keys");
	longest[TAR_NAME_BYTES - 1 - strlen(BACKUP_KEYS)] = 'k';
	longest[TAR_NAME_BYTES - strlen(BACKUP_KEYS)] = '\0';
	static const char *const bad[] = {
	    "", ".", "..", ".hidden", "-option", "a/b", "a b", "a\nb", "\xe7\x81\xab"};
	int taken = backup_name_is_valid(longest);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		taken += backup_name_is_valid(bad[i]);
	OK(taken == 0, "and what is none");
}

/* What an earlier program wrote: one file of text, and keys. */
static int read_earlier(const char *more, struct backup **ret_backup)
{
	static const char text[] = "hinomi-backup 1\nmade x\nprogram y\nkeys no\n";
	struct backup_writer *writer = NULL;
	int fd = memory("", 0);
	int result = backup_writer_new("test", fd, &writer);
	if (result == 0)
		result =
		    backup_writer_add_text(writer, BACKUP_HEAD, text, sizeof text - 1, &complaint);
	if (result == 0)
		result = backup_writer_add_text(writer, "station.yaml", "a", 1, &complaint);
	if (result == 0)
		result = backup_writer_add_text(writer, "station.db", "", 0, &complaint);
	if (result == 0 && more != NULL)
		result = backup_writer_add_text(writer, more, "", 0, &complaint);
	if (result == 0)
		result = backup_writer_finish(writer, &complaint);
	if (result == 0 && lseek(fd, 0, SEEK_SET) == 0)
		result = backup_read("test", fd, -1, ret_backup, &complaint);
	backup_writer_free(writer);
	(void)close(fd);
	return result;
}

static void test_earlier(void)
{
	struct backup *backup = NULL;
	OK(read_earlier(NULL, &backup) == 0 && backup->head.version == 1 &&
		backup->file_count == 1 &&
		strcmp(backup_find(backup, "station.yaml")->bytes, "a") == 0,
	    "the form before is read");
	backup_free(backup);
	OK(read_earlier("wording/ja.yaml", &backup) == -EBADMSG,
	    "which holds nothing that it could not");
}

static void test_file_limits(void)
{
	struct backup_writer *writer = NULL;
	size_t count;
	const struct backup_place *places = backup_places(&count);
	size_t room = 0;
	char *text = malloc(BACKUP_TEXT_MAX_BYTES + 2);
	int fd = memory("", 0);
	OK(text != NULL && backup_writer_new("test", fd, &writer) == 0 && places[0].is_needed,
	    "an archive for files");
	for (size_t i = 0; i < count; i++) {
		const char *name = places[i].has == NULL ? places[i].name
				   : places[i].has("KR") ? "holidays/KR"
							 : "wording/ja.yaml";
		room += places[i].files_max;
		memset(text, 'x', (size_t)places[i].bytes_max + 1);
		text[places[i].bytes_max + 1] = '\0';
		OK(backup_place_of(name) == &places[i] && add_key(writer, name, text) == -EFBIG &&
			add_key(writer, name, text + 1) == 0,
		    "the longest file is taken, a byte more is refused");
	}
	OK(room == BACKUP_FILES_MAX, "there is room for all files of all places");
	int result = 0;
	for (size_t i = count; i < BACKUP_FILES_MAX && result == 0; i++)
		result = add_key(writer, "holidays/KR", "x");
	OK(result == 0 && add_key(writer, "holidays/KR", "x") == -ENOSPC, "and not for one more");
	backup_writer_free(writer);
	(void)close(fd);
	free(text);
}

static void test_limits(void)
{
	struct backup_writer *writer = NULL;
	struct backup *backup = NULL;
	char name[TAR_NAME_BYTES];
	char *text = calloc(1, BACKUP_TEXT_MAX_BYTES + 2);
	int fd = memory("", 0);
	OK(text != NULL && backup_writer_new("test", fd, &writer) == 0, "another archive");
	memset(text, 'x', BACKUP_TEXT_MAX_BYTES + 1);
	OK(backup_writer_add_head(writer, &head, &complaint) == 0 &&
		backup_writer_add_text(
		    writer, "station.yaml", text, BACKUP_TEXT_MAX_BYTES, &complaint) == 0 &&
		backup_writer_add_text(writer, "station.db", "", 0, &complaint) == 0,
	    "the longest text");
	OK(add_key(writer, "keys/long", text) == -EFBIG &&
		backup_writer_add_text(
		    writer, "keys/long", text, BACKUP_TEXT_MAX_BYTES + 1, &complaint) == -EFBIG,
	    "a byte more is refused");
	int result = 0;
	for (int i = 0; i < BACKUP_KEYS_MAX && result == 0; i++) {
		(void)snprintf(name, sizeof name, "keys/key%d", i); /* fits */
		result = add_key(writer, name, "x");
	}
	OK(result == 0, "as many keys as there may be");
	OK(add_key(writer, "keys/more", "x") == -ENOSPC, "one more is refused");
	OK(add_key(writer, "keys/a b", "x") == -EINVAL, "a name that is none as well");
	OK(backup_writer_finish(writer, &complaint) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
		backup_read("test", fd, -1, &backup, &complaint) == 0 &&
		backup->key_count == BACKUP_KEYS_MAX,
	    "all of it is read again");
	backup_free(backup);
	backup_writer_free(writer);
	(void)close(fd);
	free(text);
}

static void test_disk(void)
{
	struct backup_writer *writer = NULL;
	struct backup *backup = NULL;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	OK(full >= 0 && backup_writer_new("test", full, &writer) == 0 &&
		backup_writer_add_head(writer, &head, &complaint) == -ENOSPC,
	    "a full disk is told");
	backup_writer_free(writer);
	int fd = make(true);
	OK(backup_read("test", fd, full, &backup, &complaint) == -ENOSPC,
	    "also when the database is taken out");
	(void)close(full);
	(void)close(fd);
}

int main(void)
{
	for (size_t i = 0; i < sizeof database; i++)
		database[i] = (uint8_t)(i * 31 + i / 256);
	test_round_trip();
	test_damage();
	test_foreign();
	test_heads();
	test_names();
	test_earlier();
	test_limits();
	test_file_limits();
	test_disk();
	return test_done();
}
