/*
 * cmd.h - the subcommands, one file each.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

/* Exit statuses of DESIGN section 5. */
enum {
	EXIT_NOTHING_FOUND = 0,
	EXIT_FINDINGS = 1,
	EXIT_TROUBLE = 2
};

struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv); /* argv[0] is the subcommand's name */
};

int cmd_read(int argc, char **argv);
int cmd_drill(int argc, char **argv);

/* "hinomi: ..." on standard error; returns EXIT_TROUBLE. */
__attribute__((format(printf, 1, 2))) int cmd_fail(const char *format, ...);

#endif
