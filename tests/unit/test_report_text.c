#include <ctype.h>
#include <errno.h>
#include <time.h>

#include "notify/glyph.h"
#include "notify/screen.h"
#include "report_case.h"
#include "test.h"

enum {
	MUST_MAX = 16,
	NOT_MAX = 6,
	MANY = 10000,
};

/* Without blanks and line ends, so that where a line breaks does not matter. */
static void squeeze(char *text)
{
	char *to = text;
	for (; *text != '\0'; text++) {
		if (!isspace((unsigned char)*text))
			*to++ = *text;
	}
	*to = '\0';
}

static bool has(const char *squeezed, const char *words)
{
	char copy[1024];
	(void)snprintf(copy, sizeof copy, "%s", words);
	squeeze(copy);
	return strstr(squeezed, copy) != NULL;
}

static struct registry *registry;

static char *write_text(enum language language, const struct finding *finding)
{
	const struct report report = {.language = language, .registry = registry, .all = true};
	struct report_summary summary = case_summary();
	return case_write("text", &report, finding, finding == NULL ? 0 : 1, &summary);
}

/* For each finding what must stand in it, in order of its elements, and what must not. */
static const struct {
	const char *name;
	struct finding (*make)(void);
	const char *en[MUST_MAX];
	const char *ja[MUST_MAX];
	const char *never[NOT_MAX];
} rows[] = {
    {"scan.dark for Windows", case_scan_dark,
	{"[HIGH] 192.0.2.5 of example-town is searching the network for Windows file shares (TCP "
	 "445).",
	    "First 2026-02-01 08:59:59.000 JST (2026-01-31 23:59:59.000 UTC)",
	    "Last 2026-02-01 09:04:12.500 JST (2026-02-01 00:04:12.500 UTC)", "Lasted 4 min 13 s",
	    "Nearly certain (98 %). Packets went to 254 addresses that nobody uses",
	    "A forged address is unlikely. It answered, or held its address on the local network.",
	    "1. Find the machine that uses 192.0.2.5 and take it off the network at once: pull out "
	    "the network cable",
	    "Do not switch the machine itself off",
	    "2. Call whoever is in charge of information security",
	    "\"192.0.2.5 has been searching for Windows file shares (TCP 445) since 2026-02-01 "
	    "08:59:59.000 JST.\"",
	    "3. Until they answer", "254 packets to 254 addresses. Nobody uses 254 of them.",
	    "Pattern: few ports on many addresses (horizontal).",
	    "TCP 445 (Windows file sharing, SMB): 254 packets, 254 addresses",
	    "Source ports: 49152, 49153."},
	{"【重要度：高】example-town の 192.0.2.5 が、ネットワーク上で Windows のファイル共有"
	 "（TCP 445）を探し回っています。",
	    "最初 2026-02-01 08:59:59.000 JST（2026-01-31 23:59:59.000 UTC）", "期間 4 分 13 秒",
	    "ほぼ確実です（確信度 98 %）。誰も使っていないアドレス（ダークネット）254 個に",
	    "送信元アドレスが詐称された（偽られた）可能性は低いです。",
	    "1. 192.0.2.5 を使っている機器を探し、すぐにその機器をネットワークから切り離して",
	    "電源は切らないでください", "2. 情報セキュリティの担当者、または保守を委託している業者",
	    "「2026-02-01 08:59:59.000 JST から、192.0.2.5 が Windows のファイル共有（TCP 445）を"
	    "探し回っています。」",
	    "3. 返事があるまで", "254 個の宛先アドレスに、パケット 254 個。", "役割：送信元。",
	    "TCP 445（Windows のファイル共有 SMB）：パケット 254 個、アドレス 254 個",
	    "送信元ポート：49152, 49153。"},
	{"Packets bearing", "DRILL", "訓練", "{"}},
    {"a device with Mirai's mark, seen one-way", case_mirai,
	{"[HIGH] Packets bearing the address 192.0.2.77 of example-town are searching the network "
	 "for devices that accept Telnet logins, such as cameras and recorders (TCP 23, 2323).",
	    "4,120 packets bear the mark of the Mirai family of malware",
	    "Only packets bearing the address were seen, nothing that proves who sent them.",
	    "A forged address is unlikely.", "1. Find the device that uses 192.0.2.77",
	    "2. Unplug it from the network, then switch it off and on",
	    "install the maker's update and change its password", "3. If there is no update",
	    "TCP 2323 (remote login, Telnet)", "Source port: 40001."},
	{"example-town の 192.0.2.77 を送信元として、ネットワーク上でカメラや録画機など Telnet で"
	 "ログインできる機器（TCP 23、2323）を探し回っている通信を観測しました。",
	    "観測したのはこのアドレスを送信元とするパケットだけで",
	    "電源を切って入れ直してください", "最新のファームウェアに更新し、パスワードを変更して",
	    "販売元に連絡し"},
	{"may be forged", "可能性があります。", "{"}},
    {"possibly forged", case_possibly_forged,
	{"[MEDIUM] Packets bearing the address 192.0.2.9 of example-town, which may be forged, are "
	 "knocking on addresses that nobody uses (TCP 22).",
	    "Likely (61 %).", "Of these, 1 is taken as unused", "The address may be forged.",
	    "It sent only 4 packets", "1. Do not act against the machine yet",
	    "whether 192.0.2.9 sent packets to TCP 22 from 2026-02-01 08:59:59.000 JST on",
	    "If it did, take the machine off the network without switching it off"},
	{"192.0.2.9 を送信元として、誰も使っていないアドレスへの接続（TCP "
	 "22）を試みている通信を観測"
	 "しました。ただし、送信元アドレスは詐称された（偽られた）可能性があります。",
	    "可能性が高いです（確信度 61 %）", "1. まだ機器には手を付けないでください。",
	    "192.0.2.9 から TCP 22 への通信が実際にあったか"},
	{"192.0.2.9 of example-town is", "192.0.2.9 が、誰も", "has been searching", "{"}},
    {"scan.sweep", case_sweep,
	{"[HIGH] 10.1.2.3 of the local network is searching the local network: 254 addresses were "
	 "asked for (ARP).",
	    "231 addresses were asked for that no machine holds, within 4 minutes",
	    "a management tool, a search for printers or",
	    "2. If nobody can explain this, take the machine off the network",
	    "ARP: 254 packets, 254 addresses"},
	{"ローカルネットワークの 10.1.2.3 が、ローカルネットワーク内の 254 個のアドレスを ARP で"
	 "探し回っています。",
	    "端末管理、プリンタの検索、監視", "心当たりがなければ、その機器をネットワークから切り"},
	{"of local", "infect", "感染", "{"}},
    {"scan.live, vertical", case_scan_live,
	{"[HIGH] 2001:db8::17 of example-town is trying 1,000 ports of one machine to see what it "
	 "offers (TCP 80, 1, 7 and 997 more).",
	    "Very likely (85 %). 993 ports of one address were refused or silent",
	    "It completed a connection, which a forged address cannot.", "a security test",
	    "\"2001:db8::17 has been trying one port or protocol after another on other machines "
	    "since",
	    "2,004 packets to 1 address.", "many ports of one address (vertical)", "and 995 more"},
	{"2001:db8::17 が、1 台の機器の 1,000 個のポート（TCP 80、1、7 ほか 997 個）を次々に",
	    "可能性が非常に高いです（確信度 85 %）", "接続を成立させています", "ほか 995 個"},
	{"{"}},
    {"ddos.victim", case_victim,
	{"[HIGH] 192.0.2.80 of example-town (TCP 443) is being flooded with packets from forged "
	 "addresses (a DDoS attack), or its address is being misused.",
	    "they are no sign of an infection", "about 3,096,000 packets per second",
	    "256 different networks", "1. Leave the machine running",
	    "Nothing here says that it is infected.",
	    "\"192.0.2.80 (TCP 443) seems to have been under a DDoS attack since",
	    "3. Keep the logs", "12,000 answers to 11,000 addresses that had not asked.",
	    "Up to 47.3 packets per second were seen.", "Role: attacked machine."},
	{"192.0.2.80（TCP 443）が、送信元を偽った大量の通信による攻撃（DDoS 攻撃）を受けているか、"
	 "アドレスを悪用されています。",
	    "跳ね返り（バックスキャッタ）で、感染を示すものではありません", "機器は動かしたまま",
	    "DDoS 攻撃を受けているようです", "最大で毎秒 47.3 個", "役割：攻撃を受けた側。"},
	{"take it off", "切り離して", "searching", "探し回", "{"}},
    {"ddos.incoming", case_incoming,
	{"[HIGH] 192.0.2.81 of example-town is being flooded with packets from very many addresses "
	 "(TCP 443).",
	    "The senders are not accused of anything", "do nothing against the senders",
	    "60,000 packets from 5,000 senders. Up to 1,000 packets per second"},
	{"192.0.2.81 に、非常に多くの送信元から大量の通信が届いています（TCP 443）。DDoS 攻撃と",
	    "送信元の機器が攻撃者とは限りません", "5,000 個の送信元から、パケット 60,000 個。"},
	{"infect", "感染", "probably forged", "ものとみられます", "take it off", "{"}},
    {"ddos.incoming, answers never asked for", case_reflected,
	{"192.0.2.82 of example-town is being flooded with answers that it never asked for (UDP "
	 "53): a reflection attack.",
	    "are flooding 192.0.2.82 (from UDP 53)", "UDP 53 (name lookup, DNS)"},
	{"192.0.2.82 に、問い合わせていない応答が大量に届いています（UDP 53）。反射型の DDoS 攻撃",
	    "多くは悪用されているだけの機器です"},
	{"infect", "感染", "{"}},
    {"ddos.reflector", case_reflector,
	{"Packets bearing the address 192.0.2.53 of example-town are answering addresses that "
	 "never "
	 "asked (UDP 53), as a service does that is misused to attack others.",
	    "40 answers went to 5 addresses that nobody uses, within 1 min 30 s",
	    "1. Find the name server (DNS) on 192.0.2.53 (UDP 53): it answers anybody",
	    "The machine need not be infected"},
	{"問い合わせていない相手に、反射型攻撃への悪用とみられる応答（UDP 53）を返している",
	    "再帰問い合わせ（リカーシブ）を自組織のネットワークだけに許可",
	    "感染しているとは限らず"},
	{"take it off", "{"}},
    {"config.stray", case_stray,
	{"[LOW] 192.0.2.20 of example-town is trying again and again to reach a machine that is "
	 "not "
	 "there (TCP 9100), probably because of a wrong setting.",
	    "Lasted 2 h 1 min",
	    "24 packets went to 1 unused address, again and again over 2 h 1 min",
	    "the same distance (TTL 128)", "a printer, server or monitoring system",
	    "3. There is no hurry, and no sign of an infection.",
	    "TCP 9100 (printing): 60 packets, 50 addresses"},
	{"【重要度：低】example-town の 192.0.2.20 が、設定の誤りのためか、存在しない相手への接続"
	 "（TCP 9100）を何度も繰り返しています。",
	    "急ぐ必要はありません。感染を示すものではありません。"},
	{"take it off", "切り離して", "attack", "攻撃", "{"}},
    {"spoof.member", case_spoof_member,
	{"[LOW] Somebody is forging addresses of example-town: packets bearing 60 of them were "
	 "seen.",
	    "1. Nothing needs to be done on the machines with these addresses.",
	    "2. If somebody complains about them"},
	{"何者かが example-town のアドレスを詐称して（偽って）います。60 "
	 "個のアドレスを送信元とする",
	    "1. これらのアドレスの機器への対応は不要です。"},
	{"192.0.2.1", "Role", "役割", "proves who", "4. ", "{"}},
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct finding finding = rows[i].make();
		bool right = true;
		for (int language = 0; language < LANGUAGE_COUNT; language++) {
			const char *const *must = language == LANGUAGE_EN ? rows[i].en : rows[i].ja;
			char *text = write_text((enum language)language, &finding);
			squeeze(text);
			for (size_t j = 0; j < MUST_MAX && must[j] != NULL; j++) {
				if (has(text, must[j]))
					continue;
				right = false;
				printf("# lacks: %s\n", must[j]);
			}
			for (size_t j = 0; j < NOT_MAX && rows[i].never[j] != NULL; j++) {
				if (!has(text, rows[i].never[j]))
					continue;
				right = false;
				printf("# has: %s\n", rows[i].never[j]);
			}
			free(text);
		}
		OK(right, rows[i].name);
	}
}

/* What is changed in a scan, and the sentences that follow from it. */
static void be_drill(struct finding *finding)
{
	finding->drill = true;
}

static void be_inside(struct finding *finding)
{
	finding->lateral = true;
}

static void be_likely_forged(struct finding *finding)
{
	finding->spoof = SPOOF_LIKELY;
	finding->attribution = ATTRIBUTION_ONE_WAY;
}

static void be_block(struct finding *finding)
{
	finding->shape = SHAPE_BLOCK;
	finding->port_count = 20;
	finding->targets = 8;
}

static void be_protocols(struct finding *finding)
{
	finding->shape = SHAPE_PROTOCOL;
	finding_add_reason(finding, REASON_PROTOCOLS, 40, 0, 0); /* port_count counts ports only */
	finding->ports[0] = (struct finding_port){.protocol = 47, .bare = true, .packets = 2};
}

static void be_masscan(struct finding *finding)
{
	finding->tool = TOOL_MASSCAN;
	finding->tool_packets = 254;
}

static void be_ping(struct finding *finding)
{
	finding->ports[0] = (struct finding_port){.port = 8, .protocol = ICMP, .packets = 9};
}

static void be_mixed(struct finding *finding)
{
	case_ports(finding, TCP, (const uint16_t[]){80, 23, 0});
	finding->ports[1].protocol = UDP;
}

/* Web pages first, all answered; then the search. */
static void be_busy(struct finding *finding)
{
	case_ports(finding, TCP, (const uint16_t[]){443, 80, 445, 139, 22, 0});
	finding->ports[2].searched = true;
	finding->ports[3].searched = true;
	finding->port_count = 60;
}

static void be_busy_with_ports(struct finding *finding)
{
	be_busy(finding);
	finding->shape = SHAPE_VERTICAL;
}

static void be_certain(struct finding *finding)
{
	finding->confidence = 1.0;
}

static void be_unsure(struct finding *finding)
{
	finding->confidence = 0.29;
}

static void be_at_once(struct finding *finding)
{
	finding->last_us = finding->first_us;
}

static void be_in_bouts(struct finding *finding)
{
	finding->event_count = 7;
	for (int i = 0; i < 7; i++)
		finding->events[i] =
		    (struct finding_event){.first_us = CASE_FIRST_US + i * 60000000L,
			.last_us = CASE_FIRST_US + i * 60000000L + 2000000,
			.packets = 1,
			.targets = 2};
}

static void be_nameless(struct finding *finding)
{
	finding->ports_listed = 0;
	finding->port_count = 0;
}

static void be_stranger(struct finding *finding)
{
	finding->member = MEMBER_NONE;
}

static void be_hostile(struct finding *finding)
{
	finding->member = MEMBER_HOSTILE;
}

static const struct {
	const char *name;
	void (*change)(struct finding *finding);
	const char *en[3];
	const char *ja[3];
	const char *never;
} changes[] = {
    {"a drill is marked", be_drill, {"[DRILL][HIGH] 192.0.2.5", "This is an exercise"},
	{"【訓練】【重要度：高】", "これは訓練です"}, NULL},
    {"inside", be_inside, {"searching your own networks for Windows"},
	{"組織内のネットワークで Windows"}, NULL},
    {"likely forged", be_likely_forged,
	{"Packets bearing the address 192.0.2.5 of example-town, which is probably forged, are",
	    "The address is probably forged.", "Do not act against the machine yet"},
	{"ものとみられます", "まだ機器には手を付けないで"}, "192.0.2.5 of example-town is"},
    {"block", be_block,
	{"trying 20 ports on 8 machines to see what they offer (TCP 445 and 19 more)"},
	{"8 台の機器の 20 個のポート（TCP 445 ほか 19 個）を次々に試して"}, NULL},
    {"protocols", be_protocols, {"trying 40 IP protocols", "IP protocol 47: 2 packets and 39 more"},
	{"40 種類の IP プロトコル", "IP プロトコル 47：パケット 2 個"}, NULL},
    {"a scanning program", be_masscan,
	{"254 packets bear the mark of the scanning program Masscan",
	    "A scanning program runs under 192.0.2.5.", "a security test"},
	{"スキャンツール Masscan の特徴", "192.0.2.5 でスキャンツールが動いています"}, NULL},
    {"ping", be_ping, {"searching the network for machines that answer a ping (ICMP echo)."},
	{"ネットワーク上で ping に応答する機器（ICMP エコー）を"}, NULL},
    {"ports of several services", be_mixed, {"for open services (TCP 80, UDP 23).", "ask its user"},
	{"開いているサービス（TCP 80、UDP 23）"}, NULL},
    {"the ports that were searched lead", be_busy,
	{"Windows file shares (TCP 445, 139).", "take it off the network at once",
	    "TCP 443 (web): 60 packets"},
	{" Windows のファイル共有（TCP 445、139）を", "すぐにその機器をネットワークから"},
	"TCP 443,"},
    {"what does not fit the list was searched where ports are what is searched", be_busy_with_ports,
	{"trying 60 ports of one machine to see what it offers (TCP 445, 139 and 55 more)"},
	{"60 個のポート（TCP 445、139 ほか 55 個）"}, NULL},
    {"never 100 %", be_certain, {"Nearly certain (99 %)."}, {"確信度 99 %"}, "100 %"},
    {"0.29 is 29 %", be_unsure, {"Possible (29 %)."}, {"可能性があります（確信度 29 %）"}, NULL},
    {"a single moment", be_at_once, {"Once 2026-02-01 08:59:59.000 JST"},
	{"1 回 2026-02-01 08:59:59.000 JST"}, "Lasted"},
    {"several times", be_in_bouts,
	{"It came in 7 bouts: 2026-02-01 08:59:59.000 JST, 2 s: 1 packet, 2 addresses",
	    "09:03:59.000 JST, 2 s: 1 packet, 2 addresses and 2 more"},
	{"7 回に分かれています。", "ほか 2 回"}, "09:04:59.000"},
    {"no port at all", be_nameless, {"open services (port not known)"}, {"ポート不明"}, NULL},
    {"a stranger", be_stranger,
	{"192.0.2.5 (an outside address) is searching", "1. Nothing needs to be done if 192.0.2.5"},
	{"外部のアドレス 192.0.2.5 が", "192.0.2.5 が自組織のものでなければ、対応は不要です"},
	"example-town"},
    {"a name that turns the line around", be_hostile, {"192.0.2.5 of a\\u{202e}\"b\" c is"},
	{"a\\u{202e}\"b\" c の 192.0.2.5 が"}, "\xe2\x80\xae"},
};

static void test_changes(void)
{
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		struct finding finding = case_scan_dark();
		bool right = true;
		changes[i].change(&finding);
		for (int language = 0; language < LANGUAGE_COUNT; language++) {
			const char *const *must =
			    language == LANGUAGE_EN ? changes[i].en : changes[i].ja;
			char *text = write_text((enum language)language, &finding);
			squeeze(text);
			for (size_t j = 0; j < 3 && must[j] != NULL; j++)
				right = right && has(text, must[j]);
			right = right && (changes[i].never == NULL || !has(text, changes[i].never));
			free(text);
		}
		OK(right, changes[i].name);
	}
}

static bool fits_width(const char *text)
{
	char line[4096];
	for (const char *end = strchr(text, '\n'); end != NULL; end = strchr(text, '\n')) {
		(void)snprintf(line, sizeof line, "%.*s", (int)(end - text), text);
		if (glyph_text_width(line) > SCREEN_COLUMNS) {
			printf("# %s\n", line);
			return false;
		}
		text = end + 1;
	}
	return *text == '\0';
}

static void test_width(void)
{
	bool fits = true;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct finding finding = rows[i].make();
		for (int language = 0; language < LANGUAGE_COUNT; language++) {
			for (int member = MEMBER_NONE; member < CASE_MEMBERS; member++) {
				finding.member = member;
				char *text = write_text((enum language)language, &finding);
				fits = fits && fits_width(text);
				free(text);
			}
		}
	}
	OK(fits, "no line is wider than 80 columns, whatever the name");
}

/* Whole screens: where things stand. */
static void test_nothing_found(void)
{
	static const char en[] =
	    "No finding.\n"
	    "\n"
	    "What was read\n"
	    "  1 file, 1,000 packets (64,000 bytes); 12 addresses were seen sending.\n"
	    "  From 2026-02-01 08:59:59.000 JST (2026-01-31 23:59:59.000 UTC) to 2026-02-01\n"
	    "  09:04:12.500 JST (2026-02-01 00:04:12.500 UTC): 4 min 13 s.\n"
	    "  3 packets could not be read in full: 1 cut short, 2 damaged, 0 of a kind that\n"
	    "  is not supported.\n"
	    "  65,536 IPv4 addresses that were declared unused (dark) were watched.\n"
	    "  A machine that searches the whole Internet at random with 100 packets a second\n"
	    "  meets one of them after 10 min 55 s on average, and within 32 min 46 s in 95\n"
	    "  of 100 cases.\n";
	static const char ja[] =
	    "検知はありませんでした。\n"
	    "\n"
	    "読み取った記録\n"
	    "  ファイル 1 個、パケット 1,000 個（64,000 バイト）。送信していたアドレスは 12\n"
	    "  個です。\n"
	    "  2026-02-01 08:59:59.000 JST（2026-01-31 23:59:59.000 UTC） ～ 2026-02-01\n"
	    "  09:04:12.500 JST（2026-02-01 00:04:12.500 UTC）（4 分 13 秒）。\n"
	    "  パケット 3 個は完全には読み取れませんでした（途中で切れている 1 個、壊れている\n"
	    "  2 個、未対応の種類 0 個）。\n"
	    "  指定された未使用の IPv4 アドレス（ダークネット）65,536 個を監視しました。\n"
	    "  インターネット全体を毎秒 100 パケットで無作為に探索する機器は、平均して 10 分\n"
	    "  55 秒で、95 % の場合は 32 分 46 秒以内に、このいずれかに当たります。\n";
	char *text = write_text(LANGUAGE_EN, NULL);
	OK(strcmp(text, en) == 0, "nothing found, English");
	free(text);
	text = write_text(LANGUAGE_JA, NULL);
	OK(strcmp(text, ja) == 0, "nothing found, Japanese");
	free(text);
}

/* One row for each thing that the end tells. */
static const struct {
	const char *name;
	struct report_summary summary;
	const char *en;
	const char *ja;
} endings[] = {
    {"no packet", {.files = 2, .first_us = INT64_MAX}, "No packet was read from 2 files.",
	"ファイル 2 個に、読み取れたパケットはありませんでした"},
    {"packets that the filter kept out", {.filtered = 7}, "The filter kept out 7 more packets.",
	"フィルタで除いたパケットが 7 個"},
    {"damage", {.truncated = 1, .malformed = 2, .unsupported = 3},
	"6 packets could not be read in full: 1 cut short, 2 damaged, 3 of a kind",
	"パケット 6 個は完全には読み取れませんでした"},
    {"a kind of link", {.unsupported_links = 5, .unsupported_link_type = 1147},
	"5 packets came from a kind of link that is not supported (link type 1147).",
	"リンク種別の番号 1147"},
    {"drops", {.dropped = 1}, "1 packet was lost before it could be judged",
	"パケット 1 個が、判定の前に失われました"},
    {"evictions", {.evicted = 1234}, "1,234 records were given up to stay within the memory limit",
	"記録 1,234 件を破棄しました"},
    {"findings that found no room", {.findings_omitted = 1},
	"1 finding of the least weight, outside addresses first, is not told of to stay within",
	"重要度の低い検知 1 件（外部のアドレスを優先）を省略しました"},
    {"impossible senders", {.forged_sources = 3}, "3 packets bore a sender's address that no",
	"送信元がありえないアドレスのパケットが 3 個"},
    {"the clock", {.clock_steps = 2}, "The clock of the capture jumped 2 times.",
	"記録中の時刻が 2 回、大きく前後しています"},
    {"one dark address", {.dark_addresses = 1},
	"1 IPv4 address that was declared unused (dark) was watched. A machine that searches the "
	"whole Internet at random with 100 packets a second meets one of them after 497 days 2 h",
	"（ダークネット）1 個を監視しました"},
    {"all of IPv4 dark", {.dark_addresses = UINT64_C(1) << 32}, "after less than a second on",
	"1 秒未満"},
    {"inferred darkness", {.dark_inferred = true}, "Unused (dark) addresses were inferred",
	"推定によるものです"},
    {"no darkness", {.packets = 1}, "No unused (dark) address was watched.",
	"未使用のアドレス（ダークネット）は監視していません"},
};

static void test_endings(void)
{
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		bool right = true;
		for (int language = 0; language < LANGUAGE_COUNT; language++) {
			const struct report report = {
			    .language = (enum language)language, .registry = registry};
			char *text = case_write("text", &report, NULL, 0, &endings[i].summary);
			squeeze(text);
			right = right &&
				has(text, language == LANGUAGE_EN ? endings[i].en : endings[i].ja);
			free(text);
		}
		OK(right, endings[i].name);
	}
}

/* The summary counts only IPv4; that nothing was watched must not be said for that. */
static void test_dark_v6(void)
{
	struct registry *dark = NULL;
	struct report_summary summary = case_summary();
	summary.dark_addresses = 0;
	if (registry_new(&dark) != 0 || registry_add_dark(dark, "2001:db8:dead::/48", NULL) != 0 ||
	    registry_seal(dark, NULL) != 0)
		abort();
	for (int language = 0; language < LANGUAGE_COUNT; language++) {
		const struct report report = {
		    .language = (enum language)language, .registry = dark};
		char *text = case_write("text", &report, NULL, 0, &summary);
		squeeze(text);
		OK(has(text,
		       language == LANGUAGE_EN
			   ? "IPv6 addresses that were declared unused (dark) were watched."
			   : "指定された未使用の IPv6 アドレス（ダークネット）を監視しました。"),
		    "only IPv6 is dark");
		OK(!has(text, "No unused") && !has(text, "監視していません"),
		    "and that is not nothing");
		free(text);
	}
	registry_free(dark);
}

static void test_strangers(void)
{
	struct finding findings[14];
	char address[ADDRESS_TEXT_BYTES];
	for (int i = 0; i < 13; i++) {
		(void)snprintf(address, sizeof address, "198.51.100.%d", i);
		findings[i] = case_stranger(address, (uint64_t)(100 + i % 7));
	}
	findings[13] = case_stranger("2001:db8:1111:2222:3333:4444:5555:6666", 5000000);
	struct report report = {.language = LANGUAGE_EN, .registry = registry};
	struct report_summary summary = case_summary();
	char *text = case_write("text", &report, findings, 14, &summary);
	static const char table[] =
	    "Nothing was found on your members' machines that calls for action.\n"
	    "\n"
	    "Outside addresses: 14 findings, the largest first\n"
	    "  Address           What was seen           Packets  Addresses  Ports\n"
	    "  2001:db8:1111:2222:3333:4444:5555:6666\n"
	    "                    scan, unused addr.    5,000,000        254  TCP 445\n"
	    "  198.51.100.6      scan, unused addr.          106        254  TCP 445\n"
	    "  198.51.100.5      scan, unused addr.          105        254  TCP 445\n"
	    "  198.51.100.12     scan, unused addr.          105        254  TCP 445\n"
	    "  198.51.100.4      scan, unused addr.          104        254  TCP 445\n"
	    "  198.51.100.11     scan, unused addr.          104        254  TCP 445\n"
	    "  198.51.100.3      scan, unused addr.          103        254  TCP 445\n"
	    "  198.51.100.10     scan, unused addr.          103        254  TCP 445\n"
	    "  198.51.100.2      scan, unused addr.          102        254  TCP 445\n"
	    "  198.51.100.9      scan, unused addr.          102        254  TCP 445\n"
	    "  4 more are not shown; see all with --all or --format json.\n"
	    "\n";
	OK(strncmp(text, table, strlen(table)) == 0, "the ten largest, ties in their order");
	free(text);
	text = case_write("text", &report, findings, 10, &summary);
	OK(strstr(text, "not shown") == NULL, "ten leave nothing to hide");
	free(text);
	findings[0].severity = SEVERITY_HIGH;
	text = case_write("text", &report, findings, 1, &summary);
	OK(strstr(text, "1 finding, the most urgent first: 1 HIGH\n") == text &&
		strstr(text, "Outside addresses") == NULL,
	    "one above low is told in full: its range may not have been named");
	free(text);
	findings[0].severity = SEVERITY_LOW;
	report.all = true;
	text = case_write("text", &report, findings, 14, &summary);
	OK(strstr(text, "14 findings, the most urgent first: 14 LOW") != NULL &&
		strstr(text, "not shown") == NULL,
	    "--all gives each in full");
	free(text);
}

/* Nobody named a member: there are none whose machines could be spoken of. */
static void test_no_members(void)
{
	static const char *const calm[LANGUAGE_COUNT] = {
	    [LANGUAGE_EN] = "Nothing was found on the local network (private addresses) that calls "
			    "for action. Name your own ranges with --member",
	    [LANGUAGE_JA] = "ローカルネットワーク（プライベートアドレス）の機器について、",
	};
	static const char *const forged[LANGUAGE_COUNT] = {
	    [LANGUAGE_EN] = "Somebody is forging addresses of the local network: packets bearing",
	    [LANGUAGE_JA] = "何者かが ローカルネットワーク のアドレスを詐称して",
	};
	static const char *const named[LANGUAGE_COUNT] = {
	    [LANGUAGE_EN] = "your members", [LANGUAGE_JA] = "登録組織"};
	struct registry *local = NULL;
	if (registry_new(&local) != 0 || registry_add_local(local, NULL) != 0 ||
	    registry_seal(local, NULL) != 0)
		abort();
	const struct report_summary summary = case_summary();
	for (int language = 0; language < LANGUAGE_COUNT; language++) {
		const struct report report = {
		    .language = (enum language)language, .registry = local};
		struct finding finding = case_stranger("198.51.100.7", 100);
		char *text = case_write("text", &report, &finding, 1, &summary);
		squeeze(text);
		OK(has(text, calm[language]) && !has(text, named[language]),
		    "without members nobody speaks of them");
		free(text);
		finding = case_finding(RULE_SPOOF_MEMBER, "10.0.0.5");
		finding.member = 0;
		finding.severity = SEVERITY_LOW;
		finding_add_reason(&finding, REASON_MEMBER_CROWD, 60, 90, 0);
		text = case_write("text", &report, &finding, 1, &summary);
		squeeze(text);
		OK(has(text, forged[language]), "private addresses have no name");
		free(text);
	}
	registry_free(local);
}

static void test_watch(void)
{
	struct finding findings[52];
	for (int i = 0; i < 51; i++)
		findings[i] = case_watch();
	findings[51] = case_finding(RULE_SCAN_LIVE, "192.0.2.34");
	findings[51].severity = SEVERITY_INFO; /* without `watch`, and its best reason second */
	finding_add_reason(&findings[51], REASON_NET_FAILURES, 20, 30, 9);
	finding_add_reason(&findings[51], REASON_PEER_TO_PEER, 33, 108, 0);
	struct report report = {.language = LANGUAGE_EN, .registry = registry};
	struct report_summary summary = case_summary();
	char *text = case_write("text", &report, findings, 50, &summary);
	squeeze(text);
	OK(has(text, "Nothing was found on your members' machines that calls for action."),
	    "what is only watched calls for no action");
	OK(has(text, "to be watched (50)") &&
		has(text, "192.0.2.33 of example-town (TCP 445), from 2026-02-01 08:59:59.000 JST: "
			  "Packets went to 2 addresses"),
	    "a line for each");
	OK(!has(text, "not shown") && !has(text, "Do first"), "fifty are shown, without steps");
	free(text);
	text = case_write("text", &report, findings, 52, &summary);
	squeeze(text);
	OK(has(text, "2 more are not shown"), "past fifty the rest is counted");
	free(text);
	report.all = true;
	text = case_write("text", &report, findings, 52, &summary);
	squeeze(text);
	OK(!has(text, "not shown") && has(text, "JST: It looks like peer-to-peer software"),
	    "--all shows the rest; the reason that says most stands");
	free(text);
}

static void test_zone(void)
{
	if (setenv("TZ", "UTC", 1) != 0)
		abort();
	tzset(); /* localtime_r() need not look again */
	struct finding finding = case_scan_dark();
	char *text = write_text(LANGUAGE_EN, &finding);
	squeeze(text);
	OK(has(text, "First 2026-01-31 23:59:59.000 UTC Last 2026-02-01"),
	    "where the zone is UTC a time is told once");
	free(text);
	if (setenv("TZ", "JST-9", 1) != 0)
		abort();
	tzset();
}

/* Every format, into what takes nothing. */
static void test_full(void)
{
	static const char *const formats[] = {"text", "json", "csv"};
	struct finding *findings = calloc(MANY, sizeof *findings);
	struct report_summary summary = case_summary();
	if (findings == NULL)
		abort();
	for (int i = 0; i < MANY; i++)
		findings[i] = rows[(size_t)i % (sizeof rows / sizeof rows[0])].make();
	for (size_t i = 0; i < 3; i++) {
		const struct report_format *format = report_format_find(formats[i]);
		struct report report = {.language = LANGUAGE_JA, .registry = registry};
		char name[64];
		report.out = fopen("/dev/full", "w");
		if (report.out == NULL)
			abort();
		int none = format->write(&report, NULL, 0, &summary);
		int one = format->write(&report, findings, 1, &summary);
		int many = format->write(&report, findings, MANY, &summary);
		(void)fclose(report.out);
		(void)snprintf(name, sizeof name, "%s into /dev/full fails", formats[i]);
		OK(none == -EIO && one == -EIO && many == -EIO, name);

		report.out = fopen("/dev/null", "w");
		if (report.out == NULL)
			abort();
		many = format->write(&report, findings, MANY, &summary);
		(void)fclose(report.out);
		(void)snprintf(name, sizeof name, "%s of 10,000 findings", formats[i]);
		OK(many == 0, name);
		OK(strstr(report_format_names(), formats[i]) != NULL, "its name is told");
	}
	free(findings);
	OK(report_format_find("xml") == NULL && report_format_find("") == NULL, "no other format");
}

int main(void)
{
	if (setenv("TZ", "JST-9", 1) != 0)
		abort();
	registry = case_registry();
	test_rows();
	test_changes();
	test_width();
	test_nothing_found();
	test_endings();
	test_dark_v6();
	test_strangers();
	test_no_members();
	test_watch();
	test_zone();
	test_full();
	registry_free(registry);
	return test_done();
}
