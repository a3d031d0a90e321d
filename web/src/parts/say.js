/* What is said to whoever does not see the page, and shown for a moment to whoever does. */
import {fill, h} from "../dom.js";
import {icon} from "../icons.js";

const SHOWN_MS = 6000;

const polite = h("div", {class: "visually-hidden", role: "status", "aria-live": "polite"});
const shown = h("div", {class: "toasts"});

export function sayOutlets() {
	return [polite, shown];
}

/* Only aloud. */
export function announce(text) {
	fill(polite, text);
}

/* Both. */
export function say(text, sign = "ok") {
	announce(text);
	const toast = h("div", {class: "toast", "aria-hidden": "true"}, icon(sign), h("span", {}, text));
	shown.append(toast);
	setTimeout(() => toast.remove(), SHOWN_MS);
}
