/* Packets as bars, and sources as a line with an axis of its own (uPlot). */
import uPlot from "uplot";
import {clock, zoneName} from "../format.js";
import {number, t} from "../i18n.js";

const HEIGHT = 240;

function colours(element) {
	const style = getComputedStyle(element);
	const of = (name) => style.getPropertyValue(name).trim();
	return {bars: of("--watch-bars"), line: of("--watch-line"), text: of("--muted"), grid: of("--line"), font: style.fontFamily};
}

function short(value) {
	return value >= 10_000 ? new Intl.NumberFormat(document.documentElement.lang || "en", {notation: "compact", maximumFractionDigits: 1}).format(value)
		: number(value);
}

function options(element, isLong) {
	const {bars, line, text, grid, font} = colours(element);
	const axis = {stroke: text, font: `11px ${font}`, grid: {stroke: grid, width: 1}, ticks: {stroke: grid, width: 1, size: 4}};
	const range = (_, min, max) => [0, Math.max(1, max * 1.06)];
	const at = (seconds) => new Date(seconds * 1000).toISOString();
	const timeText = (seconds) => (isLong ? clock(at(seconds), {withSeconds: false}).slice(5) : clock(at(seconds), {withDate: false, withSeconds: false}));
	return {width: Math.max(240, element.clientWidth), height: HEIGHT, legend: {show: false},
		cursor: {y: false, points: {show: false}},
		tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zoneName()),
		scales: {x: {time: true}, packets: {range}, sources: {range}},
		axes: [{...axis, space: isLong ? 110 : 70, values: (_, ticks) => ticks.map(timeText)},
			{...axis, scale: "packets", size: 62, values: (_, ticks) => ticks.map(short)},
			{...axis, scale: "sources", side: 1, size: 58, grid: {show: false}, values: (_, ticks) => ticks.map(short)}],
		series: [{},
			{label: t("watch.col.packets"), scale: "packets", stroke: bars, fill: bars, width: 0, paths: uPlot.paths.bars({size: [0.86, 36], align: 1}), points: {show: false}},
			{label: t("watch.col.sources"), scale: "sources", stroke: line, width: 2, points: {show: false}}]};
}

/* `rows`: {start, packets, sources}. Gives a function that shows others. */
export function series(element, rows, signal) {
	const readout = document.createElement("p");
	readout.className = "plot-readout";
	readout.setAttribute("aria-hidden", "true");
	const columns = (list) => [list.map((row) => Date.parse(row.start) / 1000), list.map((row) => row.packets), list.map((row) => row.sources)];
	let data = columns(rows);
	let chart = null;
	const point = (self) => {
		const at = self.cursor.idx;
		readout.textContent = at === null || at === undefined ? "" : t("watch.series.at", {
			time: clock(new Date(data[0][at] * 1000).toISOString(), {withSeconds: false}), packets: number(data[1][at] ?? 0), sources: number(data[2][at] ?? 0)});
	};
	const make = () => {
		const isLong = data[0].length > 1 && data[0].at(-1) - data[0][0] > 86400;
		chart?.destroy();
		chart = new uPlot({...options(element, isLong), hooks: {setCursor: [point]}}, data, element);
		element.append(readout);
	};
	make();
	const observer = new ResizeObserver(() => chart.setSize({width: Math.max(240, element.clientWidth), height: HEIGHT}));
	observer.observe(element);
	addEventListener("themechange", make, {signal});
	signal.addEventListener("abort", () => {
		observer.disconnect();
		chart.destroy();
	});
	return (list) => {
		data = columns(list);
		make();
	};
}
