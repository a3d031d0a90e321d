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
	const sources = files(SOURCES).filter((file) => !file.includes("/words/"));
	const missing = sources.flatMap((file) => [...fs.readFileSync(file, "utf8").matchAll(/\bt\("([^"]+)"/g)].map((match) => match[1])
		.filter((key) => !(key in all)).map((key) => `${path.relative(SOURCES, file)}: ${key}`));
	same(missing, [], "whatever the page says has words");
	same(sources.filter((file) => FORBIDDEN.test(fs.readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, ""))), [], "no source makes markup of text");
});
