#include "notify/wording.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "notify/wording_internal.h"
#include "phrase_check.h"
#include "test.h"

enum {
	STRINGS = sizeof(struct vocabulary) / sizeof(const char *),
	ROOM = 1024,
};

static const char *string_at(enum language language, size_t index)
{
	const char *string;
	memcpy(&string, (const char *)wording_get(language) + index * sizeof string, sizeof string);
	return string;
}

/* A step may be missing where an advice has fewer; in Japanese nothing stands between sentences. */
static bool may_be_missing(size_t index)
{
	size_t first_step = offsetof(struct vocabulary, steps) / sizeof(const char *);
	return index >= first_step && (index - first_step) % ADVICE_STEPS_MAX > 0;
}

static void test_nothing_lacks(void)
{
	char name[64];
	for (size_t i = 0; i < STRINGS; i++) {
		const char *en = string_at(LANGUAGE_EN, i);
		const char *ja = string_at(LANGUAGE_JA, i);
		bool present = en != NULL && ja != NULL && en[0] != '\0' &&
			       (ja[0] != '\0' || i == MESSAGE_JOINT);
		bool absent = en == NULL && ja == NULL && may_be_missing(i);
		if (present || absent)
			continue;
		(void)snprintf(name, sizeof name, "string %zu is in both languages", i);
		OK(false, name);
	}
	OK(STRINGS > 200, "each string is in both languages or in none");
}

static void test_places_agree(void)
{
	OK(places_of("a {1} {2:b|c} {9}") == (1 << 1 | 1 << 9), "places are found");
	OK(places_of("{a}") < 0 && places_of("{1") < 0 && places_of("}") < 0 &&
		places_of("{1:a}|") < 0 && places_of("{0}") < 0,
	    "and so are braces out of order");
	bool agree = true;
	for (size_t i = 0; i < STRINGS; i++) {
		const char *en = string_at(LANGUAGE_EN, i);
		const char *ja = string_at(LANGUAGE_JA, i);
		if (en == NULL || ja == NULL)
			continue;
		if (places_of(en) >= 0 && places_of(en) == places_of(ja))
			continue;
		agree = false;
		printf("# %s\n# %s\n", en, ja);
	}
	OK(agree, "both languages have the same places");
}

static bool ends_with(const char *string, const char *end)
{
	size_t length = strlen(string);
	size_t end_length = strlen(end);
	return length >= end_length && strcmp(string + length - end_length, end) == 0;
}

static void test_language_of_each(void)
{
	bool clean = true;
	bool english = true;
	for (size_t i = 0; i < STRINGS; i++) {
		for (int language = 0; language < LANGUAGE_COUNT; language++) {
			const char *string = string_at((enum language)language, i);
			clean = clean && (string == NULL || is_clean(string));
		}
		const char *en = string_at(LANGUAGE_EN, i);
		english = english && (en == NULL || !has_kana(en));
	}
	OK(clean, "all strings are UTF-8 without control characters");
	OK(english, "nothing Japanese is among the English");

	bool sentences = true;
	const struct vocabulary *en = &wording_en;
	const struct vocabulary *ja = &wording_ja;
	for (size_t i = 0; i < REASON_COUNT; i++)
		sentences = sentences && ends_with(en->reasons[i], ".") &&
			    ends_with(ja->reasons[i], "。") && has_kana(ja->reasons[i]);
	for (size_t i = 0; i < SPOOF_REASON_COUNT; i++)
		sentences = sentences && ends_with(en->spoof_reasons[i], ".") &&
			    ends_with(ja->spoof_reasons[i], "。") && has_kana(ja->spoof_reasons[i]);
	OK(sentences, "reasons are sentences in their language");
}

/* Of each reason what must be read in it. */
static const struct {
	enum reason reason;
	int64_t numbers[3];
	const char *en;
	const char *ja;
} reasons[] = {
    {REASON_DARK_TARGETS, {254, 0, 0}, "Packets went to 254 addresses that nobody uses",
	"ダークネット）254 個にパケットが送られました"},
    {REASON_DARK_TARGETS, {1, 0, 0}, "went to 1 address that nobody uses", "）1 個に"},
    {REASON_DARK_TARGETS, {12, 3, 0},
	"Of these, 3 are taken as unused only because they were never seen",
	"このうち 3 個は、送信が一度も観測されなかったため"},
    {REASON_DARK_WATCH, {2, 0, 0}, "went to 2 addresses that nobody uses (dark addresses): too few",
	"2 個にパケットが送られましたが、警報を出すには少ない数です"},
    {REASON_MARK, {1234, TOOL_MIRAI, 0}, "1,234 packets bear the mark of the Mirai family",
	"1,234 個のパケットに、マルウェア Mirai（ミライ）とその亜種の特徴"},
    {REASON_MARK, {1, TOOL_UNICORNSCAN, 0}, "1 packet bears the mark of the scanning program Uni",
	"スキャンツール Unicornscan の特徴"},
    {REASON_NET_FAILURES, {10, 11, 1},
	"11 refused or kept silent and 1 answered; on one port "
	"failures outran answers by 10",
	"11 個は拒否または無応答で、応答は 1 個でした（1 つのポートで失敗が応答を 10 上回り"},
    {REASON_NET_FAILURES_ALL, {10, 11, 1}, "on all ports together failures outran answers by 10",
	"全ポートの合計で失敗が応答を 10 上回りました"},
    {REASON_WATCH_FAILURES, {7, 8, 1},
	"8 refused or kept silent and 1 answered; failures outran "
	"answers by 7, too few for an alarm",
	"失敗が応答を 7 上回りました）。警報を出すには少ない数です"},
    {REASON_PORTS_OF_TARGET, {993, 2, 0},
	"993 ports of one address were refused or silent; 2 "
	"addresses were treated so",
	"993 個のポートが拒否または無応答でした（このような宛先は 2 個）"},
    {REASON_PROTOCOLS, {40, 0, 0}, "40 IP protocols were tried on one address",
	"40 種類の IP プロトコルが試されました"},
    {REASON_ADDRESS_ORDER, {97, 0, 0}, "gone through in order (97 % of the steps)",
	"順番にたどられています（97 %）"},
    {REASON_DENSITY, {50, 60, 0}, "lie close together: 50 of 60 in one network",
	"60 個のうち 50 個が同じネットワーク"},
    {REASON_PEER_TO_PEER, {33, 108, 0},
	"peer-to-peer software (file sharing, calls, games): 33 % "
	"answered, and 108 machines",
	"P2P ソフト（ファイル共有、通話、ゲームなど）の通信に似ています（33 % が応答し"},
    {REASON_WEB_CLIENT, {8, 0, 0}, "ordinary use of the web: 8 servers did not answer",
	"応答のないサーバが 8 台"},
    {REASON_RETRIES, {12, 0, 0}, "the same 12 addresses again and again",
	"同じ 12 個の相手に、1 つずつ繰り返し"},
    {REASON_INFERRED, {0, 0, 0}, "was only inferred, since they were never seen to send anything",
	"推定したもの"},
    {REASON_UNHELD, {231, 5, 0}, "231 addresses were asked for that no machine holds, within 5 min",
	"どの機器も使っていない 231 個のアドレスを、5 分間に問い合わせ"},
    {REASON_ROUTER, {0, 0, 0}, "a router or a DHCP server", "ルータまたは DHCP サーバ"},
    {REASON_BACKSCATTER, {12000, 253, 2835},
	"12,000 answers that nobody had asked for came within "
	"4 min 13 s, up to 2,835 in one minute",
	"4 分 13 秒の間に 12,000 個、最も多い 1 分間に 2,835 個"},
    {REASON_BACKSCATTER, {30, 61, 30}, "no sign of an infection", "感染を示すものではありません"},
    {REASON_BACKSCATTER_WIDE, {100, 50, 0},
	"100 answers that nobody had asked for went to 50 "
	"different addresses",
	"50 個のアドレスに 100 個届きました"},
    {REASON_BACKSCATTER_WIDE, {100, 50, 0}, "no sign of an infection",
	"跳ね返り（バックスキャッタ"},
    {REASON_REAL_RATE, {3096000, 65536, 0},
	"65,536 addresses watched, the whole flood is about "
	"3,096,000 packets per second",
	"65,536 個から逆算すると、実際の攻撃は毎秒およそ 3,096,000 パケット"},
    {REASON_FORGED_NETWORKS, {256, 0, 0}, "256 different networks (/16)",
	"256 個のネットワーク（/16）に散らばって"},
    {REASON_FLOOD_SENDERS, {5000, 1, 1000},
	"5,000 senders came that it had never contacted, 1,000 "
	"packets per second; 1 % of them",
	"一度も接続していない 5,000 個の送信元から、毎秒 1,000 パケット"},
    {REASON_FLOOD_REPLIES, {5000, 1000, 0},
	"5,000 senders sent answers that it had never asked "
	"for, 1,000 packets per second",
	"問い合わせていない 5,000 個の送信元から、毎秒 1,000 パケットの応答"},
    {REASON_REFLECTED_DARK, {40, 5, 90},
	"40 answers went to 5 addresses that nobody uses, within 1 "
	"min 30 s",
	"誰も使っていないアドレス 5 個に、1 分 30 秒の間に応答が 40 個"},
    {REASON_STRAY, {1, 24, 7260},
	"24 packets went to 1 unused address, again and again over 2 h 1 "
	"min",
	"使われていない同じ 1 個のアドレスに、2 時間 1 分にわたってパケット 24 個"},
    {REASON_MEMBER_CROWD, {60, 95, 0},
	"60 addresses of the same organisation, each with very few packets, did "
	"the same at once (95 %",
	"同じ組織の 60 個のアドレスから"},
    {REASON_EXTRAPOLATED_RATE, {120, 65536, 0},
	"about 120 packets per second to the whole Internet",
	"インターネット全体に毎秒およそ 120 パケット"},
};

static void test_reasons(void)
{
	bool covered[REASON_COUNT] = {false};
	bool all = true;
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		struct finding finding = {0};
		char en[ROOM];
		char ja[ROOM];
		char name[64];
		finding_add_reason(&finding, reasons[i].reason, reasons[i].numbers[0],
		    reasons[i].numbers[1], reasons[i].numbers[2]);
		wording_why(LANGUAGE_EN, &finding, en, sizeof en);
		wording_why(LANGUAGE_JA, &finding, ja, sizeof ja);
		bool right = strstr(en, reasons[i].en) != NULL && strstr(ja, reasons[i].ja) != NULL;
		if (!right)
			printf("# %s\n# %s\n", en, ja);
		(void)snprintf(name, sizeof name, "reason %d, row %zu", (int)reasons[i].reason, i);
		OK(right, name);
		covered[reasons[i].reason] = true;
	}
	for (size_t i = 0; i < REASON_COUNT; i++)
		all = all && covered[i];
	OK(all, "each reason has a row");
}

static const struct {
	enum spoof_reason reason;
	int64_t numbers[2];
	const char *en;
	const char *ja;
} spoofs[] = {
    {SPOOF_HANDSHAKE_SEEN, {0, 0}, "It completed a connection, which a forged address cannot.",
	"接続を成立させています。偽りのアドレスではできないことです。"},
    {SPOOF_TWO_WAY_SEEN, {0, 0}, "It answered, or held its address on the local network.",
	"このアドレスで応答したか、ローカルネットワークでこのアドレスを名乗っています。"},
    {SPOOF_TTL_STEADY, {52, 53},
	"Its packets all came over nearly the same distance (TTL 52 to 53).",
	"パケットはすべてほぼ同じ距離から届いています（TTL 52～53）。"},
    {SPOOF_TTL_STEADY, {64, 64}, "Its packets all came over the same distance (TTL 64).",
	"パケットはすべて同じ距離から届いています（TTL 64）。"},
    {SPOOF_TTL_SPREAD, {40, 240}, "Its packets came over very different distances (TTL 40 to 240).",
	"パケットはさまざまな距離から届いています（TTL 40～240）。"},
    {SPOOF_MANY_PACKETS, {4120, 0},
	"It sent 4,120 packets, while forgers spread theirs over many addresses.",
	"パケットが 4,120 個と多く、多数のアドレスに散らす詐称とは異なります。"},
    {SPOOF_FEW_PACKETS, {1, 0}, "It sent only 1 packet, as each address in a forged flood does.",
	"パケットが 1 個と少なく、詐称された大量通信の一部に似ています。"},
    {SPOOF_CROWD_OF_MEMBER, {60, 0}, "60 addresses of the same organisation did the same at once.",
	"同じ組織の 60 個のアドレスが、同時に同じことをしています。"},
    {SPOOF_TOOL_NEEDS_REPLY, {0, 0}, "A scanner under a forged address would learn nothing.",
	"送信元を偽ると、スキャンの結果を受け取れません。"},
};

static void test_spoof_reasons(void)
{
	bool covered[SPOOF_REASON_COUNT] = {false};
	bool all = true;
	for (size_t i = 0; i < sizeof spoofs / sizeof spoofs[0]; i++) {
		const struct finding_spoof reason = {.reason = (uint8_t)spoofs[i].reason,
		    .numbers = {spoofs[i].numbers[0], spoofs[i].numbers[1]}};
		char en[WORDING_SPOOF_REASON_BYTES];
		char ja[WORDING_SPOOF_REASON_BYTES];
		wording_spoof_reason(LANGUAGE_EN, &reason, en, sizeof en);
		wording_spoof_reason(LANGUAGE_JA, &reason, ja, sizeof ja);
		OK(strcmp(en, spoofs[i].en) == 0 && strcmp(ja, spoofs[i].ja) == 0, spoofs[i].en);
		covered[spoofs[i].reason] = true;
	}
	for (size_t i = 0; i < SPOOF_REASON_COUNT; i++)
		all = all && covered[i];
	OK(all, "each reason of the spoof estimate has a row");
}

/* Nothing that a finding can hold is cut. */
static void test_longest(void)
{
	for (int language = 0; language < LANGUAGE_COUNT; language++) {
		size_t longest = 0;
		for (int reason = 0; reason < REASON_COUNT; reason++) {
			struct finding finding = {0};
			char why[WORDING_WHY_BYTES];
			bool has_tool = reason == REASON_MARK;
			finding_add_reason(&finding, (enum reason)reason, INT64_MIN,
			    has_tool ? TOOL_UNICORNSCAN : INT64_MAX, INT64_MAX);
			wording_why((enum language)language, &finding, why, sizeof why);
			if (strlen(why) > longest)
				longest = strlen(why);
		}
		OK((longest + 1) * FINDING_REASONS_MAX < WORDING_WHY_BYTES,
		    language == LANGUAGE_EN ? "the longest why in English fits"
					    : "the longest why in Japanese fits");
	}
	bool fit = true;
	for (int reason = 0; reason < SPOOF_REASON_COUNT; reason++) {
		const struct finding_spoof given = {
		    .reason = (uint8_t)reason, .numbers = {INT64_MIN, INT64_MAX}};
		char text[WORDING_SPOOF_REASON_BYTES];
		wording_spoof_reason(LANGUAGE_JA, &given, text, sizeof text);
		fit = fit && ends_with(text, "。");
		wording_spoof_reason(LANGUAGE_EN, &given, text, sizeof text);
		fit = fit && ends_with(text, ".");
	}
	OK(fit, "the longest reasons of the spoof estimate fit");
}

static void test_why_cut(void)
{
	struct finding finding = {0};
	char whole[ROOM];
	bool right = true;
	finding_add_reason(&finding, REASON_ROUTER, 0, 0, 0);
	finding_add_reason(&finding, REASON_INFERRED, 0, 0, 0);
	wording_why(LANGUAGE_JA, &finding, whole, sizeof whole);
	for (size_t room = 1; room <= strlen(whole) + 1; room++) {
		char cut[ROOM];
		memset(cut, 'x', sizeof cut);
		wording_why(LANGUAGE_JA, &finding, cut, room);
		right = right && strlen(cut) < room && strlen(cut) + 4 > room && is_clean(cut) &&
			strncmp(cut, whole, strlen(cut)) == 0 && cut[room] == 'x';
	}
	OK(right, "why cut at every length ends at a whole character");
	struct finding none = {0};
	wording_why(LANGUAGE_EN, &none, whole, sizeof whole);
	OK(whole[0] == '\0', "no reasons, no words");
}

static const struct {
	const char *name;
	const char *phrase;
	struct value values[2];
	const char *expected;
} phrases[] = {
    {"plain", "plain", {{0}}, "plain"},
    {"in the other order", "{2} of {1}", {{.text = "a"}, {.text = "b"}}, "b of a"},
    {"twice", "{1}{1}", {{.text = "a"}}, "aa"},
    {"one", "{1} {1:address|addresses}", {{.number = 1}}, "1 address"},
    {"many", "{1} {1:address|addresses}", {{.number = 2}}, "2 addresses"},
    {"none", "{1} {1:address|addresses}", {{.number = 0}}, "0 addresses"},
    {"thousands", "{1}", {{.number = 1234567}}, "1,234,567"},
    {"no comma yet", "{1}", {{.number = 999}}, "999"},
    {"negative", "{1}", {{.number = -1000}}, "-1,000"},
    {"the least", "{1}", {{.number = INT64_MIN}}, "-9,223,372,036,854,775,808"},
    {"the most", "{1}", {{.number = INT64_MAX}}, "9,223,372,036,854,775,807"},
    {"a value is not a phrase", "{1}", {{.text = "{2} %s {"}}, "{2} %s {"},
};

static void test_phrases(void)
{
	for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
		char out[ROOM];
		struct text text;
		text_init(&text, out, sizeof out);
		text_add_phrase(&text, phrases[i].phrase, phrases[i].values, 2);
		OK(strcmp(out, phrases[i].expected) == 0, phrases[i].name);
	}
	char small[8];
	struct text text;
	text_init(&text, small, sizeof small);
	text_add(&text, "1234567");
	OK(!text.cut && strcmp(small, "1234567") == 0, "as long as there is room");
	text_init(&text, small, sizeof small);
	text_add(&text, "12345678");
	text_add(&text, "");
	OK(text.cut && strcmp(small, "1234567") == 0, "one past it");
	text_init(&text, small, sizeof small);
	text_add(&text, "12345火");
	text_add(&text, "6");
	OK(text.cut && strcmp(small, "12345") == 0, "a character that does not fit ends the text");
	OK(value_of_count(UINT64_MAX).number == INT64_MAX, "counters past a value are its largest");
}

static const struct {
	int64_t first_us;
	int64_t last_us;
	const char *en;
	const char *ja;
} durations[] = {
    {0, 0, "less than a second", "1 秒未満"},
    {5, 0, "less than a second", "1 秒未満"},
    {0, WHEN_SECOND_US - 1, "less than a second", "1 秒未満"},
    {0, WHEN_SECOND_US, "1 s", "1 秒"},
    {0, WHEN_MINUTE_US - 1, "59 s", "59 秒"},
    {0, WHEN_MINUTE_US, "1 min", "1 分"},
    {0, WHEN_HOUR_US, "1 h", "1 時間"},
    {0, WHEN_DAY_US - 1, "23 h 59 min", "23 時間 59 分"},
    {0, WHEN_DAY_US, "1 day", "1 日"},
    {0, 1234 * WHEN_DAY_US + 5 * WHEN_HOUR_US, "1,234 days 5 h", "1,234 日 5 時間"},
    {INT64_MIN, INT64_MAX, "106,751,991 days 4 h", "106,751,991 日 4 時間"},
    {INT64_MAX, INT64_MIN, "less than a second", "1 秒未満"},
};

static void test_durations(void)
{
	for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
		char en[ROOM];
		char ja[ROOM];
		struct text text;
		text_init(&text, en, sizeof en);
		wording_add_span(&text, LANGUAGE_EN, durations[i].first_us, durations[i].last_us);
		text_init(&text, ja, sizeof ja);
		wording_add_span(&text, LANGUAGE_JA, durations[i].first_us, durations[i].last_us);
		OK(strcmp(en, durations[i].en) == 0 && strcmp(ja, durations[i].ja) == 0,
		    durations[i].en);
	}
	struct finding finding = {0};
	char why[ROOM];
	finding_add_reason(&finding, REASON_STRAY, 1, 6, -1);
	finding_add_reason(&finding, REASON_STRAY, 1, 6, INT64_MAX);
	wording_why(LANGUAGE_EN, &finding, why, sizeof why);
	OK(strstr(why, "over less than a second") != NULL &&
		strstr(why, "106,751,991 days") != NULL,
	    "seconds that no capture holds do no harm");
}

static const struct {
	const char *name;
	const char *lc_all;
	const char *lc_messages;
	const char *lang;
	enum language expected;
} environments[] = {
    {"nothing set", NULL, NULL, NULL, LANGUAGE_EN},
    {"LANG alone", NULL, NULL, "ja_JP.UTF-8", LANGUAGE_JA},
    {"LC_MESSAGES before LANG", NULL, "en_US.UTF-8", "ja_JP.UTF-8", LANGUAGE_EN},
    {"LC_ALL before both", "ja_JP.UTF-8", "en_US.UTF-8", "C", LANGUAGE_JA},
    {"an empty one counts as unset", "", "", "ja", LANGUAGE_JA},
    {"C", "C", NULL, "ja_JP.UTF-8", LANGUAGE_EN},
    {"another language", "de_DE.UTF-8", NULL, NULL, LANGUAGE_EN},
    {"ja in the middle", "en_JP.ja", NULL, NULL, LANGUAGE_EN},
};

static void set(const char *variable, const char *value)
{
	int failed = value == NULL ? unsetenv(variable) : setenv(variable, value, 1);
	if (failed != 0)
		abort();
}

static void test_languages(void)
{
	OK(language_find("en") == LANGUAGE_EN, "en");
	OK(language_find("ja") == LANGUAGE_JA, "ja");
	OK(language_find("") == -1 && language_find("JA") == -1 && language_find("jap") == -1,
	    "no other");
	for (size_t i = 0; i < sizeof environments / sizeof environments[0]; i++) {
		set("LC_ALL", environments[i].lc_all);
		set("LC_MESSAGES", environments[i].lc_messages);
		set("LANG", environments[i].lang);
		OK(language_of_environment() == environments[i].expected, environments[i].name);
	}
}

int main(void)
{
	test_nothing_lacks();
	test_places_agree();
	test_language_of_each();
	test_reasons();
	test_spoof_reasons();
	test_longest();
	test_why_cut();
	test_phrases();
	test_durations();
	test_languages();
	return test_done();
}
