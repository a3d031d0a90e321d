#include "cmd/station/outbox.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "cmd/station/outbox_internal.h"
#include "notify/mail.h"
#include "notify/webhook.h"

/* Without the slash that may stand at its end. NULL is "". */
static char *copy_url(const char *url)
{
	size_t length = url == NULL ? 0 : strlen(url);
	while (length > 0 && url[length - 1] == '/')
		length--;
	return strndup(url == NULL ? "" : url, length);
}

int outbox_new(const struct outbox_options *options, struct outbox **ret_outbox)
{
	struct outbox *outbox = calloc(1, sizeof *outbox);
	if (outbox == NULL)
		return -ENOMEM;
	outbox->options = *options;
	if (options->secret != NULL) {
		outbox->secret = *options->secret;
		outbox->options.secret = &outbox->secret;
	}
	outbox->station = strdup(options->station);
	outbox->from = strdup(options->from);
	outbox->desk = strdup(options->desk);
	outbox->host = strdup(options->host);
	outbox->identity = strdup(options->identity);
	outbox->url = copy_url(options->answers.url);
	if (outbox->url == NULL || outbox->station == NULL || outbox->from == NULL ||
	    outbox->desk == NULL || outbox->host == NULL || outbox->identity == NULL) {
		outbox_free(outbox);
		return -ENOMEM;
	}
	*ret_outbox = outbox;
	return 0;
}

void outbox_free(struct outbox *outbox)
{
	if (outbox == NULL)
		return;
	free(outbox->station);
	free(outbox->from);
	free(outbox->desk);
	free(outbox->host);
	free(outbox->identity);
	free(outbox->url);
	free(outbox->told);
	free(outbox);
}

int outbox_load(struct outbox *outbox, int64_t wall_us, struct complaint *complaint)
{
	int result = outbox_load_hours(outbox, complaint);
	return result != 0 ? result : outbox_load_flights(outbox, wall_us, complaint);
}

/* Of a letter that is about no incident. */
struct plain {
	enum notice_kind kind;
	int64_t wall_us;
	struct complaint *complaint;
};

static const char *kind_name(enum notice_kind kind)
{
	static const char *const names[] = {
	    [NOTICE_FIRST] = "first",
	    [NOTICE_UPDATE] = "update",
	    [NOTICE_QUIET] = "quiet",
	    [NOTICE_RELAPSE] = "relapse",
	    [NOTICE_RETRACTION] = "retraction",
	    [NOTICE_VERIFY] = "verify",
	    [NOTICE_DIGEST] = "digest",
	    [NOTICE_CANARY] = "canary",
	    [NOTICE_ALARM] = "alarm",
	    [NOTICE_REMINDER] = "reminder",
	    [NOTICE_ESCALATION] = "escalation",
	    [NOTICE_SUMMARY] = "summary",
	    [NOTICE_CERTIFICATE] = "certificate",
	};
	return names[kind];
}

/* To what the letter is encrypted; NULL: it has to be readable without a key, or there is none. */
static const void *certificate_for(const struct draft *draft)
{
	const struct roster_contact *contact = draft->contact;
	if (contact->certificate == NULL || draft->kind == NOTICE_CERTIFICATE ||
	    draft->wall_us >= contact->certificate_until_us)
		return NULL;
	return contact->certificate;
}

static int make_mail(const struct outbox *outbox, const struct draft *draft, char **ret_bytes,
    size_t *ret_length, struct complaint *complaint)
{
	const struct mail_seal seal = {
	    .sign = outbox->options.sign,
	    .context = outbox->options.sign_context,
	    .certificate = certificate_for(draft),
	    .certificate_length = draft->contact->certificate_length,
	};
	struct outbox_attachment attachment;
	if (outbox_attach(outbox, draft, &attachment) != 0)
		return complain(complaint, -ENOMEM, "out of memory for a letter");
	struct mail mail = {
	    .from_name = outbox->station[0] != '\0' ? outbox->station : NULL,
	    .from_address = outbox->from,
	    .to_address = draft->contact->address,
	    .subject = draft->letter->subject,
	    .body = draft->letter->body,
	    .date_us = draft->wall_us,
	    .id = draft->id,
	    .thread_id = draft->thread,
	    .incident = draft->incident,
	    .canary = draft->canary,
	    .is_drill = draft->is_drill,
	    .is_bulk = draft->kind == NOTICE_DIGEST || draft->kind == NOTICE_CANARY,
	    .attachment = attachment.text,
	    .attachment_name = attachment.name,
	    .attachment_type = attachment.type,
	    .seal = &seal,
	};
	int result = mail_write(&mail, ret_bytes, ret_length, complaint);
	if (result == 0 && *ret_length > OUTBOX_MAIL_MAX_BYTES && mail.attachment != NULL) {
		/* closed it has grown: what people read must arrive */
		free(*ret_bytes);
		mail.attachment = NULL;
		result = mail_write(&mail, ret_bytes, ret_length, complaint);
	}
	free(attachment.made);
	return result;
}

/* The finished bytes, to be freed. */
static int make_bytes(const struct outbox *outbox, const struct draft *draft, char **ret_bytes,
    size_t *ret_length, struct complaint *complaint)
{
	if (draft->contact->kind == CONTACT_MAIL)
		return make_mail(outbox, draft, ret_bytes, ret_length, complaint);
	const struct webhook_notice notice = {
	    .event = draft->id,
	    .kind = kind_name(draft->kind),
	    .at_us = draft->wall_us,
	    .station = outbox->station[0] != '\0' ? outbox->station : NULL,
	    .incident = draft->incident,
	    .canary = draft->canary,
	    .is_drill = draft->is_drill,
	    .letter = draft->letter,
	    .finding = draft->finding,
	    .member = draft->member,
	    .answer_url = draft->answer_url,
	    .language = draft->contact->language,
	};
	int result = outbox_make_notice(outbox, draft, &notice, ret_bytes, ret_length);
	return result == 0 ? 0 : complain(complaint, result, "out of memory for a notice");
}

int outbox_put_draft(struct outbox *outbox, const struct draft *plain, struct complaint *complaint)
{
	char id[OUTBOX_ID_BYTES];
	char thread[OUTBOX_ID_BYTES];
	char *bytes = NULL;
	size_t length = 0;
	struct draft tagged = *plain;
	const struct draft *draft = &tagged;
	message_tag_put(outbox->options.secret, plain->id, id, sizeof id);
	message_tag_put(outbox->options.secret, plain->thread != NULL ? plain->thread : "", thread,
	    sizeof thread);
	tagged.id = id;
	tagged.thread = plain->thread != NULL ? thread : NULL;
	int result = make_bytes(outbox, draft, &bytes, &length, complaint);
	if (result != 0)
		return result;
	struct store_notice notice = {
	    .incident_id = draft->incident,
	    .contact_id = draft->contact->id,
	    .kind = draft->kind,
	    .message_id = draft->id,
	    .subject = draft->letter->subject,
	    .body = {bytes, length},
	    .state = NOTICE_WAITING,
	    .next_us =
		draft->not_before_us > draft->wall_us ? draft->not_before_us : draft->wall_us,
	    .reply = "",
	    .created_us = draft->wall_us,
	};
	result = store_put(outbox->options.store, STORE_RECORD(&notice), STORE_REPLACE, complaint);
	free(bytes);
	outbox->written += result == 0;
	return result;
}

struct letter_setting outbox_setting_of(
    const struct outbox *outbox, const struct roster *roster, const struct roster_contact *contact)
{
	const struct roster_member *member = roster_find_member(roster, contact->member_id);
	return (struct letter_setting){
	    .language = contact->language,
	    .zone = member != NULL ? member->zone : roster->zone,
	    .station = outbox->station[0] != '\0' ? outbox->station : NULL,
	    .desk = outbox->desk[0] != '\0' ? outbox->desk : NULL,
	};
}

bool outbox_make_link(const struct outbox *outbox, const struct incident *incident,
    const struct roster_contact *contact, int64_t wall_us, char out[static OUTBOX_LINK_BYTES])
{
	char token[ANSWER_TOKEN_BYTES];
	const struct answer_link link = {
	    .incident = incident->id,
	    .contact = contact->id,
	    .until_us = wall_us + outbox->options.answers.valid_us,
	};
	const struct answer_key *key = outbox->options.answers.key;
	const bool has_key = key != NULL && key->is_there &&
			     (contact->kind == CONTACT_MAIL || contact->kind == CONTACT_WEBHOOK);
	if (outbox->url[0] == '\0' || !has_key || answer_link_write(key, &link, token) != 0)
		return false;
	const int length = snprintf(out, OUTBOX_LINK_BYTES, "%s/a/%s", outbox->url, token);
	return length > 0 && length < OUTBOX_LINK_BYTES;
}

bool outbox_can_reach(const struct outbox *outbox, const struct roster_contact *contact)
{
	const bool is_ready =
	    contact->state == CONTACT_VERIFIED || contact->state == CONTACT_FAILING;
	return is_ready && (contact->kind != CONTACT_MAIL || outbox->from[0] != '\0');
}

/* A letter that is about no incident; it is released. */
static int put_plain(struct outbox *outbox, const struct roster_contact *contact,
    struct letter *letter, const struct plain *plain)
{
	char id[OUTBOX_ID_BYTES];
	(void)snprintf(id, sizeof id, "%s%" PRId64 ".%" PRIu64 ".c%" PRId64 ".%s@%s",
	    kind_name(plain->kind), plain->wall_us, outbox->plain_count++, contact->id,
	    outbox->identity, outbox->host);
	const struct draft draft = {.contact = contact,
	    .letter = letter,
	    .kind = plain->kind,
	    .id = id,
	    .wall_us = plain->wall_us};
	int result = outbox_put_draft(outbox, &draft, plain->complaint);
	letter_release(letter);
	return result;
}

int outbox_write_alarm(struct outbox *outbox, const struct roster *roster,
    const struct letter_alarm *alarm, int64_t wall_us, struct complaint *complaint)
{
	int result = 0;
	for (size_t i = 0; i < roster->contact_count && result == 0; i++) {
		const struct roster_contact *contact = &roster->contacts[i];
		struct letter letter;
		if (contact->member_id != 0 || !outbox_can_reach(outbox, contact))
			continue;
		const struct letter_setting setting = outbox_setting_of(outbox, roster, contact);
		if (letter_alarm(&setting, alarm, &letter) != 0)
			return complain(complaint, -ENOMEM, "out of memory for a letter");
		const struct plain plain = {NOTICE_ALARM, wall_us, complaint};
		result = put_plain(outbox, contact, &letter, &plain);
	}
	return result;
}

/* To one of them. */
static int send_unstored(const struct outbox *outbox, const struct roster_contact *contact,
    const struct letter *letter, int64_t wall_us, const struct outbox_sender *sender)
{
	char id[OUTBOX_ID_BYTES];
	char *bytes = NULL;
	size_t length = 0;
	struct complaint complaint;
	(void)snprintf(id, sizeof id, "unstored%" PRId64 ".c%" PRId64 ".%s@%s", wall_us,
	    contact->id, outbox->identity, outbox->host); /* it fits */
	const struct draft draft = {.contact = contact,
	    .letter = letter,
	    .kind = NOTICE_ALARM,
	    .id = id,
	    .wall_us = wall_us};
	int result = make_bytes(outbox, &draft, &bytes, &length, &complaint);
	if (result != 0)
		return result;
	char signature[SIGNATURE_TEXT_BYTES];
	struct outbox_parcel parcel = {
	    .notice = -contact->id,
	    .kind = contact->kind,
	    .address = contact->address,
	    .message_id = id,
	    .body = {bytes, length},
	};
	outbox_dress(&parcel, contact, wall_us, signature);
	result = sender->send(sender->context, &parcel);
	free(bytes);
	return result;
}

size_t outbox_send_alarm(const struct outbox *outbox, const struct roster *roster,
    const struct letter_alarm *alarm, int64_t wall_us, const struct outbox_sender *sender)
{
	size_t count = 0;
	for (size_t i = 0; i < roster->contact_count; i++) {
		const struct roster_contact *contact = &roster->contacts[i];
		struct letter letter;
		if (contact->member_id != 0 || !outbox_can_reach(outbox, contact))
			continue;
		const struct letter_setting setting = outbox_setting_of(outbox, roster, contact);
		if (letter_alarm(&setting, alarm, &letter) != 0)
			continue;
		count += send_unstored(outbox, contact, &letter, wall_us, sender) == 0;
		letter_release(&letter);
	}
	return count;
}

int outbox_write_verification(struct outbox *outbox, const struct roster *roster,
    const struct outbox_verification *verification, int64_t wall_us, struct complaint *complaint)
{
	const struct roster_contact *contact = NULL;
	struct letter letter;
	for (size_t i = 0; i < roster->contact_count; i++)
		if (roster->contacts[i].id == verification->contact)
			contact = &roster->contacts[i];
	if (contact == NULL)
		return complain(complaint, -ENOENT, "there is no such contact");
	if (contact->kind == CONTACT_MAIL && outbox->from[0] == '\0')
		return complain(complaint, -EINVAL,
		    "no mail can be sent: station.yaml names no mail server (mail.server)");
	const struct roster_member *member = roster_find_member(roster, contact->member_id);
	const struct letter_setting setting = outbox_setting_of(outbox, roster, contact);
	const struct letter_verification words = {
	    .member = contact->member_id == 0 || member == NULL ? NULL : member->name,
	    .code = verification->code,
	    .until_us = verification->until_us,
	};
	if (letter_verification(&setting, &words, &letter) != 0)
		return complain(complaint, -ENOMEM, "out of memory for a letter");
	const struct plain plain = {NOTICE_VERIFY, wall_us, complaint};
	return put_plain(outbox, contact, &letter, &plain);
}

int outbox_write_certificate(struct outbox *outbox, const struct roster *roster,
    const struct outbox_certificate *certificate, int64_t wall_us, struct complaint *complaint)
{
	const struct letter_setting setting =
	    outbox_setting_of(outbox, roster, certificate->contact);
	const struct plain plain = {NOTICE_CERTIFICATE, wall_us, complaint};
	struct letter letter;
	if (letter_certificate(&setting, certificate->letter, &letter) != 0)
		return complain(complaint, -ENOMEM, "out of memory for a letter");
	return put_plain(outbox, certificate->contact, &letter, &plain);
}

int outbox_write_digest(struct outbox *outbox, const struct roster *roster,
    const struct outbox_digest *digest, int64_t wall_us, struct complaint *complaint)
{
	const struct roster_contact *contact = digest->contact;
	const struct letter_setting setting = outbox_setting_of(outbox, roster, contact);
	char id[OUTBOX_ID_BYTES];
	struct letter letter;
	if (letter_digest(&setting, digest->letter, &letter) != 0)
		return complain(complaint, -ENOMEM, "out of memory for a letter");
	(void)snprintf(id, sizeof id, "digest%" PRId64 ".m%" PRId64 ".c%" PRId64 ".%s@%s",
	    digest->due_us / WHEN_SECOND_US, contact->member_id, contact->id, outbox->identity,
	    outbox->host); /* it fits */
	const struct draft draft = {.contact = contact,
	    .letter = &letter,
	    .kind = NOTICE_DIGEST,
	    .id = id,
	    .member = digest->letter->member,
	    .wall_us = wall_us};
	int result = outbox_put_draft(outbox, &draft, complaint);
	letter_release(&letter);
	return result == -EEXIST ? 0 : result; /* it was written before */
}
