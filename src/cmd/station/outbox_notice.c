/* outbox_notice.c - notices for programs: web hooks, collectors of logs, files. */
#include <string.h>

#include "cmd/station/outbox_internal.h"
#include "notify/chat.h"
#include "notify/syslog.h"

/* A document in the format that the contact chose, where there is something to put into one; else
 * our own JSON, or the letter as a text. */
static int make_file(const struct outbox *outbox, const struct draft *draft,
    const struct webhook_notice *notice, char **ret_bytes, size_t *ret_length)
{
	struct outbox_attachment attachment;
	if (draft->contact->attaches_nothing)
		return chat_write(NOTICE_STYLE_PLAIN, notice, ret_bytes, ret_length);
	int result = outbox_attach(outbox, draft, &attachment);
	if (result != 0)
		return result;
	if (attachment.made == NULL)
		return webhook_write(notice, ret_bytes, ret_length);
	*ret_bytes = attachment.made;
	*ret_length = strlen(attachment.made);
	return 0;
}

int outbox_make_notice(const struct outbox *outbox, const struct draft *draft,
    const struct webhook_notice *notice, char **ret_bytes, size_t *ret_length)
{
	const enum notice_style style = draft->contact->style;
	switch (draft->contact->kind) {
	case CONTACT_SYSLOG:
		return syslog_write(style, notice, outbox->host, ret_bytes, ret_length);
	case CONTACT_FILES:
		return make_file(outbox, draft, notice, ret_bytes, ret_length);
	case CONTACT_WEBHOOK:
	case CONTACT_MAIL:
		break;
	}
	return chat_write(style, notice, ret_bytes, ret_length);
}

/* By the bytes themselves: what the contact wants may have changed since they were written. */
static const char *media_type_of(const struct store_bytes *body)
{
	const char *bytes = body->data;
	if (body->length > 0 && bytes[0] == '{')
		return "application/json";
	if (body->length > 0 && bytes[0] == '<')
		return "application/xml";
	if (body->length > 0 && bytes[0] == '"')
		return "text/csv";
	return "text/plain; charset=utf-8";
}

void outbox_dress(struct outbox_parcel *parcel, const struct roster_contact *contact,
    int64_t wall_us, char signature[static SIGNATURE_TEXT_BYTES])
{
	signature[0] = '\0';
	parcel->media_type =
	    contact->kind == CONTACT_MAIL ? "message/rfc822" : media_type_of(&parcel->body);
	/* without memory it goes out unsigned, and is refused there, and tried again */
	if (contact->kind == CONTACT_WEBHOOK && contact->secret[0] != '\0' &&
	    signature_make(
		contact->secret, wall_us, parcel->body.data, parcel->body.length, signature) != 0)
		signature[0] = '\0';
	parcel->signature = signature;
}
