/*
 * script.h - packets described line by line, for tests and for exercises of one's own.
 *
 *   at 0 every 1s x 12: tcp 192.0.2.5:40000+i > 198.18.0.1+i:445 S mark=mirai ttl=64
 *
 * The language is documented in tests/behaviour/README.md. Any text gives either frames or a
 * complaint "NAME:LINE: what is wrong, what was expected".
 */
#ifndef DRILL_SCRIPT_H
#define DRILL_SCRIPT_H

#include "base/complaint.h"
#include "drill/stage.h"

enum {
	SCRIPT_BYTES_MAX = 1 << 20,     /* a script is written by hand */
	SCRIPT_STATEMENTS_MAX = 1000,   /* each is an actor of the stage */
	SCRIPT_REPEATS_MAX = 10000000,  /* of one statement */
	SCRIPT_SECONDS_MAX = 315360000, /* ten years from the start */
};

/*
 * Initialises `stage` and puts the script's statements on it. `name` stands in complaints for the
 * file; `text` is borrowed for the call. Returns 0, or -EINVAL or -ENOMEM with a complaint, and
 * then there is nothing to release.
 */
int script_parse(const char *name, const char *text, size_t length, struct stage *stage,
    struct complaint *complaint);

/* The same from a file; "-" is standard input. */
int script_read(const char *path, struct stage *stage, struct complaint *complaint);

#endif
