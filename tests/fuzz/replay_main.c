/*
 * replay_main.c - runs a fuzz target over files instead of random bytes, each file once, as TAP.
 *
 *     replay_NAME FOLDER...
 *
 * Every input is copied to an allocation of exactly its size, so that AddressSanitizer sees a read
 * of one byte too many. The name of a file is printed before it is tried: where the target dies,
 * the last line says on what. A folder that does not exist counts as empty (no regressions yet).
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/test.h"

/* An input that takes longer is a finding too; SIGALRM ends the run before its plan is printed. */
#define SECONDS_PER_INPUT_MAX 20

/* Inputs are small by nature; a larger file came here by mistake and would only slow the tests. */
#define INPUT_BYTES_MAX (16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

/* Gives *ret_data, exactly *ret_bytes long. Returns 0 or a negative errno. */
static int read_input(const char *path, uint8_t **ret_data, size_t *ret_bytes)
{
	struct stat status;
	uint8_t *data = NULL;
	int result = -EIO;

	FILE *file = fopen(path, "rb");
	if (file == NULL)
		return -errno;
	if (fstat(fileno(file), &status) != 0) {
		result = -errno;
		goto out;
	}
	if (status.st_size > INPUT_BYTES_MAX) {
		result = -EFBIG;
		goto out;
	}
	size_t bytes = (size_t)status.st_size;
	data = malloc(bytes);
	if (data == NULL && bytes > 0) {
		result = -ENOMEM;
		goto out;
	}
	if (bytes > 0 && fread(data, 1, bytes, file) != bytes)
		goto out;
	*ret_data = data;
	*ret_bytes = bytes;
	data = NULL;
	result = 0;
out:
	free(data);
	(void)fclose(file); /* only read from */
	return result;
}

static void try_input(const uint8_t *data, size_t data_bytes)
{
	(void)alarm(SECONDS_PER_INPUT_MAX);
	(void)LLVMFuzzerTestOneInput(data, data_bytes); /* always 0 */
	(void)alarm(0);
}

static void try_file(const char *path)
{
	uint8_t *data = NULL;
	size_t data_bytes = 0;

	printf("# trying %s\n", path);
	(void)fflush(stdout);
	int result = read_input(path, &data, &data_bytes);
	if (result == 0)
		try_input(data, data_bytes);
	else
		printf("# %s: %s\n", path, strerror(-result));
	OK(result == 0, path);
	free(data);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void try_folder(const char *folder)
{
	struct dirent **entries = NULL;
	int entry_count = scandir(folder, &entries, is_visible, alphasort);
	if (entry_count < 0) {
		if (errno != ENOENT)
			OK(false, folder);
		return;
	}
	for (int i = 0; i < entry_count; i++) {
		char path[PATH_MAX];
		int path_bytes = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
		if (path_bytes < 0 || (size_t)path_bytes >= sizeof path)
			OK(false, "a path longer than PATH_MAX");
		else
			try_file(path);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	if (LLVMFuzzerInitialize != NULL)
		(void)LLVMFuzzerInitialize(&argc, &argv); /* libFuzzer ignores it too */

	uint8_t *nothing = malloc(0);
	try_input(nothing, 0);
	free(nothing);
	OK(true, "no bytes at all");
	for (int i = 1; i < argc; i++)
		try_folder(argv[i]);
	return test_done();
}
