/* What happened to an incident, who was told of it, and what they answered. */
import {h} from "../dom.js";
import {named, t} from "../i18n.js";
import {when} from "../format.js";
import {noticeBadge} from "../parts/badge.js";
import {panel} from "../parts/facts.js";
import {csvFoot, table} from "../parts/table.js";

/* Of an answer the note begins with its name: "fixed: we took it off the network". */
function noteOf(event) {
	const match = event.what === "answer" ? /^([\w-]+)(?:: (.*))?$/s.exec(event.note ?? "") : null;
	if (match === null)
		return event.note;
	return named("answer", match[1]) + (match[2] ? t("history.answer-note", {note: match[2]}) : "");
}

export function drawHistory({id, events = []}) {
	if (events.length === 0)
		return null;
	return panel(t("history"), h("ol", {class: "history"}, events.map((event) => h("li", {},
		h("span", {class: "history-when"}, when(event.at, {relative: false})),
		h("span", {class: "history-what"}, h("strong", {}, named("event", event.what)),
			event.from !== event.to ? h("span", {class: "history-state"}, t("history.to", {state: named("state", event.to)})) : null,
			event.by ? h("span", {class: "history-by"}, event.by) : null,
			event.note ? h("span", {class: "history-note"}, noteOf(event)) : null)))), csvFoot(`/incidents/${id}`, {table: "events"}, t("history")));
}

export function drawNotices({id, notices = []}) {
	if (notices.length === 0)
		return null;
	return panel(t("nav.notices"), table({caption: t("nav.notices"), rows: notices, columns: [
		{title: t("notice.kind"), cell: (notice) => h("a", {href: `#/notices/${notice.id}`}, named("noticekind", notice.kind))},
		{title: t("notice.to"), cell: (notice) => h("span", {class: "address"}, notice.address ?? t("none"))},
		{title: t("notice.state"), cell: (notice) => noticeBadge(notice.state)},
		{title: t("notice.created"), cell: (notice) => when(notice.created)},
	]}), csvFoot(`/incidents/${id}`, {table: "notices"}, t("nav.notices")));
}

/* The letter's link was used: on it, fixed, not ours, harmless, stop. */
export function drawAnswer(answer) {
	if (!answer)
		return null;
	return h("section", {class: "panel answer", "aria-label": t("answer.title")}, h("h2", {}, t("answer.title")),
		h("p", {class: "answer-what"}, named("answer", answer.answer)),
		answer.note ? h("p", {class: "answer-note"}, answer.note) : null,
		h("p", {class: "hint"}, answer.contact ?? answer.by ?? answer.address ?? "", " ", when(answer.at)));
}
