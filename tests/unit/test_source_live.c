/* Granting and adopting: what is refused, and that descriptors are taken in any case. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "source/interface.h"
#include "source/source.h"
#include "test.h"

static const struct source_kind *const kinds[] = {&source_pcap, &source_ring, &source_xdp, NULL};

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void test_prepare(void)
{
	static const struct {
		const char *address;
		int error;
		const char *expected;
	} cases[] = {
	    {"pcap:x", -EOPNOTSUPP,
		"pcap:x: is nothing that comes live; expected an interface such as ring:eth0"},
	    {"eth0", -EOPNOTSUPP,
		"eth0: is nothing that comes live; expected an interface such as ring:eth0"},
	    {"rind:eth0", -EOPNOTSUPP,
		"rind:eth0: is nothing that comes live; expected an interface such as ring:eth0"},
	    {"ring:lo?blocks=1", -EINVAL,
		"ring:lo?blocks=1: blocks=1: expected the ring's MiB, a whole number from 4 to "
		"2048"},
	    {"xdp:lo?blocks=4", -EINVAL,
		"xdp:lo?blocks=4: there is no option \"blocks\"; expected one of promiscuous, "
		"take, fallback, mode, frames"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct source_grant grant = {.descriptor_count = 0};
		struct complaint complaint = {0};
		int result = source_prepare(kinds, cases[i].address, &grant, &complaint);
		bool is_right =
		    result == cases[i].error && strcmp(complaint.text, cases[i].expected) == 0;
		if (!is_right)
			printf("# %d %s\n", result, complaint.text);
		OK(is_right, cases[i].address);
	}
	struct source_grant grant;
	struct complaint complaint = {0};
	static const char expected[] = "ring:no.such: no such interface; expected one of: ";
	int result = source_prepare(kinds, "ring:no.such", &grant, &complaint);
	OK(result == -ENODEV && strncmp(complaint.text, expected, sizeof expected - 1) == 0,
	    "a missing interface is named, and those that there are");
}

/* Each has one descriptor, which is no socket. */
static void test_adopt(void)
{
	static const struct {
		const char *kind;
		struct source_grant grant;
		const char *expected;
	} cases[] = {
	    {"an unknown kind", {.kind = "rind"}, "rind: is no kind of live source"},
	    {"a kind without an end", {.kind = "0123456789abcdef"},
		"0123456789abcdef: is no kind of live source"},
	    {"a kind that is not live", {.kind = "pcap"}, "pcap: is no kind of live source"},
	    {"a ring of other blocks", {.kind = "ring", .interface = "e", .unit_bytes = 1},
		"ring:e: Invalid argument; expected a ring that was prepared"},
	    {"a ring that is none",
		{.kind = "ring", .interface = "e", .unit_bytes = 1 << 20, .units = 4},
		"ring:e: No such device; expected memory for its ring"},
	    {"sockets for no queue", {.kind = "xdp", .interface = "e", .unit_bytes = 2048},
		"xdp:e: Invalid argument; expected sockets that were prepared"},
	    {"sockets for too many queues",
		{.kind = "xdp", .interface = "e", .unit_bytes = 2048, .queues = 65},
		"xdp:e: Invalid argument; expected sockets that were prepared"},
	    {"fewer sockets than queues",
		{.kind = "xdp", .interface = "e", .unit_bytes = 2048, .units = 1024, .queues = 1},
		"xdp:e: Invalid argument; expected sockets that were prepared"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct source_grant grant = cases[i].grant;
		struct complaint complaint = {0};
		struct source *source = NULL;
		int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		grant.descriptors[grant.descriptor_count++] = fd;
		int result = source_adopt(kinds, &grant, &source, &complaint);
		bool is_right = result < 0 && source == NULL && !is_open(fd) &&
				strcmp(complaint.text, cases[i].expected) == 0;
		if (!is_right)
			printf("# %d %s\n", result, complaint.text);
		OK(is_right, cases[i].kind);
	}
}

static void test_interface(void)
{
	struct interface_state state;
	OK(interface_look("no.such", &state) == -ENODEV, "an interface that is not there");
	OK(interface_look("", &state) == -ENODEV, "one without a name");
	OK(interface_look("a234567890123456", &state) == -ENODEV, "one whose name is too long");
	if (interface_look("lo", &state) != 0) {
		printf("ok %d - lo # SKIP there is none here\n", ++test_count);
		return;
	}
	unsigned queues = 0;
	OK(state.index > 0, "lo is there");
	OK(interface_count_queues(state.index, &queues) == 0 && queues >= 1, "and has a queue");
}

int main(void)
{
	test_prepare();
	test_adopt();
	test_interface();
	return test_done();
}
