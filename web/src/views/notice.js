/* One letter as it was sent, and the mail server's answer. */
import {fill, h} from "../dom.js";
import {get, post, segment} from "../api.js";
import {named, number, t} from "../i18n.js";
import {clock, when} from "../format.js";
import {noticeBadge} from "../parts/badge.js";
import {facts, panel} from "../parts/facts.js";
import {deed} from "../parts/form.js";
import {say} from "../parts/say.js";
import {isOperator} from "../session.js";

function drawFacts(notice) {
	const exact = (iso) => iso ? clock(iso, {withZone: true}) : null;
	return panel(t("notice.facts"), facts([
		[t("notice.state"), noticeBadge(notice.state)],
		[t("notice.kind"), named("noticekind", notice.kind)],
		[t("notice.to"), notice.address ? h("span", {class: "address"}, notice.address) : t("none")],
		notice.incident ? [t("notice.incident"), h("a", {href: `#/incidents/${notice.incident}`}, t("now.number", {n: String(notice.incident)}))] : null,
		[t("notice.created"), exact(notice.created)], [t("notice.delivered"), exact(notice.delivered)],
		[t("notice.attempts"), number(notice.attempts ?? 0)], [t("notice.next"), notice.next ? when(notice.next) : null],
		[t("notice.reply"), notice.reply], [t("notice.signed"), notice.signed === undefined ? null : t(notice.signed ? "yes" : "no")],
		["Message-ID", notice.message_id ? h("span", {class: "address"}, notice.message_id) : null],
	]));
}

export async function show({outlet, params, signal, setTitle}) {
	const path = `/notices/${segment(params.id)}`;
	const refresh = async () => {
		const notice = await get(path, {}, signal);
		const text = notice.text ?? notice.body;
		setTitle(notice.subject);
		fill(outlet, h("p", {class: "crumbs"}, h("a", {href: "#/notices"}, t("nav.notices"))), h("h1", {class: "letter-subject"}, notice.subject),
			h("div", {class: "columns"}, h("div", {class: "column-main"}, panel(t("notice.text"), typeof text === "string" && text !== ""
				? h("pre", {class: "letter", tabindex: 0}, text) : h("p", {class: "empty"}, t("notice.no-text")))),
			h("div", {class: "column-side"}, drawFacts(notice), isOperator() ? deed({text: t("notice.resend"), act: async () => {
				await post(`${path}/resend`, {});
				say(t("notice.resent"));
				await refresh();
			}}) : null)));
	};
	await refresh();
}
