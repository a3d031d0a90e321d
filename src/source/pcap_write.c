#include "source/pcap_write.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/utf8.h"
#include "base/when.h"

enum {
	MAGIC_MICROSECONDS_HIGH = 0xa1b2,
	MAGIC_MICROSECONDS_LOW = 0xc3d4,
	CLASSIC_HEADER_BYTES = 24,
	CLASSIC_RECORD_BYTES = 16,
	CLASSIC_SNAPLEN = 262144, /* what tcpdump writes: readers refuse 0 */
	NG_SECTION_BYTES = 28,
	NG_INTERFACE_BYTES = 20,
	NG_PACKET_BYTES = 28, /* of the block before the frame */
	NG_TRAILER_BYTES = 4,
	NG_BLOCK_PACKET = 6,
	NG_BLOCK_INTERFACE = 1,
	NG_OPTION_END_BYTES = 4,
	NG_OPTION_COMMENT = 1,
	LINK_TYPE_MAX = 65535,
	SMALL_FRAME_BYTES = 256, /* up to this a record is written at once: a call less */
	CHARACTER_BYTES_MAX = 4, /* of UTF-8: so far past the limit one is looked at */
};

#define NG_BLOCK_SECTION   0x0a0d0d0aU
#define NG_BYTE_ORDER      0x1a2b3c4dU
#define NG_LENGTH_UNKNOWN  UINT32_MAX
#define CLASSIC_TIME_MAX_S ((int64_t)UINT32_MAX)

static uint8_t *put_u16(uint8_t *out, uint32_t value)
{
	out[0] = (uint8_t)value;
	out[1] = (uint8_t)(value >> 8);
	return out + 2;
}

static uint8_t *put_u32(uint8_t *out, uint32_t value)
{
	return put_u16(put_u16(out, value & 0xffffU), value >> 16);
}

static size_t padding_of(size_t bytes)
{
	return (4 - bytes % 4) % 4;
}

void pcap_writer_init(struct pcap_writer *writer, FILE *out, enum pcap_write_format format)
{
	*writer = (struct pcap_writer){.out = out, .format = format};
}

/* Errors stay in the stream until the end of the record, where they are asked for once. */
static void write_bytes(struct pcap_writer *writer, const void *bytes, size_t count)
{
	if (count > 0)
		(void)fwrite_unlocked(bytes, 1, count, writer->out); /* ferror() tells */
}

static int check_written(struct pcap_writer *writer, struct complaint *complaint)
{
	if (!ferror_unlocked(writer->out))
		return 0;
	int error = errno != 0 ? errno : EIO;
	return complain(complaint, -error, "writing the capture: %s", strerror(error));
}

static void write_classic_header(struct pcap_writer *writer, uint32_t link_type)
{
	uint8_t header[CLASSIC_HEADER_BYTES] = {0};
	uint8_t *at =
	    put_u32(header, (uint32_t)MAGIC_MICROSECONDS_HIGH << 16 | MAGIC_MICROSECONDS_LOW);
	at = put_u16(at, 2); /* version 2.4 */
	at = put_u16(at, 4);
	at = put_u32(at + 8, CLASSIC_SNAPLEN);
	put_u32(at, link_type);
	write_bytes(writer, header, sizeof header);
}

static void write_ng_section(struct pcap_writer *writer)
{
	uint8_t block[NG_SECTION_BYTES];
	uint8_t *at = put_u32(block, NG_BLOCK_SECTION);
	at = put_u32(at, NG_SECTION_BYTES);
	at = put_u32(at, NG_BYTE_ORDER);
	at = put_u16(at, 1); /* version 1.0 */
	at = put_u16(at, 0);
	at = put_u32(at, NG_LENGTH_UNKNOWN);
	at = put_u32(at, NG_LENGTH_UNKNOWN);
	put_u32(at, NG_SECTION_BYTES);
	write_bytes(writer, block, sizeof block);
}

/* No options: time stamps in microseconds are the default, and so is an unlimited length. */
static void write_ng_interface(struct pcap_writer *writer, uint32_t link_type)
{
	uint8_t block[NG_INTERFACE_BYTES];
	uint8_t *at = put_u32(block, NG_BLOCK_INTERFACE);
	at = put_u32(at, NG_INTERFACE_BYTES);
	at = put_u16(at, link_type);
	at = put_u16(at, 0);
	at = put_u32(at, 0);
	put_u32(at, NG_INTERFACE_BYTES);
	write_bytes(writer, block, sizeof block);
}

/* Gives the number of the interface, which is new where the link type is. */
static int find_link(
    struct pcap_writer *writer, uint32_t link_type, uint32_t *ret_link, struct complaint *complaint)
{
	bool is_classic = writer->format == PCAP_WRITE_CLASSIC;
	for (size_t i = 0; i < writer->link_count; i++) {
		if (writer->links[i] == link_type) {
			*ret_link = (uint32_t)i;
			return 0;
		}
	}
	if (link_type > LINK_TYPE_MAX)
		return complain(complaint, -EINVAL,
		    "link type %u does not fit into a capture, expected at most %d", link_type,
		    LINK_TYPE_MAX);
	if (is_classic && writer->link_count > 0)
		return complain(complaint, -EINVAL,
		    "a pcap file holds one link type, here %u, and cannot take %u; "
		    "pcapng holds several",
		    writer->links[0], link_type);
	if (writer->link_count == PCAP_WRITE_LINKS_MAX)
		return complain(complaint, -EINVAL, "more than %d link types in one capture",
		    PCAP_WRITE_LINKS_MAX);

	if (is_classic) {
		write_classic_header(writer, link_type);
	} else {
		if (writer->link_count == 0)
			write_ng_section(writer);
		write_ng_interface(writer, link_type);
	}
	*ret_link = (uint32_t)writer->link_count;
	writer->links[writer->link_count++] = link_type;
	return 0;
}

static void write_classic(struct pcap_writer *writer, const struct frame *frame)
{
	int64_t time_us = frame->time_us < 0 ? 0 : frame->time_us;
	int64_t seconds = time_us / WHEN_SECOND_US;
	int64_t fraction = time_us % WHEN_SECOND_US;
	if (seconds > CLASSIC_TIME_MAX_S) {
		seconds = CLASSIC_TIME_MAX_S;
		fraction = WHEN_SECOND_US - 1;
	}
	uint8_t record[CLASSIC_RECORD_BYTES + SMALL_FRAME_BYTES];
	uint8_t *at = put_u32(record, (uint32_t)seconds);
	at = put_u32(at, (uint32_t)fraction);
	at = put_u32(at, frame->captured_bytes);
	at = put_u32(at, frame->wire_bytes);
	if (frame->captured_bytes <= SMALL_FRAME_BYTES) {
		memcpy(at, frame->bytes, frame->captured_bytes);
		write_bytes(writer, record, CLASSIC_RECORD_BYTES + frame->captured_bytes);
		return;
	}
	write_bytes(writer, record, CLASSIC_RECORD_BYTES);
	write_bytes(writer, frame->bytes, frame->captured_bytes);
}

/* How much of a comment is kept: whole characters only. */
static size_t comment_length(const char *comment)
{
	if (comment == NULL)
		return 0;
	size_t bytes = strnlen(comment, PCAP_WRITE_COMMENT_MAX + CHARACTER_BYTES_MAX);
	if (bytes <= PCAP_WRITE_COMMENT_MAX)
		return bytes;
	size_t kept = 0;
	for (;;) {
		size_t step = utf8_step(comment + kept, bytes - kept);
		step = step == 0 ? 1 : step; /* what is no UTF-8 is cut anywhere */
		if (kept + step > PCAP_WRITE_COMMENT_MAX)
			return kept;
		kept += step;
	}
}

static void write_ng(
    struct pcap_writer *writer, const struct frame *frame, uint32_t link, const char *comment)
{
	static const uint8_t zeros[4];
	uint64_t time_us = frame->time_us < 0 ? 0 : (uint64_t)frame->time_us;
	size_t padding = padding_of(frame->captured_bytes);
	size_t comment_bytes = comment_length(comment);
	size_t options_bytes = 0;
	if (comment_bytes > 0)
		options_bytes = 4 + comment_bytes + padding_of(comment_bytes) + NG_OPTION_END_BYTES;
	size_t block_bytes =
	    NG_PACKET_BYTES + frame->captured_bytes + padding + options_bytes + NG_TRAILER_BYTES;

	uint8_t header[NG_PACKET_BYTES];
	uint8_t *at = put_u32(header, NG_BLOCK_PACKET);
	at = put_u32(at, (uint32_t)block_bytes);
	at = put_u32(at, link);
	at = put_u32(at, (uint32_t)(time_us >> 32));
	at = put_u32(at, (uint32_t)time_us);
	at = put_u32(at, frame->captured_bytes);
	put_u32(at, frame->wire_bytes);
	write_bytes(writer, header, sizeof header);
	write_bytes(writer, frame->bytes, frame->captured_bytes);
	write_bytes(writer, zeros, padding);
	if (comment_bytes > 0) {
		uint8_t option[4];
		put_u16(put_u16(option, NG_OPTION_COMMENT), (uint32_t)comment_bytes);
		write_bytes(writer, option, sizeof option);
		write_bytes(writer, comment, comment_bytes);
		write_bytes(writer, zeros, padding_of(comment_bytes));
		write_bytes(writer, zeros, NG_OPTION_END_BYTES);
	}
	uint8_t trailer[NG_TRAILER_BYTES];
	put_u32(trailer, (uint32_t)block_bytes);
	write_bytes(writer, trailer, sizeof trailer);
}

int pcap_writer_add(struct pcap_writer *writer, const struct frame *frame, const char *comment,
    struct complaint *complaint)
{
	uint32_t link = 0;
	errno = 0;
	int error = find_link(writer, frame->link_type, &link, complaint);
	if (error != 0)
		return error;
	if (writer->format == PCAP_WRITE_CLASSIC)
		write_classic(writer, frame);
	else
		write_ng(writer, frame, link, comment);
	return check_written(writer, complaint);
}

int pcap_writer_finish(struct pcap_writer *writer, struct complaint *complaint)
{
	uint32_t link;
	errno = 0;
	if (writer->link_count == 0) {
		int error = find_link(writer, LINK_ETHERNET, &link, complaint);
		if (error != 0)
			return error;
	}
	if (fflush(writer->out) != 0 && errno == 0)
		errno = EIO;
	return check_written(writer, complaint);
}
