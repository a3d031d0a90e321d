/* Settings are changed on the page: an operator sees what is in force and nothing else, also where the station
   refuses it, while it begins anew, without a mouse, on a phone, and with a screen reader. */
import fs from "node:fs";
import {Browser, ask, ok, play, require, same, until} from "./driver.mjs";

const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
/* A station begins anew in a second or two; one that was asked a moment ago rests first. */
const FORCE_MS = 30000;

async function judge(page, name) {
	/* What fades in has no colours yet. */
	await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))));
	const result = await page.evaluate(`${axe}; axe.run(document, {resultTypes: ["violations"]})`);
	same(result.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`), [],
		`axe finds nothing: ${name}`);
}

function row(page, key) {
	return page.locator(".setting").filter({has: page.locator(`code:text-is("${key}")`)});
}

async function show(page, base) {
	await page.goto("about:blank");
	await page.goto(`${base}/#/operation`);
	await row(page, "notices.cap").waitFor();
}

async function open(page, key) {
	await row(page, key).locator("summary").focus();
	await page.keyboard.press("Enter");
	await row(page, key).locator("[name=value]").waitFor();
}

/* What the station says, asked by nobody's words but its own. */
async function inForce(page, key) {
	return await page.evaluate(async (wanted) => {
		const response = await fetch("/api/v1/operation").catch(() => null);
		const found = response?.ok ? await response.json() : null;
		const setting = found?.settings.find((one) => one.key === wanted);
		return setting && found.reloading === false ? `${setting.value} ${setting.from}` : null;
	}, key);
}

async function says(page, key, text, ms = FORCE_MS) {
	const found = await until(async () => (await row(page, key).locator(".setting-state").innerText()).includes(text), ms);
	ok(found, `${key}: it says ${text}`, await row(page, key).innerText());
}

async function wrong(page) {
	await open(page, "notices.cap");
	const cap = row(page, "notices.cap");
	same(await cap.locator(".setting-value").innerText(), "20", "what is in force is shown");
	ok((await cap.innerText()).includes("5 から 1000 までの整数"), "and what it may be", await cap.innerText());
	await cap.locator("[name=value]").fill("4");
	await page.keyboard.press("Enter");
	await cap.locator(".field-error:not([hidden])").waitFor();
	ok((await cap.locator(".field-error").innerText()).includes("「4」はこの設定の値にできません"), "a wrong value is refused beside its field", await cap.innerText());
	same(await cap.locator("[name=value]").evaluate((input) => [input.getAttribute("aria-invalid"), document.activeElement === input, input.value]),
		["true", true, "4"], "which has the focus and what was typed");
	const described = await cap.locator("[name=value]").evaluate((input) => input.getAttribute("aria-describedby").split(" ")
		.map((id) => document.getElementById(id).textContent).join(" "));
	ok(described.includes("5 から 1000 までの整数") && described.includes("「4」はこの設定の値にできません"), "a screen reader has what is expected, and the reason", described);
	same(await inForce(page, "notices.cap"), "20 default", "nothing was changed");
	await judge(page, "a wrong value");
}

async function change(page) {
	const cap = row(page, "notices.cap");
	const heard = page.evaluate(() => new Promise((done) => {
		const said = [];
		const status = document.querySelector("[role=status].visually-hidden");
		new MutationObserver(() => {
			said.push(status.textContent);
			if (status.textContent.includes("40"))
				done(said);
		}).observe(status, {childList: true, subtree: true, characterData: true});
	}));
	await cap.locator("[name=value]").fill("40");
	await page.keyboard.press("Enter");
	await says(page, "notices.cap", "動き直しています", 5000);
	same(await cap.locator(".setting-value").innerText(), "20", "meanwhile the value that was in force is shown");
	await says(page, "notices.cap", "有効になりました：40");
	same([await cap.locator(".setting-value").innerText(), await cap.locator(".setting-from").innerText()], ["40", "変更済み"], "then the new one, and where it is from");
	same(await inForce(page, "notices.cap"), "40 page", "and the station says the same");
	ok(await cap.locator("[name=value]").evaluate((input) => input.closest("form").contains(document.activeElement)), "the focus stayed in the form",
		await page.evaluate(() => document.activeElement.outerHTML));
	same((await heard).map((text) => /動き直し/.test(text) ? "waits" : /有効になりました：40/.test(text) ? "done" : text).filter((text) => text !== ""), ["waits", "done"],
		"both were said to whoever does not see it");
	await judge(page, "a value in force");
}

async function choose(page) {
	await open(page, "operator.language");
	const language = row(page, "operator.language");
	same(await language.locator("option").allInnerTexts(), ["日本語", "英語"], "what has but few words is chosen");
	await language.locator("select").selectOption("en");
	await language.getByRole("button", {name: "変更する"}).click();
	await says(page, "operator.language", "有効になりました：en");
}

async function back(page) {
	const cap = row(page, "notices.cap");
	await cap.getByRole("button", {name: "station.yaml の値に戻す"}).click();
	await says(page, "notices.cap", "有効になりました：20");
	same(await cap.locator("[name=value]").evaluate((input) => [input.value, document.activeElement === input]), ["20", true], "the field has it, and the focus");
	ok(!await cap.getByRole("button", {name: "station.yaml の値に戻す"}).isVisible(), "there is nothing to go back from");
}

/* The station finds that it cannot: nobody is told that it was saved. */
async function refused(page, base) {
	await ask("spoil");
	const cap = row(page, "notices.cap");
	await cap.locator("[name=value]").fill("50");
	await cap.getByRole("button", {name: "変更する"}).click();
	await says(page, "notices.cap", "有効になっていません");
	ok((await cap.innerText()).includes("memory: found 1T"), "with the station's reason", await cap.innerText());
	same(await cap.locator(".setting-value").innerText(), "20", "and the value that is in force");
	await judge(page, "a change that was refused");
	await show(page, base);
	const told = await page.locator(".panel .problem").innerText();
	ok(told.includes("使えなかった") && told.includes("memory: found 1T"), "whoever comes later is told as well", told);
	await ask("mend");
	await open(page, "notices.cap");
	await cap.locator("[name=value]").fill("50");
	await cap.getByRole("button", {name: "変更する"}).click();
	await says(page, "notices.cap", "有効になりました：50");
	await show(page, base);
	same(await page.locator(".panel .problem").count(), 0, "until it could be put in force");
}

async function phone(browser, cookies, base) {
	const context = await browser.context({viewport: {width: 390, height: 844}, isMobile: true, hasTouch: true, colorScheme: "dark"});
	await context.addInitScript(() => location.protocol === "http:" && localStorage.setItem("hinomi.language", "en"));
	await context.addCookies(cookies);
	const page = await context.newPage();
	await show(page, base);
	for (const key of ["notices.hours", "notices.cap", "operator.language"])
		await open(page, key);
	const width = await page.evaluate(() => document.documentElement.scrollWidth);
	ok(width <= 390, "forms that are open fit a phone", width);
	ok((await row(page, "notices.hours").innerText()).includes("at least ten in a week"), "in English too", await row(page, "notices.hours").innerText());
	await judge(page, "on a phone, dark, in English");
	await context.close();
}

play(async ({base}) => {
	const browser = await new Browser(base).open();
	const context = await browser.context();
	const page = await context.newPage();
	await page.goto((await ask("link")).link);
	await page.getByRole("heading", {level: 1}).waitFor();
	/* While the station begins anew nobody answers. */
	browser.expected.push(/40[01].*\/(session|settings)/, /ERR_CONNECTION|ERR_EMPTY|ERR_INCOMPLETE|ERR_NETWORK|503/);
	await show(page, base);
	await wrong(page);
	await change(page);
	await choose(page);
	await back(page);
	await refused(page, base);
	await phone(browser, await context.cookies(), base);
	same(browser.unexpected(), [], "no error in the console");
	same(browser.strangers, [], "no request to another host");
	await browser.close();
});
