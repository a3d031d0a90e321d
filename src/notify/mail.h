/*
 * mail.h - a letter as a message for SMTP: RFC 5322, MIME (RFC 2045 to 2047, 2231).
 *
 * All of it is ASCII, lines end with CRLF and have at most 76 columns, so that nothing between
 * here and the reader has a reason to change a byte. The text comes first, in UTF-8; programs find
 * the finding in an attachment. Whatever a subject, a name or a text holds, it can begin no header
 * and no part: what could is encoded or made visible. Addresses and Message-IDs are refused where
 * they are not plainly what they should be, since libcurl hands them on to the server as they are.
 */
#ifndef NOTIFY_MAIL_H
#define NOTIFY_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"

enum {
	MAIL_ADDRESS_BYTES_MAX = 254, /* RFC 5321 section 4.5.3.1.3, less the angle brackets */
	MAIL_LOCAL_BYTES_MAX = 64,    /* RFC 5321 section 4.5.3.1.1 */
	MAIL_LABEL_BYTES_MAX = 63,    /* RFC 1035 section 2.3.4 */
	MAIL_DOMAIN_BYTES_MAX = 253,
	MAIL_ID_BYTES_MAX = 200, /* fits a header line with air */
};

/*
 * Whether mail may be sent to and from an address: the plain form of RFC 5321, name@domain, in
 * ASCII. No quoted names, no addresses in brackets; a domain with other letters must be given in
 * its ASCII form (xn--...), which registries tell. Returns 0, or -EINVAL with a complaint.
 */
int mail_check_address(const char *address, struct complaint *complaint);
/* A host's name as it may stand in a domain, such as mail.example.jp. The same. */
int mail_check_domain(const char *domain, struct complaint *complaint);
/* "left@right", without the angle brackets. The same. */
int mail_check_id(const char *id, struct complaint *complaint);

/* A header outside of what was encrypted, where that is signed: the station itself cannot see it.
 */
#define MAIL_INSIDE_SIGNED "X-Hinomi-Inside: signed"

enum {
	MAIL_MICALG_BYTES = 16,
};

/* A signature as CMS makes it, DER, of malloc(). */
struct mail_signature {
	unsigned char *bytes;
	size_t length;
	char micalg[MAIL_MICALG_BYTES]; /* its digest, "sha-256" (RFC 8551 section 3.5.3.2) */
};

/* How a message is closed (notify/smime.h). */
struct mail_seal {
	/*
	 * Signs a MIME entity. Returns 0; else the message goes out unsigned, which whoever could
	 * not sign may tell. NULL: nobody signs.
	 */
	int (*sign)(
	    void *context, const char *bytes, size_t length, struct mail_signature *ret_signature);
	void *context;
	const void
	    *certificate; /* DER: the reader's, to which it is encrypted; NULL: in the clear */
	size_t certificate_length;
};

/* What became of that. */
struct mail_sealed {
	bool is_signed;
	bool is_encrypted; /* false with a certificate: it could not be */
};

/* Borrowed for the call. */
struct mail {
	const char *from_name; /* NULL: only the address */
	const char *from_address;
	const char *reply_to; /* an address; NULL: answers go to the sender */
	const char *to_address;
	const char *subject;
	const char *body; /* lines end with \n */
	int64_t date_us;
	const char *id;        /* the same each time that this letter is sent */
	const char *thread_id; /* of the first letter about the same; NULL for a first */
	int64_t incident;      /* 0: none */
	uint64_t canary;       /* its number; 0: none */
	bool is_drill;
	bool is_bulk;                   /* nobody waits for it: digests and canaries */
	const char *attachment;         /* text in UTF-8; NULL: none */
	const char *attachment_name;    /* "finding.json"; not empty */
	const char *attachment_type;    /* "application/json" */
	const struct mail_seal *seal;   /* NULL: neither signed nor encrypted */
	struct mail_sealed *ret_sealed; /* NULL: nobody asks */
};

/*
 * Gives the whole message, to be freed by the caller. Returns 0, -EINVAL with a complaint for an
 * address or an id, or -ENOMEM.
 *
 * Sealed, all but the outer headers is signed as it stands (multipart/signed, which every reader
 * can read), and then that is encrypted. Either may fail: then the message goes without it.
 */
int mail_write(
    const struct mail *mail, char **ret_bytes, size_t *ret_length, struct complaint *complaint);

#endif
