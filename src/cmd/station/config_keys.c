/* config_keys.c - every key of station.yaml, in the order of the file. */
#include <assert.h>
#include <string.h>

#include "base/hours.h"
#include "base/when.h"
#include "cmd/station/config_key.h"

#define FIELD(member)                                                                              \
	.offset = offsetof(struct station_config, member),                                         \
	.bytes = sizeof(((struct station_config *)NULL)->member)
#define RANGE(low, high) .min = (low), .max = (high)
#define CHANGE(...)                                                                                \
	.change = &(const struct station_key_change)                                               \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define CHANGE_FREELY     CHANGE(.min = NULL)
#define EXPECT(ja_, en_)  .expected = {[LANGUAGE_EN] = (en_), [LANGUAGE_JA] = (ja_)}
#define EXPLAIN(ja_, en_) .explanations = {[LANGUAGE_EN] = (en_), [LANGUAGE_JA] = (ja_)}

static const char *const channels[] = {
    [STATION_CHANNEL_AUTO] = "auto",
    [STATION_CHANNEL_MAIL] = "mail",
    [STATION_CHANNEL_WEBHOOK] = "webhook",
    [STATION_CHANNEL_BOTH] = "both",
    NULL,
};
static const char *const securities[] = {
    [STATION_MAIL_STARTTLS] = "starttls",
    [STATION_MAIL_TLS] = "tls",
    [STATION_MAIL_NONE] = "none",
    NULL,
};
static const char *const engines[] = {[STATION_STORE_SQLITE] = "sqlite", NULL};

/* A report that is off is missed by nobody, and a quiet station shows by it that it lives. */
static bool is_on(const void *field)
{
	struct station_config_digest digest;
	memcpy(&digest, field, sizeof digest);
	return digest.is_on;
}

/* Reminders count in these hours: with few of them in a week none comes for months. */
#define HOURS_LEAST_US (10 * WHEN_HOUR_US)

static bool are_enough(const void *field)
{
	static const int64_t monday_us = INT64_C(1704067200) * WHEN_SECOND_US; /* 2024-01-01 */
	const struct hours_place place = {.zone = NULL};
	struct hours hours;
	return hours_parse(field, &hours, NULL) == 0 &&
	       hours_between(&hours, &place, monday_us, monday_us + 7 * WHEN_DAY_US) >=
		   HOURS_LEAST_US;
}

/*
 * CHANGE: what the page and `hinomi setting` may change, each with its reason. Not among it is what
 * silences the station (whom it tells, what it watches, which rules it has), destroys what is kept,
 * sends anything elsewhere, opens anything to the network, names a path, or needs a start; and what
 * makes captures begin anew.
 */

/* A sentence in Japanese has no blanks to break lines at. */
/* clang-format off */

const struct station_section station_sections[] = {
    {"station", EXPLAIN(
	"この観測所の名前、言葉、タイムゾーン。",
	"What this station is called, its language and its time zone.")},
    {"watch", EXPLAIN(
	"誰も使っていないアドレスを、通信を聞いて自動で見つける機能の設定。",
	"Addresses that nobody uses, learned by listening.")},
    {"operator", EXPLAIN(
	"この観測所の管理者。機器の故障や届かない通知を知らせます。",
	"Whoever looks after this station, and hears when something is wrong with it.")},
    {"mail", EXPLAIN(
	"通知を送るメールサーバ。server を書くまでメールは送りません。",
	"The server that takes the notices. Without `server` no mail is sent.")},
    {"mail.sign", EXPLAIN(
	"通知への電子署名（S/MIME）。鍵は `hinomi key make` で作れます。",
	"Notices are signed (S/MIME); `hinomi key make` makes a key.")},
    {"mail.bounces", EXPLAIN(
	"配達できずに戻ってきた通知と、通知への返信を読む受信箱。",
	"The mailbox in which notices arrive that came back, and answers to them.")},
    {"webhook", EXPLAIN(
	"メールの代わりに、またはメールと一緒に使う Web 通知（webhook）。",
	"Notices to web addresses, beside mail or in its place.")},
    {"notices", EXPLAIN(
	"通知をいつ、どれだけ送るか。",
	"When notices are sent, and how many at most.")},
    {"answers", EXPLAIN(
	"お知らせのリンクから、ログインせずに回答してもらう機能。web.url を書くと使えます。",
	"Letters are answered by a link, without a password, once `web.url` is set.")},
    {"canary", EXPLAIN(
	"自己試験（カナリア）：目印を付けた架空の攻撃を流し、通知が本当に届くまでを測ります。",
	"The canary: a made-up attack, marked as such, that proves that a warning would arrive.")},
    {"alarms", EXPLAIN(
	"観測所そのものの異常を、いつ管理者に知らせるか。",
	"When the operator hears that something is wrong with the station itself.")},
    {"heartbeat", EXPLAIN(
	"観測所そのものが止まったことを外から気づけるようにする合図。",
	"Signs of life, so that somebody else notices when this station dies.")},
    {"metrics", EXPLAIN(
	"監視ソフトウェア（Prometheus など）のための数値。",
	"Numbers for a monitoring system such as Prometheus.")},
    {"web", EXPLAIN(
	"ブラウザで見る観測所の画面と、お知らせのリンクの先にある回答のページ。",
	"The station's page, and beside it those behind the links in letters.")},
    {"evidence", EXPLAIN(
	"証拠：警告のもとになった最初のパケット。インシデントと一緒に残し、一緒に消します。",
	"Evidence: the first frames of what a warning is about, kept as long as its incident.")},
    {"store", EXPLAIN(
	"データベース。何をどれだけの期間残すか。d は日、h は時間、y は年（365 日）です。",
	"The database, and how long it keeps what; h are hours, d days, y years of 365 days.")},
    {"store.retention", EXPLAIN(
	"残す期間。過ぎたものは消され、消したことが記録されます。",
	"How long. What is older is removed, and that is logged.")},
    {"geo", EXPLAIN(
	"統計に国名とネットワーク名を付けるデータベース（MaxMind 形式）。検知には使いません。",
	"Databases in MaxMind's format that name countries and networks in statistics. They decide "
	"nothing.")},
};
const size_t station_section_count = sizeof station_sections / sizeof station_sections[0];

const struct station_key station_keys[] = {
    {"station.name", &value_name, FIELD(station.name), .initial = "auto", EXPLAIN(
	"通知の差出人として表示される名前。auto はこの機械の名前。",
	"How the station signs its notices; auto is the name of this machine.")},
    {"station.language", &value_language, FIELD(station.language), .initial = "auto",
	/* words alone */
	CHANGE_FREELY,
	EXPLAIN(
	"言葉。ja は日本語、en は英語、auto は起動したときの環境（LANG）に従います。",
	"ja is Japanese, en English; auto follows the environment it is started in (LANG).")},
    {"station.zone", &value_zone, FIELD(station.zone), .initial = "auto", EXPLAIN(
	"通知に書く時刻のタイムゾーン。auto はこの機械の設定（/etc/localtime）。",
	"The zone of the times in notices; auto is that of this machine (/etc/localtime).")},

    {"sources", &value_sources, FIELD(sources), .initial = "auto",
	.example = "ring:eth0", EXPLAIN(
	"どこで通信を見るか。auto は、動作中の有線・無線 LAN のすべて。選ぶときは "
	"ring:eth0 のように書きます（xdp: はより速く、ミラーポート専用の口に向きます）。",
	"Where to look. auto is every Ethernet interface that is up. To choose, list them as "
	"ring:eth0; xdp:eth1 is faster, for ports that carry nothing but a mirror.")},
    {"dark", &value_prefixes, FIELD(dark), .initial = "", .example = "198.18.0.0/16", EXPLAIN(
	"誰も使っていないと分かっている範囲（ダークネット）。この 1 行を書くだけで"
	"ダークネット観測になります。",
	"Ranges that nobody uses, for certain. This line alone makes the station watch a "
	"darknet.")},

    {"watch.ranges", &value_prefixes, FIELD(watch.ranges), .initial = "auto",
	.example = "192.0.2.0/24", EXPLAIN(
	"この範囲の中で使われていないアドレスを学習します。auto は、つながっている"
	"ネットワークから聞こえた範囲。ミラーポートでは、組織のアドレス範囲をここに書きます。",
	"Unused addresses are learned inside these ranges; auto are those heard on the wire. At a "
	"mirror port, list the organisation's ranges here: this line alone is enough.")},
    {"watch.quiet", &value_duration, FIELD(watch.quiet_us), .initial = "7d", RANGE("1m", "1y"),
	EXPLAIN(
	"これだけの間、一度も通信が聞こえなかったアドレスを、使われていないとみなします。",
	"An address that was not heard for so long counts as unused.")},
    {"watch.settle", &value_duration, FIELD(watch.settle_us), .initial = "1h", RANGE("1s", "7d"),
	.or_zero = true,
	/* a week of asking for more evidence hides sweeps; none at all accuses too early */
	CHANGE(.min = "1m", .max = "1d"),
	EXPLAIN(
	"起動してからこれだけの間は、何が普通かをまだ知らないので、探索の検知により多くの"
	"証拠を求めます。0 で無効。",
	"For so long after its start the station does not know yet what is usual here, and asks for "
	"more evidence before it reports a sweep; 0 for never.")},

    {"memory", &value_size, FIELD(memory), .initial = "256M", RANGE("32M", "1T"), EXPLAIN(
	"表に使うメモリの上限。観測所全体ではこのほかに約 200M を使います。",
	"The most that tables may take; the station needs about 200M besides.")},
    {"workers", &value_count, FIELD(workers), .initial = "1", RANGE("1", "16"), EXPLAIN(
	"1 つの観測点あたりの処理の数。毎秒 100 万パケットを超えるときに増やします。"
	"結果は変わりません。",
	"Workers for each source; more for above a million packets a second. Results stay the "
	"same.")},

    {"operator.mail", &value_mailbox, FIELD(operator.mail), .initial = "",
	.example = "operator@example.jp", EXPLAIN(
	"管理者のメールアドレス。mail.server も必要です。",
	"A mail address; mail.server must be set as well.")},
    {"operator.webhook", &value_url, FIELD(operator.webhook), .initial = "",
	.example = "https://example.jp/hooks/hinomi", EXPLAIN(
	"管理者に知らせる Web のアドレス（webhook）。メールが届かないときの第二の経路になります。",
	"A web address that takes a POST of JSON: the second way, for when mail fails.")},
    {"operator.language", &value_language, FIELD(operator.language), .initial = "auto",
	/* words alone */
	CHANGE_FREELY,
	EXPLAIN(
	"管理者への通知の言葉。auto は観測所と同じ。",
	"The language of what the operator gets; auto is the station's.")},

    {"mail.server", &value_server, FIELD(mail.server), .initial = "",
	.example = "mail.example.jp:587", EXPLAIN(
	"メールサーバの名前とポート。587 は starttls、465 は tls が普通です。",
	"Its name and port; 587 goes with starttls, 465 with tls.")},
    {"mail.security", &value_choice, FIELD(mail.security), .initial = "starttls",
	.words = securities, EXPLAIN(
	"暗号化。starttls、tls、または none。none はこの機械の中のサーバにだけ使えます。",
	"How the way there is encrypted: starttls, tls, or none, which is for a server on this very "
	"machine only.")},
    {"mail.user", &value_user, FIELD(mail.user), .initial = "", .example = "hinomi", EXPLAIN(
	"サーバが求める場合の利用者名。",
	"The user name, where the server asks for one.")},
    {"mail.password_file", &value_path, FIELD(mail.password_file), .initial = "",
	.example = "keys/mail.password", EXPLAIN(
	"パスワードを 1 行で書いたファイル。このディレクトリからの相対パス。本人以外が"
	"読めるファイルは使いません（chmod 600）。",
	"A file that holds the password, named from this directory. One that others may read is "
	"refused (chmod 600).")},
    {"mail.from", &value_mailbox, FIELD(mail.from), .initial = "auto",
	.example = "hinomi@example.jp", EXPLAIN(
	"差出人のアドレス。届かなかった通知もここへ戻ります。auto は hinomi@ とこの機械の名前。",
	"The sender, to whom comes back what could not be delivered; auto is hinomi@ and this "
	"machine's name.")},
    {"mail.ca_file", &value_path, FIELD(mail.ca_file), .initial = "",
	.example = "keys/our-ca.pem", EXPLAIN(
	"組織独自の認証局の証明書（PEM）。普通は要りません。",
	"A certificate authority of one's own (PEM). Seldom needed.")},
    {"mail.helo", &value_host, FIELD(mail.helo), .initial = "auto",
	.example = "station.example.jp", EXPLAIN(
	"メールサーバに名乗る名前。auto はこの機械の名前。",
	"How we name ourselves to the server; auto is this machine's name.")},
    {"mail.sign.key", &value_path, FIELD(mail.sign.key), .initial = "",
	.example = "keys/mail.key", EXPLAIN(
	"署名する秘密鍵（PEM、パスワードなし）。本人以外が読めるファイルは使いません（chmod 600）。",
	"The private key (PEM, without a password). One that others may read is refused (chmod 600).")},
    {"mail.sign.certificate", &value_path, FIELD(mail.sign.certificate), .initial = "",
	.example = "keys/mail.pem", EXPLAIN(
	"鍵の証明書（PEM）。中間証明書はその後に続けます。mail.from のアドレスの S/MIME 証明書で、"
	"終わりの 30 日、14 日、3 日前に知らせます。",
	"Its certificate for S/MIME and the address of mail.from (PEM), those it stands on after it. "
	"The operator hears 30, 14 and 3 days before it ends.")},
    {"mail.sign.algorithm", &value_algorithm, FIELD(mail.sign.algorithm), .initial = "",
	.example = "ecdsa-p256", EXPLAIN(
	"鍵の方式：ecdsa-p256、rsa-3072 など。`hinomi key algorithms` が使えるものを表示します。"
	"書くと、ほかの方式の鍵では起動しません。",
	"What the key has to be: ecdsa-p256, rsa-3072 or another that `hinomi key algorithms` lists; "
	"with any other the station does not start.")},

    {"mail.bounces.mailbox", &value_mailbox_place, FIELD(mail.bounces.mailbox), .initial = "",
	.example = "imaps://mail.example.jp/INBOX", EXPLAIN(
	"mail.from あての受信箱。Maildir 形式のディレクトリ（観測所の利用者から読める必要があります）か、"
	"IMAP のアドレス。",
	"The mailbox of mail.from: a Maildir that the station's user may read, or its address by IMAP.")},
    {"mail.bounces.user", &value_user, FIELD(mail.bounces.user), .initial = "",
	.example = "hinomi", EXPLAIN(
	"IMAP の利用者名。",
	"The user name for IMAP.")},
    {"mail.bounces.password_file", &value_path, FIELD(mail.bounces.password_file), .initial = "",
	.example = "keys/imap.password", EXPLAIN(
	"IMAP のパスワードを 1 行で書いたファイル（chmod 600）。",
	"A file with the password for IMAP (chmod 600).")},

    {"webhook.allow_private", &value_flag, FIELD(webhook.allow_private), .initial = "false",
	EXPLAIN(
	"組織内のアドレスと、暗号化しない http: を webhook に許すか。",
	"Whether web hooks may lead to private addresses, and be http.")},

    {"notices.settle", &value_duration, FIELD(notices.settle_us), .initial = "1s",
	RANGE("100ms", "1h"), .or_zero = true,
	/* longer is a late warning */
	CHANGE(.max = "5m"),
	EXPLAIN(
	"最初の通知の前に待つ時間。最初の手紙に書けることが増えます。",
	"How long the first notice of an incident waits, so that it can tell more.")},
    {"notices.digest", &value_weekday, FIELD(notices.digest), .initial = "Mon 08:00",
	/* when, but not whether */
	CHANGE(.is_right = is_on, EXPECT("曜日と時刻（例：Mon 08:00）、または毎日の時刻（例：daily 08:00）",
		"a day and a time, such as Mon 08:00, or daily 08:00")),
	EXPLAIN(
	"定期報告を送る曜日と時刻（Mon Tue Wed Thu Fri Sat Sun）。毎日なら daily 08:00、送らないなら off。",
	"Day and hour of the regular report; daily 08:00 for one each day, off for none.")},
    {"notices.cap", &value_count, FIELD(notices.cap), .initial = "20", RANGE("1", "1000"),
	/* with one or two, a second machine is told an hour later */
	CHANGE(.min = "5"),
	EXPLAIN(
	"1 つの会員に 1 時間に送る通知の上限。達したことは 1 通で知らせます。",
	"The most notices a member gets in an hour; that there are more is told once.")},
    {"notices.remind", &value_duration, FIELD(notices.remind_us), .initial = "8h",
	RANGE("10m", "30d"), .or_zero = true,
	/* a day of office hours is three days by the calendar; a month would be never */
	CHANGE(.max = "1d"),
	EXPLAIN(
	"返事がないとき、再度知らせるまでの時間（会員の業務時間で数えます）。その次は第二の連絡先、"
	"最後に管理者に知らせます。緊急はその四分の一（時計どおり）、中は三倍。0 で行いません。",
	"So long without an answer, counted in the member's hours, and its contacts are reminded; "
	"then the second contacts are told, then the operator. A quarter of it, by the clock, for "
	"what is critical; three times for medium; 0 for never.")},
    {"notices.hours", &value_hours, FIELD(notices.hours), .initial = "business 08:30-17:15",
	/* when reminders come; an hour a week would be never */
	CHANGE(.is_right = are_enough, EXPECT("業務時間（例：business 08:30-17:15）。週に 10 時間以上。いつでもなら always",
		"hours such as business 08:30-17:15, at least ten in a week, or always")),
	EXPLAIN(
	"会員の業務時間（会員ごとに変えられます：hinomi member change --hours）。",
	"When somebody is there at members that say nothing else (hinomi member change --hours).")},
    {"notices.country", &value_country, FIELD(notices.country), .initial = "auto",
	.example = "JP",
	/* a holiday moves a reminder by a day */
	CHANGE(.has_auto = true, EXPECT("国の 2 文字（例：JP）、none、または auto",
		"two capital letters of a country, such as JP, none or auto")),
	EXPLAIN(
	"祝日を守る国。JP の祝日は計算します。ほかの国は holidays/国名 の表から。none は土日だけ。",
	"Whose holidays are kept. Japan's are computed, others come from tables, holidays/CC; none "
	"for weekends alone; auto is JP in Japan's time zone.")},
    {"notices.files", &value_path, FIELD(notices.files), .initial = "",
	.example = "/var/spool/notices", EXPLAIN(
	"通知をファイルとして書いてよいディレクトリ（連絡先 file:///…）。なければ書きません。",
	"Directory in which notices may be written as files (contacts file:///...); none without "
	"it.")},
    {"notices.ca_file", &value_path, FIELD(notices.ca_file), .initial = "",
	.example = "collectors.pem", EXPLAIN(
	"ログ収集サーバ（連絡先 syslog+tls://…）の証明書を確かめる認証局（PEM 形式）。なければシステムのもの。",
	"Certificate authorities (PEM) of collectors of logs (contacts syslog+tls://...); without "
	"it the system's.")},

    {"answers.valid", &value_duration, FIELD(answers.valid_us), .initial = "30d",
	RANGE("1h", "1y"),
	/* too short answers are lost, too long links found in old mail */
	CHANGE(.min = "1d", .max = "90d"),
	EXPLAIN(
	"リンクの有効期間。",
	"How long a link is good.")},

    {"canary.every", &value_duration, FIELD(canary.every_us), .initial = "15m",
	RANGE("10s", "1d"), .or_zero = true,
	/* for so long nobody knows that warnings do not arrive; each is a letter */
	CHANGE(.min = "1m", .max = "6h"),
	EXPLAIN(
	"試験の間隔。0 で行いません。",
	"How often; 0 for never.")},
    {"canary.deadline", &value_duration, FIELD(canary.deadline_us), .initial = "2m",
	RANGE("1s", "1h"),
	/* likewise; too short is an alarm about nothing */
	CHANGE(.min = "10s", .max = "15m"),
	EXPLAIN(
	"これより遅れたら、届かなかったとみなして管理者に別の経路で知らせます。",
	"When it is later than this, it is taken as lost, and the operator hears of it by another "
	"way.")},
    {"canary.to", &value_choice, FIELD(canary.to), .initial = "auto", .words = channels, EXPLAIN(
	"送り先：mail、webhook、both。auto は管理者にあるものすべて。",
	"Where it goes: mail, webhook or both; auto is whatever the operator has.")},
    {"canary.maildir", &value_path, FIELD(canary.maildir), .initial = "",
	.example = "/var/mail/hinomi", EXPLAIN(
	"届いたことを確かめる受信箱（Maildir 形式）。なければ、メールサーバが受け取った時点までを"
	"確かめます。",
	"A mailbox (Maildir) in which arrival is proven. Without it the proof ends where the mail "
	"server accepts.")},

    {"alarms.down", &value_duration, FIELD(alarms.down_us), .initial = "1m", RANGE("1s", "1d"),
	.or_zero = true,
	/* when, but not whether */
	CHANGE(.min = "5s", .max = "1h"),
	EXPLAIN(
	"インターフェースがこれだけの間停止しているか、なくなっていれば知らせます。0 で知らせません。",
	"An interface was down, or gone, for so long; 0 for no such alarm.")},
    {"alarms.silent", &value_duration, FIELD(alarms.silent_us), .initial = "10m",
	RANGE("5s", "1d"), .or_zero = true,
	/* when, but not whether; quiet nights are longer than hours */
	CHANGE(.min = "1m", .max = "12h"),
	EXPLAIN(
	"いつもは通信があるインターフェースに、これだけの間何も届かなければ知らせます（ケーブルや"
	"ミラー設定が外れたとき）。0 で知らせません。",
	"An interface that usually has traffic heard nothing for so long: a pulled cable, or a "
	"switch that mirrors no more; 0 for no such alarm.")},
    {"alarms.rest", &value_duration, FIELD(alarms.rest_us), .initial = "2m", RANGE("1s", "1d"),
	/* as long as one lasts, nothing new of it is told */
	CHANGE(.min = "10s", .max = "1h"),
	EXPLAIN(
	"これだけの間正常なら、警報が解消したと知らせます。",
	"What was well for so long is over, which is told as well.")},

    {"heartbeat.url", &value_url, FIELD(heartbeat.url), .initial = "",
	.example = "https://example.jp/alive/our-station", EXPLAIN(
	"生きている合図を送る Web のアドレス。",
	"A web address that is called as long as all is well.")},
    {"heartbeat.every", &value_duration, FIELD(heartbeat.every_us), .initial = "1m",
	RANGE("5s", "1h"),
	/* whoever listens expects one each few minutes */
	CHANGE(.max = "5m"),
	EXPLAIN(
	"合図の間隔。",
	"How often.")},
    {"heartbeat.expect", &value_expect, FIELD(heartbeat.expect), .initial = "",
	.example = "other-station: 5m", RANGE("10s", "7d"), EXPLAIN(
	"ほかの観測所の名前と、合図が途絶えたと判断するまでの時間。",
	"Other stations that report to this one, each with how long it may be silent. They report "
	"to the address of metrics.listen.")},
    {"heartbeat.secret_file", &value_path, FIELD(heartbeat.secret_file), .initial = "",
	.example = "keys/heartbeat.secret", EXPLAIN(
	"合図をやりとりする観測所が共有する秘密を 1 行で書いたファイル。`openssl rand -hex 32` で"
	"作れます。本人以外が読めるファイルは使いません（chmod 600）。",
	"A file with the secret that stations which report to each other share, such as `openssl "
	"rand -hex 32` makes. One that others may read is refused (chmod 600).")},

    {"metrics.listen", &value_listen, FIELD(metrics.listen), .initial = "127.0.0.1:9464", EXPLAIN(
	"どのアドレスで答えるか。ほかの観測所からの合図もここで受け取るので、受け取るときは"
	"外から届くアドレスにします。off で答えません。",
	"Where they are served, and where other stations report to: for those, an address that they "
	"can reach. off for neither.")},
    {"metrics.open", &value_flag, FIELD(metrics.open), .initial = "false", EXPLAIN(
	"数値をほかの機械にも見せるか。誰にも認証を求めません。false ではこの機械だけが見られます。",
	"Whether other machines may read the numbers as well. Nobody is asked for a password; with "
	"false only this machine may.")},

    {"web.url", &value_url, FIELD(web.url), .initial = "",
	.example = "https://hinomi.example.jp", EXPLAIN(
	"お知らせのリンクの始まり。画面の外から見たアドレスでもあります。1 行に収まるよう、短い"
	"ものにします。書かなければリンクを付けません。",
	"What links in letters begin with, and where others open the page: short, so that links fit "
	"one line. Without it letters have none.")},
    {"web.listen", &value_listen, FIELD(web.listen), .initial = "127.0.0.1:8480", EXPLAIN(
	"画面をどのアドレスで見せるか。ほかの機械からも見るなら、TLS を受け持つプロキシを前に置くか、"
	"外から届くアドレスと証明書を書きます。off で見せません。",
	"Where the page is served. For other machines, put a proxy that does TLS before it, or give "
	"an address that they can reach, and a certificate. off for none.")},
    {"web.certificate", &value_path, FIELD(web.certificate), .initial = "",
	.example = "/etc/ssl/certs/hinomi.pem", EXPLAIN(
	"TLS の証明書（PEM、中間証明書を続けたもの）。前段のプロキシがなければ必要です。",
	"The certificate for TLS in PEM, with those between it and its root. Needed without a "
	"proxy.")},
    {"web.key", &value_path, FIELD(web.key), .initial = "", .example = "keys/web.key", EXPLAIN(
	"その秘密鍵（PEM）。本人以外が読めるファイルは使いません（chmod 600）。",
	"Its private key in PEM. One that others may read is refused (chmod 600).")},
    {"web.allow_http", &value_flag, FIELD(web.allow_http), .initial = "false", EXPLAIN(
	"https でないリンクを許すか。通信の途中にいる人が読み、代わりに回答できます。",
	"Whether links may begin with http: whoever is on the way can read them, and answer.")},

    {"evidence.frames", &value_count, FIELD(evidence.frames), .initial = "8", RANGE("1", "16"),
	.or_zero = true, EXPLAIN(
	"何個残すか。1 個につき先頭の 256 バイトまで（ヘッダと、内容の初めの部分）です。"
	"0 では何も残しません。",
	"How many, each up to its first 256 bytes: its headers and the beginning of what it says. 0 "
	"keeps none.")},

    {"store.engine", &value_choice, FIELD(store.engine), .initial = "sqlite", .words = engines,
	EXPLAIN(
	"データベースの種類。",
	"The kind of database.")},
    {"store.low_disk", &value_space, FIELD(store.low_disk), .initial = "5%", RANGE("1%", "50%"),
	EXPLAIN(
	"空きがこれより減ると、統計から順に消します。続いているインシデントは決して消しません。"
	"割合で書いたときは、少なくとも 256M。",
	"With less free space than this, statistics are removed first; open incidents never. A "
	"share counts as 256M at least.")},
    {"store.batches_max", &value_size, FIELD(store.batches_max), .initial = "256M",
	RANGE("1M", "1T"), EXPLAIN(
	"再起動の後に続きから見るための記録の上限。",
	"The most that is kept to go on from after a restart.")},
    {"store.retention.incidents", &value_duration, FIELD(store.retention.incidents_us),
	.initial = "5y", RANGE("1d", "100y"), EXPLAIN(
	"終わったインシデント。",
	"Closed incidents.")},
    {"store.retention.notices", &value_duration, FIELD(store.retention.notices_us),
	.initial = "1y", RANGE("1d", "100y"), EXPLAIN(
	"送った通知。",
	"Notices that were sent.")},
    {"store.retention.events", &value_duration, FIELD(store.retention.events_us),
	.initial = "5y", RANGE("1d", "100y"), EXPLAIN(
	"インシデントの経過（誰がいつ何をしたか）。",
	"What was done about incidents, when and by whom.")},
    {"store.retention.batches", &value_duration, FIELD(store.retention.batches_us),
	.initial = "25h", RANGE("1h", "30d"), EXPLAIN(
	"再起動の後に続きから見るための記録。",
	"What was observed, to go on from after a restart.")},
    {"store.retention.statistics_5m", &value_duration, FIELD(store.retention.statistics_5m_us),
	.initial = "30d", RANGE("1h", "100y"), EXPLAIN(
	"5 分ごとの統計。",
	"Statistics of five minutes.")},
    {"store.retention.statistics_hour", &value_duration,
	FIELD(store.retention.statistics_hour_us), .initial = "1y", RANGE("1d", "100y"), EXPLAIN(
	"1 時間ごとの統計。",
	"Statistics of an hour.")},
    {"store.retention.statistics_day", &value_duration,
	FIELD(store.retention.statistics_day_us), .initial = "10y", RANGE("1d", "100y"), EXPLAIN(
	"1 日ごとの統計。",
	"Statistics of a day.")},
    {"store.retention.gaps", &value_duration, FIELD(store.retention.gaps_us), .initial = "1y",
	RANGE("1d", "100y"), EXPLAIN(
	"観測できなかった時間の記録。",
	"When nothing could be observed.")},
    {"store.retention.audit", &value_duration, FIELD(store.retention.audit_us), .initial = "2y",
	RANGE("1d", "100y"), EXPLAIN(
	"だれが何を変えたかの記録。",
	"Who changed what.")},

    {"geo.country", &value_path, FIELD(geo.country), .initial = "",
	.example = "/var/lib/GeoIP/GeoLite2-Country.mmdb", EXPLAIN(
	"国のデータベース（GeoLite2-Country.mmdb など）。",
	"Countries, such as GeoLite2-Country.mmdb.")},
    {"geo.network", &value_path, FIELD(geo.network), .initial = "",
	.example = "/var/lib/GeoIP/GeoLite2-ASN.mmdb", EXPLAIN(
	"ネットワーク（AS）のデータベース（GeoLite2-ASN.mmdb など）。",
	"Networks (autonomous systems), such as GeoLite2-ASN.mmdb.")},

    {"thresholds", &value_thresholds, FIELD(thresholds), .initial = "",
	.example = "scan.dark: {targets: 3}", EXPLAIN(
	"検知のしきい値。`hinomi read --explain thresholds` が一覧を表示します。"
	"普通は変える必要がありません。",
	"Thresholds of the rules; `hinomi read --explain thresholds` lists them. Seldom "
	"changed.")},
};
/* clang-format on */

const size_t station_key_count = sizeof station_keys / sizeof station_keys[0];
static_assert(sizeof station_keys / sizeof station_keys[0] <= STATION_KEYS_MAX, "room for each");

int station_key_find(const char *path)
{
	for (size_t i = 0; i < station_key_count; i++)
		if (strcmp(station_keys[i].path, path) == 0)
			return (int)i;
	return -1;
}
