/*
 * Forms as lists of fields. What the station refuses is said at the field that it names, else above the
 * buttons; what was typed stays.
 *
 *     form({fields: [{name, label, hint, type, required, options, value, rows}], submit: text, send: async (values) => ...})
 */
import {fill, h, uniqueId} from "../dom.js";
import {Problem} from "../api.js";
import {icon} from "../icons.js";
import {t} from "../i18n.js";

function control(field, id, described) {
	const common = {id, name: field.name, required: field.required, "aria-describedby": described, autocomplete: field.autocomplete ?? "off",
		maxlength: field.maxlength, inputmode: field.inputmode, placeholder: field.placeholder, spellcheck: field.spellcheck};
	if (field.type === "choice")
		return h("select", {...common, autocomplete: null, value: field.value ?? field.options[0][0]},
			field.options.map(([value, text]) => h("option", {value}, text)));
	if (field.type === "lines")
		return h("textarea", {...common, rows: field.rows ?? 3, value: field.value ?? ""});
	if (field.type === "check")
		return h("input", {id, name: field.name, type: "checkbox", checked: field.value === true, "aria-describedby": described});
	return h("input", {...common, type: field.type ?? "text", value: field.value ?? ""});
}

function makeField(field) {
	const id = uniqueId("field");
	const hint = field.hint ? h("p", {class: "hint", id: `${id}-hint`}, field.hint) : null;
	const error = h("p", {class: "field-error", id: `${id}-error`, hidden: true});
	const input = control(field, id, [hint?.id, error.id].filter(Boolean).join(" "));
	const label = h("label", {for: id}, field.label, field.required ? null : h("span", {class: "optional"}, field.type === "check" || field.type === "choice" ? "" : t("form.optional")));
	const row = h("div", {class: field.type === "check" ? "field field-check" : `field${field.wide ? " field-wide" : ""}`},
		field.type === "check" ? [input, label] : [label, input], hint, error);
	return {field, row, input, error};
}

function valueOf({field, input}) {
	if (field.type === "check")
		return input.checked;
	if (field.type === "lines" && field.isList)
		return input.value.split(/[\s,]+/).filter((word) => word !== "");
	return field.type === "password" ? input.value : input.value.trim();
}

function setError(made, text) {
	made.error.hidden = text === "";
	fill(made.error, text === "" ? null : [icon("attention"), text]);
	if (text === "")
		made.input.removeAttribute("aria-invalid");
	else
		made.input.setAttribute("aria-invalid", "true");
}

/* Where something is wrong: at the field that the station names; else where what was typed is what it complains of, which
   comes last in such a sentence ("member kita-town: 300.1.1.1/8: expected ..."). */
function fieldOf(problem, fields) {
	const isNamed = fields.find(({field}) => field.name === problem.field);
	if (isNamed)
		return isNamed;
	const places = fields.map((made) => {
		const words = [valueOf(made)].flat().filter((word) => typeof word === "string" && word.length > 1);
		return [Math.max(-1, ...words.map((word) => problem.detail.lastIndexOf(word))), made];
	});
	const [at, made] = places.reduce((best, place) => place[0] > best[0] ? place : best, [-1, null]);
	return at < 0 ? null : made;
}

/* Empty optional fields are left out of what is sent. */
function collect(fields) {
	const values = {};
	for (const made of fields) {
		const value = valueOf(made);
		const isEmpty = value === "" || (Array.isArray(value) && value.length === 0) || (made.field.type === "check" && !value);
		if (!isEmpty || made.field.isSentEmpty)
			values[made.field.name] = value;
	}
	return values;
}

function checkRequired(fields) {
	let first = null;
	for (const made of fields) {
		const value = valueOf(made);
		const isMissing = made.field.required && (value.length === 0);
		setError(made, isMissing ? t("form.missing") : "");
		if (isMissing)
			first ??= made;
	}
	first?.input.focus();
	return first === null;
}

/* A button that waited lost the focus: where nobody else has it by now, it comes back. */
function enable(button) {
	button.disabled = false;
	if (button.isConnected && document.activeElement === document.body)
		button.focus();
}

export function form({fields, submit, send, isDanger = false, beside = null, label = null}) {
	const made = fields.filter(Boolean).map(makeField);
	const general = h("div", {class: "form-error", role: "alert"});
	const button = h("button", {class: isDanger ? "button button-danger" : "button button-main"}, submit);
	const element = h("form", {class: "form", novalidate: true, "aria-label": label}, h("div", {class: "fields"}, made.map(({row}) => row)), general,
		h("div", {class: "form-buttons"}, button, beside));
	element.addEventListener("submit", async (event) => {
		event.preventDefault();
		fill(general);
		if (button.disabled || !checkRequired(made))
			return;
		button.disabled = true;
		try {
			await send(collect(made), element);
		} catch (problem) {
			if (!(problem instanceof Problem))
				throw problem;
			const at = fieldOf(problem, made);
			if (at) {
				setError(at, problem.sentence());
				at.input.focus();
			} else {
				fill(general, icon("attention"), problem.sentence());
			}
		} finally {
			enable(button);
		}
	});
	return element;
}

/* A form that opens on demand. */
export function foldedForm(title, options, isOpen = false) {
	return h("details", {class: "fold", open: isOpen}, h("summary", {}, title), form({label: title, ...options}));
}

/* A button that does one thing and says what went wrong beside itself. */
export function deed({text, sign, look = "", act, confirm: question}) {
	const error = h("span", {class: "deed-error", role: "alert"});
	const button = h("button", {type: "button", class: `button ${look}`}, sign ? icon(sign) : null, text);
	button.addEventListener("click", async () => {
		if (question && !confirm(question))
			return;
		button.disabled = true;
		fill(error);
		try {
			await act();
		} catch (problem) {
			if (!(problem instanceof Problem))
				throw problem;
			fill(error, problem.sentence());
		} finally {
			enable(button);
		}
	});
	return h("span", {class: "deed"}, button, error);
}
