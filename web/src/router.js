/*
 * Which view is shown: by the fragment of the address, so that any link can be shared and the station
 * serves one page.
 *
 *     #/incidents/6            params {id: "6"}
 *     #/incidents?state=new    query {state: "new"}
 *
 * A view is a module with
 *
 *     export async function show({outlet, params, query, signal, setTitle, api, live, t})
 *
 * It fills `outlet`, whose first <h1> gets the focus after a navigation, and listens with `signal`, which
 * is aborted when the view is left. It is called again when the language changes.
 */
import * as api from "./api.js";
import {live} from "./live.js";
import {t} from "./i18n.js";

function compile(pattern) {
	const names = [];
	const source = pattern.replace(/:(\w+)/g, (_, name) => {
		names.push(name);
		return "([^/]+)";
	});
	return {expression: new RegExp(`^${source}$`), names};
}

function parse(fragment) {
	const text = fragment.replace(/^#/, "");
	const at = text.indexOf("?");
	const path = at < 0 ? text : text.slice(0, at);
	return {path: path === "" || path === "/" ? "/now" : path, query: Object.fromEntries(new URLSearchParams(at < 0 ? "" : text.slice(at + 1)))};
}

function decode(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

export class Router {
	#routes;
	#outlet;
	#leave = null;
	#onShown;
	#shownPath = null;
	#onHash;

	/* `routes`: [pattern, loader of the module, name of the place in the navigation]. */
	constructor(outlet, routes, onShown) {
		this.#outlet = outlet;
		this.#routes = routes.map(([pattern, load, place]) => ({...compile(pattern), load, place}));
		this.#onShown = onShown;
		this.#onHash = () => this.show();
		addEventListener("hashchange", this.#onHash);
	}

	#find(path) {
		for (const route of this.#routes) {
			const match = route.expression.exec(path);
			if (match !== null)
				return {route, params: Object.fromEntries(route.names.map((name, i) => [name, decode(match[i + 1])]))};
		}
		return null;
	}

	/* Shows the same in another outlet: the page around it was drawn anew. */
	moveTo(outlet, onShown) {
		this.#outlet = outlet;
		this.#onShown = onShown;
		this.show();
	}

	/* The view is left and no other follows. */
	leave() {
		this.#leave?.abort();
		this.#leave = null;
		this.#shownPath = null;
	}

	end() {
		this.leave();
		removeEventListener("hashchange", this.#onHash);
	}

	async show() {
		const {path, query} = parse(location.hash);
		const found = this.#find(path) ?? this.#find("/missing");
		const isNavigation = this.#shownPath !== null && this.#shownPath !== path;
		this.#leave?.abort();
		const leave = new AbortController();
		this.#leave = leave;
		this.#shownPath = path;
		this.#outlet.setAttribute("aria-busy", "true");
		const stage = document.createElement("div");
		stage.className = "view";
		const setTitle = (title) => {
			if (!leave.signal.aborted)
				document.title = title ? `${title} – Hinomi` : "Hinomi";
		};
		const view = await found.route.load();
		if (leave.signal.aborted)
			return;
		this.#outlet.replaceChildren(stage);
		this.#onShown(found.route.place, found.route);
		try {
			await view.show({outlet: stage, params: found.params, query, signal: leave.signal, setTitle, api, live, t});
		} catch (error) {
			if (leave.signal.aborted || error.name === "AbortError")
				return;
			if (!(error instanceof api.Problem))
				throw error;
			const {showProblem} = await import("./parts/problem.js");
			showProblem(stage, error, () => this.show());
		}
		if (leave.signal.aborted)
			return;
		this.#outlet.removeAttribute("aria-busy");
		performance.mark("hinomi.shown"); /* for whoever measures: all that was asked for is there, and can be used */
		if (isNavigation) {
			scrollTo(0, 0);
			this.#focusHeading();
		}
	}

	#focusHeading() {
		const heading = this.#outlet.querySelector("h1");
		if (heading !== null) {
			heading.tabIndex = -1;
			heading.focus({preventScroll: true});
		}
	}
}

/* Where the view is, with other values of its query. */
export function linkWith(path, query) {
	return `#${path}${api.query(query)}`;
}
