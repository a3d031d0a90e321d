/* What can be done with an incident: the buttons that its state allows. */
import {fill, h, uniqueId} from "../dom.js";
import {Problem, post, segment} from "../api.js";
import {icon} from "../icons.js";
import {t} from "../i18n.js";
import {say} from "../parts/say.js";
import {mayAct} from "../session.js";

const NOTE_MAX = 200;
const REASONS = ["fixed", "not-ours", "harmless"];

function drawClose(act) {
	const name = uniqueId("reason");
	const choices = h("fieldset", {class: "reasons-choice"}, h("legend", {}, t("deed.close-why")),
		REASONS.map((reason, i) => h("label", {class: "radio"}, h("input", {type: "radio", name, value: reason, checked: i === 0}),
			h("span", {}, h("strong", {}, t(`reason.${reason}`)), h("small", {}, t(`deed.close.${reason}`))))));
	return h("details", {class: "fold fold-inline"}, h("summary", {class: "button"}, t("deed.close")), choices,
		h("button", {type: "button", class: "button button-main", onclick: () => act("close", {reason: choices.querySelector("input:checked").value})},
			t("deed.close-now")));
}

export function drawDeeds(incident, refresh) {
	const actions = incident.actions ?? [];
	if (actions.length === 0 || !mayAct())
		return null;
	const noteId = uniqueId("note");
	const note = h("textarea", {id: noteId, rows: 2, maxlength: NOTE_MAX});
	const error = h("p", {class: "form-error", role: "alert"});
	const box = h("section", {class: "panel deeds", "aria-label": t("deed.title")});
	const act = async (verb, more = {}) => {
		const text = note.value.trim();
		fill(error);
		if (verb === "note" && text === "") {
			fill(error, icon("attention"), t("form.missing"));
			note.focus();
			return;
		}
		box.inert = true;
		try {
			await post(`/incidents/${segment(String(incident.id))}/${verb}`, {...more, ...(text === "" ? {} : {note: text})});
			document.activeElement?.blur();
			note.value = "";
			say(t(`deed.done.${verb}`));
			await refresh();
		} catch (problem) {
			if (!(problem instanceof Problem))
				throw problem;
			fill(error, icon("attention"), problem.sentence());
		} finally {
			box.inert = false;
		}
	};
	const button = (verb, look) => actions.includes(verb)
		? h("button", {type: "button", class: `button ${look}`, onclick: () => act(verb)}, t(`deed.${verb}`)) : null;
	const first = incident.state === "acknowledged" ? "work" : "ack";
	return fill(box, h("h2", {}, t("deed.title")), h("label", {for: noteId}, t("deed.note-label"), h("span", {class: "optional"}, t("form.optional"))), note, error,
		h("div", {class: "deed-buttons"}, incident.state === "in-progress" ? null : button("ack", first === "ack" ? "button-main" : ""),
			button("work", first === "work" ? "button-main" : ""), actions.includes("close") ? drawClose(act) : null, button("note", "button-quiet")));
}
