/* smime_internal.h - what the files about S/MIME share: OpenSSL's types. Not for others. */
#ifndef NOTIFY_SMIME_INTERNAL_H
#define NOTIFY_SMIME_INTERNAL_H

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "notify/certificate.h"

struct certificate {
	X509 *x509;
	unsigned char *der;
	size_t length;
};

/* Takes the X509, also when it fails. 0 or -ENOMEM. */
int certificate_wrap(X509 *x509, struct certificate **ret_certificate);

/* The last of what OpenSSL has to say, and nothing is left of it. Static text. */
const char *openssl_why(void);

/* "ecdsa-p256" for a key; OpenSSL's name where it is none of ours. */
void mail_key_name(const EVP_PKEY *key, char out[static CERTIFICATE_ALGORITHM_BYTES]);

/* A key as PEM; NULL where it is none that opens without a password. */
EVP_PKEY *mail_key_open(const void *bytes, size_t length);

/*
 * The digest with which CMS signs by this key; false where it cannot. Found by trying: a message
 * is signed with it, and verified.
 */
bool smime_find_digest(EVP_PKEY *key, X509 *x509, const EVP_MD **ret_digest);

#endif
