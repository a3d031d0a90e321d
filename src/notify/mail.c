#include "notify/mail.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "base/when.h"
#include "notify/glyph.h"
#include "notify/mail_internal.h"

void mail_make_boundary(const char *id, unsigned level, char out[static MAIL_BOUNDARY_BYTES])
{
	static const char *const levels[] = {"", "s"}; /* no digit: none begins with another */
	assert(level < sizeof levels / sizeof levels[0]);
	(void)snprintf(out, MAIL_BOUNDARY_BYTES, "=_hinomi_%s%016" PRIx64, levels[level],
	    hash_bytes(id, strlen(id), HASH_SEED_FIXED)); /* 26 characters */
}

/* RFC 5322 section 3.3, in UTC. */
static void put_date(FILE *out, int64_t date_us)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct tm tm;
	time_t seconds = (time_t)(date_us / WHEN_SECOND_US - (date_us % WHEN_SECOND_US < 0));
	struct tm *done = gmtime_r(&seconds, &tm);
	assert(done != NULL); /* no int64_t of microseconds leads out of the years of struct tm */
	(void)done;
	fprintf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday],
	    tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* A copy of a text for a header, with what is hidden in it made visible. False: no memory. */
static bool make_visible(const char *text, char **ret_visible)
{
	if (text == NULL)
		return true;
	size_t room = strlen(text) * GLYPH_VISIBLE_GROWTH + 1;
	*ret_visible = malloc(room);
	if (*ret_visible == NULL)
		return false;
	glyph_copy_visible(text, *ret_visible, room);
	return true;
}

static int check(const struct mail *mail, struct complaint *complaint)
{
	int result = mail_check_address(mail->from_address, complaint);
	if (result == 0)
		result = mail_check_address(mail->to_address, complaint);
	if (result == 0 && mail->reply_to != NULL)
		result = mail_check_address(mail->reply_to, complaint);
	if (result == 0)
		result = mail_check_id(mail->id, complaint);
	if (result == 0 && mail->thread_id != NULL)
		result = mail_check_id(mail->thread_id, complaint);
	return result;
}

/* What programs on the way and at the end go by. */
static void put_marks(FILE *out, const struct mail *mail)
{
	/*
	 * RFC 3834: nobody's holiday answers this. Exchange asks for a header of its own, in which
	 * bounces (DR, NDR) are not named, since those are wanted.
	 */
	fputs("Auto-Submitted: auto-generated\r\n", out);
	fputs("X-Auto-Response-Suppress: OOF, AutoReply\r\n", out);
	if (mail->is_bulk)
		fputs("Precedence: bulk\r\n", out);
	if (mail->incident != 0)
		fprintf(out, "X-Hinomi-Incident: %" PRId64 "\r\n", mail->incident);
	if (mail->canary != 0)
		fprintf(out, "X-Hinomi-Canary: %" PRIu64 "\r\n", mail->canary);
	if (mail->is_drill)
		fputs("X-Hinomi-Drill: yes\r\n", out);
}

static void put_headers(FILE *out, const struct mail *mail)
{
	put_date(out, mail->date_us);
	mail_put_address_header(out, "From", mail->from_name, mail->from_address);
	if (mail->reply_to != NULL)
		mail_put_address_header(out, "Reply-To", NULL, mail->reply_to);
	mail_put_address_header(out, "To", NULL, mail->to_address);
	mail_put_text_header(out, "Subject", mail->subject);
	fprintf(out, "Message-ID:\r\n <%s>\r\n", mail->id);
	if (mail->thread_id != NULL)
		fprintf(out, "In-Reply-To:\r\n <%s>\r\nReferences:\r\n <%s>\r\n", mail->thread_id,
		    mail->thread_id);
	put_marks(out, mail);
	fputs("MIME-Version: 1.0\r\n", out);
}

/* The headers of a part that say what it is, and the part. */
static void put_text(FILE *out, const char *text)
{
	enum mail_encoding encoding = mail_encoding_for(text);
	fprintf(out,
	    "Content-Type: text/plain; charset=UTF-8\r\n"
	    "Content-Transfer-Encoding: %s\r\n\r\n",
	    mail_encoding_name(encoding));
	mail_put_text(out, encoding, text);
}

/* Always base64: a program reads it, and nothing may change a byte. */
static void put_attachment(FILE *out, const struct mail *mail)
{
	fprintf(out, "Content-Type: %s\r\nContent-Disposition: attachment", mail->attachment_type);
	mail_put_filename(out, mail->attachment_name);
	fprintf(out, "\r\nContent-Transfer-Encoding: %s\r\n\r\n", mail_encoding_name(MAIL_BASE64));
	mail_put_base64_lines(out, mail->attachment, strlen(mail->attachment));
}

/* All but the headers of the message: what is signed. */
static void put_entity(FILE *out, const struct mail *mail)
{
	char boundary[MAIL_BOUNDARY_BYTES];
	if (mail->attachment == NULL) {
		put_text(out, mail->body);
		return;
	}
	mail_make_boundary(mail->id, 0, boundary);
	fprintf(out, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary,
	    boundary);
	put_text(out, mail->body);
	fprintf(out, "\r\n--%s\r\n", boundary);
	put_attachment(out, mail);
	fprintf(out, "\r\n--%s--\r\n", boundary);
}

static int write_part(const struct mail *mail, void (*put)(FILE *out, const struct mail *mail),
    struct mail_part *ret_part)
{
	struct mail_part part = {.bytes = NULL};
	FILE *out = open_memstream(&part.bytes, &part.length);
	if (out == NULL)
		return -ENOMEM;
	put(out, mail);
	bool failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		free(part.bytes);
		return -ENOMEM;
	}
	*ret_part = part;
	return 0;
}

static int join(const struct mail_part *headers, const struct mail_part *entity, char **ret_bytes,
    size_t *ret_length)
{
	char *bytes = malloc(headers->length + entity->length + 1);
	if (bytes == NULL)
		return -ENOMEM;
	memcpy(bytes, headers->bytes, headers->length);
	memcpy(bytes + headers->length, entity->bytes, entity->length);
	bytes[headers->length + entity->length] = '\0';
	*ret_bytes = bytes;
	*ret_length = headers->length + entity->length;
	return 0;
}

static int write_shown(
    const struct mail *mail, char **ret_bytes, size_t *ret_length, struct complaint *complaint)
{
	struct mail_part headers = {.bytes = NULL};
	struct mail_part entity = {.bytes = NULL};
	struct mail_sealed sealed = {.is_signed = false};
	int result = write_part(mail, put_headers, &headers);
	if (result == 0)
		result = write_part(mail, put_entity, &entity);
	if (result == 0 && mail->seal != NULL)
		result = mail_close(mail, &entity, &sealed);
	if (result == 0)
		result = join(&headers, &entity, ret_bytes, ret_length);
	if (result == 0 && mail->ret_sealed != NULL)
		*mail->ret_sealed = sealed;
	free(headers.bytes);
	free(entity.bytes);
	return result == 0 ? 0 : complain(complaint, result, "mail: out of memory");
}

int mail_write(
    const struct mail *mail, char **ret_bytes, size_t *ret_length, struct complaint *complaint)
{
	struct mail shown = *mail;
	char *from_name = NULL;
	char *subject = NULL;
	char *filename = NULL;
	int result = check(mail, complaint);
	if (result != 0)
		return result;
	if (make_visible(mail->from_name, &from_name) && make_visible(mail->subject, &subject) &&
	    make_visible(mail->attachment_name, &filename)) {
		shown.from_name = from_name;
		shown.subject = subject;
		shown.attachment_name = filename;
		result = write_shown(&shown, ret_bytes, ret_length, complaint);
	} else {
		result = complain(complaint, -ENOMEM, "mail: out of memory");
	}
	free(from_name);
	free(subject);
	free(filename);
	return result;
}
