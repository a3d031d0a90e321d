/*
 * Each view: axe finds nothing, in each language and each theme; nothing sticks out of its panel; it fits a phone; and its picture, in both languages and
 * both themes, is written to docs/page where that was asked for, else it must only be there.
 */
import fs from "node:fs";
import {Browser, ask, ok, play, require, same, until} from "./driver.mjs";

const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const PICTURES = new URL("../../docs/page/", import.meta.url).pathname;
const PICTURE_BYTES_MAX = 60 * 1000;
const QUALITIES = [60, 45, 30];
const SCALE = 0.75;
const LANGUAGES = ["ja", "en"];
const THEMES = ["light", "dark"];
/* What moves is let come to rest, as far as it does. */
const SETTLE_MS = {tower: 2500, watch: 1500};
const VIEWS = {now: "/now", incidents: "/incidents", incident: null, members: "/members", member: "/members/sakura-town", notices: "/notices", notice: null,
	watch: "/watch", tower: "/tower", exceptions: "/exceptions", operation: "/operation", accounts: "/accounts", audit: "/audit", search: "/search?q=198.51.100.77", me: "/me"};

async function go(page, base, path) {
	await page.goto("about:blank");
	await page.goto(`${base}/#${path}`);
	const isShown = await until(() => page.evaluate(() => performance.getEntriesByName("hinomi.shown").length > 0), 15000);
	if (!isShown)
		throw new Error(`${path} is not shown: ${await page.locator("body").innerText()}`);
}

async function judge(page) {
	const result = await page.evaluate(`${axe}; axe.run(document, {resultTypes: ["violations"]})`);
	return result.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`);
}

/* Texts that reach over the edge of their panel, and tables that have to be scrolled to be read. */
function stickOut(page) {
	return page.evaluate(() => {
		const inside = [...document.querySelectorAll("main *")].filter((one) => one.checkVisibility() && one.closest(".visually-hidden, svg") === null);
		const isText = (one) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
		const isOver = (one) => {
			const {left, right, width} = one.getBoundingClientRect();
			const frame = (one.closest(".panel") ?? document.documentElement).getBoundingClientRect();
			return width > 0 && (right > frame.right + 1 || left < frame.left - 1);
		};
		const isScrolled = (one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1;
		return inside.filter((one) => (isText(one) && isOver(one)) || isScrolled(one)).map((one) => `${one.tagName}.${one.className}: ${one.textContent.slice(0, 60)}`);
	});
}

async function picture(page, name) {
	const session = await page.context().newCDPSession(page);
	for (const quality of QUALITIES) {
		const {data} = await session.send("Page.captureScreenshot", {format: "webp", quality,
			clip: {x: 0, y: 0, ...page.viewportSize(), scale: SCALE}});
		const bytes = Buffer.from(data, "base64");
		if (bytes.length < PICTURE_BYTES_MAX || quality === QUALITIES.at(-1)) {
			fs.writeFileSync(`${PICTURES}${name}.webp`, bytes);
			break;
		}
	}
	await session.detach();
}

/* Each language once and each theme once: what axe looks at hangs on either, not on both. */
function isJudged(language, theme) {
	return (language === "ja") === (theme === "light");
}

function tryPicture(name) {
	const bytes = fs.existsSync(`${PICTURES}${name}.webp`) ? fs.statSync(`${PICTURES}${name}.webp`).size : 0;
	ok(bytes > 1000 && bytes < PICTURE_BYTES_MAX, `${name}: its picture is kept, and small`, bytes);
}

async function tryView(page, base, view, path, {language, theme, isWriting}) {
	const name = `${view}-${language}-${theme}`;
	if (isJudged(language, theme) || isWriting)
		await go(page, base, path);
	if (isJudged(language, theme))
		same(await judge(page), [], `${name}: axe finds nothing`);
	if (isJudged(language, theme))
		same(await stickOut(page), [], `${name}: nothing sticks out of its panel`);
	if (isWriting) {
		await page.waitForTimeout(SETTLE_MS[view] ?? 300);
		await picture(page, name);
	}
	tryPicture(name);
}

async function tryPhone(browser, base, cookies, paths) {
	const context = await browser.context({viewport: {width: 390, height: 844}, isMobile: true, hasTouch: true});
	await context.addCookies(cookies);
	const page = await context.newPage();
	for (const [view, path] of Object.entries(paths)) {
		await go(page, base, path);
		const width = await page.evaluate(() => document.documentElement.scrollWidth);
		ok(width <= 390, `${view}: fits a phone`, width);
	}
	await go(page, base, "/now");
	await page.locator(".menu-button").click();
	ok(await page.locator(".places a").first().isVisible(), "its menu opens by a button");
	await page.keyboard.press("Escape");
	ok(!await page.locator(".places a").first().isVisible(), "and closes by Escape");
	await context.close();
}

async function trySignIn(browser, base, isWriting) {
	for (const language of LANGUAGES)
		for (const theme of THEMES) {
			const context = await browser.context({colorScheme: theme, locale: language});
			const page = await context.newPage();
			await page.goto(base);
			await page.locator(".signin input").first().waitFor();
			const name = `signin-${language}-${theme}`;
			same(await judge(page), [], `${name}: axe finds nothing`);
			if (isWriting)
				await picture(page, name);
			tryPicture(name);
			await context.close();
		}
}

play(async ({base, isWriting}) => {
	if (isWriting)
		fs.mkdirSync(PICTURES, {recursive: true});
	const browser = await new Browser(base).open();
	browser.expected.push(/401.*\/session/);
	await trySignIn(browser, base, isWriting);
	const first = await (await browser.context()).newPage();
	await first.goto((await ask("link")).link);
	await first.getByRole("heading", {level: 1}).waitFor();
	const cookies = await first.context().cookies();
	const {incident, notice} = await ask("some");
	const paths = {...VIEWS, incident: `/incidents/${incident}`, notice: `/notices/${notice}`};
	for (const language of LANGUAGES)
		for (const theme of THEMES) {
			const context = await browser.context({colorScheme: theme, locale: language});
			await context.addInitScript((name) => location.protocol === "http:" && localStorage.setItem("hinomi.language", name), language);
			await context.addCookies(cookies);
			const page = await context.newPage();
			for (const [view, path] of Object.entries(paths))
				await tryView(page, base, view, path, {language, theme, isWriting});
			await context.close();
		}
	await tryPhone(browser, base, cookies, paths);
	same(browser.unexpected(), [], "no error in the console");
	same(browser.strangers, [], "no request to another host");
	await browser.close();
});
