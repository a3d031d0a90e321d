/*
 * Settings: those that can be changed here have a form. The station writes such a change down and then begins
 * anew with it, which takes a moment, in which it does not answer; it may also find that it cannot. So "saved"
 * is said by nobody: a value is shown as in force when the station, asked again, says that it is.
 */
import {fill, h} from "../dom.js";
import {get, patch, segment} from "../api.js";
import {named, pick, t} from "../i18n.js";
import {when} from "../format.js";
import {icon} from "../icons.js";
import {panel} from "../parts/facts.js";
import {deed, form} from "../parts/form.js";
import {announce, say} from "../parts/say.js";
import {csvFoot} from "../parts/table.js";

const ASK_MS = 500;
/* A keeper reads a day of observation when it begins anew. */
const PATIENCE_MS = 120000;
const TRIES = 8;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/* While the station begins anew with another change nobody answers: the same is asked again, which changes nothing twice. */
async function change(key, value) {
	for (let tries = 1; ; tries += 1) {
		try {
			return await patch(`/settings/${segment(key)}`, {value});
		} catch (problem) {
			if (tries === TRIES || (problem.status !== 0 && problem.status !== 503))
				throw problem;
			await sleep(ASK_MS);
		}
	}
}

/* What the station says of the setting once it does what was asked for; or why it does not. */
async function awaitForce(key, wanted, refusedBefore, signal) {
	const end = Date.now() + PATIENCE_MS;
	while (Date.now() < end && !signal.aborted) {
		const answer = await get("/operation", {}, signal).catch((problem) => problem.status === 0 || problem.status >= 500 ? null : Promise.reject(problem));
		const setting = answer?.settings?.find((one) => one.key === key);
		/* What is left to the machine is shown as it turned out. */
		if (setting && answer.reloading === false && setting.from === wanted.from && (setting.value === wanted.value || wanted.value === "auto"))
			return {setting};
		if (answer?.refused && answer.refused.at !== refusedBefore)
			return {setting, refused: answer.refused};
		await sleep(ASK_MS);
	}
	return {};
}

function shown(setting) {
	return setting.value === null || setting.value === "" ? t("none") : String(setting.value);
}

function values(setting) {
	return [h("span", {class: "setting-value"}, shown(setting)), setting.from === "default" ? null
		: h("span", {class: "setting-from"}, t(setting.from === "page" ? "setting.from.page" : "setting.from.file"))];
}

/* One that can be changed: its row is written anew, its form stays, and so does the focus. */
function changeable(setting, answer, signal) {
	const present = h("span", {class: "setting-present"}, values(setting));
	const state = h("p", {class: "setting-state", hidden: true});
	let refusedAt = answer.refused?.at ?? null;
	let input = null;
	let turn = 0;

	const tell = (look, sign, text) => {
		state.hidden = text === "";
		state.className = `setting-state ${look}`;
		fill(state, text === "" ? null : [icon(sign), h("span", {}, text)]);
	};
	const follow = async (wanted, isReset) => {
		const key = setting.key;
		turn += 1;
		const mine = turn;
		tell("setting-waits", "waiting", t("setting.waits"));
		announce(t("setting.waits"));
		const {setting: now, refused} = await awaitForce(key, wanted, refusedAt, signal);
		if (signal.aborted || mine !== turn)
			return; /* nobody looks, or something else was asked for meanwhile */
		if (now) {
			fill(present, values(now));
			if (isReset && !refused)
				input.value = now.value ?? "";
			back.hidden = now.from !== "page" && !refused;
		}
		if (refused) {
			refusedAt = refused.at;
			tell("setting-refused", "attention", t("setting.refused", {why: refused.why}));
			announce(t("setting.refused", {why: refused.why}));
		} else if (now) {
			tell("setting-done", "ok", t("setting.in-force", {value: shown(now)}));
			say(t("setting.done", {key, value: shown(now)}));
		} else {
			tell("setting-refused", "attention", t("setting.unknown"));
			announce(t("setting.unknown"));
		}
	};
	const send = async (value) => {
		tell("", "ok", "");
		const wanted = await change(setting.key, value);
		/* Whoever asked may go on typing, while the station begins anew. */
		follow(wanted, value === null).catch((problem) => signal.aborted || tell("setting-refused", "attention", problem.sentence()));
	};

	const back = deed({text: t("setting.back"), act: async () => {
		await send(null);
		input.focus(); /* the button goes */
	}});
	back.hidden = setting.from !== "page" && !answer.refused;
	const fields = [{name: "value", label: t("setting.value"), required: true, value: setting.value ?? "",
		...(setting.choices ? {type: "choice", options: setting.choices.map((choice) => [choice, named("language", choice)])}
			: {hint: pick({ja: setting.expected_ja, en: setting.expected_en}), maxlength: 255, spellcheck: "false"})}];
	const asked = form({label: t("setting.change.of", {key: setting.key}), fields, submit: t("setting.save"), send: ({value}) => send(value), beside: back});
	input = asked.querySelector("[name=value]");
	return h("div", {class: "setting"}, h("dt", {}, h("code", {}, setting.key)),
		h("dd", {}, present, h("span", {class: "setting-what"}, pick({ja: setting.explain_ja, en: setting.explain_en})), state,
			h("details", {class: "fold setting-fold"}, h("summary", {}, t("setting.change"), h("span", {class: "visually-hidden"}, ` ${setting.key}`)), asked)));
}

function fixed(setting) {
	return h("div", {class: "setting"}, h("dt", {}, h("code", {}, setting.key)),
		h("dd", {}, h("span", {class: "setting-present"}, values(setting)), h("span", {class: "setting-what"}, pick({ja: setting.explain_ja, en: setting.explain_en}))));
}

/* That the station was told what it could not take over is said until it could. */
function drawRefused(refused) {
	if (!refused)
		return null;
	return h("div", {class: "problem", role: "alert"}, icon("attention"), h("div", {},
		h("p", {}, t("settings.refused"), " ", when(refused.at)), h("p", {class: "address"}, refused.why)));
}

/* What can be changed here comes first, then what somebody set in the file, the rest on demand. */
export function drawSettings(answer, signal) {
	const settings = answer.settings ?? [];
	if (settings.length === 0)
		return null;
	const here = settings.filter((setting) => setting.changeable);
	const others = settings.filter((setting) => !setting.changeable);
	const set = others.filter((setting) => !setting.default);
	return panel(t("settings"), drawRefused(answer.refused), h("p", {class: "lead"}, t("settings.lead")),
		h("h3", {}, t("settings.here")), h("dl", {class: "settings"}, here.map((setting) => changeable(setting, answer, signal))),
		set.length === 0 ? null : [h("h3", {}, t("settings.file")), h("dl", {class: "settings"}, set.map(fixed))],
		h("details", {class: "fold"}, h("summary", {}, t("settings.rest")), h("dl", {class: "settings"}, others.filter((setting) => setting.default).map(fixed))),
		csvFoot("/operation", {table: "settings"}, t("settings")));
}
