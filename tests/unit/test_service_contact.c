/* Contacts: a code goes out, and nothing else, until somebody gives it back; what goes out again.
 */
#include "cmd/station/code.h"
#include "service_help.h"

/* ---- Codes ---- */

static void test_codes(void)
{
	char code[CODE_BYTES];
	char other[CODE_BYTES];
	struct code_hash hash;
	struct code_hash again;
	bool same = false;
	OK(code_make(code, &hash) == 0 && code_make(other, &again) == 0, "codes");
	OK(strcmp(code, other) != 0 && strlen(code) == CODE_LETTERS &&
		strspn(code, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789") == CODE_LETTERS,
	    "of letters that do not look like others");
	OK(code_check(&hash, code, &same) == 0 && same, "are known again");
	OK(code_check(&hash, other, &same) == 0 && !same, "and no others");
	char typed[2 * CODE_BYTES];
	(void)snprintf(typed, sizeof typed, " %.5s-%s ", code, code + 5);
	for (char *at = typed; *at != '\0'; at++)
		*at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
	OK(code_check(&hash, typed, &same) == 0 && same, "as people type them");
	(void)snprintf(typed, sizeof typed, "%sA", code);
	OK(code_check(&hash, typed, &same) == 0 && !same && code_check(&hash, "", &same) == 0 &&
		!same,
	    "not with a letter more, nor without any");
	const struct store_bytes bytes = code_hash_bytes(&hash);
	const struct store_bytes cut = {bytes.data, bytes.length - 1};
	OK(code_hash_read(&bytes, &again) && memcmp(&hash, &again, sizeof hash) == 0 &&
		!code_hash_read(&cut, &again),
	    "hashes are kept as bytes");
	again.version++;
	const struct store_bytes newer = code_hash_bytes(&again);
	OK(!code_hash_read(&newer, &hash), "those of another program are none");
}

/* ---- Contacts ---- */

static int visit_code(void *context, const void *record)
{
	const struct store_notice *notice = record;
	const char *body = notice->body.data;
	char *code = context;
	size_t run = 0;
	/* the only line of ten such letters */
	for (size_t i = 0; i < notice->body.length; i++) {
		const bool is_letter =
		    strchr("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", body[i]) != NULL && body[i] != '\0';
		if (!is_letter && run == CODE_LETTERS && body[i] == '\r')
			memcpy(code, body + i - CODE_LETTERS, CODE_LETTERS);
		run = is_letter ? run + 1 : 0;
	}
	return 0;
}

/* Out of the last letter of this contact. */
static void read_code(struct desk *desk, int64_t contact, char out[static CODE_BYTES])
{
	const struct store_query query = {
	    .kind = STORE_NOTICE,
	    .conditions = {{.column = "contact_id", .test = STORE_IS, .number = contact}},
	};
	memset(out, 0, CODE_BYTES);
	if (store_each(desk->store, &query, visit_code, out, NULL) != 0)
		abort();
}

static bool verify(struct desk *desk, int64_t contact, const char *code)
{
	char request[256];
	(void)snprintf(request, sizeof request, "{'do':'contact.verify','contact':%d,'code':'%s'}",
	    (int)contact, code);
	return desk_ask(desk, request);
}

static void add_town(struct desk *desk)
{
	desk_open(desk);
	OK(desk_ask(desk, "{'do':'member.add','name':'town','prefixes':['198.51.100.0/24'],"
			  "'language':'en'}"),
	    "a town");
}

static void test_verification(void)
{
	struct desk desk;
	char code[CODE_BYTES];
	add_town(&desk);
	OK(desk_ask(&desk, "{'do':'contact.add','member':'town','address':'soc@town.example'}") &&
		desk_says(&desk,
		    "{\"type\":\"contact\",\"id\":1,\"member\":\"town\",\"kind\":\"mail\","
		    "\"address\":\"soc@town.example\",\"language\":\"en\",\"severity\":"
		    "\"low\",\"tier\":\"first\",\"state\":\"unverified\",\"code_until\":"
		    "\"2026-04-03T23:33:20.000000Z\",\"locked\":false"),
	    "a contact that is not verified");
	OK(strstr(desk.answer, "code_hash") == NULL, "its code is not in the answer");
	read_code(&desk, 1, code);
	OK(code[0] != '\0' && strstr(desk.answer, code) == NULL, "but in a letter");
	desk_pass(&desk, WHEN_SECOND_US);
	OK(desk.letters == 1 && desk_count(&desk, STORE_NOTICE) == 1, "which goes out");
	OK(keeper_roster(desk.keeper)->contacts[0].state == CONTACT_UNVERIFIED,
	    "alone, as long as nobody gave it back");
	OK(desk_refuses(&desk, "{'do':'contact.verify','contact':1,'code':'AAAAAAAAAA'}",
	       "contact 1: the code is wrong, 4 tries are left"),
	    "a wrong code is counted");
	OK(verify(&desk, 1, code) && desk_says(&desk, "\"state\":\"verified\",\"verified\":"),
	    "the right one is taken");
	OK(keeper_roster(desk.keeper)->contacts[0].state == CONTACT_VERIFIED, "and counts at once");
	OK(!verify(&desk, 1, code) &&
		desk_says(&desk, "contact 1: is verified, expected one that waits for its code"),
	    "once");
	desk_close(&desk);
}

static void test_tries(void)
{
	struct desk desk;
	char code[CODE_BYTES];
	add_town(&desk);
	OK(desk_ask(&desk, "{'do':'contact.add','member':'town','address':'soc@town.example'}"),
	    "a contact");
	read_code(&desk, 1, code);
	for (int i = 0; i < CODE_TRIES_MAX - 2; i++)
		OK(!verify(&desk, 1, "BBBBBBBBBB"), "a wrong try");
	desk.clock.wall_us++;
	desk_restart(&desk);
	OK(desk_refuses(&desk, "{'do':'contact.verify','contact':1,'code':'CCCCCCCCCC'}",
	       "contact 1: the code is wrong, 1 try is left"),
	    "tries are counted over restarts");
	OK(desk_refuses(&desk, "{'do':'contact.verify','contact':1,'code':'DDDDDDDDDD'}",
	       "contact 1: the code is wrong, and it was the last try: `hinomi contact resend 1` "
	       "sends a new one"),
	    "the last of them");
	OK(!verify(&desk, 1, code) &&
		desk_says(&desk,
		    "contact 1: too many wrong codes were given: `hinomi contact resend "
		    "1` sends a new one"),
	    "one past it the right one is refused");
	OK(desk_ask(&desk, "{'do':'contact.resend','contact':1}") &&
		desk_says(&desk, "\"locked\":false"),
	    "a new code");
	char fresh[CODE_BYTES];
	read_code(&desk, 1, fresh);
	OK(strcmp(code, fresh) != 0 && verify(&desk, 1, fresh), "is taken");
	desk_close(&desk);
}

static void test_age(void)
{
	struct desk desk;
	char code[CODE_BYTES];
	add_town(&desk);
	OK(desk_ask(&desk, "{'do':'contact.add','member':'town','address':'soc@town.example'}"),
	    "a contact");
	read_code(&desk, 1, code);
	desk.clock.wall_us += CODE_VALID_US;
	OK(!verify(&desk, 1, code) &&
		desk_says(&desk,
		    "contact 1: the code is too old: `hinomi contact resend 1` sends a "
		    "new one"),
	    "after three days a code is nothing");
	desk.clock.wall_us--;
	OK(verify(&desk, 1, code), "up to then it is");
	desk_close(&desk);
}

static void test_letters(void)
{
	struct desk desk;
	add_town(&desk);
	OK(desk_ask(&desk, "{'do':'contact.add','member':'town','address':'soc@town.example'}"),
	    "a contact gets a code");
	for (int i = 0; i < 4; i++)
		OK(desk_ask(&desk, "{'do':'contact.resend','contact':1}"), "and another");
	OK(desk_refuses(&desk, "{'do':'contact.resend','contact':1}",
	       "contact 1: got 5 codes within a day, expected to wait"),
	    "but not without end");
	desk_pass(&desk, WHEN_SECOND_US);
	OK(desk.letters == 1, "and only the last of them goes out");
	desk_pass(&desk, WHEN_DAY_US);
	OK(desk_ask(&desk, "{'do':'contact.resend','contact':1}"), "a day later there may be more");
	desk_close(&desk);
}

static void test_changes(void)
{
	struct desk desk;
	char code[CODE_BYTES];
	add_town(&desk);
	OK(desk_ask(&desk, "{'do':'contact.add','member':'town','address':'soc@town.example',"
			   "'language':'en','severity':'high'}") &&
		desk_says(&desk, "\"language\":\"en\",\"severity\":\"high\""),
	    "a contact with wishes");
	read_code(&desk, 1, code);
	OK(verify(&desk, 1, code), "which is verified");
	OK(desk_ask(&desk, "{'do':'contact.change','contact':1,'attach':'stix'}") &&
		desk_says(&desk, "\"attach\":\"stix\""),
	    "a format of what is attached");
	OK(desk_ask(&desk, "{'do':'contact.change','contact':1,'attach':'json'}") &&
		!desk_says(&desk, "\"attach\""),
	    "and our own again");
	OK(desk_ask(&desk, "{'do':'contact.change','contact':1,'severity':'low'}") &&
		desk_says(
		    &desk, "\"severity\":\"low\",\"tier\":\"first\",\"state\":\"verified\"") &&
		desk_count(&desk, STORE_NOTICE) == 1,
	    "other wishes need no other proof");
	OK(desk_ask(&desk, "{'do':'contact.change','contact':1,'stopped':true}") &&
		desk_says(&desk, "\"state\":\"stopped\"") &&
		keeper_roster(desk.keeper)->contacts[0].state == CONTACT_STOPPED,
	    "who wants no letters gets none");
	OK(desk_ask(&desk, "{'do':'contact.change','contact':1,'stopped':false}") &&
		desk_says(&desk, "\"state\":\"verified\""),
	    "and may want them again");
	OK(desk_ask(&desk, "{'do':'contact.change','contact':1,'address':"
			   "'https://hooks.example/x'}") &&
		desk_says(&desk, "\"kind\":\"webhook\"") && desk_says(&desk, "\"unverified\"") &&
		desk_count(&desk, STORE_NOTICE) == 2,
	    "another address needs proof");
	OK(desk_ask(&desk, "{'do':'contact.remove','contact':1}") &&
		keeper_roster(desk.keeper)->contact_count == 0,
	    "a contact is removed");
	desk_close(&desk);
}

static void test_wrong_contacts(void)
{
	static const char *const rows[][2] = {
	    {"'member':'city','address':'a@b.example'",
		"member city: there is none, expected one that `hinomi member list` shows"},
	    {"'member':'town','address':'soc@town.example'",
		"address: the member has a contact of this one already"},
	    {"'member':'town','address':'http://hooks.example/'",
		"webhook to hooks.example: expected https: plain http is only for this "
		"machine "
		"itself, where the configuration allows it"},
	    {"'member':'town','address':'https://u:p@hooks.example/'",
		"webhook to hooks.example: expected no user or password in it"},
	    {"'member':'town','address':'a@b.example','language':'fr'",
		"language fr: expected ja or en"},
	    {"'member':'town','address':'a@b.example','attach':'xml'",
		"attach xml: expected one of json, none, iodef, iodef-json, stix, idea, xarf, "
		"misp, shadowserver, eve"},
	    {"'member':'town','address':'a@b.example','severity':'grave'",
		"severity grave: expected info, low, medium, high or critical"},
	};
	struct desk desk;
	add_town(&desk);
	OK(desk_ask(&desk, "{'do':'contact.add','member':'town','address':'soc@town.example'}"),
	    "a contact");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char request[512];
		(void)snprintf(request, sizeof request, "{'do':'contact.add',%s}", rows[i][0]);
		OK(desk_refuses(&desk, request, rows[i][1]), rows[i][0]);
	}
	OK(!desk_ask(
	       &desk, "{'do':'contact.add','member':'town','address':'a@b\\r\\nRCPT TO:<c@d>'}") &&
		!desk_ask(
		    &desk, "{'do':'contact.add','member':'town','address':'a b@c.example'}") &&
		!desk_ask(&desk, "{'do':'contact.add','member':'town','address':'town'}"),
	    "what is no address");
	OK(desk_refuses(&desk, "{'do':'contact.verify','contact':9,'code':'A'}",
	       "contact 9: there is none, expected a number that `hinomi contact list` shows"),
	    "a contact that is not there");
	OK(desk_count(&desk, STORE_CONTACT) == 1 && desk_count(&desk, STORE_NOTICE) == 1,
	    "nothing of it was kept");
	desk_close(&desk);
}

static void test_operator(void)
{
	struct desk desk;
	add_town(&desk);
	struct store_contact contact = {.kind = CONTACT_MAIL,
	    .address = "ops@station.example",
	    .language = "en",
	    .severity_min = "low",
	    .state = CONTACT_VERIFIED,
	    .created_us = 1};
	desk_put(&desk, STORE_RECORD(&contact));
	OK(desk_refuses(&desk, "{'do':'contact.remove','contact':1}",
	       "contact 1: is the operator's, expected operator.mail and operator.webhook to be "
	       "changed in station.yaml"),
	    "the operator's contacts are the file's");
	desk_close(&desk);
}

/* Without a mail server there is no letter, so no contact either. */
static void test_no_mail(void)
{
	struct desk desk;
	add_town(&desk);
	desk.from = "";
	desk_restart(&desk);
	OK(desk_refuses(&desk, "{'do':'contact.add','member':'town','address':'soc@town.example'}",
	       "no mail can be sent: station.yaml names no mail server (mail.server)") &&
		desk_count(&desk, STORE_CONTACT) == 0,
	    "what could not be verified is not added");
	desk_close(&desk);
}

/* ---- Notices ---- */

static void put_notice(struct desk *desk, enum notice_kind kind, const char *id, int64_t contact)
{
	struct store_notice notice = {.contact_id = contact,
	    .kind = kind,
	    .message_id = id,
	    .subject = "s",
	    .body = {"b", 1},
	    .state = NOTICE_FAILED,
	    .attempts = 7,
	    .reply = "550 no",
	    .created_us = NOW_US - WHEN_DAY_US};
	desk_put(desk, STORE_RECORD(&notice));
}

static void test_notices(void)
{
	struct desk desk;
	char code[CODE_BYTES];
	add_town(&desk);
	OK(desk_ask(&desk, "{'do':'contact.add','member':'town','address':'soc@town.example'}"),
	    "a contact");
	put_notice(&desk, NOTICE_ALARM, "alarm@x", 1);
	put_notice(&desk, NOTICE_CANARY, "canary@x", 1);
	put_notice(&desk, NOTICE_ALARM, "gone@x", 77);
	OK(desk_refuses(&desk, "{'do':'notice.resend','notice':1}",
	       "notice 1: holds a code, expected `hinomi contact resend`, which makes a new one"),
	    "a letter with a code");
	OK(desk_refuses(&desk, "{'do':'notice.resend','notice':2}",
	       "notice 2: its contact is not verified, expected one that is"),
	    "one to who is not verified");
	OK(desk_refuses(&desk, "{'do':'notice.resend','notice':3}",
	       "notice 3: is a test of its moment, expected another kind"),
	    "a canary");
	OK(desk_refuses(&desk, "{'do':'notice.resend','notice':4}",
	       "notice 4: its contact was removed, expected one that is there"),
	    "one to who is gone");
	OK(desk_refuses(&desk, "{'do':'notice.resend','notice':5}",
	       "notice 5: there is none, expected a number that `hinomi notice list` shows"),
	    "one that never was");
	read_code(&desk, 1, code);
	OK(verify(&desk, 1, code) && desk_ask(&desk, "{'do':'notice.resend','notice':2}") &&
		desk_says(&desk, "\"state\":\"waiting\",\"attempts\":0"),
	    "what can be sent again waits");
	desk_pass(&desk, WHEN_SECOND_US);
	OK(desk.letters == 2 && desk.notices[1] == 2, "and goes out");
	desk_close(&desk);
}

int main(void)
{
	test_codes();
	test_verification();
	test_tries();
	test_age();
	test_letters();
	test_changes();
	test_wrong_contacts();
	test_operator();
	test_no_mail();
	test_notices();
	return test_done();
}
