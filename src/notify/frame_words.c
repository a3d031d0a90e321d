#include "notify/frame_words.h"

#include <stdio.h>
#include <string.h>

#include "base/when.h"
#include "decode/decode.h"
#include "notify/service.h"
#include "observe/classify.h"
#include "observe/marks.h"

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMP6 = 58,
	PROTOCOL_SCTP = 132,
	NAME_BYTES = 24,
	FLAGS_BYTES = 48,
	END_BYTES = ADDRESS_TEXT_BYTES + 16,
};

/* What a frame does. */
enum deed {
	DEED_CONNECT,
	DEED_ACCEPT,
	DEED_RESET,
	DEED_PROBE,
	DEED_SEGMENT,
	DEED_DATAGRAM,
	DEED_REPLY,
	DEED_PING,
	DEED_PONG,
	DEED_ERROR,
	DEED_ICMP,
	DEED_WHO_HAS,
	DEED_I_HAVE,
	DEED_ROUTER,
	DEED_FRAGMENT,
	DEED_PROTOCOL,
	DEED_NOTHING,
	DEED_COUNT,
};

/* {1} from, {2} to, {3} the port that is asked, {4} that of the sender, {5} bytes or a number. */
static const char *const deeds[LANGUAGE_COUNT][DEED_COUNT] = {
    [LANGUAGE_EN] =
	{
	    [DEED_CONNECT] = "{1} asks {2} for a connection to {3}",
	    [DEED_ACCEPT] = "{1} accepts a connection to its {4} for which {2} is said to have "
			    "asked",
	    [DEED_RESET] = "{1} refuses {2} a connection, or breaks one off ({4})",
	    [DEED_PROBE] = "{1} tries {3} of {2} with a packet that belongs to no connection",
	    [DEED_SEGMENT] = "{1} goes on with a connection to {3} of {2}, {5} "
			     "{5:byte|bytes} of data",
	    [DEED_DATAGRAM] = "{1} sends {5} {5:byte|bytes} to {3} of {2}",
	    [DEED_REPLY] = "{1} sends {2} an answer of {5} {5:byte|bytes} from its {4}",
	    [DEED_PING] = "{1} pings {2}",
	    [DEED_PONG] = "{1} answers a ping of {2}",
	    [DEED_ERROR] = "{1} tells {2} that something it sent did not arrive",
	    [DEED_ICMP] = "{1} sends {2} an ICMP message of type {5}",
	    [DEED_WHO_HAS] = "{1} asks its network who has the address {2}",
	    [DEED_I_HAVE] = "{1} tells {2} that it has this address",
	    [DEED_ROUTER] = "{1} says that it is a router",
	    [DEED_FRAGMENT] = "{1} sends {2} a later part of a larger packet",
	    [DEED_PROTOCOL] = "{1} sends {2} a packet of IP protocol {5}",
	    [DEED_NOTHING] = "a frame that cannot be read",
	},
    [LANGUAGE_JA] =
	{
	    [DEED_CONNECT] = "{1} が {2} の {3} に接続を求めています",
	    [DEED_ACCEPT] = "{1} が、{2} から来たとされる {4} への接続に応じています",
	    [DEED_RESET] = "{1} が {2} との接続を断っています（{4}）",
	    [DEED_PROBE] = "{1} が、どの接続にも属さないパケットで {2} の {3} を試しています",
	    [DEED_SEGMENT] = "{1} が {2} の {3} との接続を続けています（データ {5} バイト）",
	    [DEED_DATAGRAM] = "{1} が {2} の {3} に {5} バイトを送っています",
	    [DEED_REPLY] = "{1} が {4} から {2} に {5} バイトの応答を送っています",
	    [DEED_PING] = "{1} が {2} に ping を送っています",
	    [DEED_PONG] = "{1} が {2} の ping に答えています",
	    [DEED_ERROR] = "{1} が {2} に、送ったものが届かなかったと知らせています",
	    [DEED_ICMP] = "{1} が {2} に種類 {5} の ICMP メッセージを送っています",
	    [DEED_WHO_HAS] = "{1} が、アドレス {2} を使う機器を同じネットワークで探しています",
	    [DEED_I_HAVE] = "{1} が、このアドレスを使っていると {2} に知らせています",
	    [DEED_ROUTER] = "{1} が、自分はルータだと知らせています",
	    [DEED_FRAGMENT] = "{1} が {2} に、大きなパケットの続きを送っています",
	    [DEED_PROTOCOL] = "{1} が {2} に IP プロトコル {5} のパケットを送っています",
	    [DEED_NOTHING] = "読み取れないフレーム",
	},
};

static const char *const marked[LANGUAGE_COUNT] = {
    [LANGUAGE_EN] = "; it bears the mark of {1}",
    [LANGUAGE_JA] = "（{1} の目印があります）",
};
static const char *const drilled[LANGUAGE_COUNT] = {
    [LANGUAGE_EN] = "; made by a drill",
    [LANGUAGE_JA] = "（訓練で作られたものです）",
};

static bool is_icmp(const struct facts *facts)
{
	return facts->protocol == PROTOCOL_ICMP || facts->protocol == PROTOCOL_ICMP6;
}

static enum deed deed_of_icmp(const struct facts *facts)
{
	const bool is_v4 = facts->protocol == PROTOCOL_ICMP;
	if ((facts->flags & FACTS_ICMP_ERROR) != 0)
		return DEED_ERROR;
	if ((facts->flags & FACTS_ND_SOLICIT) != 0)
		return DEED_WHO_HAS;
	if ((facts->flags & FACTS_ND_ADVERT) != 0)
		return DEED_I_HAVE;
	if ((facts->flags & FACTS_ROUTER_ADVERT) != 0)
		return DEED_ROUTER;
	if (facts->icmp_type == (is_v4 ? 8 : 128))
		return DEED_PING;
	return facts->icmp_type == (is_v4 ? 0 : 129) ? DEED_PONG : DEED_ICMP;
}

static enum deed deed_of_tcp(const struct facts *facts)
{
	const unsigned flags = facts->tcp_flags & (FACTS_SYN | FACTS_ACK | FACTS_RST | FACTS_FIN);
	if (flags == FACTS_SYN)
		return DEED_CONNECT;
	if (flags == (FACTS_SYN | FACTS_ACK))
		return DEED_ACCEPT;
	if ((flags & (FACTS_RST | FACTS_SYN | FACTS_FIN)) == FACTS_RST)
		return DEED_RESET;
	return classify(facts) == PACKET_PROBE ? DEED_PROBE : DEED_SEGMENT;
}

static enum deed deed_of(const struct facts *facts)
{
	if (facts->net == FACTS_NONE)
		return DEED_NOTHING;
	if (facts->net == FACTS_ARP)
		return (facts->flags & FACTS_ARP_REPLY) != 0 ? DEED_I_HAVE : DEED_WHO_HAS;
	if ((facts->flags & FACTS_LATER_FRAGMENT) != 0)
		return DEED_FRAGMENT;
	if ((facts->flags & FACTS_TRANSPORT) == 0)
		return DEED_PROTOCOL;
	if (is_icmp(facts))
		return deed_of_icmp(facts);
	if (facts->protocol == PROTOCOL_TCP)
		return deed_of_tcp(facts);
	if (facts->protocol == PROTOCOL_UDP && classify_is_udp_reply(facts))
		return DEED_REPLY;
	return facts->protocol == PROTOCOL_UDP || facts->protocol == PROTOCOL_SCTP ? DEED_DATAGRAM
										   : DEED_PROTOCOL;
}

static bool has_ports(const struct facts *facts)
{
	return (facts->flags & FACTS_TRANSPORT) != 0 &&
	       (facts->protocol == PROTOCOL_TCP || facts->protocol == PROTOCOL_UDP ||
		   facts->protocol == PROTOCOL_SCTP);
}

/* The lowest of those whose mark it bears; -1 where it bears none. */
static int tool_of(const struct facts *facts)
{
	const unsigned marks = marks_of_packet(facts);
	return marks == 0 ? -1 : __builtin_ctz(marks);
}

static void name_protocol(const struct facts *facts, char out[static NAME_BYTES])
{
	static const struct {
		uint8_t protocol;
		const char *name;
	} names[] = {{PROTOCOL_ICMP, "ICMP"}, {PROTOCOL_TCP, "TCP"}, {PROTOCOL_UDP, "UDP"},
	    {PROTOCOL_ICMP6, "ICMPv6"}, {PROTOCOL_SCTP, "SCTP"}, {47, "GRE"}, {50, "ESP"}};
	if (facts->net == FACTS_ARP) {
		(void)snprintf(out, NAME_BYTES, "ARP");
		return;
	}
	(void)snprintf(out, NAME_BYTES, "%u", facts->protocol);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].protocol == facts->protocol)
			(void)snprintf(out, NAME_BYTES, "%s", names[i].name);
}

/* "SYN ACK"; "none" of a TCP packet without any. */
static void name_flags(const struct facts *facts, char out[static FLAGS_BYTES])
{
	static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};
	struct text text;
	text_init(&text, out, FLAGS_BYTES);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if ((facts->tcp_flags >> i & 1U) == 0)
			continue;
		if (text.length > 0)
			text_add(&text, " ");
		text_add(&text, names[i]);
	}
	if (text.length == 0)
		text_add(&text, "none");
}

static void add_port(
    struct text *text, enum language language, const struct facts *facts, uint16_t port)
{
	const struct finding_port named = {
	    .port = port, .protocol = facts->protocol, .bare = !has_ports(facts)};
	service_add_port(text, language, &named, true);
}

static int64_t number_of(const struct facts *facts, enum deed deed)
{
	if (deed == DEED_ICMP)
		return facts->icmp_type;
	return deed == DEED_PROTOCOL ? facts->protocol : facts->payload_bytes;
}

void frame_words_add(struct text *text, enum language language, const struct frame *frame)
{
	struct facts facts;
	char ends[2][ADDRESS_TEXT_BYTES] = {"", ""};
	char ports[2][SERVICE_PORT_BYTES];
	(void)decode_frame(frame, &facts);
	const enum deed deed = deed_of(&facts);
	if (facts.net != FACTS_NONE) {
		address_format(&facts.source, ends[0]);
		address_format(&facts.target, ends[1]);
	}
	for (size_t i = 0; i < 2; i++) {
		struct text port;
		text_init(&port, ports[i], sizeof ports[i]);
		if (has_ports(&facts))
			add_port(&port, language, &facts,
			    i == 0 ? facts.target_port : facts.source_port);
	}
	const struct value values[] = {value_of_text(ends[0]), value_of_text(ends[1]),
	    value_of_text(ports[0]), value_of_text(ports[1]), {.number = number_of(&facts, deed)}};
	text_add_phrase(text, deeds[language][deed], values, sizeof values / sizeof values[0]);
	const int tool = tool_of(&facts);
	if (tool >= 0) {
		const struct value name = value_of_text(tool_name((enum tool)tool));
		text_add_phrase(text, marked[language], &name, 1);
	}
	if (frame->drill != 0)
		text_add(text, drilled[language]);
}

/* "198.51.100.77:49152", "[2001:db8::1]:49152", or the address alone. */
static void format_end(const struct facts *facts, bool is_target, char out[static END_BYTES])
{
	char address[ADDRESS_TEXT_BYTES];
	const struct address *end = is_target ? &facts->target : &facts->source;
	address_format(end, address);
	if (!has_ports(facts))
		(void)snprintf(out, END_BYTES, "%s", address);
	else
		(void)snprintf(out, END_BYTES, address_is_v4(end) ? "%s:%u" : "[%s]:%u", address,
		    is_target ? facts->target_port : facts->source_port);
}

static void add_summary(struct text *text, const struct facts *facts, const struct frame *frame)
{
	char line[FRAME_SUMMARY_BYTES];
	char from[END_BYTES];
	char to[END_BYTES];
	char protocol[NAME_BYTES];
	char flags[FLAGS_BYTES] = "";
	const int tool = tool_of(facts);
	if (facts->net == FACTS_NONE) {
		(void)snprintf(line, sizeof line, "link type %u, %u bytes", frame->link_type,
		    frame->wire_bytes);
		text_add(text, line);
		return;
	}
	format_end(facts, false, from);
	format_end(facts, true, to);
	name_protocol(facts, protocol);
	if (facts->protocol == PROTOCOL_TCP && (facts->flags & FACTS_TRANSPORT) != 0)
		name_flags(facts, flags);
	else if (is_icmp(facts) && (facts->flags & FACTS_TRANSPORT) != 0)
		(void)snprintf(
		    flags, sizeof flags, "type %u code %u", facts->icmp_type, facts->icmp_code);
	(void)snprintf(line, sizeof line, "%s > %s %s%s%s", from, to, protocol,
	    flags[0] != '\0' ? " " : "", flags);
	text_add(text, line);
	if (facts->net != FACTS_ARP) {
		(void)snprintf(line, sizeof line, " ttl %u", facts->ttl);
		text_add(text, line);
	}
	(void)snprintf(line, sizeof line, " length %u%s%s", frame->wire_bytes, tool >= 0 ? " " : "",
	    tool >= 0 ? tool_name((enum tool)tool) : "");
	text_add(text, line);
}

void frame_words_add_summary(struct text *text, const struct frame *frame)
{
	struct facts facts;
	(void)decode_frame(frame, &facts);
	add_summary(text, &facts, frame);
}

/* ---- JSON ---- */

static void write_address(struct json *json, const char *key, const struct address *address)
{
	char text[ADDRESS_TEXT_BYTES];
	address_format(address, text);
	json_string(json, key, text);
}

static void write_transport(struct json *json, const struct facts *facts)
{
	char flags[FLAGS_BYTES];
	if (has_ports(facts)) {
		json_unsigned(json, "from_port", facts->source_port);
		json_unsigned(json, "to_port", facts->target_port);
	}
	if (facts->protocol == PROTOCOL_TCP) {
		name_flags(facts, flags);
		json_string(json, "flags", flags);
	}
	if (is_icmp(facts)) {
		json_unsigned(json, "icmp_type", facts->icmp_type);
		json_unsigned(json, "icmp_code", facts->icmp_code);
	}
	json_unsigned(json, "payload", facts->payload_bytes);
}

/* Of the packet that an ICMP error is about. */
static void write_quoted(struct json *json, const struct facts *facts)
{
	json_open_object(json, "quoted");
	write_address(json, "from", &facts->inner_source);
	write_address(json, "to", &facts->inner_target);
	json_unsigned(json, "protocol", facts->inner_protocol);
	if ((facts->flags & FACTS_INNER_PORTS) != 0) {
		json_unsigned(json, "from_port", facts->inner_source_port);
		json_unsigned(json, "to_port", facts->inner_target_port);
	}
	json_close_object(json);
}

static void write_facts(struct json *json, const struct facts *facts)
{
	char protocol[NAME_BYTES];
	const int tool = tool_of(facts);
	if (facts->net == FACTS_NONE)
		return;
	name_protocol(facts, protocol);
	write_address(json, "from", &facts->source);
	write_address(json, "to", &facts->target);
	json_string(json, "protocol", protocol);
	if ((facts->flags & FACTS_TRANSPORT) != 0)
		write_transport(json, facts);
	if (facts->net != FACTS_ARP)
		json_unsigned(json, "ttl", facts->ttl);
	if (tool >= 0)
		json_string(json, "tool", tool_name((enum tool)tool));
	if ((facts->flags & FACTS_ICMP_ERROR) != 0)
		write_quoted(json, facts);
	if ((facts->flags & FACTS_TUNNELLED) != 0)
		json_bool(json, "tunnelled", true);
	if ((facts->flags & FACTS_FRAGMENT) != 0)
		json_bool(json, "fragment", true);
}

static void write_words(
    struct json *json, const char *key, enum language language, const struct frame *frame)
{
	char sentence[FRAME_WORDS_BYTES];
	struct text text;
	text_init(&text, sentence, sizeof sentence);
	frame_words_add(&text, language, frame);
	json_string(json, key, sentence);
}

void frame_words_write(struct json *json, const struct frame *frame)
{
	char at[WHEN_TEXT_BYTES];
	char line[FRAME_SUMMARY_BYTES];
	struct facts facts;
	struct text summary;
	const enum decode_verdict verdict = decode_frame(frame, &facts);
	when_format_utc(frame->time_us, at);
	text_init(&summary, line, sizeof line);
	add_summary(&summary, &facts, frame);
	json_string(json, "at", at);
	write_facts(json, &facts);
	json_unsigned(json, "length", frame->wire_bytes);
	json_unsigned(json, "captured", frame->captured_bytes);
	if (verdict != DECODE_OK)
		json_string(json, "verdict", decode_verdict_name(verdict));
	if (frame->drill != 0)
		json_bool(json, "drill", true);
	json_string(json, "summary", line);
	json_open_object(json, "words");
	write_words(json, "ja", LANGUAGE_JA, frame);
	write_words(json, "en", LANGUAGE_EN, frame);
	json_close_object(json);
}
