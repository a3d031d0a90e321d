/* Times, durations and sizes as people read them. Times are shown on the clocks of the station's
   zone; what is given is RFC 3339 in UTC. */
import {language, number, t} from "./i18n.js";
import {h} from "./dom.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let zone = "UTC";
/* The clock of what is observed less this machine's: exercises run in times of their own. */
let observedLead = 0;

export function setZone(name) {
	try {
		new Intl.DateTimeFormat("en", {timeZone: name});
		zone = name;
	} catch {
		zone = "UTC";
	}
}

export function zoneName() {
	return zone;
}

export function setObserved(observed) {
	const at = Date.parse(observed);
	observedLead = Number.isNaN(at) ? 0 : at - Date.now();
}

export function observedNow() {
	return Date.now() + observedLead;
}

/* Year to seconds as words of ASCII digits, the same in both languages, so that they can be compared
   with a log. */
function parts(at, name, withMs) {
	const format = new Intl.DateTimeFormat("en-CA", {timeZone: name, hourCycle: "h23", year: "numeric", month: "2-digit",
		day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: withMs ? 3 : undefined});
	return Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
}

/* "JST", "CET": each language knows the short names of some zones, and others as "GMT+9" only. */
function zoneWord(at, name) {
	const words = ["ja-JP", "en-US", "en-GB"].map((locale) => new Intl.DateTimeFormat(locale, {timeZone: name, timeZoneName: "short"})
		.formatToParts(at).find((part) => part.type === "timeZoneName").value);
	return name === "UTC" ? "UTC" : words.find((word) => !/^GMT./.test(word)) ?? words[0];
}

export function clock(iso, {withDate = true, withSeconds = true, withMs = false, inZone = zone, withZone = false} = {}) {
	const at = new Date(iso);
	if (Number.isNaN(at.getTime()))
		return "";
	const p = parts(at, inZone, withMs);
	const time = `${p.hour}:${p.minute}${withSeconds ? `:${p.second}` : ""}${withMs ? `.${p.fractionalSecond}` : ""}`;
	return `${withDate ? `${p.year}-${p.month}-${p.day} ` : ""}${time}${withZone ? ` ${zoneWord(at, inZone)}` : ""}`;
}

/* Seconds to a tenth, as text; what took less is not told as none. */
export function tenths(ms) {
	const n = Math.round(ms / 100) / 10;
	return n === 0 ? `< ${number(0.1)}` : number(n);
}

export function duration(seconds) {
	const s = Math.max(0, Math.round(seconds));
	if (s < MINUTE)
		return t("duration.seconds", {n: s});
	if (s < HOUR)
		return t("duration.minutes", {n: Math.floor(s / MINUTE)});
	if (s < 2 * DAY)
		return t("duration.hours", {n: Math.floor(s / HOUR)});
	return t("duration.days", {n: Math.floor(s / DAY)});
}

export function ago(iso, now = Date.now()) {
	const seconds = (now - Date.parse(iso)) / 1000;
	if (Number.isNaN(seconds))
		return "";
	return seconds < 5 ? t("time.now") : t("time.ago", {time: duration(seconds)});
}

/* A time as an element: near ones say how long ago, and the exact time is there for whoever points at it. */
export function when(iso, {observed = false, relative = true} = {}) {
	if (!iso)
		return h("span", {class: "none"}, t("none"));
	const now = observed ? observedNow() : Date.now();
	const isNear = relative && Math.abs(now - Date.parse(iso)) < DAY * 1000;
	const exact = clock(iso, {withZone: true});
	return h("time", {datetime: iso, title: exact}, isNear ? ago(iso, now) : clock(iso, {withSeconds: false}));
}

export function percent(share) {
	return new Intl.NumberFormat(language(), {style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0}).format(share);
}

export function bytes(count) {
	const units = ["B", "KiB", "MiB", "GiB", "TiB"];
	let at = 0;
	let value = count;
	while (value >= 1024 && at < units.length - 1) {
		value /= 1024;
		at += 1;
	}
	return `${number(value < 10 && at > 0 ? Math.round(value * 10) / 10 : Math.round(value))} ${units[at]}`;
}
