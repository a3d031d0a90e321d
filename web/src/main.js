/* The page begins: who is it, what do they want to see. */
import {whenSignedOut} from "./api.js";
import {language, setLanguage, t} from "./i18n.js";
import {live} from "./live.js";
import {Router} from "./router.js";
import {drawBareShell, drawShell} from "./shell.js";
import {forget, lookSession, signInByLink} from "./session.js";
import {applyTheme} from "./theme.js";
import {drawSignIn} from "./views/signin.js";
import {problemBox} from "./parts/problem.js";
import * as now from "./views/now.js";

/* What most people see first comes with the page; the rest when it is asked for. */
const ROUTES = [
	["/now", async () => now, "now"],
	["/incidents", () => import("./views/incidents.js"), "incidents"],
	["/incidents/:id", () => import("./views/incident.js"), "incidents"],
	["/members", () => import("./views/members.js"), "members"],
	["/members/:name", () => import("./views/member.js"), "members"],
	["/notices", () => import("./views/notices.js"), "notices"],
	["/notices/:id", () => import("./views/notice.js"), "notices"],
	["/watch", () => import("./views/watch.js"), "watch"],
	["/tower", () => import("./views/tower.js"), "tower"],
	["/exceptions", () => import("./views/exceptions.js"), "exceptions"],
	["/operation", () => import("./views/operation.js"), "operation"],
	["/contacts", () => import("./views/operation.js"), "operation"], /* the operator's stand there */
	["/accounts", () => import("./views/accounts.js"), "accounts"],
	["/audit", () => import("./views/audit.js"), "audit"],
	["/search", () => import("./views/search.js"), null],
	["/me", () => import("./views/me.js"), null],
	["/missing", () => import("./views/missing.js"), null],
];

let router = null;

function showSignIn(note) {
	live.stop();
	router?.end();
	router = null;
	const again = () => showSignIn(note);
	drawSignIn(drawBareShell(again), showPage, note);
	document.querySelector("main input")?.focus();
}

function drawFrame() {
	return drawShell({onLanguage: changeLanguage, onSignedOut: () => {
		forget();
		history.replaceState(null, "", "#/now");
		showSignIn(t("signin.out"));
	}});
}

/* Everything is said anew; what is shown stays, and so does where one is. */
function changeLanguage() {
	router.leave();
	const frame = drawFrame();
	router.moveTo(frame.outlet, frame.setPlace);
	document.querySelector('[data-choice="language"]')?.focus();
}

function showPage() {
	const frame = drawFrame();
	router = new Router(frame.outlet, ROUTES, frame.setPlace);
	router.show();
	live.start();
}

/* A link that was printed for one sign-in: its token is in the fragment, which no server sees, and leaves
   the address before anything else happens. */
async function takeLink() {
	const match = /^#signin=([\w.~-]+)$/.exec(location.hash);
	if (match === null)
		return null;
	history.replaceState(null, "", "#/now");
	try {
		return await signInByLink(match[1]);
	} catch (problem) {
		return problem;
	}
}

async function begin() {
	applyTheme();
	setLanguage(language(), false);
	whenSignedOut(() => {
		if (router !== null) {
			forget();
			showSignIn(t("signin.ended"));
		}
	});
	const linked = await takeLink();
	let current = null;
	try {
		current = linked instanceof Error || linked === null ? await lookSession() : linked;
	} catch (problem) {
		drawBareShell(begin).append(problemBox(problem, () => location.reload()));
		return;
	}
	if (current !== null)
		showPage();
	else
		showSignIn(linked instanceof Error ? t("signin.link-bad") : null);
}

begin();
