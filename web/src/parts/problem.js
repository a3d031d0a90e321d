/* What did not work, said where a view would stand. */
import {fill, h} from "../dom.js";
import {icon} from "../icons.js";
import {t} from "../i18n.js";

export function problemBox(problem, again) {
	return h("div", {class: "problem", role: "alert"}, icon("attention"),
		h("div", {}, h("p", {}, problem.sentence()),
			again ? h("button", {type: "button", class: "button", onclick: again}, t("again")) : null));
}

export function showProblem(outlet, problem, again) {
	const title = t(problem.status === 404 ? "missing.title" : "problem.title");
	fill(outlet, h("h1", {}, title), problemBox(problem, problem.status === 404 ? null : again),
		h("p", {}, h("a", {href: "#/now"}, t("missing.home"))));
}
