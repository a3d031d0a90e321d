/*
 * Asks the station. What it refuses comes as a Problem (RFC 9457) that names the field, so that forms
 * can say it there, and has a code with values, by which it is said in the language of the page. What
 * the station says in English besides is for programs, and not shown.
 */
import {addWords, has, t} from "./i18n.js";

const BASE = "/api/v1";

export class Problem extends Error {
	constructor(status, body) {
		super(body.detail ?? body.title ?? String(status));
		this.status = status;
		this.field = body.field ?? null;
		this.detail = body.detail ?? "";
		this.code = body.code ?? null;
		this.values = Object.fromEntries((body.values ?? []).map((value, i) => [i + 1, value]));
	}

	/* As a sentence for whoever reads the page: of what has no code by its status. */
	sentence() {
		if (this.code !== null && has(`refusal.${this.code}`))
			return t(`refusal.${this.code}`, this.values);
		const key = `problem.${this.status}`;
		return has(key) ? t(key) : t("problem.other", {status: String(this.status)});
	}
}

/* Words of refusals come with the first one. Without them (the station is gone by then) it is told by its status. */
let areWordsThere = false;

async function fetchWords() {
	try {
		addWords(await import("./words/refusals.js"));
		areWordsThere = true;
	} catch {
		areWordsThere = false;
	}
}

/* Nobody answers at all. */
class Silence extends Problem {
	constructor() {
		super(0, {});
	}
}

/* Who is to know that nobody is signed in any more. */
let onSignedOut = () => {};

export function whenSignedOut(tell) {
	onSignedOut = tell;
}

export function query(values) {
	const pairs = new URLSearchParams();
	for (const [name, value] of Object.entries(values ?? {}))
		if (value !== null && value !== undefined && value !== "" && value !== false)
			pairs.set(name, value === true ? "1" : String(value));
	const text = pairs.toString();
	return text === "" ? "" : `?${text}`;
}

/* For links to files: CSV, evidence. */
export function address(path, values) {
	return `${BASE}${path}${query(values)}`;
}

async function bodyOf(response) {
	if (response.status === 204)
		return {};
	const type = response.headers.get("content-type") ?? "";
	if (!type.includes("json"))
		return {};
	try {
		return await response.json();
	} catch {
		return {};
	}
}

async function ask(method, path, {values, body, signal} = {}) {
	const options = {method, signal, credentials: "same-origin", headers: {accept: "application/json"}};
	if (method !== "GET") {
		options.headers["content-type"] = "application/json";
		options.body = JSON.stringify(body ?? {});
	}
	let response;
	try {
		response = await fetch(address(path, values), options);
	} catch (error) {
		if (error.name === "AbortError")
			throw error;
		throw new Silence();
	}
	const answer = await bodyOf(response);
	if (response.ok)
		return answer;
	if (answer.code && !areWordsThere)
		await fetchWords();
	if (response.status === 401 && path !== "/session" && path !== "/session/link")
		onSignedOut();
	throw new Problem(response.status, answer);
}

export const get = (path, values, signal) => ask("GET", path, {values, signal});
export const post = (path, body, signal) => ask("POST", path, {body, signal});
export const patch = (path, body, signal) => ask("PATCH", path, {body, signal});
export const remove = (path, body, signal) => ask("DELETE", path, {body, signal});

/* One segment of a path. */
export const segment = encodeURIComponent;
