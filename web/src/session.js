/* Who is signed in, and what that role may do. What is really allowed the station decides; here only
   what is shown follows from it. */
import {get, patch, post, remove} from "./api.js";
import {isChosen, setLanguage} from "./i18n.js";
import {setZone} from "./format.js";

let current = null;

export function session() {
	return current;
}

function take(answer) {
	current = answer;
	setZone(answer.station?.zone || "UTC");
	if (!isChosen())
		setLanguage(answer.account?.language, false);
	return answer;
}

/* Null where nobody is signed in. */
export async function lookSession() {
	try {
		return take(await get("/session"));
	} catch (problem) {
		if (problem.status === 401)
			return null;
		throw problem;
	}
}

export async function signIn(name, password) {
	await post("/session", {name, password});
	return take(await get("/session"));
}

export async function signInByLink(token) {
	await post("/session/link", {token});
	return take(await get("/session"));
}

export async function signOut() {
	current = null;
	await remove("/session");
}

export function forget() {
	current = null;
}

/* It goes with the account, where there is one; whether it is kept there is not worth a complaint. */
export function rememberLanguage(language) {
	if (current !== null)
		patch("/session", {language}).catch(() => {});
}

export const isOperator = () => current?.account?.role === "operator";
export const isMember = () => current?.account?.role === "member";
export const isViewer = () => current?.account?.role === "viewer";
/* May act on incidents that it sees. */
export const mayAct = () => isOperator() || isMember();
