/* Keys by their names, certificates, signatures and encryption; letters that are closed by them. */
#include "notify/smime.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "notify/certificate.h"
#include "notify/mail.h"
#include "notify/mail_key.h"
#include "test.h"

/* 2026-04-01 */
#define NOW_US (INT64_C(1775001600) * WHEN_SECOND_US)

static struct complaint complaint;

static struct mail_key_owner owner_of(const char *address)
{
	return (struct mail_key_owner){
	    .name = "Kita town", .address = address, .from_us = NOW_US, .days = 30};
}

struct pair {
	struct mail_key_text key;
	struct mail_key_text certificate;
};

static struct pair make_pair(const char *algorithm, const char *address)
{
	struct pair pair;
	const struct mail_key_owner owner = owner_of(address);
	if (mail_key_make(algorithm, &pair.key, &complaint) != 0 ||
	    mail_key_certify(
		pair.key.pem, pair.key.length, &owner, &pair.certificate, &complaint) != 0) {
		printf("# %s\n", complaint.text);
		abort();
	}
	return pair;
}

static void free_pair(struct pair *pair)
{
	free(pair->key.pem);
	free(pair->certificate.pem);
}

static int open_signer(const struct pair *pair, const char *algorithm, struct smime_signer **ret)
{
	const struct smime_files files = {
	    .key_name = "key",
	    .key = pair->key.pem,
	    .key_length = pair->key.length,
	    .chain_name = "chain",
	    .chain = pair->certificate.pem,
	    .chain_length = pair->certificate.length,
	    .algorithm = algorithm,
	};
	return smime_signer_new(&files, ret, &complaint);
}

static bool says(const char *words)
{
	const bool found = strstr(complaint.text, words) != NULL;
	if (!found)
		printf("# %s\n", complaint.text);
	return found;
}

/* ---- Keys ---- */

static void test_keys(void)
{
	static const struct {
		const char *name;
		const char *micalg;
	} rows[] = {{"ecdsa-p256", "sha-256"}, {"ECDSA-P384", "sha-384"}, {"ecdsa-p521", "sha-512"},
	    {"rsa-3072", "sha-256"}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct pair pair = make_pair(rows[i].name, "a@example.jp");
		struct smime_signer *signer = NULL;
		OK(open_signer(&pair, rows[i].name, &signer) == 0 &&
			strcmp(smime_signer_micalg(signer), rows[i].micalg) == 0,
		    rows[i].name);
		smime_signer_free(signer);
		OK(open_signer(&pair, "rsa-4096", &signer) == -EINVAL &&
			says("expected one of rsa-4096"),
		    "and no other");
		free_pair(&pair);
	}
	struct mail_key_text text;
	OK(mail_key_make("rot13", &text, &complaint) == -EINVAL &&
		says("found \"rot13\", expected one of ecdsa-p256, ecdsa-p384, ecdsa-p521, "
		     "rsa-3072, rsa-4096"),
	    "an impossible one is refused with those that are possible");
	OK(mail_key_check("dsa", &complaint) == -EINVAL, "so is DSA");
	OK(mail_key_check("rsa-4096", &complaint) == 0, "a possible one is taken");
	OK(mail_key_prepare() == 0, "all of it is loaded at once");
}

static void test_wrong_files(void)
{
	struct pair one = make_pair("ecdsa-p256", "a@example.jp");
	struct pair two = make_pair("ecdsa-p256", "a@example.jp");
	struct smime_signer *signer = NULL;
	struct pair mixed = {one.key, two.certificate};
	OK(open_signer(&mixed, "", &signer) == -EINVAL &&
		says("chain: is the certificate of another"),
	    "the certificate of another key");
	mixed = (struct pair){one.certificate, one.certificate};
	OK(open_signer(&mixed, "", &signer) == -EINVAL && says("key: expected a private key"),
	    "no key");
	mixed = (struct pair){one.key, one.key};
	OK(open_signer(&mixed, "", &signer) == -EINVAL && says("chain: expected a certificate"),
	    "no certificate");
	static char large[SMIME_KEY_MAX_BYTES + 1];
	memset(large, '\n', sizeof large);
	memcpy(large, one.key.pem, one.key.length);
	mixed = (struct pair){{large, SMIME_KEY_MAX_BYTES}, one.certificate};
	OK(open_signer(&mixed, "", &signer) == 0, "a file of a key that is as large as may be");
	smime_signer_free(signer);
	mixed.key.length++;
	OK(open_signer(&mixed, "", &signer) == -EINVAL, "a byte more");
	free_pair(&one);
	free_pair(&two);
}

/* ---- Certificates ---- */

static void test_certificates(void)
{
	struct pair pair = make_pair("rsa-3072", "soumu@town.example.jp");
	struct certificate *certificate = NULL;
	struct certificate *again = NULL;
	struct certificate_facts facts;
	size_t length = 0;
	OK(certificate_read(
	       "c", pair.certificate.pem, pair.certificate.length, &certificate, &complaint) == 0,
	    "PEM");
	certificate_describe(certificate, &facts);
	OK(strcmp(facts.subject, "CN = Kita town, emailAddress = soumu@town.example.jp") == 0 &&
		strcmp(facts.algorithm, "rsa-3072") == 0 && facts.is_self_signed &&
		strlen(facts.fingerprint) == 64,
	    "whose it is");
	OK(facts.from_us == NOW_US && facts.until_us == NOW_US + 30 * WHEN_DAY_US,
	    "and until when");
	OK(certificate_is_for(certificate, "soumu@town.example.jp") &&
		certificate_is_for(certificate, "soumu@TOWN.example.jp") &&
		!certificate_is_for(certificate, "mayor@town.example.jp") &&
		!certificate_is_for(certificate, "soumu@town.example.jp.example.net"),
	    "for which address");
	OK(certificate_check_encryption(certificate, "c", NOW_US, &complaint) == 0,
	    "it can be encrypted to");
	OK(certificate_check_encryption(certificate, "c", facts.until_us - 1, &complaint) == 0 &&
		certificate_check_encryption(certificate, "c", facts.until_us, &complaint) ==
		    -EINVAL &&
		says("c: ended on 2026-05-01"),
	    "until its end");
	OK(certificate_check_encryption(certificate, "c", NOW_US - 1, &complaint) == -EINVAL &&
		says("begins only on 2026-04-01"),
	    "not before its beginning");
	const void *der = certificate_der(certificate, &length);
	OK(certificate_read("c", der, length, &again, &complaint) == 0, "DER");
	certificate_free(again);
	char *text = certificate_write_base64(certificate);
	OK(text != NULL && certificate_read_base64("c", text, &again, &complaint) == 0, "base64");
	certificate_free(again);
	text[strlen(text) - 1] = '*';
	OK(certificate_read_base64("c", text, &again, &complaint) == -EINVAL &&
		certificate_read_base64("c", "", &again, &complaint) == -EINVAL &&
		certificate_read_base64("c", "abc", &again, &complaint) == -EINVAL,
	    "what is none");
	free(text);
	bool refused = true;
	for (size_t cut = 0; cut < length; cut++)
		refused &= certificate_read("c", der, cut, &again, &complaint) == -EINVAL;
	OK(refused, "cut anywhere it is none");
	certificate_free(certificate);
	free_pair(&pair);
	struct pair signing = make_pair("ecdsa-p256", "soumu@town.example.jp");
	if (certificate_read("c", signing.certificate.pem, signing.certificate.length, &certificate,
		&complaint) != 0)
		abort();
	OK(certificate_check_encryption(certificate, "c", NOW_US, &complaint) == -EINVAL &&
		says("its key is not for encrypting mail"),
	    "one that only signs");
	certificate_free(certificate);
	free_pair(&signing);
}

static void test_limit(void)
{
	struct certificate *certificate = NULL;
	struct pair pair = make_pair("ecdsa-p256", "a@example.jp");
	char *large = malloc(CERTIFICATE_MAX_BYTES + 1);
	if (large == NULL)
		abort();
	memset(large, '\n', CERTIFICATE_MAX_BYTES + 1);
	memcpy(large, pair.certificate.pem, pair.certificate.length);
	OK(certificate_read("c", large, CERTIFICATE_MAX_BYTES, &certificate, &complaint) == 0,
	    "as large as may be");
	certificate_free(certificate);
	OK(certificate_read("c", large, CERTIFICATE_MAX_BYTES + 1, &certificate, &complaint) ==
		    -EINVAL &&
		says("has 32769 bytes"),
	    "a byte more");
	memcpy(large + pair.certificate.length, pair.certificate.pem, pair.certificate.length);
	OK(certificate_read("c", large, CERTIFICATE_MAX_BYTES, &certificate, &complaint) == -EINVAL,
	    "two, of which nobody knows which is meant");
	free(large);
	free_pair(&pair);
}

/* ---- Letters ---- */

static int sign(
    void *context, const char *bytes, size_t length, struct mail_signature *ret_signature)
{
	struct smime_made made;
	int result = smime_sign(context, bytes, length, &made);
	if (result != 0)
		return result;
	*ret_signature = (struct mail_signature){.bytes = made.bytes, .length = made.length};
	(void)snprintf(ret_signature->micalg, sizeof ret_signature->micalg, "%s",
	    smime_signer_micalg(context));
	return 0;
}

static int cannot_sign(
    void *context, const char *bytes, size_t length, struct mail_signature *ret_signature)
{
	(void)context;
	(void)bytes;
	(void)length;
	(void)ret_signature;
	return -EIO;
}

static char *write_letter(const struct mail_seal *seal, struct mail_sealed *ret_sealed)
{
	const struct mail mail = {
	    .from_address = "hinomi@example.jp",
	    .to_address = "soumu@town.example.jp",
	    .subject = "sujet",
	    .body = "What was seen.\n",
	    .id = "1@example.jp",
	    .attachment = "{}",
	    .attachment_name = "finding.json",
	    .attachment_type = "application/json",
	    .seal = seal,
	    .ret_sealed = ret_sealed,
	};
	char *bytes = NULL;
	size_t length = 0;
	if (mail_write(&mail, &bytes, &length, &complaint) != 0 || strlen(bytes) != length)
		abort();
	return bytes;
}

static bool has(const char *text, const char *words)
{
	return strstr(text, words) != NULL;
}

static void test_letters(void)
{
	struct pair pair = make_pair("ecdsa-p256", "hinomi@example.jp");
	struct pair reader = make_pair("rsa-3072", "soumu@town.example.jp");
	struct certificate *certificate = NULL;
	struct smime_signer *signer = NULL;
	struct mail_sealed sealed = {true, true};
	if (open_signer(&pair, "", &signer) != 0 ||
	    certificate_read("c", reader.certificate.pem, reader.certificate.length, &certificate,
		&complaint) != 0)
		abort();
	struct mail_seal seal = {.sign = cannot_sign};
	char *plain = write_letter(NULL, NULL);
	char *text = write_letter(&seal, &sealed);
	OK(strcmp(plain, text) == 0 && !sealed.is_signed && !sealed.is_encrypted,
	    "what cannot be signed is as if nobody had wanted to");
	free(text);
	seal = (struct mail_seal){.sign = sign, .context = signer};
	text = write_letter(&seal, &sealed);
	OK(sealed.is_signed &&
		has(text, "Content-Type: multipart/signed; "
			  "protocol=\"application/pkcs7-signature\";\r\n "
			  "micalg=sha-256; boundary=\"=_hinomi_s") &&
		has(text, "\r\n\r\nWhat was seen.\r\n\r\n--=_hinomi_"),
	    "signed: the letter stands in it as it was");
	const char *entity = strstr(plain, "Content-Type: ");
	OK(has(text, entity), "byte for byte");
	free(text);
	seal.certificate = certificate_der(certificate, &seal.certificate_length);
	text = write_letter(&seal, &sealed);
	OK(sealed.is_signed && sealed.is_encrypted && has(text, "\r\nSubject: sujet\r\n") &&
		has(text, "\r\n" MAIL_INSIDE_SIGNED "\r\nContent-Type: application/pkcs7-mime; "
			  "smime-type=enveloped-data;\r\n") &&
		!has(text, "What was seen"),
	    "encrypted");
	free(text);
	seal.sign = cannot_sign;
	text = write_letter(&seal, &sealed);
	OK(!sealed.is_signed && sealed.is_encrypted && !has(text, MAIL_INSIDE_SIGNED),
	    "encrypted, and unsigned");
	free(text);
	seal = (struct mail_seal){
	    .sign = sign, .context = signer, .certificate = "x", .certificate_length = 1};
	text = write_letter(&seal, &sealed);
	OK(sealed.is_signed && !sealed.is_encrypted && has(text, "What was seen"),
	    "to what is no certificate it goes signed");
	free(text);
	free(plain);
	certificate_free(certificate);
	smime_signer_free(signer);
	free_pair(&pair);
	free_pair(&reader);
}

int main(void)
{
	test_keys();
	test_wrong_files();
	test_certificates();
	test_limit();
	test_letters();
	return test_done();
}
