/* Light, dark, or as the system has it. */
const STORED = "hinomi.theme";

export const THEMES = ["auto", "light", "dark"];

export function theme() {
	const stored = localStorage.getItem(STORED);
	return THEMES.includes(stored) ? stored : "auto";
}

export function applyTheme() {
	const chosen = theme();
	if (chosen === "auto")
		delete document.documentElement.dataset.theme;
	else
		document.documentElement.dataset.theme = chosen;
}

/* What is drawn on a canvas has the colours of the moment when it was drawn: "themechange" of the window. */
function tell() {
	dispatchEvent(new Event("themechange"));
}

export function setTheme(name) {
	localStorage.setItem(STORED, name);
	applyTheme();
	tell();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);

/* Paper is light. */
addEventListener("beforeprint", () => {
	document.documentElement.dataset.theme = "light";
	tell();
});
addEventListener("afterprint", () => {
	applyTheme();
	tell();
});
