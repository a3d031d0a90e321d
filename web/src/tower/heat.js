/* Where strangers came from lately: the disc's places glow by the logarithm of their packets, and cool
   down by half a minute. */
import {SIDE, placeOnDisc} from "./addresses.js";

const CELLS = 64; /* a side; four /16 by four are one */
const EVERY_MS = 500;
const HALF_LIFE_MS = 20_000;
const FULL = 5; /* 10^5 packets glow most */

function softDot(colour) {
	const canvas = document.createElement("canvas");
	canvas.width = 32;
	canvas.height = 32;
	const context = canvas.getContext("2d");
	const glow = context.createRadialGradient(16, 16, 1, 16, 16, 16);
	glow.addColorStop(0, colour);
	glow.addColorStop(0.35, `${colour}88`);
	glow.addColorStop(1, `${colour}00`);
	context.fillStyle = glow;
	context.fillRect(0, 0, 32, 32);
	return canvas;
}

export class Heat {
	constructor() {
		this.packets = new Float32Array(CELLS * CELLS);
		this.at = 0;
		this.isCold = true;
		this.context = null;
	}

	add(column, row, packets) {
		const share = CELLS / SIDE;
		this.packets[Math.floor(row * share) * CELLS + Math.floor(column * share)] += packets;
		this.isCold = false;
	}

	resize(context, canvas, layout, palette) {
		const size = Math.ceil(layout.disc * 2.04);
		this.context = context;
		this.canvas = canvas;
		this.size = size;
		canvas.width = size;
		canvas.height = size;
		canvas.style.width = `${size}px`;
		canvas.style.height = `${size}px`;
		canvas.style.left = `${layout.cx - size / 2}px`;
		canvas.style.top = `${layout.cy - size / 2}px`;
		this.disc = layout.disc;
		this.dot = softDot(palette.heat);
		this.isCold = false;
		this.at = 0;
		this.#placeCells();
	}

	/* Where each place is on the disc, and how wide it is there. */
	#placeCells() {
		const step = SIDE / CELLS;
		this.places = new Float32Array(CELLS * CELLS * 3);
		for (let row = 0; row < CELLS; row++)
			for (let column = 0; column < CELLS; column++) {
				const [x, y] = placeOnDisc((column + 0.5) * step, (row + 0.5) * step);
				const [nx, ny] = placeOnDisc((column + 1.5) * step, (row + 1.5) * step);
				const n = (row * CELLS + column) * 3;
				this.places[n] = this.size / 2 + x * this.disc;
				this.places[n + 1] = this.size / 2 + y * this.disc;
				this.places[n + 2] = Math.max(2, Math.hypot(nx - x, ny - y) * this.disc * 0.62);
			}
	}

	draw(now) {
		if (this.context === null || this.isCold || now - this.at < EVERY_MS)
			return;
		const cooled = this.at === 0 ? 1 : 0.5 ** (Math.min(10_000, now - this.at) / HALF_LIFE_MS);
		this.at = now;
		const {context, packets, places} = this;
		context.clearRect(0, 0, this.size, this.size);
		this.isCold = true;
		for (let i = 0; i < packets.length; i++) {
			packets[i] *= cooled;
			if (packets[i] < 0.5)
				continue;
			this.isCold = false;
			const glow = Math.min(1, (0.6 + Math.log10(packets[i] + 1)) / FULL);
			context.globalAlpha = glow;
			const size = places[i * 3 + 2] * 3.2;
			context.drawImage(this.dot, places[i * 3] - size / 2, places[i * 3 + 1] - size / 2, size, size);
		}
		context.globalAlpha = 1;
	}
}
