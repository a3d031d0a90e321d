/* What the text tells of strangers that were only counted. */
#include "notify/glyph.h"
#include "notify/screen.h"
#include "report_case.h"
#include "test.h"

enum {
	PORTS_SHOWN = 5,
};

static struct registry *registry;

/* Ten ports of 300,000 packets: from the sixth on nothing is shown. */
static const struct strangers_port ports[STRANGERS_PORTS] = {
    {.packets = 299999, .sources = 2950, .port = 23, .protocol = TCP},
    {.packets = 297000, .sources = 1, .port = 445, .protocol = TCP},
    {.packets = 4499, .sources = 901, .port = 53, .protocol = UDP},
    {.packets = 3000, .sources = 12, .port = 60001, .protocol = TCP},
    {.packets = 2999, .sources = 7, .port = 65535, .protocol = UDP},
    {.packets = 2998, .sources = 6, .port = 666, .protocol = TCP},
    {.packets = 4, .sources = 4, .port = 1, .protocol = TCP},
    {.packets = 3, .sources = 3, .port = 2, .protocol = TCP},
    {.packets = 2, .sources = 2, .port = 3, .protocol = TCP},
    {.packets = 1, .sources = 1, .port = 4, .protocol = TCP},
};

static const char *const titles[LANGUAGE_COUNT] = {
    [LANGUAGE_EN] = "  Most often asked for:\n",
    [LANGUAGE_JA] = "  宛先として多かったポート：\n",
};

static const char *const lines[LANGUAGE_COUNT][PORTS_SHOWN] = {
    [LANGUAGE_EN] =
	{"    TCP 23 (remote login, Telnet): 99 % of the packets, about 2,950 senders\n",
	    "    TCP 445 (Windows file sharing, SMB): 99 % of the packets, about 1 sender\n",
	    "    UDP 53 (name lookup, DNS): 1 % of the packets, about 901 senders\n",
	    "    TCP 60001: 1 % of the packets, about 12 senders\n",
	    "    UDP 65535: less than 1 % of the packets, about 7 senders\n"},
    [LANGUAGE_JA] = {"    TCP 23（遠隔ログイン Telnet）：パケットの 99 %、送信元は約 2,950 個\n",
	"    TCP 445（Windows のファイル共有 SMB）：パケットの 99 %、送信元は約 1 個\n",
	"    UDP 53（名前解決 DNS）：パケットの 1 %、送信元は約 901 個\n",
	"    TCP 60001：パケットの 1 %、送信元は約 12 個\n",
	"    UDP 65535：パケットの 1 % 未満、送信元は約 7 個\n"},
};

static char *write_text(enum language language, const struct report_summary *summary)
{
	const struct report report = {.language = language, .registry = registry};
	return case_write("text", &report, NULL, 0, summary);
}

static struct report_summary summary_of(const struct strangers *strangers, uint64_t hosts)
{
	struct report_summary summary = case_summary();
	summary.hosts = hosts;
	summary.strangers = *strangers;
	return summary;
}

/* The title and the first ports stand one after the other, and then the text ends. */
static bool ends_with_ports(const char *text, enum language language, size_t shown)
{
	const char *at = strstr(text, titles[language]);
	if (at == NULL)
		return shown == 0;
	at += strlen(titles[language]);
	for (size_t i = 0; i < shown; i++) {
		size_t length = strlen(lines[language][i]);
		if (strncmp(at, lines[language][i], length) != 0)
			return false;
		at += length;
	}
	return shown > 0 && *at == '\0';
}

static const struct {
	const char *name;
	size_t count;
	size_t shown;
} counts[] = {
    {"no port", 0, 0},
    {"one port", 1, 1},
    {"as many as are shown", PORTS_SHOWN, PORTS_SHOWN},
    {"one more", PORTS_SHOWN + 1, PORTS_SHOWN},
    {"as many as are known", STRANGERS_PORTS, PORTS_SHOWN},
};

static void test_ports(void)
{
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		struct strangers strangers = {
		    .packets = 300000, .kept = 8806, .port_count = counts[i].count};
		memcpy(strangers.ports, ports, sizeof ports);
		const struct report_summary summary = summary_of(&strangers, 9000);
		bool right = true;
		for (int language = 0; language < LANGUAGE_COUNT; language++) {
			char *text = write_text((enum language)language, &summary);
			if (!ends_with_ports(text, (enum language)language, counts[i].shown)) {
				printf("# %s\n", text);
				right = false;
			}
			free(text);
		}
		OK(right, counts[i].name);
	}
}

/* Where a line breaks does not matter: blanks and line ends are taken out of both. */
static void squeeze(char *text)
{
	char *to = text;
	for (; *text != '\0'; text++) {
		if (*text != ' ' && *text != '\n')
			*to++ = *text;
	}
	*to = '\0';
}

static bool says(char *text, const char *words)
{
	char copy[1024];
	(void)snprintf(copy, sizeof copy, "%s", words);
	squeeze(copy);
	squeeze(text);
	return strstr(text, copy) != NULL;
}

#define ROW_SHORT_EN "Memory for outside addresses ran short"
#define ROW_SHORT_JA "外部のアドレス用のメモリが不足した"

/* How many there are, and what memory did to them. */
static const struct {
	const char *name;
	struct strangers strangers;
	uint64_t hosts;
	uint64_t evicted;
	const char *en[3];
	const char *ja[3];
	const char *never[2];
} sayings[] = {
    {"no stranger, no word", {.packets = 0, .kept = 5, .folded = 1}, 12, 0, {"watched."},
	{"監視しました"}, {"outside addresses", "外部のアドレス"}},
    {"one of each", {.packets = 1, .kept = 1}, 12, 0,
	{"About 1 outside address sent 1 packet to unused addresses.",
	    "no sign of anything wrong with your members' machines. Without --all-hosts they are "
	    "counted, not judged."},
	{"外部のアドレス約 1 個から、未使用のアドレスにパケット 1 個が届きました。",
	    "登録組織の機器の異常を示すものではありません。"},
	{ROW_SHORT_EN, ROW_SHORT_JA}},
    {"all are kept", {.packets = 300000, .kept = 8806}, 8820, 0,
	{"About 8,806 outside addresses sent 300,000 packets"},
	{"外部のアドレス約 8,806 個から、未使用のアドレスにパケット 300,000 個"},
	{ROW_SHORT_EN, "At most"}},
    {"one was folded", {.packets = 300000, .kept = 8806, .folded = 1}, 8820, 0,
	{"At most about 8,807 outside addresses sent 300,000 packets",
	    ROW_SHORT_EN ", and some are kept only in sums per network: 1 record. No packet",
	    "Members' machines have memory of their own."},
	{"外部のアドレス（多くとも約 8,807 個）から、", "合計だけを残しました（記録 1 件）。"},
	{"answer", "応答"}},
    {"one reply got no record", {.packets = 300000, .kept = 8806, .refused = 1}, 8820, 0,
	{"At most about 8,807 outside addresses",
	    "in sums per network: 1 answer from addresses seldom seen. No packet"},
	{"（多くとも約 8,807 個）",
	    "合計だけを残しました（観測回数の少ないアドレスからの応答 1 個）。"},
	{"record", "記録 1 件"}},
    {"both, and no more than all senders",
	{.packets = 300000, .kept = 8806, .folded = 12345, .refused = 6789}, 8820, 0,
	{"At most about 8,820 outside addresses",
	    "per network: 12,345 records, 6,789 answers from addresses seldom seen. No packet"},
	{"（多くとも約 8,820 個）",
	    "（記録 12,345 件、観測回数の少ないアドレスからの応答 6,789 個）。"},
	{"given up", "破棄しました"}},
    {"counters at their end",
	{.packets = UINT64_MAX, .kept = UINT64_MAX, .folded = UINT64_MAX, .refused = UINT64_MAX},
	UINT64_MAX, 0, {"At most about 9,223,372,036,854,775,807 outside addresses"},
	{"（多くとも約 9,223,372,036,854,775,807 個）"}, {"-9", NULL}},
    {"what may have been missed is said apart", {.packets = 300000, .kept = 8806, .folded = 1},
	8820, 1234,
	{"1,234 records were given up to stay within the memory limit: slow searches may",
	    "only in sums per network: 1 record. No packet"},
	{"記録 1,234 件を破棄しました。", "（記録 1 件）。"}, {"1,235", NULL}},
};

static void test_sayings(void)
{
	for (size_t i = 0; i < sizeof sayings / sizeof sayings[0]; i++) {
		struct report_summary summary = summary_of(&sayings[i].strangers, sayings[i].hosts);
		summary.evicted = sayings[i].evicted;
		bool right = true;
		for (int language = 0; language < LANGUAGE_COUNT; language++) {
			const char *const *must =
			    language == LANGUAGE_EN ? sayings[i].en : sayings[i].ja;
			char *text = write_text((enum language)language, &summary);
			char *end =
			    strstr(text, language == LANGUAGE_EN ? "What was" : "読み取った");
			for (size_t j = 0; j < 3 && must[j] != NULL; j++)
				right = right && says(end, must[j]);
			for (size_t j = 0; j < 2 && sayings[i].never[j] != NULL; j++)
				right = right && !says(end, sayings[i].never[j]);
			if (!right)
				printf("# %s\n", text);
			free(text);
		}
		OK(right, sayings[i].name);
	}
}

static bool fits_width(char *text)
{
	bool fits = true;
	for (char *end = strchr(text, '\n'); end != NULL; end = strchr(text, '\n')) {
		*end = '\0';
		fits = fits && glyph_text_width(text) <= SCREEN_COLUMNS;
		text = end + 1;
	}
	return fits;
}

/* The largest numbers, on ports with the longest names and without. */
static void test_width(void)
{
	static const uint16_t named[] = {445, 502, 7547, 65535};
	for (int language = 0; language < LANGUAGE_COUNT; language++) {
		struct strangers strangers = {.packets = UINT64_MAX, .kept = 1, .folded = 1};
		for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
			strangers.ports[strangers.port_count++] =
			    (struct strangers_port){.packets = UINT64_MAX,
				.sources = UINT64_MAX,
				.port = named[i],
				.protocol = TCP};
		const struct report_summary summary = summary_of(&strangers, 1);
		char *text = write_text((enum language)language, &summary);
		OK(strstr(text, "100 %") != NULL, "all is all");
		OK(fits_width(text), "no line is wider than 80 columns");
		free(text);
	}
}

/* Where nobody named a member, strangers are judged, and there are no members to speak of. */
static void test_no_members(void)
{
	struct registry *local = NULL;
	const struct strangers strangers = {.packets = 300000, .kept = 8806};
	const struct report_summary summary = summary_of(&strangers, 9000);
	if (registry_new(&local) != 0 || registry_add_local(local, NULL) != 0 ||
	    registry_seal(local, NULL) != 0)
		abort();
	const struct report report = {.language = LANGUAGE_EN, .registry = local};
	char *text = case_write("text", &report, NULL, 0, &summary);
	OK(strstr(text, "outside") == NULL, "without members strangers are told of as findings");
	free(text);
	registry_free(local);
}

int main(void)
{
	registry = case_registry();
	test_ports();
	test_sayings();
	test_width();
	test_no_members();
	registry_free(registry);
	return test_done();
}
