/*
 * bench_capture.h - where the frames that are measured lie: in memory, in a file, or nowhere.
 *
 * In the last case another process makes them while they are read, through a pipe: any number of
 * packets fits. That process has its own processor time, and a run its own.
 */
#ifndef CMD_BENCH_CAPTURE_H
#define CMD_BENCH_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cmd/bench_options.h"

struct bench_capture {
	const struct bench_options *options; /* borrowed */
	char path[BENCH_PATH_BYTES];         /* what runs open */
	int fd;                              /* that keeps the memory or the pipe, or -1 */
	pid_t maker;                         /* at the other end of the pipe, or -1 */
	bool was_there;                      /* the file was, and what is in it is not known */
	uint64_t made_ns; /* processor time that making all of it took; 0: not made */
};

/*
 * Makes the capture, unless it comes through a pipe or lies in a file already. Returns 0, or
 * EXIT_TROUBLE after saying why. To be closed in either case.
 */
int bench_capture_open(struct bench_capture *capture, const struct bench_options *options);
void bench_capture_close(struct bench_capture *capture);

/* Before and after each run; they only do something for a pipe. 0, or EXIT_TROUBLE and a message.
 */
int bench_capture_begin(struct bench_capture *capture);
int bench_capture_end(struct bench_capture *capture);

#endif
