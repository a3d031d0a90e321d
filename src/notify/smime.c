#include "notify/smime.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "notify/mail_key.h"
#include "notify/smime_internal.h"

struct smime_signer {
	EVP_PKEY *key;
	struct certificate *certificate;
	STACK_OF(X509) * chain; /* above it */
	const EVP_MD *digest;
};

/* ---- CMS ---- */

/* A structure as DER in memory of malloc(). */
static int give(CMS_ContentInfo *cms, struct smime_made *ret_made)
{
	unsigned char *der = NULL;
	int length = cms == NULL ? 0 : i2d_CMS_ContentInfo(cms, &der);
	unsigned char *made = length <= 0 ? NULL : malloc((size_t)length);
	ERR_clear_error(); /* whoever asks hears only that it failed */
	if (made == NULL) {
		OPENSSL_free(der);
		return -EIO;
	}
	memcpy(made, der, (size_t)length);
	OPENSSL_free(der);
	*ret_made = (struct smime_made){made, (size_t)length};
	return 0;
}

/* Whoever signs, by this digest; NULL: the one that goes with the key. */
struct hand {
	EVP_PKEY *key;
	X509 *x509;
	STACK_OF(X509) * chain;
	const EVP_MD *digest;
};

static CMS_ContentInfo *sign(const struct hand *hand, const void *bytes, size_t length)
{
	const unsigned flags = CMS_DETACHED | CMS_BINARY | CMS_PARTIAL;
	BIO *bio = BIO_new_mem_buf(bytes, (int)length);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, hand->chain, NULL, flags);
	bool is_made = bio != NULL && cms != NULL &&
		       CMS_add1_signer(cms, hand->x509, hand->key, hand->digest, flags) != NULL &&
		       CMS_final(cms, bio, NULL, flags) == 1;
	BIO_free(bio);
	if (!is_made) {
		CMS_ContentInfo_free(cms);
		return NULL;
	}
	return cms;
}

static bool is_good(CMS_ContentInfo *cms, const void *bytes, size_t length)
{
	BIO *bio = BIO_new_mem_buf(bytes, (int)length);
	const int result = bio == NULL ? 0
				       : CMS_verify(cms, NULL, NULL, bio, NULL,
					     CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY);
	BIO_free(bio);
	return result == 1;
}

static bool try_digest(EVP_PKEY *key, X509 *x509, const EVP_MD *digest)
{
	static const char trial[] = "Content-Type: text/plain\r\n\r\ntrial\r\n";
	const struct hand hand = {.key = key, .x509 = x509, .digest = digest};
	CMS_ContentInfo *cms = sign(&hand, trial, sizeof trial - 1);
	const bool result = cms != NULL && is_good(cms, trial, sizeof trial - 1);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return result;
}

/* As strong as the key: P-384 goes with SHA-384 (RFC 5753 section 8), what is new with SHA-512. */
bool smime_find_digest(EVP_PKEY *key, X509 *x509, const EVP_MD **ret_digest)
{
	const bool is_curve = EVP_PKEY_is_a(key, "EC") == 1;
	const int bits = EVP_PKEY_get_bits(key);
	const EVP_MD *first = EVP_sha256();
	if (is_curve && bits > 256)
		first = bits > 384 ? EVP_sha512() : EVP_sha384();
	else if (!is_curve && EVP_PKEY_is_a(key, "RSA") != 1)
		first = EVP_sha512();
	const EVP_MD *const candidates[] = {first, EVP_sha512(), EVP_sha256()};
	for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++)
		if (try_digest(key, x509, candidates[i])) {
			*ret_digest = candidates[i];
			return true;
		}
	return false;
}

/* ---- Files ---- */

static int read_chain(
    struct smime_signer *signer, const struct smime_files *files, struct complaint *complaint)
{
	X509 *first = NULL;
	X509 *next = NULL;
	BIO *bio = files->chain_length > SMIME_CHAIN_MAX_BYTES
		       ? NULL
		       : BIO_new_mem_buf(files->chain, (int)files->chain_length);
	signer->chain = sk_X509_new_null();
	if (bio != NULL && signer->chain != NULL)
		first = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	while (first != NULL && sk_X509_num(signer->chain) < SMIME_CHAIN_MAX &&
	       (next = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		if (sk_X509_push(signer->chain, next) <= 0) {
			X509_free(next);
			break;
		}
	BIO_free(bio);
	ERR_clear_error();
	if (first != NULL && sk_X509_num(signer->chain) < SMIME_CHAIN_MAX)
		return certificate_wrap(first, &signer->certificate);
	X509_free(first);
	return complain(complaint, -EINVAL,
	    "%s: expected a certificate in PEM, and after it at most %d that it stands on",
	    files->chain_name, SMIME_CHAIN_MAX - 1);
}

static int check_purpose(
    const struct smime_signer *signer, const struct smime_files *files, struct complaint *complaint)
{
	X509 *x509 = signer->certificate->x509;
	if (X509_check_private_key(x509, signer->key) != 1) {
		ERR_clear_error();
		return complain(complaint, -EINVAL,
		    "%s: is the certificate of another key than %s, expected that of this one",
		    files->chain_name, files->key_name);
	}
	if (X509_check_purpose(x509, X509_PURPOSE_SMIME_SIGN, 0) == 1)
		return 0;
	ERR_clear_error();
	return complain(complaint, -EINVAL,
	    "%s: is not for signing mail (by its key usage), expected a certificate for S/MIME",
	    files->chain_name);
}

static int check_algorithm(
    struct smime_signer *signer, const struct smime_files *files, struct complaint *complaint)
{
	char name[CERTIFICATE_ALGORITHM_BYTES];
	char possible[MAIL_KEY_LIST_BYTES];
	mail_key_name(signer->key, name);
	if (files->algorithm[0] != '\0' && strcasecmp(files->algorithm, name) != 0)
		return complain(complaint, -EINVAL, "%s: is a key of %s, expected one of %s",
		    files->key_name, name, files->algorithm);
	if (EVP_PKEY_is_a(signer->key, "RSA") == 1 && EVP_PKEY_get_bits(signer->key) < 2048)
		return complain(complaint, -EINVAL,
		    "%s: is a key of %s, expected RSA of at least 2048 bits", files->key_name,
		    name);
	if (smime_find_digest(signer->key, signer->certificate->x509, &signer->digest))
		return 0;
	mail_key_list(possible);
	return complain(complaint, -EINVAL,
	    "%s: is a key of %s, with which OpenSSL cannot sign mail, expected one of %s",
	    files->key_name, name, possible);
}

int smime_signer_new(
    const struct smime_files *files, struct smime_signer **ret_signer, struct complaint *complaint)
{
	struct smime_signer *signer = calloc(1, sizeof *signer);
	int result = 0;
	if (signer == NULL)
		return complain(complaint, -ENOMEM, "out of memory for a key");
	signer->key = mail_key_open(files->key, files->key_length);
	if (signer->key == NULL)
		result = complain(complaint, -EINVAL,
		    "%s: expected a private key in PEM, without a password", files->key_name);
	if (result == 0)
		result = read_chain(signer, files, complaint);
	if (result == 0)
		result = check_purpose(signer, files, complaint);
	if (result == 0)
		result = check_algorithm(signer, files, complaint);
	if (result != 0)
		smime_signer_free(signer);
	else
		*ret_signer = signer;
	return result;
}

void smime_signer_free(struct smime_signer *signer)
{
	if (signer == NULL)
		return;
	EVP_PKEY_free(signer->key);
	certificate_free(signer->certificate);
	sk_X509_pop_free(signer->chain, X509_free);
	free(signer);
}

const struct certificate *smime_signer_certificate(const struct smime_signer *signer)
{
	return signer->certificate;
}

const char *smime_signer_micalg(const struct smime_signer *signer)
{
	if (signer->digest == EVP_sha384())
		return "sha-384";
	return signer->digest == EVP_sha512() ? "sha-512" : "sha-256";
}

/* ---- Messages ---- */

int smime_sign(const struct smime_signer *signer, const void *bytes, size_t length,
    struct smime_made *ret_made)
{
	const struct hand hand = {.key = signer->key,
	    .x509 = signer->certificate->x509,
	    .chain = signer->chain,
	    .digest = signer->digest};
	CMS_ContentInfo *cms = sign(&hand, bytes, length);
	int result = give(cms, ret_made);
	CMS_ContentInfo_free(cms);
	return result;
}

int smime_encrypt(const void *certificate, size_t certificate_length, const void *bytes,
    size_t length, struct smime_made *ret_made)
{
	const unsigned char *at = certificate;
	X509 *x509 = d2i_X509(NULL, &at, (long)certificate_length);
	STACK_OF(X509) *to = sk_X509_new_null();
	BIO *bio = BIO_new_mem_buf(bytes, (int)length);
	CMS_ContentInfo *cms = NULL;
	if (x509 != NULL && to != NULL && bio != NULL && sk_X509_push(to, x509) > 0)
		cms = CMS_encrypt(to, bio, EVP_aes_256_cbc(), CMS_BINARY);
	int result = give(cms, ret_made);
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
	sk_X509_free(to);
	X509_free(x509);
	return result;
}
