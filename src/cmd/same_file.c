#include "cmd/same_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Regular files by what they are; all else (pipes, exercises, what is missing) by name. */
struct input {
	const char *name;
	dev_t device;
	ino_t number; /* 0 where the name decides */
};

static void identify(const char *name, struct input *input)
{
	struct stat status;
	*input = (struct input){.name = name};
	if (stat(name, &status) != 0 || !S_ISREG(status.st_mode))
		return;
	input->device = status.st_dev;
	input->number = status.st_ino;
}

static int compare(const void *left, const void *right)
{
	const struct input *a = left;
	const struct input *b = right;
	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return a->number != 0 ? 0 : strcmp(a->name, b->name);
}

int same_file_refuse(char *const *names, size_t count, struct complaint *complaint)
{
	struct input *inputs = calloc(count > 0 ? count : 1, sizeof *inputs);
	if (inputs == NULL)
		return complain(complaint, -ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		identify(names[i], &inputs[i]);
	if (count > 1)
		qsort(inputs, count, sizeof *inputs, compare);

	int result = 0;
	for (size_t i = 1; i < count && result == 0; i++) {
		if (compare(&inputs[i - 1], &inputs[i]) != 0)
			continue;
		bool same_name = strcmp(inputs[i - 1].name, inputs[i].name) == 0;
		result = same_name ? complain(complaint, -EINVAL,
					 "%s: given twice, expected each file once", inputs[i].name)
				   : complain(complaint, -EINVAL,
					 "%s: is the same file as %s, expected each file once",
					 inputs[i].name, inputs[i - 1].name);
	}
	free(inputs);
	return result;
}
