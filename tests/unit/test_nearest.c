#include "base/nearest.h"

#include <string.h>

#include "test.h"

static const char *const names[] = {"targets", "window_s", "stranger_targets", "marked_packets"};

static const struct {
	const char *typed;
	const char *nearest;
} rows[] = {
    {"targets", "targets"},
    {"target", "targets"},
    {"tragets", "targets"},
    {"windows", "window_s"},
    {"stranger_target", "stranger_targets"},
    {"markedpackets", "marked_packets"},
    {"", "targets"},
    {"a name far longer than the sixty-four bytes of which the comparison takes notice at all",
	"stranger_targets"},
};

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *found =
		    nearest_name(rows[i].typed, names, sizeof names / sizeof names[0]);
		OK(found != NULL && strcmp(found, rows[i].nearest) == 0, rows[i].typed);
	}
	OK(nearest_name("x", names, 0) == NULL, "of no names none is nearest");
	return test_done();
}
