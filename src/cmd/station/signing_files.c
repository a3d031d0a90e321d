#include "cmd/station/signing_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Until its end or until there is no room. Returns the count, or a negative errno. */
static ssize_t read_all(int fd, char *bytes, size_t room)
{
	size_t used = 0;
	while (used < room) {
		ssize_t got = read(fd, bytes + used, room - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		used += (size_t)got;
	}
	return (ssize_t)used;
}

int signing_file_read(
    const struct station_dir *dir, struct signing_file *file, struct complaint *complaint)
{
	const size_t room = file->is_secret ? SMIME_KEY_MAX_BYTES : SMIME_CHAIN_MAX_BYTES;
	int fd = -1;
	int result = file->is_secret ? station_dir_open_secret(dir, file->name, &fd, complaint)
				     : station_dir_open_file(dir, file->name, &fd, complaint);
	if (result != 0)
		return result;
	file->bytes = malloc(room);
	ssize_t got = file->bytes == NULL ? -ENOMEM : read_all(fd, file->bytes, room);
	(void)close(fd); /* only read */
	if (got > 0 && (size_t)got < room) {
		file->length = (size_t)got;
		return 0;
	}
	file->length = room; /* whatever there is of it */
	signing_file_release(file);
	return got < 0 ? complain(complaint, (int)got, "%s: %s", file->name, strerror((int)-got))
		       : complain(complaint, -EFBIG, "%s: expected a file of 1 to %zu bytes",
			     file->name, room - 1);
}

void signing_file_release(struct signing_file *file)
{
	if (file->bytes != NULL && file->is_secret)
		explicit_bzero(file->bytes, file->length);
	free(file->bytes);
	file->bytes = NULL;
	file->length = 0;
}

int signing_open(const struct station_dir *dir, const struct station_config_sign *sign,
    struct smime_signer **ret_signer, struct complaint *complaint)
{
	struct signing_file key = {.name = sign->key, .is_secret = true};
	struct signing_file chain = {.name = sign->certificate};
	int result = signing_file_read(dir, &key, complaint);
	if (result == 0)
		result = signing_file_read(dir, &chain, complaint);
	const struct smime_files files = {
	    .key_name = key.name,
	    .key = key.bytes,
	    .key_length = key.length,
	    .chain_name = chain.name,
	    .chain = chain.bytes,
	    .chain_length = chain.length,
	    .algorithm = sign->algorithm,
	};
	if (result == 0)
		result = smime_signer_new(&files, ret_signer, complaint);
	signing_file_release(&key);
	signing_file_release(&chain);
	return result;
}
