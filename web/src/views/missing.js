/* An address that leads nowhere. */
import {fill, h} from "../dom.js";
import {t} from "../i18n.js";

export async function show({outlet, setTitle}) {
	setTitle(t("missing.title"));
	fill(outlet, h("h1", {}, t("missing.title")), h("p", {}, t("missing.what")), h("p", {}, h("a", {href: "#/now"}, t("missing.home"))));
}
