/* page_notices.c - letters by the API: what became of each, and its text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/station/message_text.h"
#include "cmd/station/page_incidents.h"
#include "cmd/station/page_list.h"
#include "cmd/station/page_people.h"
#include "cmd/station/record_json.h"

/* ---- To whom ---- */

void page_people_show_address(
    enum contact_kind kind, const char *address, char out[static PAGE_ADDRESS_BYTES])
{
	const char *host = strstr(address, "://");
	const char *path = host != NULL ? strpbrk(host + 3, "/?#") : NULL;
	if (kind == CONTACT_WEBHOOK && path != NULL)
		(void)snprintf(out, PAGE_ADDRESS_BYTES, "%.*s/...", (int)(path - address), address);
	else
		(void)snprintf(out, PAGE_ADDRESS_BYTES, "%s", address); /* or cut */
}

static int visit_contact(void *context, const void *record)
{
	const struct store_contact *contact = record;
	struct page_contact *found = context;
	found->is_there = true;
	found->member_id = contact->member_id;
	page_people_show_address(contact->kind, contact->address, found->address);
	return 0;
}

int page_people_find_contact(
    struct store *store, int64_t id, struct page_contact *ret_contact, struct complaint *complaint)
{
	const struct store_query which = {
	    .kind = STORE_CONTACT, .conditions = {{.column = "id", .number = id}}};
	*ret_contact = (struct page_contact){.is_there = false};
	return store_each(store, &which, visit_contact, ret_contact, complaint);
}

static bool may_see_address(
    const struct page_question *question, const struct page_contact *contact)
{
	return contact->is_there && question->who->role != PAGE_VIEWER &&
	       page_may_see(question, contact->member_id);
}

int page_people_write_notice(const struct page_question *question, struct page_answer *answer,
    const struct store_notice *notice)
{
	struct page_contact contact;
	struct store_notice shown = *notice;
	const int result = page_people_find_contact(
	    question->store, notice->contact_id, &contact, &answer->complaint);
	/* What a server replied names the mailbox more often than not; a Message-ID is what
	   messages that come back are known by (station/message_tag.h). */
	const bool is_open = may_see_address(question, &contact) ||
			     (question->who->role == PAGE_OPERATOR && !contact.is_there);
	if (!is_open)
		shown.reply = shown.message_id = "";
	json_open_object(&answer->json, NULL);
	record_put_notice(
	    &answer->json, &shown, is_open && contact.is_there ? contact.address : NULL);
	json_close_object(&answer->json);
	return result;
}

/* ---- Lists ---- */

static int write_item(void *context, struct page_list *list, const void *record)
{
	(void)context;
	const int result = page_people_write_notice(list->question, list->answer, record);
	return result == 0 ? PAGE_WRITTEN : result;
}

/* Those that its contacts are known by. */
struct own_contacts {
	int64_t ids[PAGE_CONTACTS_MAX];
	size_t count;
};

static int visit_own(void *context, const void *record)
{
	struct own_contacts *own = context;
	own->ids[own->count++] = ((const struct store_contact *)record)->id;
	return 0;
}

static int find_own(
    const struct page_question *question, struct own_contacts *ret_own, struct complaint *complaint)
{
	const struct store_query query = {.kind = STORE_CONTACT,
	    .conditions = {{.column = "member_id", .number = question->who->member_id}},
	    .order = "id",
	    .descending = true,
	    .limit = PAGE_CONTACTS_MAX};
	ret_own->count = 0;
	return store_each(question->store, &query, visit_own, ret_own, complaint);
}

static const char *const states[] = {"waiting", "sending", "delivered", "failed", "bounced", NULL};
static const char *const kinds[] = {"first", "update", "quiet", "relapse", "retraction", "verify",
    "digest", "canary", "alarm", "reminder", "escalation", "summary", "certificate", NULL};

static size_t numbers_of(int64_t bits, int64_t *out)
{
	size_t count = 0;
	for (int64_t i = 0; bits >> i != 0; i++)
		if ((bits >> i & 1) != 0)
			out[count++] = i;
	return count;
}

static unsigned read_notices(const struct page_question *question, struct page_answer *answer)
{
	static struct own_contacts own;
	int64_t in_states[64];
	int64_t of_kinds[64];
	struct page_walk walk = {
	    .query = {.kind = STORE_NOTICE, .order = "created_us", .descending = true},
	    .write = write_item};
	struct store_condition *next = walk.query.conditions;
	const struct page_value *value = page_value(question, "state");
	if (value != NULL)
		*next++ = (struct store_condition){.column = "state",
		    .test = STORE_IN,
		    .numbers = in_states,
		    .count = numbers_of(value->number, in_states)};
	value = page_value(question, "kind");
	if (value != NULL)
		*next++ = (struct store_condition){.column = "kind",
		    .test = STORE_IN,
		    .numbers = of_kinds,
		    .count = numbers_of(value->number, of_kinds)};
	value = page_value(question, "contact");
	if (value != NULL)
		*next++ = (struct store_condition){.column = "contact_id", .number = value->number};
	if (question->who->role == PAGE_MEMBER) {
		if (find_own(question, &own, &answer->complaint) != 0)
			return page_broken(answer);
		*next++ = (struct store_condition){.column = "contact_id",
		    .test = STORE_IN,
		    .numbers = own.ids,
		    .count = own.count};
	}
	return page_list_write(question, answer, &walk);
}

/* ---- One ---- */

static int copy_notice(void *context, const void *record)
{
	*(void **)context = store_record_copy(STORE_NOTICE, record);
	return *(void **)context == NULL ? -ENOMEM : 0;
}

static void put_one(struct page_answer *answer, const struct store_notice *notice,
    const struct page_contact *contact)
{
	/* A code proves that somebody reads the mailbox: whoever sees it here proves nothing. */
	char *text = notice->kind != NOTICE_VERIFY
			 ? message_text(notice->body.data, notice->body.length)
			 : NULL;
	json_open_object(&answer->json, NULL);
	record_put_notice(&answer->json, notice, contact->is_there ? contact->address : NULL);
	json_string(&answer->json, "text", text);
	json_close_object(&answer->json);
	free(text);
}

static unsigned read_notice(const struct page_question *question, struct page_answer *answer)
{
	const struct store_query which = {.kind = STORE_NOTICE,
	    .conditions = {{.column = "id", .number = page_segment_id(question, 0)}}};
	struct page_contact contact = {.is_there = false};
	void *record = NULL;
	int result = store_each(question->store, &which, copy_notice, &record, &answer->complaint);
	const struct store_notice *notice = record;
	if (result == 0 && notice != NULL)
		result = page_people_find_contact(
		    question->store, notice->contact_id, &contact, &answer->complaint);
	const bool is_seen = notice != NULL && (question->who->role == PAGE_OPERATOR ||
						   may_see_address(question, &contact));
	if (result == 0 && is_seen)
		put_one(answer, notice, &contact);
	free(record);
	if (result != 0)
		return page_broken(answer);
	return is_seen ? 200 : page_missing(answer, "notice");
}

static const struct page_parameter parameters[] = {
    {"state", PAGE_CHOICES, 0, 0, states, "in one of these states"},
    {"kind", PAGE_CHOICES, 0, 0, kinds, "of one of these kinds"},
    {"contact", PAGE_NUMBER, 1, INT64_C(1) << 53, NULL, "to the contact of this number"},
    {.name = NULL},
};

static const char *const columns[] = {"id", "incident", "contact", "address", "kind", "message_id",
    "subject", "state", "attempts", "reply", "signed", "encrypted", "created", "next", "last",
    "delivered", NULL};

const struct page_route page_notice_routes[] = {
    {.method = ROUTE_GET,
	.path = "/api/v1/notices",
	.roles = PAGE_OPERATOR | PAGE_MEMBER,
	.read = read_notices,
	.summary = "Letters, the latest first, and what became of each",
	.parameters = parameters,
	.is_list = true,
	.columns = columns},
    {.method = ROUTE_GET,
	.path = "/api/v1/notices/{id}",
	.roles = PAGE_OPERATOR | PAGE_MEMBER,
	.read = read_notice,
	.summary = "One letter, with its text"},
    {.path = NULL},
};
