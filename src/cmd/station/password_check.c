/*
 * password_check.c - whether a text may be somebody's password.
 *
 * That it is not what everybody tries (NIST SP 800-63B-4, section 3.1.1.2) is the matter of
 * zxcvbn-c, which has the ten thousand most common passwords, tens of thousands of English words
 * and names, the rows of keyboards, repeats, sequences and dates, also with capitals, figures and
 * signs in place of letters, and tells how many tries the whole would take. Its words are part of
 * the library: it opens no file. We add what is known of this station, and of Japanese what
 * everybody knows by heart.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <zxcvbn.h>

#include "base/utf8.h"
#include "cmd/station/password.h"

/*
 * Ten thousand million tries, in bits: who has a copy of the database, and a hundred processors,
 * needs a month for them; who asks the page, for ever.
 */
#define BITS_MIN 33.2

enum {
	FOLDED_BYTES = PASSWORD_MAX_BYTES + 1,
	WORD_BYTES = 128, /* of a name: more of it need not be known */
	WORDS_MAX = 24,
};

static const char *const known[] = {
    "hinomi",
    "火の見",
    "ひのみ",
    "パスワード",
    "ぱすわーど",
    "pasuwado",
    "pasuwaado",
    "himitsu",
    "ひみつ",
    "あいうえお",
    "かきくけこ",
    "さしすせそ",
    "たちつてと",
    "なにぬねの",
    "アイウエオ",
    "カキクケコ",
    "サシスセソ",
    "いろはにほへと",
};

/*
 * One byte for each character, since the library knows bytes: a character of Japanese would count
 * as three that have nothing to do with one another. Cut at `room`.
 */
static void fold(const char *text, size_t length, char *out, size_t room)
{
	size_t used = 0;
	for (size_t at = 0; at < length && used < room - 1;) {
		const size_t step = utf8_step(text + at, length - at);
		const unsigned char *bytes = (const unsigned char *)text + at;
		if (step > 1) /* the last seven bits of its number */
			out[used++] =
			    (char)(0x80U | (bytes[step - 2] & 1U) << 6 | (bytes[step - 1] & 63U));
		else
			out[used++] = (char)bytes[0];
		at += step > 0 ? step : 1;
	}
	out[used] = '\0';
}

struct words {
	char bytes[WORDS_MAX][WORD_BYTES];
	const char *list[WORDS_MAX + 1]; /* NULL ends them */
	size_t count;
};

static void add_word(struct words *words, const char *word)
{
	char *out = words->bytes[words->count];
	if (word == NULL || word[0] == '\0')
		return;
	fold(word, strlen(word), out, WORD_BYTES);
	for (char *at = out; *at != '\0'; at++) /* the library wants small letters */
		*at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
	words->list[words->count++] = out;
}

static double bits_of(const char *password, size_t length, const struct password_about *about)
{
	char folded[FOLDED_BYTES];
	struct words words = {.count = 0};
	static_assert(sizeof known / sizeof known[0] + 2 <= WORDS_MAX, "room for all");
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		add_word(&words, known[i]);
	add_word(&words, about->station);
	add_word(&words, about->account);
	fold(password, length, folded, sizeof folded);
	const double bits = ZxcvbnMatch(folded, words.list, NULL);
	explicit_bzero(folded, sizeof folded);
	return bits;
}

/* What it is made of: 0, or -EINVAL with a complaint. */
static int check_characters(const char *password, size_t length, struct complaint *complaint)
{
	bool seen[256] = {false};
	size_t different = 0;
	size_t characters = 0;
	if (length > PASSWORD_MAX_BYTES)
		return complain(
		    complaint, -EINVAL, "password: expected at most %d bytes", PASSWORD_MAX_BYTES);
	for (size_t at = 0; at < length; characters++) {
		const size_t step = utf8_step(password + at, length - at);
		if (step == 0)
			return complain(complaint, -EINVAL, "password: expected UTF-8");
		for (size_t i = 0; i < step; i++) {
			different += !seen[(unsigned char)password[at + i]];
			seen[(unsigned char)password[at + i]] = true;
		}
		at += step;
	}
	if (characters < PASSWORD_MIN_CHARACTERS)
		return complain(complaint, -EINVAL, "password: expected at least %d characters",
		    PASSWORD_MIN_CHARACTERS);
	if (different < PASSWORD_DIFFERENT_MIN)
		return complain(complaint, -EINVAL,
		    "password: expected at least %d different characters", PASSWORD_DIFFERENT_MIN);
	return 0;
}

int password_check(const char *password, size_t length, const struct password_about *about,
    struct complaint *complaint)
{
	const int result = check_characters(password, length, complaint);
	if (result != 0 || bits_of(password, length, about) >= BITS_MIN)
		return result;
	return complain(complaint, -EINVAL,
	    "password: is easy to guess, since it is made of common passwords, words, names, "
	    "dates, rows of keys or repeats, expected three unrelated words or more");
}
