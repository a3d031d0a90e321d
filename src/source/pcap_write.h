/*
 * pcap_write.h - writes frames as a capture file: classic pcap (microseconds) or pcapng.
 *
 * Classic files hold one link type and nothing else. pcapng (draft-ietf-opsawg-pcapng) gets an
 * interface for each link type as it first appears, and a comment for any packet. Numbers are
 * written little-endian on every machine, so the same frames give the same file. A time that the
 * format cannot hold (before 1970; classic: after 2106-02-07) becomes the nearest that it can.
 */
#ifndef SOURCE_PCAP_WRITE_H
#define SOURCE_PCAP_WRITE_H

#include <stdio.h>

#include "base/complaint.h"
#include "source/frame.h"

enum {
	/* Link types in one file; a capture has one, evidence from several sources a few. */
	PCAP_WRITE_LINKS_MAX = 16,
	/* Longer comments are cut, between two characters. */
	PCAP_WRITE_COMMENT_MAX = 4096,
};

enum pcap_write_format {
	PCAP_WRITE_CLASSIC,
	PCAP_WRITE_NG,
};

struct pcap_writer {
	FILE *out; /* borrowed */
	enum pcap_write_format format;
	uint32_t links[PCAP_WRITE_LINKS_MAX];
	size_t link_count;
};

/* Writes nothing yet. */
void pcap_writer_init(struct pcap_writer *writer, FILE *out, enum pcap_write_format format);

/*
 * Writes one frame. `comment` is UTF-8 and may be NULL; classic files have none. Returns 0; -EINVAL
 * for a link type that the file cannot take, with nothing written; or the errno of a failed write.
 */
int pcap_writer_add(struct pcap_writer *writer, const struct frame *frame, const char *comment,
    struct complaint *complaint);

/*
 * Makes the file whole (one without frames gets its header for Ethernet) and flushes. The stream
 * remains the caller's. Returns 0 or the errno of a failed write.
 */
int pcap_writer_finish(struct pcap_writer *writer, struct complaint *complaint);

#endif
