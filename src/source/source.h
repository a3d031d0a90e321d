/*
 * source.h - where frames come from.
 *
 * A source is opened from an address "KIND:REST" (pcap:FILE, drill:NAME?seed=7); an address without
 * a known kind and colon is a file name. "-" is standard input. Kinds are registered by source_kind
 * tables, so that cmd can add those of other layers (drill). One suite of tests runs over all
 * kinds.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"
#include "source/frame.h"

struct source; /* opaque to callers; implementations embed it first */

enum {
	SOURCE_KIND_BYTES = 16,
	SOURCE_INTERFACE_BYTES = 16, /* as the kernel has it (IFNAMSIZ) */
	/* Five that are the source's own, and one for each queue of the largest cards in use. */
	SOURCE_QUEUES_MAX = 64,
	SOURCE_DESCRIPTORS_MAX = 5 + SOURCE_QUEUES_MAX,
};

struct source_progress {
	uint64_t bytes_done;  /* of the file as it lies on disk, compressed or not */
	uint64_t bytes_total; /* 0 when unknown (a pipe) */
};

/* What a live source tells besides frames. Counts are since it was adopted. */
struct source_state {
	/* Of the interface as it is called now; as it was called last where it was removed. */
	char interface[SOURCE_INTERFACE_BYTES];
	int index;        /* of it; one that is made anew under the same name has another */
	bool is_up;       /* by the administrator, and with a carrier: frames may come */
	bool is_removed;  /* for good */
	bool is_shared;   /* others take a part of its traffic */
	uint64_t frames;  /* given by reads */
	uint64_t bytes;   /* of them on the wire */
	uint64_t dropped; /* came while the ring was full: they were read too slowly */
	uint64_t refused; /* dropped for another reason: too long, or no memory */
	uint64_t passed;  /* went past: they came by a queue that nobody listened on */
	uint64_t stalls;  /* how often the ring was found full */
};

/*
 * What a privileged process opens for one that is not: plain numbers and text, to be sent as they
 * are beside the descriptors (SCM_RIGHTS), which the receiver puts in place of the sender's.
 */
struct source_grant {
	char kind[SOURCE_KIND_BYTES]; /* "ring", also where xdp was asked for and cannot be had */
	char interface[SOURCE_INTERFACE_BYTES];
	int32_t index;
	uint32_t link_type;
	uint32_t is_loopback; /* it shows each packet twice: as sent, and as received */
	uint32_t is_shared;   /* by fanout: others have the rest of the traffic */
	uint32_t unit_bytes;  /* of a block of the ring, or of a frame's room */
	uint32_t units;       /* in each queue */
	uint32_t queues;
	/* What a person should know of it all the same, "" where there is nothing. */
	char notice[COMPLAINT_BYTES];
	uint32_t descriptor_count;
	int32_t descriptors[SOURCE_DESCRIPTORS_MAX];
};

/*
 * What kinds of sources do that give frames while they come.
 *
 * System calls, besides those on memory and time: adopting needs epoll_create1, epoll_ctl, mmap
 * (MAP_SHARED, never executable), and getsockopt (SOL_XDP); reading needs epoll_wait, poll and,
 * for xdp, timerfd_settime and epoll_ctl; the state needs ioctl (SIOCGIFNAME, SIOCGIFFLAGS) and
 * getsockopt (SOL_SOCKET, SOL_PACKET, SOL_XDP). No right to a network or a file.
 */
struct source_live {
	/* Opens all that needs privilege. `rest` is what stands behind the colon. */
	int (*prepare)(
	    const char *rest, struct source_grant *ret_grant, struct complaint *complaint);
	/* Takes the descriptors, also where it fails. */
	int (*adopt)(const struct source_grant *grant, struct source **ret_source,
	    struct complaint *complaint);
	int (*get_fd)(const struct source *source);
	void (*set_waiting)(struct source *source, bool waits);
	void (*get_state)(struct source *source, struct source_state *ret_state);
	const char *(*get_notice)(const struct source *source);
};

struct source_kind {
	const char *name; /* the part before the colon: "pcap" */
	/*
	 * Opens and reads no further than needed to know that it is there; descriptors that are
	 * needed later are open when it returns (afterwards the process may lose the right to open
	 * anything). Returns 0 and gives a source, or a negative errno with a complaint.
	 */
	int (*open)(const char *rest, struct source **ret_source, struct complaint *complaint);
	/*
	 * Appends at most `max` frames to `batch` (whose count the caller set to 0). Their bytes
	 * stay valid until the next read but one of this source begins, or its close: so one batch
	 * can be worked on, also by another thread, while the next is read. Returns 1 when it gave
	 * at least one frame, 0 at the end, or a negative errno with a complaint, in which case
	 * batch->count frames before the damage are good; after an error or the end every later
	 * read gives 0.
	 */
	int (*read)(struct source *source, struct frame_batch *batch, size_t max,
	    struct complaint *complaint);
	void (*get_progress)(const struct source *source, struct source_progress *ret_progress);
	void (*close)(struct source *source);
	/*
	 * May be NULL. Finds the time of the first frame when nothing was read yet, and holds no
	 * memory for it, so that thousands of sources can be merged. False when it cannot be known
	 * so (a pipe, damage before the first frame): then only reading tells.
	 */
	bool (*find_first_time)(struct source *source, int64_t *ret_time_us);
	const struct source_live *live; /* NULL where nothing is waited for */
};

struct source {
	const struct source_kind *kind;
};

/* `kinds` ends with NULL. */
int source_open(const struct source_kind *const *kinds, const char *address,
    struct source **ret_source, struct complaint *complaint);
int source_read(
    struct source *source, struct frame_batch *batch, size_t max, struct complaint *complaint);
void source_get_progress(const struct source *source, struct source_progress *ret_progress);
bool source_is_live(const struct source *source);
void source_close(struct source *source); /* NULL is allowed */

/*
 * The two halves of source_open() for live sources: the first by who has CAP_NET_RAW (and, for xdp,
 * CAP_NET_ADMIN and CAP_BPF, or root), the second by who reads, in that process or another, before
 * or after it gave up its rights. -EOPNOTSUPP where the address names no live source. Frames that
 * come in between are kept, as far as the ring has room. source_adopt() takes the descriptors, and
 * closes them where it fails; what is not adopted is closed by source_grant_release().
 */
int source_prepare(const struct source_kind *const *kinds, const char *address,
    struct source_grant *ret_grant, struct complaint *complaint);
int source_adopt(const struct source_kind *const *kinds, const struct source_grant *grant,
    struct source **ret_source, struct complaint *complaint);
void source_grant_release(struct source_grant *grant);

/*
 * For an event loop of the caller's own; live sources only.
 *
 * source_get_fd: is readable for as long as a read may give something; borrowed.
 * source_set_waiting: true, as it is first: a read waits for frames. False: one that finds none
 * gives 1 and no frames, and leaves those given before as they are.
 * source_get_state: asks the kernel; some twice a second are cheap. An interface that is removed is
 * noticed by a read when the kernel tells at once (it was up), else by this, which makes the
 * descriptor readable. The read after it, when no frames are left (which it may wait 50 ms for),
 * fails with -ENODEV. What goes down is no error: frames come again when it is up. An interface
 * that is renamed is still the same. source_get_notice: what a person should be told of it once,
 * such as why another kind is used than was asked for; or NULL. source_get_dropped: all that the
 * kernel could not keep; 0 for sources that are not live.
 */
int source_get_fd(const struct source *source);
void source_set_waiting(struct source *source, bool waits);
void source_get_state(struct source *source, struct source_state *ret_state);
const char *source_get_notice(const struct source *source);
uint64_t source_get_dropped(struct source *source);

/*
 * Asks all live sources of this process to end: their reads give 0, at once where they do not wait,
 * and within SOURCE_STOP_MS where they do. May be called by a signal handler.
 */
void source_stop(void);

enum {
	SOURCE_STOP_MS = 200
};

/* Capture files: pcap and pcapng, plain, gzip or zstd, told apart by content (source/pcap_*.c). */
extern const struct source_kind source_pcap;
/* Interfaces: by a ring shared with the kernel (source/ring.h), or by AF_XDP (source/xdp.h). */
extern const struct source_kind source_ring;
extern const struct source_kind source_xdp;

/*
 * Several sources as one, merged by packet time: at each step the source whose clock (the highest
 * time it has given so far, or that of its next frame) is lowest goes on; equal clocks go by order
 * of `sources`. A single source passes through unchanged, backward times and all. Takes ownership
 * of the sources (also on failure). A source that fails is reported once through source_read's
 * error, and the others are read on by calling source_read again: with several sources an error is
 * not the end; 0 is.
 */
int source_merge(
    struct source **sources, size_t count, struct source **ret_source, struct complaint *complaint);

/*
 * Several live sources as one. Frames come in order of time as long as the kernel hands each over
 * within SOURCE_HOLD_MS: a frame is held back until every source has given one that is younger, or
 * had none to give for so long. Ownership, errors and the end are as with source_merge(). Its
 * counts are the sums of theirs, and it is up while any of them is. It waits by itself: it has no
 * descriptor to wait by. At most SOURCE_LIVE_MAX (-E2BIG with a complaint).
 */
int source_merge_live(
    struct source **sources, size_t count, struct source **ret_source, struct complaint *complaint);

enum {
	SOURCE_HOLD_MS = 50, /* twice as long as the kernel keeps a lone frame (RING_RETIRE_MS) */
	SOURCE_LIVE_MAX = 32,
};

#endif
