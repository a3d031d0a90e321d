/* Both languages say the same things: the same keys, the same values in them, and no key without words. */
import fs from "node:fs";
import path from "node:path";
import {ok, play, same} from "./driver.mjs";

const SOURCES = new URL("../../web/src/", import.meta.url).pathname;

function files(folder) {
	return fs.readdirSync(folder, {withFileTypes: true}).flatMap((entry) => entry.isDirectory() ? files(path.join(folder, entry.name))
		: entry.name.endsWith(".js") ? [path.join(folder, entry.name)] : []);
}

function valuesOf(text) {
	return [...new Set([...text.matchAll(/\{(\w+)/g)].map((match) => match[1]))].sort();
}

/* "words/en.js" and "words/ja.js" are one table; whatever else lies there has both. */
async function tables() {
	const found = [["page", (await import(`${SOURCES}words/en.js`)).default, (await import(`${SOURCES}words/ja.js`)).default]];
	for (const name of fs.readdirSync(`${SOURCES}words`))
		if (name !== "en.js" && name !== "ja.js") {
			const table = await import(`${SOURCES}words/${name}`);
			const {en, ja} = table.default ?? table.words ?? table;
			found.push([name, en, ja]);
		}
	return found;
}

/* What the station may refuse, by its own sources: {code: values that come with it}, and complaints without a code. */
const STATION = new URL("../../src/cmd/station/", import.meta.url).pathname;
const REFUSING = /\b(call_refuse|call_means|refusal_set|page_tell|page_problem_set|page_refuse)\(/g;
const TEXT = /"((?:[^"\\]|\\.)*)"/g;
/* Errors that a person can mend; of no others has the page more to say than their status. */
const MENDED = /\bcomplain\(\s*[^;]*?-(EINVAL|ENOKEY|EKEYREJECTED|EACCES|ENOENT|EEXIST|EPERM|E2BIG|EAGAIN)\b[^;]*;/g;

/* From the bracket at `at` to the one that closes it. */
function argumentsFrom(text, at) {
	let depth = 0;
	for (let i = at; i < text.length; i++) {
		if (text[i] === '"')
			for (i++; text[i] !== '"'; i++)
				i += text[i] === "\\" ? 1 : 0;
		else if (text[i] === "(")
			depth++;
		else if (text[i] === ")" && --depth === 0)
			return text.slice(at + 1, i);
	}
	return "";
}

function refusalsOf(source) {
	const text = fs.readFileSync(source, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
	const found = [...text.matchAll(REFUSING)].map(({0: head, index}) => argumentsFrom(text, index + head.length - 1))
		.filter((list) => !/^\s*(const )?struct /.test(list));
	return found.map((list) => {
		const texts = [...list.matchAll(TEXT)].map((match) => match[1]).filter((one) => /^[a-z]+([.-][a-z-]+)*$/.test(one));
		const hasNone = /^[^,]*,\s*PROBLEM\((503, NULL|status, field|400, "password"), NULL\)/.test(list);
		return {source: path.basename(source), list: list.replace(/\s+/g, " ").trim(), codes: texts, hasNone};
	});
}

function tryRefusals(en) {
	const sources = fs.readdirSync(STATION).filter((name) => /^(service|page)[a-z_]*\.c$/.test(name) && name !== "page_problem.c").map((name) => path.join(STATION, name));
	const words = new Set(Object.keys(en).filter((key) => key.startsWith("refusal.")).map((key) => key.slice(8)));
	const all = sources.flatMap(refusalsOf).filter(({hasNone, list}) => !hasNone && list.includes('"'));
	same(all.filter(({codes}) => !codes.some((code) => words.has(code))).map(({source, list}) => `${source}: ${list}`), [], "whatever the station refuses has a sentence");
	const used = new Set(all.flatMap(({codes}) => codes));
	same([...words].filter((code) => !used.has(code)), [], "and each sentence something that is refused");
	ok(used.size > 90, "there are that many", used.size);
	const without = sources.filter((name) => /service/.test(name)).flatMap((name) => [...fs.readFileSync(name, "utf8").matchAll(MENDED)].map((match) => match[0]))
		.filter((text) => !/\\"do\\"|nothing that can be done|complain\(complaint, -ENOENT|call->complaint, (result|-EINVAL), "(hours|member %s: %s: %s)/.test(text.replace(/\s+/g, " ")));
	same(without, [], "no request is refused without a code");
}

/* People who do not program read them. */
const COMMAND = /\bhinomi [a-z]+|`|--[a-z]/;

/* No page of this station has a way for markup out of a name. */
const FORBIDDEN = /\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|new Function)\b/;

play(async () => {
	const all = {};
	for (const [name, en, ja] of await tables()) {
		same(Object.keys(ja).sort(), Object.keys(en).sort(), `${name}: Japanese and English have the same keys`);
		const differing = Object.keys(en).filter((key) => JSON.stringify(valuesOf(en[key])) !== JSON.stringify(valuesOf(ja[key] ?? "")));
		/* Where English has another word for more than one, Japanese has one. */
		same(differing.filter((key) => !valuesOf(en[key]).every((value) => valuesOf(ja[key] ?? "").includes(value)) && !/\?/.test(en[key])), [],
			`${name}: and the same values in each`);
		ok(Object.values(ja).every((text) => text !== "") && Object.values(en).every((text) => text !== ""), `${name}: none is empty`);
		Object.assign(all, en);
	}
	const texts = (await tables()).flatMap(([, en, ja]) => [...Object.entries(en), ...Object.entries(ja)]);
	same(texts.filter(([, text]) => COMMAND.test(text)).map(([key]) => key), [], "no text of the page names a command");
	tryRefusals(all);
	const sources = files(SOURCES).filter((file) => !file.includes("/words/"));
	const missing = sources.flatMap((file) => [...fs.readFileSync(file, "utf8").matchAll(/\bt\("([^"]+)"/g)].map((match) => match[1])
		.filter((key) => !(key in all)).map((key) => `${path.relative(SOURCES, file)}: ${key}`));
	same(missing, [], "whatever the page says has words");
	same(sources.filter((file) => FORBIDDEN.test(fs.readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, ""))), [], "no source makes markup of text");
});
