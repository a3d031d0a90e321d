/*
 * What the scripts of this test share: Debian's Chromium, results as lines of JSON for `run`, which prints
 * them as TAP, and questions to it, since it has the stations, the wire and the mail server.
 */
import {createRequire} from "node:module";
import readline from "node:readline";

/* The packages are the page's (web/package.json). */
export const require = createRequire(new URL("../../web/package.json", import.meta.url));
const {chromium} = require("playwright-core");

const CHROMIUM = "/usr/bin/chromium";
const WAIT_MS = 15000;

const lines = readline.createInterface({input: process.stdin})[Symbol.asyncIterator]();

function say(object) {
	process.stdout.write(`${JSON.stringify(object)}\n`);
}

export function ok(passed, name, ...remarks) {
	say({ok: Boolean(passed), name, remarks: passed ? [] : remarks.map((remark) => typeof remark === "string" ? remark : JSON.stringify(remark))});
}

export function same(got, expected, name) {
	ok(JSON.stringify(got) === JSON.stringify(expected), name, `got      ${JSON.stringify(got)}`, `expected ${JSON.stringify(expected)}`);
}

export async function ask(what, values = {}) {
	say({ask: what, ...values});
	const {value} = await lines.next();
	return JSON.parse(value);
}

/* What a page must never do, whatever is done with it. */
export class Browser {
	constructor(base) {
		this.base = base;
		this.errors = [];
		this.strangers = [];
		/* Chromium says of each answer of 400 and more that it is an error: where the test wants one, it is expected. */
		this.expected = [];
	}

	async open() {
		this.browser = await chromium.launch({executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"]});
		this.browserVersion = this.browser.version();
		return this;
	}

	async context(options = {}) {
		const context = await this.browser.newContext({viewport: {width: 1280, height: 900}, locale: "ja-JP", timezoneId: "Asia/Tokyo", ...options});
		context.setDefaultTimeout(WAIT_MS);
		context.on("console", (message) => message.type() === "error" && this.errors.push(`${message.text()} ${message.location().url}`));
		context.on("weberror", (error) => this.errors.push(String(error.error().stack)));
		context.on("request", (request) => {
			if (!request.url().startsWith(this.base) && !request.url().startsWith("data:") && !request.url().startsWith("blob:"))
				this.strangers.push(request.url());
		});
		return context;
	}

	/* What remains of them when those that were wanted are taken away. */
	unexpected() {
		return this.errors.filter((error) => !this.expected.some((wanted) => wanted.test(error)));
	}

	async close() {
		await this.browser.close();
	}
}

export async function until(test, ms = WAIT_MS) {
	const end = Date.now() + ms;
	while (Date.now() < end) {
		const value = await test();
		if (value)
			return value;
		await new Promise((done) => setTimeout(done, 25));
	}
	return null;
}

/* Runs the script; whatever it throws is a failed test. */
export async function play(script) {
	try {
		await script(JSON.parse(process.argv[2]));
	} catch (error) {
		/* Without the colours of a terminal. */
		ok(false, "went through to its end", (error.stack ?? String(error)).replace(/\x1b\[\d+m/g, ""));
	}
	process.exit(0);
}
