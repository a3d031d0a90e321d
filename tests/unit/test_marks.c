#include "observe/marks.h"

#include "test.h"

#define MIRAI         (1U << TOOL_MIRAI)
#define ZMAP          (1U << TOOL_ZMAP)
#define MASSCAN       (1U << TOOL_MASSCAN)
#define NMAP          (1U << TOOL_NMAP)
#define UNICORNSCAN   (1U << TOOL_UNICORNSCAN)
#define PAIRS         (NMAP | UNICORNSCAN)
#define SECOND        1000000
#define NOON_S        1775044800  /* 2026-04-01T12:00:00Z */
#define TARGET        0xc6336407U /* 198.51.100.7 */
#define TARGET_TURNED 0x076433c6U
#define NEXT          0xc6336408U
#define NEXT_TURNED   0x086433c6U
#define PORTS         (23U << 16 | 40000U)
#define KEY           0x5eed1234U

/* What a SYN has where a row says nothing: nothing that a tool would have. */
struct syn {
	uint32_t seq;
	uint32_t target;      /* 0: TARGET */
	uint16_t target_port; /* 0: 23 */
	uint16_t source_port; /* 0: 40000 */
	uint16_t id;
	uint16_t window;
	uint8_t ttl; /* 0: 50 */
	uint8_t options;
	uint32_t tsval;
	uint8_t flags; /* 0: SYN */
};

static struct facts facts_of(const struct syn *syn)
{
	return (struct facts){
	    .time_us = (int64_t)NOON_S * SECOND,
	    .net = FACTS_V4,
	    .protocol = 6,
	    .flags = FACTS_TRANSPORT,
	    .source = address_from_v4_u32(0xc0000205),
	    .target = address_from_v4_u32(syn->target == 0 ? TARGET : syn->target),
	    .target_port = syn->target_port == 0 ? 23 : syn->target_port,
	    .source_port = syn->source_port == 0 ? 40000 : syn->source_port,
	    .seq = syn->seq,
	    .ip_id = syn->id,
	    .window = syn->window,
	    .ttl = syn->ttl == 0 ? 50 : syn->ttl,
	    .tcp_options = syn->options,
	    .tcp_tsval = syn->tsval,
	    .tcp_flags = syn->flags == 0 ? (uint8_t)FACTS_SYN : syn->flags,
	};
}

/* Marks that stand in one packet; it is the first of its source. */
static const struct {
	const char *name;
	struct syn syn;
	unsigned marks;
} singles[] = {
    {"an ordinary SYN", {.seq = 0x12345678, .id = 1000}, 0},

    {"Mirai: seq is the target", {.seq = TARGET, .id = 1000}, MIRAI},
    {"Mirai on port 80", {.seq = TARGET, .id = 1000, .target_port = 80}, MIRAI},
    {"Mirai on port 7547", {.seq = TARGET, .id = 1000, .target_port = 7547}, MIRAI},
    {"Mirai on port 37215", {.seq = TARGET, .id = 1000, .target_port = 37215}, MIRAI},
    {"seq one past the target", {.seq = TARGET + 1, .id = 1000}, 0},
    {"seq is the target in the other byte order", {.seq = TARGET_TURNED, .id = 1000}, 0},
    {"Mirai with ECE and CWR", {.seq = TARGET, .id = 1000, .flags = FACTS_SYN | 0xc0}, MIRAI},
    {"SYN+ACK whose seq is the target", {.seq = TARGET, .id = 1000, .flags = FACTS_SYN | FACTS_ACK},
	0},
    {"RST whose seq is the target", {.seq = TARGET, .id = 1000, .flags = FACTS_RST}, 0},

    {"ZMap to 4.0: its id", {.seq = 1, .id = 54321}, ZMAP},
    {"ZMap to 4.0 with MSS, as from 3.0", {.seq = 1, .id = 54321, .options = TCP_OPTIONS_MSS_ONLY},
	ZMAP},
    {"an id one past ZMap's", {.seq = 1, .id = 54322}, 0},
    {"ZMap from 4.1 as Windows",
	{.seq = 1, .window = 65535, .ttl = 64, .options = TCP_OPTIONS_WINDOWS}, ZMAP},
    {"a real Windows has a higher TTL",
	{.seq = 1, .window = 65535, .ttl = 65, .options = TCP_OPTIONS_WINDOWS}, 0},
    {"a window one below", {.seq = 1, .window = 65534, .ttl = 64, .options = TCP_OPTIONS_WINDOWS},
	0},
    {"ZMap from 4.1 without options is unknown",
	{.seq = 1, .window = 65535, .ttl = 64, .options = TCP_OPTIONS_NONE}, 0},
    {"ZMap from 4.1 as Linux: its clock counts seconds",
	{.seq = 1, .window = 65535, .options = TCP_OPTIONS_LINUX, .tsval = NOON_S}, ZMAP},
    {"the same as BSD", {.seq = 1, .window = 65535, .options = TCP_OPTIONS_BSD, .tsval = NOON_S},
	ZMAP},
    {"a clock 5 s slow",
	{.seq = 1, .window = 65535, .options = TCP_OPTIONS_LINUX, .tsval = NOON_S - 5}, ZMAP},
    {"a clock 6 s slow",
	{.seq = 1, .window = 65535, .options = TCP_OPTIONS_LINUX, .tsval = NOON_S - 6}, 0},
    {"a clock 5 s fast",
	{.seq = 1, .window = 65535, .options = TCP_OPTIONS_LINUX, .tsval = NOON_S + 5}, ZMAP},
    {"a clock 6 s fast",
	{.seq = 1, .window = 65535, .options = TCP_OPTIONS_LINUX, .tsval = NOON_S + 6}, 0},

    {"Masscan: id is the low half of the XOR",
	{.seq = 0xabcd1111, .id = (uint16_t)(0x6407 ^ 23 ^ 0x1111)}, MASSCAN},
    {"Masscan with MSS, as from 2023-11",
	{.seq = 0xabcd1111,
	    .id = (uint16_t)(0x6407 ^ 23 ^ 0x1111),
	    .window = 1024,
	    .options = TCP_OPTIONS_MSS_ONLY},
	MASSCAN},
    {"the high halves do not matter", {.seq = 0xffff1111, .id = (uint16_t)(0x6407 ^ 23 ^ 0x1111)},
	MASSCAN},
    {"an id one bit off", {.seq = 0xabcd1111, .id = (uint16_t)(0x6406 ^ 23 ^ 0x1111)}, 0},
    {"Masscan on a high port",
	{.seq = 0xabcd1111, .target_port = 60001, .id = (uint16_t)(0x6407 ^ 60001 ^ 0x1111)},
	MASSCAN},
};

/* Marks that lie between two SYNs of a source: those of the second. */
static const struct {
	const char *name;
	struct syn before;
	struct syn now;
	unsigned marks;
} pairs[] = {
    {"two ordinary SYNs", {.seq = 0x12345678, .id = 7},
	{.seq = 0x9abcdef1, .target = NEXT, .id = 8}, 0},

    {"Nmap: both halves differ alike", {.seq = 0x12345678, .id = 7},
	{.seq = 0x12345678 ^ 0x0f0f0f0f, .target = NEXT, .id = 8}, NMAP},
    {"the halves differ in one more bit", {.seq = 0x12345678, .id = 7},
	{.seq = 0x12345678 ^ 0x0f0f0f0e, .target = NEXT, .id = 8}, 0},
    {"the same seq proves nothing", {.seq = 0x12345678, .id = 7},
	{.seq = 0x12345678, .target = NEXT, .id = 8}, 0},
    {"all bits differ", {.seq = 0x12345678, .id = 7},
	{.seq = 0x12345678 ^ 0xffffffff, .target = NEXT, .id = 8}, NMAP},

    {"Unicornscan: seq ^ target ^ ports stays", {.seq = KEY ^ TARGET ^ PORTS, .id = 7},
	{.seq = KEY ^ NEXT ^ PORTS, .target = NEXT, .id = 8}, UNICORNSCAN},
    {"Unicornscan in the other byte order", {.seq = KEY ^ TARGET_TURNED ^ PORTS, .id = 7},
	{.seq = KEY ^ NEXT_TURNED ^ PORTS, .target = NEXT, .id = 8}, UNICORNSCAN},
    {"Unicornscan with another source port", {.seq = KEY ^ TARGET ^ PORTS, .id = 7},
	{.seq = KEY ^ NEXT ^ (PORTS + 1), .target = NEXT, .source_port = 40001, .id = 8},
	UNICORNSCAN},
    {"Unicornscan at another port of the same target", {.seq = KEY ^ TARGET ^ PORTS, .id = 7},
	{.seq = KEY ^ TARGET ^ (24U << 16 | 40000U), .target_port = 24, .id = 8}, UNICORNSCAN},
    {"target and source port count up alike under a constant seq", {.seq = 1000, .id = 7},
	{.seq = 1000, .target = NEXT, .source_port = 40000 ^ 15, .id = 8}, 0},
    {"a key one bit off", {.seq = KEY ^ TARGET ^ PORTS, .id = 7},
	{.seq = KEY ^ NEXT ^ PORTS ^ 1, .target = NEXT, .id = 8}, 0},
    {"the same target and port again proves nothing: Nmap's probes for the OS",
	{.seq = 1000000, .source_port = 40000, .id = 7},
	{.seq = 1000001, .source_port = 40001, .id = 8}, 0},
    {"Mirai keeps the relation as well, but is Mirai", {.seq = TARGET, .id = 7},
	{.seq = NEXT, .target = NEXT, .id = 8}, MIRAI},
};

static void test_singles(void)
{
	for (size_t i = 0; i < sizeof singles / sizeof singles[0]; i++) {
		struct marks_memory memory = {0};
		const struct facts facts = facts_of(&singles[i].syn);
		OK(marks_of(&facts, &memory) == singles[i].marks, singles[i].name);
	}
}

static void test_pairs(void)
{
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		struct marks_memory memory = {0};
		const struct facts before = facts_of(&pairs[i].before);
		const struct facts now = facts_of(&pairs[i].now);
		unsigned first = marks_of(&before, &memory);
		bool alone = (first & PAIRS) == 0; /* nothing before it */
		OK(alone && marks_of(&now, &memory) == pairs[i].marks, pairs[i].name);
	}
}

/* A seq of 0 before the first SYN would pair with anything: it must not be taken for one. */
static void test_first(void)
{
	struct marks_memory memory = {0};
	struct facts facts = facts_of(&(struct syn){.seq = 0x00010001, .id = 7});
	OK(marks_of(&facts, &memory) == 0, "the first SYN has no pair");
}

static void test_ignored(void)
{
	struct marks_memory memory = {0};
	struct facts facts = facts_of(&(struct syn){.seq = 0x12345678, .id = 7});
	(void)marks_of(&facts, &memory);
	const struct marks_memory kept = memory;

	struct facts reply = facts_of(&(struct syn){.seq = 1, .flags = FACTS_SYN | FACTS_ACK});
	bool same = marks_of(&reply, &memory) == 0;
	OK(same && memory.seq == kept.seq, "a SYN+ACK between two SYNs is not remembered");

	struct facts v6 = facts_of(&(struct syn){.seq = 1, .id = 54321});
	v6.net = FACTS_V6;
	v6.target = (struct address){.bytes = {0x20, 0x01, 0x0d, 0xb8}};
	same = marks_of(&v6, &memory) == 0;
	OK(same && memory.seq == kept.seq, "IPv6 has no marks, and is not remembered");
}

int main(void)
{
	test_singles();
	test_pairs();
	test_first();
	test_ignored();
	return test_done();
}
