/* The organisations that this station looks after. */
import {fill, h} from "../dom.js";
import {post} from "../api.js";
import {t} from "../i18n.js";
import {zoneName} from "../format.js";
import {foldedForm} from "../parts/form.js";
import {memberLink} from "../parts/incident.js";
import {lookBadge, severityBadge} from "../parts/badge.js";
import {say} from "../parts/say.js";
import {pagedTable} from "../parts/table.js";
import {linkWith} from "../router.js";
import {isOperator} from "../session.js";

export function languageField(value) {
	return {name: "language", label: t("member.language"), hint: t("member.language-hint"), type: "choice", value,
		options: [["ja", "日本語"], ["en", "English"]]};
}

function addForm() {
	return foldedForm(t("member.add"), {
		fields: [
			{name: "name", label: t("member.name"), hint: t("member.name-hint"), required: true, maxlength: 60, spellcheck: "false"},
			{name: "prefixes", label: t("member.prefixes"), hint: t("member.prefixes-hint"), type: "lines", isList: true, required: true, spellcheck: "false"},
			{name: "dark", label: t("member.dark"), hint: t("member.dark-hint"), type: "lines", isList: true, rows: 2, spellcheck: "false"},
			languageField("ja"),
			{name: "zone", label: t("member.zone"), hint: t("member.zone-hint"), value: zoneName(), spellcheck: "false"},
			{name: "note", label: t("member.note"), maxlength: 200},
		],
		submit: t("member.add-now"),
		send: async (values) => {
			await post("/members", values);
			say(t("member.added", {name: values.name}));
			location.hash = `#/members/${encodeURIComponent(values.name)}`;
		},
	});
}

export function ranges(list) {
	return (list ?? []).length === 0 ? h("span", {class: "none"}, t("none"))
		: h("span", {class: "ranges"}, list.map((range) => h("span", {class: "address"}, range)));
}

function openOf(member) {
	if (!member.incidents)
		return h("span", {class: "none"}, t("none"));
	return h("a", {href: linkWith("/incidents", {member: member.name, open: 1}), class: "badges"},
		member.severity ? severityBadge(member.severity) : null, h("span", {}, t("member.open-count", {n: member.incidents})));
}

/* Whether anybody would hear of anything. */
function reachOf(contacts) {
	if (!contacts)
		return "";
	if (contacts.count === 0)
		return lookBadge("bad", "alarm", t("contacts.nobody"));
	if (contacts.failing > 0)
		return lookBadge("bad", "alarm", t("notices.failing", {n: contacts.failing}));
	if (contacts.unverified === contacts.count)
		return lookBadge("idle", "waiting", t("contact.unverified"));
	return lookBadge("good", "ok", t("contacts.count", {n: contacts.count}));
}

export async function show({outlet, signal, setTitle}) {
	setTitle(t("nav.members"));
	const list = pagedTable({path: "/members", caption: t("nav.members"), empty: t("members.empty"), signal, columns: [
		{title: t("member.name"), cell: (member) => memberLink(member.name)},
		{title: t("member.prefixes"), cell: (member) => ranges(member.prefixes)},
		{title: t("member.open"), cell: (member) => openOf(member)},
		{title: t("contacts"), look: "short", cell: (member) => reachOf(member.contacts)},
		{title: t("member.note"), cell: (member) => member.note ?? ""},
	]});
	fill(outlet, h("h1", {}, t("nav.members")), h("p", {class: "lead"}, t("members.lead")), list.element, isOperator() ? addForm() : null);
	await list.refresh();
}
