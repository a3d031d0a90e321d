/*
 * Elements of the page. Names, notes and addresses come from wires, letters and other people: they
 * end as text or as the value of an attribute, never as markup. Nothing else in the page makes
 * elements, and nothing sets innerHTML.
 */

const SVG = "http://www.w3.org/2000/svg";

/* Links lead into the page or to files of this station; whatever else a name says is no link. */
const IS_OURS = /^(#\/|#main$|\/(?!\/))/;

function setAttribute(element, name, value) {
	if (value === null || value === undefined || value === false)
		return;
	if (name.startsWith("on")) {
		element.addEventListener(name.slice(2), value);
		return;
	}
	if ((name === "href" || name === "src") && !IS_OURS.test(value))
		return;
	if (name === "value" || name === "checked" || name === "disabled" || name === "selected") {
		element[name] = value;
		return;
	}
	element.setAttribute(name, value === true ? "" : String(value));
}

function append(element, child) {
	if (Array.isArray(child)) {
		for (const one of child)
			append(element, one);
	} else if (child instanceof Node) {
		element.append(child);
	} else if (child !== null && child !== undefined && child !== false) {
		element.append(document.createTextNode(String(child)));
	}
}

/* An element: h("a", {href: "#/now", class: "plain", onclick: f}, "text", anotherElement). */
export function h(name, attributes = {}, ...children) {
	const element = document.createElement(name);
	append(element, children);
	/* After the children: the value of a <select> is one of them. */
	for (const [attribute, value] of Object.entries(attributes))
		setAttribute(element, attribute, value);
	return element;
}

export function svg(name, attributes = {}, ...children) {
	const element = document.createElementNS(SVG, name);
	for (const [attribute, value] of Object.entries(attributes))
		setAttribute(element, attribute, value);
	append(element, children);
	return element;
}

/* Everything that was in it is replaced. */
export function fill(element, ...children) {
	element.replaceChildren();
	append(element, children);
	return element;
}

let count = 0;

/* For label and aria-describedby. */
export function uniqueId(prefix) {
	count += 1;
	return `${prefix}-${count}`;
}
