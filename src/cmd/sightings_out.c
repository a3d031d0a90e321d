#include "cmd/sightings_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "link/sightings_writer.h"

enum {
	/* What is gathered before it is given to the system. */
	BUFFER_BYTES = 256 << 10,
};

#define EXPECTED    "expected a file that can be written"
#define NOBODY      "sensor" /* where the machine has no name that is fit for one */
#define NAME_ENDING ".XXXXXX"

struct sightings_out {
	char *path;      /* as given: for messages */
	char *dir;       /* of the file; NULL where nothing is renamed */
	char *temporary; /* path of the file while it is not whole, or NULL */
	int dir_fd;
	FILE *file;
	char *buffer;
	struct sightings_writer *writer;
};

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash == NULL ? path : slash + 1;
}

static int complain_path(const struct sightings_out *out, int error, struct complaint *complaint)
{
	return complain(complaint, -error, "--sightings-out %s: %s; " EXPECTED,
	    out->path[0] != '\0' ? out->path : "\"\"", strerror(error));
}

/* Finds the directory, and makes the file in it under another name. */
static int open_temporary(struct sightings_out *out, struct complaint *complaint)
{
	size_t dir_bytes = (size_t)(last_part(out->path) - out->path);
	if (last_part(out->path)[0] == '\0')
		return complain_path(out, out->path[0] == '\0' ? ENOENT : EISDIR, complaint);
	out->dir = dir_bytes == 0 ? strdup(".") : strndup(out->path, dir_bytes);
	if (out->dir == NULL || asprintf(&out->temporary, "%s" NAME_ENDING, out->path) < 0) {
		out->temporary = NULL; /* its value is undefined then */
		return complain(complaint, -ENOMEM, "out of memory");
	}
	out->dir_fd = open(out->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = out->dir_fd < 0 ? -1 : mkostemp(out->temporary, O_CLOEXEC);
	if (fd < 0) {
		int error = errno;
		free(out->temporary);
		out->temporary = NULL;
		return complain_path(out, error, complaint);
	}
	out->file = fdopen(fd, "wb");
	if (out->file != NULL)
		return 0;
	(void)close(fd); /* nothing was written */
	return complain(complaint, -ENOMEM, "out of memory");
}

static int open_file(struct sightings_out *out, struct complaint *complaint)
{
	struct stat status;
	if (strcmp(out->path, "-") == 0)
		return complain(complaint, -EINVAL,
		    "--sightings-out -: findings go to standard output; " EXPECTED);
	bool exists = stat(out->path, &status) == 0;
	if (exists && S_ISDIR(status.st_mode))
		return complain_path(out, EISDIR, complaint);
	if (!exists || S_ISREG(status.st_mode))
		return open_temporary(out, complaint);
	out->file = fopen(out->path, "wbe");
	return out->file != NULL ? 0 : complain_path(out, errno, complaint);
}

static int open_writer(struct sightings_out *out, const char *sensor)
{
	char machine[SIGHTINGS_SENSOR_BYTES] = "";
	if (sensor == NULL) {
		/* a longer name is cut; without its end it may be none */
		(void)gethostname(machine, sizeof machine - 1);
		sensor = sightings_sensor_is_valid(machine) ? machine : NOBODY;
	}
	out->buffer = malloc(BUFFER_BYTES);
	if (out->buffer == NULL || setvbuf(out->file, out->buffer, _IOFBF, BUFFER_BYTES) != 0)
		return -ENOMEM;
	const struct sightings_writer_options options = {
	    .out = out->file,
	    .name = out->path,
	    .sensor = sensor,
	    .epoch = hash_seed_random(),
	};
	return sightings_writer_new(&options, &out->writer);
}

int sightings_out_open(const char *path, const char *sensor, struct sightings_out **ret_out,
    struct complaint *complaint)
{
	struct sightings_out *out = calloc(1, sizeof *out);
	if (out == NULL)
		return complain(complaint, -ENOMEM, "out of memory");
	out->dir_fd = -1;
	out->path = strdup(path);
	int result = out->path == NULL ? complain(complaint, -ENOMEM, "out of memory")
				       : open_file(out, complaint);
	if (result == 0 && open_writer(out, sensor) != 0)
		result = complain(complaint, -ENOMEM, "out of memory");
	if (result != 0)
		sightings_out_close(out);
	else
		*ret_out = out;
	return result;
}

void sightings_out_close(struct sightings_out *out)
{
	if (out == NULL)
		return;
	sightings_writer_free(out->writer);
	if (out->file != NULL)
		(void)fclose(out->file); /* not finished, so not wanted */
	free(out->buffer);
	if (out->temporary != NULL && out->dir_fd >= 0)
		(void)unlinkat(out->dir_fd, last_part(out->temporary), 0); /* no harm if it stays */
	if (out->dir_fd >= 0)
		(void)close(out->dir_fd); /* a directory: nothing is pending */
	free(out->temporary);
	free(out->dir);
	free(out->path);
	free(out);
}

const struct observer_sink *sightings_out_sink(struct sightings_out *out)
{
	return sightings_writer_sink(out->writer);
}

const char *sightings_out_dir(const struct sightings_out *out)
{
	return out->temporary != NULL ? out->dir : NULL;
}

static int complain_write(const struct sightings_out *out, struct complaint *complaint)
{
	int error = errno;
	return complain(complaint, -error, "--sightings-out %s: writing failed (%s)", out->path,
	    strerror(error));
}

/* Gives the file its name, and makes sure that the disk knows it. */
static int give_name(struct sightings_out *out, struct complaint *complaint)
{
	if (renameat(out->dir_fd, last_part(out->temporary), out->dir_fd, last_part(out->path)) !=
	    0)
		return complain_write(out, complaint);
	free(out->temporary);
	out->temporary = NULL;
	/* not every file system can do this for a directory; the file itself is safe */
	(void)fsync(out->dir_fd);
	return 0;
}

int sightings_out_finish(
    struct sightings_out *out, const struct sightings_reading *reading, struct complaint *complaint)
{
	int result = sightings_writer_finish(out->writer, reading, complaint);
	if (result != 0)
		return result;
	if (out->temporary != NULL && fsync(fileno(out->file)) != 0)
		return complain_write(out, complaint);
	int closed = fclose(out->file);
	out->file = NULL;
	if (closed != 0)
		return complain_write(out, complaint);
	return out->temporary != NULL ? give_name(out, complaint) : 0;
}
