/* Small signs: a shape, a colour and always a word. */
import {h} from "../dom.js";
import {icon} from "../icons.js";
import {named, t} from "../i18n.js";

export const SEVERITIES = ["critical", "high", "medium", "low", "info"];
const STATE_SIGNS = {new: "alarm", notified: "waiting", acknowledged: "ok", "in-progress": "waiting", quiet: "low", closed: "ok", relapsed: "alarm"};
/* The light of a contact, as the station gives it: how well it is reached. */
const LIGHT_LOOKS = {green: "good", amber: "warn", red: "bad", grey: "idle"};
const LIGHT_SIGNS = {green: "ok", amber: "attention", red: "alarm"};
const CONTACT_LIGHTS = {verified: "green", failing: "red"};
const NOTICE_LOOKS = {delivered: "good", failed: "bad", bounced: "bad", waiting: "idle", sending: "idle"};
const NOTICE_SIGNS = {delivered: "ok", failed: "attention", bounced: "attention", waiting: "waiting", sending: "waiting"};

export function severityBadge(severity) {
	const known = SEVERITIES.includes(severity) ? severity : "info";
	return h("span", {class: `severity severity-${known}`}, icon(known), h("span", {}, named("severity", severity)));
}

export function stateBadge(state, reason) {
	const text = reason ? t("state.with", {state: named("state", state), reason: named("reason", reason)}) : named("state", state);
	return h("span", {class: `state state-${state}`}, icon(STATE_SIGNS[state] ?? "info"), h("span", {}, text));
}

export function lookBadge(look, sign, text) {
	return h("span", {class: `look look-${look}`}, icon(sign), h("span", {}, text));
}

export function lightOf(contact) {
	const light = contact.light ?? CONTACT_LIGHTS[contact.state] ?? "grey";
	const last = contact.last_notice;
	/* What was tried and has not arrived yet may never do. */
	return light === "green" && last && last.attempts > 0 && ["waiting", "failed", "bounced"].includes(last.state) ? "amber" : light;
}

export function contactBadge(contact) {
	const light = lightOf(contact);
	const sign = LIGHT_SIGNS[light] ?? (contact.state === "stopped" ? "stopped" : "waiting");
	return lookBadge(LIGHT_LOOKS[light] ?? "idle", sign, light === "amber" ? t("contact.amber") : named("contact", contact.state));
}

export function noticeBadge(state) {
	return lookBadge(NOTICE_LOOKS[state] ?? "idle", NOTICE_SIGNS[state] ?? "info", named("noticestate", state));
}

export function drillTag() {
	return h("span", {class: "drill-tag"}, t("drill"));
}
