/* Capture files as written: their bytes, what the reader makes of them, and every refusal. */
#include "source/pcap_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source_help.h"
#include "test.h"

enum {
	TEXT_BYTES = 65536
};

/* A writer into memory. */
struct memory {
	char *bytes;
	size_t count;
	FILE *out;
	struct pcap_writer writer;
};

static bool memory_open(struct memory *memory, enum pcap_write_format format)
{
	*memory = (struct memory){0};
	memory->out = open_memstream(&memory->bytes, &memory->count);
	if (memory->out == NULL)
		return false;
	pcap_writer_init(&memory->writer, memory->out, format);
	return true;
}

static void memory_close(struct memory *memory)
{
	(void)fclose(memory->out); /* memory cannot fail to be flushed */
	free(memory->bytes);
}

static bool is_hex(const struct memory *memory, const char *hex)
{
	struct bytes wanted = help_from_hex(hex);
	bool is_same =
	    wanted.count == memory->count && memcmp(wanted.at, memory->bytes, wanted.count) == 0;
	free(wanted.at);
	return is_same;
}

static struct frame frame_of(const char *bytes, uint32_t count, int64_t time_us, uint32_t link_type)
{
	return (struct frame){
	    .bytes = (const uint8_t *)bytes,
	    .captured_bytes = count,
	    .wire_bytes = count + 1,
	    .time_us = time_us,
	    .link_type = link_type,
	};
}

#define CLASSIC_HEADER "d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000"
#define NG_SECTION     "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"
#define NG_ETHERNET    "01000000 14000000 0100 0000 00000000 14000000"
#define NG_RAW         "01000000 14000000 6500 0000 00000000 14000000"

static void test_bytes(void)
{
	struct memory memory;
	struct frame frame = frame_of("abcde", 5, INT64_C(0x0102030405060708) / 1000000, 1);
	frame.time_us = 1 * 1000000 + 2;

	OK(memory_open(&memory, PCAP_WRITE_CLASSIC), "classic");
	OK(pcap_writer_finish(&memory.writer, NULL) == 0 && is_hex(&memory, CLASSIC_HEADER),
	    "without frames: a header for Ethernet");
	memory_close(&memory);

	OK(memory_open(&memory, PCAP_WRITE_CLASSIC), "classic");
	OK(pcap_writer_add(&memory.writer, &frame, "no room for this", NULL) == 0 &&
		pcap_writer_finish(&memory.writer, NULL) == 0 &&
		is_hex(&memory, CLASSIC_HEADER "01000000 02000000 05000000 06000000 6162636465"),
	    "one frame");
	memory_close(&memory);

	OK(memory_open(&memory, PCAP_WRITE_NG), "pcapng");
	OK(pcap_writer_finish(&memory.writer, NULL) == 0 && is_hex(&memory, NG_SECTION NG_ETHERNET),
	    "without frames: a section for Ethernet");
	memory_close(&memory);

	OK(memory_open(&memory, PCAP_WRITE_NG), "pcapng");
	struct frame raw = frame_of("wxyz", 4, -5, LINK_RAW);
	OK(pcap_writer_add(&memory.writer, &frame, "hi", NULL) == 0 &&
		pcap_writer_add(&memory.writer, &raw, NULL, NULL) == 0 &&
		pcap_writer_add(&memory.writer, &frame, "", NULL) == 0 &&
		pcap_writer_finish(&memory.writer, NULL) == 0,
	    "two link types and a comment");
	OK(is_hex(&memory, NG_SECTION NG_ETHERNET
	       "06000000 34000000 00000000 00000000 42420f00 05000000 06000000 6162636465 000000"
	       "0100 0200 6869 0000 00000000 34000000" NG_RAW
	       "06000000 24000000 01000000 00000000 00000000 04000000 05000000 7778797a 24000000"
	       "06000000 28000000 00000000 00000000 42420f00 05000000 06000000 6162636465 000000"
	       "28000000"),
	    "are these bytes; a time before 1970 is 1970");
	memory_close(&memory);
}

/* What the reader makes of a file, as text. */
static void read_back(const struct memory *memory, char text[static TEXT_BYTES])
{
	struct source *source = help_open((const uint8_t *)memory->bytes, memory->count, 4096);
	FILE *out = fmemopen(text, TEXT_BYTES, "w");
	OK(out != NULL && help_read(out, source, 7), "the reader takes it");
	(void)fclose(out); /* a buffer of our own */
	source_close(source);
}

static void test_round_trip(void)
{
	static char classic_text[TEXT_BYTES], ng_text[TEXT_BYTES];
	struct memory classic, ng;
	OK(memory_open(&classic, PCAP_WRITE_CLASSIC) && memory_open(&ng, PCAP_WRITE_NG),
	    "both formats");
	bool is_written = true;
	for (uint32_t i = 0; i < 100; i++) {
		struct frame frame = frame_of("a frame of some length, cut here and there", i % 40,
		    INT64_C(1775001600000000) + i * 1000001, LINK_ETHERNET);
		is_written = is_written &&
			     pcap_writer_add(&classic.writer, &frame, NULL, NULL) == 0 &&
			     pcap_writer_add(&ng.writer, &frame, "a comment", NULL) == 0;
	}
	OK(is_written && pcap_writer_finish(&classic.writer, NULL) == 0 &&
		pcap_writer_finish(&ng.writer, NULL) == 0,
	    "a hundred frames");
	read_back(&classic, classic_text);
	read_back(&ng, ng_text);
	OK(strlen(classic_text) > 3000 && strcmp(classic_text, ng_text) == 0,
	    "come back the same from both");
	memory_close(&classic);
	memory_close(&ng);
}

static void test_late_times(void)
{
	struct memory memory;
	struct frame frame = frame_of("", 0, FRAME_TIME_MAX_US, LINK_ETHERNET);
	OK(memory_open(&memory, PCAP_WRITE_CLASSIC), "classic");
	OK(pcap_writer_add(&memory.writer, &frame, NULL, NULL) == 0 &&
		pcap_writer_finish(&memory.writer, NULL) == 0 &&
		is_hex(&memory, CLASSIC_HEADER "ffffffff 3f420f00 00000000 01000000"),
	    "the year 9999 becomes 2106");
	memory_close(&memory);
}

static void test_refusals(void)
{
	struct memory memory;
	struct complaint complaint = {""};
	struct frame frame = frame_of("x", 1, 0, 0);

	OK(memory_open(&memory, PCAP_WRITE_CLASSIC), "classic");
	OK(pcap_writer_add(&memory.writer, &frame, NULL, NULL) == 0, "takes its first link type");
	frame.link_type = LINK_RAW;
	OK(pcap_writer_add(&memory.writer, &frame, NULL, &complaint) == -EINVAL &&
		strcmp(complaint.text, "a pcap file holds one link type, here 0, and cannot take "
				       "101; pcapng holds several") == 0,
	    "and no second one");
	memory_close(&memory);

	OK(memory_open(&memory, PCAP_WRITE_NG), "pcapng");
	bool is_taken = true;
	for (frame.link_type = 0; frame.link_type < PCAP_WRITE_LINKS_MAX; frame.link_type++)
		is_taken = is_taken && pcap_writer_add(&memory.writer, &frame, NULL, NULL) == 0;
	OK(is_taken, "takes sixteen link types");
	OK(pcap_writer_add(&memory.writer, &frame, NULL, &complaint) == -EINVAL &&
		strcmp(complaint.text, "more than 16 link types in one capture") == 0,
	    "and no seventeenth");
	frame.link_type = 3;
	OK(pcap_writer_add(&memory.writer, &frame, NULL, NULL) == 0, "a known one goes on");
	memory_close(&memory);

	OK(memory_open(&memory, PCAP_WRITE_NG), "pcapng");
	frame.link_type = 65536;
	OK(pcap_writer_add(&memory.writer, &frame, NULL, &complaint) == -EINVAL &&
		strcmp(complaint.text,
		    "link type 65536 does not fit into a capture, expected at most 65535") == 0,
	    "nor one that its field cannot hold");
	frame.link_type = 65535;
	OK(pcap_writer_add(&memory.writer, &frame, NULL, NULL) == 0, "but the one before it");
	memory_close(&memory);
}

/* A comment of `copies` times "ab" and a character of three bytes, at the limit. */
static void test_long_comments(void)
{
	static char comment[PCAP_WRITE_COMMENT_MAX + 8];
	struct memory memory;
	struct frame frame = frame_of("", 0, 0, LINK_ETHERNET);
	const size_t headers = 28 + 20 + 28 + 4 + 4 + 4; /* blocks, option, end of options */

	memset(comment, 'a', PCAP_WRITE_COMMENT_MAX - 1);
	memcpy(comment + PCAP_WRITE_COMMENT_MAX - 1, "\xe7\x81\xab", 4);
	OK(memory_open(&memory, PCAP_WRITE_NG), "pcapng");
	OK(pcap_writer_add(&memory.writer, &frame, comment, NULL) == 0 &&
		pcap_writer_finish(&memory.writer, NULL) == 0 &&
		memory.count == headers + PCAP_WRITE_COMMENT_MAX &&
		memory.bytes[headers - 8 + PCAP_WRITE_COMMENT_MAX - 2] == 'a' &&
		memory.bytes[headers - 8 + PCAP_WRITE_COMMENT_MAX - 1] == '\0',
	    "a comment is cut before a character that does not fit");
	memory_close(&memory);

	memset(comment, 'a', PCAP_WRITE_COMMENT_MAX);
	comment[PCAP_WRITE_COMMENT_MAX] = '\0';
	OK(memory_open(&memory, PCAP_WRITE_NG), "pcapng");
	OK(pcap_writer_add(&memory.writer, &frame, comment, NULL) == 0 &&
		pcap_writer_finish(&memory.writer, NULL) == 0 &&
		memory.count == headers + PCAP_WRITE_COMMENT_MAX,
	    "one that just fits is whole");
	memory_close(&memory);
}

static void test_full_disk(void)
{
	struct complaint complaint = {""};
	struct pcap_writer writer;
	struct frame frame = frame_of("x", 1, 0, LINK_ETHERNET);
	FILE *full = fopen("/dev/full", "w");
	OK(full != NULL, "a disk without room");
	if (full == NULL)
		return;
	pcap_writer_init(&writer, full, PCAP_WRITE_NG);
	int error = pcap_writer_add(&writer, &frame, NULL, &complaint);
	if (error == 0)
		error = pcap_writer_finish(&writer, &complaint);
	OK(error == -ENOSPC &&
		strcmp(complaint.text, "writing the capture: No space left on device") == 0,
	    "is named");
	(void)fclose(full); /* fails as it should */
}

int main(void)
{
	test_bytes();
	test_round_trip();
	test_late_times();
	test_refusals();
	test_long_comments();
	test_full_disk();
	return test_done();
}
