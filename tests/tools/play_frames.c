/*
 * play_frames.c - sends the frames of an exercise by an interface, at their pace or faster.
 *
 *     play_frames INTERFACE SPEED drill:NAME
 *
 * A frame that is due SPEED times sooner than its time says goes out then, whatever the one before
 * took. Ends when all are sent; prints how many. Meant for an interface that leads nowhere but to
 * who watches: what it sends are attacks.
 */
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "drill/scenario.h"
#include "source/source.h"

enum {
	TRIES = 1000, /* while the interface has no room, a millisecond each */
};

static const struct source_kind *const kinds[] = {&source_drill, NULL};

static int64_t now_us(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now); /* it is always there */
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void sleep_us(int64_t us)
{
	const struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
	if (us > 0)
		(void)nanosleep(&time, NULL); /* sooner is no harm */
}

static int open_interface(const char *name)
{
	const struct sockaddr_ll address = {
	    .sll_family = AF_PACKET, .sll_protocol = 0, .sll_ifindex = (int)if_nametoindex(name)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0 || address.sll_ifindex == 0 ||
	    bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		(void)fprintf(stderr, "play_frames: %s: %s\n", name, strerror(errno));
		exit(2);
	}
	return fd;
}

static void send_frame(int fd, const struct frame *frame)
{
	for (int tries = 0; tries < TRIES; tries++) {
		if (send(fd, frame->bytes, frame->captured_bytes, 0) >= 0)
			return;
		if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			break;
		sleep_us(1000);
	}
	(void)fprintf(stderr, "play_frames: a frame was not sent: %s\n", strerror(errno));
	exit(2);
}

int main(int argc, char **argv)
{
	static struct frame_batch batch;
	struct source *source = NULL;
	struct complaint complaint = {""};
	uint64_t sent = 0;
	int64_t begin_us = 0, first_us = 0;
	const long speed = argc == 4 ? strtol(argv[2], NULL, 10) : 0;
	if (speed <= 0) {
		(void)fputs("usage: play_frames INTERFACE SPEED drill:NAME\n", stderr);
		return 2;
	}
	int fd = open_interface(argv[1]);
	int result = source_open(kinds, argv[3], &source, &complaint);
	while (result == 0 || result == 1) {
		batch.count = 0;
		result = source_read(source, &batch, FRAME_BATCH_MAX, &complaint);
		for (size_t i = 0; i < batch.count; i++) {
			const struct frame *frame = &batch.frames[i];
			if (sent++ == 0) {
				begin_us = now_us();
				first_us = frame->time_us;
			}
			sleep_us(begin_us + (frame->time_us - first_us) / speed - now_us());
			send_frame(fd, frame);
		}
		if (result == 0)
			break;
	}
	source_close(source);
	(void)close(fd); /* what was sent has left it */
	if (result < 0) {
		(void)fprintf(stderr, "play_frames: %s\n", complaint.text);
		return 2;
	}
	printf("%" PRIu64 " frames\n", sent);
	return 0;
}
