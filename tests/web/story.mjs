/* A day of those who use the page: an operator signs in by the link, an incident comes, they handle it; the
   contact answers by its letter; a member is added, the language switched, things are looked for. */
import fs from "node:fs";
import {Browser, ask, ok, play, same, until} from "./driver.mjs";

const ARRIVES_MS = 2000;
const PASSWORD = "kita no hinomi 2026";

async function signIn(browser, page) {
	const {link} = await ask("link");
	await page.goto(link);
	await page.getByRole("heading", {level: 1}).waitFor();
	ok(await page.locator(".places").count() === 1, "the printed link signs in");
	ok(!page.url().includes("signin"), "and its token is no more in the address", page.url());
	ok(await page.locator(".verdict-ok, .verdict-attention").count() === 1, "the first thing is whether everything is all right",
		await page.locator("main").innerText());
	const other = await (await browser.context()).newPage();
	browser.expected.push(/40[13].*\/session/);
	await other.goto(link);
	await other.getByText("このリンクはもう使えません").waitFor();
	ok(true, "it is good once");
	await other.context().close();
}

/* Seen, judged, told to the browser, drawn. */
async function arrival(page) {
	same(await page.locator(".urgent").count(), 0, "no incident waits yet");
	const live = await until(() => page.locator(".live-live").count());
	ok(live, "the page is told of what happens", await page.locator(".live").innerText());
	const shown = page.evaluate(() => new Promise((done) => {
		const look = () => document.querySelector(".urgent") && done(Date.now());
		new MutationObserver(look).observe(document.querySelector("main"), {childList: true, subtree: true});
		look();
	}));
	const {first_ms: first} = await ask("attack");
	const at = await Promise.race([shown, new Promise((done) => setTimeout(() => done(Infinity), 20000))]);
	ok(at - first <= ARRIVES_MS, `an incident is shown ${Math.round(at - first)} ms after the first frame of it`, `at most ${ARRIVES_MS}`);
	const said = await until(async () => /新しいインシデント/.test(await page.locator("[role=status].visually-hidden").first().innerText()), 3000);
	ok(said, "and said to whoever does not see it");
	ok(/まずすること/.test(await page.locator(".urgent").first().innerText()), "with what to do first", await page.locator(".urgent").first().innerText());
}

async function handle(page) {
	await page.locator(".urgent a").first().click();
	await page.locator(".steps li").first().waitFor();
	const text = await page.locator("main").innerText();
	for (const part of ["198.51.100.", "最初の対応", "確かさと理由", "UTC", "証拠を保存"])
		ok(text.includes(part), `the incident tells: ${part}`, text);
	same(await page.evaluate(() => document.activeElement.tagName), "H1", "the heading has the focus after a navigation");
	await page.locator(".deeds textarea").fill("担当者に電話した <b>至急</b>");
	await page.getByRole("button", {name: "確認した"}).click();
	await page.locator(".badges .state-acknowledged").waitFor();
	ok(await until(async () => (await page.locator(".history").innerText()).includes("担当者に電話した <b>至急</b>")), "it is acknowledged, and the note stands in the history as it was typed");
}

/* What is behind a link of a table, as the browser keeps it: its name and its rows. */
async function download(page, link) {
	const [file] = await Promise.all([page.waitForEvent("download"), link.click()]);
	const text = fs.readFileSync(await file.path(), "utf8");
	return {name: file.suggestedFilename(), head: text.replace("\uFEFF", "").split("\r\n")[0], rows: text.trim().split("\r\n").slice(1)};
}

/* Every table of an incident and of the operation, as a file for a spreadsheet. */
async function tables(page) {
	const id = page.url().split("/").at(-1);
	const history = await download(page, page.getByRole("link", {name: /^CSV\s*経過$/}));
	same([history.name, history.head], [`hinomi-incidents-${id}-events.csv`, "\"at\",\"what\",\"from\",\"to\",\"by\",\"note\""], "the history arrives as a file with a name");
	ok(history.rows.some((row) => row.includes("担当者に電話した <b>至急</b>")), "with what was noted", history.rows);
	for (const [part, name] of [["proof", "timeline-minutes"], ["proof", "targets-addresses"], ["proof", "frames-frames"], ["ports", "ports"]]) {
		const link = page.locator(`.part-${part} a.csv[href*="${name.split("-")[0]}"]`);
		await link.waitFor();
		const file = await download(page, link);
		ok(file.name === `hinomi-incidents-${id}-${name}.csv` && file.rows.length > 0, `and so does ${name}`, file);
	}
	await page.goto(`${page.url().split("#")[0]}#/operation`);
	await page.locator("a.csv").first().waitFor();
	for (const name of ["sources", "duties", "gaps", "settings"]) {
		const file = await download(page, page.locator(`a.csv[href*="table=${name}"]`));
		ok(file.name === `hinomi-operation-${name}.csv` && (name === "gaps" || file.rows.length > 0), `and ${name} of the station`, file);
	}
	await page.goBack();
	await page.locator(".steps li").first().waitFor();
}

/* The letter's link, on a phone. */
async function answer(browser, page) {
	const {link} = await ask("letter");
	ok(link, "the letter has a link to answer by");
	const context = await browser.context({viewport: {width: 390, height: 844}, isMobile: true});
	const phone = await context.newPage();
	await phone.goto(link);
	await phone.locator("textarea").fill("業者に連絡しました");
	await phone.locator("button[value=on-it]").click();
	await phone.locator(".done").waitFor();
	await context.close();
	await page.locator(".answer").waitFor();
	const text = await page.locator(".answer").innerText();
	ok(text.includes("対応しています") && text.includes("業者に連絡しました"), "what the contact answers is shown at once", text);
	await page.locator(".badges .state-in-progress").waitFor();
	ok(true, "and the incident is in progress");
}

async function addMember(page) {
	await page.getByRole("link", {name: "会員", exact: true}).click();
	await page.getByText("会員を追加").first().click();
	await page.getByLabel("名称").fill("kita-town");
	await page.getByLabel("アドレス範囲").fill("nonsense");
	await page.getByRole("button", {name: "追加する"}).click();
	await page.locator(".field-error:not([hidden])").first().waitFor();
	ok(await page.locator("[aria-invalid=true]").count() === 1, "what is wrong is said at its field", await page.locator("main").innerText());
	const refusal = page.locator(".field-error:not([hidden])").first();
	const said = await refusal.innerText();
	ok(said.includes("「nonsense」はアドレス範囲として正しくありません") && !/expected|hinomi/.test(said), "in the language of the page, and in no other", said);
	await page.getByLabel("アドレス範囲").fill("198.51.100.0/25");
	await page.getByRole("button", {name: "追加する"}).click();
	ok(await until(async () => (await refusal.innerText()).includes("会員「sakura-town」の")), "a range of another member is told with its name", await page.locator("main").innerText());
	await page.getByLabel("アドレス範囲").fill("203.0.113.0/25\n203.0.113.128/25");
	await page.getByRole("button", {name: "追加する"}).click();
	await page.getByRole("heading", {level: 1, name: "kita-town"}).waitFor();
	const {members} = await ask("members");
	same(members["kita-town"], ["203.0.113.0/25", "203.0.113.128/25"], "a member is added with its ranges");
	await page.getByText("連絡先を追加").click();
	await page.getByLabel("宛先").fill("soumu@kita.example");
	await page.getByRole("button", {name: "追加する"}).click();
	await page.locator(".contact-grey").waitFor();
	ok((await page.locator(".contact").innerText()).includes("確認待ち"), "its contact waits to be confirmed, in words too");
	const {code} = await ask("code", {to: "soumu@kita.example"});
	await page.getByLabel("確認コード").fill(code);
	await page.getByRole("button", {name: "確認する"}).click();
	await page.locator(".contact-green").waitFor();
	ok((await page.locator(".contact").innerText()).includes("届いています"), "and is confirmed by the code of its letter");
}

async function addAccount(page, values) {
	await page.goto(`${page.url().split("#")[0]}#/accounts`);
	await page.getByText("アカウントを追加").first().click();
	const form = page.locator("details[open]");
	for (const [label, value] of Object.entries(values.texts))
		await form.getByLabel(label).fill(value);
	await form.getByLabel("役割").selectOption(values.role);
	await form.getByRole("button", {name: "追加する"}).click();
	await page.locator(".table").getByRole("rowheader", {name: values.texts.名前}).waitFor();
}

/* A member's account, by its password. */
async function member(browser, page) {
	await addAccount(page, {role: "member", texts: {名前: "sakura", 会員: "sakura-town", パスワード: PASSWORD}});
	const other = await (await browser.context()).newPage();
	await other.goto(browser.base);
	await other.getByLabel("名前").fill("sakura");
	await other.getByLabel("パスワード").fill("another one 123");
	await other.getByRole("button", {name: "サインイン"}).click();
	await other.getByText("名前かパスワードが違います").waitFor();
	ok(true, "a wrong password is told as one");
	await other.getByLabel("パスワード").fill(PASSWORD);
	await other.getByRole("button", {name: "サインイン"}).click();
	await other.locator(".verdict").waitFor();
	same(await other.locator(".places a").allInnerTexts(), ["現在の状況", "インシデント", "会員", "通知"], "a member signs in by its password, and sees its own places");
	await other.goto(`${browser.base}/#/members`);
	await other.locator(".table").waitFor();
	same(await other.locator(".table tbody th").allInnerTexts(), ["sakura-town"], "itself among members");
	await other.goto(`${browser.base}/#/members/kita-town`);
	await other.getByRole("heading", {name: "ページがありません"}).waitFor();
	ok(true, "and no other");
	await other.context().close();
}

/* A screen on a wall, by a link that the page makes. */
async function viewer(browser, page) {
	await addAccount(page, {role: "viewer", texts: {名前: "wall"}});
	await page.locator("tr", {hasText: "wall"}).getByRole("button", {name: "サインイン用リンク"}).click();
	const link = await page.locator(".signin-link").innerText();
	const other = await (await browser.context()).newPage();
	await other.goto(link);
	await other.locator(".urgent a").first().click();
	await other.locator(".steps li").first().waitFor();
	same(await other.locator(".deeds").count(), 0, "a viewer looks, and has nothing to change");
	await other.context().close();
}

/* Where no stream of events gets through, questions do. */
async function withoutStream(browser, page) {
	const context = await browser.context();
	await context.addCookies(await page.context().cookies());
	await context.route("**/api/v1/events*", (route) => route.abort());
	const other = await context.newPage();
	await other.goto(browser.base);
	ok(await until(() => other.locator(".live-polling").count()), "without a stream the page asks every few seconds, and says so");
	await context.close();
}

async function switchLanguage(page) {
	await page.locator("[data-choice=language]").selectOption("en");
	await page.getByRole("link", {name: "Incidents"}).first().waitFor();
	same(await page.evaluate(() => document.documentElement.lang), "en", "the language is switched, and told to screen readers");
	ok(await page.getByText("Contacts").first().isVisible(), "where one was");
	same(await page.evaluate(() => document.activeElement.dataset.choice), "language", "and the focus stays");
	await page.reload();
	await page.getByText("Contacts").first().waitFor();
	ok(true, "it is kept");
}

async function search(page) {
	const box = page.locator(".head-search input");
	for (const [words, wanted] of [["198.51.100.77", "198.51.100.77"], ["198.51.100.0/24", "198.51.100"], ["kita", "kita-town"], ["mirai", "mirai"], ["23", "23"]]) {
		await box.fill(words);
		await box.press("Enter");
		const found = await until(async () => (await page.locator(".search-results").innerText()).includes(wanted), 5000);
		ok(found, `a search for ${words} finds ${wanted}`, await page.locator("main").innerText());
	}
	ok(page.url().includes("q=23"), "what was looked for can be shared as a link", page.url());
}

/* Without a mouse. */
async function keyboard(page) {
	await page.goto(`${page.url().split("#")[0]}#/now`);
	await page.locator(".urgent, .empty-good").first().waitFor();
	await page.reload();
	await page.locator(".urgent, .empty-good").first().waitFor();
	await page.keyboard.press("Tab");
	same(await page.evaluate(() => document.activeElement.className), "skip", "the first stop of Tab skips to the content");
	await page.keyboard.press("Enter");
	same(await page.evaluate(() => document.activeElement.id), "main", "and it does");
}

/* The station goes away and comes back: the page says so, and catches up by itself. */
async function away(page) {
	await ask("stop");
	ok(await until(() => page.locator(".live-away").count(), 20000), "that the station is gone is shown");
	await ask("start");
	ok(await until(() => page.locator(".live-live").count(), 40000), "and that it is back");
}

play(async ({base}) => {
	const browser = await new Browser(base).open();
	const page = await (await browser.context()).newPage();
	await signIn(browser, page);
	await arrival(page);
	await handle(page);
	await tables(page);
	await answer(browser, page);
	browser.expected.push(/400.*\/members/);
	await addMember(page);
	browser.expected.push(/401.*\/session/, /404.*kita-town/, /ERR_FAILED.*\/events/);
	await member(browser, page);
	await viewer(browser, page);
	await withoutStream(browser, page);
	await page.goto(`${base}/#/members/kita-town`);
	await page.getByRole("heading", {name: "kita-town"}).waitFor();
	await switchLanguage(page);
	await search(page);
	await keyboard(page);
	same(browser.unexpected(), [], "no error in the console");
	same(browser.strangers, [], "no request to another host");
	browser.expected.push(/./);
	await away(page);
	await browser.close();
});
