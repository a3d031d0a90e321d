/* Who may sign in, and as what. */
import {fill, h} from "../dom.js";
import {patch, post, remove, segment} from "../api.js";
import {named, t} from "../i18n.js";
import {when} from "../format.js";
import {lookBadge} from "../parts/badge.js";
import {deed, foldedForm} from "../parts/form.js";
import {copyButton} from "../parts/facts.js";
import {say} from "../parts/say.js";
import {pagedTable} from "../parts/table.js";
import {session} from "../session.js";

const ROLES = ["operator", "member", "viewer"];

function addForm(refresh) {
	return foldedForm(t("account.add"), {
		fields: [
			{name: "name", label: t("account.name"), required: true, maxlength: 60, spellcheck: "false"},
			{name: "role", label: t("account.role"), hint: t("account.role-hint"), type: "choice", value: "member", options: ROLES.map((name) => [name, named("role", name)])},
			{name: "member", label: t("incident.member"), hint: t("account.member-hint"), spellcheck: "false"},
			{name: "language", label: t("account.language"), type: "choice", value: "ja", options: [["ja", "日本語"], ["en", "English"]]},
			{name: "password", label: t("account.password"), hint: t("account.password-first"), type: "password", autocomplete: "new-password"},
		],
		submit: t("account.add-now"),
		send: async (values, element) => {
			await post("/accounts", values);
			say(t("account.added", {name: values.name}));
			element.reset();
			element.closest("details").open = false;
			await refresh();
		},
	});
}

/* It is shown once: whoever has it is in. */
function showLink(outlet, name, answer) {
	const url = answer.link ?? `${location.origin}/#signin=${answer.token}`;
	const text = h("code", {class: "signin-link"}, url);
	fill(outlet, h("div", {class: "panel link-panel", role: "status"}, h("p", {}, t("account.link-for", {name})), text, copyButton(text)));
}

function deeds(account, outlet, refresh) {
	const path = `/accounts/${segment(account.name)}`;
	const isSelf = account.name === session()?.account?.name;
	return h("div", {class: "row-deeds"},
		deed({text: t("account.link"), look: "button-quiet", act: async () => showLink(outlet, account.name, await post(`${path}/link`, {}))}),
		isSelf ? null : deed({text: t(account.disabled ? "account.enable" : "account.disable"), look: "button-quiet", act: async () => {
			await patch(path, {disabled: !account.disabled});
			await refresh();
		}}),
		isSelf ? null : deed({text: t("remove"), look: "button-quiet", confirm: t("account.remove-sure", {name: account.name}), act: async () => {
			await remove(path);
			say(t("account.removed", {name: account.name}));
			await refresh();
		}}));
}

export async function show({outlet, signal, setTitle}) {
	setTitle(t("nav.accounts"));
	const links = h("div", {});
	let list = null;
	const refresh = () => list.refresh();
	list = pagedTable({path: "/accounts", caption: t("nav.accounts"), empty: t("list.empty"), signal, columns: [
		{title: t("account.name"), cell: (row) => row.name},
		{title: t("account.role"), cell: (row) => named("role", row.role)},
		{title: t("incident.member"), cell: (row) => row.member ?? t("none")},
		{title: t("account.state"), cell: (row) => row.disabled ? lookBadge("idle", "stopped", t("account.disabled"))
			: row.locked_until ? lookBadge("bad", "attention", t("account.locked")) : lookBadge("good", "ok", t("account.active"))},
		{title: t("account.changed"), cell: (row) => when(row.changed ?? row.created)},
		{title: t("deeds"), cell: (row) => deeds(row, links, refresh)},
	]});
	fill(outlet, h("h1", {}, t("nav.accounts")), h("p", {class: "lead"}, t("accounts.lead")), links, list.element, addForm(refresh));
	await refresh();
}
