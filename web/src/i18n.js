/*
 * What the page says, in the language that whoever looks at it chose. The tables have the same keys
 * (tests/web checks it). In a text, {name} is a value, {count?one|more} a word that goes by a number.
 */
import en from "./words/en.js";
import ja from "./words/ja.js";

const TABLES = {en, ja};
const STORED = "hinomi.language";

export const LANGUAGES = Object.keys(TABLES);

function firstLanguage() {
	const stored = localStorage.getItem(STORED);
	if (LANGUAGES.includes(stored))
		return stored;
	return navigator.languages.some((name) => name.startsWith("ja")) ? "ja" : "en";
}

let current = firstLanguage();
let numbers = new Intl.NumberFormat(current);

export function language() {
	return current;
}

export function isChosen() {
	return localStorage.getItem(STORED) !== null;
}

/* `isChoice`: by a person, who finds it again the next time. */
export function setLanguage(name, isChoice) {
	if (!LANGUAGES.includes(name))
		return;
	current = name;
	numbers = new Intl.NumberFormat(name);
	if (isChoice)
		localStorage.setItem(STORED, name);
	document.documentElement.lang = name;
}

export function number(value) {
	return numbers.format(value);
}

export function has(key) {
	return Object.hasOwn(TABLES[current], key);
}

function put(values, name, one, more) {
	const value = values[name];
	if (one !== undefined)
		return Number(value) === 1 ? one : more;
	return typeof value === "number" ? number(value) : String(value ?? "");
}

export function t(key, values = {}) {
	const text = TABLES[current][key];
	if (text === undefined)
		return key;
	return text.replace(/\{(\w+)(?:\?([^|}]*)\|([^}]*))?\}/g,
		(_, name, one, more) => put(values, name, one, more));
}

/* Words of a view that come with it: {en, ja}, with the same keys. */
export function addWords(tables) {
	for (const name of LANGUAGES)
		Object.assign(TABLES[name], tables[name]);
}

/* A name that the station has for something; itself where the page has no words for it. */
export function named(group, name) {
	return has(`${group}.${name}`) ? t(`${group}.${name}`) : String(name);
}

/* Of a text that the station gives in both languages. */
export function pick(texts) {
	if (texts === null || texts === undefined || typeof texts === "string")
		return texts ?? "";
	return texts[current] ?? texts.en ?? "";
}
