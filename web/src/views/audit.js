/* Who changed what, and whether it was done. */
import {fill, h} from "../dom.js";
import {named, t} from "../i18n.js";
import {clock} from "../format.js";
import {lookBadge} from "../parts/badge.js";
import {pagedTable} from "../parts/table.js";

/* Why not is recorded as commands say it; the table as CSV has it. */
function outcome(text) {
	return text === "ok" ? lookBadge("good", "ok", t("audit.ok")) : lookBadge("bad", "attention", t("audit.refused"));
}

export async function show({outlet, signal, setTitle}) {
	setTitle(t("nav.audit"));
	const list = pagedTable({path: "/audit", caption: t("nav.audit"), empty: t("audit.empty"), signal, columns: [
		{title: t("audit.at"), cell: (row) => clock(row.at)},
		{title: t("audit.by"), cell: (row) => row.by},
		{title: t("audit.what"), cell: (row) => named("audit.verb", row.what)},
		{title: t("audit.on"), cell: (row) => row.on ?? ""},
		{title: t("audit.outcome"), cell: (row) => outcome(row.outcome)},
		{title: t("audit.from"), cell: (row) => h("span", {class: "address"}, row.from ?? "")},
	]});
	fill(outlet, h("h1", {}, t("nav.audit")), h("p", {class: "lead"}, t("audit.lead")), list.element);
	await list.refresh();
}
