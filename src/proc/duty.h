/*
 * duty.h - the duties as a table: what each is, may and needs, and which talk with which.
 *
 * A duty is a process of its own with the least rights that its work needs. The parent starts each
 * by running its own program again with other arguments, and starts it again when it dies
 * (proc/duties.h); the duty finds there what the table gives it (proc/duty_self.h).
 */
#ifndef PROC_DUTY_H
#define PROC_DUTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/complaint.h"
#include "proc/sandbox.h"

enum {
	DUTIES_MAX = 32, /* a station has some four, and one for each interface */
	DUTY_LINKS_MAX = 64,
	DUTY_DESCRIPTORS_MAX = 16, /* of one duty, besides its links */
	DUTY_PATHS_MAX = 16,       /* read_paths of one profile */
	DUTY_PORTS_MAX = 16,       /* connect_ports of one profile */
	DUTY_PATH_BYTES = 4096,    /* PATH_MAX */
	DUTY_NAME_BYTES = 32,      /* of a duty, link or descriptor, with the byte that ends it */
	DUTY_TYPE_FIRST = 64,      /* lower types of messages are the mechanism's own */
};

/* One row. All is borrowed for as long as the duties are there. */
struct duty {
	const char *name;
	const char *may;  /* what it may, for people, a few words */
	const char *user; /* whom to become where the parent is root, or NULL: as it is */
	const char *const *arguments;   /* of the program, argv[0] first, NULL last */
	struct sandbox_profile profile; /* write_fds and may_message are set by the mechanism */
	/*
	 * Writes nothing but to its parent, its relays and standard error (write_fds of
	 * proc/sandbox.h): for who holds packet sockets.
	 */
	bool is_mute;
	/*
	 * Keeps the parent's rights until it enters its sandbox, since it opens by itself what only
	 * they can open. Else it has none from its first instruction.
	 */
	bool drops_late;
	bool is_strict;      /* does not work where the kernel cannot do all of its sandbox */
	bool is_reserve;     /* not started with the others, but by duties_start_one */
	unsigned stop_stage; /* lower stages are stopped, and are gone, before higher ones */
	int64_t ready_us;    /* how long it may take to be ready; 0: DUTY_READY_US */
	int64_t silent_us;   /* how long it may leave a question unanswered; 0: DUTY_SILENT_US */
	int64_t stop_us;     /* how long it may take to end; 0: DUTY_STOP_US */
};

#define DUTY_READY_US  INT64_C(10000000)
#define DUTY_SILENT_US INT64_C(10000000)
#define DUTY_STOP_US   INT64_C(5000000)

enum duty_link_kind {
	DUTY_CHANNEL, /* messages both ways (proc/message.h); made anew whenever a side starts */
	DUTY_RELAY, /* records from one to the other (proc/relay.h); lasts as long as the parent */
};

/* What two duties share. */
struct duty_link {
	const char *name; /* one of its own */
	enum duty_link_kind kind;
	size_t from; /* rows; of a relay this one writes */
	size_t to;
	size_t room_bytes; /* of a relay */
	size_t record_max_bytes;
};

/* A descriptor that a duty gets at each start. */
struct duty_descriptor {
	size_t duty;
	const char *name; /* one of its own within the duty */
	int fd;           /* borrowed; negative: there is none now */
};

struct duty_table {
	const struct duty *duties;
	size_t duty_count;
	const struct duty_link *links;
	size_t link_count;
	const struct duty_descriptor *descriptors;
	size_t descriptor_count;
};

/* Exit statuses of a process that did not come so far as to run the program again. */
enum {
	DUTY_EXIT_LAYOUT = 120, /* its descriptors could not be laid out */
	DUTY_EXIT_RIGHTS = 121, /* its rights could not be dropped */
	DUTY_EXIT_ORPHAN = 122, /* its parent was gone already */
	DUTY_EXIT_EXEC = 127,   /* the program could not be run */
};

/* 0, or -EINVAL with a complaint when a limit is passed or a name or row is wrong. */
int duty_table_check(const struct duty_table *table, struct complaint *complaint);

/*
 * A line for each duty: whom it becomes, what it may, and what this kernel holds it to. Write
 * errors are left to ferror().
 */
void duty_explain(FILE *out, const struct duty_table *table);

#endif
