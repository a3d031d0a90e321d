/*
 * mail_key.h - keys for signing mail, by the names of their algorithms.
 *
 * Which there are is what the installed OpenSSL can make a key of and sign with in CMS: ours have
 * names below, all others OpenSSL's own. It is found by trying.
 */
#ifndef NOTIFY_MAIL_KEY_H
#define NOTIFY_MAIL_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"

#define MAIL_KEY_DEFAULT "ecdsa-p256"

enum {
	MAIL_KEY_LIST_BYTES = 400, /* names of all, in a complaint */
	MAIL_KEY_DAYS_MAX = 3650,
};

/* "ecdsa-p256, rsa-3072, ...": those that are possible here; those that do not fit are left out. */
void mail_key_list(char out[static MAIL_KEY_LIST_BYTES]);

/*
 * Makes OpenSSL load all that signing and encrypting need, which it could not within a sandbox. 0,
 * or -ENOSYS.
 */
int mail_key_prepare(void);

/* Whether keys of it can be made here. 0, or -EINVAL with a complaint that lists those. */
int mail_key_check(const char *algorithm, struct complaint *complaint);

/* A text of malloc(), terminated. */
struct mail_key_text {
	char *pem;
	size_t length;
};

/*
 * A new key, as PEM (PKCS #8, no password), to be freed with free() after explicit_bzero(). Returns
 * 0, or -EINVAL with a complaint that lists the possible names, or -ENOMEM.
 */
int mail_key_make(
    const char *algorithm, struct mail_key_text *ret_text, struct complaint *complaint);

/* Whose mail it is to sign. */
struct mail_key_owner {
	const char *name;    /* "Kita town": the certificate's common name; NULL: the address */
	const char *address; /* of the sender */
	int64_t from_us;     /* of the certificate */
	unsigned days;
};

/*
 * A certificate that the key signed itself, or a request for one by an authority (PKCS #10). As
 * PEM, to be freed. Returns 0, or -EINVAL with a complaint, or -ENOMEM.
 */
int mail_key_certify(const void *key, size_t key_length, const struct mail_key_owner *owner,
    struct mail_key_text *ret_text, struct complaint *complaint);
int mail_key_request(const void *key, size_t key_length, const struct mail_key_owner *owner,
    struct mail_key_text *ret_text, struct complaint *complaint);

#endif
