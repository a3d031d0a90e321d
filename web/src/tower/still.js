/* For whoever wants no motion: what was touched in the last seconds, as marks that stand, drawn anew once
   a second. */
import {KINDS} from "./palette.js";

const EVERY_MS = 1000;
const LAST_MS = 6000;
const MARKS_MAX = 400;

export class Still {
	constructor() {
		this.marks = [];
		this.at = 0;
	}

	note(to, kind, isDark) {
		this.marks.push({to, kind, isDark, at: performance.now()});
		if (this.marks.length > MARKS_MAX)
			this.marks.splice(0, this.marks.length - MARKS_MAX);
	}

	isDue(now) {
		return now - this.at >= EVERY_MS;
	}

	draw(context, palette, scale, now) {
		this.at = now;
		this.marks = this.marks.filter((mark) => now - mark.at < LAST_MS);
		for (const {to, kind, isDark} of this.marks) {
			context.fillStyle = palette[KINDS[kind]];
			context.beginPath();
			context.arc(to.x, to.y, 3 * scale, 0, 2 * Math.PI);
			context.fill();
			if (!isDark)
				continue;
			context.strokeStyle = palette.flash;
			context.lineWidth = 1.5 * scale;
			context.beginPath();
			context.arc(to.x, to.y, 7 * scale, 0, 2 * Math.PI);
			context.stroke();
		}
	}
}
