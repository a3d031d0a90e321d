/* "IFACE?key=value": what is understood, and what is said of the rest. */
#include <errno.h>
#include <string.h>

#include "source/live_options.h"
#include "test.h"

static void test_defaults(void)
{
	struct live_options options;
	struct complaint complaint = {0};
	int result = live_options_parse("ring", "eth0", &options, &complaint);
	OK(result == 0 && strcmp(options.interface, "eth0") == 0, "an interface alone");
	OK(options.is_promiscuous == 1 && options.blocks == LIVE_BLOCKS_DEFAULT &&
		options.fanout_count == 0 && options.group == 0,
	    "a ring hears everything, and shares nothing");
	result = live_options_parse("xdp", "eth0", &options, &complaint);
	OK(result == 0 && options.takes_all == 0 && options.falls_back == 1 &&
		options.mode == LIVE_MODE_AUTO && options.frames == LIVE_FRAMES_DEFAULT,
	    "xdp takes nothing from the host, and falls back");
}

static void test_values(void)
{
	struct live_options options;
	struct complaint complaint = {0};
	int result = live_options_parse("ring",
	    "eth0?promiscuous=no&blocks=2048&fanout=64/63&group=65535", &options, &complaint);
	OK(result == 0 && options.is_promiscuous == 0 && options.blocks == 2048 &&
		options.fanout_count == 64 && options.fanout_number == 63 && options.group == 65535,
	    "a ring's options, at their highest");
	result =
	    live_options_parse("ring", "eth0?blocks=4&fanout=1/0&group=1", &options, &complaint);
	OK(result == 0 && options.blocks == 4 && options.fanout_count == 1 && options.group == 1,
	    "and at their lowest");
	result = live_options_parse(
	    "xdp", "eth0?take=yes&fallback=no&mode=generic&frames=4096", &options, &complaint);
	OK(result == 0 && options.takes_all == 1 && options.falls_back == 0 &&
		options.mode == LIVE_MODE_GENERIC && options.frames == 4096,
	    "those of xdp");
	result = live_options_parse("xdp", "eth0?frames=1048576", &options, &complaint);
	OK(result == 0 && options.frames == 1 << 20, "as many frames as may be");
	result = live_options_parse("ring", "", &options, &complaint);
	OK(result == 0 && options.interface[0] == '\0', "no name is the name of none");
	result = live_options_parse("ring", "a23456789012345", &options, &complaint);
	OK(result == 0 && strcmp(options.interface, "a23456789012345") == 0,
	    "the longest name of an interface");
	result = live_options_parse("ring", "a234567890123456", &options, &complaint);
	OK(result == 0 && options.interface[0] == '\0', "a longer one is the name of none");
}

#define BLOCKS "; expected one of promiscuous, blocks, fanout, group"
#define FANOUT ": expected COUNT/NUMBER, such as 2/0 and 2/1 for two that share it; at most 64 may"
#define KEY    " expected KEY=VALUE after ? and &, such as ring:eth0?promiscuous=no"

static const struct {
	const char *kind;
	const char *rest;
	const char *expected;
} wrong[] = {
    {"ring", "e?bloks=4", "ring:e?bloks=4: there is no option \"bloks\"" BLOCKS},
    {"ring", "e?take=yes", "ring:e?take=yes: there is no option \"take\"" BLOCKS},
    {"xdp", "e?blocks=8",
	"xdp:e?blocks=8: there is no option \"blocks\"; expected one of promiscuous, take, "
	"fallback, mode, frames"},
    {"ring", "e?blocks=3",
	"ring:e?blocks=3: blocks=3: expected the ring's MiB, a whole number from 4 to 2048"},
    {"ring", "e?blocks=2049",
	"ring:e?blocks=2049: blocks=2049: expected the ring's MiB, a whole number from 4 to 2048"},
    {"ring", "e?blocks=8x",
	"ring:e?blocks=8x: blocks=8x: expected the ring's MiB, a whole number from 4 to 2048"},
    {"ring", "e?promiscuous=maybe",
	"ring:e?promiscuous=maybe: promiscuous=maybe: expected yes or no"},
    {"ring", "e?fanout=2", "ring:e?fanout=2: fanout=2" FANOUT},
    {"ring", "e?fanout=2/2", "ring:e?fanout=2/2: fanout=2/2" FANOUT},
    {"ring", "e?fanout=65/0", "ring:e?fanout=65/0: fanout=65/0" FANOUT},
    {"ring", "e?fanout=0/0", "ring:e?fanout=0/0: fanout=0/0" FANOUT},
    {"ring", "e?fanout=2/-1", "ring:e?fanout=2/-1: fanout=2/-1" FANOUT},
    {"ring", "e?fanout=2/1/7", "ring:e?fanout=2/1/7: fanout=2/1/7" FANOUT},
    {"ring", "e?fanout=2/0&group=0",
	"ring:e?fanout=2/0&group=0: group=0: expected a whole number from 1 to 65535"},
    {"ring", "e?fanout=2/0&group=65536",
	"ring:e?fanout=2/0&group=65536: group=65536: expected a whole number from 1 to 65535"},
    {"ring", "e?group=7",
	"ring:e?group=7: group= names those that share an interface; expected fanout= as well"},
    {"xdp", "e?frames=4095",
	"xdp:e?frames=4095: frames=4095: expected a whole number from 4096 to 1048576"},
    {"xdp", "e?frames=1048577",
	"xdp:e?frames=1048577: frames=1048577: expected a whole number from 4096 to 1048576"},
    {"xdp", "e?mode=fast", "xdp:e?mode=fast: mode=fast: expected auto, native or generic"},
    {"ring", "e?", "ring:e?:" KEY},
    {"ring", "e?blocks", "ring:e?blocks:" KEY},
    {"ring", "e?blocks=4&", "ring:e?blocks=4&:" KEY},
    {"ring", "e?=4", "ring:e?=4: there is no option \"\"" BLOCKS},
    {"ring", "e?a23456789012345678901234567890123=4",
	"ring:e?a23456789012345678901234567890123=4:" KEY},
    {"ring", "e?blocks=00000000000000000000000000000004",
	"ring:e?blocks=00000000000000000000000000000004:" KEY},
};

static void test_wrong(void)
{
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct live_options options = {.blocks = 1};
		struct complaint complaint = {0};
		int result = live_options_parse(wrong[i].kind, wrong[i].rest, &options, &complaint);
		bool is_right = result == -EINVAL && options.blocks == 1 &&
				strcmp(complaint.text, wrong[i].expected) == 0;
		if (!is_right)
			printf("# got %d %s\n", result, complaint.text);
		OK(is_right, wrong[i].rest);
	}
}

int main(void)
{
	test_defaults();
	test_values();
	test_wrong();
	return test_done();
}
