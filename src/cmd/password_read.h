/*
 * password_read.h - a password from whoever runs a command: from a file, from standard input, or
 * from the terminal, twice and without showing it. Never from the command line, which every user of
 * the machine can read.
 */
#ifndef CMD_PASSWORD_READ_H
#define CMD_PASSWORD_READ_H

#include <stddef.h>

#include "cmd/station/password.h"

/*
 * `path` is a file's, "-" for standard input; NULL: asks by the terminal, or reads standard input
 * where that is none. The line's end does not belong to it. What is kept of it goes to *ret_kept;
 * what password_check() refuses is refused. An exit status, after a message.
 */
int password_read(const char *path, const struct password_about *about,
    char ret_kept[static PASSWORD_KEPT_BYTES]);

#endif
