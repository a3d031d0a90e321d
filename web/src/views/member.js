/* One organisation: its ranges, whom it has told of, whether that arrives, and what was found. */
import {fill, h} from "../dom.js";
import {get, patch, remove, segment} from "../api.js";
import {named, t} from "../i18n.js";
import {clock} from "../format.js";
import {deed, foldedForm} from "../parts/form.js";
import {facts, panel} from "../parts/facts.js";
import {incidentColumns} from "../parts/incident.js";
import {say} from "../parts/say.js";
import {csvLink, pagedTable} from "../parts/table.js";
import {isOperator} from "../session.js";
import {addContactForm, contactCard} from "./contacts.js";
import {languageField, ranges} from "./members.js";

const SETTLE_MS = 400;

function changeForm(member, refresh) {
	const lines = (name, label, hint) => ({name, label, hint, type: "lines", isList: true, rows: 2, spellcheck: "false"});
	return foldedForm(t("member.change"), {
		fields: [
			lines("add", t("member.add-ranges"), t("member.prefixes-hint")), lines("dark", t("member.add-dark"), t("member.dark-hint")),
			lines("remove", t("member.remove-ranges")), languageField(member.language),
			{name: "zone", label: t("member.zone"), value: member.zone, spellcheck: "false"},
			{name: "country", label: t("member.country"), hint: t("member.country-hint"), value: member.country ?? "", maxlength: 2},
			{name: "hours", label: t("member.hours"), hint: t("member.hours-hint"), value: member.hours ?? ""},
			{name: "note", label: t("member.note"), value: member.note ?? "", isSentEmpty: true},
		],
		submit: t("member.change-now"),
		send: async (values) => {
			await patch(`/members/${segment(member.name)}`, values);
			say(t("member.changed", {name: member.name}));
			await refresh();
		},
	});
}

function drawFacts(member) {
	return panel(t("member.facts"), facts([
		[t("member.prefixes"), ranges(member.prefixes)], [t("member.dark"), ranges(member.dark)],
		[t("member.language"), named("language", member.language)], [t("member.zone"), member.zone],
		[t("member.country"), member.country], [t("member.hours"), member.hours], [t("member.egress"), member.egress],
		[t("member.note"), member.note], [t("member.since"), member.created ? clock(member.created, {withSeconds: false}) : null],
	]));
}

function drawContacts(contacts, name, refresh) {
	return panel(t("contacts"), contacts.length === 0 ? h("p", {class: "empty"}, t("contacts.none"))
		: h("ul", {class: "contacts"}, contacts.map((contact) => contactCard(contact, refresh))),
	h("p", {class: "list-foot"}, csvLink(`/members/${segment(name)}/contacts`, {}, t("contacts"))));
}

function drawRemove(member) {
	return deed({text: t("member.remove"), look: "button-danger", confirm: t("member.remove-sure", {name: member.name}), act: async () => {
		await remove(`/members/${segment(member.name)}`);
		say(t("member.removed", {name: member.name}));
		location.hash = "#/members";
	}});
}

export async function show({outlet, params, signal, setTitle, live}) {
	const path = `/members/${segment(params.name)}`;
	const parts = Object.fromEntries(["facts", "contacts", "change"].map((name) => [name, h("div", {})]));
	const refresh = async () => {
		const [member, contacts] = await Promise.all([get(path, {}, signal), get(`${path}/contacts`, {limit: 100}, signal)]);
		fill(parts.facts, drawFacts(member));
		fill(parts.contacts, drawContacts(contacts.items, member.name, refresh));
		if (isOperator() && !parts.change.contains(document.activeElement))
			fill(parts.change, changeForm(member, refresh), drawRemove(member));
		return member;
	};
	const member = await refresh();
	setTitle(member.name);
	const list = pagedTable({path: "/incidents", values: {member: member.name, order: "changed"}, caption: t("nav.incidents"),
		columns: incidentColumns({withMember: false, withPackets: false}), empty: t("incidents.none"), signal, pageSize: 20});
	fill(outlet, h("p", {class: "crumbs"}, h("a", {href: "#/members"}, t("nav.members"))), h("h1", {}, member.name),
		h("div", {class: "columns"}, h("div", {class: "column-main"}, parts.contacts, isOperator() ? addContactForm(member, refresh) : null,
			panel(t("nav.incidents"), list.element)), h("div", {class: "column-side"}, parts.facts, parts.change)));
	await list.refresh();
	let timer = null;
	live.on("change", () => {
		clearTimeout(timer);
		timer = setTimeout(() => list.refresh().catch(() => {}), SETTLE_MS);
	}, signal);
	signal.addEventListener("abort", () => clearTimeout(timer));
}
