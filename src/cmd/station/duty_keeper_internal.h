/* duty_keeper_internal.h - the keeper's process; for duty_keeper.c and what it is split into. */
#ifndef CMD_STATION_DUTY_KEEPER_INTERNAL_H
#define CMD_STATION_DUTY_KEEPER_INTERNAL_H

#include "cmd/station/answer_key.h"
#include "cmd/station/answers.h"
#include "cmd/station/control.h"
#include "cmd/station/geo.h"
#include "cmd/station/keeper.h"
#include "cmd/station/mail_desk.h"
#include "cmd/station/vitals.h"
#include "cmd/station/wire.h"
#include "cmd/station/wording_files.h"
#include "proc/duty_self.h"

struct desk;

/* A source, as the keeper knows it. */
struct post {
	struct desk *desk;
	size_t number; /* in the keeper */
	struct relay *relay;
	uint64_t relay_watch;
	struct channel *reports; /* NULL: the capture is not there */
	struct wire_report report;
	int64_t noted_us;    /* monotonic: the keeper was told how it stands */
	int64_t reported_us; /* wall: when it came; 0: none did */
	uint64_t dropped;    /* since we started: reports tell what is new */
	uint64_t refused;
	uint64_t lost_batches;
	bool was_heard;
	bool has_begun; /* an exercise: its capture knows when to go on */
};

struct desk {
	struct duty_self *self;
	struct loop *loop;
	struct wire_orders orders;
	struct store *store;
	struct geo *geo; /* NULL: out of memory */
	struct wording_set *wording;
	struct keeper *keeper;
	struct copying *copying;
	struct service service; /* what commands may ask */
	struct rate doors;
	bool has_offered;        /* a first account, where there was none */
	struct control *control; /* NULL: nobody can */
	struct channel *letters; /* NULL: the courier is not there */
	struct mail_desk *mail;
	struct vitals *vitals;
	struct answer_key answer_key; /* of the links in letters; may not be there */
	struct answers answers;
	struct post posts[STATION_SOURCES_MAX];
	size_t post_count;
	size_t canary_post;  /* that is asked for the next one first */
	int registry_fd;     /* the text of it, for captures; -1 before there is any */
	uint64_t turn_timer; /* that is set; 0: none */
	int64_t turned_us;
	bool is_done;      /* told the parent so */
	bool wants_reload; /* the parent is to hear of it */
};

struct keeper_clock desk_clock(const struct desk *desk);
/* Of the loop: there is something in a relay. */
void desk_on_batches(void *context, uint32_t what);

/* duty_keeper_posts.c: what comes from the captures. */
int desk_open_post(struct desk *desk, size_t number, struct complaint *complaint);
/* The capture was started: `fd` is taken. */
void desk_open_reports(struct post *post, int fd);
/* Who are members, to a capture that is there. */
void desk_send_registry(const struct desk *desk, const struct post *post);
/*
 * Has exercises go on where they were: once all that their captures had told before was read.
 */
void desk_begin_exercises(struct desk *desk);
/* Of whom nothing comes, although all that did come was read. */
void desk_note_unheard(struct desk *desk);
/* As keeper_io.ask_frames. */
size_t desk_ask_frames(void *context, const struct wire_wanted_frames *wanted);
/* As vitals_options.get_source. */
void desk_get_source(void *context, size_t number, struct figures_source *ret_source);

#endif
