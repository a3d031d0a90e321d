/*
 * What comes by the page, as the keeper decides it: who signs in and how long that lasts, what each
 * role may, and what is recorded of it.
 */
#include "cmd/station/authority.h"

#include <errno.h>

#include "cmd/station/password.h"
#include "service_help.h"

static const char good[] = "correct horse battery";
static const char *peer = "192.0.2.7";

static struct desk desk;
static int result; /* of the last call */

static void must(bool done)
{
	if (!done)
		OK(false, "what the test needs");
}

/* Asks by the page, with ' in place of "; the answer is desk.answer. Whether it was done. */
static bool call(const char *token, const char *request)
{
	struct wire_call wire = {.number = 1};
	size_t length = 0;
	char *text = strdup(request);
	must(text != NULL && address_parse(peer, &wire.peer) == 0);
	for (char *at = text; *at != '\0'; at++)
		*at = *at == '\'' ? '"' : *at;
	(void)snprintf(wire.token, sizeof wire.token, "%s", token);
	wire.request = text;
	wire.length = strlen(text);
	free(desk.answer);
	FILE *out = open_memstream(&desk.answer, &length);
	result = authority_answer(&desk.service, &desk.clock, &wire, out);
	(void)fclose(out); /* memory */
	free(text);
	return result == 0;
}

static bool refused(const char *token, const char *request, int error, const char *part)
{
	const bool same =
	    !call(token, request) && result == error && strstr(desk.answer, part) != NULL;
	if (!same)
		printf("# %d: %s", result, desk.answer);
	return same;
}

/* A token of this number, and its hash. */
static const char *token_of(int number)
{
	static char tokens[4][TOKEN_TEXT_BYTES];
	static unsigned turn;
	char *token = tokens[turn++ % 4];
	(void)snprintf(token, TOKEN_TEXT_BYTES, "%043d", number); /* fits */
	return token;
}

static const char *hash_of(int number)
{
	static char hashes[4][TOKEN_HASH_BYTES];
	static unsigned turn;
	char *hash = hashes[turn++ % 4];
	must(token_hash(token_of(number), hash));
	return hash;
}

static void add(const char *name, const char *more)
{
	char kept[PASSWORD_KEPT_BYTES];
	char request[512];
	must(password_keep(good, strlen(good), kept) == 0);
	(void)snprintf(request, sizeof request,
	    "{'do':'account.add','name':'%s','password':'%s',%s}", name, kept, more);
	must(desk_ask(&desk, request));
}

static int see_kept(void *context, const void *record)
{
	const struct store_account *account = record;
	(void)snprintf(context, PASSWORD_KEPT_BYTES, "%s", account->password_hash);
	return 0;
}

/* Signs in with a password; the session has the hash of this number. */
static bool sign_in(const char *name, const char *password, int number)
{
	char kept[PASSWORD_KEPT_BYTES] = "";
	char key[PASSWORD_KEY_BYTES];
	char request[512];
	const struct store_query its = {
	    .kind = STORE_ACCOUNT, .conditions = {{.column = "name", .text = name}}};
	must(store_each(desk.store, &its, see_kept, kept, NULL) == 0 &&
	     password_key(password, strlen(password), kept, key) == 0);
	(void)snprintf(request, sizeof request,
	    "{'do':'session.begin','account':'%s','key':'%s','token':'%s'}", name, key,
	    hash_of(number));
	return call("", request);
}

/* The last record of what was done, as "by from what on outcome". */
static int see_audit(void *context, const void *record)
{
	const struct store_audit *audit = record;
	(void)snprintf(context, 512, "%s %s %s %s %s", audit->by, audit->from, audit->what,
	    audit->on, audit->outcome);
	return 0;
}

static bool recorded(const char *expected)
{
	char text[512] = "";
	const struct store_query last = {.kind = STORE_AUDIT, .descending = true, .limit = 1};
	must(store_each(desk.store, &last, see_audit, text, NULL) == 0);
	const bool same = strcmp(text, expected) == 0;
	if (!same)
		printf("# recorded %s\n", text);
	return same;
}

static void open_all(void)
{
	desk_open(&desk);
	must(desk_ask(&desk, "{'do':'member.add','name':'town','prefixes':['198.51.100.0/24']}") &&
	     desk_ask(&desk, "{'do':'member.add','name':'city','prefixes':['203.0.113.0/24']}"));
	must(desk_put_incident(&desk, 1, "198.51.100.1", "notified") == 1 &&
	     desk_put_incident(&desk, 2, "203.0.113.1", "notified") == 2);
	desk_restart(&desk);
	add("taro", "'role':'operator'");
	add("hanako", "'role':'member','member':'town'");
	add("wall", "'role':'viewer'");
}

/* ---- Who signs in ---- */

static void test_sign_in(void)
{
	open_all();
	OK(sign_in("taro", good, 1) && desk_says(&desk, "\"role\":\"operator\""), "a password");
	OK(recorded("taro 192.0.2.7 session.begin taro ok"), "is recorded");
	OK(call(token_of(1), "{'do':'incident.ack','incident':1,'note':'mine'}") &&
		desk_says(&desk, "\"state\":\"acknowledged\"") &&
		recorded("taro 192.0.2.7 incident.ack 1 ok"),
	    "who signed in does something, and is recorded");
	OK(refused(
	       token_of(2), "{'do':'incident.ack','incident':2}", -ENOKEY, "nobody is signed in"),
	    "another token is nobody's");
	OK(!sign_in("taro", "wrong horse battery", 3) && result == -EKEYREJECTED &&
		recorded("taro 192.0.2.7 session.begin taro a wrong password") == false,
	    "a wrong password");
	OK(recorded(" 192.0.2.7 session.begin taro a wrong password"), "is recorded as nobody's");
	char *answer = strdup(desk.answer);
	OK(!sign_in("nobody", good, 3) && strcmp(answer, desk.answer) == 0,
	    "an unknown name is answered the same");
	const int64_t before = desk_count(&desk, STORE_AUDIT);
	OK(!sign_in("nobody", good, 3) && desk_count(&desk, STORE_AUDIT) == before,
	    "and fills no disk");
	free(answer);
	OK(refused("", "{'do':'session.begin','account':'taro','key':'x'}", -EINVAL,
	       "token: is missing"),
	    "without a token");
	OK(refused("", "{'do':'session.link','link':'x','token':'y'}", -EKEYREJECTED, "was used"),
	    "what is no link");
	OK(!desk_ask(&desk, "{'do':'session.end'}") && desk_says(&desk, "by the page alone"),
	    "commands have no session");
	desk_close(&desk);
}

/* ---- Too many wrong ones ---- */

static void test_lock(void)
{
	open_all();
	for (int i = 0; i < 9; i++)
		must(!sign_in("taro", "wrong horse battery", 1));
	OK(sign_in("taro", good, 1), "after nine wrong ones the right one still opens");
	for (int i = 0; i < 10; i++)
		must(!sign_in("taro", "wrong horse battery", 2));
	OK(!sign_in("taro", good, 2) && result == -EKEYREJECTED, "after ten no longer");
	const int64_t before = desk_count(&desk, STORE_AUDIT);
	OK(!sign_in("taro", "wrong horse battery", 2) && desk_count(&desk, STORE_AUDIT) == before,
	    "and trying writes nothing");
	OK(call(token_of(1), "{'do':'incident.ack','incident':1}"), "who was in stays so");
	desk_pass(&desk, 31 * WHEN_SECOND_US);
	OK(!sign_in("taro", "wrong horse battery", 2) && !sign_in("taro", good, 2),
	    "half a minute later one may be tried");
	desk_pass(&desk, 31 * WHEN_SECOND_US);
	OK(!sign_in("taro", good, 2), "and then it takes longer");
	desk_restart(&desk);
	OK(!sign_in("taro", good, 2), "over restarts too");
	desk_pass(&desk, 30 * WHEN_SECOND_US);
	OK(sign_in("taro", good, 2), "until it opens again");
	must(!sign_in("taro", "wrong horse battery", 3));
	OK(sign_in("taro", good, 3), "and all is forgotten");
	desk_close(&desk);
}

/* One of a name that nobody has, which is the same work; its error. */
static int knock(void)
{
	(void)sign_in("nobody", good, 9);
	return result;
}

static void test_doors(void)
{
	static struct rate doors;
	char change[512];
	char address[ADDRESS_TEXT_BYTES];
	const char *own = peer;
	open_all();
	must(sign_in("taro", good, 1));
	service_init_doors(&doors);
	desk.service.doors = &doors;
	bool all = true;
	for (int i = 0; i < 14; i++)
		all = knock() == -EKEYREJECTED && all;
	OK(all && sign_in("taro", good, 2), "fifteen tries at once by one address");
	OK(knock() == -EUSERS && strstr(desk.answer, "too many tries") != NULL, "and no more");
	OK(!sign_in("taro", good, 3) && result == -EUSERS, "not with the right password either");
	(void)snprintf(change, sizeof change, "{'do':'session.link','link':'%s','token':'%s'}",
	    token_of(7), hash_of(8));
	OK(!call("", change) && result == -EUSERS, "nor by a link");
	(void)snprintf(change, sizeof change,
	    "{'do':'session.change','password':'$argon2id-sha256$m=19456,t=2,p=1$%032d$%064d',"
	    "'key':'x'}",
	    0, 0);
	OK(!call(token_of(2), change) && result == -EUSERS,
	    "nor to change the password of whoever left a browser open");
	OK(call(token_of(2), "{'do':'session.change','language':'ja'}"),
	    "other things may be changed");
	peer = "192.0.2.8";
	OK(knock() == -EKEYREJECTED, "another address may try");
	all = true;
	for (int i = 0; i < 29; i++) {
		(void)snprintf(address, sizeof address, "198.51.100.%d", i);
		peer = address;
		all = knock() == -EKEYREJECTED && all;
	}
	OK(all && knock() == -EUSERS, "all together forty-five");
	peer = own;
	desk_pass(&desk, 5 * WHEN_SECOND_US);
	OK(knock() == -EUSERS, "five seconds later an address has to wait");
	desk_pass(&desk, WHEN_SECOND_US);
	OK(knock() == -EKEYREJECTED && knock() == -EUSERS, "after six it may once");
	desk_close(&desk);
}

/* ---- How long ---- */

static void test_times(void)
{
	open_all();
	must(sign_in("taro", good, 1) && sign_in("wall", good, 2));
	desk_pass(&desk, 11 * WHEN_HOUR_US);
	OK(call(token_of(1), "{'do':'session.touch'}"), "somebody is still there");
	desk_pass(&desk, 11 * WHEN_HOUR_US);
	OK(call(token_of(1), "{'do':'canary.state'}"), "and so 22 hours later");
	desk_pass(&desk, WHEN_HOUR_US);
	OK(refused(token_of(1), "{'do':'canary.state'}", -ENOKEY, "nobody"),
	    "but not half a day after that was last said");
	OK(call(token_of(2), "{'do':'session.touch'}"), "a screen is still there");
	must(sign_in("taro", good, 3));
	for (int i = 0; i < 15; i++) {
		must(call(token_of(3), "{'do':'session.touch'}"));
		desk_pass(&desk, 11 * WHEN_HOUR_US);
	}
	must(call(token_of(3), "{'do':'session.touch'}"));
	OK(call(token_of(3), "{'do':'canary.state'}"), "nearly a week");
	desk_pass(&desk, 4 * WHEN_HOUR_US);
	OK(refused(token_of(3), "{'do':'canary.state'}", -ENOKEY, "nobody"), "no more than a week");
	desk_pass(&desk, 70 * WHEN_DAY_US);
	OK(call(token_of(2), "{'do':'session.touch'}"), "the screen goes on");
	desk_close(&desk);
}

/* ---- Links ---- */

static void test_links(void)
{
	char token[TOKEN_TEXT_BYTES];
	char hash[TOKEN_HASH_BYTES];
	char request[512];
	struct complaint complaint;
	desk_open(&desk);
	OK(authority_make_first(&desk.service, &desk.clock, token, &complaint) == 0 &&
		token_hash(token, hash) && desk_count(&desk, STORE_ACCOUNT) == 1,
	    "the first start makes an account and a link");
	OK(recorded("keeper station account.link operator ok"), "which is recorded");
	(void)snprintf(request, sizeof request, "{'do':'session.link','link':'%s','token':'%s'}",
	    token, hash_of(1));
	char stolen[512];
	(void)snprintf(stolen, sizeof stolen, "{'do':'session.link','link':'%.43s','token':'%s'}",
	    hash, hash_of(1));
	OK(!call("", stolen) && result == -EKEYREJECTED, "what is kept of it leads in nowhere");
	OK(call("", request) && desk_says(&desk, "\"account\":\"operator\""), "it leads in");
	OK(!call("", request) && result == -EKEYREJECTED, "once");
	OK(call(token_of(1), "{'do':'canary.state'}"), "who came by it is in");
	OK(authority_make_first(&desk.service, &desk.clock, token, &complaint) == 0 &&
		token[0] == '\0' && desk_count(&desk, STORE_ACCOUNT) == 1,
	    "the second start makes nothing");
	(void)snprintf(request, sizeof request,
	    "{'do':'account.link','name':'operator','token':'%s'}", hash_of(5));
	must(desk_ask(&desk, request));
	desk_pass(&desk, WHEN_DAY_US);
	(void)snprintf(request, sizeof request, "{'do':'session.link','link':'%s','token':'%s'}",
	    token_of(5), hash_of(6));
	OK(refused("", request, -EKEYREJECTED, "has ended"), "a day later a link has ended");
	(void)snprintf(request, sizeof request,
	    "{'do':'account.link','name':'operator','token':'%s'}", hash_of(7));
	must(desk_ask(&desk, request));
	(void)snprintf(request, sizeof request,
	    "{'do':'account.link','name':'operator','token':'%s'}", hash_of(8));
	must(desk_ask(&desk, request));
	(void)snprintf(request, sizeof request, "{'do':'session.link','link':'%s','token':'%s'}",
	    token_of(7), hash_of(9));
	OK(refused("", request, -EKEYREJECTED, "was used"), "a new one ends the one before");
	OK(refused(token_of(8), "{'do':'canary.begin'}", -ENOKEY, "nobody"),
	    "a link is no session");
	desk_close(&desk);
}

/* ---- Who may what ---- */

static void test_roles(void)
{
	static const char *const requests[] = {
	    "{'do':'member.add','name':'x'}",
	    "{'do':'member.change','name':'town','note':'x'}",
	    "{'do':'member.remove','name':'town'}",
	    "{'do':'member.import','members':[]}",
	    "{'do':'contact.add','member':'town','address':'a@example.org'}",
	    "{'do':'contact.verify','contact':1,'code':'x'}",
	    "{'do':'contact.resend','contact':1}",
	    "{'do':'contact.change','contact':1}",
	    "{'do':'contact.remove','contact':1}",
	    "{'do':'exception.add','subject':'192.0.2.1','reason':'x'}",
	    "{'do':'exception.remove','exception':1}",
	    "{'do':'notice.resend','notice':1}",
	    "{'do':'account.add','name':'x','role':'operator'}",
	    "{'do':'account.change','name':'hanako','role':'operator'}",
	    "{'do':'account.remove','name':'taro'}",
	    "{'do':'account.link','name':'taro','token':'x'}",
	    "{'do':'canary.begin'}",
	    "{'do':'canary.state'}",
	    "{'do':'copy.begin'}",
	    "{'do':'copy.state'}",
	};
	open_all();
	must(sign_in("hanako", good, 2) && sign_in("wall", good, 3));
	for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
		OK(refused("", requests[i], -ENOKEY, "nobody") &&
			refused(token_of(2), requests[i], -EACCES, "only an operator") &&
			refused(token_of(3), requests[i], -EACCES, "may only look"),
		    requests[i]);
	OK(desk_count(&desk, STORE_MEMBER) == 2 && desk_count(&desk, STORE_ACCOUNT) == 3 &&
		desk_count(&desk, STORE_CONTACT) == 0,
	    "nothing was done");
	OK(call(token_of(2), "{'do':'incident.ack','incident':1}") &&
		recorded("hanako 192.0.2.7 incident.ack 1 ok"),
	    "somebody of a member answers its incident");
	OK(call(token_of(2), "{'do':'incident.note','incident':1,'note':'a printer'}"), "notes");
	OK(refused(token_of(2), "{'do':'incident.ack','incident':2}", -ENOENT, "there is none") &&
		recorded("hanako 192.0.2.7 incident.ack 2 incident 2: there is none, expected one "
			 "of your member"),
	    "that of another is not there, and that somebody tried is recorded");
	char *answer = strdup(desk.answer);
	OK(!call(token_of(2), "{'do':'incident.ack','incident':3}") && answer != NULL &&
		strlen(answer) == strlen(desk.answer),
	    "as one that never was");
	free(answer);
	OK(refused(token_of(3), "{'do':'incident.ack','incident':1}", -EACCES, "only look"),
	    "a screen answers nothing");
	OK(refused(token_of(2), "{'do':'incident.note','incident':1,'note':'x','by':'taro'}",
	       -EINVAL, "by: is whoever is signed in"),
	    "nobody is somebody else");
	desk_close(&desk);
}

/* ---- Accounts ---- */

static void test_accounts(void)
{
	open_all();
	must(sign_in("taro", good, 1));
	static const struct {
		const char *request;
		int error;
		const char *part;
	} rows[] = {
	    {"{'do':'account.add','name':'x'}", -EINVAL, "role: is missing"},
	    {"{'do':'account.add','name':'x','role':'king'}", -EINVAL,
		"role king: expected operator, member or viewer"},
	    {"{'do':'account.add','name':'a b','role':'viewer'}", -EINVAL, "without blanks"},
	    {"{'do':'account.add','name':'a/b','role':'viewer'}", -EINVAL, "without blanks"},
	    {"{'do':'account.add','name':'keeper','role':'viewer'}", -EINVAL, "not keeper"},
	    {"{'do':'account.add','name':'taro','role':'viewer'}", -EEXIST,
		"is an account already"},
	    {"{'do':'account.add','name':'x','role':'member'}", -EINVAL, "member: is missing"},
	    {"{'do':'account.add','name':'x','role':'member','member':'y'}", -ENOENT, "member y"},
	    {"{'do':'account.add','name':'x','role':'viewer','member':'town'}", -EINVAL,
		"with the role member only"},
	    {"{'do':'account.add','name':'x','role':'viewer','language':'fr'}", -EINVAL,
		"expected ja or en"},
	    {"{'do':'account.add','name':'x','role':'viewer','password':'correct horse'}", -EINVAL,
		"password: expected what"},
	    {"{'do':'account.change','name':'x','role':'viewer'}", -ENOENT, "there is none"},
	    {"{'do':'account.change','name':'wall','rename':'taro'}", -EEXIST, "already"},
	    {"{'do':'account.change','name':'taro','role':'viewer'}", -EPERM, "the last operator"},
	    {"{'do':'account.change','name':'taro','disabled':true}", -EPERM, "the last operator"},
	    {"{'do':'account.remove','name':'taro'}", -EPERM, "the last operator"},
	    {"{'do':'account.link','name':'taro','token':'00'}", -EINVAL, "token: expected"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		OK(refused(token_of(1), rows[i].request, rows[i].error, rows[i].part),
		    rows[i].part);
	OK(desk_count(&desk, STORE_ACCOUNT) == 3, "nothing was done");
	char name[PAGE_NAME_BYTES + 1];
	char request[256];
	memset(name, 'x', sizeof name);
	for (int more = 0; more <= 1; more++) {
		(void)snprintf(request, sizeof request,
		    "{'do':'account.add','name':'%.*s','role':'viewer'}",
		    PAGE_NAME_BYTES - 1 + more, name);
		OK(call(token_of(1), request) == (more == 0),
		    more == 0 ? "the longest name" : "one byte more");
	}
	OK(call(token_of(1), "{'do':'account.change','name':'hanako','rename':'yuko'}") &&
		desk_says(&desk, "\"name\":\"yuko\"") && desk_says(&desk, "\"member\":\"town\""),
	    "an account is renamed, and keeps the rest");
	OK(!desk_says(&desk, "argon2") && desk_says(&desk, "\"password\":true"),
	    "nobody sees what is kept of a password");
	OK(call(token_of(1), "{'do':'account.remove','name':'yuko'}") &&
		desk_count(&desk, STORE_ACCOUNT) == 3 &&
		recorded("taro 192.0.2.7 account.remove yuko ok"),
	    "and removed");
	desk_close(&desk);
}

static void test_many(void)
{
	char request[128];
	desk_open(&desk);
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(request, sizeof request,
		    "{'do':'account.add','name':'a%d','role':'viewer'}", i);
		must(desk_ask(&desk, request));
	}
	OK(!desk_ask(&desk, "{'do':'account.add','name':'more','role':'viewer'}") &&
		desk_says(&desk, "there are 1000 accounts"),
	    "a thousand accounts, and one more");
	desk_close(&desk);
	open_all();
	for (int i = 1; i <= 51; i++)
		must(sign_in("wall", good, i));
	OK(refused(token_of(1), "{'do':'session.end'}", -ENOKEY, "nobody") &&
		call(token_of(2), "{'do':'session.end'}") &&
		call(token_of(51), "{'do':'session.end'}"),
	    "of 51 sessions the oldest made room");
	desk_close(&desk);
}

/* ---- What ends sessions ---- */

static void test_ends(void)
{
	char kept[PASSWORD_KEPT_BYTES];
	char key[PASSWORD_KEY_BYTES];
	char request[512];
	open_all();
	must(sign_in("taro", good, 1) && sign_in("taro", good, 2) && sign_in("hanako", good, 3) &&
	     sign_in("hanako", good, 4));
	OK(call(token_of(2), "{'do':'session.end'}") &&
		refused(token_of(2), "{'do':'canary.state'}", -ENOKEY, "nobody") &&
		call(token_of(1), "{'do':'canary.state'}"),
	    "who signs out is out, and nobody else");
	must(password_keep("another horse battery", 21, kept) == 0);
	(void)snprintf(request, sizeof request, "{'do':'session.change','password':'%s'}", kept);
	OK(refused(token_of(3), request, -EKEYREJECTED, "wrong"), "a password needs the old one");
	char old[PASSWORD_KEPT_BYTES] = "";
	const struct store_query its = {
	    .kind = STORE_ACCOUNT, .conditions = {{.column = "name", .text = "hanako"}}};
	must(store_each(desk.store, &its, see_kept, old, NULL) == 0 &&
	     password_key(good, strlen(good), old, key) == 0);
	(void)snprintf(request, sizeof request,
	    "{'do':'session.change','password':'%s','key':'%s','language':'en'}", kept, key);
	OK(call(token_of(3), request) && recorded("hanako 192.0.2.7 session.change hanako ok"),
	    "with it it is changed");
	OK(call(token_of(3), "{'do':'incident.ack','incident':1}") &&
		refused(token_of(4), "{'do':'session.touch'}", -ENOKEY, "nobody"),
	    "this session stays, the others end");
	OK(!sign_in("hanako", good, 5) && sign_in("hanako", "another horse battery", 5),
	    "the old one opens nothing");
	OK(call(token_of(1), "{'do':'account.change','name':'hanako','disabled':true}") &&
		refused(token_of(3), "{'do':'session.touch'}", -ENOKEY, "nobody") &&
		!sign_in("hanako", "another horse battery", 6),
	    "who is disabled is out, and stays so");
	OK(call(token_of(1), "{'do':'account.change','name':'hanako','disabled':false}") &&
		sign_in("hanako", "another horse battery", 6) &&
		call(token_of(1), "{'do':'account.change','name':'hanako','language':'ja'}") &&
		call(token_of(6), "{'do':'session.touch'}"),
	    "and comes back; another language ends nothing");
	OK(call(token_of(1), "{'do':'account.change','name':'hanako','member':'city'}") &&
		refused(token_of(6), "{'do':'session.touch'}", -ENOKEY, "nobody"),
	    "another member does");
	must(sign_in("hanako", "another horse battery", 7));
	OK(call(token_of(1), "{'do':'member.remove','name':'city'}") &&
		refused(token_of(7), "{'do':'session.touch'}", -ENOKEY, "nobody"),
	    "and so does its end");
	OK(desk_ask(&desk, "{'do':'account.remove','name':'taro','by':'root'}") &&
		recorded("root control account.remove taro ok"),
	    "a command removes the last operator");
	desk_close(&desk);
}

int main(void)
{
	must(token_prepare());
	test_sign_in();
	test_lock();
	test_doors();
	test_times();
	test_links();
	test_roles();
	test_accounts();
	test_many();
	test_ends();
	return test_done();
}
