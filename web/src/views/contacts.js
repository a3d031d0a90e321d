/* Whom notices go to: how delivery stands in colour and in words, and what can be done about it. */
import {h} from "../dom.js";
import {patch, post, remove, segment} from "../api.js";
import {named, t} from "../i18n.js";
import {when} from "../format.js";
import {SEVERITIES, contactBadge, lightOf, noticeBadge} from "../parts/badge.js";
import {deed, foldedForm, form} from "../parts/form.js";
import {say} from "../parts/say.js";
import {isOperator} from "../session.js";

const CERTIFICATE_NEAR_MS = 30 * 24 * 3600 * 1000;

function sentence(contact) {
	if (contact.bounce)
		return t("contact.bounced", {why: contact.bounce});
	if (contact.failures > 0)
		return t("contact.failing-what", {n: contact.failures});
	if (lightOf(contact) === "amber")
		return t("contact.amber-what");
	if (contact.state === "unverified")
		return t(contact.locked ? "contact.locked" : "contact.unverified-what");
	return t(contact.state === "stopped" ? "contact.stopped-what" : "contact.verified-what");
}

/* What the last letter there came to. */
function lastNotice(contact) {
	const last = contact.last_notice;
	if (!last)
		return null;
	return h("p", {class: "contact-last"}, h("a", {href: `#/notices/${last.id}`}, t("contact.last")), noticeBadge(last.state),
		when(last.delivered ?? last.last ?? last.created), last.state !== "delivered" && last.reply ? h("span", {}, last.reply) : null);
}

function certificate(contact) {
	if (!contact.certificate_until)
		return null;
	const isNear = Date.parse(contact.certificate_until) - Date.now() < CERTIFICATE_NEAR_MS;
	return h("p", {class: isNear ? "warn" : "hint"}, t("contact.certificate"), " ", when(contact.certificate_until, {relative: false}));
}

/* Nothing but a code is sent there until it was given back. */
function verifyForm(contact, refresh) {
	return form({label: t("contact.verify"), fields: [{name: "code", label: t("contact.code"), hint: t("contact.code-hint"), required: true, maxlength: 40, spellcheck: "false"}],
		submit: t("contact.verify-now"), send: async ({code}) => {
			await post(`/contacts/${contact.id}/verify`, {code});
			say(t("contact.verified-done", {address: contact.address}));
			await refresh();
		}, beside: deed({text: t("contact.resend"), look: "button-quiet", act: async () => {
			await post(`/contacts/${contact.id}/resend`, {});
			say(t("contact.resent", {address: contact.address}));
			await refresh();
		}})});
}

function deeds(contact, refresh) {
	const path = `/contacts/${segment(String(contact.id))}`;
	const isStopped = contact.state === "stopped";
	return h("div", {class: "contact-deeds"},
		contact.state === "unverified" ? null : deed({text: t(isStopped ? "contact.resume" : "contact.stop"), look: "button-quiet", act: async () => {
			await patch(path, {stopped: !isStopped});
			await refresh();
		}}),
		deed({text: t("contact.remove"), look: "button-quiet", confirm: t("contact.remove-sure", {address: contact.address}), act: async () => {
			await remove(path);
			say(t("contact.removed", {address: contact.address}));
			await refresh();
		}}));
}

export function contactCard(contact, refresh) {
	return h("li", {class: `contact contact-${lightOf(contact)}`},
		h("div", {class: "contact-head"}, h("span", {class: "contact-address"}, contact.address), contactBadge(contact)),
		h("p", {class: "contact-what"}, sentence(contact)),
		h("p", {class: "contact-facts"}, [named("contactkind", contact.kind), named("language", contact.language),
			t("contact.from-severity", {severity: named("severity", contact.severity)}), contact.tier ? named("tier", contact.tier) : null]
			.filter(Boolean).map((text) => h("span", {}, text))),
		lastNotice(contact), certificate(contact),
		isOperator() && contact.state === "unverified" ? verifyForm(contact, refresh) : null,
		isOperator() ? deeds(contact, refresh) : null);
}

export function addContactForm(member, refresh) {
	return foldedForm(t("contact.add"), {
		fields: [
			{name: "address", label: t("contact.address"), hint: t("contact.address-hint"), required: true, maxlength: 254, inputmode: "email", spellcheck: "false"},
			{name: "language", label: t("member.language"), type: "choice", value: member.language, options: [["ja", "日本語"], ["en", "English"]]},
			{name: "severity", label: t("contact.severity"), hint: t("contact.severity-hint"), type: "choice", value: "low",
				options: SEVERITIES.map((name) => [name, t("filter.at-least", {severity: named("severity", name)})])},
			{name: "tier", label: t("contact.tier"), hint: t("contact.tier-hint"), type: "choice", value: "first",
				options: [["first", named("tier", "first")], ["second", named("tier", "second")]]},
		],
		submit: t("contact.add-now"),
		send: async (values, element) => {
			await post(`/members/${segment(member.name)}/contacts`, values);
			say(t("contact.added", {address: values.address}));
			element.reset();
			element.closest("details").open = false;
			await refresh();
		},
	});
}
