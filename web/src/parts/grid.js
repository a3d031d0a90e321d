/*
 * The addresses of a range as a grid, row by row from the first to the last: which of them were touched.
 * A range of more addresses than there are cells shares them. Only of IPv4: no screen has room for others.
 */
import {h} from "../dom.js";

const BITS_MAX = 16; /* 256 by 256 cells */
const SIDE_PX = 512;

function wordOf(text) {
	const bytes = text.split(".");
	if (bytes.length !== 4 || bytes.some((byte) => !/^\d{1,3}$/.test(byte) || Number(byte) > 255))
		return null;
	return bytes.reduce((word, byte) => word * 256 + Number(byte), 0);
}

function rangeOf(prefix) {
	const [address, length] = String(prefix).split("/");
	const first = wordOf(address);
	const bits = 32 - Number(length);
	if (first === null || !(bits >= 0 && bits <= 32))
		return null;
	return {first, bits, cellBits: Math.max(0, bits - BITS_MAX)};
}

function draw(canvas, range, cells, sides) {
	const {columns, rows, size} = sides;
	const style = getComputedStyle(document.documentElement);
	const context = canvas.getContext("2d");
	const gap = size >= 6 ? 1 : 0;
	canvas.width = columns * size;
	canvas.height = rows * size;
	context.fillStyle = style.getPropertyValue("--grid-empty").trim();
	for (let at = 0; at < columns * rows && gap > 0; at++)
		context.fillRect((at % columns) * size, Math.floor(at / columns) * size, size - gap, size - gap);
	if (gap === 0)
		context.fillRect(0, 0, canvas.width, canvas.height);
	const looks = {dark: style.getPropertyValue("--grid-dark").trim(), live: style.getPropertyValue("--grid-live").trim()};
	for (const [at, isDark] of cells) {
		context.fillStyle = isDark ? looks.dark : looks.live;
		context.fillRect((at % columns) * size, Math.floor(at / columns) * size, size - gap, size - gap);
	}
}

/* Null where the range cannot be drawn. `targets`: [address, first, packets, is dark]. */
export function targetGrid(prefix, targets, label, signal) {
	const range = rangeOf(prefix);
	if (range === null)
		return null;
	const bits = Math.min(range.bits, BITS_MAX);
	const columns = 2 ** Math.ceil(bits / 2);
	const rows = 2 ** Math.floor(bits / 2);
	const sides = {columns, rows, size: Math.max(1, Math.floor(SIDE_PX / columns))};
	const cells = new Map();
	for (const [address, , , isDark] of targets) {
		const word = wordOf(address);
		const at = word === null ? -1 : Math.floor((word - range.first) / 2 ** range.cellBits);
		if (at >= 0 && at < columns * rows)
			cells.set(at, cells.get(at) || isDark);
	}
	const canvas = h("canvas", {class: "target-grid", role: "img", "aria-label": label});
	const redraw = () => draw(canvas, range, cells, sides);
	redraw();
	addEventListener("themechange", redraw, {signal});
	return canvas;
}
