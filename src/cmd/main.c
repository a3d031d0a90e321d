#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"

static int run_help(int argc, char **argv);
static int run_version(int argc, char **argv);

static const struct command commands[] = {
    {"init", "make a new station", true, cmd_init},
    {"check", "look whether a station can do its work", true, cmd_check},
    {"run", "run a station", true, cmd_run},
    {"member", "whom a station watches for", true, cmd_member},
    {"contact", "who is told, and the proof that it is them", true, cmd_contact},
    {"incident", "what was found, and what is done about it", true, cmd_incident},
    {"exception", "what is known and wanted", true, cmd_exception},
    {"notice", "what was sent, and whether it arrived", true, cmd_notice},
    {"account", "who may use the page", true, cmd_account},
    {"setting", "change what can be changed without station.yaml", true, cmd_setting},
    {"export", "write incidents in a format that other systems read", true, cmd_export},
    {"key", "the key that signs notices", true, cmd_key},
    {"stats", "print what a station counted, and what it can see", true, cmd_stats},
    {"backup", "copy a station into one file", true, cmd_backup},
    {"restore", "put back a station from such a file", true, cmd_restore},
    {"read", "analyse captures; print findings", true, cmd_read},
    {"drill", "list exercises; write one as a capture", true, cmd_drill},
    {"bench", "measure speed and memory", true, cmd_bench},
    {"help", "print this, or the help of a COMMAND", false, run_help},
    {"version", "print the version", false, run_version},
};

enum {
	COMMAND_COUNT = sizeof commands / sizeof commands[0],
	NAMES_BYTES = 256, /* of all commands, in a message */
};

/* What `hinomi run` starts itself with: not for people, and in no list. */
static const struct command duty_command = {"duty", NULL, false, cmd_duty};

static void print_usage(FILE *out)
{
	fputs(
	    "Hinomi watches networks, and says which machine misbehaves or is attacked, and why.\n"
	    "\nusage: hinomi COMMAND [OPTIONS] [ARGUMENTS]\n\n",
	    out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-9s  %s\n", commands[i].name, commands[i].summary);
	fputs(
	    "\n`hinomi COMMAND --help` tells more, as do hinomi(1) and hinomi-COMMAND(1).\n", out);
}

/* NULL, after saying which there are. */
static const struct command *find_command(const char *name)
{
	char names[NAMES_BYTES] = "";
	size_t used = 0;
	if (strcmp(name, duty_command.name) == 0)
		return &duty_command;
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
		used += (size_t)snprintf(names + used, sizeof names - used, "%s%s",
		    i == 0 ? "" : ", ", commands[i].name);
		assert(used < sizeof names); /* our own names */
	}
	(void)cmd_fail("%s: unknown command; expected one of %s", name, names);
	return NULL;
}

static int run_help(int argc, char **argv)
{
	if (argc > 2)
		return cmd_fail("help: %s: expected one command at most", argv[2]);
	const struct command *command = argc == 2 ? find_command(argv[1]) : NULL;
	if (argc == 2 && command == NULL)
		return EXIT_TROUBLE;
	if (command != NULL && command->has_help) {
		char option[] = "--help";
		char *asking[] = {argv[1], option, NULL};
		return command->run(2, asking);
	}
	print_usage(stdout);
	return cmd_flush_output();
}

static int run_version(int argc, char **argv)
{
	if (argc > 1)
		return cmd_fail("version: %s: expected nothing more", argv[1]);
	puts("hinomi " HINOMI_VERSION);
	return cmd_flush_output();
}

/*
 * A standard descriptor that the caller closed would become the next file that is opened, and get
 * what was meant for the caller. Held the wrong way round, every use of it fails instead.
 */
static int hold_standard_descriptors(void)
{
	static const int wrong_way[] = {
	    [STDIN_FILENO] = O_WRONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_RDONLY};
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", wrong_way[fd]) != fd)
			return cmd_fail("/dev/null: %s; expected to open it", strerror(errno));
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (hold_standard_descriptors() != 0)
		return EXIT_TROUBLE;
	if (argc < 2) {
		(void)cmd_fail("no command; these are known:");
		print_usage(stderr);
		return EXIT_TROUBLE;
	}
	const char *name = argv[1];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	if (strcmp(name, "--version") == 0)
		name = "version";
	const struct command *command = find_command(name);
	return command == NULL ? EXIT_TROUBLE : command->run(argc - 1, argv + 1);
}
