/*
 * Settings, asked for as the page and `hinomi setting` do: who may, what is answered and recorded,
 * when a running station is told, and what is left where the record or the file cannot be written.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/station/config.h"
#include "cmd/station/paths.h"
#include "service_help.h"

static char folder[] = "/tmp/hinomi-setting-XXXXXX";
static struct station_config in_force; /* large */
static size_t reloads;

static void count_reload(void *context)
{
	(void)context;
	reloads++;
}

static void write_file(const char *name, const char *text)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	(void)close(fd);
}

/* As the station would, which is started anew with what the files say. */
static void put_in_force(void)
{
	struct complaint complaint = {""};
	struct station_dir dir;
	if (station_dir_open(folder, &dir, &complaint) != 0 ||
	    station_config_read(&dir, &in_force, &complaint) != 0) {
		printf("# %s\n", complaint.text);
		abort();
	}
	station_dir_close(&dir);
}

struct last {
	char by[64];
	char on[700];
	char outcome[400];
};

static int visit_audit(void *context, const void *record)
{
	const struct store_audit *audit = record;
	struct last *last = context;
	(void)snprintf(last->by, sizeof last->by, "%s", audit->by);
	(void)snprintf(last->on, sizeof last->on, "%s", audit->on);
	(void)snprintf(last->outcome, sizeof last->outcome, "%s", audit->outcome);
	return 0;
}

/* What was recorded last. */
static bool records(struct desk *desk, int64_t count, const char *on, const char *outcome)
{
	static struct last last;
	const struct store_query all = {.kind = STORE_AUDIT};
	memset(&last, 0, sizeof last);
	if (store_each(desk->store, &all, visit_audit, &last, NULL) != 0)
		abort();
	const bool is_right = desk_count(desk, STORE_AUDIT) == count && strcmp(last.on, on) == 0 &&
			      strncmp(last.outcome, outcome, strlen(outcome)) == 0;
	if (!is_right)
		printf("# %lld records, %s %s\n", (long long)desk_count(desk, STORE_AUDIT), last.on,
		    last.outcome);
	return is_right;
}

static void test_running(struct desk *desk)
{
	OK(desk_ask(desk, "{'do':'setting.change','key':'notices.cap','value':'40','by':'taro'}") &&
		desk_says(desk, "{\"key\":\"notices.cap\",\"value\":\"40\",\"before\":\"30\","
				"\"from\":\"page\",\"changed\":true,\"in_force\":\"soon\"}\n"),
	    "a setting is changed");
	OK(reloads == 1 && records(desk, 1, "notices.cap: 30 -> 40", "ok"),
	    "the station is told, and who did it is recorded with both values");
	put_in_force();
	OK(desk_ask(desk, "{'do':'setting.change','key':'notices.cap','value':'40'}") &&
		desk_says(desk, "\"changed\":false,\"in_force\":\"now\"") && reloads == 1 &&
		records(desk, 1, "notices.cap: 30 -> 40", "ok"),
	    "the same again is no change, and no record");
	OK(desk_ask(desk, "{'do':'setting.change','key':'notices.cap','value':'50'}") &&
		desk_ask(desk, "{'do':'setting.change','key':'notices.cap','value':'50'}") &&
		desk_says(desk, "\"changed\":false,\"in_force\":\"soon\"") && reloads == 3,
	    "but what is not in force yet is asked for again");
	OK(desk_ask(desk, "{'do':'setting.change','key':'notices.cap','value':null}") &&
		desk_says(desk, "\"value\":\"30\",\"before\":\"50\",\"from\":\"station.yaml\"") &&
		records(desk, 3, "notices.cap: 50 -> 30 (station.yaml)", "ok"),
	    "null is what station.yaml says");
}

static void test_refusals(struct desk *desk)
{
	const size_t before = reloads;
	OK(desk_refuses(desk, "{'do':'setting.change','key':'notices.cap','value':'4'}",
	       "value 4: expected a whole number from 5 to 1000") &&
		records(desk, 4, "notices.cap", "value 4: expected"),
	    "a wrong value is refused, which is recorded");
	OK(desk_refuses(desk, "{'do':'setting.change','key':'notices.cap'}", "value: is missing"),
	    "none");
	OK(desk_refuses(desk, "{'do':'setting.change','key':'notices.cap','value':40}",
	       "value: expected a text"),
	    "one of another type");
	OK(desk_refuses(desk, "{'do':'setting.change','key':'notices.cap','value':''}",
	       "value: is empty, expected a text"),
	    "an empty one");
	OK(desk_refuses(
	       desk, "{'do':'setting.change','key':null,'value':'40'}", "key: expected a text"),
	    "no key");
	OK(desk_refuses(desk, "{'do':'setting.change','key':'store.engine','value':'sqlite'}",
	       "key store.engine: is changed in station.yaml alone, expected one that `hinomi "
	       "setting list` shows"),
	    "one that is not changed so");
	static const struct service_asker viewer = {
	    .name = "wall", .from = "192.0.2.1", .role = PAGE_VIEWER};
	desk->service.asker = &viewer;
	OK(desk_refuses(desk, "{'do':'setting.change','key':'notices.cap','value':'40'}",
	       "this account may only look"),
	    "and who may only look changes nothing");
	desk->service.asker = NULL;
	OK(reloads == before, "the station is told nothing of all that");
}

/* The folder cannot be written: a file is in the place of the one that is written beside. */
static void test_trouble(struct desk *desk)
{
	char path[128];
	const int64_t before = desk_count(desk, STORE_AUDIT);
	const size_t told = reloads;
	(void)snprintf(path, sizeof path, "%s/settings.yaml.new", folder);
	OK(mkdir(path, 0700) == 0 &&
		!desk_ask(desk, "{'do':'setting.change','key':'notices.cap','value':'60'}") &&
		desk_says(desk, "settings.yaml: File exists, expected to write it") &&
		desk_count(desk, STORE_AUDIT) == before + 1 && reloads == told,
	    "a file that cannot be written is an error, and nothing is told or in force");
	(void)rmdir(path);
	char directory[128];
	(void)snprintf(directory, sizeof directory, "%s/settings.yaml", folder);
	(void)unlink(directory);
	OK(mkdir(directory, 0700) == 0 &&
		!desk_ask(desk, "{'do':'setting.change','key':'notices.cap','value':'60'}") &&
		reloads == told,
	    "so is one that is no file");
	(void)rmdir(directory);
	desk->service.directory = NULL;
	OK(desk_refuses(desk, "{'do':'setting.change','key':'notices.cap','value':'40'}",
	       "settings cannot be changed here"),
	    "and where nobody knows the station's directory");
	desk->service.directory = folder;
}

static void test_alone(struct desk *desk)
{
	desk->service.on_settings = NULL;
	desk->service.config = NULL;
	OK(desk_ask(desk, "{'do':'setting.change','key':'canary.every','value':'20m'}") &&
		desk_says(desk, "\"in_force\":\"start\""),
	    "without a station it counts from the next start");
}

int main(void)
{
	static const char *const files[] = {"station.yaml", "settings.yaml"};
	struct desk desk;
	if (mkdtemp(folder) == NULL)
		return 1;
	write_file("station.yaml", "notices: {cap: 30}\n");
	put_in_force();
	desk_open(&desk);
	desk.service.directory = folder;
	desk.service.config = &in_force;
	desk.service.on_settings = count_reload;
	test_running(&desk);
	test_refusals(&desk);
	test_trouble(&desk);
	test_alone(&desk);
	desk_close(&desk);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		char path[128];
		(void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
		(void)unlink(path);
	}
	OK(rmdir(folder) == 0, "nothing else was left");
	return test_done();
}
