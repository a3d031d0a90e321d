#include "web/answer_words.h"

/* A sentence in Japanese has no blanks to break lines at. */
/* clang-format off */

const struct answer_words answer_words_en = {
    .other_language = "日本語",
    .title = "Incident {1}",
    .drill = "This is an exercise. Nothing happened; please answer as if it had.",
    .to = "To {1}",
    .machine = "Machine",
    .first = "First seen",
    .last = "Last seen",
    .severity = "Rated",
    .incident = "Incident",
    .state = "State",
    .states =
	{
	    [INCIDENT_NEW] = "not answered yet",
	    [INCIDENT_NOTIFIED] = "not answered yet",
	    [INCIDENT_ACKNOWLEDGED] = "somebody has seen it",
	    [INCIDENT_IN_PROGRESS] = "somebody works on it",
	    [INCIDENT_QUIET] = "nothing more was seen for some time",
	    [INCIDENT_CLOSED] = "closed",
	    [INCIDENT_RELAPSED] = "it began again",
	},
    .reasons =
	{
	    [CLOSE_NONE] = "",
	    [CLOSE_FIXED] = "fixed",
	    [CLOSE_NOT_OURS] = "the machine is another's",
	    [CLOSE_HARMLESS] = "known and harmless",
	    [CLOSE_QUIET] = "nothing was seen for long",
	    [CLOSE_EXCEPTION] = "the operator entered it as known",
	    [CLOSE_WITHDRAWN] = "what we told you does not hold",
	    [CLOSE_NO_ROOM] = "too many graver ones were open",
	},
    .recorded = "Recorded: {1}, on {2}.",
    .your_note = "Your note: {1}",
    .heading = "Your answer",
    .again = "If that was not right, answer again",
    .note = "Note (optional)",
    .note_hint = "At most 200 characters; whoever looks after this station reads it.",
    .choices =
	{
	    [ANSWER_NONE] = {"", "", ""},
	    [ANSWER_ON_IT] =
		{"We are on it",
		"There will be no reminders.",
		"Thank you. There will be no reminders. Please say when it is fixed: this link "
		"takes that as well."},
	    [ANSWER_FIXED] =
		{"It is fixed",
		"The incident is closed. If we see it again, you will hear of it.",
		"Thank you. The incident is closed. If we see it again, you will hear of it."},
	    [ANSWER_NOT_OURS] =
		{"It is not ours",
		"The incident is closed, and the operator looks for whose machine it is.",
		"Thank you. The incident is closed, and the operator was told, so that the list of "
		"who has which addresses is put right."},
	    [ANSWER_HARMLESS] =
		{"It is a known, harmless machine",
		"The incident is closed, and the operator is told.",
		"Thank you. The incident is closed, and the operator was told. If the machine does "
		"worse, you will hear of it. So that it is not reported again later either, the "
		"operator can enter it as an exception (hinomi exception add)."},
	    [ANSWER_STOP] =
		{"Send us no more about this",
		"You get no more letters about this incident; the operator sees that.",
		"You get no more letters about this incident. Others are told of as before."},
	},
    .until = "This link is good until {1}. Whoever has it can answer for you: do not pass it on.",
    .desk = "Questions: {1}",
    .sent = "Hinomi, early warning for networks: {1}",
    .sent_nameless = "Hinomi, early warning for networks",
    .troubles =
	{
	    [ANSWER_NO_LINK] =
		"This link does not lead to anything that can be answered. It may have ended, or "
		"not be whole: compare it with your letter, or answer the letter by mail.",
	    [ANSWER_FOREIGN] =
		"Nothing was recorded, since it did not come from our page. Please open the link "
		"of your letter again, and answer there.",
	    [ANSWER_MANY] =
		"Nothing was recorded: there were too many answers by this link. Please answer the "
		"letter by mail.",
	    [ANSWER_TOO_FAST] =
		"Nothing was recorded: too many requests at once. Please try again in a minute.",
	    [ANSWER_AWAY] =
		"Nothing can be shown or recorded at this moment. Please try again in a minute.",
	},
};

const struct answer_words answer_words_ja = {
    .other_language = "English",
    .title = "インシデント {1}",
    .drill = "これは訓練です。実際には何も起きていません。本番と同じように回答してください。",
    .to = "{1} 様",
    .machine = "対象の機器",
    .first = "最初に見た時刻",
    .last = "最後に見た時刻",
    .severity = "評価",
    .incident = "インシデント番号",
    .state = "状態",
    .states =
	{
	    [INCIDENT_NEW] = "まだ回答がありません",
	    [INCIDENT_NOTIFIED] = "まだ回答がありません",
	    [INCIDENT_ACKNOWLEDGED] = "担当者が確認しました",
	    [INCIDENT_IN_PROGRESS] = "担当者が対応中です",
	    [INCIDENT_QUIET] = "しばらく観測されていません",
	    [INCIDENT_CLOSED] = "終了",
	    [INCIDENT_RELAPSED] = "再び始まりました",
	},
    .reasons =
	{
	    [CLOSE_NONE] = "",
	    [CLOSE_FIXED] = "対応済み",
	    [CLOSE_NOT_OURS] = "ほかの組織の機器",
	    [CLOSE_HARMLESS] = "問題のない既知の機器",
	    [CLOSE_QUIET] = "長い間観測されなかったため",
	    [CLOSE_EXCEPTION] = "管理者が既知のものとして登録したため",
	    [CLOSE_WITHDRAWN] = "お知らせした内容が正しくなかったため",
	    [CLOSE_NO_ROOM] = "より重大なものが多数あったため",
	},
    .recorded = "回答を記録しました：{1}（{2}）",
    .your_note = "メモ：{1}",
    .heading = "回答してください",
    .again = "間違えたときは、もう一度回答できます",
    .note = "メモ（なくてもかまいません）",
    .note_hint = "200 文字まで。この観測所の管理者が読みます。",
    .choices =
	{
	    [ANSWER_NONE] = {"", "", ""},
	    [ANSWER_ON_IT] =
		{"対応しています",
		"催促のお知らせは送りません。",
		"ありがとうございます。催促のお知らせは送りません。対応が済んだら、同じリンクから"
		"「対応が済みました」と回答してください。"},
	    [ANSWER_FIXED] =
		{"対応が済みました",
		"インシデントを終了します。再び観測されたときはお知らせします。",
		"ありがとうございます。インシデントを終了しました。再び観測されたときはお知らせします。"},
	    [ANSWER_NOT_OURS] =
		{"私たちの機器ではありません",
		"インシデントを終了し、管理者が持ち主を調べます。",
		"ありがとうございます。インシデントを終了し、アドレスの登録を直すよう管理者に"
		"知らせました。"},
	    [ANSWER_HARMLESS] =
		{"問題のない既知の機器です",
		"インシデントを終了し、管理者に知らせます。",
		"ありがとうございます。インシデントを終了し、管理者に知らせました。より深刻なことが"
		"観測されたときはお知らせします。後になってからもお知らせしないようにするには、管理者が"
		"例外として登録します（hinomi exception add）。"},
	    [ANSWER_STOP] =
		{"この件のお知らせは不要です",
		"このインシデントについては、もうお送りしません。管理者にはそのことが分かります。",
		"このインシデントについては、もうお送りしません。ほかの件はこれまでどおりお知らせします。"},
	},
    .until = "このリンクの有効期限：{1}。リンクを知っている人は誰でも回答できます。転送しないで"
	"ください。",
    .desk = "お問い合わせ：{1}",
    .sent = "Hinomi（ネットワークの早期警戒）：{1}",
    .sent_nameless = "Hinomi（ネットワークの早期警戒）",
    .troubles =
	{
	    [ANSWER_NO_LINK] =
		"このリンクからは回答できません。期限が切れたか、リンクの一部が欠けている可能性が"
		"あります。お知らせのメールと見比べるか、メールに返信して回答してください。",
	    [ANSWER_FOREIGN] =
		"この観測所のページから送られたものではないため、記録しませんでした。お知らせの"
		"リンクをもう一度開いて回答してください。",
	    [ANSWER_MANY] =
		"このリンクからの回答が多すぎるため、記録しませんでした。お知らせのメールに返信して"
		"回答してください。",
	    [ANSWER_TOO_FAST] =
		"要求が多すぎるため、記録しませんでした。1 分ほど待ってからやり直してください。",
	    [ANSWER_AWAY] =
		"今は表示も記録もできません。1 分ほど待ってからやり直してください。",
	},
};
/* clang-format on */

const struct answer_words *answer_words_get(enum language language)
{
	return language == LANGUAGE_JA ? &answer_words_ja : &answer_words_en;
}
