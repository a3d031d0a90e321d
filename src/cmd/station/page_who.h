/*
 * page_who.h - who asks by the page or its API: an account that is signed in, or nobody.
 *
 * Whoever signed in has a token (station/token.h), which comes with each request as a cookie or as
 * `Authorization: Bearer`. It stands for a session in the database, which the keeper alone makes,
 * prolongs and ends (station/authority.h); the web duty looks it up there.
 */
#ifndef CMD_STATION_PAGE_WHO_H
#define CMD_STATION_PAGE_WHO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/complaint.h"
#include "base/when.h"
#include "cmd/station/config.h"
#include "cmd/station/token.h"
#include "store/store.h"

/* Bits, so that a route names all that it is for. */
enum page_role {
	PAGE_NOBODY = 1 << 0,   /* not signed in */
	PAGE_OPERATOR = 1 << 1, /* everything */
	PAGE_MEMBER = 1 << 2,   /* its own member, of which it answers incidents */
	PAGE_VIEWER = 1 << 3,   /* a screen on a wall: looks, and sees nobody's address */
};

#define PAGE_SIGNED_IN (PAGE_OPERATOR | PAGE_MEMBER | PAGE_VIEWER)

/* A session ends after so long without use, */
#define PAGE_IDLE_US (12 * WHEN_HOUR_US)
/* and after so long in any case. */
#define PAGE_SESSION_US (7 * WHEN_DAY_US)
/* Of a screen on a wall, where nobody can sign in anew. */
#define PAGE_VIEWER_US (90 * WHEN_DAY_US)
/* A link that leads in once. */
#define PAGE_LINK_US WHEN_DAY_US

enum {
	PAGE_NAME_BYTES = 64, /* of an account: it stands in histories (SERVICE_BY_BYTES) */
};

struct page_who {
	enum page_role role;
	int64_t account_id; /* 0 for nobody, as what follows */
	int64_t member_id;  /* of PAGE_MEMBER: the one that it sees */
	char name[PAGE_NAME_BYTES];
	char member[STATION_NAME_BYTES];
	char language[4];
	char session[TOKEN_HASH_BYTES]; /* SHA-256 of its token, in hexadecimal */
	int64_t created_us;             /* the session */
	int64_t until_us;
};

extern const struct page_who page_nobody;

/*
 * Whose session has this hash: *ret_who is nobody where there is none that is still good. Returns
 * 0, or what the store gave, with a complaint.
 */
int page_who_find_hash(struct store *store, const char *hash, int64_t now_us,
    struct page_who *ret_who, struct complaint *complaint);
/* The same by its token, which may be anything. */
int page_who_find(struct store *store, const char *token, int64_t now_us, struct page_who *ret_who,
    struct complaint *complaint);

enum page_role page_role_of(enum account_role role);

/* Until when a session of this role is good that is used now. */
int64_t page_session_until(enum page_role role, int64_t created_us, int64_t now_us);

enum {
	PAGE_LINK_BYTES = URL_BYTES + 64,
};

/* Where the page is that a token leads into once: behind #, which no server and no log sees. */
void page_link_format(
    const struct station_config *config, const char *token, char out[static PAGE_LINK_BYTES]);

#endif
