/*
 * The tower before a station of 2,000 members and a wire that is full: what a frame costs by a trace of the browser, as
 * DevTools record it; and that the picture can be used without eyes, without a mouse and without motion.
 *
 * A frame is all that the page's thread did from one picture to the next: scripts, layout, painting, what came in by the
 * stream of events, garbage. Counted is the time of that thread on a processor: of a machine that does other things
 * besides, as a machine for tests does, the clock on the wall would tell how busy those are.
 */
import {Browser, ask, ok, play, same, until} from "./driver.mjs";

const FRAME_MS = 8;
const TRACE_MS = 6000;
const TRACES_MAX = 5;
const MARKS_MIN = 250; /* a second: the stream is heavy */
const FRAMES_MIN = 60; /* else the trace says little */

function threadOf(event) {
	return `${event.pid}.${event.tid}`;
}

/* The thread that draws most, in whole tasks: [begin, milliseconds on the processor]. */
function tasksOf(events) {
	const drawn = new Map();
	for (const event of events.filter((one) => one.name === "FireAnimationFrame"))
		drawn.set(threadOf(event), [...(drawn.get(threadOf(event)) ?? []), event.ts]);
	const [thread, frames] = [...drawn].sort((a, b) => b[1].length - a[1].length)[0] ?? [null, []];
	const tasks = events.filter((one) => one.name === "RunTask" && threadOf(one) === thread && one.ph === "X")
		.map((one) => ({from: one.ts, until: one.ts + one.dur, ms: (one.tdur ?? one.dur) / 1000})).sort((a, b) => a.from - b.from);
	return {tasks, frames: frames.sort((a, b) => a - b)};
}

/* What each frame cost: its own task, and all tasks until the next frame's. */
function costs(events) {
	const {tasks, frames} = tasksOf(events);
	const list = [];
	let next = 0;
	for (const task of tasks) {
		const isFrame = next < frames.length && frames[next] >= task.from && frames[next] <= task.until;
		while (next < frames.length && frames[next] <= task.until)
			next++;
		if (isFrame)
			list.push(0);
		if (list.length > 0)
			list[list.length - 1] += task.ms;
	}
	return list.slice(0, -1).sort((a, b) => a - b);
}

function at(list, share) {
	return list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? Infinity;
}

async function marks(page) {
	return Number((await page.locator(".tower-rate").innerText()).replace(/[^0-9]/g, " ").trim().split(" ")[0] || 0);
}

async function trace(browser, page) {
	await browser.browser.startTracing(page, {categories: ["devtools.timeline", "disabled-by-default-devtools.timeline"]});
	await page.waitForTimeout(TRACE_MS);
	return costs(JSON.parse((await browser.browser.stopTracing()).toString()).traceEvents);
}

/* On a machine that has no time for the browser a frame is made of many tasks: then it is traced once more. */
async function measure(browser, page) {
	let best = [];
	for (let run = 0; run < TRACES_MAX; run++) {
		const list = await trace(browser, page);
		if (best.length === 0 || (list.length >= FRAMES_MIN && at(list, 0.95) < at(best, 0.95)))
			best = list;
		if (best.length >= FRAMES_MIN && at(best, 0.95) <= FRAME_MS)
			break;
	}
	ok(best.length >= FRAMES_MIN, `the trace has ${best.length} frames in ${TRACE_MS / 1000} s`);
	ok(at(best, 0.95) <= FRAME_MS, `a frame costs at most ${FRAME_MS} ms: median ${at(best, 0.5).toFixed(1)} ms, 95 of 100 within ${
		at(best, 0.95).toFixed(1)} ms, 99 within ${at(best, 0.99).toFixed(1)} ms`);
}

async function useWithoutMouse(page, base) {
	const stage = page.locator(".tower-stage");
	await stage.focus();
	await page.keyboard.press("ArrowRight");
	const first = await page.locator(".tower-stage [role=status]").innerText();
	await page.keyboard.press("ArrowRight");
	const second = await page.locator(".tower-stage [role=status]").innerText();
	ok(first.startsWith("member") && second.startsWith("member") && first !== second, "arrow keys choose a member, and it is said", first, second);
	await page.keyboard.press("Enter");
	same(new URL(page.url()).hash, `#/incidents?member=${second.split(":")[0].replace(" ", "%20")}&open=1`, "Enter opens its incidents");
	await page.locator(".tower").waitFor({state: "detached"});
	await page.goto(`${base}/#/tower`);
	await page.locator(".tower-urgent a").first().waitFor();
	same(await page.locator(".tower-urgent a").count(), 8, "the most urgent are a list of links");
	await page.locator(".tower-table summary").click();
	same(await page.locator(".tower-table tbody tr").count(), 2001, "all members, and the darknet, are a table as well");
}

/* Whether anything is drawn on the canvas that moves. */
function drawn(page) {
	return page.evaluate(() => {
		const canvas = document.querySelector(".tower-canvas-live");
		if (canvas === null)
			return {count: 0, sum: 0};
		const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
		let count = 0;
		let sum = 0;
		for (let i = 3; i < data.length; i += 4)
			if (data[i] > 0) {
				count++;
				sum = (sum * 31 + i) % 1000003;
			}
		return {count, sum};
	});
}

async function rest(browser, cookies, base) {
	const context = await browser.context({reducedMotion: "reduce", viewport: {width: 1280, height: 900}});
	await context.addCookies(cookies);
	const page = await context.newPage();
	await page.goto(`${base}/#/tower`);
	const first = await until(async () => {
		const now = await drawn(page);
		return now.count > 0 ? now : null;
	});
	ok(first !== null, "without motion, what was touched is marked");
	/* Drawn anew once a second: of five looks within a second at least four are of two pictures. */
	const sums = new Set();
	for (let i = 0; i < 5; i++) {
		sums.add((await drawn(page)).sum);
		await page.waitForTimeout(100);
	}
	ok(sums.size <= 2, "and nothing flies", [...sums]);
	await context.close();
}

async function wall(browser, cookies, base) {
	const context = await browser.context({viewport: {width: 1920, height: 1080}});
	await context.addCookies(cookies);
	const page = await context.newPage();
	await page.goto(`${base}/#/tower?wall=1`);
	await page.locator(".tower.is-wall .tower-clock-time").waitFor();
	ok(/^\d\d:\d\d:\d\d$/.test(await page.locator(".tower-clock-time").innerText()), "a wall screen has a clock");
	same(await page.locator(".tower .tower-control:visible, .tower a:visible").count(), 0, "and nothing to press");
	const box = await page.locator(".tower-stage").boundingBox();
	same([box.x, box.y, box.width, box.height], [0, 0, 1920, 1080], "and all of the screen");
	await context.close();
}

play(async ({base, members}) => {
	const browser = await new Browser(base).open();
	browser.expected.push(/401.*\/session/);
	const context = await browser.context({viewport: {width: 1920, height: 1080}, locale: "en-GB"});
	const page = await context.newPage();
	await page.goto((await ask("link")).link);
	await page.getByRole("heading", {level: 1}).waitFor();
	await page.goto(`${base}/#/tower`);
	await page.locator(".tower-state").getByText("2,000").waitFor();
	ok(members === 2000, `${members} members are shown`);
	await ask("begin");
	const rate = await until(async () => {
		const now = await marks(page);
		return now >= MARKS_MIN ? now : null;
	}, 30000);
	ok(rate !== null, `what comes in at the wire flies: ${rate} marks a second`, await page.locator(".tower-rate").innerText());
	await measure(browser, page);
	await useWithoutMouse(page, base);
	await rest(browser, await context.cookies(), base);
	await wall(browser, await context.cookies(), base);
	same(browser.unexpected(), [], "no error in the console");
	same(browser.strangers, [], "no request to another host");
	await browser.close();
});
