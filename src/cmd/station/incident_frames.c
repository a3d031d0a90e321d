#include "cmd/station/incident_frames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "notify/csv_cell.h"
#include "notify/frame_words.h"
#include "source/pcap_write.h"

enum {
	/* A drill's number is not kept, only that there was one. */
	SOME_DRILL = 1,
	HEX_BYTES = 2 * FIRST_FRAME_BYTES + 1,
	COMMENT_BYTES = 512,
};

static bool is_frame(const struct store_frame *record)
{
	return record->data.length > 0 && record->data.length <= FIRST_FRAME_BYTES &&
	       record->wire_bytes >= 0 && record->wire_bytes <= UINT32_MAX &&
	       record->link_type >= 0 && record->link_type < LINK_NONE &&
	       record->at_us >= FRAME_TIME_MIN_US && record->at_us <= FRAME_TIME_MAX_US;
}

static int visit_frame(void *context, const void *record)
{
	struct incident_frames *frames = context;
	const struct store_frame *stored = record;
	if (!is_frame(stored)) {
		frames->refused++;
		return 0;
	}
	struct incident_frame *kept = &frames->list[frames->count++];
	memcpy(kept->bytes, stored->data.data, stored->data.length);
	(void)snprintf(kept->source, sizeof kept->source, "%s", stored->source);
	kept->frame = (struct frame){
	    .bytes = kept->bytes,
	    .captured_bytes = (uint32_t)stored->data.length,
	    .wire_bytes = (uint32_t)stored->wire_bytes,
	    .time_us = stored->at_us,
	    .link_type = (uint32_t)stored->link_type,
	    .drill = stored->drill ? SOME_DRILL : 0,
	};
	return 0;
}

/* By time; of one moment as they were kept. Their bytes move with them. */
static void sort(struct incident_frames *frames)
{
	static struct incident_frame moved; /* large */
	for (size_t i = 1; i < frames->count; i++) {
		size_t at = i;
		moved = frames->list[i];
		for (; at > 0 && frames->list[at - 1].frame.time_us > moved.frame.time_us; at--)
			frames->list[at] = frames->list[at - 1];
		frames->list[at] = moved;
	}
	for (size_t i = 0; i < frames->count; i++)
		frames->list[i].frame.bytes = frames->list[i].bytes;
}

int incident_frames_read(struct store *store, int64_t incident, struct incident_frames *ret_frames,
    struct complaint *complaint)
{
	const struct store_query query = {
	    .kind = STORE_FRAME,
	    .conditions = {{.column = "incident_id", .test = STORE_IS, .number = incident}},
	    .limit = INCIDENT_FRAMES_MAX,
	};
	ret_frames->count = 0;
	ret_frames->refused = 0;
	const int result = store_each(store, &query, visit_frame, ret_frames, complaint);
	sort(ret_frames);
	return result;
}

static void format_hex(const struct frame *frame, char out[static HEX_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	for (uint32_t i = 0; i < frame->captured_bytes; i++) {
		out[2 * i] = digits[frame->bytes[i] >> 4];
		out[2 * i + 1] = digits[frame->bytes[i] & 0xf];
	}
	out[2 * frame->captured_bytes] = '\0';
}

void incident_frame_put(struct json *json, const struct incident_frame *kept)
{
	char hex[HEX_BYTES];
	frame_words_write(json, &kept->frame);
	json_string(json, "source", kept->source);
	json_unsigned(json, "link_type", kept->frame.link_type);
	format_hex(&kept->frame, hex);
	json_string(json, "bytes", hex);
}

void incident_frames_write(const struct incident_frames *frames, const char *key, struct json *json)
{
	json_open_array(json, key);
	for (size_t i = 0; i < frames->count; i++) {
		json_open_object(json, NULL);
		incident_frame_put(json, &frames->list[i]);
		json_close_object(json);
	}
	json_close_array(json);
}

int incident_frames_write_pcapng(const struct incident_frames *frames, const char *about, FILE *out)
{
	struct pcap_writer writer;
	struct complaint complaint;
	pcap_writer_init(&writer, out, PCAP_WRITE_NG);
	for (size_t i = 0; i < frames->count; i++) {
		const struct incident_frame *kept = &frames->list[i];
		char comment[COMMENT_BYTES];
		const bool is_first = i == 0 && about != NULL;
		(void)snprintf(comment, sizeof comment, "%s%s%s%s", is_first ? about : "",
		    is_first ? "; " : "", kept->frame.drill != 0 ? "drill; " : "", kept->source);
		const int result = pcap_writer_add(&writer, &kept->frame, comment, &complaint);
		if (result != 0 && result != -EINVAL) /* more kinds of links than a file has */
			return -EIO;
	}
	return pcap_writer_finish(&writer, &complaint) == 0 ? 0 : -EIO;
}

void incident_frames_write_csv(const struct incident_frames *frames, FILE *out)
{
	static const char *const names[] = {
	    "at", "length", "captured", "drill", "summary", "words_ja", "words_en", "source"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)fprintf(out, "%s%s", i == 0 ? "" : ",", names[i]);
	(void)fputs("\r\n", out);
	for (size_t i = 0; i < frames->count; i++) {
		const struct frame *frame = &frames->list[i].frame;
		char at[WHEN_TEXT_BYTES];
		char line[FRAME_WORDS_BYTES];
		struct text text;
		when_format_utc(frame->time_us, at);
		(void)fprintf(out, "%s,%u,%u,%s,", at, frame->wire_bytes, frame->captured_bytes,
		    frame->drill != 0 ? "true" : "false");
		text_init(&text, line, sizeof line);
		frame_words_add_summary(&text, frame);
		csv_cell_put(out, line);
		for (int i_language = 0; i_language < 2; i_language++) {
			(void)fputc(',', out);
			text_init(&text, line, sizeof line);
			frame_words_add(&text, i_language == 0 ? LANGUAGE_JA : LANGUAGE_EN, frame);
			csv_cell_put(out, line);
		}
		(void)fputc(',', out);
		csv_cell_put(out, frames->list[i].source);
		(void)fputs("\r\n", out);
	}
}
