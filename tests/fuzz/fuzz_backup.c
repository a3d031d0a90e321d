/* Any bytes as a backup: refused with a line that says why, or all in it is within its bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cmd/station/backup_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	struct backup *backup = NULL;
	struct complaint complaint = {""};
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	require(fd >= 0);
	require(data_bytes == 0 || write(fd, data, data_bytes) == (ssize_t)data_bytes);
	require(lseek(fd, 0, SEEK_SET) == 0);
	if (backup_read("fuzz", fd, -1, &backup, &complaint) != 0) {
		require(backup == NULL && complaint.text[0] != '\0');
	} else {
		require(backup->key_count <= BACKUP_KEYS_MAX);
		require(
		    backup->database_bytes >= 0 && (uint64_t)backup->database_bytes < data_bytes);
		require(strlen(backup->head.made) < sizeof backup->head.made);
		require(backup->file_count >= 1 && backup->file_count <= BACKUP_FILES_MAX);
		require(backup_find(backup, "station.yaml") != NULL);
		for (size_t i = 0; i < backup->file_count; i++)
			require(backup_place_of(backup->files[i].name) != NULL &&
				backup->files[i].text.bytes[backup->files[i].text.count] == '\0');
		for (size_t i = 0; i < backup->key_count; i++)
			require(backup_name_is_valid(backup->keys[i].name) &&
				backup->keys[i].text.bytes[backup->keys[i].text.count] == '\0');
		backup_free(backup);
	}
	(void)close(fd);
	return 0;
}
