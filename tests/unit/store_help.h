/* store_help.h - folders, records and dumps for the tests of the store. */
#ifndef STORE_HELP_H
#define STORE_HELP_H

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/columns.h"
#include "store/store.h"
#include "test.h"

enum {
	FOLDER_BYTES = 64,
	PATH_BYTES = 160,
};

static inline void make_folder_in(const char *place, char out[static FOLDER_BYTES])
{
	(void)snprintf(out, FOLDER_BYTES, "%s/hinomi-test-store-XXXXXX", place);
	if (mkdtemp(out) == NULL) {
		perror("mkdtemp");
		exit(1);
	}
}

static inline void make_folder(char out[static FOLDER_BYTES])
{
	make_folder_in("/tmp", out);
}

/* Where nothing is really written: for tests of what a disk would do. */
static inline void make_folder_in_memory(char out[static FOLDER_BYTES])
{
	make_folder_in(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", out);
}

static inline int remove_one(
    const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

static inline void remove_folder(const char *folder)
{
	(void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS); /* what is left is in /tmp */
}

static inline const char *in_folder(const char *folder, const char *name)
{
	static char paths[4][PATH_BYTES]; /* as many may be in use at once */
	static unsigned turn;
	char *path = paths[turn++ % 4];
	(void)snprintf(path, PATH_BYTES, "%s/%s", folder, name);
	return path;
}

/* Opens; says why not. NULL on failure. */
static inline struct store *open_store(const char *engine, const char *path, bool read_only)
{
	struct store *store = NULL;
	struct complaint complaint = {""};
	const struct store_options options = {
	    .engine = engine, .path = path, .read_only = read_only};
	if (store_open(&options, &store, &complaint) != 0)
		printf("# %s\n", complaint.text);
	return store;
}

static inline struct store_member sample_member(const char *name)
{
	return (struct store_member){
	    .name = name, .language = "ja", .zone = "Asia/Tokyo", .created_us = 1};
}

static inline struct store_incident sample_incident(int64_t member_id, const char *subject)
{
	return (struct store_incident){.member_id = member_id,
	    .member = "sakura-town",
	    .subject = subject,
	    .rule = "scan.dark",
	    .state = "new",
	    .severity = "high",
	    .first_us = 10,
	    .last_us = 20,
	    .opened_us = 30,
	    .changed_us = 40,
	    .packets = 254,
	    .targets = 254,
	    .port_count = 1,
	    .finding = "{\"rule\":\"scan.dark\"}"};
}

static inline struct store_event sample_event(int64_t incident_id)
{
	return (struct store_event){.incident_id = incident_id,
	    .at_us = 5,
	    .from_state = "",
	    .to_state = "new",
	    .what = "opened",
	    .by = "keeper"};
}

static inline struct store_notice sample_notice(int64_t incident_id, const char *message_id)
{
	return (struct store_notice){.incident_id = incident_id,
	    .contact_id = 1,
	    .kind = NOTICE_FIRST,
	    .message_id = message_id,
	    .subject = "[hinomi] \xe7\x81\xab",
	    .body = {"a\0b", 3},
	    .state = NOTICE_WAITING,
	    .next_us = 100,
	    .created_us = 50};
}

static inline struct store_session sample_session(int64_t account_id, const char *hash)
{
	return (struct store_session){.account_id = account_id,
	    .token_hash = hash,
	    .kind = SESSION_PAGE,
	    .created_us = 1,
	    .until_us = 2,
	    .from = "192.0.2.7"};
}

static inline struct store_batch sample_batch(uint64_t epoch, int64_t sequence)
{
	return (struct store_batch){.sensor = "north",
	    .epoch = epoch,
	    .sequence = sequence,
	    .window_us = 60,
	    .received_us = 61,
	    .body = {"batch", 5}};
}

static inline struct store_stat sample_stat(int64_t start_us, int64_t port)
{
	return (struct store_stat){.period_s = 300,
	    .start_us = start_us,
	    .kind = "request",
	    .protocol = 6,
	    .port = port,
	    .country = "JP",
	    .network = 2497,
	    .packets = 1,
	    .bytes = 60,
	    .sources = 1};
}

/* Puts one record within a transaction of its own. */
static inline int put_alone(struct store *store, struct store_record record)
{
	int error = store_begin(store, NULL);
	if (error != 0)
		return error;
	error = store_put(store, record, STORE_REPLACE, NULL);
	if (error == 0)
		return store_commit(store, NULL);
	store_rollback(store);
	return error;
}

static inline int64_t count_of(struct store *store, enum store_kind kind)
{
	int64_t count = -1;
	return store_count(store, &(struct store_query){.kind = kind}, &count, NULL) == 0 ? count
											  : -1;
}

struct dump {
	FILE *out;
	const struct record_kind *kind;
};

/* All but what differs from store to store. */
static inline int dump_record(void *context, const void *record)
{
	const struct dump *dump = context;
	const struct store_meta *meta = record;
	if (dump->kind == record_kind(STORE_META) && strcmp(meta->key, STORE_COMMIT_KEY) == 0)
		return 0;
	for (size_t i = 0; i < dump->kind->column_count; i++) {
		const struct column *column = &dump->kind->columns[i];
		struct value value = column_get(column, record);
		const unsigned char *bytes = value.bytes;
		(void)fprintf(dump->out, " %s=", column->name);
		if (value.type == VALUE_NUMBER)
			(void)fprintf(dump->out, "%" PRId64, value.number);
		for (size_t j = 0; bytes != NULL && j < value.length; j++)
			(void)fprintf(dump->out, "%02x", bytes[j]);
	}
	return fputc('\n', dump->out) == EOF ? -EIO : 0;
}

/* All that a store holds as text, to be freed; NULL where it cannot be read. */
static inline char *dump_store(struct store *store)
{
	char *text = NULL;
	size_t bytes = 0;
	int error = 0;
	struct dump dump = {.out = open_memstream(&text, &bytes)};
	for (unsigned i = 0; i < STORE_KIND_COUNT && error == 0; i++) {
		const struct store_query all = {.kind = (enum store_kind)i};
		dump.kind = record_kind(all.kind);
		(void)fprintf(dump.out, "%s\n", dump.kind->name);
		error = store_each(store, &all, dump_record, &dump, NULL);
	}
	(void)fclose(dump.out); /* memory; a lack of it shows in the text */
	if (error == 0)
		return text;
	free(text);
	return NULL;
}

static inline bool same_stores(struct store *a, struct store *b)
{
	char *first = dump_store(a);
	char *second = dump_store(b);
	bool same = first != NULL && second != NULL && strcmp(first, second) == 0;
	free(first);
	free(second);
	return same;
}

/* How many rows a visit met: for store_each. */
static inline int count_visits(void *context, const void *record)
{
	(void)record;
	(*(int *)context)++;
	return 0;
}

#endif
