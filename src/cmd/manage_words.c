#include "cmd/manage_words.h"

#include <assert.h>
#include <string.h>

/* clang-format off */
static const struct {
	const char *texts[LANGUAGE_COUNT];
} words[MANAGE_WORDS] = {
#define SAY(word, en_, ja_) [word] = {{[LANGUAGE_EN] = (en_), [LANGUAGE_JA] = (ja_)}}
    SAY(HEAD_ID, "ID", "番号"),
    SAY(HEAD_NAME, "NAME", "名称"),
    SAY(HEAD_RANGES, "RANGES", "アドレス範囲"),
    SAY(HEAD_LANGUAGE, "LANG", "言語"),
    SAY(HEAD_CONTACTS, "CONTACTS", "連絡先"),
    SAY(HEAD_OPEN, "OPEN", "未終了"),
    SAY(HEAD_MEMBER, "MEMBER", "会員"),
    SAY(HEAD_ADDRESS, "ADDRESS", "宛先"),
    SAY(HEAD_LEAST, "FROM", "重要度"),
    SAY(HEAD_STATE, "STATE", "状態"),
    SAY(HEAD_SEVERITY, "SEVERITY", "重要度"),
    SAY(HEAD_LAST, "LAST SEEN", "最終観測"),
    SAY(HEAD_MACHINE, "MACHINE", "機器"),
    SAY(HEAD_WHAT, "WHAT", "規則"),
    SAY(HEAD_RULE, "RULE", "規則"),
    SAY(HEAD_PORT, "PORT", "ポート"),
    SAY(HEAD_UNTIL, "UNTIL", "期限"),
    SAY(HEAD_BY, "BY", "登録者"),
    SAY(HEAD_REASON, "REASON", "理由"),
    SAY(HEAD_WRITTEN, "WRITTEN", "作成"),
    SAY(HEAD_KIND, "KIND", "種類"),
    SAY(HEAD_TRIES, "TRIES", "回数"),
    SAY(HEAD_REPLY, "SERVER SAID", "サーバの応答"),
    SAY(HEAD_SEAL, "S", "署"),
    SAY(HEAD_WHEN, "WHEN", "日時"),
    SAY(HEAD_WHAT_HAPPENED, "WHAT", "できごと"),
    SAY(HEAD_BY_WHOM, "BY", "実施者"),
    SAY(HEAD_NOTE, "NOTE", "メモ"),
    SAY(HEAD_TIER, "TIER", "順"),
    SAY(HEAD_DELIVERED, "DELIVERED", "配達済み"),
    SAY(HEAD_WAITING, "WAITING", "送信待ち"),
    SAY(HEAD_FAILED, "FAILED", "不達"),
    SAY(HEAD_ROLE, "ROLE", "役割"),
    SAY(HEAD_SIGNS_IN, "SIGNS IN BY", "サインイン"),
    SAY(HEAD_CHANGED, "CHANGED", "変更"),
    SAY(HEAD_KEY, "KEY", "設定"),
    SAY(HEAD_VALUE, "VALUE", "値"),
    SAY(HEAD_COMES_FROM, "FROM", "由来"),
    SAY(HEAD_MAY_BE, "CAN BE", "指定できる値"),

    SAY(LABEL_MEMBER, "Member", "会員"),
    SAY(LABEL_RANGES, "Ranges", "アドレス範囲"),
    SAY(LABEL_DARK, "Unused", "未使用の範囲"),
    SAY(LABEL_LANGUAGE, "Language", "言語"),
    SAY(LABEL_ZONE, "Time zone", "タイムゾーン"),
    SAY(LABEL_COUNTRY, "Holidays of", "祝日"),
    SAY(LABEL_HOURS, "Hours", "業務時間"),
    SAY(LABEL_EGRESS, "Shared, see", "共同利用の記録"),
    SAY(LABEL_NOTE, "Note", "メモ"),
    SAY(LABEL_SINCE, "Since", "登録"),
    SAY(LABEL_INCIDENT, "Incident", "インシデント"),
    SAY(LABEL_STATE, "State", "状態"),
    SAY(LABEL_CONTACT, "Contact", "連絡先"),
    SAY(LABEL_KIND, "Kind", "種類"),
    SAY(LABEL_MESSAGE_ID, "Message-ID", "Message-ID"),
    SAY(LABEL_SUBJECT, "Subject", "件名"),
    SAY(LABEL_WRITTEN, "Written", "作成"),
    SAY(LABEL_TRIES, "Tries", "送信回数"),
    SAY(LABEL_LAST_TRY, "Last try", "最後の送信"),
    SAY(LABEL_NEXT_TRY, "Next try", "次の送信"),
    SAY(LABEL_DELIVERED, "Delivered", "配達"),
    SAY(LABEL_REPLY, "Reply", "応答"),
    SAY(LABEL_SEAL, "Signed", "署名"),
    SAY(LABEL_CERTIFICATE, "Certificate", "証明書"),
    SAY(LABEL_HOLDER, "Holder", "所有者"),
    SAY(LABEL_ISSUER, "Issuer", "発行者"),
    SAY(LABEL_ALGORITHM, "Algorithm", "方式"),
    SAY(LABEL_FROM, "From", "開始"),
    SAY(LABEL_UNTIL, "Until", "期限"),
    SAY(LABEL_FINGERPRINT, "SHA-256", "SHA-256"),

    SAY(TITLE_CONTACTS, "Contacts", "連絡先"),
    SAY(TITLE_OPEN, "Open incidents", "未終了のインシデント"),
    SAY(TITLE_HISTORY, "History", "経過"),
    SAY(TITLE_FRAMES, "First frames", "最初のフレーム"),
    SAY(TITLE_NOTICES, "Notices", "通知"),

    SAY(TERM_ANY, "any", "すべて"),
    SAY(TERM_OPERATOR, "(operator)", "（管理者）"),
    SAY(TERM_NOBODY, "(removed)", "（削除済み）"),
    SAY(TERM_STATION, "Hinomi", "Hinomi"),
    SAY(TERM_FOR_EVER, "for ever", "無期限"),
    SAY(TERM_LOCKED, "locked", "ロック中"),
    SAY(TERM_TIER_FIRST, "first", "第一"),
    SAY(TERM_TIER_SECOND, "second", "第二"),
    SAY(TERM_SIGNED, "yes", "あり"),
    SAY(TERM_SEAL_SIGNED, "S", "署"),
    SAY(TERM_SEAL_ENCRYPTED, "E", "暗"),
    SAY(TERM_UNSIGNED, "no", "なし"),

    SAY(SAY_NONE, "None.", "ありません。"),
    SAY(SAY_MORE, "{1} more; --all shows them.", "ほか {1} 件。--all ですべて表示します。"),
    SAY(SAY_MEMBER_ADDED,
	"Added the member {1}. What its machines do is watched from now on.",
	"会員 {1} を登録しました。これから機器の動きを見守ります。"),
    SAY(SAY_MEMBER_CHANGED, "Changed the member {1}.", "会員 {1} を変更しました。"),
    SAY(SAY_MEMBER_REMOVED,
	"Removed the member {1}, its ranges and its contacts.",
	"会員 {1} を、アドレス範囲と連絡先とともに削除しました。"),
    SAY(SAY_IMPORTED,
	"{1} {1:member|members} added, {2} changed.",
	"会員を {1} 件登録し、{2} 件変更しました。"),
    SAY(SAY_CONTACT_ADDED,
	"Added the contact {1}. {2} gets a code; until somebody there gives it back (hinomi contact "
	"verify {1} CODE), nothing else is sent there.",
	"連絡先 {1} を登録しました。{2} に確認コードを送ります。コードを受け取った人に聞いて "
	"hinomi contact verify {1} コード を実行するまで、ほかの通知は送りません。"),
    SAY(SAY_CODE_SENT,
	"{2} gets a new code for the contact {1}; the one before is worth nothing any more.",
	"連絡先 {1} の新しい確認コードを {2} に送ります。前のコードは無効です。"),
    SAY(SAY_CONTACT_CHANGED, "Changed the contact {1} ({2}).", "連絡先 {1}（{2}）を変更しました。"),
    SAY(SAY_CONTACT_ENCRYPTED,
	"Its mail is encrypted to its certificate, until {1}.",
	"メールは証明書あてに暗号化します（{1} まで）。"),
    SAY(SAY_CONTACT_REMOVED, "Removed the contact {1}.", "連絡先 {1} を削除しました。"),
    SAY(SAY_VERIFIED,
	"The contact {1} is verified: {2} gets notices from now on.",
	"連絡先 {1} を確認しました。これから {2} に通知を送ります。"),
    SAY(SAY_WAITS,
	"No station is running: letters go out when it does.",
	"観測所は停止中です。通知は起動したときに送られます。"),
    SAY(SAY_INCIDENT, "Incident {1} is {2} now.", "インシデント {1} の状態：{2}"),
    SAY(SAY_STATE_REASON, "{1} ({2})", "{1}（{2}）"),
    SAY(SAY_NOTED,
	"The note is in the history of incident {1}.",
	"インシデント {1} の経過にメモを書きました。"),
    SAY(SAY_EXCEPTION_ADDED,
	"Exception {1}: what {2} does is not reported (until: {3}).",
	"例外 {1}：{2} の動きは報告しません（期限：{3}）。"),
    SAY(SAY_EXCEPTION_REMOVED, "Removed the exception {1}.", "例外 {1} を削除しました。"),
    SAY(SAY_RESENT, "Notice {1} is sent to {2} again.", "通知 {1} を {2} に送り直します。"),
    SAY(SAY_HOLDS_CODE,
	"Its text holds a code, which is for its reader alone.",
	"本文には受取人だけが知るべき確認コードがあるため、表示しません。"),
    SAY(SAY_KEY_MADE,
	"Made a new key. So that notices are signed with it, put into station.yaml, then `systemctl "
	"reload hinomi`:",
	"新しい鍵を作りました。通知に署名するには station.yaml に次を書き、`systemctl reload hinomi` を"
	"実行してください："),
    SAY(SAY_KEY_SELF_SIGNED,
	"It signed itself, so mail programs show it as not trusted: `hinomi key request` prints what an "
	"authority needs to sign it.",
	"自己署名なので、メールソフトには信頼できないと表示されます。認証局に署名してもらうための申請は "
	"`hinomi key request` で作れます。"),
    SAY(SAY_ENCRYPTED,
	"It was encrypted to its reader: its text cannot be shown here.",
	"受取人あてに暗号化されているため、本文は表示できません。"),
    SAY(TERM_PASSWORD, "password", "パスワード"),
    SAY(TERM_LINK_ONLY, "link", "リンクのみ"),
    SAY(TERM_DISABLED, "disabled", "停止"),
    SAY(SAY_ACCOUNT_ADDED, "Added the account {1}.", "アカウント {1} を追加しました。"),
    SAY(SAY_ACCOUNT_LINK,
	"It has no password: `hinomi account link {1}` prints a link that signs in once.",
	"パスワードがありません。`hinomi account link {1}` が、一度だけ使えるサインイン用リンクを表示します。"),
    SAY(SAY_ACCOUNT_CHANGED, "Changed the account {1}.", "アカウント {1} を変更しました。"),
    SAY(SAY_ACCOUNT_REMOVED, "Removed the account {1}.", "アカウント {1} を削除しました。"),
    SAY(TERM_SETTINGS, "changed", "変更済み"),
    SAY(TERM_DEFAULT, "default", "初期値"),
    SAY(SAY_SETTING_CHANGED, "{1} is {2}; it was {3}.", "{1} を {3} から {2} に変えました。"),
    SAY(SAY_SETTING_SAME,
	"{1} is {2} already: nothing was changed.",
	"{1} はすでに {2} です。何も変えていません。"),
    SAY(SAY_SETTING_SOON,
	"The station takes it over within seconds; if it cannot, its log and its page say why.",
	"数秒のうちに観測所が新しい設定で動き始めます。できなかったときは、ログと画面に理由が出ます。"),
    SAY(SAY_SETTING_START,
	"No station runs: it counts from its next start.",
	"観測所は動いていません。次に起動したときから有効です。"),
    SAY(SAY_UNREADABLE,
	"What was found cannot be read: it was written by another version, or is damaged.",
	"検知内容を読めません。別の版が書いたか、壊れています。"),
#undef SAY
};

static const struct {
	const char *name;
	const char *texts[LANGUAGE_COUNT];
} terms[] = {
#define TERM(name_, ja_) {(name_), {[LANGUAGE_EN] = (name_), [LANGUAGE_JA] = (ja_)}}
    TERM("info", "参考"),
    TERM("low", "低"),
    TERM("medium", "中"),
    TERM("high", "高"),
    TERM("critical", "緊急"),
    /* states of incidents, and what happens to them */
    TERM("new", "新規"),
    TERM("notified", "通知済み"),
    TERM("acknowledged", "確認済み"),
    TERM("in-progress", "対応中"),
    TERM("quiet", "沈静"),
    TERM("closed", "終了"),
    TERM("relapsed", "再発"),
    TERM("found", "検知"),
    TERM("ack", "確認"),
    TERM("work", "対応開始"),
    TERM("silence", "沈静"),
    TERM("close", "終了"),
    TERM("note", "メモ"),
    TERM("fixed", "対処済み"),
    TERM("not-ours", "対象外"),
    TERM("harmless", "無害"),
    TERM("exception", "例外"),
    TERM("withdrawn", "取り消し"),
    TERM("no-room", "件数超過"),
    /* contacts and notices */
    TERM("mail", "メール"),
    TERM("webhook", "ウェブフック"),
    TERM("unverified", "未確認"),
    TERM("verified", "確認済み"),
    TERM("failing", "不達"),
    TERM("stopped", "停止"),
    TERM("first", "第一報"),
    TERM("update", "続報"),
    TERM("relapse", "再発"),
    TERM("retraction", "取り消し"),
    TERM("verify", "確認コード"),
    TERM("digest", "定期報告"),
    TERM("canary", "自己試験"),
    TERM("alarm", "警報"),
    TERM("reminder", "再送"),
    TERM("escalation", "次の連絡先へ"),
    TERM("summary", "まとめ"),
    TERM("certificate", "証明書"),
    TERM("waiting", "送信待ち"),
    TERM("sending", "送信中"),
    TERM("delivered", "配達済み"),
    TERM("failed", "不達"),
    TERM("bounced", "返送"),
    TERM("reply", "返信"),
    TERM("bounced", "返送"),
    /* accounts */
    TERM("operator", "管理者"),
    TERM("member", "会員"),
    TERM("viewer", "閲覧のみ"),
#undef TERM
};
/* clang-format on */

const char *manage_word(enum language language, enum manage_word word)
{
	assert((unsigned)word < MANAGE_WORDS);
	return words[word].texts[language];
}

void manage_words_add(struct text *text, enum language language, enum manage_word word,
    const struct value *values, size_t count)
{
	text_add_phrase(text, manage_word(language, word), values, count);
}

const char *manage_term(enum language language, const char *name)
{
	for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++)
		if (strcmp(terms[i].name, name) == 0)
			return terms[i].texts[language];
	return name;
}
