/*
 * service.h - what may be asked of a station's keeper: changes to members, contacts, incidents,
 * exceptions, notices, accounts and settings, a copy of the database, a canary; as requests of
 * JSON. Whoever brings them by the control socket, or by a command while no station runs, may do
 * everything; of whoever comes by the page (station/authority.h) the table says what his role may.
 *
 * Each change is recorded (struct store_audit): who did it, from where, to what, in the same
 * transaction; and so is what was refused to somebody who may not, or could not be done.
 *
 * A request is an object: "do" names what is wanted, all else are its arguments; the table of both
 * is in service.c. The answer is JSON Lines: what was changed, as it is now (record_json.h), and at
 * last {"ok":true}, or {"error":"one line"} alone. An answer of ok says that all of it is
 * committed; after an error nothing is changed, but as keeper_change() tells.
 */
#ifndef CMD_STATION_SERVICE_H
#define CMD_STATION_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cmd/station/config.h"
#include "cmd/station/copying.h"
#include "cmd/station/keeper.h"
#include "cmd/station/page_who.h"
#include "web/rate.h"

enum {
	SERVICE_REQUEST_BYTES_MAX = 64 << 10,
};

/* Who asks. Borrowed, as all. */
struct service_asker {
	const char *name; /* his account, "" of nobody; NULL: whom the request names ("by"), else
			     `user` */
	const char *from; /* his address, or "control" */
	const struct address *peer; /* the same; NULL: he did not come by the page */
	unsigned user;              /* of this machine */
	enum page_role role;
	int64_t member_id;   /* of PAGE_MEMBER */
	int64_t account_id;  /* by the page: of his session, as */
	const char *session; /* the hash of its token; NULL: he has none */
};

struct service {
	struct keeper *keeper;   /* borrowed, as all */
	enum language language;  /* of a member for whom none is named */
	const char *zone;        /* likewise */
	struct copying *copying; /* NULL: copies of the database are not made */
	const char *files;       /* where notices may be written as files; NULL or "": nowhere */
	bool may_reach_anywhere; /* web hooks may be http, and lead to addresses of no network */
	const char *directory;   /* of the station; NULL: settings are not changed */
	const struct station_config *config; /* which is in force; NULL: it is not known */
	/* Settings were changed, and are to be read again, once this was answered. NULL: no station
	 * runs. */
	void (*on_settings)(void *context);
	const struct service_asker *asker; /* NULL: whoever runs this process */
	struct rate *doors; /* who tries passwords and links by the page; NULL: nobody counts */
	/* What was asked but a mere look, and why it was refused (NULL: it was done). NULL: nobody
	 * listens. */
	void (*note)(void *context, const struct service_asker *asker, const char *request,
	    const char *error);
	void *context;
};

/*
 * How often passwords and links may be tried, by one address and by all: half as often again at
 * once as the web duty lets (page_call.c), since what it let through may come together. Its counts
 * begin anew when it does, these do not.
 */
void service_init_doors(struct rate *doors);

/*
 * Does what is asked and writes the answer. Returns 0, or the negative errno of the error that was
 * answered: -EINVAL where the request is wrong, -ENOENT where something is not there, -EEXIST where
 * it is there already, -EPERM where it cannot be done as things stand, -EACCES where the asker may
 * not, -ENOKEY where he is to sign in first, -EKEYREJECTED where that was refused, -EUSERS where it
 * is tried too often, and what the store has. Write errors are left to ferror() on the stream.
 */
int service_answer(const struct service *service, const struct keeper_clock *clock,
    const char *request, size_t length, FILE *out);

#endif
