/* Signs of 16 by 16, drawn with the colour of the text around them. Each differs in shape: colour
   alone means nothing. */
import {svg} from "./dom.js";

const SHAPES = {
	critical: ["M8 1.2 15 14H1Z", "M8 5.6v4.2M8 11.9v.2"],
	high: ["M8 1.2 14.8 8 8 14.8 1.2 8Z", "M8 4.8v4M8 10.9v.2"],
	medium: ["M2.2 2.2h11.6v11.6H2.2Z", "M8 4.9v3.9M8 10.9v.2"],
	low: ["M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8Z", "M5 8h6"],
	info: ["M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8Z", "M8 7.2v4M8 4.7v.2"],
	ok: ["M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8Z", "M5 8.3l2.1 2.1L11.2 6"],
	attention: ["M8 1.2 15 14H1Z", "M8 5.6v4.2M8 11.9v.2"],
	alarm: ["M5 1.4h6L14.6 5v6L11 14.6H5L1.4 11V5Z", "M8 4.6v4.2M8 11.1v.2"],
	waiting: ["M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8Z", "M8 4.6V8l2.4 1.6"],
	stopped: ["M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8Z", "M3.8 12.2l8.4-8.4"],
	search: ["M7 2.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6Z", "M10.6 10.6 14 14"],
	menu: ["M2 4h12M2 8h12M2 12h12"],
	close: ["M3.5 3.5l9 9M12.5 3.5l-9 9"],
	next: ["M6 3l5 5-5 5"],
	back: ["M10 3L5 8l5 5"],
	download: ["M8 2v8M4.6 6.8 8 10.2l3.4-3.4M2.5 13.6h11"],
	print: ["M4 6V2h8v4M4 11H2V6h12v5h-2M4 9.4h8V14H4Z"],
	copy: ["M5.5 5.5V2H14v8.5h-3.5", "M2 5.5h8.5V14H2Z"],
	light: ["M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6Z",
		"M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M13 3l-1.2 1.2M4.2 11.8 3 13"],
	dark: ["M13.4 9.8A6 6 0 1 1 6.2 2.6a4.8 4.8 0 0 0 7.2 7.2Z"],
};

export function icon(name, attributes = {}) {
	return svg("svg", {viewBox: "0 0 16 16", class: `icon icon-${name}`, "aria-hidden": "true", ...attributes},
		(SHAPES[name] ?? SHAPES.info).map((d) => svg("path", {d})));
}

/* The watchtower: a roof, a bell under it, two legs. */
export function mark() {
	return svg("svg", {viewBox: "0 0 24 24", class: "mark", "aria-hidden": "true"},
		svg("path", {d: "M12 1.5 20 7H4Z", class: "mark-roof"}),
		svg("path", {d: "M6.5 7v3.2M17.5 7v3.2M5 10.2h14M7.2 10.2 4.6 22.5M16.8 10.2l2.6 12.3M6.4 14.6h11.2M5.5 18.6h13"}),
		svg("path", {d: "M12 7v1.2m-1.5 0h3", class: "mark-bell"}));
}
