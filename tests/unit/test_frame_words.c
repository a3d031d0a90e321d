/* Frames in words: what real frames do, in both languages; and any bytes. */
#include "notify/frame_words.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

enum {
	TEXT_BYTES = 8192,
	HEX_MAX = 256,
};

static uint8_t bytes[HEX_MAX];
static char words[TEXT_BYTES];
static char json_text[TEXT_BYTES];

static struct frame frame_of(const char *hex, uint32_t link_type)
{
	size_t count = 0;
	for (const char *c = hex; *c != '\0'; c++) {
		if (*c == ' ')
			continue;
		const char pair[3] = {c[0], c[1], '\0'};
		bytes[count++] = (uint8_t)strtoul(pair, NULL, 16);
		c++;
	}
	return (struct frame){
	    .bytes = bytes,
	    .captured_bytes = (uint32_t)count,
	    .wire_bytes = (uint32_t)count,
	    .time_us = INT64_C(1775001600000001),
	    .link_type = link_type,
	};
}

static const char *tell(enum language language, const struct frame *frame)
{
	struct text text;
	text_init(&text, words, FRAME_WORDS_BYTES);
	frame_words_add(&text, language, frame);
	return words;
}

static const char *sum_up(const struct frame *frame)
{
	struct text text;
	text_init(&text, words, FRAME_SUMMARY_BYTES);
	frame_words_add_summary(&text, frame);
	return words;
}

static const char *write(const struct frame *frame)
{
	struct json json;
	FILE *out = fmemopen(json_text, sizeof json_text, "w");
	json_init(&json, out);
	json_open_object(&json, NULL);
	frame_words_write(&json, frame);
	json_close_object(&json);
	(void)fclose(out);
	return json_text;
}

/* IPv4 without a link: 198.51.100.7 to 198.18.0.9. */
#define V4(protocol)        "4500 0028 0000 0000 39" protocol " 0000 c6336407 c6120009 "
#define TCP_TO(port, flags) "c000 " port " c6120009 00000000 50" flags " 0400 0000 0000"
/* ports, sequence number, acknowledgement, offset, flags, window, checksum, urgent */

static const struct {
	const char *name;
	const char *hex;
	const char *en;
	const char *ja;
	const char *summary;
} rows[] = {
    {"a SYN of Mirai", V4("06") TCP_TO("0017", "02"),
	"198.51.100.7 asks 198.18.0.9 for a connection to TCP 23 (remote login, Telnet); it "
	"bears the mark of mirai",
	"198.51.100.7 が 198.18.0.9 の TCP 23",
	"198.51.100.7:49152 > 198.18.0.9:23 TCP SYN ttl 57 length 40 mirai"},
    {"a SYN and ACK", V4("06") "0050 c000 00000001 00000002 5012 0400 0000 0000",
	"198.51.100.7 accepts a connection to its TCP 80", "接続に応じています",
	"198.51.100.7:80 > 198.18.0.9:49152 TCP SYN ACK ttl 57 length 40"},
    {"a RST", V4("06") "0050 c000 00000001 00000000 5004 0000 0000 0000",
	"198.51.100.7 refuses 198.18.0.9 a connection", "断っています", "TCP RST ttl"},
    {"no flags", V4("06") "c000 0050 00000001 00000000 5000 0400 0000 0000",
	"with a packet that belongs to no connection", "どの接続にも属さない", "TCP none ttl"},
    {"data", V4("06") "c000 0050 00000001 00000002 5018 0400 0000 0000",
	"goes on with a connection to TCP 80", "接続を続けています", "TCP PSH ACK"},
    {"a datagram", V4("11") "c000 07a1 0014 0000 000000000000000000000000",
	"sends 12 bytes to UDP 1953 of 198.18.0.9", "12 バイトを送っています",
	"198.51.100.7:49152 > 198.18.0.9:1953 UDP ttl 57 length 40"},
    {"an answer", V4("11") "0035 c000 0014 0000 000000000000000000000000",
	"an answer of 12 bytes from its UDP 53", "応答を送っています", "198.51.100.7:53 >"},
    {"a ping", V4("01") "0800 0000 0001 0001 000000000000000000000000",
	"198.51.100.7 pings 198.18.0.9", "ping を送っています", "ICMP type 8 code 0 ttl 57"},
    {"an answer to one", V4("01") "0000 0000 0001 0001 000000000000000000000000",
	"answers a ping of", "ping に答えています", "ICMP type 0"},
    {"an error",
	"4500 0038 0000 0000 3901 0000 c6336407 c6120009 0301 0000 00000000 4500 0028 0000 0000 "
	"3906 0000 c6120009 cb007101 c000 0050 00000001",
	"198.51.100.7 tells 198.18.0.9 that something it sent did not arrive", "届かなかった",
	"ICMP type 3 code 1"},
    {"another message", V4("01") "0d00 0000 0001 0001 000000000000000000000000",
	"an ICMP message of type 13", "種類 13", "ICMP type 13"},
    {"another protocol", V4("2f") "0000 0000 0000 0000 000000000000000000000000", "198.51.100.7",
	"198.51.100.7", "GRE"},
    {"a later part", "4500 0028 0000 0002 3911 0000 c6336407 c6120009 00000000000000000000",
	"a later part of a larger packet", "続きを送っています", "UDP ttl 57"},
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct frame frame = frame_of(rows[i].hex, LINK_RAW);
		const bool en = strstr(tell(LANGUAGE_EN, &frame), rows[i].en) != NULL;
		if (!en)
			printf("# %s\n", words);
		const bool ja = strstr(tell(LANGUAGE_JA, &frame), rows[i].ja) != NULL;
		if (!ja)
			printf("# %s\n", words);
		const bool summary = strstr(sum_up(&frame), rows[i].summary) != NULL;
		if (!summary)
			printf("# %s\n", words);
		OK(en && ja && summary, rows[i].name);
	}
}

static void test_links(void)
{
	struct frame frame = frame_of("ffffffffffff 020000000001 0806 0001 0800 0604 0001 "
				      "020000000001 0a000001 000000000000 0a000002",
	    LINK_ETHERNET);
	OK(strcmp(tell(LANGUAGE_EN, &frame), "10.0.0.1 asks its network who has the address "
					     "10.0.0.2") == 0,
	    "ARP asks who has an address");
	OK(strcmp(sum_up(&frame), "10.0.0.1 > 10.0.0.2 ARP length 42") == 0, "in a line as well");
	frame.drill = 3;
	OK(strstr(tell(LANGUAGE_EN, &frame), "made by a drill") != NULL &&
		strstr(tell(LANGUAGE_JA, &frame), "訓練") != NULL,
	    "a drill is told as one");
	frame = frame_of("6000 0000 0014 06 40 20010db8000000000000000000000001 "
			 "20010db8000000000000000000000002 c000 0016 00000001 00000000 5002 0400 "
			 "0000 0000",
	    LINK_RAW);
	OK(strstr(sum_up(&frame), "[2001:db8::1]:49152 > [2001:db8::2]:22 TCP SYN") != NULL,
	    "IPv6 has brackets");
	frame = frame_of("00", 0x1234);
	OK(strcmp(sum_up(&frame), "link type 4660, 1 bytes") == 0 &&
		strstr(tell(LANGUAGE_EN, &frame), "cannot be read") != NULL,
	    "of a link that nobody knows its number is told");
}

static void test_json(void)
{
	struct frame frame = frame_of(V4("06") TCP_TO("0017", "02"), LINK_RAW);
	(void)write(&frame);
	OK(strstr(json_text, "\"from\":\"198.51.100.7\",\"to\":\"198.18.0.9\",\"protocol\":\"TCP\","
			     "\"from_port\":49152,\"to_port\":23,\"flags\":\"SYN\"") != NULL &&
		strstr(json_text, "\"ttl\":57,\"tool\":\"mirai\"") != NULL &&
		strstr(json_text, "\"at\":\"2026-04-01T00:00:00.000001Z\"") != NULL &&
		strstr(json_text, "\"words\":{\"ja\":\"") != NULL,
	    "programs get each field");
	frame = frame_of("4500 0038 0000 0000 3901 0000 c6336407 c6120009 0301 0000 00000000 4500 "
			 "0028 0000 0000 3906 0000 c6120009 cb007101 c000 0050 00000001",
	    LINK_RAW);
	OK(strstr(write(&frame), "\"quoted\":{\"from\":\"198.18.0.9\",\"to\":\"203.0.113.1\","
				 "\"protocol\":6,\"from_port\":49152,\"to_port\":80}") != NULL,
	    "and what an error quotes");
}

/* Each cut, and each byte changed: words come of all, and they are whole. */
static void test_damage(void)
{
	bool are_told = true;
	for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
		struct frame frame = frame_of(rows[row].hex, LINK_RAW);
		const uint32_t whole = frame.captured_bytes;
		for (uint32_t cut = 0; cut <= whole; cut++) {
			frame.captured_bytes = cut;
			are_told = are_told && tell(LANGUAGE_JA, &frame)[0] != '\0' &&
				   sum_up(&frame)[0] != '\0';
			(void)write(&frame);
		}
		for (uint32_t at = 0; at < whole; at++) {
			bytes[at] ^= 0xff;
			frame.captured_bytes = whole;
			are_told = are_told && tell(LANGUAGE_EN, &frame)[0] != '\0';
			(void)write(&frame);
			bytes[at] ^= 0xff;
		}
	}
	OK(are_told, "whatever is cut or damaged, something is told");
}

int main(void)
{
	test_rows();
	test_links();
	test_json();
	test_damage();
	return test_done();
}
