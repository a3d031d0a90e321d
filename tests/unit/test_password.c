/* Passwords: what is kept of them, and what opens with that. */
#include "cmd/station/password.h"

#include <string.h>
#include <time.h>

#include "test.h"

static const char good[] = "correct horse battery";
static const struct password_about nobody = {.station = NULL};

static void test_which(void)
{
	char longest[PASSWORD_MAX_BYTES + 2];
	static const struct {
		const char *password;
		const char *why; /* NULL: it is good */
	} rows[] = {
	    {"", "password: expected at least 12 characters"},
	    {"elevenchars", "password: expected at least 12 characters"},
	    {"twelve chars", NULL},
	    {"aaaaaaaaaaaabbbbbb", "password: expected at least 5 different characters"},
	    {"\xe7\x81\xab\xe3\x81\xae\xe8\xa6\x8b\xe6\xab\x93\xe3\x81\xab",
		"password: expected at least 12 characters"}, /* 5, in 15 bytes */
	    {"\xe7\x81\xab\xe3\x81\xae\xe8\xa6\x8b\xe6\xab\x93\xe3\x81\xab\xe7\x81\xab\xe3\x81\xae"
	     "\xe8\xa6\x8b\xe6\xab\x93\xe3\x81\xab\xe7\x81\xab\xe7\x81\xab",
		NULL},
	    {"not utf8 \xff at all", "password: expected UTF-8"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct complaint complaint = {""};
		const int result =
		    password_check(rows[i].password, strlen(rows[i].password), &nobody, &complaint);
		OK(rows[i].why == NULL ? result == 0 : strcmp(complaint.text, rows[i].why) == 0,
		    rows[i].why == NULL ? "a good one" : rows[i].why);
	}
	for (size_t i = 0; i < sizeof longest; i++)
		longest[i] = (char)('a' + i * i % 26);
	struct complaint complaint;
	OK(password_check(longest, PASSWORD_MAX_BYTES, &nobody, &complaint) == 0, "the longest");
	OK(password_check(longest, PASSWORD_MAX_BYTES + 1, &nobody, &complaint) < 0 &&
		strcmp(complaint.text, "password: expected at most 1024 bytes") == 0,
	    "one byte more");
}

/* What everybody tries first, and what nobody does. */
static void test_easy(void)
{
	static const struct password_about about = {
	    .station = "North Watch 火の見台", .account = "hanako.yamada"};
	static const struct {
		const char *password;
		bool is_good;
	} rows[] = {
	    {"passwordpassword", false},
	    {"P@ssw0rd12345678", false},
	    {"letmeinletmein", false},
	    {"iloveyouforever", false},
	    {"administrator1", false},
	    {"changemechangeme", false},
	    {"ThisIsAPassword", false},
	    {"baseball football", false},
	    {"Winter2026!!", false},
	    {"123456789012", false},
	    {"abcdefghijkl", false},
	    {"abcdeabcdeabcde", false},
	    {"qwertyuiop[]", false},
	    {"qwertyuiop12", false},
	    {"1qaz2wsx3edc4rfv", false}, /* columns of keys */
	    {"asdfghjkl;'z", false},
	    {"2026112920261129", false},
	    {"hinomi-hinomi", false},
	    {"Hinomi 2026!!", false},
	    {"password hinomi", false},
	    {"NorthWatch2026", false}, /* each is a word anyway */
	    {"north watch 火の見台", false},
	    {"hanako.yamada1", false},
	    {"H4nako.Yamada!!", false},
	    {"hanako.yamada hinomi", false},
	    {"火の見火の見火の見火の見", false},
	    {"パスワードパスワード1234", false},
	    {"あいうえおかきくけこ12", false},
	    {"かきくけこさしすせそ123", false},
	    {"correct horse battery", true},
	    {"correcthorsebatterystaple", true},
	    {"november rain falls", true},
	    {"kita no mado ni yuki", true},
	    {"fe9a8b31c02d", true},
	    {"kd83jf92ms0qlz", true},
	    {"屋根の上で猫が月を見ている", true},
	    {"ひるねのねこがやねのうえ", true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct complaint complaint = {""};
		const int result =
		    password_check(rows[i].password, strlen(rows[i].password), &about, &complaint);
		OK(rows[i].is_good
			? result == 0
			: strstr(complaint.text, "is easy to guess") != NULL &&
			      strstr(complaint.text, ", expected three unrelated words") != NULL,
		    rows[i].password);
	}
	struct complaint complaint;
	OK(password_check("misora.tsubaki", 14, &nobody, &complaint) == 0, "a name of nobody");
	const struct password_about own = {.account = "Misora.Tsubaki"};
	OK(password_check("misora.tsubaki", 14, &own, &complaint) < 0, "is no password of its own");
}

static double seconds(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* None takes so long that others notice. */
static void test_time(void)
{
	static const char *const patterns[] = {"p@55w0rd", "4@8({[<3691!|1$50+7%2", "qwertyuiop",
	    "111", "ab", "火の見", "hanako.yamada"};
	char text[PASSWORD_MAX_BYTES + 1];
	const struct password_about about = {.station = "tower", .account = "hanako.yamada"};
	double longest = 0;
	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		const size_t bytes = strlen(patterns[i]);
		struct complaint complaint;
		size_t length = 0;
		for (; length + bytes <= PASSWORD_MAX_BYTES; length += bytes)
			memcpy(text + length, patterns[i], bytes);
		const double start = seconds();
		(void)password_check(text, length, &about, &complaint);
		const double took = seconds() - start;
		longest = took > longest ? took : longest;
	}
	printf("# %.1f ms at most\n", longest * 1e3);
	OK(longest < 0.1, "the longest passwords are looked at in less than 100 ms");
}

static void test_keys(void)
{
	char kept[PASSWORD_KEPT_BYTES];
	char again[PASSWORD_KEPT_BYTES];
	char key[PASSWORD_KEY_BYTES];
	char wrong[PASSWORD_KEY_BYTES];
	OK(password_keep(good, strlen(good), kept) == 0 &&
		password_keep(good, strlen(good), again) == 0 && strcmp(kept, again) != 0 &&
		password_is_kept(kept),
	    "the same password is kept differently each time");
	OK(password_key(good, strlen(good), kept, key) == 0 && password_is_key(kept, key) &&
		!password_is_key(again, key),
	    "its key fits what is kept, and nothing else");
	OK(strstr(kept, key) == NULL && strstr(kept, good) == NULL,
	    "neither key nor password are in what is kept");
	OK(password_key("correct horse batterz", strlen(good), kept, wrong) == 0 &&
		!password_is_key(kept, wrong),
	    "another password does not");
	OK(password_key(good, strlen(good) - 1, kept, wrong) == 0 && !password_is_key(kept, wrong),
	    "nor a shorter one");
	OK(!password_is_key(kept, strrchr(kept, '$') + 1), "what is kept is no key");
	const double start = seconds();
	(void)password_key(good, strlen(good), kept, key);
	const double known = seconds() - start;
	OK(password_key(good, strlen(good), "", wrong) == 0 && !password_is_key(kept, wrong) &&
		!password_is_key("", wrong),
	    "nothing kept gives a key that fits nothing");
	const double unknown = seconds() - start - known;
	printf("# %.1f ms with an account, %.1f ms without\n", known * 1e3, unknown * 1e3);
	OK(unknown > known / 4 && unknown < known * 4, "in about the same time");
}

static void test_damaged(void)
{
	char kept[PASSWORD_KEPT_BYTES];
	char key[PASSWORD_KEY_BYTES];
	OK(password_keep(good, strlen(good), kept) == 0 &&
		password_key(good, strlen(good), kept, key) == 0,
	    "what is to be damaged");
	const size_t length = strlen(kept);
	bool any = false;
	for (size_t cut = 0; cut < length; cut++) {
		char part[PASSWORD_KEPT_BYTES];
		(void)snprintf(part, sizeof part, "%.*s", (int)cut, kept);
		any = any || password_is_kept(part) || password_is_key(part, key);
	}
	OK(!any, "cut at any place it is none");
	any = false;
	for (size_t i = 0; i < length; i++) {
		char part[PASSWORD_KEPT_BYTES];
		(void)snprintf(part, sizeof part, "%s", kept);
		part[i] = part[i] == 'g' ? 'h' : 'g'; /* no digit of ours */
		any = any || password_is_kept(part);
	}
	OK(!any, "nor with another character at any place");
	(void)snprintf(kept + length, sizeof kept - length, "0");
	OK(!password_is_kept(kept), "nor with one more");
	OK(!password_is_key(kept, "") && !password_is_key("", key) && !password_is_key("", ""),
	    "nothing opens nothing");
}

int main(void)
{
	test_which();
	test_easy();
	test_time();
	test_keys();
	test_damaged();
	return test_done();
}
