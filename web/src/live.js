/*
 * What happens at the station while the page is open: server-sent events, and where these cannot be
 * had (a proxy in between, a station that starts again) questions every few seconds. Whoever listens need
 * not know which of both it is.
 *
 *     live.on("change", (news) => ..., signal);    {"incidents": [ids] or null: any, "at"}
 *     live.on("now", (now) => ..., signal);        the body of /now
 *     live.on("state", (state) => ..., signal);    "starting", "live", "polling" or "away"
 *     live.on("sparks", ...)                       what came in, for those who ask for it (wantSparks)
 */
import {get} from "./api.js";

const POLL_MS = 5000;
const AGAIN_MS = 15000;
/* Comment lines come every 15 s; a stream that says nothing for so long is none. */
const SILENT_MS = 40000;
const EVENTS = ["change", "now", "sparks"];

class Live {
	#listeners = new Map();
	#stream = null;
	#poll = null;
	#again = null;
	#watchdog = null;
	#state = "starting";
	#sparks = 0;
	#isOn = false;

	on(event, tell, signal) {
		const set = this.#listeners.get(event) ?? new Set();
		this.#listeners.set(event, set);
		set.add(tell);
		signal?.addEventListener("abort", () => set.delete(tell), {once: true});
	}

	get state() {
		return this.#state;
	}

	start() {
		this.#isOn = true;
		this.#open();
	}

	stop() {
		this.#isOn = false;
		this.#close();
		this.#stopPolling();
		clearTimeout(this.#again);
	}

	/* The stream is opened anew with them; `signal` ends the wish. */
	wantSparks(signal) {
		this.#sparks += 1;
		signal.addEventListener("abort", () => {
			this.#sparks -= 1;
			if (this.#sparks === 0 && this.#isOn)
				this.#open();
		}, {once: true});
		if (this.#sparks === 1)
			this.#open();
	}

	#tell(event, news) {
		for (const tell of [...(this.#listeners.get(event) ?? [])])
			tell(news);
	}

	#become(state) {
		if (state === this.#state)
			return;
		this.#state = state;
		this.#tell("state", state);
	}

	#close() {
		this.#stream?.close();
		this.#stream = null;
		clearTimeout(this.#watchdog);
	}

	#open() {
		this.#close();
		const stream = new EventSource(`/api/v1/events${this.#sparks > 0 ? "?sparks=1" : ""}`);
		this.#stream = stream;
		stream.onopen = () => {
			const wasAway = this.#state !== "live" && this.#state !== "starting";
			this.#stopPolling();
			this.#become("live");
			this.#watch();
			/* Whatever happened meanwhile nobody told us. */
			if (wasAway)
				this.#tell("change", {incidents: null});
		};
		stream.onerror = () => this.#fail(stream);
		for (const event of EVENTS)
			stream.addEventListener(event, (message) => this.#take(event, message.data));
	}

	#take(event, text) {
		this.#watch();
		let news;
		try {
			news = JSON.parse(text);
		} catch {
			return;
		}
		this.#tell(event, news);
	}

	#watch() {
		clearTimeout(this.#watchdog);
		/* Comments are no events: a quiet stream is asked whether it is one still. */
		this.#watchdog = setTimeout(() => this.#isOn && this.#askOnce(), SILENT_MS);
	}

	async #askOnce() {
		try {
			this.#tell("now", await get("/now"));
			this.#watch();
		} catch {
			this.#open();
		}
	}

	#fail(stream) {
		if (stream !== this.#stream || !this.#isOn)
			return;
		clearTimeout(this.#watchdog);
		this.#startPolling();
		if (stream.readyState === EventSource.CLOSED) {
			/* Refused: the browser does not try again by itself. */
			clearTimeout(this.#again);
			this.#again = setTimeout(() => this.#isOn && this.#open(), AGAIN_MS);
		}
	}

	#startPolling() {
		if (this.#poll !== null)
			return;
		const look = async () => {
			try {
				this.#tell("now", await get("/now"));
				this.#become("polling");
				this.#tell("change", {incidents: null});
			} catch {
				this.#become("away");
			}
		};
		this.#poll = setInterval(look, POLL_MS);
		look();
	}

	#stopPolling() {
		clearInterval(this.#poll);
		this.#poll = null;
	}
}

export const live = new Live();
