/* The packet scripts: what each line becomes, and what is said of a line that makes no sense. */
#include "drill/script.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "frame_sound.h"
#include "test.h"

enum {
	TEXT_BYTES = 4096,
	FRAMES_MAX = 100000,
};

/* One frame as "SECONDS KIND source > target ...", as far as the decoder tells. */
static int describe(char *out, size_t room, const struct facts *facts, int64_t time_us)
{
	char source[ADDRESS_TEXT_BYTES], target[ADDRESS_TEXT_BYTES];
	address_format(&facts->source, source);
	address_format(&facts->target, target);
	int64_t at_us = time_us - INT64_C(1775001600000000);
	const char *about = "";
	if ((facts->flags & FACTS_ARP_REQUEST) != 0)
		about = " ask";
	else if ((facts->flags & (FACTS_ARP_REPLY | FACTS_ND_ADVERT)) != 0)
		about = " tell";
	else if ((facts->flags & FACTS_ND_SOLICIT) != 0)
		about = " solicit";
	return snprintf(out, room, "%" PRId64 ".%06" PRId64 " %u%s %s:%u>%s:%u t%u n%u\n",
	    at_us / WHEN_SECOND_US, at_us % WHEN_SECOND_US, (unsigned)facts->protocol, about,
	    source, (unsigned)facts->source_port, target, (unsigned)facts->target_port,
	    (unsigned)(facts->protocol == 6 ? facts->tcp_flags : facts->icmp_type),
	    (unsigned)facts->payload_bytes);
}

/* What a script gives, one line for each frame; false when a frame is unsound. */
static bool play(struct stage *stage, char text[static TEXT_BYTES])
{
	const struct packet *packet = NULL;
	int64_t time_us = 0;
	size_t used = 0;
	bool is_sound = true;
	text[0] = '\0';
	while (stage_next(stage, &packet, &time_us) == 1) {
		uint8_t bytes[FRAME_BYTES_MAX];
		struct facts facts;
		size_t count = frame_build(packet, bytes);
		struct frame frame = {.bytes = bytes,
		    .captured_bytes = (uint32_t)count,
		    .wire_bytes = (uint32_t)count,
		    .link_type = LINK_ETHERNET};
		is_sound = is_sound && frame_fault(bytes, count) == NULL;
		(void)decode_frame(&frame, &facts); /* raw frames may be anything */
		int length = describe(text + used, TEXT_BYTES - used, &facts, time_us);
		used += length > 0 && (size_t)length < TEXT_BYTES - used ? (size_t)length : 0;
	}
	return is_sound;
}

static const struct {
	const char *name;
	const char *script;
	const char *frames;
} good[] = {
    {"nothing", "", ""},
    {"comments and empty lines", "# nothing\n\n  \t # more\n", ""},
    {"one SYN", "at 1.5: tcp 192.0.2.5:40000 > 198.18.0.1:445 S",
	"1.500000 6 192.0.2.5:40000>198.18.0.1:445 t2 n0\n"},
    {"a loop with counters", "at 0 every 20ms x 3: tcp 192.0.2.5:40000+i > 198.18.0.255+i:445 S",
	"0.000000 6 192.0.2.5:40000>198.18.0.255:445 t2 n0\n"
	"0.020000 6 192.0.2.5:40001>198.18.1.0:445 t2 n0\n"
	"0.040000 6 192.0.2.5:40002>198.18.1.1:445 t2 n0\n"},
    {"counters with factor, divisor, modulus",
	"at 0 every 1s x 5: udp 10.0.0.1+i%2:7 > 10.0.1.0+16i:1+i/2 len=3",
	"0.000000 17 10.0.0.1:7>10.0.1.0:1 t0 n3\n"
	"1.000000 17 10.0.0.2:7>10.0.1.16:1 t0 n3\n"
	"2.000000 17 10.0.0.1:7>10.0.1.32:2 t0 n3\n"
	"3.000000 17 10.0.0.2:7>10.0.1.48:2 t0 n3\n"
	"4.000000 17 10.0.0.1:7>10.0.1.64:3 t0 n3\n"},
    {"lines are sorted by time",
	"at 2: udp 10.0.0.1:1 > 10.0.0.2:2\nat 1: udp 10.0.0.3:3 > 10.0.0.4:4\n",
	"1.000000 17 10.0.0.3:3>10.0.0.4:4 t0 n0\n2.000000 17 10.0.0.1:1>10.0.0.2:2 t0 n0\n"},
    {"IPv6", "at 0: tcp [2001:db8::ffff+i]:1 > [2001:db8::1]:80 SA",
	"0.000000 6 2001:db8::ffff:1>2001:db8::1:80 t18 n0\n"},
    {"all flags, and none",
	"at 0: tcp 10.0.0.1:1 > 10.0.0.2:2 FSRPAUEC\nat 1: tcp 10.0.0.1:1 > 10.0.0.2:2 0",
	"0.000000 6 10.0.0.1:1>10.0.0.2:2 t255 n0\n1.000000 6 10.0.0.1:1>10.0.0.2:2 t0 n0\n"},
    {"a handshake", "at 0: tcp 10.0.0.1:1 > 10.0.0.2:2 handshake",
	"0.000000 6 10.0.0.1:1>10.0.0.2:2 t2 n0\n0.001000 6 10.0.0.2:2>10.0.0.1:1 t18 n0\n"
	"0.00"},
    {"echo in both families",
	"at 0: icmp 10.0.0.1 > 10.0.0.2 echo len=8\nat 1: icmp fe80::1 > fe80::2 reply",
	"0.000000 1 10.0.0.1:0>10.0.0.2:0 t8 n8\n1.000000 58 fe80::1:0>fe80::2:0 t129 n0\n"},
    {"an ICMP error",
	"at 0: icmp 192.0.2.1 > 198.18.0.1 unreach-port (udp 198.18.0.1:9 > 192.0.2.1:53)",
	"0.000000 1 192.0.2.1:0>198.18.0.1:0 t3 n28\n"},
    {"ARP",
	"at 0: arp who-has 10.0.0.7 tell 10.0.0.5\nat 1: arp reply 10.0.0.7 tell 10.0.0.5\n"
	"at 2: arp announce 10.0.0.5\nat 3: arp probe 10.0.0.6",
	"0.000000 0 ask 10.0.0.5:0>10.0.0.7:0 t0 n0\n"
	"1.000000 0 tell 10.0.0.7:0>10.0.0.5:0 t0 n0\n"
	"2.000000 0 ask 10.0.0.5:0>10.0.0.5:0 t0 n0\n"
	"3.000000 0 ask 0.0.0.0:0>10.0.0.6:0 t0 n0\n"},
    {"neighbour discovery",
	"at 0: nd solicit fe80::7 from fe80::5\nat 1: nd advert fe80::7 to fe80::5\n"
	"at 2: nd probe fe80::9\nat 3: nd router fe80::1",
	"0.000000 58 solicit fe80::5:0>fe80::7:0 t135 n24\n"
	"1.000000 58 tell fe80::7:0>fe80::5:0 t136 n24\n"
	"2.000000 58 solicit :::0>fe80::9:0 t135 n16\n"
	"3.000000 58 fe80::1:0>ff02::1:0 t134 n"},
    {"another protocol", "at 0: ip 10.0.0.1 > 10.0.0.2 proto=47 len=12",
	"0.000000 47 10.0.0.1:0>10.0.0.2:0 t0 n0\n"},
    {"Windows line ends", "seed 5\r\nat 0: udp 10.0.0.1:1 > 10.0.0.2:2\r\n",
	"0.000000 17 10.0.0.1:1>10.0.0.2:2 t0 n0\n"},
    {"a colon standing alone", "at 0 : udp 10.0.0.1:1 > 10.0.0.2:2",
	"0.000000 17 10.0.0.1:1>10.0.0.2:2 t0 n0\n"},
};

static void test_good(void)
{
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct stage stage;
		struct complaint complaint = {""};
		char text[TEXT_BYTES];
		int error =
		    script_parse("S", good[i].script, strlen(good[i].script), &stage, &complaint);
		bool is_right = error == 0;
		if (is_right) {
			is_right = play(&stage, text) &&
				   strncmp(text, good[i].frames, strlen(good[i].frames)) == 0 &&
				   (text[0] == '\0') == (good[i].frames[0] == '\0');
			stage_release(&stage);
		}
		OK(is_right, good[i].name);
		if (!is_right)
			printf("# %s\n", error == 0 ? text : complaint.text);
	}
}

static const struct {
	const char *script;
	const char *complaint;
} bad[] = {
    {"hello", "S:1: \"hello\": expected at, seed, start or a # comment"},
    {"\n\nat", "S:3: the line ends: expected a time"},
    {"at x: udp", "S:1: \"x\": expected a time such as 1.5, 20ms, 3s, 2m or 1h, ten years at most"},
    {"at 400000000: udp",
	"S:1: \"400000000\": expected a time such as 1.5, 20ms, 3s, 2m or 1h, ten years at most"},
    {"at 1", "S:1: the line ends: expected \"every\" or a colon"},
    {"at 1 udp", "S:1: \"udp\": expected \"every\" or a colon"},
    {"at 1 every 1s: udp", "S:1: \":\": expected \"x\" and how many times"},
    {"at 1 every 1s x 0: udp", "S:1: \"0\": expected a number from 1 to 10000000"},
    {"at 1 every 1s x 10000001: udp", "S:1: \"10000001\": expected a number from 1 to 10000000"},
    {"at 1 every 1h x 10000000: udp", "S:1: \"every\": expected an end within ten years"},
    {"at 1:", "S:1: the line ends: expected a packet: tcp, udp, icmp, ip, arp, nd or hex"},
    {"at 1: sctp", "S:1: \"sctp\": expected a packet: tcp, udp, icmp, ip, arp, nd or hex"},
    {"at 1: udp 10.0.0.1 > 10.0.0.2", "S:1: \"10.0.0.1\": expected ADDRESS:PORT or [IPV6]:PORT"},
    {"at 1: icmp 10.0.0.1:3 > 10.0.0.2", "S:1: \"10.0.0.1:3\": expected an address without a port"},
    {"at 1: udp 10.0.0.1:1 10.0.0.2:2", "S:1: \"10.0.0.2:2\": expected \">\""},
    {"at 1: udp 10.0.0.1:1 > [::1]:2",
	"S:1: \"the two addresses\": expected both IPv4 or both IPv6"},
    {"at 1: udp 10.0.0.256:1 > 10.0.0.2:2",
	"S:1: \"10.0.0.256:1\": expected an IPv4 or IPv6 prefix such as 192.0.2.0/24 or "
	"2001:db8::/32"},
    {"at 1: udp 10.0.0.1:65536 > 10.0.0.2:2",
	"S:1: \"10.0.0.1:65536\": expected a number of its field's size, such as 64, 1000+i or "
	"random"},
    {"at 1: udp 10.0.0.1+j:1 > 10.0.0.2:2",
	"S:1: \"10.0.0.1+j:1\": expected +i, +4i, +i/3, +i%10 or the like"},
    {"at 1: udp 10.0.0.1+i/0:1 > 10.0.0.2:2",
	"S:1: \"10.0.0.1+i/0:1\": expected +i, +4i, +i/3, +i%10 or the like"},
    {"at 1: tcp 10.0.0.1:1 > 10.0.0.2:2",
	"S:1: the line ends: expected flags of the letters FSRPAUEC, 0, handshake or session"},
    {"at 1: tcp 10.0.0.1:1 > 10.0.0.2:2 SYN",
	"S:1: \"SYN\": expected flags of the letters FSRPAUEC, 0, handshake or session"},
    {"at 1: udp 10.0.0.1:1 > 10.0.0.2:2 ttl=256",
	"S:1: \"256\": expected a number of its field's size, such as 64, 1000+i or random"},
    {"at 1: udp 10.0.0.1:1 > 10.0.0.2:2 colour=3",
	"S:1: \"colour\": expected ttl=, id=, seq=, ack=, win=, tsval=, len=, opts=, mark=, mac=, "
	"to-mac=, echo-id=, echo-seq=, code= or proto="},
    {"at 1: udp 10.0.0.1:1 > 10.0.0.2:2 often",
	"S:1: \"often\": expected an option such as ttl=64"},
    {"at 1: udp 10.0.0.1:1 > 10.0.0.2:2 opts=mac",
	"S:1: \"mac\": expected none, mss, windows, linux or bsd"},
    {"at 1: udp 10.0.0.1:1 > 10.0.0.2:2 mark=evil",
	"S:1: \"evil\": expected mirai, zmap, zmap41, masscan, nmap or unicornscan"},
    {"at 1: udp 10.0.0.1:1 > 10.0.0.2:2 mac=02:00",
	"S:1: \"02:00\": expected a MAC such as 02:00:00:00:00:01"},
    {"at 1: icmp 10.0.0.1 > 10.0.0.2 sneeze",
	"S:1: \"sneeze\": expected echo, reply, unreach-net, unreach-host, unreach-proto, "
	"unreach-port, unreach-admin, too-big or time-exceeded"},
    {"at 1: icmp 10.0.0.1 > 10.0.0.2 unreach-host", "S:1: the line ends: expected \"(\""},
    {"at 1: icmp 10.0.0.1 > 10.0.0.2 unreach-host (gre", "S:1: \"gre\": expected tcp, udp or icmp"},
    {"at 1: icmp 10.0.0.1 > 10.0.0.2 unreach-host (icmp ::1 > ::2)",
	"S:1: \"the quoted packet\": expected one of the same family"},
    {"at 1: arp who-has 10.0.0.1", "S:1: the line ends: expected \"tell\""},
    {"at 1: arp announce ::1", "S:1: \"the addresses\": expected IPv4"},
    {"at 1: arp", "S:1: the line ends: expected who-has, probe, announce or reply"},
    {"at 1: nd solicit 10.0.0.1 from 10.0.0.2", "S:1: \"the addresses\": expected IPv6"},
    {"at 1: nd ask", "S:1: \"ask\": expected solicit, probe, advert or router"},
    {"at 1: hex 0g", "S:1: \"0g\": expected hexadecimal digits, at most 288 bytes in all"},
    {"at 1: hex 012", "S:1: the line ends: expected an even number of digits"},
    {"at 1: hex", "S:1: the line ends: expected an even number of digits"},
    {"seed", "S:1: the line ends: expected a number"},
    {"seed random", "S:1: \"random\": expected a number"},
    {"seed 1 2", "S:1: \"2\": expected the line's end"},
    {"start now", "S:1: \"now\": expected a time such as 2026-04-01T00:00:00Z"},
    {"at 1: udp 10.0.0.1:1 > 10.0.0.2:2\nseed 1",
	"S:2: \"seed\": expected before the first \"at\""},
};

static void test_bad(void)
{
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct stage stage;
		struct complaint complaint = {""};
		int error =
		    script_parse("S", bad[i].script, strlen(bad[i].script), &stage, &complaint);
		bool is_refused = error == -EINVAL && strcmp(complaint.text, bad[i].complaint) == 0;
		OK(is_refused, bad[i].complaint);
		if (!is_refused)
			printf("# %s\n", complaint.text);
		if (error == 0)
			stage_release(&stage);
	}
}

/* A script of `count` times the same line. */
static int parse_copies(const char *line, size_t count, struct complaint *complaint)
{
	struct stage stage;
	size_t bytes = strlen(line);
	char *text = malloc(bytes * count + 1);
	if (text == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * bytes, line, bytes);
	int error = script_parse("S", text, bytes * count, &stage, complaint);
	if (error == 0) {
		const struct packet *packet = NULL;
		int64_t time_us = 0;
		size_t frames = 0;
		while (stage_next(&stage, &packet, &time_us) == 1)
			frames++;
		error = (int)frames;
		stage_release(&stage);
	}
	free(text);
	return error;
}

static void test_limits(void)
{
	struct complaint complaint = {""};
	const char *line = "at 1: udp 10.0.0.1:1 > 10.0.0.2:2\n";
	OK(parse_copies(line, SCRIPT_STATEMENTS_MAX, &complaint) == SCRIPT_STATEMENTS_MAX,
	    "a thousand statements");
	OK(parse_copies(line, SCRIPT_STATEMENTS_MAX + 1, &complaint) == -EINVAL &&
		strcmp(complaint.text, "S:1001: \"at\": expected at most 1000 statements") == 0,
	    "and not one more");
	OK(parse_copies("x", 2000, &complaint) == -EINVAL &&
		strcmp(complaint.text,
		    "S:1: \"this line\": expected text of at most 1000 characters") == 0,
	    "a line too long");
	OK(parse_copies("x ", 321, &complaint) == -EINVAL &&
		strcmp(complaint.text, "S:1: \"this line\": expected at most 320 words") == 0,
	    "words too many");
	struct stage stage;
	OK(script_parse("S", "at 1: udp\0 x", 12, &stage, &complaint) == -EINVAL,
	    "a byte of zero is no text");
}

static bool run_marked(const char *mark, bool (*holds)(const struct facts *facts))
{
	char text[256];
	struct stage stage;
	const struct packet *packet = NULL;
	int64_t time_us = 0;
	bool does_hold = true;
	int length = snprintf(text, sizeof text,
	    "at 0 every 1s x 50: tcp 192.0.2.5:random > 198.18.0.0/16:random S mark=%s", mark);
	if (length < 0 || script_parse("S", text, (size_t)length, &stage, NULL) != 0)
		return false;
	while (stage_next(&stage, &packet, &time_us) == 1) {
		uint8_t bytes[FRAME_BYTES_MAX];
		struct facts facts;
		struct frame frame = {.bytes = bytes, .link_type = LINK_ETHERNET};
		frame.captured_bytes = (uint32_t)frame_build(packet, bytes);
		frame.wire_bytes = frame.captured_bytes;
		does_hold = does_hold && decode_frame(&frame, &facts) == DECODE_OK &&
			    address_low32(&facts.target) >> 16 == 0xc612 && holds(&facts);
	}
	stage_release(&stage);
	return does_hold;
}

static bool is_mirai(const struct facts *f)
{
	return f->seq == address_low32(&f->target);
}

static bool is_masscan(const struct facts *f)
{
	return f->ip_id == (uint16_t)(address_low32(&f->target) ^ f->target_port ^ f->seq) &&
	       f->window == 1024 && f->tcp_options == TCP_OPTIONS_MSS_ONLY;
}

static bool is_zmap(const struct facts *f)
{
	return f->ip_id == 54321 && f->window == 65535;
}

static bool is_zmap41(const struct facts *f)
{
	return f->window == 65535 && f->tcp_options == TCP_OPTIONS_WINDOWS && f->ttl == 64;
}

static bool is_nmap(const struct facts *f)
{
	static uint32_t first;
	if (first == 0)
		first = f->seq;
	uint32_t x = first ^ f->seq;
	return x >> 16 == (x & 0xffffU);
}

static bool is_unicornscan(const struct facts *f)
{
	static uint32_t first;
	uint32_t constant = f->seq ^ address_low32(&f->target) ^
			    (((uint32_t)f->target_port << 16) + f->source_port);
	if (first == 0)
		first = constant;
	return constant == first;
}

static void test_marks(void)
{
	OK(run_marked("mirai", is_mirai), "mark=mirai");
	OK(run_marked("masscan", is_masscan), "mark=masscan");
	OK(run_marked("zmap", is_zmap), "mark=zmap");
	OK(run_marked("zmap41", is_zmap41), "mark=zmap41");
	OK(run_marked("nmap", is_nmap), "mark=nmap");
	OK(run_marked("unicornscan", is_unicornscan), "mark=unicornscan");
}

static void test_files(void)
{
	struct stage stage;
	struct complaint complaint = {""};
	OK(script_read("/nowhere/at/all", &stage, &complaint) == -ENOENT &&
		strcmp(complaint.text, "/nowhere/at/all: No such file or directory, expected a "
				       "script of packets") == 0,
	    "a missing file");
	OK(script_read("/", &stage, &complaint) == -EISDIR, "a directory");
	OK(script_read("/dev/zero", &stage, &complaint) == -EFBIG &&
		strcmp(complaint.text,
		    "/dev/zero: File too large, expected a script of at most 1 MiB") == 0,
	    "a file without end");
}

int main(void)
{
	test_good();
	test_bad();
	test_limits();
	test_marks();
	test_files();
	return test_done();
}
