/* What is known and wanted: of it nobody is told. */
import {fill, h} from "../dom.js";
import {post, remove} from "../api.js";
import {named, t} from "../i18n.js";
import {clock} from "../format.js";
import {deed, foldedForm} from "../parts/form.js";
import {memberLink} from "../parts/incident.js";
import {say} from "../parts/say.js";
import {pagedTable} from "../parts/table.js";
import {isOperator} from "../session.js";

const RULES = ["scan.dark", "scan.live", "scan.sweep", "ddos.victim", "ddos.incoming", "ddos.reflector", "config.stray", "spoof.member"];

/* What stands in the address is filled in: an incident leads here. */
function addForm(query, refresh) {
	return foldedForm(t("exception.add"), {
		fields: [
			{name: "subject", label: t("exception.subject"), hint: t("exception.subject-hint"), required: true, value: query.subject, spellcheck: "false"},
			{name: "member", label: t("incident.member"), hint: t("exception.member-hint"), value: query.member, spellcheck: "false"},
			{name: "rule", label: t("incident.rule"), type: "choice", value: query.rule ?? "", options: [["", t("filter.any")], ...RULES.map((name) => [name, named("rule", name)])]},
			{name: "port", label: t("filter.port"), value: query.port, inputmode: "numeric", maxlength: 5},
			{name: "reason", label: t("exception.reason"), hint: t("exception.reason-hint"), required: true, maxlength: 200, wide: true},
			{name: "until", label: t("exception.until"), hint: t("exception.until-hint"), type: "date"},
		],
		submit: t("exception.add-now"),
		send: async (values, element) => {
			await post("/exceptions", {...values, ...(values.port ? {port: Number(values.port)} : {})});
			say(t("exception.added"));
			element.reset();
			element.closest("details").open = false;
			await refresh();
		},
	}, query.subject !== undefined);
}

export async function show({outlet, query, signal, setTitle}) {
	setTitle(t("nav.exceptions"));
	let list = null;
	const refresh = () => list.refresh();
	list = pagedTable({path: "/exceptions", caption: t("nav.exceptions"), empty: t("exceptions.empty"), signal, columns: [
		{title: t("exception.subject"), cell: (row) => h("span", {class: "address"}, row.subject)},
		{title: t("incident.member"), cell: (row) => row.member ? memberLink(row.member) : t("filter.any")},
		{title: t("incident.rule"), cell: (row) => row.rule ? named("rule", row.rule) : t("filter.any")},
		{title: t("filter.port"), cell: (row) => row.port === undefined ? t("filter.any") : String(row.port)},
		{title: t("exception.reason"), cell: (row) => row.reason},
		{title: t("exception.by"), cell: (row) => row.by},
		{title: t("exception.until"), cell: (row) => row.until ? clock(row.until, {withSeconds: false}) : t("exception.for-ever")},
		isOperator() ? {title: t("deeds"), cell: (row) => deed({text: t("remove"), look: "button-quiet", confirm: t("exception.remove-sure", {subject: row.subject}), act: async () => {
			await remove(`/exceptions/${row.id}`);
			say(t("exception.removed"));
			await refresh();
		}})} : null,
	].filter(Boolean)});
	fill(outlet, h("h1", {}, t("nav.exceptions")), h("p", {class: "lead"}, t("exceptions.lead")), isOperator() && query.subject ? addForm(query, refresh) : null,
		list.element, isOperator() && !query.subject ? addForm(query, refresh) : null);
	await refresh();
}
