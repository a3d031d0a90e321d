/*
 * smime.h - signatures and encryption of mail: S/MIME 4 (RFC 8551), which is CMS (RFC 5652), by
 * OpenSSL.
 *
 * What is signed is a whole MIME entity with CRLF at the end of each line, and its signature is
 * apart from it (detached), so that whoever cannot check it reads the letter all the same.
 */
#ifndef NOTIFY_SMIME_H
#define NOTIFY_SMIME_H

#include <stddef.h>

#include "base/complaint.h"
#include "notify/certificate.h"

enum {
	SMIME_KEY_MAX_BYTES = 64 << 10,    /* a key of ML-DSA or SLH-DSA as PEM has some 8 KiB */
	SMIME_CHAIN_MAX = 8,               /* certificates of a file: ours, and those above it */
	SMIME_CHAIN_MAX_BYTES = 128 << 10, /* of that file */
	SMIME_MICALG_BYTES = 16,
};

/* DER, of malloc(). */
struct smime_made {
	unsigned char *bytes;
	size_t length;
};

/* A key and its certificate: who signs. */
struct smime_signer;

/* Files in PEM: a key without a password; a certificate, and after it those that it stands on. */
struct smime_files {
	const char *key_name; /* for complaints */
	const void *key;
	size_t key_length;
	const char *chain_name;
	const void *chain;
	size_t chain_length;
	/* What the key has to be by name (notify/mail_key.h); "": whatever it is. */
	const char *algorithm;
};

/*
 * Takes both, and signs something to see that it can: the key is the certificate's, is meant for
 * signing mail, and OpenSSL can use it in CMS. Dates are not looked at. Returns 0, -EINVAL with a
 * complaint that names what is possible, or -ENOMEM.
 */
int smime_signer_new(
    const struct smime_files *files, struct smime_signer **ret_signer, struct complaint *complaint);
void smime_signer_free(struct smime_signer *signer); /* NULL is allowed */
const struct certificate *smime_signer_certificate(const struct smime_signer *signer);
/* For Content-Type (RFC 8551 section 3.5.3.2): "sha-256". */
const char *smime_signer_micalg(const struct smime_signer *signer);

/*
 * The signature of these bytes, DER, to be freed with free(). Returns 0, or -EIO: OpenSSL could
 * not.
 */
int smime_sign(const struct smime_signer *signer, const void *bytes, size_t length,
    struct smime_made *ret_made);

/*
 * These bytes, encrypted to a certificate (DER), likewise. AES-256-CBC: of all that is safe with a
 * signature inside it is what every mail program reads; AES-GCM (RFC 5083) many do not yet.
 */
int smime_encrypt(const void *certificate, size_t certificate_length, const void *bytes,
    size_t length, struct smime_made *ret_made);

#endif
