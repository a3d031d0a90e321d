#include "notify/certificate.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/when.h"
#include "notify/glyph.h"
#include "notify/smime.h"
#include "notify/smime_internal.h"

const char *openssl_why(void)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());
	ERR_clear_error();
	return why != NULL ? why : "OpenSSL does not say why";
}

int certificate_wrap(X509 *x509, struct certificate **ret_certificate)
{
	struct certificate *certificate = calloc(1, sizeof *certificate);
	if (certificate == NULL) {
		X509_free(x509);
		return -ENOMEM;
	}
	certificate->x509 = x509;
	int length = i2d_X509(x509, &certificate->der);
	if (length <= 0) {
		certificate_free(certificate);
		return -ENOMEM;
	}
	certificate->length = (size_t)length;
	*ret_certificate = certificate;
	return 0;
}

void certificate_free(struct certificate *certificate)
{
	if (certificate == NULL)
		return;
	X509_free(certificate->x509);
	OPENSSL_free(certificate->der);
	free(certificate);
}

/* All of the bytes are the certificate, or text in which there is one. */
static X509 *parse(const void *bytes, size_t length)
{
	static const char mark[] = "-----BEGIN ";
	const unsigned char *at = bytes;
	X509 *x509 = NULL;
	if (memmem(bytes, length, mark, sizeof mark - 1) == NULL) {
		x509 = d2i_X509(NULL, &at, (long)length);
		if (x509 != NULL && at != (const unsigned char *)bytes + length) {
			X509_free(x509);
			x509 = NULL;
		}
		return x509;
	}
	BIO *bio = BIO_new_mem_buf(bytes, (int)length);
	if (bio == NULL)
		return NULL;
	x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	X509 *second = x509 == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (second != NULL) { /* whose would be meant? */
		X509_free(second);
		X509_free(x509);
		x509 = NULL;
	}
	BIO_free(bio);
	return x509;
}

int certificate_read(const char *name, const void *bytes, size_t length,
    struct certificate **ret_certificate, struct complaint *complaint)
{
	static const char expected[] = "expected one certificate (X.509) in PEM or DER";
	if (length == 0 || length > CERTIFICATE_MAX_BYTES)
		return complain(complaint, -EINVAL, "%s: has %zu bytes, %s, of at most %d bytes",
		    name, length, expected, CERTIFICATE_MAX_BYTES);
	X509 *x509 = parse(bytes, length);
	ERR_clear_error();
	if (x509 == NULL || X509_get0_pubkey(x509) == NULL) {
		X509_free(x509);
		ERR_clear_error();
		return complain(complaint, -EINVAL, "%s: %s", name, expected);
	}
	int result = certificate_wrap(x509, ret_certificate);
	return result == 0 ? 0 : complain(complaint, result, "%s: out of memory", name);
}

int certificate_read_base64(const char *name, const char *text,
    struct certificate **ret_certificate, struct complaint *complaint)
{
	const size_t length = strlen(text);
	unsigned char *der = length > CERTIFICATE_BASE64_MAX_BYTES || length % 4 != 0 || length == 0
				 ? NULL
				 : malloc(length / 4 * 3);
	/* it counts what stands in place of the last bytes */
	int used =
	    der == NULL ? -1 : EVP_DecodeBlock(der, (const unsigned char *)text, (int)length);
	for (size_t i = 1; i <= 2 && used > 0 && text[length - i] == '='; i++)
		used--;
	ERR_clear_error();
	int result = used <= 0
			 ? complain(complaint, -EINVAL, "%s: expected base64", name)
			 : certificate_read(name, der, (size_t)used, ret_certificate, complaint);
	free(der);
	return result;
}

char *certificate_write_base64(const struct certificate *certificate)
{
	char *text = malloc((certificate->length + 2) / 3 * 4 + 1);
	if (text != NULL)
		(void)EVP_EncodeBlock((unsigned char *)text, certificate->der,
		    (int)certificate->length); /* it fits by its size */
	return text;
}

const void *certificate_der(const struct certificate *certificate, size_t *ret_length)
{
	*ret_length = certificate->length;
	return certificate->der;
}

/* ---- What is told of it ---- */

/* "CN=..., O=...", shortened at a whole character. */
static void describe_name(const X509_NAME *name, char out[static CERTIFICATE_NAME_BYTES])
{
	char *text = NULL;
	char *copy = NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	out[0] = '\0';
	if (bio != NULL && X509_NAME_print_ex(bio, name, 0,
			       XN_FLAG_ONELINE & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
		/* it is not terminated */
		const long length = BIO_get_mem_data(bio, &text);
		copy = length > 0 ? calloc(1, (size_t)length + 1) : NULL;
		if (copy != NULL)
			memcpy(copy, text, (size_t)length);
	}
	if (copy != NULL)
		glyph_copy_visible(copy, out, CERTIFICATE_NAME_BYTES);
	free(copy);
	BIO_free(bio);
}

/* A date that is none is one long ago. */
static int64_t time_of(const ASN1_TIME *time)
{
	struct tm tm;
	if (time == NULL || ASN1_TIME_to_tm(time, &tm) != 1)
		return 0;
	return (int64_t)timegm(&tm) * WHEN_SECOND_US;
}

static void describe_fingerprint(const X509 *x509, char out[static CERTIFICATE_FINGERPRINT_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	if (X509_digest(x509, EVP_sha256(), digest, &length) != 1)
		length = 0;
	for (unsigned i = 0; i < length && i < (CERTIFICATE_FINGERPRINT_BYTES - 1) / 2; i++) {
		out[2 * i] = digits[digest[i] >> 4];
		out[2 * i + 1] = digits[digest[i] & 15];
	}
	out[length == 0 ? 0 : CERTIFICATE_FINGERPRINT_BYTES - 1] = '\0';
}

void certificate_describe(
    const struct certificate *certificate, struct certificate_facts *ret_facts)
{
	X509 *x509 = certificate->x509;
	*ret_facts = (struct certificate_facts){
	    .from_us = time_of(X509_get0_notBefore(x509)),
	    .until_us = time_of(X509_get0_notAfter(x509)),
	    .is_self_signed = X509_self_signed(x509, 1) == 1,
	};
	describe_name(X509_get_subject_name(x509), ret_facts->subject);
	describe_name(X509_get_issuer_name(x509), ret_facts->issuer);
	mail_key_name(X509_get0_pubkey(x509), ret_facts->algorithm);
	describe_fingerprint(x509, ret_facts->fingerprint);
	ERR_clear_error();
}

bool certificate_is_for(const struct certificate *certificate, const char *address)
{
	int result = X509_check_email(certificate->x509, address, 0, 0);
	ERR_clear_error();
	return result == 1;
}

/* ---- Encryption ---- */

static int check_dates(const struct certificate_facts *facts, const char *name, int64_t wall_us,
    struct complaint *complaint)
{
	char when[WHEN_TEXT_BYTES];
	const bool is_over = wall_us >= facts->until_us;
	if (!is_over && wall_us >= facts->from_us)
		return 0;
	when_format_utc(is_over ? facts->until_us : facts->from_us, when);
	return complain(complaint, -EINVAL, "%s: %s %s, expected a certificate that is good now",
	    name, is_over ? "ended on" : "begins only on", when);
}

/* What its key may be used for, where it says so. */
static bool may_encrypt(X509 *x509)
{
	const uint32_t usage = X509_get_key_usage(x509); /* all bits where it does not say */
	const uint32_t purposes = X509_get_extended_key_usage(x509);
	return (usage & (KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT)) != 0 &&
	       (purposes == UINT32_MAX || (purposes & (XKU_SMIME | XKU_ANYEKU)) != 0);
}

int certificate_check_encryption(const struct certificate *certificate, const char *name,
    int64_t wall_us, struct complaint *complaint)
{
	static const char trial[] = "trial\r\n";
	struct certificate_facts facts;
	struct smime_made made = {.bytes = NULL};
	certificate_describe(certificate, &facts);
	int result = check_dates(&facts, name, wall_us, complaint);
	if (result != 0)
		return result;
	if (!may_encrypt(certificate->x509))
		return complain(complaint, -EINVAL,
		    "%s: its key is not for encrypting mail (by its key usage), expected a "
		    "certificate for S/MIME",
		    name);
	result =
	    smime_encrypt(certificate->der, certificate->length, trial, sizeof trial - 1, &made);
	free(made.bytes);
	return result == 0 ? 0
			   : complain(complaint, -EINVAL,
				 "%s: a key of %s, to which nothing can be encrypted, expected RSA "
				 "or EC",
				 name, facts.algorithm);
}
