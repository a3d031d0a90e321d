/*
 * metrics.h - numbers in the text format of Prometheus, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/).
 *
 * A family of numbers begins with its name, kind and meaning; its samples follow, told apart by
 * labels. Names follow Prometheus' conventions: base units (seconds, bytes) at the end, counters on
 * _total. Names, kinds and help are our own words, and asserted; values of labels may be any
 * bytes, of which those that are no UTF-8 become U+FFFD. Write errors are left to ferror().
 */
#ifndef WEB_METRICS_H
#define WEB_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum metric_kind {
	METRIC_COUNTER, /* only grows, and begins at 0 when what counts starts */
	METRIC_GAUGE,
};

struct metric_label {
	const char *name;
	const char *value;
};

enum {
	METRIC_LABELS_MAX = 4, /* more make more series than anybody looks at */
};

struct metrics {
	FILE *out;        /* borrowed */
	const char *name; /* of the family that was begun last; borrowed */
};

void metrics_init(struct metrics *metrics, FILE *out);
/* Each name once. */
void metrics_begin(
    struct metrics *metrics, const char *name, enum metric_kind kind, const char *help);

/* Samples of the family. `labels` may be NULL where there are none. */
void metrics_unsigned(
    struct metrics *metrics, const struct metric_label *labels, size_t count, uint64_t value);
void metrics_bool(
    struct metrics *metrics, const struct metric_label *labels, size_t count, bool value);
/* Microseconds, written as seconds: a duration, or a time since 1970. */
void metrics_seconds(
    struct metrics *metrics, const struct metric_label *labels, size_t count, int64_t us);

/* A line for people who look at it themselves; parsers pass over it. */
void metrics_remark(struct metrics *metrics, const char *text);

#endif
