/* wording_letter_ja.c - letters in Japanese, です・ます, for those who are not engineers. */
#include "notify/wording_letter.h"

/* A sentence in Japanese has no blanks to break lines at. */
/* clang-format off */

#define SECURITY_THEN_VENDOR \
	"まず情報セキュリティの担当者、次に保守を委託している業者に連絡してください。"
#define PROVIDER \
	"サービスが遅い、またはつながらない場合は、プロバイダ（回線や設置先の事業者）に連絡してください。"
#define FIND_PROGRAM \
	"どのプログラムによるものか、意図したものかを調べ、その時間帯のログを保存してください。"
#define MAY_SPREAD \
	"マルウェアであれば、ほかの機器に広がるおそれがあります。また、外部から当組織のアドレスが遮断されることがあります。"
#define STRANGER_LEARNS \
	"組織内の誰にも心当たりがなければ、外部の者が機器の弱点を調べていて、後で悪用するおそれがあります。"
#define LINE_SLOW \
	"続いている間、サービスや回線全体が遅くなったり、つながらなくなったりするおそれがあります。"
#define DEVICE_VENDOR \
	"その機器の販売元、または保守を委託している業者に連絡してください。"
#define SERVICE_VENDOR \
	"そのサービスの販売元、または保守業者に連絡してください。"
#define CLEAN_DEVICE \
	"機器が感染していないかの調査と、感染していた場合の復旧、更新をお願いします。"
#define DEVICE_GOES_ON \
	"マルウェアであれば、ほかの機器を探し続け、攻撃に使われるおそれがあります。その結果、外部から当組織のアドレスが遮断されることがあります。"
#define MISUSED_GOES_ON \
	"ほかへの攻撃に使われ続け、回線が遅くなるおそれがあります。外部からアドレスが遮断されることもあります。"
#define KEEPER \
	"保守を委託している業者、またはシステムの担当者に連絡してください。"
#define FIND_SETTING \
	"どの設定またはプログラムによるものかを調べ、直してください。"
#define FIND_LOGIN \
	"この機器に誰がログインしたか、どのプログラムによるものかを調べ、その時間帯のログを保存してください。"
#define HARMLESS_OR_SPREAD \
	"設定の誤りやソフトの働きであれば、大きな害はありませんが、その通信が本当の警報の妨げになります。マルウェアであれば、ほかの機器に広がるおそれがあります。"

const struct letter_vocabulary wording_letter_ja = {
    .phrases =
	{
	    [PHRASE_TAG_DRILL] = "[DRILL]【訓練】",
	    [PHRASE_TAG_UPDATE] = "【続報】",
	    [PHRASE_TAG_RELAPSE] = "【再発】",
	    [PHRASE_TAG_REMINDER] = "【再送・返事待ち】",
	    [PHRASE_TAG_ESCALATION] = "【返事なし】",
	    [PHRASE_SUBJECT] = "{1}【{2}・{3}】{4}：{5}",
	    [PHRASE_SUBJECT_QUIET] = "【新たな観測なし】{1}：{2}",
	    [PHRASE_SUBJECT_RETRACTION] = "【取り消し】{1}：{2}",
	    [PHRASE_SUBJECT_WHO] = "{1} {2}",
	    [PHRASE_WHAT_MAYBE_FORGED] = "{1}、送信元は詐称の可能性あり",
	    [PHRASE_WHAT_PROBABLY_FORGED] = "{1}、送信元は詐称とみられる",
	    [PHRASE_HEADING_MACHINE] = "■ 対象の機器",
	    [PHRASE_ADDRESS] = "アドレス：{1}",
	    [PHRASE_ADDRESS_NONE] =
		"観測したかぎり、貴組織の機器は何もしていません。かたられているアドレスの 1 つ：{1}",
	    [PHRASE_SEEN_ONCE] = "日時：{1}",
	    [PHRASE_SEEN_FIRST] = "最初：{1}",
	    [PHRASE_SEEN_LAST] = "最後：{1}",
	    [PHRASE_LOGS_FROM] = "ログでは、{1} からの通信（{2}）を探してください。",
	    [PHRASE_LOGS_TO] = "ログでは、{1}（{2}）への通信を探してください。",
	    [PHRASE_LOGS_ANSWERS] = "ログでは、{1} に届いた通信（{2} から）を探してください。",
	    [PHRASE_LOGS_SERVICE] = "ログでは、{1}（{2}）との間の通信を探してください。",
	    [PHRASE_HEADING_SURE] = "■ 確かさと、その理由",
	    [PHRASE_HEADING_STEPS] = "■ いま行っていただきたいこと",
	    [PHRASE_HEADING_WHOM] = "■ 連絡先",
	    [PHRASE_PASTE] = "次の文面は、そのまま送ることができます。",
	    [PHRASE_PASTE_BEGIN] =
		"ネットワークへの攻撃を監視している「{1}」から、当組織について次の報告がありました。",
	    [PHRASE_PASTE_TIMES] = "最初の観測は {1}、最後の観測は {2}です。",
	    [PHRASE_PASTE_ONCE] = "観測は {1}です。",
	    [PHRASE_PASTE_SOURCE_PORTS] = "送信元ポートは {1} です。",
	    [PHRASE_PASTE_DESTINATIONS] = "宛先は {1} 個のアドレス（{2}）です。",
	    [PHRASE_PASTE_REFERENCE] = "照会番号は {1} です。",
	    [PHRASE_HEADING_NEGLECT] = "■ 何もしなかった場合",
	    [PHRASE_HEADING_ANSWER] = "■ 回答のお願い",
	    [PHRASE_ANSWER] = "次のリンクから回答してください（パスワード不要、転送はしないでください）。",
	    [PHRASE_ANSWER_CHOICES] =
		"対応しています／対応が済みました／私たちの機器ではありません／問題のない既知の機器です／この件のお知らせは不要です",
	    [PHRASE_HEADING_NUMBERS] = "■ 観測値",
	    [PHRASE_INCIDENT] = "インシデント番号 {1}、検知規則 {2}",
	    [PHRASE_HEADING_PROGRAMS] = "■ プログラム向けのデータ",
	    [PHRASE_ATTACHED] =
		"添付ファイル finding.json に、同じ内容がプログラムで読める形で入っています。",
	    [PHRASE_HEADING_CHANGED] = "■ 前回のお知らせから変わったこと",
	    [PHRASE_CHANGED_SEVERITY] = "「{2}」から「{1}」に変わりました。",
	    [PHRASE_CHANGED_SPREAD] = "関係するアドレスが {2} 個から {1} 個になりました。",
	    [PHRASE_CHANGED_PORTS] = "関係するポートが {2} 個から {1} 個になりました。",
	    [PHRASE_CHANGED_LASTING] = "最初の観測から {1}がたち、なお続いています。",
	    [PHRASE_CHANGED_SINCE] = "前回のお知らせは {1} です。",
	    [PHRASE_QUIET] = "{1}以降、新たな観測はありません。",
	    [PHRASE_QUIET_ABOUT] = "お知らせしていた内容：",
	    [PHRASE_HEADING_MEANING] = "■ これが意味すること",
	    [PHRASE_QUIET_ACTOR_MEANS] =
		"これだけでは、原因がなくなったとはいえません。機器の電源が切れているだけの場合や、"
		"監視していない場所で続いている場合もあります。",
	    [PHRASE_QUIET_ACTOR_MENDED] =
		"原因を見つけて対処が済んでいれば、これ以上の対応は不要です。",
	    [PHRASE_QUIET_ACTOR_OPEN] =
		"原因が見つかっていなければ、引き続き最初のお知らせの手順を行ってください。",
	    [PHRASE_QUIET_VICTIM_MEANS] =
		"大量の通信は収まったか、監視していない場所で続いています。"
		"このような攻撃は、しばしば再発します。",
	    [PHRASE_QUIET_VICTIM_STEP] =
		"サービスが元どおり使えるか確認してください。これ以上の対応は不要です。",
	    [PHRASE_QUIET_FORGED_MEANS] =
		"これらのアドレスを送信元とする通信は止まったか、監視していない場所に送られています。",
	    [PHRASE_QUIET_FORGED_STEP] = "対応は不要です。",
	    [PHRASE_QUIET_AGAIN] = "再び始まった場合は、あらためてお知らせします。",
	    [PHRASE_RELAPSE] =
		"{1} から観測されていませんでしたが、再び始まりました（再発 {2} 回目）。",
	    [PHRASE_RELAPSE_LOOK] =
		"すでに対処していた場合は、それが不十分だったか、別の原因があります。",
	    [PHRASE_HEADING_UNANSWERED] = "■ まだお返事がありません",
	    [PHRASE_REMINDER] =
		"{1} にお知らせしましたが、対応中とのお返事をまだいただいていません。いまご確認いただくか、"
		"担当の方をお知らせください。",
	    [PHRASE_ESCALATION] =
		"「{1}」の最初の連絡先に {2} にお知らせし、再度お送りしましたが、お返事がありません。"
		"次の連絡先としてお送りしています。ご対応いただくか、担当の方に電話で確認してください。",
	    [PHRASE_EGRESS] =
		"アドレス {1} は複数の組織が共同で使っています。どの組織の機器かは次の記録で分かります：{2}。"
		"上の時刻・ポート・宛先で調べ、その組織へこのお知らせを渡してください。",
	    [PHRASE_RETRACTION] =
		"{1} にお送りしたお知らせ（インシデント番号 {2}）を取り消します。",
	    [PHRASE_RETRACTION_ALL] =
		"インシデント番号 {2} のお知らせを、すべて取り消します（最後にお送りしたのは {1}）。",
	    [PHRASE_RETRACTION_SORRY] = "お手数をおかけし、申し訳ありません。",
	    [PHRASE_HEADING_RETRACTION] = "■ 取り消しの理由",
	    [PHRASE_RETRACTION_LATER] =
		"その後の観測と合わせて判定し直したところ、お知らせした内容に当たらないことが分かりました。",
	    [PHRASE_RETRACTION_FORGED] =
		"同じ時間帯に、貴組織の多くのアドレスを送信元とする通信が、それぞれごくわずかずつありました。"
		"ほかの者が送信元を偽った（詐称した）とみられ、"
		"この機器が送ったことを示すものはありません。",
	    [PHRASE_RETRACTION_ROUTER] =
		"この機器はルータか、アドレスを割り当てるサーバ（DHCP）です。"
		"多くのアドレスに問い合わせるのは、その本来の働きです。",
	    [PHRASE_RETRACTION_OTHER] =
		"別のもの（{1}）であることが分かりました。対応が必要な場合は、別のメールでお知らせします。",
	    [PHRASE_RETRACTION_EXCEPTION] =
		"問題のない既知の動作として、例外に登録されました。",
	    [PHRASE_RETRACTION_NOTE] =
		"問題のない既知の動作として、例外に登録されました。登録時のメモ：{1}",
	    [PHRASE_RETRACTION_NOTHING] = "何もする必要はありません。",
	    [PHRASE_RETRACTION_DONE] =
		"すでに対応された場合も（機器の切り離し、業者への連絡など）、害はありません。"
		"止めた機器は元どおりお使いいただけます。"
		"行った対応を、次の連絡先にお知らせください（{1}）。",
	    [PHRASE_SENT_MEMBER] =
		"このメールは、{2} の連絡先として登録されたアドレスに、「{1}」から送られています。",
	    [PHRASE_SENT_OPERATOR] =
		"このメールは、運用担当者として登録されたアドレスに、「{1}」から送られています。",
	    [PHRASE_SENT_NEW] = "このメールは、「{1}」から送られています。",
	    [PHRASE_DESK] = "ご不明な点や、お心当たりのない場合の連絡先：{1}",
	    [PHRASE_DESK_UNKNOWN] = "観測システムの運用担当者",
	    [PHRASE_STATION] = "早期警戒システム Hinomi（火の見）",
	    [PHRASE_PRINT_INCIDENT] = "インシデント番号 {1}",
	    [PHRASE_PRINT_WRITTEN] = "作成 {1}",
	    [PHRASE_PRINT_STATION] = "発信元：{1}",
	    [PHRASE_PRINT_DESK] = "折り返しの連絡先：{1}",
	    [PHRASE_VERIFY_SUBJECT] =
		"確認のお願い：{1} についてのお知らせをこのアドレスに送ります",
	    [PHRASE_VERIFY_SUBJECT_OPERATOR] =
		"確認のお願い：システム自体の警報をこのアドレスに送ります",
	    [PHRASE_VERIFY] =
		"{2} の機器がほかを攻撃している、攻撃を受けている、または設定に誤りがあるとみられるときに、"
		"「{1}」がこのアドレスにお知らせを送ります。送り始める前に、"
		"このメールをお読みの方の同意が必要です。",
	    [PHRASE_VERIFY_OPERATOR] =
		"パケットが届かない、ディスクがいっぱいになった、お知らせが届かないなど、"
		"システム自体に異常があるときに、「{1}」がこのアドレスに警報を送ります。送り始める前に、"
		"このメールをお読みの方の同意が必要です。",
	    [PHRASE_HEADING_CODE] = "■ 確認コード",
	    [PHRASE_VERIFY_UNTIL] = "有効期限：{1}",
	    [PHRASE_VERIFY_YES] =
		"同意される場合：このコードを次の連絡先にお伝えください（{1}）。",
	    [PHRASE_VERIFY_NO] =
		"同意されない場合や、お心当たりのない場合：何もする必要はありません。"
		"コードが伝えられるまで、このアドレスにはほかのメールを一切送りません。",
	    [PHRASE_CANARY_SUBJECT] = "試験メッセージ {1}（対応は不要です）",
	    [PHRASE_CANARY] = "「{2}」の試験メッセージ {1} です。対応は不要です。",
	    [PHRASE_CANARY_MEANING] =
		"{1}ごとに、架空の機器の通信を入口から流し、本物の警報と同じ経路を最後まで、"
		"このメールまで通しています。時間内に届かないときは、別の手段で警報を出します。",
	    [PHRASE_CANARY_ON_DEMAND] =
		"操作により実施しました。架空の機器の通信を入口から流し、本物の警報と同じ経路を最後まで、"
		"このメールまで通しました。",
	    [PHRASE_HEADING_TIMES] = "■ 時刻",
	    [PHRASE_CANARY_MADE] = "投入：{1}",
	    [PHRASE_CANARY_FOUND] = "検知：{1}",
	    [PHRASE_CANARY_WRITTEN] = "作成：{1}",
	    [PHRASE_ALARM_SUBJECT] = "【システム警報】{1}",
	    [PHRASE_CERTIFICATE_SUBJECT] = "【証明書】{1}",
	    [PHRASE_ALARM_SUBJECT_OVER] = "【システム警報・解消】{1}",
	    [PHRASE_ALARM_OVER] = "次の警報は解消しました：{1}。発生は {2}、継続は {3}でした。",
	    [PHRASE_ALARM_DETAIL] = "報告された内容：{1}",
	    [PHRASE_SUMMARY_SUBJECT] = "【多数発生】{1}：ほか {2} 件",
	    [PHRASE_SUMMARY] =
		"個別にお知らせした {3} 件のほかに、{2} 以降、{1} 件のインシデントが見つかりました。",
	    [PHRASE_SUMMARY_WHY] =
		"重要なものが埋もれないよう、1 通にまとめました。すべて記録してあり、今後の変化は個別に"
		"お知らせします。",
	    [PHRASE_HEADING_KINDS] = "■ 内訳",
	    [PHRASE_SUMMARY_KIND] = "{1}（{2} 件）",
	    [PHRASE_HEADING_URGENT] = "■ 急ぐものから",
	    [PHRASE_SUMMARY_STEP_COMMON] =
		"共通の原因がないか確認してください。同じネットワーク、同じ種類の機器、今日変えた設定、"
		"または未使用として登録した範囲が実際は使われている場合などです。",
	    [PHRASE_SUMMARY_STEP_URGENT] =
		"下の急ぐものから対応してください。ほかの機器を探し回っている機器は、ネットワークから"
		"切り離してください。",
	    [PHRASE_SUMMARY_STEP_ASK] =
		"原因が分かったら {1} にお知らせください。多数のインシデントをまとめて終了できます。",
	    [PHRASE_SUMMARY_TABLE] = "表（CSV）を添付しました：急ぐものから、{2} 件中 {1} 件。",
	    [PHRASE_DIGEST_SUBJECT] = "{1} の定期報告：稼働中、パケット {2} 個を観測",
	    [PHRASE_DIGEST_SUBJECT_BLIND] = "{1} の定期報告：パケットを 1 個も観測していません",
	    [PHRASE_DIGEST_ALIVE] =
		"稼働しています。{2} から {3} までに、パケット {1} 個を観測しました。",
	    [PHRASE_DIGEST_BLIND] =
		"システムは動いていますが、{1} から {2} までの間、パケットを 1 個も観測していません。"
		"監視すべき場所に接続されていないとみられ、攻撃があっても検知できません。"
		"次の連絡先にお知らせください（{3}）。",
	    [PHRASE_HEADING_WATCH] = "■ 監視の状況",
	    [PHRASE_DIGEST_DARK] = "未使用のアドレス {1} 個を監視しました。",
	    [PHRASE_DIGEST_JUDGED] =
		"{1} の機器については、パケット {2} 個を判定しました"
		"（接続の試み、誰も求めていない応答など）。",
	    [PHRASE_DIGEST_JUDGED_NONE] =
		"{1} の機器については、判定の対象となるパケットはありませんでした。",
	    [PHRASE_DIGEST_NO_GAP] = "{1}の間、途切れることなく監視しました。",
	    [PHRASE_DIGEST_GAPS] =
		"監視した時間は {1}です。監視の全部または一部が {2} 回、合わせて {3}途切れました。"
		"その間のことは分かりません。",
	    [PHRASE_DIGEST_LOST] = "パケット {1} 個が、判定の前に失われました。",
	    [PHRASE_DIGEST_CANARIES] = "試験メッセージは {2} 通のうち {1} 通が届きました。",
	    [PHRASE_HEADING_INCIDENTS] = "■ インシデント",
	    [PHRASE_DIGEST_NOTHING] =
		"検知したものはありませんでした。対応中のものもありません。",
	    [PHRASE_DIGEST_INCIDENTS] = "新規 {1} 件、終了 {2} 件、対応中 {3} 件。",
	    [PHRASE_DIGEST_INCIDENT] = "番号 {1}：{2}",
	    [PHRASE_HEADING_SMALL] = "■ 小さな検知（急ぎません）",
	    [PHRASE_DIGEST_LINE] = "【{1}】{2}：{3}（{4}）、{5} から",
	    [PHRASE_DIGEST_NONE] = "ありません。",
	    [PHRASE_DIGEST_MORE] = "ほか {1} 件。",
	    [PHRASE_HEADING_ABSENCE] = "■ この報告が届かなくなったら",
	    [PHRASE_DIGEST_ABSENCE_DAILY] =
		"この報告は毎日届きます。届かない場合はシステムが止まっているおそれがあり、"
		"警報も届きません。そのときは次の連絡先にお知らせください（{2}）。",
	    [PHRASE_DIGEST_ABSENCE] =
		"この報告は {1} 日ごとに届きます。届かない場合はシステムが止まっているおそれがあり、"
		"警報も届きません。そのときは次の連絡先にお知らせください（{2}）。",
	},
    .whats =
	{
	    [RULE_SCAN_DARK] = "ネットワークの探索（スキャン）",
	    [RULE_SCAN_SWEEP] = "LAN 内の探索（スキャン）",
	    [RULE_SCAN_LIVE] = "ネットワークの探索（スキャン）",
	    [RULE_DDOS_VICTIM] = "DDoS 攻撃を受けている疑い",
	    [RULE_DDOS_INCOMING] = "大量通信の着信（DDoS）",
	    [RULE_DDOS_REFLECTOR] = "サービスが攻撃に悪用されている疑い",
	    [RULE_CONFIG_STRAY] = "設定の誤りの疑い",
	    [RULE_SPOOF_MEMBER] = "アドレスの詐称（なりすまし）",
	},
    .urgencies =
	{
	    [SEVERITY_INFO] = "参考まで",
	    [SEVERITY_LOW] = "急ぎません",
	    [SEVERITY_MEDIUM] = "今週中に確認を",
	    [SEVERITY_HIGH] = "本日中に確認を",
	    [SEVERITY_CRITICAL] = "直ちに対応を",
	},
    .whom =
	{
	    [ADVICE_LOOKING] = KEEPER,
	    [ADVICE_MONITORING] = KEEPER,
	    [ADVICE_PRINTER] = KEEPER,
	    [ADVICE_DATABASE] = SECURITY_THEN_VENDOR,
	    [ADVICE_LOGIN] = SECURITY_THEN_VENDOR,
	    [ADVICE_ROUTER] = DEVICE_VENDOR,
	    [ADVICE_REMOTE_DESKTOP] = SECURITY_THEN_VENDOR,
	    [ADVICE_REFLECTOR_DNS] = SERVICE_VENDOR,
	    [ADVICE_REFLECTOR_NTP] = SERVICE_VENDOR,
	    [ADVICE_REFLECTOR_MEMCACHED] = SERVICE_VENDOR,
	    [ADVICE_REFLECTOR_DEVICE] = DEVICE_VENDOR,
	    [ADVICE_DEVICE] =
		DEVICE_VENDOR,
	    [ADVICE_WINDOWS] = SECURITY_THEN_VENDOR,
	    [ADVICE_MACHINE] = SECURITY_THEN_VENDOR,
	    [ADVICE_TOOL] = SECURITY_THEN_VENDOR,
	    [ADVICE_PROBE] = SECURITY_THEN_VENDOR,
	    [ADVICE_FORGED] =
		"ファイアウォールやルータの保守担当者に連絡してください。"
		"この機器からの通信だったかどうかは、そのログでしか確かめられません。",
	    [ADVICE_SWEEP] = SECURITY_THEN_VENDOR,
	    [ADVICE_VICTIM] = PROVIDER,
	    [ADVICE_FLOODED] = PROVIDER,
	    [ADVICE_REFLECTED] = PROVIDER,
	    [ADVICE_REFLECTOR] = SERVICE_VENDOR,
	    [ADVICE_STRAY] = "その機器を設定した人に伝えてください。急ぐ必要はありません。",
	    [ADVICE_FORGED_MEMBER] =
		"急ぎの連絡は不要です。外部から苦情があった場合は、下の文面で回答できます。",
	    [ADVICE_STRANGER] = "連絡は不要です。",
	},
    .asks =
	{
	    [ADVICE_LOOKING] = FIND_SETTING,
	    [ADVICE_MONITORING] = FIND_PROGRAM,
	    [ADVICE_PRINTER] = FIND_SETTING,
	    [ADVICE_DATABASE] = FIND_PROGRAM,
	    [ADVICE_LOGIN] = FIND_LOGIN,
	    [ADVICE_ROUTER] = CLEAN_DEVICE,
	    [ADVICE_REMOTE_DESKTOP] = FIND_LOGIN,
	    [ADVICE_REFLECTOR_DNS] = "この DNS サーバの再帰問い合わせを外部から使えないようにし、更新を適用してください。",
	    [ADVICE_REFLECTOR_NTP] = "この時刻サーバの、時刻以外への応答（monlist など）を止め、外部から使えないようにし、更新を適用してください。",
	    [ADVICE_REFLECTOR_MEMCACHED] = "この memcached を外部から使えないようにし、UDP を無効にし、保存内容が書き換えられていないか調べてください。",
	    [ADVICE_REFLECTOR_DEVICE] = "この機能を外部から使えないようにし、機器の更新を適用してください。",
	    [ADVICE_DEVICE] =
		CLEAN_DEVICE,
	    [ADVICE_WINDOWS] = FIND_PROGRAM,
	    [ADVICE_MACHINE] = FIND_PROGRAM,
	    [ADVICE_TOOL] =
		"このツールを誰が何のために動かしているかを調べ、"
		"その時間帯のログを保存してください。",
	    [ADVICE_PROBE] = FIND_PROGRAM,
	    [ADVICE_FORGED] =
		"この通信が実際にこの機器からのものかどうか、ログを調べて教えてください。",
	    [ADVICE_SWEEP] = FIND_PROGRAM,
	    [ADVICE_VICTIM] =
		"この機器への攻撃が見られるかを教えてください。見られる場合は遮断をお願いします。",
	    [ADVICE_FLOODED] = "遮断をお願いします。",
	    [ADVICE_REFLECTED] = "遮断をお願いします。",
	    [ADVICE_REFLECTOR] =
		"このサービスを必要な利用者だけに限定し、更新を適用してください。",
	    [ADVICE_STRAY] =
		"存在しない機器を指している設定を探し、直してください。",
	    [ADVICE_FORGED_MEMBER] =
		"観測したかぎりでは、これらのアドレスの通信は、ほかの者が送信元を偽って送ったものです。",
	    [ADVICE_STRANGER] = "お願いすることはありません。",
	},
    .neglects =
	{
	    [ADVICE_LOOKING] = HARMLESS_OR_SPREAD,
	    [ADVICE_MONITORING] = HARMLESS_OR_SPREAD,
	    [ADVICE_PRINTER] = HARMLESS_OR_SPREAD,
	    [ADVICE_DATABASE] = MAY_SPREAD,
	    [ADVICE_LOGIN] = "外部の者がパスワードを知っていれば、いつでも再び入り込み、ほかへの攻撃に使うおそれがあります。その結果、外部から当組織のアドレスが遮断されることがあります。",
	    [ADVICE_ROUTER] = DEVICE_GOES_ON,
	    [ADVICE_REMOTE_DESKTOP] = "外部の者に操作されていれば、数時間のうちにほかの機器にも侵入され、データが暗号化されたり盗まれたりするおそれがあります。",
	    [ADVICE_REFLECTOR_DNS] = MISUSED_GOES_ON,
	    [ADVICE_REFLECTOR_NTP] = MISUSED_GOES_ON,
	    [ADVICE_REFLECTOR_MEMCACHED] = MISUSED_GOES_ON,
	    [ADVICE_REFLECTOR_DEVICE] = MISUSED_GOES_ON,
	    [ADVICE_DEVICE] =
		DEVICE_GOES_ON,
	    [ADVICE_WINDOWS] =
		"マルウェアであれば、数時間のうちにほかの Windows 機に広がり、"
		"データが暗号化されたり盗まれたりするおそれがあります。",
	    [ADVICE_MACHINE] = MAY_SPREAD,
	    [ADVICE_TOOL] = STRANGER_LEARNS,
	    [ADVICE_PROBE] = STRANGER_LEARNS,
	    [ADVICE_FORGED] =
		"実際にこの機器からの通信であれば、原因はそのまま残ります。"
		"そうでなければ、機器には何も起こりません。",
	    [ADVICE_SWEEP] = MAY_SPREAD,
	    [ADVICE_VICTIM] =
		"サービスが遅くなったり、つながらなくなったりするおそれがあります。"
		"このような攻撃で機器がマルウェアに感染することはありません。",
	    [ADVICE_FLOODED] = LINE_SLOW,
	    [ADVICE_REFLECTED] = LINE_SLOW,
	    [ADVICE_REFLECTOR] =
		MISUSED_GOES_ON,
	    [ADVICE_STRAY] =
		"大きな害はありませんが、何かが正しく動いておらず、"
		"その通信が本当の警報の妨げになります。",
	    [ADVICE_FORGED_MEMBER] =
		"何も起こりません。アドレスをかたっている者がやめれば終わります。",
	    [ADVICE_STRANGER] = "何も起こりません。",
	},
    .alarms =
	{
	    [ALARM_CANARY_LATE] =
		{
		    "試験メッセージが届いていません",
		    "{4}の試験メッセージが、{2}たっても届いていません。",
		    "この状態では、本物の警報も届かないおそれがあります。",
		    {
			"`hinomi check --end-to-end` を実行してください。"
			"試験メッセージが止まっている場所が分かります。",
			"配送で止まっている場合は、メールサーバ、または Webhook "
			"の相手が受け付けているか確認してください。",
			"再び届くようになるまで、`hinomi incident list` "
			"でインシデントを直接確認してください。",
		    },
		},
	    [ALARM_DELIVERY_FAILING] =
		{
		    "{1} へのお知らせが受け付けられていません",
		    "{4}から {2}、{1} へのお知らせが配送できていません（待機中 {3} 通）。",
		    "受け取るはずの方は、インシデントを知らないままです。",
		    {
			"電話で知らせてください。内容は `hinomi incident list` で分かります。",
			"相手のサーバの応答は `hinomi notice list` で確認できます。",
			"アドレスかメールサーバの設定を直してください。"
			"待機中のお知らせは、5 日間、自動で再送します。",
		    },
		},
	    [ALARM_INTERFACE_SILENT] =
		{
		    "{1} に通信が届いていません",
		    "{4}から {2}、インターフェース {1} に、これまでと違ってほとんど通信が届いていません。",
		    "そこで起きていることが見えません。ケーブルが抜けたか、"
		    "スイッチのミラー設定が変わったことがよくあります。",
		    {
			"ケーブルがつながっているか、スイッチのミラー設定が残っているか確認してください。",
			"`tcpdump -i {1}` で、何か届いているか確認してください。",
			"意図したものであれば、station.yaml から取り除いてください。",
		    },
		},
	    [ALARM_INTERFACE_DOWN] =
		{
		    "{1} が停止しています",
		    "{4}から {2}、インターフェース {1} が停止しているか、なくなっています。",
		    "そこで起きていることが見えません。",
		    {
			"`ip link show {1}` で、存在するか、有効か確認してください。",
			"ケーブルとスイッチを確認してください。",
			"元に戻れば、自動で監視を再開します。",
		    },
		},
	    [ALARM_PACKETS_LOST] =
		{
		    "{1} でパケットが失われています",
		    "{4}からの {2}の間に、{1} でパケット {3} 個が判定の前に失われました。",
		    "検知に漏れがあるおそれがあります。",
		    {
			"`hinomi stats` で、どこで失われ、どれだけ届いているか確認してください。",
			"この機器でほかに重い処理が動いていないか確認してください。",
			"より速い機器にするか、監視する通信を減らしてください。",
		    },
		},
	    [ALARM_DISK_FILLING] =
		{
		    "ディスクの空きが少なくなっています",
		    "{1} のあるディスクの空きが {3} % しかありません（{4}から）。",
		    "まず統計を削除して空きを作ります。対応中のインシデントは削除しません。"
		    "いっぱいになると、新しいことは何も保存できません。",
		    {
			"ディスクの空きを増やしてください。",
			"`du -sh {1}` で、このシステムが使っている量を確認してください。",
			"station.yaml で、保存する期間を短くしてください。",
		    },
		},
	    [ALARM_DISK_FULL] =
		{
		    "何も保存できません",
		    "{4}から {2}、{1} に書き込めません。",
		    "書き込めるようになるまで、検知したことを保存も通知もできません。",
		    {
			"ディスクの空きを増やすか、ディスクが壊れていないか確認してください。",
			"書き込めるようになれば自動で再開します。`hinomi check` で確認できます。",
			NULL,
		    },
		},
	    [ALARM_STORE_DAMAGED] =
		{
		    "データベースが壊れています",
		    "{4}から、データベース {1} がディスク上で削除、置き換え、または上書きされています。",
		    "動作は続いていますが、再起動すると、これまでの記録が失われるおそれがあります。",
		    {
			"動作しているうちに、`hinomi backup` でバックアップを作ってください。",
			"`journalctl -k` で、ディスクが壊れかけていないか確認してください。",
			"システムを停止し、`hinomi restore --replace` "
			"で、そのバックアップか直前の正常なものを戻してください。",
		    },
		},
	    [ALARM_DUTY_FAILING] =
		{
		    "{1} が何度も停止しています",
		    "{4}からの {2}の間に、システムの {1} が {3} 回停止し、そのたびに再起動しました。",
		    "そのたびに、処理していたものが失われ、欠落として記録されます。",
		    {
			"`journalctl -u hinomi` で原因を確認してください。",
			"続く場合は `systemctl restart hinomi` を実行してください。",
			"その記録を添えて、Hinomi の開発者に報告してください。",
		    },
		},
	    [ALARM_STATION_DOWN] =
		{
		    "システムが停止していました",
		    "{4}から {2}、システムが停止していました。",
		    "その間にネットワークで起きたことは観測していません。",
		    {
			"`journalctl -u hinomi` で原因を確認してください。",
			"誰も止めていなければ、機器の電源とディスクを確認してください。",
			NULL,
		    },
		},
	    [ALARM_CLOCK_STEPPED] =
		{
		    "時計が大きくずれました",
		    "{4}に、システムの時計が {2}動きました。",
		    "お知らせに書いた時刻が、その分ずれている可能性があります。"
		    "検知はパケットの時刻によるため、影響を受けません。",
		    {
			"`timedatectl` で、時刻が正しく合わせられているか確認してください。",
			"それまでの時刻が誤っていた場合は、お知らせを受け取った方に伝えてください。",
			NULL,
		    },
		},
	    [ALARM_WATCHER_LOST] =
		{
		    "外部の監視役に届きません",
		    "{4}から {2}、{1} に、このシステムが動いていることを知らせられません。",
		    "いまシステムが止まっても、誰も気づきません。",
		    {
			"システムからインターネットにつながるか確認してください。",
			"station.yaml にある監視役のアドレスが正しいか確認してください。",
			NULL,
		    },
		},
	    [ALARM_NOTICES_HELD] =
		{
		    "{1} へのお知らせが多すぎます",
		    "{4}からの {2}の間に、{1} へのお知らせが {3} 通になり、送信の上限を超えました。",
		    "緊急度の高いものから送りました。残りは送らずに保管しています。",
		    {
			"`hinomi incident list` で、すべて確認できます。",
			"1 つの原因によるものでないか確認し、{1} に電話で知らせてください。",
			NULL,
		    },
		},
	    [ALARM_PEER_SILENT] =
		{
		    "{1} からの合図がありません",
		    "{4}から {2}、観測所 {1} からの合図が届いていません。",
		    "停止しているか、通信できない状態です。その間、{1} "
		    "のネットワークで起きたことは観測されず、{1} から誰にも知らせることができません。",
		    {
			"{1} の管理者に、電話で知らせてください。{1} "
			"からの警報は届かないことがあります。",
			"動いているか（`systemctl status hinomi`）、station.yaml の heartbeat.url "
			"のアドレスが正しいかを、先方で確認してもらってください。",
			NULL,
		    },
		},
	    [ALARM_ANSWERED_NOT_OURS] =
		{
		    "回答：私たちの機器ではない（{1}）",
		    "{4}、{1} "
		    "について「私たちの機器ではない」と回答がありました。インシデントは終了しました。",
		    "アドレスが、持ち主ではない会員に登録されています。このままでは、ほかの組織の"
		    "機器についてのお知らせがその会員に届き、本当の持ち主には届きません。",
		    {
			"持ち主を調べ、会員のアドレス範囲を直してください（`hinomi member "
			"change`）。",
			"持ち主が会員でなければ、観測した内容を直接知らせてください（`hinomi "
			"incident show`）。",
			NULL,
		    },
		},
	    [ALARM_ANSWERED_HARMLESS] =
		{
		    "回答：問題のない既知の機器（{1}）",
		    "{4}、{1} "
		    "について「問題のない既知の機器」と回答がありました。インシデントは終了しました。",
		    "例外として登録しなければ、より深刻なことが観測されたときと、1 か月を過ぎてから"
		    "観測されたときに、またお知らせします。例外は、後で問題が起きたときにもお知らせを"
		    "止めてしまいます。できるだけ狭く登録してください。",
		    {
			"観測した内容と回答が合うかを確かめてください（`hinomi incident show`）。",
			"合えば、アドレス、検知規則、期限を付けて例外に登録してください（`hinomi "
			"exception add`）。",
			"合わなければ、先方に電話してください。",
		    },
		},
	    [ALARM_MAIL_UNSIGNED] =
		{
		    "署名のないメールを送っています",
		    "{4}から {2}、お知らせ {3} 通を電子署名なしで送りました。",
		    "お知らせは届きますが、受け取った方は、このシステムからのものだと確かめられません。",
		    {
			"`hinomi check` で、鍵と証明書に問題がないか確認してください。",
			"`journalctl -u hinomi` で、署名できない原因を確認してください。",
			"元に戻らない場合は `systemctl restart hinomi` を実行してください。",
		    },
		},
	    [ALARM_INCIDENTS_MANY] =
		{
		    "未終了のインシデントが多すぎます",
		    "{4}から、未終了のインシデントの数が上限に近づいています（{3} 件）。",
		    "上限に達すると、未終了のものより重大でない新たな検知はお知らせできません。より重大な"
		    "ものを検知したときは、緊急度の最も低いインシデントを終了し、その履歴に記録します。",
		    {
			"`hinomi incident list` で共通点を確認してください。これほど多い場合、会員の"
			"ものではないアドレス範囲が登録されているなど、原因は一つであることがほとんどです。",
			"問題のない既知のものは例外に登録してください（`hinomi exception add`）。",
			"対応済みのものは終了してください（`hinomi incident close`）。",
		    },
		},
	},
    .certificates =
	{
	    [LETTER_CERTIFICATE_OWN] =
		{
		    "メールに署名する証明書があと {2} 日で切れます",
		    "メールに署名する証明書が切れました",
		    "このシステムがメールに署名する証明書（{1}）の期限は {3}です。",
		    "このシステムがメールに署名する証明書（{1}）の期限が切れました：{3}",
		    "期限が切れると、署名のないメールを送ります。"
		    "受け取った方は、このシステムからのものだと確かめられなくなります。",
		    "いまは、署名のないメールを送っています。"
		    "受け取った方は、このシステムからのものだと確かめられません。",
		    {
			"発行元から新しい証明書を取得してください。申請に必要なものは "
			"`hinomi key request` で作れます。",
			"古い証明書（station.yaml の mail.sign.certificate）と置き換え、"
			"`systemctl reload hinomi` を実行してください。",
			NULL,
		    },
		},
	    [LETTER_CERTIFICATE_YOURS] =
		{
		    "あなたの証明書があと {2} 日で切れます",
		    "あなたの証明書が切れました",
		    "{1} あてのメールを暗号化している証明書の期限は {3}です。",
		    "{1} あてのメールを暗号化していた証明書の期限が切れました：{3}",
		    "期限が切れた後は、警告が確実に届くよう、暗号化せずに送ります。",
		    "いまは、警告が確実に届くよう、暗号化せずに送っています。",
		    {
			"このアドレスの新しい S/MIME 証明書を、{4} に送ってください。",
			NULL,
			NULL,
		    },
		},
	    [LETTER_CERTIFICATE_CONTACT] =
		{
		    "{1} の証明書があと {2} 日で切れます",
		    "{1} の証明書が切れました",
		    "{1}（{6}）あてのメールを暗号化している証明書の期限は {3}です。",
		    "{1}（{6}）あてのメールを暗号化していた証明書の期限が切れました：{3}",
		    "期限が切れた後は、警告が確実に届くよう、この連絡先には暗号化せずに送ります。",
		    "いまは、警告が確実に届くよう、この連絡先には暗号化せずに送っています。",
		    {
			"連絡先の方に、新しい証明書を依頼してください（ご本人にもお知らせしました）。",
			"受け取ったら `hinomi contact change {5} --certificate FILE` "
			"で登録してください。",
			NULL,
		    },
		},
	},
};
