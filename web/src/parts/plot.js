/* Numbers over time (uPlot). It is loaded when the first one is drawn. */
import uPlot from "uplot";
import {clock, zoneName} from "../format.js";
import {number, t} from "../i18n.js";

const HEIGHT = 180;

function colours() {
	const style = getComputedStyle(document.documentElement);
	return {line: style.getPropertyValue("--accent").trim(), text: style.getPropertyValue("--muted").trim(), grid: style.getPropertyValue("--line").trim()};
}

/* Of small numbers of points each is a bar; a line would say that there was something in between. */
function options(width, title) {
	const {line, text, grid} = colours();
	const font = `11px ${getComputedStyle(document.body).fontFamily}`;
	const axis = {stroke: text, font, grid: {stroke: grid, width: 1}, ticks: {stroke: grid, width: 1, size: 4}};
	return {width, height: HEIGHT, legend: {show: false}, cursor: {y: false, points: {show: false}},
		tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zoneName()),
		scales: {x: {time: true}, y: {range: (_, min, max) => [0, Math.max(1, max * 1.05)]}},
		axes: [{...axis, space: 70, values: (_, ticks) => ticks.map((at) => clock(new Date(at * 1000).toISOString(), {withDate: false, withSeconds: false}))},
			{...axis, size: 56, values: (_, ticks) => ticks.map((value) => number(value))}],
		series: [{}, {label: title, stroke: line, fill: line, width: 0, paths: uPlot.paths.bars({size: [0.9, 40], align: 1}), points: {show: false}}]};
}

/* `points`: [time in seconds, value]. Gives what redraws it with other points. */
export function plot(element, points, title, signal) {
	const readout = document.createElement("p");
	readout.className = "plot-readout";
	const columns = (list) => [list.map(([at]) => at), list.map(([, value]) => value)];
	let data = columns(points);
	let chart = null;
	const point = (self) => {
		const at = self.cursor.idx;
		readout.textContent = at === null || at === undefined ? "" : t("plot.at", {
			time: clock(new Date(data[0][at] * 1000).toISOString(), {withSeconds: false}), n: number(data[1][at] ?? 0)});
	};
	const make = () => {
		chart?.destroy();
		chart = new uPlot({...options(Math.max(200, element.clientWidth), title), hooks: {setCursor: [point]}}, data, element);
		element.append(readout);
	};
	make();
	const observer = new ResizeObserver(() => chart.setSize({width: Math.max(200, element.clientWidth), height: HEIGHT}));
	observer.observe(element);
	addEventListener("themechange", make, {signal});
	signal.addEventListener("abort", () => {
		observer.disconnect();
		chart.destroy();
	});
	return (list) => {
		data = columns(list);
		chart.setData(data);
	};
}
