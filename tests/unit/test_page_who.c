/*
 * Tokens, and whose they are: sessions that are over, of accounts that are disabled, of members
 * that are gone, are nobody's.
 */
#include "cmd/station/page_who.h"

#include "store_help.h"

#define NOW_US (1000 * WHEN_DAY_US)

static struct store *store;
static struct complaint complaint;

static void must(bool done)
{
	if (!done)
		OK(false, "what the test needs");
}

/* ---- Tokens ---- */

static void test_tokens(void)
{
	char first[TOKEN_TEXT_BYTES];
	char second[TOKEN_TEXT_BYTES];
	char hash[TOKEN_HASH_BYTES];
	bool same = false;
	size_t by_first[256] = {0};
	size_t kinds = 0;
	OK(token_prepare(), "OpenSSL has SHA-256");
	for (int i = 0; i < 1000; i++) {
		must(token_make(first) == 0 && token_make(second) == 0);
		same = same || strcmp(first, second) == 0 || strlen(first) != 43;
		by_first[(unsigned char)first[i % 42]]++;
	}
	for (size_t i = 0; i < 256; i++)
		kinds += by_first[i] > 0;
	OK(!same && kinds == 64, "tokens have 43 of 64 characters, and are never the same");
	OK(token_hash("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", hash) &&
		strcmp(hash, "0f007385b6f9d4b7eeb2748605afe1a984a0a3bfa3f014d09e2a784ce9e5cd1a") ==
		    0,
	    "its hash is that of its text");
}

static void test_no_tokens(void)
{
	static const char *const rows[] = {
	    "",
	    "A",
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",   /* 42 */
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", /* 44 */
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+",
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\xe7",
	};
	char hash[TOKEN_HASH_BYTES];
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		OK(!token_hash(rows[i], hash), rows[i]);
	OK(!token_is_hash("") && !token_is_hash("00ff") &&
		!token_is_hash(
		    "0F007fdfac2ee1bd4ef5b5a1c7ae15d82ac51f8bc5e1e2e4b29e2ea2f6b1a0ad") &&
		token_is_hash("0f007385b6f9d4b7eeb2748605afe1a984a0a3bfa3f014d09e2a784ce9e5cd1a") &&
		!token_is_hash("0f007385b6f9d4b7eeb2748605afe1a984a0a3bfa3f014d09e2a784ce9e5cd1aa"),
	    "hashes are 64 small hexadecimal digits");
}

/* ---- Whose ---- */

static void put(struct store_record record)
{
	must(put_alone(store, record) == 0);
}

/* An account with one session; the token of that. */
static const char *add(struct store_account account, struct store_session session)
{
	static char token[TOKEN_TEXT_BYTES];
	static char hash[TOKEN_HASH_BYTES];
	must(token_make(token) == 0 && token_hash(token, hash));
	account.language = "ja";
	put(STORE_RECORD(&account));
	session.account_id = account.id;
	session.token_hash = hash;
	session.from = "192.0.2.1";
	if (session.until_us == 0)
		session.until_us = NOW_US + 1;
	put(STORE_RECORD(&session));
	return token;
}

static struct page_who who_of(const char *token)
{
	struct page_who who;
	must(page_who_find(store, token, NOW_US, &who, &complaint) == 0);
	return who;
}

static void test_whose(void)
{
	struct store_member member = sample_member("sakura-town");
	put(STORE_RECORD(&member));
	struct page_who who = who_of(
	    add((struct store_account){.name = "taro"}, (struct store_session){.created_us = 5}));
	OK(who.role == PAGE_OPERATOR && strcmp(who.name, "taro") == 0 && who.account_id > 0 &&
		who.member_id == 0 && strcmp(who.language, "ja") == 0 &&
		token_is_hash(who.session) && who.created_us == 5 && who.until_us == NOW_US + 1,
	    "an operator");
	who = who_of(add(
	    (struct store_account){
		.name = "hanako", .role = ACCOUNT_MEMBER, .member_id = member.id},
	    (struct store_session){.created_us = 5}));
	OK(who.role == PAGE_MEMBER && who.member_id == member.id &&
		strcmp(who.member, "sakura-town") == 0,
	    "somebody of a member");
	who = who_of(add((struct store_account){.name = "wall", .role = ACCOUNT_VIEWER},
	    (struct store_session){.created_us = 5}));
	OK(who.role == PAGE_VIEWER, "a screen");
}

static void test_nobody(void)
{
	const struct store_account plain = {.name = "a"};
	char token[TOKEN_TEXT_BYTES];
	must(token_make(token) == 0);
	OK(who_of(token).role == PAGE_NOBODY, "a token of nobody");
	OK(who_of("x' OR 1=1 --").role == PAGE_NOBODY, "what is no token");
	OK(who_of(add(plain, (struct store_session){.until_us = NOW_US})).role == PAGE_NOBODY,
	    "a session that has just ended");
	OK(who_of(add((struct store_account){.name = "b"},
		      (struct store_session){.kind = SESSION_LINK}))
		    .role == PAGE_NOBODY,
	    "a link is no session");
	OK(who_of(add((struct store_account){.name = "c", .disabled = true},
		      (struct store_session){.created_us = 1}))
		    .role == PAGE_NOBODY,
	    "an account that is disabled");
	OK(who_of(add((struct store_account){.name = "d", .role = ACCOUNT_MEMBER},
		      (struct store_session){.created_us = 1}))
		    .role == PAGE_NOBODY,
	    "somebody of no member");
}

static void test_times(void)
{
	const int64_t hour_us = WHEN_HOUR_US;
	OK(page_session_until(PAGE_OPERATOR, NOW_US, NOW_US) == NOW_US + 12 * hour_us,
	    "half a day without use");
	OK(page_session_until(PAGE_MEMBER, NOW_US, NOW_US + 6 * WHEN_DAY_US + 13 * hour_us) ==
		NOW_US + 7 * WHEN_DAY_US,
	    "but no more than a week");
	OK(page_session_until(PAGE_VIEWER, NOW_US, NOW_US) == NOW_US + 90 * WHEN_DAY_US,
	    "a screen goes on");
}

int main(void)
{
	store = open_store("memory", NULL, false);
	test_tokens();
	test_no_tokens();
	test_whose();
	test_nobody();
	test_times();
	store_close(store);
	return test_done();
}
