/* What every mark of the picture means, drawn as it is there. */
import {h} from "../dom.js";
import {t} from "../i18n.js";
import {KINDS, mix, readPalette} from "./palette.js";
import {alarmSign, legendFlash, legendHead, warnSign} from "./sprites.js";

const SIZE = 18;

function swatch(paint) {
	const canvas = h("canvas", {class: "tower-swatch", "aria-hidden": "true", width: SIZE * 2, height: SIZE * 2});
	return {canvas, paint: (palette) => {
		const context = canvas.getContext("2d");
		context.setTransform(2, 0, 0, 2, 0, 0);
		context.clearRect(0, 0, SIZE, SIZE);
		context.translate(SIZE / 2, SIZE / 2);
		paint(context, palette);
	}};
}

function copy(context, image, size) {
	context.drawImage(image, -size / 2, -size / 2, size, size);
}

function arc(colours) {
	return (context, palette) => {
		const list = colours(palette);
		context.lineWidth = 4.5;
		list.forEach((colour, i) => {
			context.strokeStyle = colour;
			context.beginPath();
			context.arc(0, 0, 6.2, -Math.PI / 2 + (2 * Math.PI * i) / list.length, -Math.PI / 2 + (2 * Math.PI * (i + 1)) / list.length);
			context.stroke();
		});
	};
}

const MARKS = [
	["alarm", (c, p) => copy(c, alarmSign(17, p, 3), 17)],
	["alarmdrill", (c, p) => copy(c, alarmSign(17, p, 3, true), 17)],
	["warn", (c, p) => copy(c, warnSign(15, p, 3), 15)],
	...KINDS.map((kind) => [kind, (c, p) => copy(c, legendHead(kind, p, false), 13)]),
	["flash", (c, p) => copy(c, legendFlash(p), 17)],
	["drill", (c, p) => copy(c, legendHead("request", p, true), 13)],
	["live", arc((p) => [0.2, 0.5, 0.8, 1].map((share) => mix(p["live-low"], p["live-high"], share)))],
	["learned", arc((p) => [p.learned])],
	["declared", arc((p) => [p.declared])],
	["unknown", arc((p) => [p.unknown])],
];

export function legend(styled) {
	const swatches = [];
	const items = MARKS.map(([name, paint]) => {
		const one = swatch(paint);
		swatches.push(one);
		return h("li", {}, one.canvas, h("span", {}, t(`tower.legend.${name}`)));
	});
	const element = h("section", {class: "tower-legend", "aria-label": t("tower.legend")},
		h("ul", {class: "tower-marks"}, items),
		h("div", {class: "tower-notes"}, ["ring", "disc", "size", "sample", "belt"].map((name) => h("p", {}, t(`tower.legend.${name}`)))));
	return {element, paint: () => {
		const palette = readPalette(styled);
		for (const one of swatches)
			one.paint(palette);
	}};
}
