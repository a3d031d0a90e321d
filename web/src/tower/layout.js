/*
 * Where the rings of members are: around the disc, in the order of their addresses, clockwise from
 * above. A few stand on one orbit; many on a lattice that fills what the disc leaves, as large as they
 * can be.
 */
const ORBIT_MAX = 26;
const ROOT_3 = Math.sqrt(3);
const START = -Math.PI / 2;
const LABEL = 14; /* names below the lowest */
const WIDE = 1.4;
const SIDE_ARC = (68 * Math.PI) / 180;

function angleFromTop(x, y) {
	const angle = Math.atan2(y, x) - START;
	return angle < 0 ? angle + 2 * Math.PI : angle;
}

function discRadius(width, height, count) {
	const share = count <= 12 ? 0.26 : count <= ORBIT_MAX ? 0.24 : count <= 400 ? 0.22 : 0.19;
	return share * Math.min(width, height, 0.75 * Math.max(width, height));
}

/* Equal steps along a part of an ellipse, by its length: it is measured in small pieces. */
function alongEllipse(a, b, from, to, count) {
	const pieces = 360;
	const at = (share) => {
		const angle = from + (to - from) * share;
		return [a * Math.cos(angle), b * Math.sin(angle)];
	};
	const lengths = [0];
	for (let i = 1; i <= pieces; i++) {
		const [x, y] = at((i - 1) / pieces);
		const [nx, ny] = at(i / pieces);
		lengths.push(lengths[i - 1] + Math.hypot(nx - x, ny - y));
	}
	const step = lengths[pieces] / count;
	const places = [];
	let piece = 0;
	for (let n = 0; n < count; n++) {
		while (lengths[piece + 1] < step * (n + 0.5))
			piece++;
		places.push(at((piece + (step * (n + 0.5) - lengths[piece]) / (lengths[piece + 1] - lengths[piece])) / pieces));
	}
	return {places, step};
}

/* Above and below the disc there is little room in a wide frame: there members stand to its sides. */
function arcsOf(width, height, count) {
	const open = width > WIDE * height ? SIDE_ARC : Math.PI / 2;
	const right = Math.ceil(count / 2);
	return [{from: -open, to: open, count: right}, {from: Math.PI - open, to: Math.PI + open, count: count - right}];
}

function orbit(width, height, count, disc) {
	const label = Math.max(16, 0.035 * height);
	let r = Math.min(0.135 * height, 0.115 * width);
	let places = [];
	for (let i = 0; i < 30; i++) {
		const a = width / 2 - r * 1.3;
		const b = height / 2 - r * 1.15 - label;
		const arcs = arcsOf(width, height, count).filter((arc) => arc.count > 0)
			.map((arc) => alongEllipse(a, b, arc.from, arc.to, arc.count));
		places = arcs.flatMap((arc) => arc.places);
		const isClear = places.every(([x, y]) => Math.hypot(x, y) >= disc * 1.22 + r + (y < 0 ? label : 0));
		if (isClear && arcs.every((arc) => arc.step >= 2.3 * r + label))
			break;
		r *= 0.94;
	}
	return {places, r, hasLabels: true};
}

/* Points of a lattice of this step that lie in the frame and clear of the disc. */
function latticePoints(width, height, step, clear) {
	const points = [];
	const rowStep = (step * ROOT_3) / 2;
	const rows = Math.floor((height / 2 - step / 2) / rowStep);
	for (let row = -rows; row <= rows; row++) {
		const y = row * rowStep;
		const shift = row % 2 === 0 ? 0 : step / 2;
		const columns = Math.floor((width / 2 - step / 2 + shift) / step) + 1;
		for (let column = -columns; column <= columns; column++) {
			const x = column * step + shift;
			if (Math.abs(x) <= width / 2 - step / 2 && Math.hypot(x, y) >= clear + step / 2)
				points.push([x, y]);
		}
	}
	return points;
}

function lattice(width, height, count, disc) {
	const clear = disc * 1.2;
	let low = 4;
	let high = Math.min(width, height);
	for (let i = 0; i < 24; i++) {
		const middle = (low + high) / 2;
		if (latticePoints(width, height, middle, clear).length >= count)
			low = middle;
		else
			high = middle;
	}
	const points = latticePoints(width, height, low, clear);
	/* those farthest out go first, as an ellipse of the frame has it */
	points.sort((p, q) => Math.hypot(p[0] / width, p[1] / height) - Math.hypot(q[0] / width, q[1] / height));
	points.length = Math.min(points.length, count);
	points.sort((p, q) => angleFromTop(p[0], p[1]) - angleFromTop(q[0], q[1]) || Math.hypot(...p) - Math.hypot(...q));
	const r = low * 0.4;
	return {places: points, r, hasLabels: low >= 110};
}

/* {cx, cy, disc, r, hasLabels, nodes: [{x, y}]} within a frame. */
export function layOut(frame, count) {
	const {x, y, width, height} = frame;
	const cx = x + width / 2;
	const cy = y + height / 2;
	const disc = discRadius(width, height, count);
	if (count === 0)
		return {cx, cy, disc, r: 0, hasLabels: false, nodes: []};
	const found = count <= ORBIT_MAX ? orbit(width, height, count, disc) : lattice(width, height - 2 * LABEL, count, disc);
	return {cx, cy, disc, r: found.r, hasLabels: found.hasLabels,
		nodes: found.places.map(([px, py]) => ({x: cx + px, y: cy + py}))};
}
