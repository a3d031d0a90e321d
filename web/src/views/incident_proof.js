/* What shows that it was so: packets per minute, the addresses that were touched, the first frames, and
   files that anybody can check. */
import {fill, h} from "../dom.js";
import {Problem, address, get, segment} from "../api.js";
import {clock, when} from "../format.js";
import {icon} from "../icons.js";
import {number, t} from "../i18n.js";
import {panel} from "../parts/facts.js";
import {targetGrid} from "../parts/grid.js";
import {table} from "../parts/table.js";

const LISTED = 100;
const FORMATS = ["pcapng", "json", "csv", "stix", "iodef"];
const FRAME_NAMES = ["at", "length", "wire_bytes"];

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

async function timelinePanel(outlet, timeline, signal) {
	const points = timeline?.points ?? [];
	if (points.length === 0)
		return;
	const [peakAt, peak] = points.reduce((best, point) => point[1] > best[1] ? point : best, [0, 0]);
	const title = t("proof.timeline", {minutes: Math.round(timeline.step_s / 60) || 1});
	const box = h("div", {class: "plot"});
	const seconds = (at) => typeof at === "number" ? at : Date.parse(at) / 1000;
	fill(outlet, panel(title, h("figure", {}, box,
		h("figcaption", {}, t("proof.peak", {n: peak, time: clock(new Date(seconds(peakAt) * 1000).toISOString(), {withSeconds: false})})))));
	const {plot} = await import("../parts/plot.js");
	if (!signal.aborted)
		plot(box, points.map(([at, value]) => [seconds(at), value]), title, signal);
}

function targetTable(targets) {
	return h("details", {class: "fold"}, h("summary", {}, t("proof.list")), table({caption: t("proof.targets"), rows: targets.slice(0, LISTED), columns: [
		{title: t("proof.address"), cell: ([name]) => h("span", {class: "address"}, name)},
		{title: t("proof.kind"), cell: ([, , , isDark]) => t(isDark ? "proof.dark" : "proof.live")},
		{title: t("incident.first"), cell: ([, first]) => when(first, {relative: false})},
		{title: t("incident.packets"), look: "number", cell: ([, , packets]) => number(packets ?? 0)},
	]}), targets.length > LISTED ? h("p", {class: "hint"}, t("proof.more", {n: targets.length - LISTED})) : null);
}

function targetPanel(outlet, answer, signal) {
	const targets = answer?.targets ?? [];
	if (targets.length === 0)
		return;
	const dark = targets.filter(([, , , isDark]) => isDark).length;
	const sentence = t("proof.touched", {n: answer.total ?? targets.length, prefix: answer.prefix ?? "", dark});
	const grid = targetGrid(answer.prefix, targets, sentence, signal);
	const legend = grid === null ? null : h("ul", {class: "legend"}, ["dark", "live", "empty"].map((name) =>
		h("li", {}, h("span", {class: `swatch swatch-${name}`}), t(`proof.legend.${name}`))));
	fill(outlet, panel(t("proof.targets"), h("p", {}, sentence), grid, legend, targetTable(targets)));
}

/* Whatever fields the decoder gives, in its order. */
function frameText(frame) {
	if (typeof frame.summary === "string")
		return frame.summary;
	return Object.entries(frame).filter(([name, value]) => !FRAME_NAMES.includes(name) && typeof value !== "object")
		.map(([name, value]) => `${name} ${value}`).join("  ");
}

function framePanel(outlet, answer) {
	const frames = answer?.items ?? [];
	if (frames.length === 0)
		return;
	fill(outlet, panel(t("proof.frames"), h("p", {class: "hint"}, t("proof.frames-hint")), table({caption: t("proof.frames"), rows: frames, columns: [
		{title: t("proof.at"), look: "short", cell: (frame) => clock(frame.at, {withMs: true, withDate: false})},
		{title: t("proof.frame"), cell: (frame) => h("code", {class: "frame"}, frameText(frame))},
		{title: t("proof.length"), look: "number", cell: (frame) => number(frame.length ?? frame.wire_bytes ?? 0)},
	]})));
}

export async function proofPanels(outlet, incident, signal) {
	const path = `/incidents/${segment(String(incident.id))}`;
	const [timeline, targets, frames] = ["timeline", "targets", "frames"].map(() => h("div", {}));
	fill(outlet, timeline, targets, frames);
	await Promise.all([
		ask(`${path}/timeline`, signal).then((answer) => timelinePanel(timeline, answer, signal)),
		ask(`${path}/targets`, signal).then((answer) => targetPanel(targets, answer, signal)),
		ask(`${path}/frames`, signal).then((answer) => framePanel(frames, answer)),
	]);
}

export function drawEvidence(incident) {
	const path = `/incidents/${segment(String(incident.id))}/evidence`;
	return panel(t("proof.files"), h("ul", {class: "files"}, FORMATS.map((format) => h("li", {}, h("a", {href: address(path, {format}), download: true},
		icon("download"), t(`proof.file.${format}`))))));
}
