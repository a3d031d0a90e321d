/*
 * pcap_classic.c - the classic pcap file (draft-ietf-opsawg-pcap) and its old relatives.
 *
 * A file header of 24 bytes, then records: seconds, fraction, captured bytes, bytes on the wire,
 * the frame. Seconds are unsigned and reach 2106. The zone and accuracy fields of the header say
 * nothing in any file that exists, and the snapshot length is wrong in many: neither is used.
 *
 * Captures joined by cat are read on: where a record should begin and a file header stands, the
 * file begins anew.
 */
#include "source/capture.h"

#include <stdlib.h>

#include "source/load.h"

enum {
	FILE_HEADER_BYTES = 24,
	RECORD_HEADER_BYTES = 16,
	/* Linux kernels of 1999 carried patches that added fields, some without a new magic. */
	RECORD_HEADER_NOKIA_BYTES = 20,
	RECORD_HEADER_KUZNETZOV_BYTES = 24,
	RECORD_HEADER_SUSE_BYTES = 28,
	/* So many records in a row that make sense decide between those. */
	LAYOUT_PROBE_RECORDS = 3,
	LAYOUTS_MAX = 3,

	VERSION_MAJOR_MIN = 2,   /* 1.x had another layout; later ones keep this one */
	LINK_TYPE_MASK = 0xffff, /* above it lie the length of the checksum and reserved bits */
	MICROS_PER_SECOND = 1000000,
	NANOS_PER_SECOND = 1000000000,
};

/* A variant of the format: its magic, and the record headers it was seen with, likeliest first. */
struct variant {
	uint32_t magic;
	bool is_nano;
	uint8_t header_bytes[LAYOUTS_MAX]; /* ends with 0 */
};

static const struct variant variants[] = {
    {0xa1b2c3d4, false,
	{RECORD_HEADER_BYTES, RECORD_HEADER_KUZNETZOV_BYTES, RECORD_HEADER_NOKIA_BYTES}},
    {0xa1b23c4d, true, {RECORD_HEADER_BYTES}},
    {0xa1b2cd34, false, {RECORD_HEADER_KUZNETZOV_BYTES, RECORD_HEADER_SUSE_BYTES}},
};

/* Before 2.3 the two lengths stood the other way round; with 2.3 it depends on the writer. */
enum lengths {
	LENGTHS_ORDINARY,
	LENGTHS_SWAPPED,
	LENGTHS_BY_SIZE,
};

struct pcap {
	enum {
		AT_FILE_HEADER,
		AT_LAYOUT,
		AT_RECORDS
	} at;
	const struct variant *variant;
	bool is_big;
	enum lengths lengths;
	uint32_t version; /* both halves, as in the file */
	uint32_t link_type;
	size_t header_bytes;
};

struct record {
	uint32_t seconds;
	uint32_t fraction;
	uint32_t captured;
	uint32_t wire;
};

static const struct variant *find_variant(const uint8_t *bytes, bool *ret_is_big)
{
	for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++)
		for (int is_big = 0; is_big <= 1; is_big++)
			if (load_u32(bytes, is_big != 0) == variants[i].magic) {
				*ret_is_big = is_big != 0;
				return &variants[i];
			}
	return NULL;
}

static bool pcap_recognises(const uint8_t *bytes)
{
	bool is_big;
	return find_variant(bytes, &is_big) != NULL;
}

static void *pcap_open(void)
{
	return calloc(1, sizeof(struct pcap));
}

static enum lengths find_lengths(uint16_t major, uint16_t minor)
{
	if (major != 2 || minor > 3)
		return LENGTHS_ORDINARY;
	return minor == 3 ? LENGTHS_BY_SIZE : LENGTHS_SWAPPED;
}

static void parse_file_header(struct pcap *pcap, struct parse *parse)
{
	const uint8_t *at = parse->bytes + parse->used;
	parse->unit = "the file header";
	if (parse->left - parse->used < FILE_HEADER_BYTES) {
		parse->want = FILE_HEADER_BYTES;
		return;
	}
	pcap->variant = find_variant(at, &pcap->is_big);
	if (pcap->variant == NULL) {
		parse_damage(parse, "no pcap header here");
		return;
	}
	uint16_t major = load_u16(at + 4, pcap->is_big);
	uint16_t minor = load_u16(at + 6, pcap->is_big);
	if (major < VERSION_MAJOR_MIN) {
		parse_damage(parse, "pcap version %u.%u, expected 2.x", major, minor);
		return;
	}
	pcap->lengths = find_lengths(major, minor);
	pcap->version = load_u32(at + 4, pcap->is_big);
	pcap->link_type = load_u32(at + 20, pcap->is_big) & LINK_TYPE_MASK;
	pcap->header_bytes = pcap->variant->header_bytes[0];
	pcap->at = AT_LAYOUT;
	parse->used += FILE_HEADER_BYTES;
}

static inline __attribute__((always_inline)) struct record load_record(
    const struct pcap *pcap, const uint8_t *at)
{
	struct record record = {
	    .seconds = load_u32(at, pcap->is_big),
	    .fraction = load_u32(at + 4, pcap->is_big),
	    .captured = load_u32(at + 8, pcap->is_big),
	    .wire = load_u32(at + 12, pcap->is_big),
	};
	if (pcap->lengths == LENGTHS_SWAPPED ||
	    (pcap->lengths == LENGTHS_BY_SIZE && record.captured > record.wire)) {
		uint32_t captured = record.wire;
		record.wire = record.captured;
		record.captured = captured;
	}
	return record;
}

/* Whether a record looks as programs write it; a damaged or odd file need not. */
static bool is_tidy(const struct pcap *pcap, const struct record *record)
{
	uint32_t fraction_max = pcap->variant->is_nano ? NANOS_PER_SECOND : MICROS_PER_SECOND;
	return record->fraction < fraction_max && record->captured <= record->wire &&
	       record->captured <= CAPTURE_FRAME_MAX_BYTES &&
	       record->wire <= CAPTURE_RECORD_MAX_BYTES;
}

enum fit {
	FIT_NO, /* a record makes no sense */
	FIT_YES,
	FIT_CUT,     /* all do, but the file ends inside one */
	FIT_UNKNOWN, /* more bytes will tell */
};

/* Whether the first records are tidy when read with headers of this size; or what to read for it.
 */
static enum fit fits(
    const struct pcap *pcap, const struct parse *parse, size_t header_bytes, size_t *ret_want)
{
	const uint8_t *bytes = parse->bytes + parse->used;
	size_t left = parse->left - parse->used;
	size_t at = 0;
	for (int i = 0; i < LAYOUT_PROBE_RECORDS; i++) {
		if (at == left && parse->is_last)
			return FIT_YES;
		if (at > left || left - at < header_bytes) {
			*ret_want = at + header_bytes;
			return parse->is_last ? FIT_CUT : FIT_UNKNOWN;
		}
		struct record record = load_record(pcap, bytes + at);
		if (!is_tidy(pcap, &record))
			return FIT_NO;
		at += header_bytes + record.captured;
	}
	return FIT_YES;
}

/* The likeliest layout stays unless a record of it makes no sense and all of another do. */
static void parse_layout(struct pcap *pcap, struct parse *parse)
{
	parse->unit = "a packet record";
	for (size_t i = 0; i < LAYOUTS_MAX && pcap->variant->header_bytes[i] != 0; i++) {
		size_t header_bytes = pcap->variant->header_bytes[i];
		enum fit fit = fits(pcap, parse, header_bytes, &parse->want);
		if (fit == FIT_UNKNOWN)
			return;
		if (fit == FIT_YES || (fit == FIT_CUT && i == 0)) {
			pcap->header_bytes = header_bytes;
			break;
		}
	}
	parse->want = 0;
	pcap->at = AT_RECORDS;
}

static int64_t to_time_us(const struct pcap *pcap, const struct record *record)
{
	/* A fraction of more than a second is carried over, as it reads. */
	uint32_t micros = pcap->variant->is_nano ? record->fraction / 1000 : record->fraction;
	return (int64_t)record->seconds * MICROS_PER_SECOND + micros;
}

/* Not by value: gcc 12 would put the frame together elsewhere, and wait for it to copy it. */
static inline __attribute__((always_inline)) void set_frame(
    struct frame *frame, const struct pcap *pcap, const struct record *record, const uint8_t *bytes)
{
	*frame = (struct frame){
	    .bytes = bytes,
	    .captured_bytes = record->captured,
	    .wire_bytes = record->wire,
	    .time_us = to_time_us(pcap, record),
	    .link_type = pcap->link_type,
	};
}

/*
 * Gives the frames of whole records, up to one that needs a closer look. It is most of what reading
 * costs beside read(2): all that is not looked at for every record stays outside.
 */
static void take_records(const struct pcap *pcap, struct parse *parse)
{
	const struct pcap settled = *pcap; /* a copy, which no frame that is written can change */
	const uint32_t magic = settled.variant->magic;
	const size_t header_bytes = settled.header_bytes;
	const uint8_t *at = parse->bytes + parse->used;
	size_t left = parse->left - parse->used;
	struct frame *frame = parse->frames + parse->frame_count;
	const struct frame *frames_end = parse->frames + parse->frames_max;
	while (frame < frames_end && left >= header_bytes) {
		struct record record = load_record(&settled, at);
		size_t record_bytes = header_bytes + record.captured;
		if (record_bytes > left || record.captured > CAPTURE_FRAME_MAX_BYTES ||
		    record.seconds == magic)
			break;
		set_frame(frame++, &settled, &record, at + header_bytes);
		at += record_bytes;
		left -= record_bytes;
	}
	parse->used = parse->left - left;
	parse->frame_count = (size_t)(frame - parse->frames);
}

/* A file header where a record should begin. As a record it would be empty and of the year 2055. */
static bool is_file_header(const struct pcap *pcap, const uint8_t *at, const struct record *record)
{
	return record->seconds == pcap->variant->magic &&
	       load_u32(at + 4, pcap->is_big) == pcap->version && record->captured == 0 &&
	       record->wire == 0;
}

/* Gives the start of a frame that is larger than any of ours. */
static void parse_large(struct parse *parse, size_t header_bytes, struct frame *frame)
{
	if (frame->captured_bytes > CAPTURE_RECORD_MAX_BYTES) {
		parse_damage(parse, "a record claims %u captured bytes, expected at most %d",
		    frame->captured_bytes, CAPTURE_RECORD_MAX_BYTES);
		return;
	}
	size_t bytes = header_bytes + CAPTURE_FRAME_MAX_BYTES;
	if (parse->left - parse->used < bytes) {
		parse->want = bytes;
		return;
	}
	parse->skip = frame->captured_bytes - CAPTURE_FRAME_MAX_BYTES;
	parse->used += bytes;
	frame->captured_bytes = CAPTURE_FRAME_MAX_BYTES;
	parse->frame_count++;
}

static void parse_record(struct pcap *pcap, struct parse *parse)
{
	size_t header_bytes = pcap->header_bytes;
	const uint8_t *at = parse->bytes + parse->used;
	size_t left = parse->left - parse->used;
	if (left < header_bytes) {
		parse->want = header_bytes;
		return;
	}
	struct record record = load_record(pcap, at);
	if (is_file_header(pcap, at, &record)) {
		pcap->at = AT_FILE_HEADER;
		return;
	}
	struct frame *frame = &parse->frames[parse->frame_count];
	set_frame(frame, pcap, &record, at + header_bytes);
	if (record.captured > CAPTURE_FRAME_MAX_BYTES) {
		parse_large(parse, header_bytes, frame);
		return;
	}
	if (left - header_bytes < record.captured) {
		parse->want = header_bytes + record.captured;
		return;
	}
	parse->frame_count++;
	parse->used += header_bytes + record.captured;
}

static void parse_records(struct pcap *pcap, struct parse *parse)
{
	parse->unit = "a packet record";
	take_records(pcap, parse);
	if (parse->frame_count < parse->frames_max)
		parse_record(pcap, parse);
}

static int pcap_parse(void *state, struct parse *parse)
{
	struct pcap *pcap = state;
	while (parse->want == 0 && !parse->is_damaged && parse->skip == 0 &&
	       parse->frame_count < parse->frames_max) {
		switch (pcap->at) {
		case AT_FILE_HEADER:
			parse_file_header(pcap, parse);
			break;
		case AT_LAYOUT:
			parse_layout(pcap, parse);
			break;
		case AT_RECORDS:
			parse_records(pcap, parse);
			break;
		}
	}
	return 0;
}

const struct capture_format capture_pcap = {
    .name = "pcap",
    .recognises = pcap_recognises,
    .open = pcap_open,
    .parse = pcap_parse,
    .close = free,
};
