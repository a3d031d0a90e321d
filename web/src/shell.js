/* What stands around every view: the station's name, the way to other views, search, and how to see
   it (language, light, who is signed in). */
import {fill, h} from "./dom.js";
import {icon, mark} from "./icons.js";
import {LANGUAGES, language, setLanguage, t} from "./i18n.js";
import {live} from "./live.js";
import {THEMES, setTheme, theme} from "./theme.js";
import {isOperator, rememberLanguage, session, signOut} from "./session.js";
import {sayOutlets} from "./parts/say.js";
import {linkWith} from "./router.js";

const LANGUAGE_NAMES = {ja: "日本語", en: "English"};

/* [name, fragment, who sees it]. */
const PLACES = [
	["now", "#/now", () => true],
	["incidents", "#/incidents", () => true],
	["members", "#/members", () => true],
	["notices", "#/notices", () => session()?.account?.role !== "viewer"],
	["watch", "#/watch", () => session()?.account?.role !== "member"],
	["tower", "#/tower", () => session()?.account?.role !== "member"],
	["exceptions", "#/exceptions", isOperator],
	["operation", "#/operation", () => session()?.account?.role !== "member"],
	["accounts", "#/accounts", isOperator],
	["audit", "#/audit", isOperator],
];

function drawPlaces(place) {
	return h("ul", {}, PLACES.filter(([, , isSeen]) => isSeen()).map(([name, href]) =>
		h("li", {}, h("a", {href, "aria-current": name === place ? "page" : null}, t(`nav.${name}`)))));
}

function languageChoice(onChange) {
	return h("label", {class: "choice"}, h("span", {class: "visually-hidden"}, t("choice.language")),
		h("select", {value: language(), "data-choice": "language", onchange: (event) => {
			setLanguage(event.target.value, true);
			rememberLanguage(event.target.value);
			onChange();
		}}, LANGUAGES.map((name) => h("option", {value: name, lang: name}, LANGUAGE_NAMES[name]))));
}

function themeChoice() {
	return h("label", {class: "choice"}, h("span", {class: "visually-hidden"}, t("choice.theme")),
		h("select", {value: theme(), "data-choice": "theme", onchange: (event) => setTheme(event.target.value)},
			THEMES.map((name) => h("option", {value: name}, t(`theme.${name}`)))));
}

function searchBox() {
	const input = h("input", {type: "search", name: "q", "aria-label": t("search.label"), placeholder: t("search.short"), autocomplete: "off",
		spellcheck: "false", maxlength: 200});
	return h("form", {class: "head-search", role: "search", "aria-label": t("nav.search"), onsubmit: (event) => {
		event.preventDefault();
		location.hash = linkWith("/search", {q: input.value.trim()});
		input.value = "";
	}}, icon("search"), input);
}

function liveSign() {
	const sign = h("p", {class: "live", role: "status"});
	const draw = (state) => fill(sign, h("span", {class: `live-dot live-${state}`, "aria-hidden": "true"}), t(`live.${state}`));
	draw(live.state);
	live.on("state", draw);
	return sign;
}

/* Puts the frame into the page; gives the outlet of views and what tells where they are. */
export function drawShell({onLanguage, onSignedOut}) {
	const outlet = h("main", {id: "main", tabindex: -1});
	const places = h("nav", {class: "places", id: "places", "aria-label": t("nav.label")});
	const menu = h("button", {type: "button", class: "menu-button", "aria-expanded": "false", "aria-controls": "places"}, icon("menu"), h("span", {}, t("nav.menu")));
	const setOpen = (isOpen) => {
		menu.setAttribute("aria-expanded", String(isOpen));
		document.body.classList.toggle("is-menu-open", isOpen);
	};
	menu.addEventListener("click", () => setOpen(menu.getAttribute("aria-expanded") !== "true"));
	addEventListener("keydown", (event) => event.key === "Escape" && setOpen(false));
	const account = session()?.account ?? {};
	const out = h("button", {type: "button", class: "link-button", onclick: async () => {
		await signOut().catch(() => {});
		onSignedOut();
	}}, t("signout"));
	const skip = h("a", {class: "skip", href: "#main", onclick: (event) => {
		event.preventDefault();
		outlet.focus();
	}}, t("skip"));
	document.body.className = "";
	fill(document.body, skip,
		h("header", {class: "head"}, h("a", {class: "brand", href: "#/now"}, mark(), h("span", {class: "brand-name"}, "Hinomi"), h("span", {class: "brand-station"}, session()?.station?.name ?? "")),
			searchBox(), liveSign(), menu),
		h("div", {class: "frame"}, h("div", {class: "side"}, places, h("section", {class: "side-foot", "aria-label": t("choice.label")}, languageChoice(onLanguage), themeChoice(),
			h("p", {class: "who"}, h("a", {href: "#/me"}, account.name ?? ""), out))), outlet),
		sayOutlets());
	return {outlet, setPlace: (place) => {
		fill(places, drawPlaces(place));
		setOpen(false);
	}};
}

/* The frame of whoever is not signed in. */
export function drawBareShell(onLanguage) {
	const outlet = h("main", {id: "main", tabindex: -1});
	document.body.className = "is-bare";
	fill(document.body, h("header", {class: "bare-head"}, languageChoice(onLanguage), themeChoice()), outlet, sayOutlets());
	return outlet;
}
