/*
 * wording_ja.c - Japanese, です・ます; terms as NICT, IPA and JPCERT/CC use them, explained in
 * plain words where they stand. What is sought begins with a blank where it begins with Latin
 * letters, since a kana stands before it.
 */
#include "notify/wording_internal.h"

/* A sentence in Japanese has no blanks to break lines at. */
/* clang-format off */

#define CALL \
	"情報セキュリティの担当者、または保守を委託している業者に連絡し、次のように伝えてください。"
#define TAKE_OFF \
	"その機器をネットワークから切り離してください（LAN ケーブルを抜く、無線 LAN を切る）。" \
	"原因を調べる手がかりが消えるので、電源は切らないでください。"

#define SAY_SEARCH "「{3} から、{1} が{2}を探し回っています。」"
#define UNEXPLAINED \
	"心当たりがなければ、電源を切らずに機器をネットワークから切り離し、" \
	"情報セキュリティの担当者に連絡して、次のように伝えてください。" SAY_SEARCH
#define MISUSED_UPDATE \
	"最新の更新を適用してください。感染しているとは限らず、電源を切る必要はありません。"
#define BORDER_ROUTER \
	"インターネットとの境界にあるルータの担当者に、自組織以外のアドレスを名乗る通信を外に出さず、" \
	"自組織のアドレスを名乗る通信を外から入れない設定（送信元アドレスの検証。uRPF、BCP 38 " \
	"などと呼ばれます）になっているか、確認を依頼してください。"

const struct vocabulary wording_ja = {
    .messages =
	{
	    [MESSAGE_JOINT] = "",
	    [MESSAGE_ITEM_JOINT] = "、",
	    [MESSAGE_WHO_MEMBER] = "{2} の {1}",
	    [MESSAGE_WHO_LOCAL] = "ローカルネットワークの {1}",
	    [MESSAGE_WHO_STRANGER] = "外部のアドレス {1}",
	    [MESSAGE_LOCAL] = "ローカルネットワーク",
	    [MESSAGE_SAYS_DIRECT] = "{1} が、{2}います。",
	    [MESSAGE_SAYS_ONE_WAY] = "{1} を送信元として、{2}いる通信を観測しました。",
	    [MESSAGE_SAYS_POSSIBLY_FORGED] =
		"{1} を送信元として、{2}いる通信を観測しました。ただし、"
		"送信元アドレスは詐称された（偽られた）可能性があります。",
	    [MESSAGE_SAYS_LIKELY_FORGED] =
		"{1} を送信元として、{2}いる通信を観測しました。ただし、"
		"送信元アドレスは詐称された（偽られた）ものとみられます。",
	    [MESSAGE_SAYS_VICTIM] =
		"{1}（{2}）が、送信元を偽った大量の通信による攻撃（DDoS 攻撃）を受けているか、"
		"アドレスを悪用されています。",
	    [MESSAGE_SAYS_FLOODED] =
		"{1} に、非常に多くの送信元から大量の通信が届いています（{2}）。DDoS "
		"攻撃とみられます。",
	    [MESSAGE_SAYS_REFLECTED] =
		"{1} に、問い合わせていない応答が大量に届いています（{2}）。反射型の DDoS "
		"攻撃とみられます。",
	    [MESSAGE_SAYS_FORGED_CROWD] =
		"何者かが {1} のアドレスを詐称して（偽って）います。{2} "
		"個のアドレスを送信元とするパケットを観測しました。",
	    [MESSAGE_SAYS_FORGED_UNCOUNTED] = "何者かが {1} のアドレスを詐称して（偽って）います。",
	    [MESSAGE_DOING_SEARCH] = "ネットワーク上で{1}（{2}）を探し回って",
	    [MESSAGE_DOING_SEARCH_INSIDE] = "組織内のネットワークで{1}（{2}）を探し回って",
	    [MESSAGE_DOING_VERTICAL] =
		"1 台の機器の {1} 個のポート（{2}）を次々に試して",
	    [MESSAGE_DOING_BLOCK] =
		"{2} 台の機器の {1} 個のポート（{3}）を次々に試して",
	    [MESSAGE_DOING_PROTOCOL] =
		"1 台の機器に {1} 種類の IP プロトコルを次々に試して",
	    [MESSAGE_DOING_DARK] = "誰も使っていないアドレスへの接続（{1}）を試みて",
	    [MESSAGE_DOING_LIVE] = "応答のない多数のアドレスへの接続（{1}）を試みて",
	    [MESSAGE_DOING_SWEEP] =
		"ローカルネットワーク内の {1} 個のアドレスを {2} で探し回って",
	    [MESSAGE_DOING_REFLECT] =
		"問い合わせていない相手に、反射型攻撃への悪用とみられる応答（{1}）を返して",
	    [MESSAGE_DOING_STRAY] =
		"設定の誤りのためか、存在しない相手への接続（{1}）を何度も繰り返して",
	    [MESSAGE_PORT_TCP] = "TCP {1}",
	    [MESSAGE_PORT_UDP] = "UDP {1}",
	    [MESSAGE_PORT_SCTP] = "SCTP {1}",
	    [MESSAGE_PORT_ICMP] = "ICMP タイプ {1}",
	    [MESSAGE_PORT_ICMP6] = "ICMPv6 タイプ {1}",
	    [MESSAGE_PORT_PING] = "ICMP エコー",
	    [MESSAGE_PORT_PING6] = "ICMPv6 エコー",
	    [MESSAGE_PORT_ARP] = "ARP",
	    [MESSAGE_PORT_ND] = "IPv6 近隣探索",
	    [MESSAGE_PORT_OTHER] = "IP プロトコル {2} のポート {1}",
	    [MESSAGE_PORT_BARE] = "IP プロトコル {1}",
	    [MESSAGE_PORT_NAMED] = "{1}（{2}）",
	    [MESSAGE_PORTS_MORE] = "{1} ほか {2} 個",
	    [MESSAGE_PORTS_NONE] = "ポート不明",
	    [MESSAGE_SOUGHT] = "{1}（{2}）",
	    [MESSAGE_LABEL_WHEN] = "日時",
	    [MESSAGE_LABEL_SURE] = "確かさ",
	    [MESSAGE_LABEL_STEPS] = "最初の対応",
	    [MESSAGE_LABEL_NUMBERS] = "観測値",
	    [MESSAGE_DRILL_TAG] = "【訓練】",
	    [MESSAGE_DRILL_NOTE] = "これは訓練です。通信は訓練のために作られたものです。",
	    [MESSAGE_SEVERITY_TAG] = "【{1}】",
	    [MESSAGE_STAMP] = "{1}（{2}）",
	    [MESSAGE_WHEN_ONCE] = "1 回 {1}",
	    [MESSAGE_WHEN_FIRST] = "最初 {1}",
	    [MESSAGE_WHEN_LAST] = "最後 {1}",
	    [MESSAGE_WHEN_LONG] = "期間 {1}",
	    [MESSAGE_WHEN_EVENTS] = "{1} 回に分かれています。",
	    [MESSAGE_EVENT] = "{1}、{2}：パケット {3} 個、宛先 {4} 個",
	    [MESSAGE_EVENTS_MORE] = "ほか {1} 回",
	    [MESSAGE_DAYS] = "{1} 日 {2} 時間",
	    [MESSAGE_HOURS] = "{1} 時間 {2} 分",
	    [MESSAGE_MINUTES] = "{1} 分 {2} 秒",
	    [MESSAGE_SECONDS] = "{1} 秒",
	    [MESSAGE_DAYS_EVEN] = "{1} 日",
	    [MESSAGE_HOURS_EVEN] = "{1} 時間",
	    [MESSAGE_MINUTES_EVEN] = "{1} 分",
	    [MESSAGE_NO_SECOND] = "1 秒未満",
	    [MESSAGE_SURE_CERTAIN] = "ほぼ確実です（確信度 {1} %）。",
	    [MESSAGE_SURE_VERY_LIKELY] = "可能性が非常に高いです（確信度 {1} %）。",
	    [MESSAGE_SURE_LIKELY] = "可能性が高いです（確信度 {1} %）。",
	    [MESSAGE_SURE_POSSIBLE] = "可能性があります（確信度 {1} %）。",
	    [MESSAGE_SENDERS_NOT_ACCUSED] =
		"送信元の機器が攻撃者とは限りません。このような攻撃では、"
		"送信元アドレスが詐称されている（偽られている）ことや、悪用された第三者の機器であ"
		"ることが多くあります。",
	    [MESSAGE_DARK_PARTLY_INFERRED] =
		"このうち {2} 個は、送信が一度も観測されなかったため、"
		"未使用と推定したものです。",
	    [MESSAGE_TTL_ONE] = "パケットはすべて同じ距離から届いています（TTL {1}）。",
	    [MESSAGE_NUMBERS_SENT] = "{2} 個の宛先アドレスに、パケット {1} 個。",
	    [MESSAGE_NUMBERS_DARK] =
		"そのうち {1} 個は、誰も使っていないアドレス（ダークネット）です。",
	    [MESSAGE_NUMBERS_ANSWERED] = "問い合わせていない {2} 個のアドレスに、応答 {1} 個。",
	    [MESSAGE_NUMBERS_RECEIVED] = "{2} 個の送信元から、パケット {1} 個。",
	    [MESSAGE_NUMBERS_RATE] = "最大で毎秒 {1} 個のパケットを観測しました。",
	    [MESSAGE_NUMBERS_TOOL] = "{1} 個のパケットに、{2}の特徴がありました。",
	    [MESSAGE_NUMBERS_ROLE] = "役割：{1}。",
	    [MESSAGE_NUMBERS_SHAPE] = "通信の形：{1}。",
	    [MESSAGE_NUMBERS_PORT] = "{1}：パケット {2} 個、アドレス {3} 個",
	    [MESSAGE_NUMBERS_PORT_PACKETS] = "{1}：パケット {2} 個",
	    [MESSAGE_NUMBERS_PORTS_MORE] = "ほか {1} 個",
	    [MESSAGE_NUMBERS_SOURCE_PORTS] =
		"送信元ポート：{1}。上の日時と合わせて、NAT ルータやプロキシのログから機器を特定"
		"できます。",
	    [MESSAGE_OVERVIEW] = "検知 {1} 件（緊急度の高い順）：{2}",
	    [MESSAGE_OVERVIEW_PART] = "{2} {1} 件",
	    [MESSAGE_NO_FINDING] = "検知はありませんでした。",
	    [MESSAGE_NO_FINDING_MEMBERS] =
		"登録組織の機器について、対応の必要な検知はありませんでした。",
	    [MESSAGE_NO_FINDING_LOCAL] =
		"ローカルネットワーク（プライベートアドレス）の機器について、対応の必要な検知は"
		"ありませんでした。自組織のアドレス範囲を --member 名前=アドレス範囲 で指定すると、"
		"自組織の機器として判定します。",
	    [MESSAGE_STRANGERS] = "外部のアドレスについての検知 {1} 件（パケットの多い順）",
	    [MESSAGE_COLUMN_ADDRESS] = "アドレス",
	    [MESSAGE_COLUMN_WHAT] = "内容",
	    [MESSAGE_COLUMN_PACKETS] = "パケット",
	    [MESSAGE_COLUMN_TARGETS] = "相手の数",
	    [MESSAGE_COLUMN_PORTS] = "ポート",
	    [MESSAGE_STRANGERS_MORE] =
		"ほか {1} 件は省略しました。--all または --format json ですべて表示します。",
	    [MESSAGE_WATCH] = "警報には至らず、様子見とするもの（{1} 件）",
	    [MESSAGE_WATCH_LINE] = "{1}（{2}）、{3} から：{4}",
	    [MESSAGE_WATCH_MORE] =
		"ほか {1} 件は省略しました。--all または --format json ですべて表示します。",
	    [MESSAGE_LABEL_READ] = "読み取った記録",
	    [MESSAGE_READ] =
		"ファイル {1} 個、パケット {2} 個（{3} バイト）。送信していたアドレスは {4} "
		"個です。",
	    [MESSAGE_READ_SPAN] = "{1} ～ {2}（{3}）。",
	    [MESSAGE_READ_NOTHING] = "ファイル {1} 個に、読み取れたパケットはありませんでした。",
	    [MESSAGE_FILTERED] = "このほか、フィルタで除いたパケットが {1} 個あります。",
	    [MESSAGE_UNREAD] =
		"パケット {1} 個は完全には読み取れませんでした（途中で切れている {2} 個、"
		"壊れている {3} 個、未対応の種類 {4} 個）。",
	    [MESSAGE_UNREAD_LINK] =
		"パケット {1} 個は、未対応のリンク種別のものでした（リンク種別の番号 {2}）。",
	    [MESSAGE_DROPPED] =
		"パケット {1} 個が、判定の前に失われました。検知に漏れがあるおそれがあります。",
	    [MESSAGE_EVICTED] =
		"メモリの上限を超えないよう、記録 {1} 件を破棄しました。"
		"ゆっくりとした探索を見逃したおそれがあります（--memory で上限を増やせます）。",
	    [MESSAGE_OMITTED] =
		"メモリの上限を超えないよう、重要度の低い検知 {1} 件（外部のアドレスを優先）を"
		"省略しました（--memory で上限を増やせます）。",
	    [MESSAGE_FORGED] = "送信元がありえないアドレスのパケットが {1} 個ありました。",
	    [MESSAGE_CLOCK] = "記録中の時刻が {1} 回、大きく前後しています。",
	    [MESSAGE_DARK] =
		"指定された未使用の IPv4 アドレス（ダークネット）{1} 個を監視しました。",
	    [MESSAGE_DARK_REACH] =
		"インターネット全体を毎秒 100 パケットで無作為に探索する機器は、平均して {1}で、"
		"95 % の場合は {2}以内に、このいずれかに当たります。",
	    [MESSAGE_DARK_V6] =
		"指定された未使用の IPv6 アドレス（ダークネット）を監視しました。",
	    [MESSAGE_DARK_INFERRED] =
		"未使用のアドレス（ダークネット）は推定によるものです。対象範囲のうち、"
		"今回の記録で一度も送信していないアドレスを未使用とみなしました。"
		"通信しなかっただけの機器も含まれうるため、--dark で範囲を指定すると、"
		"より確実になります。",
	    [MESSAGE_DARK_NONE] =
		"未使用のアドレス（ダークネット）は監視していません。探索は失敗した接続からしか分"
		"からないため、どこからも応答を得る探索は見逃します（--dark または --infer-dark "
		"で監視できます）。",
	    [MESSAGE_COUNTED_STRANGERS] =
		"外部のアドレス約 {1} 個から、未使用のアドレスにパケット {2} 個が届きました。",
	    [MESSAGE_COUNTED_STRANGERS_MOST] =
		"外部のアドレス（多くとも約 {1} 個）から、未使用のアドレスにパケット {2} "
		"個が届きました。",
	    [MESSAGE_COUNTED_MEANING] =
		"インターネットでは日常的に見られる通信で、登録組織の機器の異常を示すものではあり"
		"ません。--all-hosts を指定しないかぎり、集計だけを行い、判定はしません。",
	    [MESSAGE_COUNTED_PORTS] = "宛先として多かったポート：",
	    [MESSAGE_COUNTED_PORT] = "{1}：パケットの {2}、送信元は約 {3} 個",
	    [MESSAGE_SHARE] = "{1} %",
	    [MESSAGE_SHARE_BELOW] = "{1} % 未満",
	    [MESSAGE_COUNTED_IN_SUMS] =
		"外部のアドレス用のメモリが不足したため、一部はネットワークごとの合計だけを残しま"
		"した（{1}）。パケットの総数に漏れはありませんが、送信元の数やポートの内訳は"
		"正確でないことがあります（--memory で上限を増やすと、個別に残せます）。"
		"登録組織の機器の記録は、これとは別のメモリで保持しています。",
	    [MESSAGE_COUNTED_FOLDED] = "記録 {1} 件",
	    [MESSAGE_COUNTED_REFUSED] = "観測回数の少ないアドレスからの応答 {1} 個",
	},
    .severities =
	{
	    [SEVERITY_INFO] = "参考",
	    [SEVERITY_LOW] = "重要度：低",
	    [SEVERITY_MEDIUM] = "重要度：中",
	    [SEVERITY_HIGH] = "重要度：高",
	    [SEVERITY_CRITICAL] = "緊急",
	},
    .titles =
	{
	    [RULE_SCAN_DARK] = "未使用アドレス探索",
	    [RULE_SCAN_SWEEP] = "LAN 内の探索",
	    [RULE_SCAN_LIVE] = "スキャン（探索）",
	    [RULE_DDOS_VICTIM] = "DDoS 被害の疑い",
	    [RULE_DDOS_INCOMING] = "大量通信の着信",
	    [RULE_DDOS_REFLECTOR] = "反射型攻撃の踏み台",
	    [RULE_CONFIG_STRAY] = "設定誤りの疑い",
	    [RULE_SPOOF_MEMBER] = "アドレスの詐称",
	},
    .roles =
	{
	    [ROLE_ACTOR] = "送信元",
	    [ROLE_VICTIM] = "攻撃を受けた側",
	},
    .shapes =
	{
	    [SHAPE_NONE] = "特になし",
	    [SHAPE_HORIZONTAL] = "少数のポートを多数のアドレスに（水平スキャン）",
	    [SHAPE_VERTICAL] = "1 つのアドレスの多数のポートに（垂直スキャン）",
	    [SHAPE_BLOCK] = "複数のアドレスの多数のポートに（ブロックスキャン）",
	    [SHAPE_PROTOCOL] = "多数の IP プロトコルで（プロトコルスキャン）",
	},
    .attributions =
	{
	    [ATTRIBUTION_ONE_WAY] =
		"観測したのはこのアドレスを送信元とするパケットだけで、実際に誰が送ったかを示す証"
		"拠はありません。",
	    [ATTRIBUTION_TWO_WAY] = "この機器がこのアドレスで応答したことを確認しています。",
	    [ATTRIBUTION_HANDSHAKE] =
		"この機器がこのアドレスで接続を成立させたことを確認しています。",
	},
    .spoofs =
	{
	    [SPOOF_UNLIKELY] = "送信元アドレスが詐称された（偽られた）可能性は低いです。",
	    [SPOOF_POSSIBLE] = "送信元アドレスは詐称された（偽られた）可能性があります。",
	    [SPOOF_LIKELY] = "送信元アドレスは詐称された（偽られた）ものとみられます。",
	},
    .reasons =
	{
	    [REASON_DARK_TARGETS] =
		"誰も使っていないアドレス（ダークネット）{1} 個にパケットが送られました。"
		"正当な通信が届くはずのない宛先です。",
	    [REASON_DARK_WATCH] =
		"誰も使っていないアドレス（ダークネット）{1} 個にパケットが送られましたが、"
		"警報を出すには少ない数です。",
	    [REASON_MARK] =
		"{1} 個のパケットに、{2}の特徴がありました（1 個が偶然に一致する確率は約 43 "
		"億分の 1 です）。",
	    [REASON_NET_FAILURES] =
		"接続を試みた相手のうち、{2} 個は拒否または無応答で、応答は {3} 個でした（1 "
		"つのポートで失敗が応答を {1} 上回りました）。通常の利用では、"
		"ほとんどの相手が応答します。",
	    [REASON_NET_FAILURES_ALL] =
		"接続を試みた相手のうち、{2} 個は拒否または無応答で、応答は {3} "
		"個でした（全ポートの合計で失敗が応答を {1} 上回りました）。通常の利用では、"
		"ほとんどの相手が応答します。",
	    [REASON_WATCH_FAILURES] =
		"接続を試みた相手のうち、{2} 個は拒否または無応答で、応答は {3} "
		"個でした（失敗が応答を {1} 上回りました）。警報を出すには少ない数です。",
	    [REASON_PORTS_OF_TARGET] =
		"1 つのアドレスの {1} 個のポートが拒否または無応答でした（このような宛先は {2} "
		"個）。",
	    [REASON_PROTOCOLS] = "1 つのアドレスに {1} 種類の IP プロトコルが試されました。",
	    [REASON_ADDRESS_ORDER] = "宛先アドレスが順番にたどられています（{1} %）。",
	    [REASON_DENSITY] =
		"宛先は近いアドレスに集まっています（{2} 個のうち {1} 個が同じネットワーク）。",
	    [REASON_PEER_TO_PEER] =
		"P2P ソフト（ファイル共有、通話、ゲームなど）の通信に似ています（{1} % が応答し、"
		"同じ 1 つのポートで {2} 台とやり取りがありました）。",
	    [REASON_WEB_CLIENT] =
		"通常のウェブ閲覧に似ています（応答のないサーバが {1} 台ありました）。",
	    [REASON_RETRIES] =
		"接続の再試行に似ています（同じ {1} 個の相手に、1 つずつ繰り返し試みています）。",
	    [REASON_INFERRED] =
		"未使用のアドレスは、送信が一度も観測されなかったことから推定したものなので、"
		"その分だけ確かさが下がります。",
	    [REASON_UNHELD] =
		"ローカルネットワークで、どの機器も使っていない {1} 個のアドレスを、{2} "
		"分間に問い合わせていました。",
	    [REASON_ROUTER] =
		"これはルータまたは DHCP サーバで、ほかの機器の代わりに問い合わせることがあります"
		"。",
	    [REASON_BACKSCATTER] =
		"誰も問い合わせていない応答が、{2}の間に {1} 個、最も多い 1 分間に {3} "
		"個届きました。これは、送信元を偽った大量の通信を受けた機器からの跳ね返り（バック"
		"スキャッタ）で、感染を示すものではありません。",
	    [REASON_BACKSCATTER_WIDE] =
		"誰も問い合わせていない応答が {2} 個のアドレスに {1} 個届きました。これは、"
		"送信元を偽った大量の通信を受けた機器からの跳ね返り（バックスキャッタ）で、"
		"感染を示すものではありません。",
	    [REASON_REAL_RATE] =
		"監視しているアドレス {2} 個から逆算すると、実際の攻撃は毎秒およそ {1} "
		"パケットです。",
	    [REASON_FORGED_NETWORKS] =
		"応答の宛先は {1} 個のネットワーク（/16）に散らばっています。"
		"送信元が無作為に偽られた場合の特徴です。",
	    [REASON_FLOOD_SENDERS] =
		"1 分間に、この機器から一度も接続していない {1} 個の送信元から、毎秒 {3} "
		"パケットが届きました。その後に実際の通信を続けたのは {2} % です。",
	    [REASON_FLOOD_REPLIES] =
		"1 分間に、問い合わせていない {1} 個の送信元から、毎秒 {2} "
		"パケットの応答が届きました。",
	    [REASON_REFLECTED_DARK] =
		"誰も使っていないアドレス {2} 個に、{3}の間に応答が {1} 個送られました。"
		"これらのアドレスが問い合わせたはずはなく、送信元を偽った問い合わせに応答させられ"
		"ている（反射型攻撃）とみられます。",
	    [REASON_STRAY] =
		"使われていない同じ {1} 個のアドレスに、{3}にわたってパケット {2} "
		"個が送られました。古くなったプリンタ、監視、サーバなどの設定によくあるものです。",
	    [REASON_MEMBER_CROWD] =
		"同じ組織の {1} 個のアドレスから、ごく少数ずつのパケットが同時に現れました（その"
		"時に送信のあった同組織のアドレスの {2} %）。",
	    [REASON_EXTRAPOLATED_RATE] =
		"監視しているアドレス {2} 個から逆算すると、インターネット全体に毎秒およそ {1} "
		"パケットを送っています。",
	},
    .spoof_reasons =
	{
	    [SPOOF_HANDSHAKE_SEEN] =
		"接続を成立させています。偽りのアドレスではできないことです。",
	    [SPOOF_TWO_WAY_SEEN] =
		"このアドレスで応答したか、ローカルネットワークでこのアドレスを名乗っています。",
	    [SPOOF_TTL_STEADY] = "パケットはすべてほぼ同じ距離から届いています（TTL {1}～{2}）。",
	    [SPOOF_TTL_SPREAD] = "パケットはさまざまな距離から届いています（TTL {1}～{2}）。",
	    [SPOOF_MANY_PACKETS] =
		"パケットが {1} 個と多く、多数のアドレスに散らす詐称とは異なります。",
	    [SPOOF_FEW_PACKETS] =
		"パケットが {1} 個と少なく、詐称された大量通信の一部に似ています。",
	    [SPOOF_CROWD_OF_MEMBER] = "同じ組織の {1} 個のアドレスが、同時に同じことをしています。",
	    [SPOOF_TOOL_NEEDS_REPLY] = "送信元を偽ると、スキャンの結果を受け取れません。",
	},
    .tools =
	{
	    [TOOL_MIRAI] = "マルウェア Mirai（ミライ）とその亜種",
	    [TOOL_ZMAP] = "スキャンツール ZMap ",
	    [TOOL_MASSCAN] = "スキャンツール Masscan ",
	    [TOOL_NMAP] = "スキャンツール Nmap ",
	    [TOOL_UNICORNSCAN] = "スキャンツール Unicornscan ",
	},
    .services =
	{
	    [SERVICE_OTHER] = "サービス不明",
	    [SERVICE_FTP] = "ファイル転送 FTP",
	    [SERVICE_SSH] = "遠隔ログイン SSH",
	    [SERVICE_TELNET] = "遠隔ログイン Telnet",
	    [SERVICE_MAIL] = "メール",
	    [SERVICE_DNS] = "名前解決 DNS",
	    [SERVICE_WEB] = "ウェブ",
	    [SERVICE_NTP] = "時刻同期 NTP",
	    [SERVICE_WINDOWS_SHARE] = "Windows のファイル共有 SMB",
	    [SERVICE_WINDOWS_NAME] = "Windows の名前解決 NetBIOS",
	    [SERVICE_WINDOWS_REMOTE] = "Windows の遠隔操作",
	    [SERVICE_REMOTE_DESKTOP] = "リモートデスクトップ RDP",
	    [SERVICE_REMOTE_SCREEN] = "画面共有 VNC",
	    [SERVICE_SNMP] = "機器の管理 SNMP",
	    [SERVICE_SYSLOG] = "ログサーバ syslog",
	    [SERVICE_PRINTER] = "印刷",
	    [SERVICE_DATABASE] = "データベース",
	    [SERVICE_DIRECTORY] = "ディレクトリ LDAP",
	    [SERVICE_SSDP] = "機器の発見 SSDP",
	    [SERVICE_DISCOVERY] = "機器の発見",
	    [SERVICE_TELEPHONY] = "IP 電話 SIP",
	    [SERVICE_ANDROID] = "Android のデバッグ ADB",
	    [SERVICE_ROUTER] = "ルータの遠隔保守",
	    [SERVICE_MEMCACHED] = "memcached",
	    [SERVICE_INDUSTRY] = "ビル・設備の制御",
	    [SERVICE_MQTT] = "機器間のメッセージ MQTT",
	    [SERVICE_CONTAINER] = "コンテナの管理",
	    [SERVICE_VPN] = "VPN",
	    [SERVICE_DHCP] = "アドレスの割り当て DHCP",
	    [SERVICE_PING] = "ping",
	},
    .sought =
	{
	    [SERVICE_OTHER] = "開いているサービス",
	    [SERVICE_FTP] = " FTP のファイルサーバ",
	    [SERVICE_SSH] = " SSH でログインできる機器",
	    [SERVICE_TELNET] = "カメラや録画機など Telnet でログインできる機器",
	    [SERVICE_MAIL] = "メールサーバ",
	    [SERVICE_DNS] = " DNS サーバ",
	    [SERVICE_WEB] = "ウェブサーバ",
	    [SERVICE_NTP] = "時刻サーバ",
	    [SERVICE_WINDOWS_SHARE] = " Windows のファイル共有",
	    [SERVICE_WINDOWS_NAME] = "名前に応答する Windows 機",
	    [SERVICE_WINDOWS_REMOTE] = "遠隔操作できる Windows 機",
	    [SERVICE_REMOTE_DESKTOP] = " Windows のリモートデスクトップ",
	    [SERVICE_REMOTE_SCREEN] = "画面を共有している機器",
	    [SERVICE_SNMP] = "遠隔管理できるネットワーク機器",
	    [SERVICE_SYSLOG] = "ログサーバ",
	    [SERVICE_PRINTER] = "プリンタ",
	    [SERVICE_DATABASE] = "データベース",
	    [SERVICE_DIRECTORY] = "ディレクトリサーバ",
	    [SERVICE_SSDP] = "自らを知らせている機器",
	    [SERVICE_DISCOVERY] = "自らを知らせている機器",
	    [SERVICE_TELEPHONY] = " IP 電話",
	    [SERVICE_ANDROID] = "デバッグ接続が開いている Android 機器",
	    [SERVICE_ROUTER] = "遠隔保守の口が開いているルータ",
	    [SERVICE_MEMCACHED] = " memcached のサーバ",
	    [SERVICE_INDUSTRY] = "ビルや設備の制御装置",
	    [SERVICE_MQTT] = "機器間のメッセージサーバ",
	    [SERVICE_CONTAINER] = "コンテナの管理口",
	    [SERVICE_VPN] = " VPN 装置",
	    [SERVICE_DHCP] = " DHCP サーバ",
	    [SERVICE_PING] = " ping に応答する機器",
	},
    .steps =
	{
	    [ADVICE_LOOKING] =
		{
		    "{1} を使っている機器を探してください。ほとんどの場合は無害で、パソコンやスマートフォンがプリンタ、共有フォルダ、画面などを探しているだけです。",
		    "別のネットワークから持ち込まれた機器ではないか、移設または撤去したプリンタやサーバが設定に残っていないかを確認し、残っていれば直してください。",
		    UNEXPLAINED,
		},
	    [ADVICE_MONITORING] =
		{
		    "{1} を使っている機器を探し、監視や資産管理のソフトを動かしていないか、管理者に確認してください。そのようなソフトは、アドレスを順に調べていきます。",
		    "動かしている場合は、ソフトの設定で対象を使用中のアドレスだけに限定するか、この観測システムの運用担当者に、既知の機器としての登録を依頼してください。以後、お知らせは届かなくなります。",
		    UNEXPLAINED,
		},
	    [ADVICE_PRINTER] =
		{
		    "{1} を使っている機器を探し、プリンタを探していないか確認してください。プリンタを移設した後などに、ドライバや印刷管理のソフトがこのような通信をします。その場合は無害です。",
		    "その場合は、設定にあるプリンタのアドレスを直すか、そのプリンタを設定から削除してください。",
		    UNEXPLAINED,
		},
	    [ADVICE_DATABASE] =
		{
		    "{1} を使っている機器（多くはサーバ）を探し、バックアップ、監視、資産管理などのソフトを動かしていないか、管理者に確認してください。",
		    "心当たりがなければ、" TAKE_OFF,
		    CALL SAY_SEARCH "見知らぬプログラムが動いていないかも、調べてもらってください。",
		},
	    [ADVICE_LOGIN] =
		{
		    "{1} を使っている機器（多くはサーバや NAS）を探し、管理者が動かしているプログラムによるものでないか確認してください。",
		    "心当たりがなければ、" TAKE_OFF,
		    CALL SAY_SEARCH "最近のログインの記録を調べ、別の機器からパスワードと鍵を変更してもらってください。",
		},
	    [ADVICE_ROUTER] =
		{
		    "{1} を使っている機器を探してください。多くはルータ、防犯カメラ、録画機などです。NAT ルータの内側にある場合は、ここに示した日時と送信元ポートをルータのログで調べます。",
		    "ネットワークから切り離し、電源を切って入れ直してください。再びつなぐ前に、最新のファームウェアに更新し、パスワードを変更し、インターネットからの遠隔管理と UPnP を無効にしてください。",
		    "更新がない場合や再発した場合は、切り離したまま販売元に連絡し、次のように伝えてください。" SAY_SEARCH,
		},
	    [ADVICE_REMOTE_DESKTOP] =
		{
		    "{1} を使っている機器を探し、すぐに" TAKE_OFF,
		    CALL SAY_SEARCH,
		    "外部からのログインの記録を調べ、別の機器からパスワードを変更してもらってください。リモートデスクトップは、VPN を通してだけ使えるようにします。",
		},
	    [ADVICE_DEVICE] =
		{
		    "{1} を使っている機器を探してください。多くは防犯カメラ、録画機、"
		    "ルータなどです。NAT ルータの内側にある場合は、ここに示した日時と送信元ポート"
		    "をルータのログで調べます。",
		    "ネットワークから切り離し、電源を切って入れ直してください（この種のマルウェア"
		    "は多くの場合、メモリの中にだけ存在します）。再びつなぐ前に、"
		    "最新のファームウェアに更新し、パスワードを変更してください。",
		    "更新がない場合や再発した場合は、切り離したまま販売元に連絡し、"
		    "次のように伝えてください。「{3} から、{1} が{2}を探し回っています。」",
		},
	    [ADVICE_WINDOWS] =
		{
		    "{1} を使っている機器を探し、すぐに" TAKE_OFF,
		    CALL "「{3} から、{1} が{2}を探し回っています。」",
		    "返事があるまで、その機器を使ったり変更したりしないでください。"
		    "同じネットワークのほかの機器についても報告が出ていないか確認してください。",
		},
	    [ADVICE_MACHINE] =
		{
		    "{1} を使っている機器を探し、検査や監視のソフトを動かしていないか、"
		    "使用者に確認してください。",
		    "心当たりがなければ、" TAKE_OFF,
		    CALL "「{3} から、{1} が{2}を探し回っています。」",
		},
	    [ADVICE_TOOL] =
		{
		    "{1} でスキャンツールが動いています。セキュリティ検査など意図したものか、"
		    "使用者に確認してください。",
		    "心当たりがなければ、" TAKE_OFF,
		    CALL "「{3} から、{1} でスキャンツールが動き、{2}を探し回っています。」",
		},
	    [ADVICE_PROBE] =
		{
		    "{1} を使っている機器を探し、セキュリティ検査や監視のソフトを動かしていないか"
		    "、使用者に確認してください。検査でも同じ通信が見られます。",
		    "心当たりがなければ、" TAKE_OFF,
		    CALL "「{3} から、{1} がほかの機器のポートやプロトコルを次々に試しています。」",
		},
	    [ADVICE_FORGED] =
		{
		    "まだ機器には手を付けないでください。別の者が {1} を名乗っただけかもしれませ"
		    "ん。",
		    "ファイアウォールやルータのログで、{3} 以降に {1} から {4} "
		    "への通信が実際にあったかを確認してください。あった場合は、"
		    "電源を切らずに機器をネットワークから切り離し、"
		    "情報セキュリティの担当者に連絡してください。",
		    "なかった場合、機器への対応は不要です。" BORDER_ROUTER,
		},
	    [ADVICE_SWEEP] =
		{
		    "このローカルネットワークで {1} を使っている機器を探し、資産管理、"
		    "端末管理、プリンタの検索、監視などのソフトを動かしていないか、"
		    "使用者に確認してください。無害なことも多くあります。",
		    "心当たりがなければ、" TAKE_OFF,
		    CALL "「{3} から、{1} がローカルネットワーク内の機器を探し回っています。」",
		},
	    [ADVICE_VICTIM] =
		{
		    "機器は動かしたまま、サービス（{4}）が使えるか確認してください。"
		    "感染を示すものは観測していません。",
		    "遅い、またはつながらない場合は、プロバイダ（回線や設置先の事業者）に連絡し、"
		    "次のように伝えてください。「{3} から、{1}（{4}）が DDoS "
		    "攻撃を受けているようです。」",
		    "その時間帯の、機器とファイアウォールのログを保存してください。",
		},
	    [ADVICE_FLOODED] =
		{
		    "機器は動かしたまま、サービス（{4}）が使えるか確認してください。",
		    "遅い、またはつながらない場合は、プロバイダ（回線や設置先の事業者）に連絡し、"
		    "次のように伝えてください。「{3} から、{1}（{4}）が DDoS 攻撃を受けています。"
		    "遮断をお願いします。」",
		    "その時間帯のログを保存してください。送信元に対しては何もしないでください。",
		},
	    [ADVICE_REFLECTED] =
		{
		    "機器は動かしたまま、サービスが使えるか確認してください。",
		    "遅い、またはつながらない場合は、プロバイダ（回線の事業者）に連絡し、"
		    "次のように伝えてください。「{3} から、{1} に、問い合わせていない応答（{4}）"
		    "が大量に届いています。遮断をお願いします。」",
		    "その時間帯のログを保存してください。送信元に対しては何もしないでください。"
		    "多くは悪用されているだけの機器です。",
		},
	    [ADVICE_REFLECTOR] =
		{
		    "{1} のサービス（{4}）を、機器の設定かファイアウォールで、"
		    "必要な利用者だけに限定してください。インターネットの誰にでも応答しています。",
		    "自分でできない場合は、販売元または保守業者に連絡し、"
		    "次のように伝えてください。「{3} から、{1} のサービス（{4}）"
		    "が反射型攻撃に悪用されています。外部から使えないようにしてください。」",
		    MISUSED_UPDATE,
		},
	    [ADVICE_REFLECTOR_DNS] =
		{
		    "{1} の DNS サーバ（{4}）が、インターネットの誰にでも応答しています。設定で、再帰問い合わせ（リカーシブ）を自組織のネットワークだけに許可するか、ファイアウォールで外部からの UDP 53 を遮断してください。",
		    "自分でできない場合は、販売元または保守業者に連絡し、次のように伝えてください。「{3} から、{1} の DNS サーバ（{4}）が反射型攻撃に悪用されています。外部からの再帰問い合わせ（オープンリゾルバ）を止めてください。」",
		    MISUSED_UPDATE,
		},
	    [ADVICE_REFLECTOR_NTP] =
		{
		    "{1} の時刻サーバ（NTP、{4}）が、インターネットの誰にでも応答しています。設定で、時刻以外の問い合わせ（monlist など）を拒否するか（restrict default noquery）、ファイアウォールで外部からの UDP 123 を遮断してください。",
		    "自分でできない場合は、販売元または保守業者に連絡し、次のように伝えてください。「{3} から、{1} の時刻サーバ（{4}）が反射型攻撃に悪用されています。monlist を無効にし、外部から使えないようにしてください。」",
		    MISUSED_UPDATE,
		},
	    [ADVICE_REFLECTOR_MEMCACHED] =
		{
		    "{1} の memcached（{4}）は、パスワードなしで、インターネットの誰にでも応答しています。すぐにファイアウォールで外部からの 11211 番ポートを遮断し、UDP を無効（-U 0）にしてください。",
		    "自分でできない場合は、保守業者に連絡し、次のように伝えてください。「{3} から、{1} の memcached（{4}）が反射型攻撃に悪用されています。外部から使えないようにしてください。」",
		    "保存されていた内容が、外部の者に読まれたり書き換えられたりしたおそれがあります。保守業者に確認を依頼してください。",
		},
	    [ADVICE_REFLECTOR_DEVICE] =
		{
		    "{1} を使っている機器（多くはルータ、プリンタ、防犯カメラ）を探し、応答している機能（{4}。UPnP、SNMP、機器の発見など）を、機器の設定かファイアウォールで、外部から使えないようにしてください。",
		    "自分でできない場合は、販売元または保守業者に連絡し、次のように伝えてください。「{3} から、{1} の機能（{4}）が反射型攻撃に悪用されています。外部から使えないようにしてください。」",
		    MISUSED_UPDATE,
		},
	    [ADVICE_STRAY] =
		{
		    "{1} の設定に、移設または撤去したプリンタ、サーバ、監視装置などが残っていない"
		    "か確認してください（{4}）。",
		    "残っていれば、アドレスを正しいものに直すか、その設定を削除してください。",
		    "急ぐ必要はありません。感染を示すものではありません。",
		},
	    [ADVICE_FORGED_MEMBER] =
		{
		    "これらのアドレスの機器への対応は不要です。",
		    "外部から苦情があった場合は、アドレスが詐称されたものであると答え、"
		    "この報告を添えてください。",
		    BORDER_ROUTER,
		},
	    [ADVICE_STRANGER] =
		{
		    "{1} が自組織のものでなければ、対応は不要です。"
		    "攻撃や探索は、インターネットでは常に見られます。",
		    "自組織のものであれば、--member 名前=アドレス範囲 を指定して読み直すと、"
		    "対応の手順が示されます。",
		    NULL,
		},
	},
};
