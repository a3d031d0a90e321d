#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "proc/duty.h"
#include "proc/relay.h"

enum {
	COLUMNS = 4,
};

static bool is_name(const char *name)
{
	size_t bytes = name == NULL ? 0 : strnlen(name, DUTY_NAME_BYTES);
	return bytes > 0 && bytes < DUTY_NAME_BYTES;
}

static int check_count(
    const char *what, size_t count, size_t count_max, struct complaint *complaint)
{
	return count <= count_max ? 0
				  : complain(complaint, -EINVAL, "%s: %zu, expected at most %zu",
					what, count, count_max);
}

static int check_name(
    const char *what, const char *name, bool is_taken, struct complaint *complaint)
{
	if (is_name(name) && !is_taken)
		return 0;
	return complain(complaint, -EINVAL, "%s %s: expected a name of its own of 1 to %d bytes",
	    what, name == NULL ? "" : name, DUTY_NAME_BYTES - 1);
}

static size_t path_count(const struct sandbox_profile *profile)
{
	size_t count = 0;
	while (profile->read_paths != NULL && profile->read_paths[count] != NULL)
		count++;
	return count;
}

static int check_duty(const struct duty_table *table, size_t number, struct complaint *complaint)
{
	const struct duty *duty = &table->duties[number];
	size_t descriptors = 0;
	bool is_taken = false;
	for (size_t i = 0; i < number; i++)
		is_taken = is_taken || strcmp(table->duties[i].name, duty->name) == 0;
	for (size_t i = 0; i < table->descriptor_count; i++)
		descriptors += table->descriptors[i].duty == number;

	int error = check_name("duty", duty->name, is_taken, complaint);
	if (error == 0 && (duty->arguments == NULL || duty->arguments[0] == NULL))
		error = complain(complaint, -EINVAL, "duty %s: expected arguments", duty->name);
	if (error == 0)
		error = check_count(
		    "descriptors of a duty", descriptors, DUTY_DESCRIPTORS_MAX, complaint);
	if (error == 0)
		error = check_count(
		    "paths of a duty", path_count(&duty->profile), DUTY_PATHS_MAX, complaint);
	if (error == 0)
		error = check_count(
		    "ports of a duty", duty->profile.connect_port_count, DUTY_PORTS_MAX, complaint);
	return error;
}

static int check_link(const struct duty_table *table, size_t number, struct complaint *complaint)
{
	const struct duty_link *link = &table->links[number];
	bool is_taken = false;
	for (size_t i = 0; i < number; i++)
		is_taken = is_taken || strcmp(table->links[i].name, link->name) == 0;
	int error = check_name("link", link->name, is_taken, complaint);
	if (error != 0)
		return error;
	if (link->from >= table->duty_count || link->to >= table->duty_count ||
	    link->from == link->to)
		return complain(
		    complaint, -EINVAL, "link %s: expected two duties of the table", link->name);
	if (link->kind == DUTY_RELAY && link->record_max_bytes > RELAY_RECORD_MAX_BYTES)
		return complain(complaint, -EINVAL, "link %s: records of %zu, expected at most %d",
		    link->name, link->record_max_bytes, RELAY_RECORD_MAX_BYTES);
	return 0;
}

static int check_descriptor(
    const struct duty_table *table, size_t number, struct complaint *complaint)
{
	const struct duty_descriptor *given = &table->descriptors[number];
	bool is_taken = false;
	for (size_t i = 0; i < number; i++)
		is_taken = is_taken || (table->descriptors[i].duty == given->duty &&
					   strcmp(table->descriptors[i].name, given->name) == 0);
	int error = check_name("descriptor", given->name, is_taken, complaint);
	if (error == 0 && given->duty >= table->duty_count)
		error = complain(
		    complaint, -EINVAL, "descriptor %s: expected a duty of the table", given->name);
	return error;
}

int duty_table_check(const struct duty_table *table, struct complaint *complaint)
{
	int error = check_count("duties", table->duty_count, DUTIES_MAX, complaint);
	if (error == 0)
		error = check_count("links", table->link_count, DUTY_LINKS_MAX, complaint);
	for (size_t i = 0; error == 0 && i < table->duty_count; i++)
		error = check_duty(table, i, complaint);
	for (size_t i = 0; error == 0 && i < table->link_count; i++)
		error = check_link(table, i, complaint);
	for (size_t i = 0; error == 0 && i < table->descriptor_count; i++)
		error = check_descriptor(table, i, complaint);
	return error;
}

struct line {
	const char *cells[COLUMNS];
};

static void measure(const struct line *line, size_t widths[static COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++) {
		size_t bytes = strlen(line->cells[i]);
		if (bytes > widths[i])
			widths[i] = bytes;
	}
}

static void print(FILE *out, const struct line *line, const size_t widths[static COLUMNS])
{
	for (size_t i = 0; i + 1 < COLUMNS; i++)
		fprintf(out, "%-*s  ", (int)widths[i], line->cells[i]);
	fprintf(out, "%s\n", line->cells[COLUMNS - 1]);
}

static const char *user_of(const struct duty *duty)
{
	if (geteuid() != 0)
		return "as now";
	return duty->user == NULL ? "root, no capability" : duty->user;
}

void duty_explain(FILE *out, const struct duty_table *table)
{
	char enforced[DUTIES_MAX][SANDBOX_TEXT_BYTES];
	struct line lines[DUTIES_MAX + 2];
	size_t widths[COLUMNS] = {0};
	size_t count = 2;

	lines[0] = (struct line){{"DUTY", "USER", "MAY", "HELD TO THAT BY THIS KERNEL"}};
	lines[1] = (struct line){{"parent", geteuid() == 0 ? "root" : "as now",
	    "open what duties need, start and watch them",
	    "no sandbox: it takes only short messages, checked"}};
	for (size_t i = 0; i < table->duty_count && i < DUTIES_MAX; i++) {
		const struct duty *duty = &table->duties[i];
		struct sandbox_state state;
		if (duty->is_reserve)
			continue;
		sandbox_expect(&duty->profile, &state);
		sandbox_describe(&state, enforced[i]);
		lines[count++] = (struct line){{duty->name, user_of(duty), duty->may, enforced[i]}};
	}
	for (size_t i = 0; i < count; i++)
		measure(&lines[i], widths);
	for (size_t i = 0; i < count; i++)
		print(out, &lines[i], widths);
}
