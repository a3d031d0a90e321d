/* Pictures that are drawn once and then copied: heads of flights, flashes, the sign of alarm. */
import {KINDS, rgb} from "./palette.js";
import {pixelOf, stampOf} from "./raster.js";

/* Each kind has a shape beside its colour. `s` is half its size. */
const SHAPES = {
	request: (c, s) => c.arc(0, 0, s * 0.8, 0, 2 * Math.PI),
	reply: (c, s) => c.rect(-s * 0.7, -s * 0.7, s * 1.4, s * 1.4),
	probe: (c, s) => {
		c.moveTo(0, -s);
		c.lineTo(s, 0);
		c.lineTo(0, s);
		c.lineTo(-s, 0);
		c.closePath();
	},
	flood: (c, s) => {
		c.moveTo(0, -s);
		c.lineTo(s * 0.9, s * 0.75);
		c.lineTo(-s * 0.9, s * 0.75);
		c.closePath();
	},
};
const SIZES = [2.1, 3, 4.1, 5.4]; /* by packets: flights.js */

function make(size, ratio, draw) {
	const canvas = document.createElement("canvas");
	const pixels = Math.max(1, Math.ceil(size * ratio));
	canvas.width = pixels;
	canvas.height = pixels;
	const context = canvas.getContext("2d");
	context.scale(pixels / size, pixels / size);
	context.translate(size / 2, size / 2);
	draw(context);
	return canvas;
}

/* An exercise is hollow. */
function head(kind, half, isDrill, palette, ratio) {
	const size = 2 * half + 2;
	const image = make(size, ratio, (c) => {
		c.beginPath();
		SHAPES[kind](c, half);
		if (isDrill) {
			c.fillStyle = palette.ground;
			c.fill();
			c.strokeStyle = palette[kind];
			c.lineWidth = Math.max(0.9, half * 0.3);
			c.stroke();
		} else {
			c.fillStyle = palette[kind];
			c.fill();
		}
	});
	return image;
}

/* Of rings that widen and fade, so many pictures. */
const FRAMES = 10;

function flashFrame(palette, share, ratio) {
	const radius = 4 + 11 * share;
	return make(2 * radius + 4, ratio, (c) => {
		c.globalAlpha = 1 - 0.85 * share;
		c.strokeStyle = palette.flash;
		c.lineWidth = 2.2 - share;
		c.beginPath();
		c.arc(0, 0, radius, 0, 2 * Math.PI);
		c.stroke();
		c.globalAlpha = 0.5 * (1 - share);
		c.fillStyle = palette.flash;
		c.fill();
	});
}

function touchFrame(palette, share, ratio) {
	return make(11, ratio, (c) => {
		c.globalAlpha = 0.6 * (1 - share);
		c.fillStyle = palette["label-strong"];
		c.beginPath();
		c.arc(0, 0, 2 + 3 * share, 0, 2 * Math.PI);
		c.fill();
	});
}

function frames(draw) {
	return Array.from({length: FRAMES}, (_, i) => draw(i / FRAMES));
}

/* The sign by which a national system made such alarms known: a red square and one character. */
export function alarmSign(size, palette, ratio, isDrill = false) {
	return make(size, ratio, (c) => {
		const half = size / 2;
		c.fillStyle = isDrill ? palette.ground : palette.alarm;
		c.beginPath();
		c.roundRect(-half + 0.5, -half + 0.5, size - 1, size - 1, size * 0.2);
		c.fill();
		c.strokeStyle = isDrill ? palette.alarm : palette["alarm-text"];
		c.lineWidth = Math.max(0.8, size * (isDrill ? 0.07 : 0.045));
		c.stroke();
		c.fillStyle = isDrill ? palette.alarm : palette["alarm-text"];
		c.font = `700 ${size * 0.66}px ${palette.font}`;
		c.textAlign = "center";
		c.textBaseline = "middle";
		c.fillText("警", 0, size * 0.03);
	});
}

/* For what is open and less urgent. */
export function warnSign(size, palette, ratio) {
	return make(size, ratio, (c) => {
		c.fillStyle = palette.warn;
		c.strokeStyle = palette.ground;
		c.lineWidth = size * 0.09;
		c.beginPath();
		c.arc(0, 0, size * 0.44, 0, 2 * Math.PI);
		c.fill();
		c.stroke();
		c.fillStyle = palette.ground;
		c.font = `800 ${size * 0.66}px ${palette.font}`;
		c.textAlign = "center";
		c.textBaseline = "middle";
		c.fillText("!", 0, size * 0.04);
	});
}

/* For raster.js; `scale` is of the picture, `ratio` of its pixels. */
export function makeSprites(palette, scale, ratio) {
	const fine = scale * ratio;
	return {
		alarm: pixelOf(rgb(palette.alarm)),
		choice: pixelOf(rgb(palette.choice)),
		flash: pixelOf(rgb(palette.flash)),
		colours: KINDS.map((kind) => pixelOf(rgb(palette[kind]))),
		heads: KINDS.map((kind) => [false, true].flatMap((isDrill) => SIZES.map((half) => stampOf(head(kind, half, isDrill, palette, fine))))),
		flashes: frames((share) => stampOf(flashFrame(palette, share, fine))),
		touches: frames((share) => stampOf(touchFrame(palette, share, fine))),
	};
}

/* For the legend: what stands in the picture, as it stands there. */
export function legendHead(kind, palette, isDrill) {
	return head(kind, 5.4, isDrill, palette, 2);
}

export function legendFlash(palette) {
	return flashFrame(palette, 0.4, 2);
}
