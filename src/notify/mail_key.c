#include "notify/mail_key.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/when.h"
#include "notify/smime.h"
#include "notify/smime_internal.h"

enum {
	SERIAL_BITS = 127, /* at most 20 bytes, positive (RFC 5280 section 4.1.2.2) */
};

/* ---- Algorithms ---- */

static const struct algorithm {
	const char *name;
	const char *type;  /* OpenSSL's */
	const char *curve; /* of EC */
	unsigned bits;     /* of RSA */
} algorithms[] = {
    {MAIL_KEY_DEFAULT, "EC", "P-256", 0},
    {"ecdsa-p384", "EC", "P-384", 0},
    {"ecdsa-p521", "EC", "P-521", 0},
    {"rsa-3072", "RSA", NULL, 3072},
    {"rsa-4096", "RSA", NULL, 4096},
};

enum {
	ALGORITHMS = sizeof algorithms / sizeof algorithms[0],
};

static void lower(const char *name, char out[static CERTIFICATE_ALGORITHM_BYTES])
{
	size_t used = 0;
	for (; name[used] != '\0' && used + 1 < CERTIFICATE_ALGORITHM_BYTES; used++)
		out[used] = (char)tolower((unsigned char)name[used]);
	out[used] = '\0';
}

void mail_key_name(const EVP_PKEY *key, char out[static CERTIFICATE_ALGORITHM_BYTES])
{
	char curve[CERTIFICATE_ALGORITHM_BYTES] = "";
	size_t length;
	const char *type = key == NULL ? NULL : EVP_PKEY_get0_type_name(key);
	lower(type != NULL ? type : "unknown", out);
	if (type != NULL && strcmp(type, "RSA") == 0)
		(void)snprintf(
		    out, CERTIFICATE_ALGORITHM_BYTES, "rsa-%d", EVP_PKEY_get_bits(key)); /* fits */
	if (type == NULL || strcmp(type, "EC") != 0 ||
	    EVP_PKEY_get_group_name(key, curve, sizeof curve, &length) != 1)
		return;
	const int nid = OBJ_txt2nid(curve);
	for (size_t i = 0; i < ALGORITHMS; i++)
		if (algorithms[i].curve != NULL && nid == EC_curve_nist2nid(algorithms[i].curve)) {
			lower(algorithms[i].name, out);
			return;
		}
	lower(curve, out);
}

static const struct algorithm *find_algorithm(const char *name)
{
	for (size_t i = 0; i < ALGORITHMS; i++)
		if (strcasecmp(algorithms[i].name, name) == 0)
			return &algorithms[i];
	return NULL;
}

/* DSA would look for its numbers for minutes, and mail programs forgot it. */
static bool is_unwanted(const char *type)
{
	static const char *const unwanted[] = {"DSA", "DH", "DHX", "EC", "RSA"};
	for (size_t i = 0; i < sizeof unwanted / sizeof unwanted[0]; i++)
		if (strcasecmp(type, unwanted[i]) == 0)
			return true;
	return false;
}

static EVP_PKEY *make_other(const char *type)
{
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *context =
	    is_unwanted(type) ? NULL : EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	if (context != NULL && EVP_PKEY_keygen_init(context) > 0)
		(void)EVP_PKEY_generate(context, &key); /* NULL tells */
	EVP_PKEY_CTX_free(context);
	return key;
}

static EVP_PKEY *make_key(const char *name)
{
	const struct algorithm *algorithm = find_algorithm(name);
	EVP_PKEY *key = NULL;
	if (algorithm == NULL)
		key = make_other(name);
	else if (algorithm->curve != NULL)
		key = EVP_PKEY_Q_keygen(NULL, NULL, algorithm->type, algorithm->curve);
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL, algorithm->type, (size_t)algorithm->bits);
	ERR_clear_error();
	return key;
}

static X509 *certify(EVP_PKEY *key, const struct mail_key_owner *owner);

static bool can_sign(EVP_PKEY *key)
{
	static const struct mail_key_owner nobody = {.address = "trial@example.jp", .days = 1};
	const EVP_MD *digest;
	X509 *x509 = key == NULL ? NULL : certify(key, &nobody);
	const bool result = x509 != NULL && smime_find_digest(key, x509, &digest);
	X509_free(x509);
	ERR_clear_error();
	return result;
}

struct listing {
	char *out;
	size_t used;
};

static void add_name(struct listing *listing, const char *name)
{
	char text[CERTIFICATE_ALGORITHM_BYTES];
	lower(name, text);
	const size_t length = strlen(text);
	if (listing->used + length + sizeof ", " > MAIL_KEY_LIST_BYTES)
		return;
	if (listing->used > 0) {
		memcpy(listing->out + listing->used, ", ", 2);
		listing->used += 2;
	}
	memcpy(listing->out + listing->used, text, length + 1);
	listing->used += length;
}

static void try_type(EVP_KEYMGMT *type, void *context)
{
	const char *name = EVP_KEYMGMT_get0_name(type);
	EVP_PKEY *key = name == NULL ? NULL : make_key(name);
	if (key != NULL && can_sign(key))
		add_name(context, name);
	EVP_PKEY_free(key);
}

void mail_key_list(char out[static MAIL_KEY_LIST_BYTES])
{
	struct listing listing = {.out = out, .used = 0};
	out[0] = '\0';
	/* of these the size of the key makes no difference but in how long it takes to make one */
	for (size_t i = 0; i < ALGORITHMS; i++)
		add_name(&listing, algorithms[i].name);
	EVP_KEYMGMT_do_all_provided(NULL, try_type, &listing);
	ERR_clear_error();
}

static int refuse(const char *algorithm, struct complaint *complaint)
{
	char possible[MAIL_KEY_LIST_BYTES];
	mail_key_list(possible);
	return complain(
	    complaint, -EINVAL, "found \"%.40s\", expected one of %s", algorithm, possible);
}

int mail_key_check(const char *algorithm, struct complaint *complaint)
{
	if (find_algorithm(algorithm) != NULL)
		return 0;
	EVP_PKEY *key = make_key(algorithm);
	const bool is_possible = can_sign(key);
	EVP_PKEY_free(key);
	return is_possible ? 0 : refuse(algorithm, complaint);
}

/* ---- Keys ---- */

/* Never asks: nobody is there to answer. */
static int no_password(char *buffer, int size, int writes, void *context)
{
	(void)buffer;
	(void)size;
	(void)writes;
	(void)context;
	return -1;
}

EVP_PKEY *mail_key_open(const void *bytes, size_t length)
{
	BIO *bio = length > SMIME_KEY_MAX_BYTES ? NULL : BIO_new_mem_buf(bytes, (int)length);
	EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return key;
}

/* What was written to memory, in memory of malloc(). */
static int give(BIO *bio, bool is_written, struct mail_key_text *ret_text)
{
	char *text = NULL;
	long length = is_written ? BIO_get_mem_data(bio, &text) : 0;
	char *pem = length <= 0 ? NULL : malloc((size_t)length + 1);
	if (pem != NULL) {
		memcpy(pem, text, (size_t)length);
		pem[length] = '\0';
		*ret_text = (struct mail_key_text){pem, (size_t)length};
	}
	ERR_clear_error();
	return pem != NULL ? 0 : -ENOMEM;
}

int mail_key_make(
    const char *algorithm, struct mail_key_text *ret_text, struct complaint *complaint)
{
	EVP_PKEY *key = make_key(algorithm);
	if (!can_sign(key)) {
		EVP_PKEY_free(key);
		return refuse(algorithm, complaint);
	}
	BIO *bio = BIO_new(BIO_s_secmem());
	const bool is_written =
	    bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;
	int result = give(bio, is_written, ret_text);
	BIO_free(bio);
	EVP_PKEY_free(key);
	return result == 0 ? 0 : complain(complaint, result, "out of memory for a key");
}

/* ---- Certificates and requests ---- */

static bool add_entry(X509_NAME *name, int nid, const char *text)
{
	return X509_NAME_add_entry_by_NID(
		   name, nid, MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0) == 1;
}

/* A common name has at most 64 characters. */
static bool fill_name(X509_NAME *name, const struct mail_key_owner *owner)
{
	char common[65];
	const char *text =
	    owner->name != NULL && owner->name[0] != '\0' && strlen(owner->name) < sizeof common
		? owner->name
		: owner->address;
	if (strlen(text) < sizeof common && !add_entry(name, NID_commonName, text))
		return false;
	return strlen(owner->address) > 128 ||
	       X509_NAME_add_entry_by_NID(name, NID_pkcs9_emailAddress, MBSTRING_ASC,
		   (const unsigned char *)owner->address, -1, -1, 0) == 1;
}

static STACK_OF(GENERAL_NAME) * names_of(const char *address)
{
	STACK_OF(GENERAL_NAME) *names = sk_GENERAL_NAME_new_null();
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();
	if (names != NULL && name != NULL && text != NULL &&
	    ASN1_STRING_set(text, address, -1) == 1 && sk_GENERAL_NAME_push(names, name) > 0) {
		GENERAL_NAME_set0_value(name, GEN_EMAIL, text);
		return names;
	}
	sk_GENERAL_NAME_free(names);
	GENERAL_NAME_free(name);
	ASN1_IA5STRING_free(text);
	return NULL;
}

/* What it is for: signing mail, and with RSA also being written to. */
static STACK_OF(X509_EXTENSION) *
    make_extensions(const EVP_PKEY *key, const struct mail_key_owner *owner)
{
	const bool is_rsa = EVP_PKEY_is_a(key, "RSA") == 1;
	const struct {
		int nid;
		const char *value;
	} plain[] = {
	    {NID_basic_constraints, "critical,CA:FALSE"},
	    {NID_key_usage, is_rsa ? "critical,digitalSignature,nonRepudiation,keyEncipherment"
				   : "critical,digitalSignature,nonRepudiation"},
	    {NID_ext_key_usage, "emailProtection"},
	};
	STACK_OF(X509_EXTENSION) *list = NULL;
	bool is_made = true;
	for (size_t i = 0; i < sizeof plain / sizeof plain[0] && is_made; i++) {
		X509_EXTENSION *one = X509V3_EXT_conf_nid(NULL, NULL, plain[i].nid, plain[i].value);
		is_made = one != NULL && X509v3_add_ext(&list, one, -1) != NULL;
		X509_EXTENSION_free(one);
	}
	STACK_OF(GENERAL_NAME) *names = names_of(owner->address);
	is_made = is_made && names != NULL &&
		  X509V3_add1_i2d(&list, NID_subject_alt_name, names, 0, 0) == 1;
	sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
	if (is_made)
		return list;
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	return NULL;
}

static bool set_serial(X509 *x509)
{
	BIGNUM *number = BN_new();
	const bool result =
	    number != NULL &&
	    BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
	    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL;
	BN_free(number);
	return result;
}

static bool set_dates(X509 *x509, const struct mail_key_owner *owner)
{
	time_t from = (time_t)(owner->from_us / WHEN_SECOND_US);
	return X509_time_adj_ex(X509_getm_notBefore(x509), 0, 0, &from) != NULL &&
	       X509_time_adj_ex(X509_getm_notAfter(x509), (int)owner->days, 0, &from) != NULL;
}

static X509 *certify(EVP_PKEY *key, const struct mail_key_owner *owner)
{
	X509 *x509 = X509_new();
	STACK_OF(X509_EXTENSION) *extensions = make_extensions(key, owner);
	bool is_made = x509 != NULL && extensions != NULL && X509_set_version(x509, 2) == 1 &&
		       set_serial(x509) && set_dates(x509, owner) &&
		       fill_name(X509_get_subject_name(x509), owner) &&
		       X509_set_issuer_name(x509, X509_get_subject_name(x509)) == 1 &&
		       X509_set_pubkey(x509, key) == 1;
	for (int i = 0; is_made && i < sk_X509_EXTENSION_num(extensions); i++)
		is_made = X509_add_ext(x509, sk_X509_EXTENSION_value(extensions, i), -1) == 1;
	/* by the digest that goes with the key */
	is_made = is_made && X509_sign(x509, key, NULL) > 0;
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	if (is_made)
		return x509;
	X509_free(x509);
	return NULL;
}

static X509_REQ *request(EVP_PKEY *key, const struct mail_key_owner *owner)
{
	X509_REQ *made = X509_REQ_new();
	STACK_OF(X509_EXTENSION) *extensions = make_extensions(key, owner);
	const bool is_made =
	    made != NULL && extensions != NULL && X509_REQ_set_version(made, 0) == 1 &&
	    fill_name(X509_REQ_get_subject_name(made), owner) &&
	    X509_REQ_set_pubkey(made, key) == 1 && X509_REQ_add_extensions(made, extensions) == 1 &&
	    X509_REQ_sign(made, key, NULL) > 0;
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	if (is_made)
		return made;
	X509_REQ_free(made);
	return NULL;
}

static int open_key(
    const void *bytes, size_t length, EVP_PKEY **ret_key, struct complaint *complaint)
{
	*ret_key = mail_key_open(bytes, length);
	return *ret_key != NULL ? 0
				: complain(complaint, -EINVAL,
				      "the key: expected a private key in PEM, without a password");
}

static int finish(EVP_PKEY *key, BIO *bio, int result, struct complaint *complaint)
{
	EVP_PKEY_free(key);
	BIO_free(bio);
	return result == 0 ? 0
			   : complain(complaint, result, "the key: OpenSSL could not sign with it");
}

int mail_key_certify(const void *key, size_t key_length, const struct mail_key_owner *owner,
    struct mail_key_text *ret_text, struct complaint *complaint)
{
	EVP_PKEY *opened;
	int result = open_key(key, key_length, &opened, complaint);
	if (result != 0)
		return result;
	BIO *bio = BIO_new(BIO_s_mem());
	X509 *x509 = certify(opened, owner);
	const bool is_written = bio != NULL && x509 != NULL && PEM_write_bio_X509(bio, x509) == 1;
	result = give(bio, is_written, ret_text);
	X509_free(x509);
	return finish(opened, bio, result, complaint);
}

int mail_key_request(const void *key, size_t key_length, const struct mail_key_owner *owner,
    struct mail_key_text *ret_text, struct complaint *complaint)
{
	EVP_PKEY *opened;
	int result = open_key(key, key_length, &opened, complaint);
	if (result != 0)
		return result;
	BIO *bio = BIO_new(BIO_s_mem());
	X509_REQ *made = request(opened, owner);
	const bool is_written =
	    bio != NULL && made != NULL && PEM_write_bio_X509_REQ(bio, made) == 1;
	result = give(bio, is_written, ret_text);
	X509_REQ_free(made);
	return finish(opened, bio, result, complaint);
}

int mail_key_prepare(void)
{
	static const struct mail_key_owner nobody = {.address = "trial@example.jp", .days = 1};
	static const char trial[] = "trial";
	EVP_PKEY *key = make_key(MAIL_KEY_DEFAULT);
	X509 *x509 = key == NULL ? NULL : certify(key, &nobody);
	struct certificate *certificate = NULL;
	struct smime_made made = {.bytes = NULL};
	int result = x509 == NULL || certificate_wrap(x509, &certificate) != 0 ? -ENOSYS : 0;
	if (result == 0 && smime_encrypt(certificate->der, certificate->length, trial,
			       sizeof trial - 1, &made) != 0)
		result = -ENOSYS;
	free(made.bytes);
	certificate_free(certificate);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return result;
}
