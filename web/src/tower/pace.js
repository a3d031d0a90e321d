/*
 * How much is drawn, by how long it takes: frames that are late or take long make the picture coarser
 * and then sparser, step by step; as long as all is well it slowly comes back.
 */
import {FLIGHTS_MAX} from "./flights.js";

const LONG_MS = 6;    /* of our own work in a frame */
const LATE_MS = 26;   /* between frames: fewer than 40 a second */
const WINDOW = 30;    /* frames that are looked at together */
const CALM = 20;      /* such windows in a row before it tries more */
const BUDGET_MIN = 150;
const FINENESS = [1, 0.8, 0.6];

export class Pace {
	constructor() {
		this.budget = FLIGHTS_MAX;
		this.step = 0;
		this.frames = 0;
		this.late = 0;
		this.work = 0;
		this.calm = 0;
	}

	get fineness() {
		return FINENESS[this.step];
	}

	/* True where the fineness is another from now on. */
	note(betweenMs, workMs, count) {
		this.frames++;
		this.late += betweenMs > LATE_MS ? 1 : 0;
		this.work += workMs;
		if (this.frames < WINDOW)
			return false;
		const isSlow = this.late > WINDOW / 3 || this.work / WINDOW > LONG_MS;
		this.frames = 0;
		this.late = 0;
		this.work = 0;
		return isSlow ? this.#less(count) : this.#more();
	}

	#less(count) {
		this.calm = 0;
		if (this.step < FINENESS.length - 1) {
			this.step++;
			return true;
		}
		this.budget = Math.max(BUDGET_MIN, Math.floor(Math.min(this.budget, count) * 0.8));
		return false;
	}

	#more() {
		this.calm++;
		if (this.calm < CALM)
			return false;
		if (this.budget < FLIGHTS_MAX) {
			this.budget = Math.min(FLIGHTS_MAX, Math.ceil(this.budget * 1.1));
			return false;
		}
		if (this.step === 0 || this.calm < 3 * CALM)
			return false;
		this.calm = 0;
		this.step--;
		return true;
	}
}
