/*
 * Where packets came from, as a map of countries: the darker the more, in steps of ten. Natural Earth's
 * shapes (world-atlas), in a projection that serves looking rather than measuring.
 */
import {geoNaturalEarth1, geoPath} from "d3-geo";
import {feature, mesh} from "topojson-client";
import world from "world-atlas/countries-110m.json";
import {fill, h, svg} from "../dom.js";
import {number, t} from "../i18n.js";
import {LETTERS} from "./countries.js";

const WIDTH = 960;
const HEIGHT = 470;
export const STEPS = 6;

const shapes = feature(world, world.objects.countries).features.filter((one) => one.id !== "010");
const borders = mesh(world, world.objects.countries, (a, b) => a !== b);

/* 1 to STEPS; 0: nothing came from there. */
export function stepOf(packets) {
	return packets <= 0 ? 0 : Math.min(STEPS, 1 + Math.floor(Math.log10(packets)));
}

function legend() {
	return h("ul", {class: "map-legend", "aria-label": t("watch.map.legend")},
		Array.from({length: STEPS}, (_, i) => h("li", {}, svg("svg", {viewBox: "0 0 12 12", class: "map-key", "aria-hidden": "true"},
			svg("rect", {width: 12, height: 12, class: `map-step-${i + 1}`})),
			i === STEPS - 1 ? t("watch.map.more", {n: 10 ** i}) : t("watch.map.from", {n: 10 ** i}))));
}

/* `rows`: {country, packets}; `nameOf` gives a country's name. */
export function worldMap(rows, nameOf) {
	const path = geoPath(geoNaturalEarth1().fitSize([WIDTH, HEIGHT], {type: "FeatureCollection", features: shapes}));
	const packets = new Map(rows.map((row) => [row.country, row.packets]));
	const shown = new Set();
	const countries = shapes.map((one) => {
		const code = LETTERS.get(String(one.id).padStart(3, "0"));
		const count = packets.get(code) ?? 0;
		if (code !== undefined)
			shown.add(code);
		return svg("path", {d: path(one), class: `map-country map-step-${stepOf(count)}`},
			code === undefined ? null : svg("title", {}, `${nameOf(code)}: ${number(count)}`));
	});
	const without = rows.filter((row) => row.country !== null && !shown.has(row.country)).slice(0, 8);
	return fill(h("figure", {class: "map"}),
		svg("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": t("watch.map.label", {n: rows.length})},
			countries, svg("path", {d: path(borders), class: "map-border"})),
		h("figcaption", {}, legend(), without.length === 0 ? null
			: h("p", {}, t("watch.map.without", {list: without.map((row) => `${nameOf(row.country)} ${number(row.packets)}`).join(t("watch.comma"))}))));
}
