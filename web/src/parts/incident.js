/* How an incident is told in lists. The sentences are the station's own, the same as in its letters;
   words by rule stand in where it gives none. */
import {h} from "../dom.js";
import {named, number, pick, t} from "../i18n.js";
import {when} from "../format.js";
import {drillTag, severityBadge, stateBadge} from "./badge.js";

export function linkTo(incident) {
	return `#/incidents/${incident.id}`;
}

export function memberLink(name) {
	return name ? h("a", {href: `#/members/${encodeURIComponent(name)}`}, name) : t("none");
}

export function headlineOf(incident) {
	return pick(incident.headline) || t("incident.headline", {subject: incident.subject, rule: named("rule", incident.rule)});
}

export function firstStepOf(incident) {
	return pick(incident.first_step) || named("firststep", incident.rule);
}

/* "TCP 23, 2323 and 4 more" */
export function portsOf(finding) {
	const ports = finding?.ports ?? [];
	const shown = ports.slice(0, 4).map((port) => port.port >= 0 ? `${port.proto.toUpperCase()} ${port.port}` : port.proto.toUpperCase());
	const left = (finding?.port_count ?? ports.length) - shown.length;
	return shown.join(t("joint")) + (left > 0 ? t("ports.more", {n: left}) : "");
}

export function incidentColumns({withMember = true, withPackets = true} = {}) {
	return [
		{title: t("incident.severity"), look: "short", cell: (row) => severityBadge(row.severity)},
		{title: t("incident.what"), isHead: true, cell: (row) => [h("a", {href: linkTo(row), class: "row-link"}, named("rule", row.rule)),
			h("span", {class: "cell-detail"}, row.drill ? drillTag() : null, portsOf(row.finding))]},
		{title: t("incident.machine"), cell: (row) => h("span", {class: "address"}, row.subject)},
		withMember ? {title: t("incident.member"), cell: (row) => memberLink(row.member)} : null,
		{title: t("incident.last"), look: "short", cell: (row) => when(row.last, {observed: true})},
		withPackets ? {title: t("incident.packets"), look: "number", cell: (row) => number(row.packets)} : null,
		{title: t("incident.state"), cell: (row) => stateBadge(row.state, row.reason)},
	].filter(Boolean);
}
