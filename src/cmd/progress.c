#include "cmd/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/when.h"

enum {
	REDRAW_US = 200 * 1000,
	BAR_CELLS = 16, /* the whole stays within 80 columns for a billion packets */
};

int64_t progress_now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * WHEN_SECOND_US + now.tv_nsec / 1000;
}

void progress_init(struct progress *progress, bool shown)
{
	int64_t now_us = progress_now_us();
	*progress = (struct progress){.shown = shown, .began_us = now_us, .last_us = now_us};
}

static void draw_share(const struct source_progress *done, double seconds)
{
	double share = (double)done->bytes_done / (double)done->bytes_total;
	if (share > 1)
		share = 1; /* the file has grown since */
	int cells = (int)(share * BAR_CELLS);
	fputs("\r[", stderr);
	for (int i = 0; i < BAR_CELLS; i++)
		fputc(i < cells ? '#' : '.', stderr);
	fprintf(stderr, "] %3.0f %%", share * 100);
	if (share > 0.01) {
		int64_t left_s = (int64_t)(seconds / share - seconds);
		fprintf(stderr, "  %" PRId64 ":%02" PRId64 " left", left_s / 60, left_s % 60);
	}
}

void progress_update(struct progress *progress, const struct source *source, uint64_t packets)
{
	if (!progress->shown)
		return;
	int64_t now_us = progress_now_us();
	if (now_us - progress->last_us < REDRAW_US)
		return;
	double rate = (double)(packets - progress->packets_before) * 1e6 /
		      (double)(now_us - progress->last_us);
	struct source_progress done;
	source_get_progress(source, &done);
	if (done.bytes_total > 0)
		draw_share(&done, (double)(now_us - progress->began_us) / 1e6);
	else
		fprintf(stderr, "\r%.1f MB read", (double)done.bytes_done / 1e6);
	fprintf(stderr, "  %" PRIu64 " packets, %.2f million/s \x1b[K", packets, rate / 1e6);
	fflush(stderr);
	progress->last_us = now_us;
	progress->packets_before = packets;
	progress->drawn = true;
}

void progress_clear(struct progress *progress)
{
	if (progress->drawn)
		fputs("\r\x1b[K", stderr);
	progress->drawn = false;
}
