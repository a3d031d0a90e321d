/* run.c - `hinomi run`: a station, until it is told to end; and `hinomi duty`, its processes. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/quantity.h"
#include "cmd/cmd.h"
#include "cmd/station/config.h"
#include "cmd/station/discover.h"
#include "cmd/station/duties.h"
#include "cmd/station/parent.h"
#include "cmd/station/sources.h"

enum {
	OPTION_STATION = 1,
	OPTION_SOURCE,
	OPTION_ONCE,
	OPTION_EXPLAIN,
	OPTION_HELP,
};

static const struct option long_options[] = {
    {"station", required_argument, NULL, OPTION_STATION},
    {"source", required_argument, NULL, OPTION_SOURCE},
    {"once", no_argument, NULL, OPTION_ONCE},
    {"explain", no_argument, NULL, OPTION_EXPLAIN},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static const char help[] =
    "usage: hinomi run [OPTIONS]\n\n"
    "Runs a station: watches its sources, keeps incidents, tells members and operator.\n\n"
    "  --station DIR\n"
    "        the station's directory (HINOMI_STATION, or /var/lib/hinomi)\n"
    "  --source ADDRESS\n"
    "        watch this instead of what station.yaml names: ring:INTERFACE,\n"
    "        xdp:INTERFACE, pcap:FILE, drill:NAME; repeatable\n"
    "  --once\n"
    "        end when all sources have ended and every letter is sent\n"
    "  --explain\n"
    "        print what each process may, and what this kernel enforces; run nothing\n"
    "  --help\n"
    "        print this\n";

struct running {
	const char *station;
	bool once;
	bool explain;
	bool help;
	struct station_source sources[STATION_SOURCES_MAX];
	size_t source_count;
	struct station_dir dir;
	int lock;
	struct station_config config;
};

static int add_source(struct running *running, const char *text)
{
	struct complaint complaint;
	if (running->source_count == STATION_SOURCES_MAX)
		return cmd_fail(
		    "--source %s: expected at most %d sources", text, STATION_SOURCES_MAX);
	if (station_source_parse(text, &running->sources[running->source_count], &complaint) != 0)
		return cmd_fail("--source %s: %s", text, complaint.text);
	running->source_count++;
	return 0;
}

static int parse(int argc, char **argv, struct running *running)
{
	char letter[CMD_LETTER_BYTES];
	int status = 0;
	opterr = 0;
	optind = 1;
	while (status == 0) {
		int option = getopt_long(argc, argv, ":", long_options, NULL);
		switch (option) {
		case -1:
			if (optind < argc)
				return cmd_fail("run: %s: expected options only", argv[optind]);
			return 0;
		case OPTION_STATION:
			running->station = optarg;
			break;
		case OPTION_SOURCE:
			status = add_source(running, optarg);
			break;
		case OPTION_ONCE:
			running->once = true;
			break;
		case OPTION_EXPLAIN:
			running->explain = true;
			break;
		case OPTION_HELP:
			running->help = true;
			break;
		case ':':
			return cmd_fail("run: %s: expected a value after it",
			    cmd_refused_option(argv, OPTION_HELP, letter));
		default:
			return cmd_fail("run: %s: unknown option; hinomi run --help lists them",
			    cmd_refused_option(argv, OPTION_HELP, letter));
		}
	}
	return status;
}

/* Those of the command line, or of the file, or what this machine has. */
static int choose_sources(const struct running *running, struct station_config_sources *sources,
    struct complaint *complaint)
{
	static struct station_facts facts;
	if (running->source_count > 0) {
		sources->is_auto = false;
		sources->count = running->source_count;
		memcpy(sources->list, running->sources, sizeof sources->list);
	}
	if (!sources->is_auto)
		return 0;
	int result = station_facts_find(&facts, complaint);
	if (result != 0)
		return result;
	size_t found = station_sources_choose(&facts, sources->list, STATION_SOURCES_MAX);
	sources->count = found < STATION_SOURCES_MAX ? found : STATION_SOURCES_MAX;
	return found > 0 ? 0
			 : complain(complaint, -ENODEV,
			       "sources: auto: this machine has no Ethernet interface that is up; "
			       "expected one, or sources in station.yaml");
}

/* Tables that the machine cannot hold would be the end of it, some day. */
static int check_memory(const struct station_config *config, struct complaint *complaint)
{
	const long pages = sysconf(_SC_PHYS_PAGES);
	const long page_bytes = sysconf(_SC_PAGESIZE);
	char asked[QUANTITY_TEXT_BYTES], there[QUANTITY_TEXT_BYTES];
	if (pages <= 0 || page_bytes <= 0)
		return 0; /* nobody knows */
	const uint64_t bytes = (uint64_t)pages * (uint64_t)page_bytes;
	if (config->memory <= bytes)
		return 0;
	size_format(config->memory, asked);
	size_format(bytes >> 20 << 20, there);
	return complain(complaint, -EINVAL,
	    "memory: found %s, expected less than this machine has (%s)", asked, there);
}

/* What the station is told, at the start and whenever it is to look again. */
static int read_config(
    void *context, struct station_config *ret_config, struct complaint *complaint)
{
	const struct running *running = context;
	int result = station_config_read(&running->dir, ret_config, complaint);
	if (result == 0)
		result = check_memory(ret_config, complaint);
	return result;
}

static int read_whole(void *context, struct station_config *ret_config, struct complaint *complaint)
{
	int result = read_config(context, ret_config, complaint);
	if (result == 0)
		result = choose_sources(context, &ret_config->sources, complaint);
	return result != 0
		   ? result
		   : station_sources_share(&ret_config->sources, ret_config->workers, complaint);
}

static int open_station(struct running *running)
{
	struct complaint complaint;
	int result =
	    station_dir_open(station_dir_find(running->station), &running->dir, &complaint);
	if (result == 0)
		result = read_config(running, &running->config, &complaint);
	if (result == 0 && !running->explain)
		result = station_dir_lock(&running->dir, &running->lock, &complaint);
	if (result == 0)
		result = choose_sources(running, &running->config.sources, &complaint);
	if (result == 0)
		result = station_sources_share(
		    &running->config.sources, running->config.workers, &complaint);
	return result == 0 ? 0 : cmd_fail("%s", complaint.text);
}

/* Signals of a moment before the loop is there wait for it, and do not kill what is half begun. */
static void hold_signals(void)
{
	sigset_t held;
	(void)sigemptyset(&held); /* these cannot fail */
	(void)sigaddset(&held, SIGTERM);
	(void)sigaddset(&held, SIGINT);
	(void)sigaddset(&held, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &held, NULL);
}

static int run(struct running *running)
{
	struct complaint complaint;
	struct parent *parent;
	hold_signals();
	int status = open_station(running);
	if (status != 0)
		return status;
	log_open("parent", LOG_LEVEL_INFO);
	const struct parent_options options = {
	    .dir = &running->dir,
	    .config = &running->config,
	    .read = read_whole,
	    .context = running,
	    .ends = running->once,
	    .explains = running->explain,
	};
	if (parent_new(&options, &parent, &complaint) != 0)
		return cmd_fail("%s", complaint.text);
	if (running->explain)
		parent_explain(parent);
	else if (parent_run(parent, &complaint) != 0)
		status = cmd_fail("%s", complaint.text);
	parent_free(parent);
	return running->explain ? cmd_flush_output() : status;
}

int cmd_run(int argc, char **argv)
{
	static struct running running = {.dir = {.fd = -1}, .lock = -1};
	int status = parse(argc, argv, &running);
	if (status != 0)
		return status;
	if (running.help) {
		fputs(help, stdout);
		return cmd_flush_output();
	}
	status = run(&running);
	if (running.lock >= 0)
		(void)close(running.lock); /* it ends with us anyway */
	station_dir_close(&running.dir);
	return status;
}

int cmd_duty(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} duties[] = {
	    {"capture", duty_capture},
	    {"keeper", duty_keeper},
	    {"courier", duty_courier},
	    {"web", duty_web},
	    {"signer", duty_signer},
	    {"mailroom", duty_mailroom},
	};
	for (size_t i = 0; argc == 2 && i < sizeof duties / sizeof duties[0]; i++) {
		if (strcmp(argv[1], duties[i].name) != 0)
			continue;
		log_open(duties[i].name, LOG_LEVEL_INFO);
		return duties[i].run();
	}
	return cmd_fail("duty: is what hinomi run starts; expected capture, keeper, courier, web, "
			"signer or mailroom");
}
