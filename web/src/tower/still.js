/* For whoever wants no motion: what was touched in the last seconds, as marks that stand, drawn anew once
   a second. */
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

	draw(raster, sprites, ratio, now) {
		this.at = now;
		this.marks = this.marks.filter((mark) => now - mark.at < LAST_MS);
		for (const {to, kind, isDark} of this.marks) {
			raster.stamp(sprites.heads[kind][1], to.x * ratio, to.y * ratio);
			if (isDark)
				raster.circle(to.x * ratio, to.y * ratio, 7 * ratio, sprites.flash, 200, 1);
		}
	}
}
