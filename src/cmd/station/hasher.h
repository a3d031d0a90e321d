/*
 * hasher.h - a thread that hashes passwords for a loop: each takes some 30 to 80 ms
 * (station/password.h), in which nobody else is to wait.
 *
 * Works are done one after the other, in the order in which they came, and told in the loop. There
 * is room for HASHER_WORKS_MAX of them; more are refused. The thread starts with the first work, so
 * a hasher can be made before the sandbox (which needs may_thread).
 *
 * Copies of passwords are here alone, and overwritten once they are hashed.
 */
#ifndef CMD_STATION_HASHER_H
#define CMD_STATION_HASHER_H

#include "cmd/station/password.h"
#include "proc/loop.h"

enum {
	/*
	 * Under way, or done and not told yet: as many as may sign in at once (page_call.c), and
	 * two. At 80 ms each the last waits for less than three seconds, which people do.
	 */
	HASHER_WORKS_MAX = 32,
};

/* Texts of at most PASSWORD_MAX_BYTES; copied. */
struct hasher_work {
	const char *password;     /* becomes a key, with the salt of */
	const char *kept;         /* what is kept of it, "" for nothing */
	const char *new_password; /* becomes what is kept. NULL: there is none, as of `password` */
};

struct hasher_done {
	int result;                     /* 0, or a negative errno: nothing is there */
	char key[PASSWORD_KEY_BYTES];   /* "" where no password was given, as */
	char kept[PASSWORD_KEPT_BYTES]; /* of the new one */
};

/* Called once, in the loop; `done` NULL: the hasher ends before. */
struct hasher_call {
	void (*run)(void *context, const struct hasher_done *done);
	void *context;
};

struct hasher;

/* Borrows the loop. 0 or a negative errno. */
int hasher_new(struct loop *loop, struct hasher **ret_hasher);
/* Waits for the work under way. Not in a call of it. NULL is allowed. */
void hasher_free(struct hasher *hasher);

/*
 * 0: it will be called. -ENOBUFS: there are HASHER_WORKS_MAX; -EMSGSIZE: a text is longer than may
 * be; or what starting the thread gave.
 */
int hasher_add(
    struct hasher *hasher, const struct hasher_work *work, const struct hasher_call *call);

#endif
