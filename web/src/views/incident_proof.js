/* What shows that it was so: packets per minute, the addresses that were touched, the first frames, and
   files that anybody can check. */
import {fill, h} from "../dom.js";
import {Problem, address, get, segment} from "../api.js";
import {clock, when} from "../format.js";
import {icon} from "../icons.js";
import {named, number, pick, t} from "../i18n.js";
import {panel} from "../parts/facts.js";
import {targetGrid} from "../parts/grid.js";
import {csvFoot, table} from "../parts/table.js";
import {isViewer} from "../session.js";

const LISTED = 100;
const FORMATS = ["pcapng", "json", "csv", "stix", "iodef", "misp", "xarf"];
/* The station reads what it has in steps, and says whether there is more. */
const STEPS_MAX = 200;
const STEP_MS = 50;

/* What is not there for this incident is left out; other troubles are told. */
async function ask(path, signal) {
	try {
		return await get(path, {}, signal);
	} catch (problem) {
		if (problem instanceof Problem && problem.status === 404)
			return null;
		throw problem;
	}
}

/* Shows what there is at once, and all of it when the station has read that. */
async function askWhole(path, signal, show) {
	let answer = await ask(path, signal);
	if (answer === null)
		return;
	await show(answer);
	if (answer.complete !== false)
		return;
	for (let step = 0; step < STEPS_MAX && answer?.complete === false && !signal.aborted; step++) {
		await new Promise((done) => setTimeout(done, STEP_MS));
		answer = await ask(path, signal);
	}
	if (answer !== null && !signal.aborted)
		await show(answer);
}

const seconds = (at) => typeof at === "number" ? at : Date.parse(at) / 1000;

/* When nothing is known, which is not the same as nothing happened. */
function unknownNote(spans) {
	if ((spans ?? []).length === 0)
		return null;
	return h("ul", {class: "hint"}, spans.slice(0, 3).map(({from, to, why}) => h("li", {}, t("proof.unknown", {
		from: clock(from, {withSeconds: false}), to: clock(to, {withSeconds: false}), why: named("unknown", why)}))));
}

/* A file of all of it, as soon as the station has read that. */
function foot(answer, path, name) {
	return answer.complete === false ? null : csvFoot(path, {}, name);
}

async function timelinePanel(outlet, timeline, path, signal) {
	const points = (timeline.points ?? []).filter(([, packets]) => packets !== null);
	if (points.length === 0 || signal.aborted)
		return;
	const [peakAt, peak] = points.reduce((best, point) => point[1] > best[1] ? point : best, [0, 0]);
	const title = t("proof.timeline", {minutes: Math.round(timeline.step_s / 60) || 1});
	const box = h("div", {class: "plot"});
	fill(outlet, panel(title, h("figure", {"aria-label": title}, box,
		h("figcaption", {}, t("proof.peak", {n: peak, time: clock(new Date(seconds(peakAt) * 1000).toISOString(), {withSeconds: false})}))),
	unknownNote(timeline.unknown), foot(timeline, path, title)));
	const {plot} = await import("../parts/plot.js");
	if (!signal.aborted && box.isConnected)
		plot(box, points.map(([at, value]) => [seconds(at), value]), title, signal);
}

function targetTable(targets) {
	return h("details", {class: "fold"}, h("summary", {}, t("proof.list")), table({caption: t("proof.targets"), rows: targets.slice(0, LISTED), columns: [
		{title: t("proof.address"), cell: ([name]) => h("span", {class: "address"}, name)},
		{title: t("proof.kind"), cell: ([, , , isDark]) => t(isDark ? "proof.dark" : "proof.live")},
		{title: t("incident.first"), look: "short", cell: ([, first]) => when(first, {relative: false})},
		{title: t("incident.packets"), look: "number", cell: ([, , packets]) => number(packets ?? 0)},
	]}), targets.length > LISTED ? h("p", {class: "hint"}, t("proof.more", {n: targets.length - LISTED})) : null);
}

/* Who is flooded answers those whose addresses were forged. */
function titleOf(answer, incident) {
	if (answer.are === "senders")
		return t("proof.senders-title");
	return t(incident.finding?.role === "victim" ? "proof.answered-title" : "proof.targets");
}

function sentenceOf(answer, targets, incident) {
	const dark = answer.dark ?? targets.filter(([, , , isDark]) => isDark).length;
	const total = answer.total ?? targets.length;
	if (answer.are === "senders")
		return t("proof.senders", {n: total});
	const sentence = t(incident.finding?.role === "victim" ? "proof.answered" : "proof.touched", {n: total});
	return dark === 0 ? sentence : t("proof.touched-dark", {sentence, dark, listed: answer.listed ?? targets.length});
}

function targetPanel(outlet, answer, incident, path, signal) {
	const targets = answer.targets ?? [];
	if (targets.length === 0 || signal.aborted)
		return;
	const sentence = sentenceOf(answer, targets, incident);
	const grid = answer.prefix ? targetGrid(answer.prefix, targets, `${answer.prefix} ${sentence}`, signal) : null;
	const legend = grid === null ? null : h("ul", {class: "legend"}, h("li", {}, t("proof.range", {prefix: answer.prefix})), ["dark", "empty"].map((name) =>
		h("li", {}, h("span", {class: `swatch swatch-${name}`}), t(`proof.legend.${name}`))));
	const title = titleOf(answer, incident);
	fill(outlet, panel(title, h("p", {}, sentence), grid, legend, targetTable(targets), foot(answer, path, title)));
}

/* In words; beside them the line for who knows protocols. */
function frameCell(frame) {
	const words = pick(frame.words);
	return [words ? h("span", {}, words) : null, frame.summary ? h("code", {class: "raw"}, frame.summary) : null];
}

function framePanel(outlet, answer, path, signal) {
	const frames = answer?.items ?? [];
	if (frames.length === 0 || signal.aborted)
		return;
	fill(outlet, panel(t("proof.frames"), h("p", {class: "hint"}, t("proof.frames-hint")), table({caption: t("proof.frames"), rows: frames, columns: [
		{title: t("proof.at"), look: "short", cell: (frame) => clock(frame.at, {withMs: true, withDate: false})},
		{title: t("proof.frame"), cell: frameCell},
		{title: t("proof.length"), look: "number", cell: (frame) => number(frame.length ?? 0)},
	]}), csvFoot(path, {}, t("proof.frames"))));
}

export async function proofPanels(outlet, incident, signal) {
	const names = ["timeline", "targets", "frames"];
	const paths = names.map((name) => `/incidents/${segment(String(incident.id))}/${name}`);
	const [timeline, targets, frames] = names.map(() => h("div", {}));
	fill(outlet, timeline, targets, frames);
	const minutes = askWhole(paths[0], signal, (answer) => timelinePanel(timeline, answer, paths[0], signal));
	/* Others' addresses are not for a screen on a wall. */
	await Promise.all(isViewer() ? [minutes] : [minutes,
		askWhole(paths[1], signal, (answer) => targetPanel(targets, answer, incident, paths[1], signal)),
		ask(paths[2], signal).then((answer) => framePanel(frames, answer, paths[2], signal)),
	]);
}

export function drawEvidence(incident) {
	if (isViewer())
		return null;
	const path = `/incidents/${segment(String(incident.id))}/evidence`;
	return panel(t("proof.files"), h("ul", {class: "files"}, FORMATS.map((format) => h("li", {}, h("a", {href: address(path, {format}), download: true},
		icon("download"), t(`proof.file.${format}`))))));
}
