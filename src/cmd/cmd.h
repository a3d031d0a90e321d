/*
 * cmd.h - the subcommands, one file each.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>

/* Exit statuses, as in hinomi(1). */
enum {
	EXIT_NOTHING_FOUND = 0,
	EXIT_FINDINGS = 1,
	EXIT_TROUBLE = 2
};

struct command {
	const char *name;
	const char *summary;
	bool has_help;                     /* it knows --help */
	int (*run)(int argc, char **argv); /* argv[0] is the subcommand's name */
};

int cmd_check(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_read(int argc, char **argv);
int cmd_drill(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_backup(int argc, char **argv);
int cmd_restore(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_stats(int argc, char **argv);
int cmd_duty(int argc, char **argv);
int cmd_member(int argc, char **argv);
int cmd_contact(int argc, char **argv);
int cmd_incident(int argc, char **argv);
int cmd_exception(int argc, char **argv);
int cmd_account(int argc, char **argv);
int cmd_key(int argc, char **argv);
int cmd_notice(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_setting(int argc, char **argv);

/*
 * "hinomi: ..." on standard error, one line whatever the arguments hold (base/complaint.h); returns
 * EXIT_TROUBLE.
 */
__attribute__((format(printf, 1, 2))) int cmd_fail(const char *format, ...);

/* Whether all that was printed arrived: 0, or EXIT_TROUBLE after saying why it did not. */
int cmd_flush_output(void);
/* Says that it did not, with the errno of the write that failed (0: not known); EXIT_TROUBLE. */
int cmd_fail_output(int error);

enum {
	CMD_LETTER_BYTES = 3
};

/*
 * The option that getopt_long stumbled over, for after it gave '?' or ':': a word of argv, or a
 * letter written to `letter`. Long options have the values 1 to long_max.
 */
const char *cmd_refused_option(char **argv, int long_max, char letter[static CMD_LETTER_BYTES]);

#endif
