/* All incidents, narrowed down by what stands in the address: so a list can be shared. */
import {fill, h} from "../dom.js";
import {named, t} from "../i18n.js";
import {pagedTable} from "../parts/table.js";
import {incidentColumns} from "../parts/incident.js";
import {SEVERITIES} from "../parts/badge.js";
import {linkWith} from "../router.js";
import {isMember} from "../session.js";

const STATES = ["new", "notified", "acknowledged", "in-progress", "relapsed", "quiet", "closed"];
const RULES = ["scan.dark", "scan.live", "scan.sweep", "ddos.victim", "ddos.incoming", "ddos.reflector", "config.stray", "spoof.member"];
const ORDERS = ["urgency", "changed", "first"];
const SETTLE_MS = 400;

function choice(name, label, value, options) {
	return h("label", {class: "filter"}, h("span", {}, label), h("select", {name, value: value ?? ""}, options.map(([key, text]) => h("option", {value: key}, text))));
}

function text(name, label, value, attributes = {}) {
	return h("label", {class: "filter"}, h("span", {}, label), h("input", {name, value: value ?? "", autocomplete: "off", spellcheck: "false", ...attributes}));
}

function drawFilters(query) {
	const any = ["", t("filter.any")];
	const form = h("form", {class: "filters", role: "search", "aria-label": t("filter.title")},
		choice("open", t("filter.open"), query.open, [any, ["1", t("filter.open-only")]]),
		choice("severity", t("incident.severity"), query.severity, [any, ...SEVERITIES.map((name) => [name, t("filter.at-least", {severity: named("severity", name)})])]),
		choice("state", t("incident.state"), query.state, [any, ...STATES.map((name) => [name, named("state", name)])]),
		choice("rule", t("incident.rule"), query.rule, [any, ...RULES.map((name) => [name, named("rule", name)])]),
		text("subject", t("filter.subject"), query.subject, {placeholder: "192.0.2.0/24"}),
		isMember() ? null : text("member", t("incident.member"), query.member),
		text("port", t("filter.port"), query.port, {inputmode: "numeric", size: 6}),
		text("since", t("filter.since"), query.since, {type: "date"}),
		choice("order", t("filter.order"), query.order ?? "urgency", ORDERS.map((name) => [name, t(`order.${name}`)])),
		h("div", {class: "filter-buttons"}, h("button", {class: "button button-main"}, t("filter.show")), h("a", {class: "button", href: "#/incidents"}, t("filter.clear"))));
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		location.hash = linkWith("/incidents", Object.fromEntries(new FormData(form)));
	});
	/* A choice holds at once; what is typed waits for Enter. */
	form.addEventListener("change", (event) => event.target.tagName === "SELECT" && form.requestSubmit());
	return form;
}

/* A day as people give it, as a time; "at least", as all that are. */
function conditions(query) {
	const known = ["open", "severity", "state", "rule", "subject", "member", "port", "tool", "until", "order", "drill"];
	const values = Object.fromEntries(known.filter((name) => query[name]).map((name) => [name, query[name]]));
	if (query.since)
		values.since = query.since.length === 10 ? `${query.since}T00:00:00Z` : query.since;
	if (SEVERITIES.includes(query.severity))
		values.severity = SEVERITIES.slice(0, SEVERITIES.indexOf(query.severity) + 1).join(",");
	return {order: "urgency", ...values};
}

export async function show({outlet, query, signal, setTitle, live}) {
	setTitle(t("nav.incidents"));
	const list = pagedTable({path: "/incidents", values: conditions(query), caption: t("nav.incidents"), columns: incidentColumns(),
		empty: t("incidents.empty"), signal});
	const isNarrowed = Object.keys(query).length > 0;
	fill(outlet, h("h1", {}, t("nav.incidents")),
		h("details", {class: "filter-fold", open: isNarrowed}, h("summary", {}, t("filter.title")), drawFilters(query)), list.element);
	await list.refresh();
	let timer = null;
	live.on("change", () => {
		clearTimeout(timer);
		timer = setTimeout(() => list.refresh().catch(() => {}), SETTLE_MS);
	}, signal);
	signal.addEventListener("abort", () => clearTimeout(timer));
}
