#include "cmd/station/stats_words.h"

#include <assert.h>

/* A sentence in Japanese has no blanks to break lines at. */
/* clang-format off */
static const struct {
	const char *texts[LANGUAGE_COUNT];
} words[STATS_WORDS] = {
#define SAY(word, en_, ja_) [word] = {{[LANGUAGE_EN] = (en_), [LANGUAGE_JA] = (ja_)}}
    SAY(STATS_TITLE,
	"What {1} counted, by {2}, from {3} to {4}",
	"観測所 {1} が数えた通信（{2}ごと）：{3} から {4} まで"),
    SAY(STATS_NOTHING,
	"Nothing was counted in this time. (What is counted of five minutes is written when they "
	"are over.)",
	"この期間に数えたものはありません（5 分間の数は、その 5 分が過ぎてから書かれます）。"),
    SAY(STATS_PERIOD_5M, "five minutes", "5 分"),
    SAY(STATS_PERIOD_HOUR, "hour", "1 時間"),
    SAY(STATS_PERIOD_DAY, "day", "1 日"),
    SAY(STATS_FILTERED, "Only {1}.", "{1} だけ。"),
    SAY(STATS_HEAD_TIME, "TRAFFIC", "通信量"),
    SAY(STATS_HEAD_PORTS, "PORTS", "ポート"),
    SAY(STATS_HEAD_COUNTRIES, "COUNTRIES OF SENDERS", "送り手の国"),
    SAY(STATS_HEAD_NETWORKS, "NETWORKS OF SENDERS", "送り手のネットワーク"),
    SAY(STATS_HEAD_KINDS, "KINDS", "種類"),
    SAY(STATS_HEAD_GAPS, "NOT OBSERVED", "観測できなかったもの"),
    SAY(STATS_HEAD_COVERAGE, "WHAT THIS STATION CAN SEE", "この観測所に見えるもの"),
    SAY(STATS_HEAD_KEPT, "WHAT IS KEPT", "残している記録"),
    SAY(STATS_PACKETS, "packets", "パケット"),
    SAY(STATS_SHARE, "share", "割合"),
    SAY(STATS_BYTES, "bytes", "バイト"),
    SAY(STATS_SOURCES, "senders", "送り手"),
    SAY(STATS_IN_ALL, "in all", "合計"),
    SAY(STATS_SOURCES_MEANING,
	"Senders: the most within one {1}, rather too few than too many.",
	"送り手は、{1}の中で最も多かったときの数です（実際はもっと多いことがあります）。"),
    SAY(STATS_MORE, "and {1} more", "ほか {1} 件"),
    SAY(STATS_LEFT_OUT,
	"{1} rows found no room here; choose a shorter time or a longer period.",
	"{1} 行はここに入りきりませんでした。期間を短くするか、集計の単位を長くしてください。"),
    SAY(STATS_OTHER_PORTS, "{1}, other ports", "{1} のその他のポート"),
    SAY(STATS_NO_PORTS, "ARP, and others without ports", "ARP など、ポートのないもの"),
    SAY(STATS_UNKNOWN, "not known, or several", "不明、または複数"),
    SAY(STATS_NETWORK, "AS{1}", "AS{1}"),
    SAY(STATS_KIND_REQUEST, "requests", "要求"),
    SAY(STATS_KIND_REPLY, "replies that nobody asked for", "求めていない応答"),
    SAY(STATS_KIND_NEIGHBOUR, "questions on the wire (ARP)", "ARP などの問い合わせ"),
    SAY(STATS_KIND_PROBE, "probes of other kinds", "その他の探り"),
    SAY(STATS_KIND_FLOODED, "requests that members received", "会員が受けた要求"),
    SAY(STATS_KIND_REFLECTED, "replies that members received unasked", "会員が求めずに受けた応答"),
    SAY(STATS_NO_GAPS, "Nothing is known to have been missed.", "見落としは記録されていません。"),
    SAY(STATS_GAP,
	"{1}: {2}, {5} {5:time|times}, from {3} to {4}",
	"{1}：{2}（{5} 回、{3} から {4}）"),
    SAY(STATS_GAP_LOST,
	"{1}: {2}, {5} {5:time|times}, {6} lost, from {3} to {4}",
	"{1}：{2}（{5} 回、失われた数 {6}、{3} から {4}）"),
    SAY(STATS_DARK,
	"{1} IPv4 {1:address|addresses} that nobody uses {1:is|are} watched: {2} declared, {3} "
	"learned by listening.",
	"使われていない IPv4 アドレスを {1} 個見ています（設定に書かれたもの {2}、学習したもの {3}）。"),
    SAY(STATS_DARK_MORE,
	"There are more: ranges of more than four million addresses are not counted to the end.",
	"実際はもっとあります（合わせて 400 万個を超える範囲は最後まで数えません）。"),
    SAY(STATS_DARK_NONE,
	"No IPv4 address that nobody uses is watched (yet), so that scans of the Internet at large "
	"are not seen here; what members' machines do is.",
	"使われていない IPv4 アドレスを（まだ）見ていません。インターネット全体への走査はここでは見えま"
	"せんが、会員の機器の動きは見えます。"),
    SAY(STATS_REACH,
	"Whoever tries addresses of the whole Internet at random, {1} a second, hits one of them "
	"after {2} on average, and in 95 of 100 cases within {3}. Whoever is ten times slower needs "
	"ten times as long.",
	"インターネット全体のアドレスを毎秒 {1} 個の速さででたらめに試す機器は、平均 {2} で、100 回の"
	"うち 95 回は {3} 以内に、そのどれかに当たります。10 倍遅ければ 10 倍かかります。"),
    SAY(STATS_V6,
	"IPv6: {1} {1:range|ranges} declared dark, {2} {2:machine|machines} heard. Nobody can try "
	"all addresses there, so that only what arrives is counted; how much is missed cannot be told.",
	"IPv6：未使用と書かれた範囲 {1}、聞こえた機器 {2}。IPv6 では全部のアドレスを試すことは誰にもでき"
	"ないので、届いたものだけを数えます。見逃しの割合は計算できません。"),
    SAY(STATS_RANGE_READY,
	"{1}: what is silent there counts as unused.",
	"{1}：沈黙しているアドレスを未使用とみなしています。"),
    SAY(STATS_RANGE_YOUNG,
	"{1}: being learned, watched for {2} of {3}.",
	"{1}：学習中です（{3} のうち {2} 見ました）。"),
    SAY(STATS_NO_RANGES,
	"No range is watched in which unused addresses could be learned.",
	"未使用のアドレスを学習する範囲がありません。"),
    SAY(STATS_BLIND,
	"More machines were heard than there is room for: nothing is taken for unused by learning.",
	"覚えきれない数の機器が聞こえたので、学習では何も未使用とみなしていません。"),
    SAY(STATS_REMEMBERS,
	"A restart goes on from what was observed since {1}.",
	"再起動しても、{1} 以降に観測したことから続けられます。"),
    SAY(STATS_REMOVED,
	"{1}: {2} removed so far, up to {3}, since they were older than store.retention says.",
	"{1}：保存期間を過ぎた {2} 件を消しました（{3} まで）。"),
    SAY(STATS_REMOVED_SPACE,
	"{1}: {2} removed so far, up to {3}, the last of them to make room.",
	"{1}：{2} 件を消しました（{3} まで）。最後は空きを作るためです。"),
    SAY(STATS_CLASS_STATISTICS_5M, "Statistics of five minutes", "5 分ごとの統計"),
    SAY(STATS_CLASS_STATISTICS_HOUR, "Statistics of an hour", "1 時間ごとの統計"),
    SAY(STATS_CLASS_STATISTICS_DAY, "Statistics of a day", "1 日ごとの統計"),
    SAY(STATS_CLASS_BATCHES, "What was observed", "観測した内容"),
    SAY(STATS_CLASS_GAPS, "Gaps", "観測できなかった時間"),
    SAY(STATS_CLASS_NOTICES, "Notices", "通知"),
    SAY(STATS_CLASS_EVENTS, "Histories of incidents", "インシデントの経過"),
    SAY(STATS_CLASS_INCIDENTS, "Closed incidents", "終わったインシデント"),
    SAY(STATS_CLASS_CANARIES, "Records of canaries", "自己試験の記録"),
#undef SAY
};
/* clang-format on */

const char *stats_word(enum language language, enum stats_word word)
{
	assert((unsigned)language < LANGUAGE_COUNT && (unsigned)word < STATS_WORDS);
	return words[word].texts[language];
}
