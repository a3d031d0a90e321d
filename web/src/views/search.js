/* Everything by one word: an address or range, a member, a port, a tool, a rule, a day. */
import {fill, h} from "../dom.js";
import {named, pick, t} from "../i18n.js";

const SETTLE_MS = 200;

function drawItems(items) {
	if (items.length === 0)
		return h("p", {class: "empty"}, t("search.none"));
	return h("ul", {class: "results"}, items.map((item) => h("li", {},
		h("span", {class: "result-kind"}, named("searchkind", item.kind)),
		h("span", {class: "result-text"}, h("a", {href: item.href}, pick(item.title)), item.detail ? h("span", {class: "result-detail"}, pick(item.detail)) : null))));
}

export async function show({outlet, query, signal, setTitle, api}) {
	setTitle(t("nav.search"));
	const input = h("input", {type: "search", name: "q", value: query.q ?? "", "aria-label": t("search.label"), autocomplete: "off", spellcheck: "false",
		placeholder: t("search.placeholder"), maxlength: 200});
	const results = h("div", {class: "search-results"});
	const count = h("p", {class: "visually-hidden", role: "status"});
	const look = async () => {
		const text = input.value.trim();
		history.replaceState(null, "", text === "" ? "#/search" : `#/search${api.query({q: text})}`);
		if (text === "") {
			fill(results, h("p", {class: "empty"}, t("search.hint")));
			return;
		}
		try {
			const {items} = await api.get("/search", {q: text}, signal);
			if (input.value.trim() !== text)
				return;
			fill(results, drawItems(items));
			fill(count, t("search.found", {n: items.length}));
		} catch (problem) {
			if (!(problem instanceof api.Problem))
				throw problem;
			fill(results, h("p", {class: "empty"}, problem.sentence()));
		}
	};
	let timer = null;
	const soon = () => {
		clearTimeout(timer);
		timer = setTimeout(look, SETTLE_MS);
	};
	input.addEventListener("input", soon);
	const form = h("form", {class: "search-form", role: "search", "aria-label": t("search.label"), onsubmit: (event) => {
		event.preventDefault();
		look();
	}}, input, h("button", {class: "button button-main"}, t("search.now")));
	fill(outlet, h("h1", {}, t("nav.search")), form, count, results);
	signal.addEventListener("abort", () => clearTimeout(timer));
	await look();
	input.focus();
}
