/* The whole town in one glance: the picture (tower/stage.js) with what belongs to it: who is in trouble,
   what the marks mean, and all of it as a table. */
import {addWords, number, t} from "../i18n.js";
import {clock, duration} from "../format.js";
import {fill, h} from "../dom.js";
import {session} from "../session.js";
import {drillTag} from "../parts/badge.js";
import {csvFoot, table} from "../parts/table.js";
import {Stage} from "../tower/stage.js";
import {legend} from "../tower/legend.js";
import {townOf} from "../tower/town.js";
import * as words from "../words/tower.js";

const ANEW_MS = 2000;     /* after a change; more often nobody could follow */
const ALWAYS_MS = 30_000; /* dark and live change slowly */
const URGENT_SHOWN = 8;
const QUIET_S = 20;
const HUGE = 2 ** 53;

export function countText(n) {
	return n >= HUGE ? t("tower.huge") : number(n);
}

const isExercise = () => session()?.drill === true;

function incidentsHref(member) {
	return `#/incidents?member=${encodeURIComponent(member.name)}&open=1`;
}

function nameOf(member) {
	return member.isDarknet ? t("tower.darknet") : member.name;
}

function severityText(member) {
	const name = ["info", "low", "medium", "high", "critical"][member.severity];
	return name === undefined ? t("tower.none") : t(`tower.severity.${name}`);
}

/* ---- Who is in trouble ---- */

function urgentList(town, wall) {
	const shown = town.alarmed.slice(0, URGENT_SHOWN);
	const rest = town.alarmed.length - shown.length;
	if (shown.length === 0)
		return h("p", {class: "tower-calm"}, t("tower.calm"));
	return [h("ul", {class: "tower-urgent"}, shown.map((at) => {
		const member = town.members[at];
		const look = member.severity === 4 ? "critical" : "high";
		const inside = [h("span", {class: `tower-sign tower-sign-${look}`, "aria-hidden": "true", lang: "ja"}, "警"),
			h("span", {class: "tower-urgent-name"}, member.name),
			h("span", {class: "tower-urgent-what"}, `${severityText(member)} · ${t("tower.incidents", {n: member.open})}`),
			isExercise() ? drillTag() : null];
		return h("li", {}, wall ? h("span", {class: "tower-urgent-row"}, inside)
			: h("a", {class: "tower-urgent-row", href: incidentsHref(member), "data-member": String(at)}, inside));
	})), rest > 0 ? h("p", {class: "tower-more"}, t("tower.urgent.more", {n: rest})) : null];
}

const memberFile = () => csvFoot("/tower", {table: "members"}, t("tower.table"));

function memberTable(town) {
	const count = (value) => countText(value);
	return table({caption: t("tower.table"), rows: town.members, empty: t("tower.empty"), columns: [
		{title: t("tower.col.member"), cell: (one) => (one.isDarknet ? nameOf(one) : h("a", {href: incidentsHref(one)}, one.name))},
		{title: t("tower.col.severity"), cell: severityText},
		{title: t("tower.col.incidents"), look: "number", cell: (one) => count(one.open)},
		{title: t("tower.col.addresses"), look: "number", cell: (one) => count(one.addresses)},
		{title: t("tower.col.live"), look: "number", cell: (one) => (one.live === null ? t("tower.unknown") : count(one.live))},
		{title: t("tower.col.dark"), look: "number", cell: (one) => count(one.dark)},
		{title: t("tower.col.v6"), look: "number", cell: (one) => count(one.v6)},
		{title: t("tower.col.drills"), look: "number", cell: (one) => count(one.drills)},
	]});
}

/* ---- What one points at ---- */

function tipOf(member) {
	const prefixes = member.ranges.map((range) => range.prefix).filter((prefix) => prefix !== null).slice(0, 4);
	const more = member.ranges.length + member.more - prefixes.length;
	return [h("strong", {}, nameOf(member)),
		prefixes.length > 0 ? h("span", {class: "tower-tip-ranges"}, prefixes.join("  ") + (more > 0 ? " …" : "")) : null,
		h("span", {}, [member.live === null ? null : t("tower.live", {n: countText(member.live)}), t("tower.dark", {n: countText(member.dark)}),
			member.v6 > 0 ? t("tower.v6", {n: member.v6}) : null].filter((part) => part !== null).join(" · ")),
		member.drill >= 0 ? h("span", {}, t("tower.drills", {n: member.drills})) : null,
		member.severity >= 0 ? h("span", {class: member.severity >= 3 ? "tower-tip-alarm" : null},
			`${t("tower.incidents", {n: member.open})} · ${severityText(member)}`) : null];
}

/* The picture can be walked through by keys; the next member in a direction is the nearest in it. */
function nextIn(stage, at, key) {
	const {nodes} = stage.layout;
	if (at < 0)
		return stage.town.alarmed[0] ?? 0;
	const [dx, dy] = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[key];
	let found = at;
	let best = Infinity;
	nodes.forEach((node, other) => {
		const along = (node.x - nodes[at].x) * dx + (node.y - nodes[at].y) * dy;
		const aside = Math.abs((node.x - nodes[at].x) * dy) + Math.abs((node.y - nodes[at].y) * dx);
		if (other !== at && along > 1 && along + 2.2 * aside < best) {
			best = along + 2.2 * aside;
			found = other;
		}
	});
	return found;
}

function listenForChoice(element, stage, tip, signal) {
	const say = h("p", {class: "visually-hidden", role: "status"});
	element.append(say);
	const choose = (at, isByKey) => {
		stage.choose(at);
		tip.hidden = at < 0;
		element.classList.toggle("is-pointing", at >= 0 && !stage.town.members[at].isDarknet);
		if (at < 0)
			return;
		const member = stage.town.members[at];
		fill(tip, tipOf(member));
		const node = stage.layout.nodes[at];
		const isLeft = node.x > stage.width * 0.62;
		tip.style.left = `${node.x + (isLeft ? -1 : 1) * (stage.layout.r + 14)}px`;
		tip.style.top = `${Math.min(stage.height - 96, Math.max(8, node.y - 30))}px`;
		tip.classList.toggle("is-left", isLeft);
		if (isByKey)
			fill(say, `${nameOf(member)}: ${severityText(member)}, ${t("tower.incidents", {n: member.open})}`);
	};
	const place = (event) => {
		const box = element.getBoundingClientRect();
		return stage.town === null ? -1 : stage.find(event.clientX - box.left, event.clientY - box.top);
	};
	const open = (at) => {
		if (at >= 0 && !stage.town.members[at].isDarknet)
			location.hash = incidentsHref(stage.town.members[at]);
	};
	element.addEventListener("pointermove", (event) => choose(place(event), false), {signal});
	element.addEventListener("pointerleave", () => choose(-1, false), {signal});
	element.addEventListener("click", (event) => open(place(event)), {signal});
	element.addEventListener("blur", () => choose(-1, false), {signal});
	element.addEventListener("keydown", (event) => {
		if (stage.layout === null || stage.town.members.length === 0)
			return;
		if (event.key.startsWith("Arrow")) {
			event.preventDefault();
			choose(nextIn(stage, stage.chosen, event.key), true);
		} else if (event.key === "Enter") {
			open(stage.chosen);
		}
	}, {signal});
	return choose;
}

/* ---- The whole ---- */

function wallMode(root, stage, signal, isWall) {
	const face = h("div", {class: "tower-clock", "aria-hidden": "true"});
	const station = h("div", {class: "tower-station"}, session()?.station?.name ?? "");
	const tick = () => {
		const now = new Date().toISOString();
		fill(face, h("span", {class: "tower-clock-time"}, clock(now, {withDate: false})), h("span", {class: "tower-clock-date"},
			clock(now, {withSeconds: false, withZone: true}).replace(/ \d\d:\d\d/, "")));
	};
	const timer = setInterval(tick, 1000);
	signal.addEventListener("abort", () => {
		clearInterval(timer);
		document.documentElement.classList.remove("has-wall");
	});
	tick();
	/* What stands at the sides has its room there, below one another where the screen is upright. */
	const fit = () => {
		const isOn = root.classList.contains("is-wall");
		const vmin = Math.min(innerWidth, innerHeight) / 100;
		const isUpright = innerHeight > innerWidth;
		stage.setFrame(isOn ? {left: isUpright ? 0 : 34 * vmin, right: isUpright ? 0 : 36 * vmin, top: isUpright ? 62 * vmin : 2 * vmin,
			bottom: isUpright ? 34 * vmin : 2 * vmin} : null);
	};
	addEventListener("resize", fit, {signal});
	const set = (on) => {
		root.classList.toggle("is-wall", on);
		document.documentElement.classList.toggle("has-wall", on);
		fit();
	};
	document.addEventListener("fullscreenchange", () => {
		if (document.fullscreenElement === null && !isWall)
			set(false);
	}, {signal});
	document.addEventListener("keydown", (event) => {
		if (event.key === "Escape" && root.classList.contains("is-wall") && !isWall)
			set(false);
	}, {signal});
	const enter = async () => {
		set(true);
		try {
			await root.requestFullscreen();
		} catch {
			/* the window is filled all the same */
		}
	};
	if (isWall)
		set(true);
	return {parts: [station, face], enter};
}

export async function show({outlet, query, signal, setTitle, api, live}) {
	addWords(words);
	setTitle?.(t("tower.title"));
	const quietMotion = matchMedia("(prefers-reduced-motion: reduce)");
	let isPaused = false;
	const stageElement = h("div", {class: "tower-stage", tabindex: "0", role: "application"});
	const stage = new Stage(stageElement, {names: {reserved: t("tower.reserved"), darknet: t("tower.darknet")},
		isStill: () => isPaused || quietMotion.matches});
	const tip = h("div", {class: "tower-tip", hidden: true, "aria-hidden": "true"});
	stageElement.append(tip);
	const state = h("p", {class: "tower-state"});
	const rate = h("p", {class: "tower-rate"});
	const urgent = h("div", {class: "tower-side"});
	const tableBody = h("div");
	const details = h("details", {class: "tower-table"}, h("summary", {}, t("tower.table")), tableBody);
	const pause = h("button", {type: "button", class: "button tower-control"}, t("tower.pause"));
	const wallButton = h("button", {type: "button", class: "button tower-control"}, t("tower.wall"));
	const root = h("section", {class: "tower"});
	const wall = wallMode(root, stage, signal, query?.wall === "1");
	const legendElement = legend(stageElement);
	fill(root,
		h("header", {class: "tower-head"}, h("h1", {tabindex: "-1"}, t("tower.title")), h("div", {class: "tower-controls"}, pause, wallButton),
			h("div", {class: "tower-line"}, state, rate), wall.parts),
		h("div", {class: "tower-body"}, stageElement, h("aside", {class: "tower-aside", "aria-label": t("tower.urgent")},
			h("h2", {}, t("tower.urgent")), urgent)),
		legendElement.element, details);
	fill(outlet, root);
	const choose = listenForChoice(stageElement, stage, tip, signal);
	wallButton.addEventListener("click", wall.enter, {signal});
	pause.addEventListener("click", () => {
		isPaused = !isPaused;
		fill(pause, isPaused ? t("tower.play") : t("tower.pause"));
		stage.flights.clear();
		stage.hasChanged = true;
	}, {signal});

	/* ---- Members ---- */

	let town = null;
	const showTown = () => {
		const sum = (name) => town.members.reduce((all, one) => all + one[name], 0);
		const members = town.members.filter((one) => !one.isDarknet).length;
		fill(state, h("span", {class: `tower-level ${town.alarmed.length > 0 ? "is-alarm" : "is-calm"}`},
			town.alarmed.length > 0 ? t("tower.alarms", {n: town.alarmed.length}) : t("tower.calm")),
			h("span", {}, t("tower.members", {n: members})), 
			town.members.some((one) => one.live !== null && !one.isDarknet) ? h("span", {}, t("tower.live", {n: countText(sum("live"))})) : null,
			h("span", {}, t("tower.dark", {n: countText(sum("dark"))})), sum("v6") > 0 ? h("span", {}, t("tower.v6", {n: sum("v6")})) : null,
			isExercise() ? drillTag() : null);
		fill(urgent, urgentList(town, query?.wall === "1"));
		stageElement.setAttribute("aria-label", t("tower.picture", {n: members, alarms: town.alarmed.length}));
		if (details.open)
			fill(tableBody, memberTable(town), memberFile());
		root.classList.toggle("is-empty", town.members.length === 0);
	};
	const load = async () => {
		town = townOf(await api.get("/tower", {}, signal), isExercise());
		stage.setTown(town);
		showTown();
	};
	let pending = null;
	const loadSoon = () => {
		pending ??= setTimeout(() => {
			pending = null;
			load().catch(() => {});
		}, ANEW_MS);
	};
	await load();
	details.addEventListener("toggle", () => details.open && fill(tableBody, memberTable(town), memberFile()), {signal});
	urgent.addEventListener("focusin", (event) => choose(Number(event.target.dataset?.member ?? -1), false), {signal});
	urgent.addEventListener("focusout", () => choose(-1, false), {signal});

	/* ---- What comes in ---- */

	let heardAt = performance.now();
	let connection = live.state;
	live.on("sparks", (news) => {
		heardAt = performance.now();
		stage.take(news);
	}, signal);
	live.on("change", loadSoon, signal);
	live.on("state", (now) => {
		connection = now;
	}, signal);
	live.wantSparks?.(signal);
	const tellRate = () => {
		const {marks, left} = stage.takeShown();
		const quiet = (performance.now() - heardAt) / 1000;
		if (connection === "away")
			fill(rate, t("tower.away"));
		else if (quiet > QUIET_S)
			fill(rate, t("tower.quiet", {time: duration(quiet)}));
		else
			fill(rate, t("tower.rate", {n: Math.round(marks / 2)}), left > 0 ? ` · ${t("tower.left", {n: Math.round(left / 2)})}` : "");
	};
	const timers = [setInterval(tellRate, 2000), setInterval(loadSoon, ALWAYS_MS)];

	/* ---- The frame around ---- */

	const observer = new ResizeObserver(() => stage.resize());
	observer.observe(stageElement);
	const recolour = () => {
		stage.resize();
		legendElement.paint();
	};
	addEventListener("themechange", recolour, {signal});
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour, {signal});
	quietMotion.addEventListener("change", () => stage.flights.clear(), {signal});
	document.addEventListener("visibilitychange", () => (document.hidden ? stage.stop() : stage.start()), {signal});
	stage.start();
	legendElement.paint();
	signal.addEventListener("abort", () => {
		for (const timer of timers)
			clearInterval(timer);
		clearTimeout(pending);
		observer.disconnect();
		stage.end();
	});
	return stage;
}
