#include "cmd/station/words.h"

#include <assert.h>

/* A sentence in Japanese has no blanks to break lines at. */
/* clang-format off */
static const struct {
	const char *texts[LANGUAGE_COUNT];
} words[STATION_WORDS] = {
#define SAY(word, en_, ja_) [word] = {{[LANGUAGE_EN] = (en_), [LANGUAGE_JA] = (ja_)}}
    SAY(WORD_JOINT, ", ", "、"),

    SAY(WORD_HEADING,
	"The station {1}: what it is told.\n\n"
	"A line that begins with # and a key shows what holds without it, or an example; take away "
	"the # to change it.\n"
	"{2} looks whether all is right, and `hinomi check --explain` explains each key; "
	"station.yaml(5) tells more.",
	"観測所 {1} の設定。\n\n"
	"# で始まる設定の行は、書かないときの値か、例です。変えるときは # を消してください。\n"
	"正しいかどうかは {2} で確かめられます。`hinomi check --explain` が各項目を説明します。"
	"詳しくは station.yaml(5)。"),
    SAY(WORD_HEADING_FOUND,
	"What was found out when this file was made:",
	"このファイルを作ったときに調べたこと："),
    SAY(WORD_INTERFACE, "{1}: {2}, {3}, {4}", "{1}：{2}、{3}、{4}"),
    SAY(WORD_KIND_OTHER, "no Ethernet", "イーサネット以外"),
    SAY(WORD_KIND_LOOPBACK, "this machine itself", "この機械自身"),
    SAY(WORD_KIND_ETHERNET, "Ethernet", "イーサネット"),
    SAY(WORD_KIND_GUEST, "Ethernet of a container", "コンテナのイーサネット"),
    SAY(WORD_KIND_VIRTUAL, "virtual", "仮想"),
    SAY(WORD_STATE_UP, "up", "動作中"),
    SAY(WORD_STATE_NO_CARRIER, "up, no cable", "動作中（ケーブルなし）"),
    SAY(WORD_STATE_DOWN, "down", "停止中"),
    SAY(WORD_NO_NETWORK, "no address", "アドレスなし"),
    SAY(WORD_MORE_INTERFACES, "{1} more interfaces", "ほか {1} 個のインターフェース"),
    SAY(WORD_GATEWAY, "gateway {1} at {2}", "ゲートウェイ {1}（{2}）"),
    SAY(WORD_ZONE, "time zone {1}", "タイムゾーン {1}"),
    SAY(WORD_MAIL_DOMAIN, "mail domain {1}", "メールのドメイン {1}"),

    SAY(WORD_MADE,
	"Made the station {1}. Its station.yaml explains itself line by line.",
	"観測所 {1} を作りました。その中の station.yaml に 1 行ずつ説明があります。"),
    SAY(WORD_FOUND, "Found: {1}", "調べたこと：{1}"),
    SAY(WORD_FOUND_NOTHING, "nothing about this machine", "この機械については何も分かりませんでした"),
    SAY(WORD_WATCHES, "It will watch {1}.", "見張る場所：{1}"),
    SAY(WORD_WATCHES_NONE,
	"No Ethernet interface is up, so it would watch nothing: switch one on, or set sources.",
	"動作中のイーサネットがないので、何も見張れません。有効にするか、sources を書いてください。"),
    SAY(WORD_IS_DOWN,
	"{1} is down. If a mirror port is plugged in there: ip link set {1} up",
	"{1} は停止中です。ミラーポートにつないだ口なら：ip link set {1} up"),
    SAY(WORD_TELLS_NOBODY,
	"It cannot tell anybody yet: set operator.mail and mail.server (or operator.webhook) in {1}.",
	"まだ誰にも知らせることができません。{1} に operator.mail と mail.server（または "
	"operator.webhook）を書いてください。"),
    SAY(WORD_DEMO,
	"A demonstration: the members {1}; mail to a catcher on {2}.",
	"デモ用です。会員は {1}。メールは {2} の受け口に送ります。"),
    SAY(WORD_NEXT, "Next: {1}", "次のコマンド：{1}"),

    SAY(WORD_BACKED_UP, "Copied the station {1} to {2} ({3}).", "観測所 {1} を {2} に保存しました（{3}）。"),
    SAY(WORD_BACKED_UP_KEYS,
	"Its keys are in it: keep the file as safe as those.",
	"鍵も入っています。鍵と同じように安全な場所に保管してください。"),
    SAY(WORD_BACKED_UP_NO_KEYS,
	"Its keys are not in it (--with-keys): keep a copy of them elsewhere.",
	"鍵は入っていません（--with-keys）。別に控えを取ってください。"),
    SAY(WORD_RESTORED,
	"Restored the station {1} as it was at {2}.",
	"観測所 {1} を {2} の状態に戻しました。"),
    SAY(WORD_RESTORED_BESIDE,
	"What was there before is kept beside, under names that end in .replaced.",
	"元のものは、名前の末尾に .replaced を付けて残してあります。"),
    SAY(WORD_RESTORED_LACKS, "Still missing: {1}", "まだ足りないもの：{1}"),
    SAY(WORD_LEVEL_OK, "ok", "正常"),
    SAY(WORD_LEVEL_WARNING, "warning", "注意"),
    SAY(WORD_LEVEL_WRONG, "wrong", "異常"),
    SAY(WORD_CHECK_DIRECTORY, "directory", "ディレクトリ"),
    SAY(WORD_CHECK_CONFIGURATION, "configuration", "設定"),
    SAY(WORD_CHECK_FILES, "files", "ファイル"),
    SAY(WORD_CHECK_DISK, "disk", "ディスク"),
    SAY(WORD_CHECK_SOURCES, "sources", "見張る場所"),
    SAY(WORD_CHECK_LISTEN, "listening", "受信の権限"),
    SAY(WORD_CHECK_DARK, "dark ranges", "未使用の範囲"),
    SAY(WORD_CHECK_NOTICES, "notices", "通知"),
    SAY(WORD_CHECK_MAIL, "mail server", "メールサーバ"),
    SAY(WORD_CHECK_CLOCK, "clock", "時計"),
    SAY(WORD_SAYS, "{1}", "{1}"),
    SAY(WORD_CONFIGURATION_OK, "{1} is right", "{1} に誤りはありません"),
    SAY(WORD_FILES_OK,
	"owners and modes are right",
	"所有者と権限に誤りはありません"),
    SAY(WORD_FILE_MODE,
	"{1}: others may use it (mode {2}), expected {3}: chmod {3} {1}",
	"{1}：ほかの利用者が使えます（権限 {2}）。{3} にしてください：chmod {3} {1}"),
    SAY(WORD_FILE_OWNER,
	"{1}: belongs to user {2}, expected root, hinomi or the user who runs this: chown it",
	"{1}：所有者が利用者 {2} です。root、hinomi、または実行する利用者のものにしてください（chown）"),
    SAY(WORD_FILE_MISSING,
	"{1}: is not there, expected as `hinomi init` makes it: mkdir -m 700 {1}",
	"{1}：ありません。`hinomi init` が作るものです：mkdir -m 700 {1}"),
    SAY(WORD_FILE_KIND,
	"{1}: is something else, or a link, expected what `hinomi init` makes: remove it",
	"{1}：別の種類のファイルかリンクです。取り除いて、`hinomi init` が作る形にしてください"),
    SAY(WORD_DISK_OK, "{1} of {2} are free", "空き {1}（全体 {2}）"),
    SAY(WORD_DISK_LOW,
	"{1} are free, expected {2} (store.low_disk): statistics would be removed; make room",
	"空きが {1} しかありません。{2}（store.low_disk）を下回ると統計が消されます。空きを増やしてください"),
    SAY(WORD_SOURCES_OK, "{1}", "{1}"),
    SAY(WORD_SOURCES_NONE,
	"no Ethernet interface is up, so nothing would be watched: switch one on, or set sources",
	"動作中のイーサネットがないので、何も見張れません。有効にするか、sources を書いてください"),
    SAY(WORD_SOURCE_MISSING,
	"{1}: no such interface, expected one of: {2}",
	"{1}：このインターフェースはありません。あるのは次のとおりです：{2}"),
    SAY(WORD_SOURCE_DOWN,
	"{1} is down, so nothing arrives there: ip link set {1} up",
	"{1} は停止中なので、何も届きません：ip link set {1} up"),
    SAY(WORD_SOURCE_NO_CARRIER,
	"{1} has no cable, or its other end is off: nothing arrives there",
	"{1} にケーブルがつながっていないか、相手が停止しています。何も届きません"),
    SAY(WORD_SOURCE_FILE,
	"{1}: {2}, expected a capture that can be read",
	"{1}：{2}。読めるキャプチャファイルにしてください"),
    SAY(WORD_LISTEN_OK, "this user may listen to interfaces", "この利用者はインターフェースの通信を受信できます"),
    SAY(WORD_LISTEN_UNNEEDED, "no source is an interface", "インターフェースを使う見張り場所はありません"),
    SAY(WORD_LISTEN_REFUSED,
	"this user may not listen ({1}): run the station as root, or with the capability CAP_NET_RAW",
	"この利用者は受信できません（{1}）。root で、または CAP_NET_RAW の権限を付けて動かしてください"),
    SAY(WORD_DARK_OK, "{1} {1:range is|ranges are} declared", "{1} 個の範囲が書かれています"),
    SAY(WORD_DARK_LEARNED,
	"none declared; unused addresses are learned by listening",
	"書かれていません。使われていないアドレスは通信を聞いて学習します"),
    SAY(WORD_DARK_OURS,
	"{1} is this machine's own address ({2}) and lies in {3}, which nobody should use: take it "
	"out of dark",
	"{1} はこの機械自身のアドレス（{2}）で、誰も使わないはずの {3} の中にあります。"
	"dark から外してください"),
    SAY(WORD_NOTICES_OK, "the operator is told by {1}", "管理者への経路：{1}"),
    SAY(WORD_NOTICES_NOBODY,
	"nobody would be told of anything: set operator.mail and mail.server, or operator.webhook",
	"誰にも知らせることができません。operator.mail と mail.server、または operator.webhook を"
	"書いてください"),
    SAY(WORD_NOTICES_ONE_WAY,
	"the operator is told by {1} only: who hears when that fails? Set a second way",
	"管理者への経路が {1} だけです。それが止まると誰も気づきません。もう 1 つの経路を書いてください"),
    SAY(WORD_NOTICES_SENDER,
	"mail would come from {1}, to which nothing can be returned: set mail.from",
	"差出人が {1} になります。届かなかった通知が戻ってきません。mail.from を書いてください"),
    SAY(WORD_MAIL_UNNEEDED, "none is set", "書かれていません"),
    SAY(WORD_MAIL_OK, "{1} can be reached ({2})", "{1}（{2}）につながります"),
    SAY(WORD_MAIL_UNKNOWN,
	"{1}: its name is not found ({2}), expected a server that can be reached: look at mail.server",
	"{1}：名前が見つかりません（{2}）。mail.server を確かめてください"),
    SAY(WORD_MAIL_UNREACHABLE,
	"{1}: cannot be reached ({2}), expected a server that answers: look at mail.server, and at "
	"firewalls between",
	"{1}：つながりません（{2}）。mail.server と、途中のファイアウォールを確かめてください"),
    SAY(WORD_CLOCK_OK, "{1}, kept by others", "{1}（時刻同期あり）"),
    SAY(WORD_CLOCK_BEHIND,
	"{1}, but {2} has passed already: set the clock, and keep it by systemd-timesyncd or chrony",
	"{1} ですが、すでに {2} を過ぎています。時計を合わせ、systemd-timesyncd や chrony で保ってください"),
    SAY(WORD_CLOCK_ALONE,
	"{1}, kept by nobody: times in notices would drift; use systemd-timesyncd or chrony",
	"{1}（時刻同期なし）。通知の時刻がずれていきます。systemd-timesyncd や chrony を使ってください"),
    SAY(WORD_SUM_OK, "All is well.", "すべて正常です。"),
    SAY(WORD_SUM, "{1} {1:warning|warnings}, {2} wrong.", "注意 {1} 件、異常 {2} 件。"),
#undef SAY
};
/* clang-format on */

const char *station_word(enum language language, enum station_word word)
{
	assert((unsigned)language < LANGUAGE_COUNT && (unsigned)word < STATION_WORDS);
	return words[word].texts[language];
}

void station_words_add(struct text *text, enum language language, enum station_word word,
    const struct value *values, size_t count)
{
	text_add_phrase(text, station_word(language, word), values, count);
}
