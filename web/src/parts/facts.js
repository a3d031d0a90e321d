/* Names and values: <dl>. Rows without a value are left out. */
import {h, uniqueId} from "../dom.js";
import {t} from "../i18n.js";
import {icon} from "../icons.js";
import {say} from "./say.js";

export function facts(rows) {
	return h("dl", {class: "facts"}, rows.filter((row) => row && row[1] !== null && row[1] !== undefined && row[1] !== "")
		.map(([name, ...value]) => h("div", {class: "fact"}, h("dt", {}, name), h("dd", {}, value))));
}

export function panel(title, ...children) {
	const id = uniqueId("panel");
	return h("section", {class: "panel", "aria-labelledby": id}, h("h2", {id}, title), children);
}

/* Without a secure connection browsers have no clipboard for pages: then what is selected is copied. */
async function copy(element) {
	if (navigator.clipboard !== undefined) {
		await navigator.clipboard.writeText(element.textContent);
		return true;
	}
	getSelection().selectAllChildren(element);
	return document.execCommand("copy");
}

/* Copies what the element says. */
export function copyButton(element) {
	return h("button", {type: "button", class: "button button-quiet", onclick: async () => {
		const isCopied = await copy(element).catch(() => false);
		say(t(isCopied ? "copy.done" : "copy.failed"), isCopied ? "ok" : "attention");
	}}, icon("copy"), t("copy"));
}
