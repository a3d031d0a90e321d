/* What stands still: the disc with its networks, the rings of members, their names. */
import {SIDE, hilbert, placeOnDisc} from "./addresses.js";
import {mix} from "./palette.js";

const BLOCK = SIDE / 16; /* a /8 is so many places wide */
const STEPS = 24;        /* of a curve within the disc */
/* Nobody sends from there: this network, loopback, groups and what is reserved. */
const NEVER = [0, 127, ...Array.from({length: 32}, (_, i) => 224 + i)];
const PRIVATE = [10];
/* Named on the disc where there is room, so that one finds one's way. */
const NAMED = [1, 43, 100, 133, 192, 203];
export const RIM = 1.07;
export const BELT = 1.15;
const THICK = 0.36;

function line(context, layout, from, to) {
	const {cx, cy, disc} = layout;
	for (let i = 0; i <= STEPS; i++) {
		const share = i / STEPS;
		const [x, y] = placeOnDisc(from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share);
		if (i === 0)
			context.moveTo(cx + x * disc, cy + y * disc);
		else
			context.lineTo(cx + x * disc, cy + y * disc);
	}
}

function block(context, layout, number) {
	const [x, y] = hilbert(number * 256);
	const [column, row] = [x - (x % BLOCK), y - (y % BLOCK)];
	const {cx, cy, disc} = layout;
	const corners = [[0, 0], [BLOCK, 0], [BLOCK, BLOCK], [0, BLOCK], [0, 0]];
	context.beginPath();
	for (let side = 0; side < 4; side++)
		for (let i = 0; i < 6; i++) {
			const share = i / 6;
			const [px, py] = placeOnDisc(column + corners[side][0] + (corners[side + 1][0] - corners[side][0]) * share,
				row + corners[side][1] + (corners[side + 1][1] - corners[side][1]) * share);
			if (side === 0 && i === 0)
				context.moveTo(cx + px * disc, cy + py * disc);
			else
				context.lineTo(cx + px * disc, cy + py * disc);
		}
	context.closePath();
	return placeOnDisc(column + BLOCK / 2, row + BLOCK / 2);
}

function grid(context, layout, every, colour, width) {
	context.strokeStyle = colour;
	context.lineWidth = width;
	context.beginPath();
	for (let at = every; at < SIDE; at += every) {
		line(context, layout, [at, 0], [at, SIDE]);
		line(context, layout, [0, at], [SIDE, at]);
	}
	context.stroke();
}

/* Of several /8 that lie together. */
function middleOf(numbers) {
	const sum = [0, 0];
	for (const number of numbers) {
		const [x, y] = hilbert(number * 256);
		sum[0] += x - (x % BLOCK) + BLOCK / 2;
		sum[1] += y - (y % BLOCK) + BLOCK / 2;
	}
	return placeOnDisc(sum[0] / numbers.length, sum[1] / numbers.length);
}

export function drawDisc(context, layout, palette, names) {
	const {cx, cy, disc} = layout;
	const shade = context.createRadialGradient(cx - disc * 0.35, cy - disc * 0.4, disc * 0.1, cx, cy, disc);
	shade.addColorStop(0, palette.disc);
	shade.addColorStop(1, palette.ground);
	context.fillStyle = shade;
	context.beginPath();
	context.arc(cx, cy, disc, 0, 2 * Math.PI);
	context.fill();
	context.save();
	context.clip();
	context.fillStyle = palette.shaded;
	for (const number of [...NEVER, ...PRIVATE]) {
		block(context, layout, number);
		context.fill();
	}
	grid(context, layout, BLOCK, palette.grid, 0.6);
	grid(context, layout, SIDE / 4, palette["grid-strong"], 0.9);
	context.restore();
	context.strokeStyle = palette["grid-strong"];
	context.lineWidth = 1.4;
	context.beginPath();
	context.arc(cx, cy, disc, 0, 2 * Math.PI);
	context.stroke();
	context.strokeStyle = palette.rim;
	context.lineWidth = Math.max(2, disc * 0.022);
	context.beginPath();
	context.arc(cx, cy, disc * RIM, 0, 2 * Math.PI);
	context.stroke();
	drawDiscNames(context, layout, palette, names);
}

function drawDiscNames(context, layout, palette, names) {
	const {cx, cy, disc} = layout;
	if (disc < 110)
		return;
	context.fillStyle = palette.label;
	context.textAlign = "center";
	context.textBaseline = "middle";
	const size = Math.max(9, Math.min(22, disc * 0.042));
	context.font = `${size}px ${palette.font}`;
	for (const number of NAMED) {
		const [x, y] = block(context, layout, number);
		context.fillText(String(number), cx + x * disc, cy + y * disc);
	}
	const [x, y] = middleOf(NEVER.filter((number) => number >= 224));
	context.fillText(names.reserved, cx + x * disc, cy + y * disc);
	context.fillText("IPv6", cx - disc * (RIM + 0.075) * Math.SQRT1_2, cy + disc * (RIM + 0.075) * Math.SQRT1_2);
}

/* Which cells look the same is one arc: of small rings that is all there is to see. */
export function cellColour(sign, palette) {
	switch (sign) {
	case "#":
		return palette.declared;
	case "+":
		return mix(palette.declared, palette["live-low"], 0.35);
	case "0":
		return palette.learned;
	case ".":
		return palette.unknown;
	default:
		return mix(palette["live-low"], palette["live-high"], Math.sqrt(Number(sign) / 9));
	}
}

function addArc(paths, colour, x, y, radius, from, to) {
	let path = paths.get(colour);
	if (path === undefined) {
		path = new Path2D();
		paths.set(colour, path);
	}
	path.moveTo(x + radius * Math.cos(from), y + radius * Math.sin(from));
	path.arc(x, y, radius, from, to);
}

export function ringGeometry(r) {
	const thick = Math.max(2, r * THICK);
	return {thick, middle: r - thick / 2};
}

/* Arcs of one colour are stroked at once, those of all members together. */
export function drawRings(context, layout, town, palette) {
	const {thick, middle} = ringGeometry(layout.r);
	const gap = layout.r > 22 ? 0.8 / middle : 0;
	const paths = new Map();
	town.members.forEach((member, at) => {
		const {x, y} = layout.nodes[at];
		for (const arc of member.arcs) {
			const step = arc.sweep / arc.cells.length;
			for (let i = 0; i < arc.cells.length;) {
				let end = i + 1;
				while (end < arc.cells.length && arc.cells[end] === arc.cells[i] && (gap === 0 || arc.cells[i] === "#" || arc.cells[i] === "."))
					end++;
				addArc(paths, cellColour(arc.cells[i], palette), x, y, middle, arc.start + step * i, arc.start + step * end - gap);
				i = end;
			}
		}
		if (member.arcs.length === 0)
			addArc(paths, palette.unknown, x, y, middle, 0, 2 * Math.PI);
	});
	context.lineWidth = thick;
	for (const [colour, path] of paths) {
		context.strokeStyle = colour;
		context.stroke(path);
	}
}

function fit(context, text, width) {
	if (context.measureText(text).width <= width)
		return text;
	let length = text.length;
	while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width)
		length--;
	return `${text.slice(0, length)}…`;
}

const NAMES_ON_LATTICE = 14;

/* Names stand below their rings; where there are too many, the most urgent have one, on a ground of their own. */
export function drawNames(context, layout, town, palette, names, scale) {
	const size = layout.hasLabels ? Math.max(11, Math.min(26 * scale, layout.r * 0.24)) : 12.5 * scale;
	context.textAlign = "center";
	context.textBaseline = "top";
	context.font = `600 ${size}px ${palette.font}`;
	const named = layout.hasLabels ? town.members.keys() : town.alarmed.slice(0, NAMES_ON_LATTICE);
	for (const at of named) {
		const member = town.members[at];
		const {x, y} = layout.nodes[at];
		const text = fit(context, member.isDarknet ? names.darknet : member.name, layout.hasLabels ? layout.r * 3.1 : 11 * size);
		const top = layout.hasLabels ? y + layout.r + size * 0.35 : y + Math.max(layout.r, 13 * scale) + size * 0.4;
		if (!layout.hasLabels) {
			const half = context.measureText(text).width / 2 + size * 0.45;
			context.fillStyle = palette.ground;
			context.globalAlpha = 0.86;
			context.beginPath();
			context.roundRect(x - half, top - size * 0.22, half * 2, size * 1.5, size * 0.4);
			context.fill();
			context.globalAlpha = 1;
		}
		context.fillStyle = member.severity >= 3 ? palette["label-strong"] : palette.label;
		context.fillText(text, x, top);
	}
}
