/*
 * Pixels of our own: thousands of small marks are written into memory and go to the canvas at once.
 * That costs a fifth of asking the canvas for each (2,000 trails and heads: 4 ms instead of 20, without
 * a graphics processor), and a trail may fade.
 *
 * Where two marks meet, the stronger pixel stays.
 */
const TRAIL_POINTS_MAX = 160;
const CIRCLE = 2048;
const COSINES = Float32Array.from({length: CIRCLE}, (_, i) => Math.cos((2 * Math.PI * i) / CIRCLE));

export class Raster {
	constructor(width, height) {
		this.width = width;
		this.height = height;
		this.image = new ImageData(width, height);
		this.pixels = new Uint32Array(this.image.data.buffer);
	}

	clear() {
		this.pixels.fill(0);
	}

	/* A picture of a stamp (sprites.js), its middle there. */
	stamp(stamp, x, y) {
		const {size, pixels: from} = stamp;
		const left = Math.round(x - size / 2);
		const top = Math.round(y - size / 2);
		if (left < 0 || top < 0 || left + size > this.width || top + size > this.height)
			return; /* at the edge of the picture nothing of it ends */
		const {pixels, width} = this;
		for (let row = 0, n = 0; row < size; row++) {
			let at = (top + row) * width + left;
			for (let column = 0; column < size; column++, n++, at++)
				if (from[n] >>> 24 > pixels[at] >>> 24)
					pixels[at] = from[n];
		}
	}

	#dot(x, y, colour, strength) {
		const column = x | 0;
		const row = y | 0;
		if (column < 0 || row < 0 || column >= this.width || row >= this.height)
			return;
		const at = row * this.width + column;
		if (strength > this.pixels[at] >>> 24)
			this.pixels[at] = (strength << 24) | colour;
	}

	/* A circle of one and a half pixels, or of `rows` more. */
	circle(x, y, radius, colour, strength, rows) {
		const step = Math.max(1, Math.floor(CIRCLE / (radius * 6.4)));
		for (let i = 0; i < CIRCLE; i += step) {
			const dx = COSINES[i];
			const dy = COSINES[(i + (3 * CIRCLE) / 4) % CIRCLE];
			for (let row = 0; row <= rows; row++)
				this.#dot(x + dx * (radius + row * 0.8), y + dy * (radius + row * 0.8), colour, strength);
		}
	}

	/*
	 * A trail along a curve (its three points in `numbers` from `n`), from `before` to `now`, fading
	 * towards its beginning. `colour` is a pixel without its strength, `wide` whether two rows of it.
	 */
	trail(numbers, n, scale, before, now, colour, strength, wide) {
		const x0 = numbers[n] * scale, y0 = numbers[n + 1] * scale;
		const x1 = numbers[n + 2] * scale, y1 = numbers[n + 3] * scale;
		const x2 = numbers[n + 4] * scale, y2 = numbers[n + 5] * scale;
		const dx = 2 * ((1 - now) * (x1 - x0) + now * (x2 - x1));
		const dy = 2 * ((1 - now) * (y1 - y0) + now * (y2 - y1));
		const isFlat = Math.abs(dx) > Math.abs(dy);
		const {pixels, width, height} = this;
		const next = isFlat ? width : 1;
		const count = Math.min(TRAIL_POINTS_MAX, Math.ceil((now - before) * Math.max(Math.abs(dx), Math.abs(dy))) + 1);
		for (let i = 1; i <= count; i++) {
			const share = i / count;
			const t = before + (now - before) * share;
			const u = 1 - t;
			const x = u * u * x0 + 2 * u * t * x1 + t * t * x2;
			const y = u * u * y0 + 2 * u * t * y1 + t * t * y2;
			const column = x | 0;
			const row = y | 0;
			if (column < 1 || row < 1 || column >= width - 2 || row >= height - 2)
				continue;
			const part = isFlat ? y - row : x - column;
			const full = strength * share * share;
			const at = row * width + column;
			const first = (full * (1 - part)) | 0;
			const second = (full * (wide ? 1 : part)) | 0;
			if (first > pixels[at] >>> 24)
				pixels[at] = (first << 24) | colour;
			if (second > pixels[at + next] >>> 24)
				pixels[at + next] = (second << 24) | colour;
			if (wide && (full * part | 0) > pixels[at + 2 * next] >>> 24)
				pixels[at + 2 * next] = ((full * part) << 24) | colour;
		}
	}
}

/* A colour without strength, as pixels lie in memory. */
export function pixelOf([red, green, blue]) {
	return (blue << 16) | (green << 8) | red;
}

/* What a small canvas shows, as a stamp. */
export function stampOf(canvas) {
	const size = canvas.width;
	const image = canvas.getContext("2d").getImageData(0, 0, size, size);
	return {size, pixels: new Uint32Array(image.data.buffer)};
}
