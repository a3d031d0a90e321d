/* Who are you? By name and password; a link that the station printed signs in by itself. */
import {fill, h} from "../dom.js";
import {mark} from "../icons.js";
import {t} from "../i18n.js";
import {form} from "../parts/form.js";
import {signIn} from "../session.js";

/* `onDone` when somebody is signed in; `note` is said above the form. */
export function drawSignIn(outlet, onDone, note) {
	document.title = `${t("signin.title")} – Hinomi`;
	const box = form({label: t("signin.title"), fields: [
		{name: "name", label: t("account.name"), required: true, autocomplete: "username", spellcheck: "false"},
		{name: "password", label: t("account.password"), type: "password", required: true, autocomplete: "current-password"},
	], submit: t("signin.now"), send: async ({name, password}) => {
		await signIn(name, password);
		onDone();
	}});
	fill(outlet, h("div", {class: "signin"}, h("div", {class: "signin-mark"}, mark()), h("h1", {}, t("signin.title")),
		h("p", {class: "lead"}, t("signin.what")), note ? h("p", {class: "signin-note", role: "status"}, note) : null, box,
		h("p", {class: "hint"}, t("signin.help"))));
}
