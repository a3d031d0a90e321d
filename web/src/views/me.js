/* One's own account: the password. */
import {fill, h} from "../dom.js";
import {patch} from "../api.js";
import {named, t} from "../i18n.js";
import {form} from "../parts/form.js";
import {facts, panel} from "../parts/facts.js";
import {say} from "../parts/say.js";
import {session} from "../session.js";

export async function show({outlet, setTitle}) {
	const account = session()?.account ?? {};
	setTitle(t("nav.me"));
	fill(outlet, h("h1", {}, t("nav.me")),
		panel(t("me.who"), facts([[t("account.name"), account.name], [t("account.role"), named("role", account.role)], [t("incident.member"), account.member]])),
		panel(t("me.password"), h("p", {class: "hint"}, t("me.password-what")), form({label: t("me.password"), fields: [
			{name: "old_password", label: t("me.old"), hint: t("me.old-hint"), type: "password", autocomplete: "current-password"},
			{name: "password", label: t("me.new"), hint: t("account.password-hint"), type: "password", autocomplete: "new-password", required: true},
		], submit: t("me.change"), send: async (values, element) => {
			await patch("/session", values);
			element.reset();
			say(t("me.changed"));
		}})));
}
