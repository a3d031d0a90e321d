/* script_packet.c - the words that describe a packet. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drill/script_statement.h"

enum {
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ICMP6 = 58,
	PROTOCOL_UNASSIGNED = 200, /* of `ip` without proto= */
};

static int expect(struct script_line *line, const char *word)
{
	const char *found = script_take_word(line);
	if (found != NULL && strcmp(found, word) == 0)
		return 0;
	char why[64];
	(void)snprintf(why, sizeof why, "expected \"%s\"", word); /* our own short words */
	return script_refuse(line, found, why);
}

/* Takes the next word if it is this one. */
static bool take_if(struct script_line *line, const char *word)
{
	if (line->at == line->count || strcmp(line->words[line->at], word) != 0)
		return false;
	line->at++;
	return true;
}

static int take_place(struct script_line *line, bool has_port, struct script_place *ret_place)
{
	const char *why = NULL;
	const char *word = script_take_word(line);
	if (word == NULL)
		return script_refuse(line, NULL, "expected an address");
	if (script_parse_place(word, has_port, ret_place, &why) != 0)
		return script_refuse(line, word, why);
	return 0;
}

static bool is_v4(const struct script_place *place)
{
	return address_is_v4(&place->prefix.address);
}

/* A > B */
static int take_pair(struct script_line *line, bool has_ports, struct script_place *ret_a,
    struct script_place *ret_b)
{
	int error = take_place(line, has_ports, ret_a);
	if (error == 0)
		error = expect(line, ">");
	if (error == 0)
		error = take_place(line, has_ports, ret_b);
	if (error == 0 && is_v4(ret_a) != is_v4(ret_b))
		error = script_refuse(line, "the two addresses", "expected both IPv4 or both IPv6");
	return error;
}

static int parse_mac(const char *text, uint8_t ret_mac[static MAC_BYTES])
{
	unsigned bytes[MAC_BYTES];
	int used = 0;
	int found = sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &bytes[0], &bytes[1], &bytes[2],
	    &bytes[3], &bytes[4], &bytes[5], &used);
	if (found != MAC_BYTES || text[used] != '\0')
		return -EINVAL;
	for (int i = 0; i < MAC_BYTES; i++)
		ret_mac[i] = (uint8_t)bytes[i];
	return 0;
}

/* The index of a word in a list, or -1. */
static int find_word(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (words[i] != NULL && strcmp(words[i], word) == 0)
			return (int)i;
	}
	return -1;
}

static int set_options(
    const struct script_line *line, const char *value, struct script_statement *s)
{
	static const char *const styles[] = {
	    [PACKET_OPTIONS_NONE] = "none",
	    [PACKET_OPTIONS_MSS] = "mss",
	    [PACKET_OPTIONS_WINDOWS] = "windows",
	    [PACKET_OPTIONS_LINUX] = "linux",
	    [PACKET_OPTIONS_BSD] = "bsd",
	};
	int style = find_word(styles, sizeof styles / sizeof styles[0], value);
	if (style < 0)
		return script_refuse(line, value, "expected none, mss, windows, linux or bsd");
	s->packet.options = (uint8_t)style;
	s->has_options = true;
	return 0;
}

static int set_mark(const struct script_line *line, const char *value, struct script_statement *s)
{
	static const char *const marks[] = {
	    [SCRIPT_MARK_MIRAI] = "mirai",
	    [SCRIPT_MARK_ZMAP] = "zmap",
	    [SCRIPT_MARK_ZMAP41] = "zmap41",
	    [SCRIPT_MARK_MASSCAN] = "masscan",
	    [SCRIPT_MARK_NMAP] = "nmap",
	    [SCRIPT_MARK_UNICORNSCAN] = "unicornscan",
	};
	int mark = find_word(marks, sizeof marks / sizeof marks[0], value);
	if (mark < 0)
		return script_refuse(
		    line, value, "expected mirai, zmap, zmap41, masscan, nmap or unicornscan");
	s->mark = (uint8_t)mark;
	return 0;
}

static int set_source_mac(
    const struct script_line *line, const char *value, struct script_statement *s)
{
	s->has_source_mac = true;
	if (parse_mac(value, s->packet.source_mac) == 0)
		return 0;
	return script_refuse(line, value, "expected a MAC such as 02:00:00:00:00:01");
}

static int set_target_mac(
    const struct script_line *line, const char *value, struct script_statement *s)
{
	s->has_target_mac = true;
	if (parse_mac(value, s->packet.target_mac) == 0)
		return 0;
	return script_refuse(line, value, "expected a MAC such as 02:00:00:00:00:01");
}

/* Every option: either a field that takes a number, or a function that takes a word. */
static const struct {
	const char *key;
	int (*set)(
	    const struct script_line *line, const char *value, struct script_statement *statement);
	enum script_field field;
	uint64_t max;
} options[] = {
    {"ttl", NULL, SCRIPT_TTL, UINT8_MAX},
    {"id", NULL, SCRIPT_IP_ID, UINT16_MAX},
    {"seq", NULL, SCRIPT_SEQ, UINT32_MAX},
    {"ack", NULL, SCRIPT_ACK, UINT32_MAX},
    {"win", NULL, SCRIPT_WINDOW, UINT16_MAX},
    {"tsval", NULL, SCRIPT_TSVAL, UINT32_MAX},
    {"len", NULL, SCRIPT_LENGTH, PACKET_PAYLOAD_MAX},
    {"echo-id", NULL, SCRIPT_ECHO_ID, UINT16_MAX},
    {"echo-seq", NULL, SCRIPT_ECHO_SEQ, UINT16_MAX},
    {"code", NULL, SCRIPT_CODE, UINT8_MAX},
    {"proto", NULL, SCRIPT_PROTOCOL, UINT8_MAX},
    {"opts", set_options, 0, 0},
    {"mark", set_mark, 0, 0},
    {"mac", set_source_mac, 0, 0},
    {"to-mac", set_target_mac, 0, 0},
};

static int take_option(struct script_line *line, char *word, struct script_statement *s)
{
	const char *why = NULL;
	char *equals = strchr(word, '=');
	if (equals == NULL)
		return script_refuse(line, word, "expected an option such as ttl=64");
	*equals = '\0';
	const char *value = equals + 1;
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		if (strcmp(options[i].key, word) != 0)
			continue;
		if (options[i].set != NULL)
			return options[i].set(line, value, s);
		if (script_parse_number(
			value, options[i].max, &s->fields[options[i].field], &why) != 0)
			return script_refuse(line, value, why);
		return 0;
	}
	return script_refuse(line, word,
	    "expected ttl=, id=, seq=, ack=, win=, tsval=, len=, opts=, mark=, mac=, to-mac=, "
	    "echo-id=, echo-seq=, code= or proto=");
}

static int parse_flags(const char *word, uint8_t *ret_flags)
{
	static const char letters[] = "FSRPAUEC"; /* from the lowest bit */
	uint8_t flags = 0;
	if (strcmp(word, "0") == 0)
		word = "";
	for (; *word != '\0'; word++) {
		const char *found = strchr(letters, *word);
		if (found == NULL)
			return -EINVAL;
		flags |= (uint8_t)(1U << (found - letters));
	}
	*ret_flags = flags;
	return 0;
}

static int parse_tcp(struct script_line *line, struct script_statement *s)
{
	s->packet.kind = PACKET_TCP;
	int error = take_pair(line, true, &s->source, &s->target);
	if (error != 0)
		return error;
	const char *word = script_take_word(line);
	if (word != NULL && strcmp(word, "handshake") == 0)
		s->form = SCRIPT_HANDSHAKE;
	else if (word != NULL && strcmp(word, "session") == 0)
		s->form = SCRIPT_SESSION;
	else if (word == NULL || parse_flags(word, &s->packet.tcp_flags) != 0)
		return script_refuse(
		    line, word, "expected flags of the letters FSRPAUEC, 0, handshake or session");
	return 0;
}

static int parse_udp(struct script_line *line, struct script_statement *s)
{
	s->packet.kind = PACKET_UDP;
	return take_pair(line, true, &s->source, &s->target);
}

static int parse_ip(struct script_line *line, struct script_statement *s)
{
	s->packet.kind = PACKET_OTHER;
	s->packet.protocol = PROTOCOL_UNASSIGNED;
	return take_pair(line, false, &s->source, &s->target);
}

/* ( tcp A:p > B:q ), the packet that an error answers. */
static int parse_quote(struct script_line *line, struct script_statement *s)
{
	int error = expect(line, "(");
	if (error != 0)
		return error;
	bool is_icmp = false;
	if (take_if(line, "tcp")) {
		s->packet.quote.protocol = PROTOCOL_TCP;
	} else if (take_if(line, "udp")) {
		s->packet.quote.protocol = PROTOCOL_UDP;
	} else if (take_if(line, "icmp")) {
		is_icmp = true;
		s->packet.quote.protocol = is_v4(&s->source) ? PROTOCOL_ICMP : PROTOCOL_ICMP6;
	} else {
		return script_refuse(line, script_take_word(line), "expected tcp, udp or icmp");
	}
	error = take_pair(line, !is_icmp, &s->inner_source, &s->inner_target);
	if (error == 0 && is_v4(&s->source) != is_v4(&s->inner_source))
		error = script_refuse(line, "the quoted packet", "expected one of the same family");
	return error == 0 ? expect(line, ")") : error;
}

static int parse_icmp(struct script_line *line, struct script_statement *s)
{
	static const struct {
		const char *name;
		uint8_t v4[2]; /* type, code */
		uint8_t v6[2];
		bool is_error;
	} kinds[] = {
	    {"echo", {8, 0}, {128, 0}, false},
	    {"reply", {0, 0}, {129, 0}, false},
	    {"unreach-net", {3, 0}, {1, 0}, true},
	    {"unreach-host", {3, 1}, {1, 3}, true},
	    {"unreach-proto", {3, 2}, {4, 1}, true},
	    {"unreach-port", {3, 3}, {1, 4}, true},
	    {"unreach-admin", {3, 13}, {1, 1}, true},
	    {"too-big", {3, 4}, {2, 0}, true},
	    {"time-exceeded", {11, 0}, {3, 0}, true},
	};
	int error = take_pair(line, false, &s->source, &s->target);
	if (error != 0)
		return error;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (!take_if(line, kinds[i].name))
			continue;
		const uint8_t *numbers = is_v4(&s->source) ? kinds[i].v4 : kinds[i].v6;
		s->packet.icmp_type = numbers[0];
		s->packet.icmp_code = numbers[1];
		s->packet.kind = kinds[i].is_error ? PACKET_ICMP_ERROR : PACKET_ICMP;
		return kinds[i].is_error ? parse_quote(line, s) : 0;
	}
	return script_refuse(line, script_take_word(line),
	    "expected echo, reply, unreach-net, unreach-host, unreach-proto, unreach-port, "
	    "unreach-admin, too-big or time-exceeded");
}

/* For statements that exist in one family only. */
static int check_family(
    const struct script_line *line, const struct script_statement *s, bool want_v4)
{
	if (is_v4(&s->source) == want_v4 && is_v4(&s->target) == want_v4)
		return 0;
	return script_refuse(line, "the addresses", want_v4 ? "expected IPv4" : "expected IPv6");
}

static const struct script_place nobody_v4 = {
    .prefix = {.address = {.bytes = {[10] = 0xff, 0xff}}, .bits = 128}};
static const struct script_place nobody_v6 = {.prefix = {.bits = 128}};
static const struct script_place all_nodes = {
    .prefix = {.address = {.bytes = {0xff, 0x02, [15] = 1}}, .bits = 128}};

static int parse_arp(struct script_line *line, struct script_statement *s)
{
	int error = 0;
	s->packet.kind = PACKET_ARP_REQUEST;
	if (take_if(line, "who-has")) {
		error = take_place(line, false, &s->target);
		if (error == 0)
			error = expect(line, "tell");
		if (error == 0)
			error = take_place(line, false, &s->source);
	} else if (take_if(line, "probe")) {
		error = take_place(line, false, &s->target);
		s->source = nobody_v4;
	} else if (take_if(line, "announce")) {
		error = take_place(line, false, &s->source);
		s->target = s->source;
	} else if (take_if(line, "reply")) {
		s->packet.kind = PACKET_ARP_REPLY;
		error = take_place(line, false, &s->source);
		if (error == 0)
			error = expect(line, "tell");
		if (error == 0)
			error = take_place(line, false, &s->target);
	} else {
		return script_refuse(
		    line, script_take_word(line), "expected who-has, probe, announce or reply");
	}
	return error == 0 ? check_family(line, s, true) : error;
}

static int parse_nd(struct script_line *line, struct script_statement *s)
{
	int error = 0;
	s->target = all_nodes;
	s->packet.multicast = true;
	if (take_if(line, "solicit")) {
		s->packet.kind = PACKET_ND_SOLICIT;
		error = take_place(line, false, &s->target);
		if (error == 0)
			error = expect(line, "from");
		if (error == 0)
			error = take_place(line, false, &s->source);
	} else if (take_if(line, "probe")) {
		s->packet.kind = PACKET_ND_SOLICIT;
		error = take_place(line, false, &s->target);
		s->source = nobody_v6;
	} else if (take_if(line, "advert")) {
		s->packet.kind = PACKET_ND_ADVERT;
		error = take_place(line, false, &s->source);
		if (error == 0 && take_if(line, "to"))
			error = take_place(line, false, &s->target);
	} else if (take_if(line, "router")) {
		s->packet.kind = PACKET_ROUTER_ADVERT;
		error = take_place(line, false, &s->source);
	} else {
		return script_refuse(
		    line, script_take_word(line), "expected solicit, probe, advert or router");
	}
	return error == 0 ? check_family(line, s, false) : error;
}

static int hex_digit(char letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	if (letter >= 'a' && letter <= 'f')
		return letter - 'a' + 10;
	return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
}

/* The bytes of a frame, two digits each, with spaces where one likes. */
static int parse_hex(struct script_line *line, struct script_statement *s)
{
	unsigned digits = 0;
	s->packet.kind = PACKET_RAW;
	for (const char *word = script_take_word(line); word != NULL;
	     word = script_take_word(line)) {
		for (const char *at = word; *at != '\0'; at++, digits++) {
			int digit = hex_digit(*at);
			if (digit < 0 || digits == 2 * PACKET_HEAD_MAX)
				return script_refuse(line, word,
				    "expected hexadecimal digits, at most 288 bytes in all");
			uint8_t *byte = &s->packet.head[digits / 2];
			*byte = (uint8_t)(*byte << 4 | digit);
		}
	}
	if (digits == 0 || digits % 2 != 0)
		return script_refuse(line, NULL, "expected an even number of digits");
	s->packet.head_bytes = (uint16_t)(digits / 2);
	return 0;
}

int script_take_packet(struct script_line *line, struct script_statement *ret_statement)
{
	static const struct {
		const char *word;
		int (*parse)(struct script_line *line, struct script_statement *statement);
	} forms[] = {
	    {"tcp", parse_tcp},
	    {"udp", parse_udp},
	    {"icmp", parse_icmp},
	    {"ip", parse_ip},
	    {"arp", parse_arp},
	    {"nd", parse_nd},
	    {"hex", parse_hex},
	};
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		if (!take_if(line, forms[i].word))
			continue;
		int error = forms[i].parse(line, ret_statement);
		for (char *word = NULL; error == 0 && (word = script_take_word(line)) != NULL;)
			error = take_option(line, word, ret_statement);
		return error;
	}
	return script_refuse(
	    line, script_take_word(line), "expected a packet: tcp, udp, icmp, ip, arp, nd or hex");
}
