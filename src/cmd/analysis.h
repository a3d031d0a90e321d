/*
 * analysis.h - everything between frames and findings, in one process: decode, observe, ledger,
 * judge.
 */
#ifndef CMD_ANALYSIS_H
#define CMD_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/judge.h"
#include "detect/thresholds.h"
#include "notify/report.h"
#include "observe/observer.h"
#include "registry/registry.h"
#include "source/frame.h"

struct analysis;
struct observer;

struct analysis_options {
	const struct registry *registry;     /* borrowed */
	const struct thresholds *thresholds; /* borrowed */
	size_t memory_bytes;
	size_t workers; /* threads that share the work, the caller among them; at least 1 */
	bool infer_dark;
	bool members_only; /* strangers are only counted, and no finding is about them */
	bool keep_evidence;
	/* Gets all that the ledger gets, before it, and in the end strangers' sums; may be NULL. */
	const struct observer_sink *tap;
};

enum {
	/* Below, a scan of some thousand ports finds no room for all of them. */
	ANALYSIS_MEMORY_MIN = 32 * 1024 * 1024
};

/* Above, a table would need more than 32 bits to number its records. */
#define ANALYSIS_MEMORY_MAX (UINT64_C(1) << 40)

/*
 * What the observer gets of --memory and of the thresholds. Returns what is left for the ledger, in
 * bytes. For who measures the parts apart.
 */
size_t analysis_plan(
    const struct analysis_options *options, struct observer_options *ret_observer_options);

/* Returns 0 or -ENOMEM. */
int analysis_new(const struct analysis_options *options, struct analysis **ret_analysis);
void analysis_free(struct analysis *analysis); /* NULL is allowed */

/*
 * Starts the workers: after the sandbox was entered, which must find one thread. Without this call
 * the caller does all the work. Returns 0, or a negative errno: then there are fewer, and the
 * results are the same.
 */
int analysis_start(struct analysis *analysis);

/*
 * Work that has nothing to do with this batch, and may be done by another thread while it is worked
 * on: reading the next.
 */
struct analysis_meanwhile {
	void (*work)(void *context);
	void *context;
};

/*
 * How many frames at a time suit so many workers. One alone is served best by what stays in its
 * second-level cache; several meet once a batch.
 */
size_t analysis_batch_frames(size_t workers);

/* `meanwhile` may be NULL; it has been done when this returns. */
void analysis_add(struct analysis *analysis, const struct frame_batch *batch,
    const struct analysis_meanwhile *meanwhile);

/*
 * For what was observed elsewhere: gives the sink that takes it in place of frames. Times of window
 * ends must not go back by more than a clock does.
 */
void analysis_get_sink(struct analysis *analysis, struct observer_sink *ret_sink);

/* After the last frame. Returns 0 or -ENOMEM; the findings belong to the caller. */
int analysis_finish(struct analysis *analysis, struct findings *ret_findings);

/* Counts of what was read; fields that only the reader knows are left at 0. */
void analysis_get_summary(const struct analysis *analysis, struct report_summary *ret_summary);

/* For its counts. */
const struct observer *analysis_observer(const struct analysis *analysis);

/* The kept first frames, for findings' `frames`; NULL when evidence was not kept. */
const struct samples *analysis_samples(const struct analysis *analysis);

#endif
