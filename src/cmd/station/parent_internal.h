/* parent_internal.h - shared by parent.c and parent_*.c; not for others. */
#ifndef CMD_STATION_PARENT_INTERNAL_H
#define CMD_STATION_PARENT_INTERNAL_H

#include "cmd/station/geo.h"
#include "cmd/station/parent.h"
#include "cmd/station/rollcall.h"
#include "cmd/station/supervision.h"
#include "cmd/station/surroundings.h"
#include "notify/certificate.h"
#include "proc/duties.h"
#include "proc/loop.h"

/* Rows: a capture for each source that there could be, idle where there is none; and the others. */
enum {
	PARENT_KEEPER = STATION_SOURCES_MAX,
	PARENT_COURIER,
	PARENT_SIGNER,   /* idle where nothing is signed */
	PARENT_MAILROOM, /* idle where no mailbox is read */
	PARENT_WEB,      /* the last, where there is one */
	PARENT_DUTIES,

	PARENT_LINKS = 2 * STATION_SOURCES_MAX + 5,
	/* orders; two passwords, a secret twice, three sockets, databases; the key of links; a
	   certificate and its key; words in two languages, twice; the key of mail and its
	   certificate */
	PARENT_DESCRIPTORS = PARENT_DUTIES + 16 + GEO_DATABASES,
};

/* A source whose capture waits for it. */
struct wanted {
	struct parent *parent;
	size_t number;
	uint64_t timer;    /* 0: none */
	int64_t opened_us; /* monotonic: it was tried last */
	bool was_told;     /* that it cannot be had */
	bool was_tried;
};

/* What the station is told: by its file, and by what the machine has. */
struct parent_plan {
	struct station_config config;       /* its sources are those that are watched, */
	uint32_t rows[STATION_SOURCES_MAX]; /* each by the capture of this row */
	struct surroundings surroundings;
	struct certificate_facts
	    signing; /* of config.mail.sign; until_us is 0 where there is none */
};

/* Which duties are to end, and what is to come then (parent_reload.c). */
struct reload {
	bool is_on;
	bool is_wanted_again; /* somebody asked while it was on */
	int step;
	bool is_awaited[PARENT_DUTIES];
	bool starts[PARENT_DUTIES]; /* at the end */
};

/* One that the keeper asked for, since settings were changed. */
struct reload_wish {
	uint64_t timer;  /* 0: nobody asks */
	int64_t done_us; /* monotonic: the one before; 0: there was none */
};

struct parent {
	struct parent_options options;
	struct parent_plan plan;
	struct loop *loop;
	struct duties *duties;
	struct supervision *supervision; /* NULL: not running */
	struct duty rows[PARENT_DUTIES];
	struct duty_link links[PARENT_LINKS];
	struct duty_descriptor descriptors[PARENT_DESCRIPTORS]; /* open ones are ours */
	struct duty_table table;
	const char *courier_reads[3];
	const char *mailroom_reads[2];
	const char *keeper_reads[5];
	char database_files[3][STATION_DIR_PATH_BYTES + 8]; /* with its log and shared memory */
	const char *web_reads[4];                           /* those */
	struct wanted wanted[STATION_SOURCES_MAX];
	int64_t began_us; /* wall */
	struct rollcall rollcall;
	bool has_web;
	bool has_figures; /* it serves those, and takes signs of life */
	bool has_page;
	bool is_stopping;
	bool was_reloaded;
	struct reload reload;
	struct reload_wish wish;
	int64_t refused_us;             /* wall: the last reload was refused then; 0: it was not, */
	struct complaint refusal;       /* and why */
	bool has_begun[PARENT_DUTIES];  /* it did its work, at any time */
	uint64_t starts[PARENT_DUTIES]; /* of each, so far */
	size_t missing;             /* interfaces that were not there when they were first tried */
	int failed;                 /* why nothing can be done at all; 0: it can */
	struct complaint complaint; /* of that */
};

/*
 * parent_table.c: the table of duties. Made once, with places for all that may ever be; what the
 * duties are given follows the plan.
 */
void parent_make_table(struct parent *parent);
/* What rows of the table say of the plan: who reads which files, which captures there are. */
void parent_fit_rows(struct parent *parent);
/* Looks at the machine; what it does not tell is learned from the wire. */
void parent_look_around(struct parent_plan *plan);

/*
 * Reads the key and the certificate that the plan's configuration names, and signs something with
 * them: what a signer would find wrong is found before anything starts. Returns 0, or a negative
 * errno with a complaint.
 */
int parent_read_signing(
    const struct parent *parent, struct parent_plan *plan, struct complaint *complaint);

/* A file of mail.sign for the signer; *ret_fd stays as it is where none is named. */
int parent_open_key_file(const struct parent *parent, const char *name, bool is_secret, int *ret_fd,
    struct complaint *complaint);

/* What the capture of this row watches; NULL: there is none, or it is no capture's. */
const struct station_source *parent_source(const struct parent_plan *plan, size_t row);

/* Descriptors for the duties, by their places in the table; -1: as it was. */
struct parent_gifts {
	int fds[PARENT_DESCRIPTORS];
};
/*
 * Makes all that follows the plan: orders, secrets, databases. Nothing changes yet. Returns 0, or a
 * negative errno with a complaint, and then there are none.
 */
int parent_make_gifts(struct parent *parent, const struct parent_plan *plan,
    struct parent_gifts *ret_gifts, struct complaint *complaint);
/* Each duty gets them when it starts next; those before are closed. */
void parent_give(struct parent *parent, const struct parent_gifts *gifts);
/* One alone. */
void parent_give_one(struct parent *parent, size_t duty, const char *name, int fd);

/* Tells web and keeper how all duties are. */
void parent_tell_roll(struct parent *parent);

/* parent_reload.c: SIGHUP; and what became of a duty since. */
void parent_reload(struct parent *parent);
/* The keeper asks for it: several wishes within a moment are one. */
void parent_wish_reload(struct parent *parent);
void parent_follow(struct parent *parent, const struct duty_event *event);
void parent_follow_begun(struct parent *parent, size_t duty); /* it does its work */

#endif
