/*
 * certificate.h - certificates (X.509) for mail: our own, and those that contacts gave us.
 *
 * What is read may come from anybody. OpenSSL parses it; what of it is shown is made visible and
 * cut here.
 */
#ifndef NOTIFY_CERTIFICATE_H
#define NOTIFY_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaint.h"

enum {
	/* Real ones have 1 to 4 KiB; one with a key of ML-DSA has some 8. */
	CERTIFICATE_MAX_BYTES = 32 << 10,
	CERTIFICATE_BASE64_MAX_BYTES = (CERTIFICATE_MAX_BYTES + 2) / 3 * 4,
	CERTIFICATE_NAME_BYTES = 256,      /* of whom it is, shortened */
	CERTIFICATE_ALGORITHM_BYTES = 32,  /* "ecdsa-p256" */
	CERTIFICATE_FINGERPRINT_BYTES = 65 /* SHA-256 in hex */
};

struct certificate;

/*
 * Reads exactly one, in PEM or DER. `name` stands in complaints for where it is from. Returns 0,
 * -EINVAL with a complaint, or -ENOMEM.
 */
int certificate_read(const char *name, const void *bytes, size_t length,
    struct certificate **ret_certificate, struct complaint *complaint);
/* The same of DER in base64 on one line: as one process tells another. */
int certificate_read_base64(const char *name, const char *text,
    struct certificate **ret_certificate, struct complaint *complaint);
/* That text, to be freed; NULL without memory. */
char *certificate_write_base64(const struct certificate *certificate);
void certificate_free(struct certificate *certificate); /* NULL is allowed */

/* As DER; the certificate's own. */
const void *certificate_der(const struct certificate *certificate, size_t *ret_length);

struct certificate_facts {
	char subject[CERTIFICATE_NAME_BYTES];
	char issuer[CERTIFICATE_NAME_BYTES];
	char algorithm[CERTIFICATE_ALGORITHM_BYTES]; /* of its key (notify/mail_key.h) */
	char fingerprint[CERTIFICATE_FINGERPRINT_BYTES];
	int64_t from_us;
	int64_t until_us;
	bool is_self_signed;
};
void certificate_describe(
    const struct certificate *certificate, struct certificate_facts *ret_facts);

/* Whether it is for this address of mail (RFC 8550 section 3): as mail programs compare it. */
bool certificate_is_for(const struct certificate *certificate, const char *address);

/*
 * Whether mail may be encrypted to it at this time: its dates, what its key is for, and whether
 * OpenSSL can do it. Returns 0, or -EINVAL with a complaint that begins with `name`.
 */
int certificate_check_encryption(const struct certificate *certificate, const char *name,
    int64_t wall_us, struct complaint *complaint);

#endif
