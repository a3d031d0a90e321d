/*
 * What the station said of members (/tower), prepared for drawing: each is a ring of arcs, one for
 * each range, as long as the logarithm of its size; each arc is cells, from the first address to the
 * last.
 */
import {parsePrefix, shareWithin} from "./addresses.js";

export const DARKNET = "darknet";
export const SEVERITIES = ["info", "low", "medium", "high", "critical"];
const START = -Math.PI / 2;

const WIDEST = 2 ** 32; /* a longer arc would leave no room for others */

function weight(addresses) {
	return 1 + Math.log2(Math.max(1, Math.min(WIDEST, addresses)));
}

function arcsOf(ranges) {
	const shown = ranges.filter((range) => range.cells.length > 0);
	const whole = shown.reduce((sum, range) => sum + weight(range.addresses), 0);
	const gap = shown.length > 1 ? Math.min(0.12, 1 / shown.length) : 0;
	const room = 2 * Math.PI - gap * shown.length;
	let at = START + gap / 2;
	return shown.map((range) => {
		const sweep = (room * weight(range.addresses)) / whole;
		const arc = {start: at, sweep, cells: range.cells, prefix: parsePrefix(range.prefix)};
		at += sweep + gap;
		return arc;
	});
}

function countOf(incidents) {
	return Object.values(incidents).reduce((sum, n) => sum + n, 0);
}

/* Where the whole station is an exercise, exercises are what there is to see. */
function memberOf(one, isExercise) {
	const real = SEVERITIES.indexOf(one.severity);
	const drill = SEVERITIES.indexOf(one.drill_severity);
	return {key: one.id, name: one.name, addresses: one.addresses, live: one.live, dark: one.dark, v6: one.v6, ranges: one.ranges, more: one.more,
		severity: isExercise ? Math.max(real, drill) : real, drill: isExercise ? -1 : drill, open: countOf(one.incidents) + (isExercise ? countOf(one.drills) : 0),
		drills: countOf(one.drills), arcs: arcsOf(one.ranges), isDarknet: false};
}

/* All that is declared dark and no member's, as one ring. */
function darknetOf(dark) {
	const ranges = dark.map((range) => ({...range, live: 0, dark: range.addresses, cells: "########"})).slice(0, 16);
	const addresses = dark.filter((range) => !range.v6).reduce((sum, range) => sum + range.addresses, 0);
	return {key: DARKNET, name: null, addresses, live: 0, dark: addresses, v6: dark.filter((range) => range.v6).length, ranges,
		more: Math.max(0, dark.length - 16), severity: -1, drill: -1, open: 0, drills: 0, arcs: arcsOf(ranges), isDarknet: true};
}

export function townOf(answer, isExercise) {
	const members = answer.members.map((one) => memberOf(one, isExercise));
	if (answer.dark.length > 0)
		members.push(darknetOf(answer.dark));
	/* Strangers' sums do not tell which dark address was meant: where only one has any, it was its. */
	const withDark = members.filter((one) => one.isDarknet || one.ranges.some((range) => /[#+]/.test(range.cells)));
	const known = new Map(members.map((one, at) => [one.key, at]));
	return {members, known, darknet: known.get(DARKNET) ?? -1, onlyDark: withDark.length === 1 ? known.get(withDark[0].key) : -1,
		alarmed: members.map((one, at) => at).filter((at) => members[at].severity >= 3)
			.sort((p, q) => members[q].severity - members[p].severity)};
}

/* The angle at which an address is on its member's ring; null where that is not known. */
export function angleOf(member, address) {
	if (address === null)
		return null;
	for (const arc of member.arcs) {
		const share = arc.prefix === null ? -1 : shareWithin(arc.prefix, address);
		if (share >= 0)
			return arc.start + arc.sweep * share;
	}
	return null;
}
