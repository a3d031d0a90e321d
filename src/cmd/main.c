#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

static int run_help(int argc, char **argv);
static int run_version(int argc, char **argv);

static const struct command commands[] = {
    {"read", "analyse captures; print findings", cmd_read},
    {"drill", "list exercises; write one as a capture", cmd_drill},
    {"help", "print this", run_help},
    {"version", "print the version", run_version},
};

enum {
	COMMAND_COUNT = sizeof commands / sizeof commands[0]
};

static void print_usage(FILE *out)
{
	fputs(
	    "Hinomi watches networks, and says which machine misbehaves or is attacked, and why.\n"
	    "\nusage: hinomi COMMAND [OPTIONS] [ARGUMENTS]\n\n",
	    out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-8s  %s\n", commands[i].name, commands[i].summary);
	fputs(
	    "\n`hinomi COMMAND --help` tells more, as do hinomi(1) and hinomi-COMMAND(1).\n", out);
}

static int run_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	print_usage(stdout);
	return 0;
}

static int run_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("hinomi " HINOMI_VERSION);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_usage(stderr);
		return EXIT_TROUBLE;
	}
	const char *name = argv[1];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	if (strcmp(name, "--version") == 0)
		name = "version";
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return cmd_fail("%s: unknown command; expected one of read, drill, help, version", name);
}
