/* mail_seal.c - S/MIME around a MIME entity (RFC 8551): signed, and then encrypted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "notify/mail_internal.h"
#include "notify/smime.h"

/* Ends the stream; where all was written, what it wrote takes the entity's place. */
static int take_place(FILE *out, struct mail_part *made, struct mail_part *entity)
{
	const bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(made->bytes);
		return -ENOMEM;
	}
	free(entity->bytes);
	*entity = *made;
	return 0;
}

static void put_smime(FILE *out, const char *name, const unsigned char *bytes, size_t length)
{
	fprintf(out,
	    "Content-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment; filename=%s\r\n\r\n",
	    name);
	mail_put_base64_lines(out, (const char *)bytes, length);
}

/*
 * Section 3.5.3. The line end before a boundary is the boundary's (RFC 2046 section 5.1.1), so what
 * was signed is exactly what stands between the two.
 */
static int put_signed(
    const char *id, const struct mail_signature *signature, struct mail_part *entity)
{
	char boundary[MAIL_BOUNDARY_BYTES];
	struct mail_part made = {.bytes = NULL};
	FILE *out = open_memstream(&made.bytes, &made.length);
	if (out == NULL)
		return -ENOMEM;
	mail_make_boundary(id, 1, boundary);
	fprintf(out,
	    "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n"
	    " micalg=%s; boundary=\"%s\"\r\n\r\n--%s\r\n",
	    signature->micalg, boundary, boundary);
	fwrite(entity->bytes, 1, entity->length, out);
	fprintf(out, "\r\n--%s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n",
	    boundary);
	put_smime(out, "smime.p7s", signature->bytes, signature->length);
	fprintf(out, "\r\n--%s--\r\n", boundary);
	return take_place(out, &made, entity);
}

/* Section 3.3. */
static int put_encrypted(const struct smime_made *closed, bool is_signed, struct mail_part *entity)
{
	struct mail_part made = {.bytes = NULL};
	FILE *out = open_memstream(&made.bytes, &made.length);
	if (out == NULL)
		return -ENOMEM;
	if (is_signed)
		fputs(MAIL_INSIDE_SIGNED "\r\n", out);
	fputs("Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n"
	      " name=smime.p7m\r\n",
	    out);
	put_smime(out, "smime.p7m", closed->bytes, closed->length);
	return take_place(out, &made, entity);
}

static int sign(const struct mail *mail, struct mail_part *entity, bool *ret_is_signed)
{
	const struct mail_seal *seal = mail->seal;
	struct mail_signature signature = {.bytes = NULL};
	*ret_is_signed = false;
	if (seal->sign == NULL ||
	    seal->sign(seal->context, entity->bytes, entity->length, &signature) != 0)
		return 0;
	int result = put_signed(mail->id, &signature, entity);
	free(signature.bytes);
	*ret_is_signed = result == 0;
	return result;
}

static int encrypt(
    const struct mail_seal *seal, struct mail_part *entity, struct mail_sealed *sealed)
{
	struct smime_made made = {.bytes = NULL};
	sealed->is_encrypted = false;
	if (seal->certificate == NULL || smime_encrypt(seal->certificate, seal->certificate_length,
					     entity->bytes, entity->length, &made) != 0)
		return 0;
	int result = put_encrypted(&made, sealed->is_signed, entity);
	free(made.bytes);
	sealed->is_encrypted = result == 0;
	return result;
}

int mail_close(const struct mail *mail, struct mail_part *entity, struct mail_sealed *ret_sealed)
{
	int result = sign(mail, entity, &ret_sealed->is_signed);
	return result != 0 ? result : encrypt(mail->seal, entity, ret_sealed);
}
