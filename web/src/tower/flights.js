/*
 * What is in flight: one mark for each spark, in arrays of numbers that are made once. Marks of a kind
 * fly together; each head is a picture that was drawn before (raster.js).
 */
import {KINDS} from "./palette.js";

export const FLIGHTS_MAX = 2400; /* of all kinds; the budget of a slow machine is smaller */
const FLASHES_MAX = 240;
export const FLASH_S = 0.55;
const TAIL = 0.11; /* of the way */
const HEADS = 4;    /* sizes: 1, 10, 100 and 1000 packets and more */

class Swarm {
	constructor(room) {
		this.count = 0;
		this.numbers = new Float32Array(room * Swarm.FIELDS);
		this.marks = new Uint8Array(room * 2); /* look of the head, whether it ends in the dark */
		this.room = room;
	}

	add(from, bend, to, seconds, delay, look, isDark) {
		if (this.count === this.room)
			return false;
		const at = this.count++;
		const n = at * Swarm.FIELDS;
		const {numbers} = this;
		numbers[n] = from.x;
		numbers[n + 1] = from.y;
		numbers[n + 2] = bend.x;
		numbers[n + 3] = bend.y;
		numbers[n + 4] = to.x;
		numbers[n + 5] = to.y;
		numbers[n + 6] = -delay / seconds;
		numbers[n + 7] = 1 / seconds;
		this.marks[at * 2] = look;
		this.marks[at * 2 + 1] = isDark ? 1 : 0;
		return true;
	}

	remove(at) {
		const last = --this.count;
		this.numbers.copyWithin(at * Swarm.FIELDS, last * Swarm.FIELDS, (last + 1) * Swarm.FIELDS);
		this.marks.copyWithin(at * 2, last * 2, last * 2 + 2);
	}
}
Swarm.FIELDS = 8;

export function sizeOf(packets) {
	return Math.min(HEADS - 1, Math.floor(Math.log10(Math.max(1, packets))));
}

export class Flights {
	constructor() {
		this.swarms = KINDS.map(() => new Swarm(FLIGHTS_MAX));
		this.flashes = new Float32Array(FLASHES_MAX * 4); /* x, y, age, whether it was dark */
		this.flashAt = 0;
		this.clear();
	}

	clear() {
		for (const swarm of this.swarms)
			swarm.count = 0;
		for (let i = 0; i < FLASHES_MAX; i++)
			this.flashes[i * 4 + 2] = FLASH_S;
		this.lit = 0;
	}

	get count() {
		return this.swarms.reduce((sum, swarm) => sum + swarm.count, 0);
	}

	/* `bow` bends the way to the side, as a share of its length. */
	launch({kind, from, to, packets, isDark, isDrill, seconds, delay, bow}) {
		const bend = {x: (from.x + to.x) / 2 - (to.y - from.y) * bow, y: (from.y + to.y) / 2 + (to.x - from.x) * bow};
		return this.swarms[kind].add(from, bend, to, seconds, delay, sizeOf(packets) + (isDrill ? HEADS : 0), isDark);
	}

	#flash(x, y, isDark) {
		const at = this.flashAt * 4;
		this.flashAt = (this.flashAt + 1) % FLASHES_MAX;
		this.flashes[at] = x;
		this.flashes[at + 1] = y;
		this.flashes[at + 2] = 0;
		this.flashes[at + 3] = isDark;
	}

	/* What was done by `seconds` more. */
	step(seconds) {
		for (const swarm of this.swarms) {
			const {numbers, marks} = swarm;
			for (let at = swarm.count - 1; at >= 0; at--) {
				const n = at * Swarm.FIELDS;
				numbers[n + 6] += numbers[n + 7] * seconds;
				if (numbers[n + 6] < 1)
					continue;
				this.#flash(numbers[n + 4], numbers[n + 5], marks[at * 2 + 1]);
				swarm.remove(at);
			}
		}
		this.lit = 0;
		for (let i = 0; i < FLASHES_MAX; i++) {
			const age = this.flashes[i * 4 + 2] + seconds;
			this.flashes[i * 4 + 2] = age;
			this.lit += age < FLASH_S ? 1 : 0;
		}
	}

	/* Into pixels of which `ratio` make one of ours. */
	draw(raster, sprites, ratio) {
		this.#drawFlashes(raster, sprites, ratio);
		this.swarms.forEach((swarm, kind) => drawSwarm(raster, swarm, kind === 3, sprites.colours[kind], sprites.heads[kind], ratio));
	}

	#drawFlashes(raster, sprites, ratio) {
		if (this.lit === 0)
			return;
		for (let i = 0; i < FLASHES_MAX; i++) {
			const age = this.flashes[i * 4 + 2];
			if (age >= FLASH_S)
				continue;
			const frames = this.flashes[i * 4 + 3] === 1 ? sprites.flashes : sprites.touches;
			raster.stamp(frames[Math.floor((age / FLASH_S) * frames.length)], this.flashes[i * 4] * ratio, this.flashes[i * 4 + 1] * ratio);
		}
	}
}

function drawSwarm(raster, swarm, isFlood, colour, heads, ratio) {
	const {numbers, marks} = swarm;
	const tail = isFlood ? 1.6 * TAIL : TAIL;
	for (let at = 0, n = 0; at < swarm.count; at++, n += Swarm.FIELDS) {
		const t = numbers[n + 6];
		if (t <= 0)
			continue;
		raster.trail(numbers, n, ratio, t > tail ? t - tail : 0, t, colour, isFlood ? 230 : 190, isFlood);
		const u = 1 - t;
		raster.stamp(heads[marks[at * 2]], (u * u * numbers[n] + 2 * u * t * numbers[n + 2] + t * t * numbers[n + 4]) * ratio,
			(u * u * numbers[n + 1] + 2 * u * t * numbers[n + 3] + t * t * numbers[n + 5]) * ratio);
	}
}
