/* What writing and reading of a backup share. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/backup_internal.h"

bool backup_name_is_valid(const char *name)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789._-";
	const size_t bytes = strlen(name);
	return bytes > 0 && bytes < TAR_NAME_BYTES - strlen(BACKUP_KEYS) &&
	       strspn(name, good) == bytes && strchr("._-", name[0]) == NULL;
}

int backup_sums_init(struct backup_sums *sums)
{
	*sums = (struct backup_sums){.state = XXH3_createState()};
	return sums->state == NULL ? -ENOMEM : 0;
}

void backup_sums_release(struct backup_sums *sums)
{
	(void)XXH3_freeState(sums->state); /* NULL is allowed */
	sums->state = NULL;
}

void backup_sums_begin(struct backup_sums *sums)
{
	(void)XXH3_128bits_reset(sums->state); /* its state is there */
}

void backup_sums_add(struct backup_sums *sums, const void *bytes, size_t count)
{
	(void)XXH3_128bits_update(sums->state, bytes, count); /* likewise */
}

void backup_sums_end(struct backup_sums *sums, const char *name)
{
	const XXH128_hash_t sum = XXH3_128bits_digest(sums->state);
	const size_t room = sizeof sums->text - sums->used;
	int bytes = snprintf(sums->text + sums->used, room, "%016" PRIx64 "%016" PRIx64 "  %s\n",
	    (uint64_t)sum.high64, (uint64_t)sum.low64, name);
	assert(bytes > 0 && (size_t)bytes < room); /* there are no more files than fit */
	sums->used += (size_t)bytes;
}

void backup_free(struct backup *backup)
{
	if (backup == NULL)
		return;
	for (size_t i = 0; i < backup->key_count; i++) {
		struct backup_text *text = &backup->keys[i].text;
		explicit_bzero(text->bytes, text->count);
		free(text->bytes);
	}
	for (size_t i = 0; i < backup->file_count; i++)
		free(backup->files[i].text.bytes);
	free(backup);
}

const struct backup_text *backup_find(const struct backup *backup, const char *name)
{
	for (size_t i = 0; i < backup->file_count; i++)
		if (strcmp(backup->files[i].name, name) == 0)
			return &backup->files[i].text;
	return NULL;
}
