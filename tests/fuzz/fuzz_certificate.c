/*
 * Any bytes as a certificate that a contact gave: refused in one line, or one whose facts are text
 * that can be shown, which is read again from its own DER, and to which mail is encrypted or not.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "notify/certificate.h"
#include "notify/mail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes);

static void require(int condition)
{
	if (!condition)
		abort();
}

static int is_line(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return 0;
	return 1;
}

static void look_at(const struct certificate *certificate)
{
	struct certificate_facts facts;
	struct complaint complaint = {""};
	struct certificate *again = NULL;
	char *text = certificate_write_base64(certificate);
	certificate_describe(certificate, &facts);
	require(is_line(facts.subject) && is_line(facts.issuer) && is_line(facts.algorithm));
	(void)certificate_is_for(certificate, "soumu@town.example.jp");
	if (certificate_check_encryption(certificate, "c", facts.from_us, &complaint) != 0)
		require(complaint.text[0] != '\0' && is_line(complaint.text));
	require(text != NULL);
	/* what is too large in DER was padded in PEM */
	if (certificate_read_base64("c", text, &again, &complaint) == 0) {
		size_t length;
		size_t other;
		const void *der = certificate_der(certificate, &length);
		require(
		    memcmp(certificate_der(again, &other), der, length) == 0 && other == length);
	}
	certificate_free(again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t data_bytes)
{
	struct complaint complaint = {""};
	struct certificate *certificate = NULL;
	if (certificate_read("c", data, data_bytes, &certificate, &complaint) == 0)
		look_at(certificate);
	else
		require(complaint.text[0] != '\0' && is_line(complaint.text));
	certificate_free(certificate);
	return 0;
}
