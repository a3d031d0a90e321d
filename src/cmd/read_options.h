/*
 * read_options.h - the command line of `hinomi read`, as a table.
 */
#ifndef CMD_READ_OPTIONS_H
#define CMD_READ_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/complaint.h"
#include "detect/thresholds.h"
#include "notify/report.h"
#include "registry/registry.h"

enum progress_wish {
	PROGRESS_AUTO,
	PROGRESS_ALWAYS,
	PROGRESS_NEVER
};

struct read_options {
	struct registry *registry; /* sealed */
	struct thresholds thresholds;
	const struct report_format *format;
	enum language language;
	enum progress_wish progress;
	const char *filter;        /* NULL: none */
	const char *pcapng_dir;    /* NULL: none */
	const char *sightings_out; /* NULL: none */
	const char *sensor;        /* NULL: the name of this machine */
	size_t memory_bytes;
	size_t batch_frames;
	size_t workers;
	bool all_hosts;
	bool all_findings;
	bool has_members;
	bool infer_dark;
	bool explain_thresholds; /* print the table and end */
	bool help;               /* print help and end */
	char **files;
	size_t file_count;
};

/*
 * Reads the command line; argv[0] is the subcommand. Returns 0, or -EINVAL (or what reading the
 * configuration gave) with a complaint that names the option, its value and what was expected. What
 * is in *ret_options is to be released in either case.
 */
int read_options_parse(
    int argc, char **argv, struct read_options *ret_options, struct complaint *complaint);
void read_options_release(struct read_options *options);
void read_options_print_help(void);

#endif
