/* One incident: what, which machine, what to do first, how sure and why; then the proof. */
import {fill, h} from "../dom.js";
import {named, number, pick, t} from "../i18n.js";
import {clock, duration, percent, when, zoneName} from "../format.js";
import {drillTag, severityBadge, stateBadge} from "../parts/badge.js";
import {copyButton, facts, panel} from "../parts/facts.js";
import {headlineOf, memberLink, portsOf} from "../parts/incident.js";
import {icon} from "../icons.js";
import {problemBox} from "../parts/problem.js";
import {csvFoot, table} from "../parts/table.js";
import {linkWith} from "../router.js";
import {isOperator} from "../session.js";
import {drawDeeds} from "./incident_deeds.js";
import {drawEvidence, proofPanels} from "./incident_proof.js";
import {drawAnswer, drawHistory, drawNotices} from "./incident_history.js";

const SETTLE_MS = 300;

/* Both clocks, to the millisecond: so that it can be found in the log of a router or proxy. */
function exact(iso) {
	if (!iso)
		return null;
	const local = clock(iso, {withMs: true, withZone: true});
	const utc = clock(iso, {withMs: true, inZone: "UTC", withZone: true});
	return h("span", {class: "exact"}, h("time", {datetime: iso}, local), zoneName() === "UTC" || local === utc ? null : h("span", {class: "exact-utc"}, utc));
}

function drawHead(incident) {
	return h("header", {class: "incident-head"},
		h("p", {class: "crumbs"}, h("a", {href: "#/incidents"}, t("nav.incidents")), h("span", {"aria-hidden": "true"}, "›"), t("now.number", {n: String(incident.id)})),
		h("p", {class: "badges"}, severityBadge(incident.severity), stateBadge(incident.state, incident.reason), incident.drill ? drillTag() : null),
		h("h1", {}, pick(pickOf(incident, "headline")) || headlineOf(incident)),
		incident.drill ? h("p", {class: "drill-note"}, t("drill.note")) : null);
}

/* One text of the advice, in both languages: pick() takes the right one. */
function pickOf(incident, name) {
	const advice = incident.advice;
	return advice ? {ja: advice.ja?.[name], en: advice.en?.[name]} : null;
}

function drawSteps(incident) {
	const steps = pick(pickOf(incident, "steps")) || [];
	const vendor = pick(pickOf(incident, "vendor"));
	const whom = pick(pickOf(incident, "whom"));
	const neglect = pick(pickOf(incident, "neglect"));
	if (steps.length === 0 && !vendor)
		return null;
	const text = vendor ? h("blockquote", {class: "vendor"}, vendor) : null;
	return panel(t("incident.steps"), h("ol", {class: "steps"}, [...steps].map((step) => h("li", {}, step))),
		whom ? [h("h3", {}, t("incident.whom")), h("p", {}, whom)] : null,
		text ? [h("h3", {}, t("incident.vendor")), text, copyButton(text)] : null,
		neglect ? [h("h3", {}, t("incident.neglect")), h("p", {}, neglect)] : null);
}

function drawSure(incident) {
	const finding = incident.finding ?? {};
	const howSure = pick(pickOf(incident, "how_sure")) || (finding.confidence === undefined ? "" : percent(finding.confidence));
	const why = pick(pickOf(incident, "why")) || finding.why;
	const attribution = pick(pickOf(incident, "attribution"));
	const spoof = finding.spoof?.estimate;
	return panel(t("incident.sure"), h("p", {class: "how-sure"}, howSure), why && why !== howSure ? h("p", {}, why) : null,
		attribution ? h("p", {}, attribution) : null,
		facts([spoof ? [t("incident.spoof"), named("spoof", spoof)] : null,
			finding.attribution ? [t("incident.attribution"), named("attribution", finding.attribution)] : null,
			finding.tool ? [t("incident.tool"), finding.tool.name] : null]));
}

function drawFacts(incident) {
	const finding = incident.finding ?? {};
	const seconds = (Date.parse(incident.last) - Date.parse(incident.first)) / 1000;
	return panel(t("incident.facts"), facts([
		[t("incident.machine"), h("span", {class: "address address-big"}, incident.subject)],
		[t("incident.member"), incident.member ? memberLink(incident.member) : null],
		[t("incident.first"), exact(incident.first)],
		[t("incident.last"), exact(incident.last)],
		[t("incident.lasts"), duration(seconds)],
		[t("incident.source-ports"), (finding.source_ports ?? []).length > 0 ? h("span", {class: "address"}, finding.source_ports.join(", ")) : null],
		[t("incident.ports"), portsOf(finding)],
		[t("incident.packets"), number(incident.packets)],
		[t(finding.role === "victim" ? "incident.senders" : "incident.targets"), number(incident.targets)],
		finding.dark_targets ? [t("incident.dark-targets"), number(finding.dark_targets)] : null,
		[t("incident.rule"), named("rule", incident.rule)],
		incident.relapses > 0 ? [t("incident.relapses"), number(incident.relapses)] : null,
		incident.told ? [t("incident.told"), when(incident.told, {observed: true})] : null,
	]));
}

function drawPorts(incident) {
	const ports = incident.finding?.ports ?? [];
	if (ports.length === 0)
		return null;
	const most = Math.max(...ports.map((port) => port.packets));
	return panel(t("incident.port-table"), table({caption: t("incident.port-table"), rows: ports, columns: [
		{title: t("port"), cell: (port) => `${port.proto.toUpperCase()}${port.port >= 0 ? ` ${port.port}` : ""}`},
		{title: t("port.service"), cell: (port) => named(`service.${port.proto}`, port.port) === String(port.port) ? "" : named(`service.${port.proto}`, port.port)},
		{title: t("incident.packets"), look: "number", cell: (port) => [number(port.packets), h("meter", {class: "share", min: 0, max: most, value: port.packets, "aria-hidden": "true"})]},
		{title: t("incident.targets"), look: "number", cell: (port) => number(port.targets)},
	]}), csvFoot(`/incidents/${incident.id}`, {table: "ports"}, t("incident.port-table")));
}

function drawMore(incident) {
	const exception = {member: incident.member, rule: incident.rule, subject: incident.subject};
	return h("p", {class: "beside-links"},
		h("a", {href: linkWith("/incidents", {subject: incident.subject})}, t("incident.others")),
		isOperator() ? h("a", {href: linkWith("/exceptions", exception)}, t("incident.except")) : null,
		h("button", {type: "button", class: "link-button", onclick: () => print()}, icon("print"), t("print")));
}

/* What changes with the incident; the proof stays, since it is asked for once. */
function draw(parts, incident, refresh) {
	fill(parts.head, drawHead(incident));
	fill(parts.steps, drawSteps(incident), drawSure(incident));
	fill(parts.ports, drawPorts(incident));
	fill(parts.history, drawHistory(incident), drawNotices(incident));
	const isTyping = parts.deeds.contains(document.activeElement);
	if (!isTyping)
		fill(parts.deeds, drawDeeds(incident, refresh));
	fill(parts.aside, drawAnswer(incident.answer), drawFacts(incident), drawEvidence(incident), drawMore(incident));
}

export async function show({outlet, params, signal, setTitle, api, live}) {
	const id = api.segment(params.id);
	const parts = Object.fromEntries(["head", "steps", "deeds", "aside", "proof", "ports", "history"].map((name) => [name, h("div", {class: `part-${name}`})]));
	const look = () => api.get(`/incidents/${id}`, {}, signal);
	const refresh = async () => draw(parts, await look(), refresh);
	const incident = await look();
	setTitle(`${incident.subject} ${named("rule", incident.rule)}`);
	draw(parts, incident, refresh);
	fill(outlet, h("article", {class: "incident"}, parts.head,
		h("div", {class: "beside"}, parts.steps, h("div", {class: "beside-side"}, parts.deeds, parts.aside), parts.proof, parts.ports, parts.history)));
	let timer = null;
	live.on("change", (news) => {
		if (news.incidents === null || news.incidents === undefined || news.incidents.map(String).includes(params.id)) {
			clearTimeout(timer);
			timer = setTimeout(() => refresh().catch(() => {}), SETTLE_MS);
		}
	}, signal);
	signal.addEventListener("abort", () => clearTimeout(timer));
	/* What takes longer does not hold up who reads what to do. */
	proofPanels(parts.proof, incident, signal).catch((problem) => {
		if (!signal.aborted && problem instanceof api.Problem)
			fill(parts.proof, problemBox(problem));
	});
}
