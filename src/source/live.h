/*
 * live.h - what all live sources share: descriptors that were granted, waiting, the interface's
 * state.
 *
 * A live source has an epoll descriptor of its own, in which its sockets lie edge-triggered: they
 * may look readable for as long as we hold memory of theirs, and would wake us for nothing. It is
 * emptied only when a look at the rings found nothing, so that it stays readable while something
 * may be there.
 */
#ifndef SOURCE_LIVE_H
#define SOURCE_LIVE_H

#include "source/source.h"

struct live {
	struct source source;
	struct source_grant grant; /* descriptors[0] is a packet socket, to ask the kernel by */
	int events;
	bool waits;
	bool has_ended;
	int watched[SOURCE_QUEUES_MAX];
	size_t watched_count;
	int timer; /* -1: it is woken whenever there are frames; else see live_pace() */
	bool rests;
	bool was_woken;         /* since it gave frames */
	uint64_t frames_before; /* when it waited last */
	bool is_last_look;      /* at frames that came before the interface was removed */
	struct source_state state;
};

/* Takes the grant's descriptors, also where it fails: live_release() is due in either case. */
int live_init(struct live *live, const struct source_kind *kind, const struct source_grant *grant,
    struct complaint *complaint);
/* Wakes the source when this one has something; borrowed. */
int live_watch(struct live *live, int fd, struct complaint *complaint);
/*
 * For sockets of which the kernel wakes the reader for every few frames: while there are some, it
 * rests for LIVE_REST_US and is then woken by this timer (timerfd_create(2); borrowed) instead, so
 * that neither side spends its time on waking. Called after all was given to live_watch().
 */
int live_pace(struct live *live, int timer, struct complaint *complaint);
void live_release(struct live *live);

/*
 * For a read that found nothing in its rings. Returns LIVE_LOOK when it should look again; all else
 * is what the read is to return.
 */
int live_await(struct live *live, struct complaint *complaint);

enum {
	LIVE_LOOK = 2,
	/* What a frame may be late by; the least ring of AF_XDP lasts four times as long at two
	 * million packets/s. */
	LIVE_REST_US = 500,
};

/*
 * Counts the frames that a read gives. Where it was woken for them, the descriptor becomes readable
 * again, since the read may have left some.
 */
void live_give(struct live *live, const struct frame_batch *batch);
/* Whether the interface is there and up, and what it is called. */
void live_refresh(struct live *live);

/* "KIND:NAME: why; expected ..." for an error number; returns it negative. */
int live_fail(
    const struct live *live, int error, const char *expected, struct complaint *complaint);

/* What the kinds' tables share. */
int live_open(const struct source_kind *kind, const char *rest, struct source **ret_source,
    struct complaint *complaint);
int live_get_fd(const struct source *source);
void live_set_waiting(struct source *source, bool waits);
const char *live_get_notice(const struct source *source);
void live_get_progress(const struct source *source, struct source_progress *ret_progress);

#endif
