#include "cmd/bench_capture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/bench_traffic.h"
#include "cmd/cmd.h"

enum {
	OUT_BUFFER_BYTES = 1 << 20,
	PIPE_BYTES = 1 << 20, /* as much as anybody may ask for: fewer changes between processes */
};

/* Writes the traffic; takes `fd` also on failure. */
static int write_traffic(const struct bench_options *options, int fd, const char *name)
{
	const struct bench_traffic_size size = {
	    options->packets, options->sources, options->seed, options->seconds};
	struct complaint complaint;
	FILE *out = fdopen(fd, "wb");
	if (out == NULL) {
		(void)close(fd); /* nothing was written */
		return cmd_fail("%s: %s", name, strerror(errno));
	}
	(void)setvbuf(out, NULL, _IOFBF, OUT_BUFFER_BYTES); /* only slower without */
	int result = bench_traffic_write(options->traffic, &size, out, &complaint);
	if (fclose(out) != 0 && result == 0)
		result = complain(&complaint, -errno, "%s", strerror(errno));
	return result == 0 ? 0 : cmd_fail("%s: %s", name, complaint.text);
}

static int make_capture(struct bench_capture *capture, int fd, const char *name)
{
	uint64_t began_ns = bench_cpu_ns();
	int status = write_traffic(capture->options, fd, name);
	capture->made_ns = bench_cpu_ns() - began_ns;
	return status;
}

static void point_to_fd(struct bench_capture *capture)
{
	(void)snprintf(capture->path, sizeof capture->path, "/proc/self/fd/%d",
	    capture->fd); /* some twenty bytes */
}

static int open_memory(struct bench_capture *capture)
{
	capture->fd = memfd_create("hinomi-bench", MFD_CLOEXEC);
	int writing = capture->fd < 0 ? -1 : fcntl(capture->fd, F_DUPFD_CLOEXEC, 0);
	if (writing < 0)
		return cmd_fail("no file in memory: %s; try --file", strerror(errno));
	point_to_fd(capture);
	return make_capture(capture, writing, "the capture in memory");
}

/* One that could not be made whole is removed. */
static int open_file(struct bench_capture *capture)
{
	const char *path = capture->options->path;
	(void)snprintf(capture->path, sizeof capture->path, "%s", path); /* was checked */
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	capture->was_there = fd < 0 && errno == EEXIST;
	if (capture->was_there)
		return 0;
	if (fd < 0)
		return cmd_fail(
		    "%s: %s; expected a capture, or a place to make one", path, strerror(errno));
	int status = make_capture(capture, fd, path);
	if (status != 0)
		(void)unlink(path); /* half a capture would be measured next time */
	return status;
}

int bench_capture_open(struct bench_capture *capture, const struct bench_options *options)
{
	*capture = (struct bench_capture){.options = options, .fd = -1, .maker = -1};
	if (options->streams)
		return 0;
	return options->path == NULL ? open_memory(capture) : open_file(capture);
}

int bench_capture_begin(struct bench_capture *capture)
{
	int ends[2];
	if (!capture->options->streams)
		return 0;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return cmd_fail("no pipe: %s", strerror(errno));
	(void)fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES); /* only slower without */
	capture->fd = ends[0];
	point_to_fd(capture);
	capture->maker = fork();
	if (capture->maker == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* cannot fail */
		(void)close(ends[0]);                   /* else its reader's end is no end */
		_exit(write_traffic(capture->options, ends[1], "the pipe"));
	}
	(void)close(ends[1]); /* it is the maker's */
	if (capture->maker < 0)
		return cmd_fail("no process to make traffic: %s", strerror(errno));
	return 0;
}

static uint64_t ns_of(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * 1000000000U + (uint64_t)time->tv_usec * 1000U;
}

/* Closes the pipe; a maker that still writes learns of it. Returns whether it had made all. */
static bool stop_maker(struct bench_capture *capture)
{
	struct rusage usage;
	int status = 0;
	(void)close(capture->fd); /* only read from */
	capture->fd = -1;
	if (capture->maker < 0)
		return false;
	while (wait4(capture->maker, &status, 0, &usage) < 0)
		if (errno != EINTR)
			return false;
	capture->maker = -1;
	capture->made_ns = ns_of(&usage.ru_utime) + ns_of(&usage.ru_stime);
	return status == 0;
}

int bench_capture_end(struct bench_capture *capture)
{
	if (!capture->options->streams || stop_maker(capture))
		return 0;
	return cmd_fail("the traffic was not made to its end");
}

void bench_capture_close(struct bench_capture *capture)
{
	if (capture->fd >= 0 && capture->options->streams)
		(void)stop_maker(capture); /* nobody reads on */
	else if (capture->fd >= 0)
		(void)close(capture->fd); /* its content goes with it */
	capture->fd = -1;
}
