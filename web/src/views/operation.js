/* Whether the station itself works: what watches, what runs, whether warnings arrive, what is missing. */
import {fill, h} from "../dom.js";
import {get, post} from "../api.js";
import {named, number, pick, t} from "../i18n.js";
import {bytes, clock, duration, tenths, when} from "../format.js";
import {icon} from "../icons.js";
import {lookBadge, noticeBadge} from "../parts/badge.js";
import {deed} from "../parts/form.js";
import {facts, panel} from "../parts/facts.js";
import {say} from "../parts/say.js";
import {csvFoot, table} from "../parts/table.js";
import {isOperator} from "../session.js";
import {contactCard} from "./contacts.js";
import {drawSettings} from "./operation_settings.js";

const SETTLE_MS = 1000;

const foot = (name, title) => csvFoot("/operation", {table: name}, title);

function upBadge(isUp, isFailing) {
	if (isFailing)
		return lookBadge("bad", "attention", t("duty.failing"));
	return isUp ? lookBadge("good", "ok", t("duty.up")) : lookBadge("bad", "attention", t("duty.down"));
}

function drawAlarms(alarms) {
	if (alarms.length === 0)
		return panel(t("alarms"), h("p", {class: "empty empty-good"}, t("alarms.none")));
	return panel(t("alarms"), h("ul", {class: "reasons"}, alarms.map((alarm) => h("li", {class: "reason"}, icon("attention"),
		h("span", {}, pick({ja: alarm.text_ja, en: alarm.text_en}) || alarm.alarm,
			alarm.since ? h("span", {class: "reason-since"}, when(alarm.since)) : null)))), foot("alarms", t("alarms")));
}

/* The way from a warning to the mailbox of the operator, walked now and then to see that it is open. */
function drawCanary(canary) {
	const history = canary?.history ?? [];
	return panel(t("canary"), h("p", {class: "lead"}, t("canary.explained")),
		facts([[t("canary.last"), canary?.arrived ? when(canary.arrived) : t("canary.none")],
			canary?.took_ms > 0 ? [t("canary.time"), t("canary.seconds", {n: tenths(canary.took_ms)})] : null]),
		isOperator() ? deed({text: t("canary.test"), look: "button-main", act: async () => {
			await post("/canary", {});
			say(t("canary.sent"));
		}}) : null,
		history.length === 0 ? null : [table({caption: t("canary.history"), isCaptionHidden: false, rows: history, columns: [
			{title: t("canary.begun"), cell: (row) => clock(row.at)},
			{title: t("canary.outcome"), cell: (row) => noticeBadge(row.state)},
			{title: t("canary.letter"), look: "number", cell: (row) => row.letter_ms === undefined ? t("none") : t("canary.seconds", {n: tenths(row.letter_ms)})},
		]}), foot("canaries", t("canary.history"))]);
}

/* Whoever hears when something of the station itself is wrong. */
function drawContacts(contacts, refresh) {
	if (!isOperator())
		return null;
	return panel(t("operators"), contacts.length === 0 ? h("p", {class: "empty"}, t("operators.none"))
		: h("ul", {class: "contacts"}, contacts.map((contact) => contactCard(contact, refresh))), csvFoot("/contacts", {}, t("operators")));
}

function drawSources(sources) {
	return panel(t("sources"), table({caption: t("sources"), rows: sources, empty: t("sources.empty"), columns: [
		{title: t("source.name"), cell: (row) => h("span", {class: "address"}, row.name)},
		{title: t("source.state"), cell: (row) => upBadge(row.up, false)},
		{title: t("incident.packets"), look: "number", cell: (row) => number(row.packets ?? 0)},
		{title: t("source.dropped"), look: "number", cell: (row) => number(row.dropped ?? 0)},
		{title: t("source.lost"), look: "number", cell: (row) => number(row.lost_batches ?? 0)},
		{title: t("source.backlog"), look: "number", cell: (row) => bytes(row.backlog_bytes ?? 0)},
		{title: t("source.last"), cell: (row) => row.last ? when(row.last, {observed: true}) : t("none")},
	]}), foot("sources", t("sources")));
}

function drawDuties(duties) {
	return panel(t("duties.title"), table({caption: t("duties.title"), rows: duties, columns: [
		{title: t("duty.name"), cell: (row) => [h("span", {class: "duty-name"}, row.name), h("span", {class: "duty-what"}, named("duty", String(row.name).replace(/[\d-]+$/, "")) === row.name ? "" : named("duty", String(row.name).replace(/[\d-]+$/, "")))]},
		{title: t("source.state"), cell: (row) => upBadge(row.up, row.failing)},
		{title: t("duty.restarts"), look: "number", cell: (row) => number(row.restarts ?? 0)},
		{title: t("duty.memory"), look: "number", cell: (row) => row.resident_bytes ? bytes(row.resident_bytes) : t("none")},
		{title: t("duty.why"), cell: (row) => row.why ?? ""},
	]}), foot("duties", t("duties.title")));
}

/* Whatever numbers there are, by their names. */
function drawNumbers(title, values) {
	const rows = Object.entries(values ?? {}).filter(([, value]) => value !== null && typeof value !== "object");
	if (rows.length === 0)
		return null;
	const show = (name, value) => {
		if (typeof value === "boolean")
			return t(value ? "yes" : "no");
		if (typeof value !== "number")
			return /^\d{4}-\d\d-\d\dT/.test(value) ? when(value) : value;
		return name.endsWith("bytes") ? bytes(value) : name.endsWith("_s") ? duration(value) : number(value);
	};
	return panel(title, facts(rows.map(([name, value]) => [named("figure", name), show(name, value)])));
}

function drawGaps(gaps) {
	return panel(t("gaps"), h("p", {class: "lead"}, t("gaps.lead")), table({caption: t("gaps"), rows: gaps, empty: t("gaps.none"), columns: [
		{title: t("gap.source"), cell: (row) => h("span", {class: "address"}, row.source)},
		{title: t("gap.kind"), cell: (row) => named("gapkind", row.kind)},
		{title: t("gap.from"), cell: (row) => clock(row.first)},
		{title: t("gap.to"), cell: (row) => clock(row.last)},
		{title: t("gap.times"), look: "number", cell: (row) => number(row.times ?? 1)},
		{title: t("gap.count"), look: "number", cell: (row) => row.lost ? number(row.lost) : ""},
	]}), foot("gaps", t("gaps")));
}

export async function show({outlet, signal, setTitle, live}) {
	setTitle(t("nav.operation"));
	const body = h("div", {class: "operation"});
	const refresh = async () => {
		const [answer, contacts] = await Promise.all([get("/operation", {}, signal), isOperator() ? get("/contacts", {limit: 100}, signal) : {items: []}]);
		const isOpen = body.querySelector("details[open]") !== null;
		if (isOpen || (body.contains(document.activeElement) && document.activeElement !== document.body))
			return; /* somebody reads or types there */
		fill(body, drawAlarms(answer.alarms ?? []), h("div", {class: "columns columns-even"}, h("div", {}, drawCanary(answer.canary)),
			h("div", {}, drawNumbers(t("queues"), answer.queues), drawNumbers(t("store"), answer.store))),
		drawContacts(contacts.items, refresh), drawSources(answer.sources ?? []), drawDuties(answer.duties ?? []), drawGaps(answer.gaps ?? []), drawSettings(answer, signal));
	};
	fill(outlet, h("h1", {}, t("nav.operation")), body);
	await refresh();
	let timer = null;
	live.on("now", () => {
		clearTimeout(timer);
		timer = setTimeout(() => refresh().catch(() => {}), SETTLE_MS);
	}, signal);
	signal.addEventListener("abort", () => clearTimeout(timer));
}
