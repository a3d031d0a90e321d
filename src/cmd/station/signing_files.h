/*
 * signing_files.h - the files of a station's key for signing mail (mail.sign), and the signer made
 * of them: for the parent before it starts the duty, for `hinomi check` and `hinomi key`.
 */
#ifndef CMD_STATION_SIGNING_FILES_H
#define CMD_STATION_SIGNING_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/complaint.h"
#include "cmd/station/config.h"
#include "cmd/station/paths.h"
#include "notify/smime.h"

/* A whole file; to be freed, a secret one after explicit_bzero(). */
struct signing_file {
	const char *name; /* borrowed */
	bool is_secret;   /* nobody else may read it */
	char *bytes;
	size_t length;
};

/*
 * Reads it from the station's directory (paths.h). Returns 0, or a negative errno with a complaint:
 * -EFBIG for what is no such file.
 */
int signing_file_read(
    const struct station_dir *dir, struct signing_file *file, struct complaint *complaint);
void signing_file_release(struct signing_file *file);

/* The key and the certificate of the configuration, tried (notify/smime.h). */
int signing_open(const struct station_dir *dir, const struct station_config_sign *sign,
    struct smime_signer **ret_signer, struct complaint *complaint);

#endif
