/*
 * same_file.h - a file given twice would count every packet twice, and make two of one.
 */
#ifndef CMD_SAME_FILE_H
#define CMD_SAME_FILE_H

#include <stddef.h>

#include "base/complaint.h"

/*
 * Returns 0 when all inputs differ; -EINVAL with a complaint that names two that are the same, by
 * name or, for regular files, because they are links to one; or -ENOMEM.
 */
int same_file_refuse(char *const *names, size_t count, struct complaint *complaint);

#endif
