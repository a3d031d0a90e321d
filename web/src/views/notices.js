/* Letters, and what became of them. */
import {fill, h} from "../dom.js";
import {named, t} from "../i18n.js";
import {when} from "../format.js";
import {noticeBadge} from "../parts/badge.js";
import {pagedTable} from "../parts/table.js";
import {linkWith} from "../router.js";

const STATES = ["waiting", "sending", "delivered", "failed", "bounced"];
const SETTLE_MS = 500;

function tabs(state) {
	const tab = (value, text) => h("a", {href: linkWith("/notices", {state: value}), "aria-current": (state ?? "") === value ? "true" : null}, text);
	return h("nav", {class: "tabs", "aria-label": t("notice.state")}, tab("", t("filter.all")), STATES.map((name) => tab(name, named("noticestate", name))));
}

export async function show({outlet, query, signal, setTitle, live}) {
	setTitle(t("nav.notices"));
	const list = pagedTable({path: "/notices", values: {state: query.state}, caption: t("nav.notices"), empty: t("notices.empty"), signal, columns: [
		{title: t("notice.subject"), cell: (row) => h("a", {href: `#/notices/${row.id}`, class: "row-link"}, row.subject)},
		{title: t("notice.kind"), cell: (row) => named("noticekind", row.kind)},
		{title: t("notice.to"), cell: (row) => row.address ? h("span", {class: "address"}, row.address) : t("none")},
		{title: t("notice.state"), cell: (row) => noticeBadge(row.state)},
		{title: t("notice.created"), cell: (row) => when(row.created)},
	]});
	fill(outlet, h("h1", {}, t("nav.notices")), tabs(query.state), list.element);
	await list.refresh();
	let timer = null;
	live.on("now", () => {
		clearTimeout(timer);
		timer = setTimeout(() => list.refresh().catch(() => {}), SETTLE_MS);
	}, signal);
	signal.addEventListener("abort", () => clearTimeout(timer));
}
