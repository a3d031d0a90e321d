/* The first view: whether everything is all right, in one sentence; then who has to do what first. */
import {fill, h} from "../dom.js";
import {icon} from "../icons.js";
import {language, number, pick, t} from "../i18n.js";
import {ago, clock, duration, observedNow, setObserved, when} from "../format.js";
import {drillTag, severityBadge, stateBadge} from "../parts/badge.js";
import {announce} from "../parts/say.js";
import {firstStepOf, headlineOf, linkTo, memberLink} from "../parts/incident.js";
import {session} from "../session.js";

const SHOWN = 20;
const AGE_MS = 10000;
/* Of the counters of what came in, those that tell of what was not looked at. */
const LOSSES = ["dropped", "refused", "lost_batches"];
/* A letter that waits for so long is stuck. */
const LONG_WAIT_S = 300;
/* Several changes in a row are one refresh. */
const SETTLE_MS = 150;

/* One sentence. An incident that nobody has looked at comes before the station's own troubles, and
   these before incidents that somebody works on. */
function verdict(now) {
	const fresh = now.incidents?.new ?? 0;
	const open = now.incidents?.open ?? 0;
	const isStationWrong = (now.reasons ?? []).some((reason) => reason.severity === "alarm" && !reason.code?.startsWith("incidents."));
	if (isStationWrong && fresh === 0)
		return ["alarm", t("now.station-alarm")];
	if (fresh > 0)
		return [now.level === "ok" ? "attention" : now.level, t("now.fresh", {n: fresh})];
	if (now.level !== "ok" && open === 0)
		return ["attention", t("now.station-attention")];
	if (open > 0)
		return ["attention", t("now.open", {n: open})];
	return ["ok", t(session()?.account?.role === "member" ? "now.ok-member" : "now.ok")];
}

function asOf() {
	return t("now.as-of", {time: clock(new Date().toISOString(), {withDate: false})});
}

function drawVerdict(now) {
	const [level, sentence] = verdict(now);
	return h("div", {class: `verdict verdict-${level}`}, icon(level, {class: "icon verdict-sign"}), h("div", {},
		h("h1", {}, sentence),
		h("p", {class: "verdict-when"}, h("span", {class: "verdict-time"}, asOf()),
			session()?.drill ? drillTag() : null)));
}

function drawReasons(now) {
	/* How many incidents there are stands in the sentence above. */
	const reasons = (now.reasons ?? []).filter((reason) => !reason.code?.startsWith("incidents."));
	if (reasons.length === 0)
		return null;
	return h("ul", {class: "reasons"}, reasons.map((reason) => h("li", {class: `reason reason-${reason.severity}`},
		icon(reason.severity === "alarm" || reason.severity === "critical" || reason.severity === "high" ? "alarm" : "attention"),
		h("span", {}, pick({ja: reason.text_ja, en: reason.text_en})))));
}

function drawIncident(incident) {
	return h("li", {class: `urgent urgent-${incident.severity}`},
		h("div", {class: "urgent-head"}, severityBadge(incident.severity), stateBadge(incident.state),
			incident.drill ? drillTag() : null, h("span", {class: "urgent-when"}, when(incident.last, {observed: true}))),
		h("h3", {class: "urgent-what"}, h("a", {href: linkTo(incident)}, headlineOf(incident))),
		h("p", {class: "urgent-do"}, h("span", {class: "urgent-do-label"}, t("now.first")), h("span", {}, firstStepOf(incident))),
		h("p", {class: "urgent-facts"}, h("span", {class: "address"}, incident.subject), h("span", {}, memberLink(incident.member)),
			h("span", {}, t("now.number", {n: String(incident.id)}))));
}

function drawIncidents(list) {
	const head = h("div", {class: "section-head"}, h("h2", {}, t("now.incidents")), h("a", {href: "#/incidents"}, t("now.all")));
	if (list.items.length === 0)
		return [head, h("p", {class: "empty empty-good"}, icon("ok"), t("now.none"))];
	const more = (list.total ?? list.items.length) - list.items.length;
	return [head, h("ol", {class: "urgents"}, list.items.map(drawIncident)),
		more > 0 ? h("p", {class: "more"}, h("a", {href: "#/incidents?open=1"}, t("now.more", {n: more}))) : null];
}

function tile(look, sign, title, value, detail) {
	return h("li", {class: `tile tile-${look}`}, h("span", {class: "tile-title"}, icon(sign), title),
		h("span", {class: "tile-value"}, value), detail ? h("span", {class: "tile-detail"}, detail) : null);
}

function canaryTile(canary) {
	if (!canary?.arrived)
		return tile("idle", "waiting", t("canary"), t("canary.none"), t("canary.what"));
	const took = canary.took_ms === undefined || canary.took_ms === null ? "" : t("canary.took", {n: number(Math.max(1, Math.ceil(canary.took_ms / 100)) / 10)});
	return tile(canary.late ? "bad" : "good", canary.late ? "attention" : "ok", t("canary"), ago(canary.arrived),
		canary.late ? t("canary.late") : took);
}

function dropTile(drops) {
	const lost = LOSSES.reduce((sum, name) => sum + (drops[name] ?? 0), 0);
	return tile(lost > 0 ? "bad" : "good", lost > 0 ? "attention" : "ok", t("drops"), lost > 0 ? t("drops.some", {n: lost}) : t("drops.none"),
		t("drops.what"));
}

function sourceTile(sources) {
	const list = sources ?? [];
	const watching = list.filter((source) => source.up).length;
	const isWhole = watching === list.length && list.length > 0;
	return tile(isWhole ? "good" : "bad", isWhole ? "ok" : "attention", t("sources"), t("sources.of", {n: watching, of: list.length}), null);
}

function noticeTile(now) {
	const {waiting = 0, failed = 0, oldest_waiting_s: oldest = 0} = now.notices;
	const failing = now.contacts_failing ?? 0;
	const detail = waiting > 0 && oldest > 0 ? t("notices.oldest", {time: duration(oldest)}) : null;
	if (failing > 0 || failed > 0)
		return tile("bad", "attention", t("notices"), failing > 0 ? t("notices.failing", {n: failing}) : t("notices.failed", {n: failed}), detail);
	if (waiting > 0)
		return tile(oldest > LONG_WAIT_S ? "bad" : "idle", oldest > LONG_WAIT_S ? "attention" : "waiting", t("notices"), t("notices.waiting", {n: waiting}), detail);
	return tile("good", "ok", t("notices"), t("notices.fine"), null);
}

function coverageTile(coverage) {
	const dark = coverage?.dark ?? 0;
	return tile(dark > 0 ? "good" : "bad", dark > 0 ? "ok" : "attention", t("coverage"), t("coverage.dark", {n: dark}),
		coverage?.addresses ? t("coverage.addresses", {n: coverage.addresses}) : null);
}

function observedTile(now) {
	if (!now.observed)
		return null;
	const late = (Date.now() - Date.parse(now.observed)) / 1000;
	return tile("idle", "waiting", t("observed"), clock(now.observed, {withSeconds: false}),
		session()?.drill ? t("observed.drill") : late > 300 ? t("observed.late", {time: duration(late)}) : null);
}

function drawStation(now) {
	const isMember = session()?.account?.role === "member";
	return [h("div", {class: "section-head"}, h("h2", {}, t("now.station")), isMember ? null : h("a", {href: "#/operation"}, t("now.operation"))),
		h("ul", {class: "tiles"}, now.canary ? canaryTile(now.canary) : null, now.notices ? noticeTile(now) : null,
			now.sources ? sourceTile(now.sources) : null, now.drops ? dropTile(now.drops) : null,
			now.coverage ? coverageTile(now.coverage) : null, observedTile(now))];
}

/* Ids of what is open, so that what is new can be told aloud. */
function newcomers(list, known) {
	return list.items.filter((incident) => known !== null && !known.has(incident.id));
}

export async function show({outlet, signal, setTitle, api, live}) {
	const head = h("div", {class: "now-head"});
	const incidents = h("section", {class: "now-incidents"});
	const station = h("section", {class: "now-station"});
	let known = null;
	let now = null;
	let drawn = null;
	let timer = null;

	const drawNow = (answer) => {
		now = answer;
		setObserved(now.observed ?? new Date(observedNow()).toISOString());
		const [, sentence] = verdict(now);
		setTitle((now.incidents?.new ?? 0) > 0 ? `(${number(now.incidents.new)}) ${t("nav.now")}` : t("nav.now"));
		/* A screen reader says again what is drawn again: so only what is new is. */
		const key = JSON.stringify([sentence, now.level, now.reasons, language()]);
		if (key !== drawn)
			fill(head, drawVerdict(now), drawReasons(now));
		fill(head.querySelector(".verdict-time"), asOf());
		drawn = key;
		fill(station, drawStation(now));
	};
	const drawList = (list) => {
		for (const incident of newcomers(list, known))
			announce(t("now.arrived", {severity: t(`severity.${incident.severity}`), what: headlineOf(incident)}));
		known = new Set([...(known ?? []), ...list.items.map((incident) => incident.id)]);
		const focused = document.activeElement?.closest(".urgent a")?.getAttribute("href");
		fill(incidents, drawIncidents(list));
		if (focused)
			[...incidents.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
	};
	const lookList = async () => drawList(await api.get("/incidents", {open: 1, order: "urgency", limit: SHOWN}, signal));
	const lookNow = async () => drawNow(await api.get("/now", {}, signal));
	const refresh = () => {
		clearTimeout(timer);
		timer = setTimeout(() => Promise.all([lookList(), lookNow()]).catch(() => {}), SETTLE_MS);
	};

	await Promise.all([lookNow(), lookList()]);
	fill(outlet, head, h("div", {class: "now"}, incidents, station));
	live.on("now", drawNow, signal);
	live.on("change", refresh, signal);
	const age = setInterval(() => now && fill(station, drawStation(now)), AGE_MS);
	signal.addEventListener("abort", () => {
		clearInterval(age);
		clearTimeout(timer);
	});
}

