/* What knocks, in the last five minutes, hour or day: over time, by country, port, network and kind, and
   what of it is new. Each picture has its table beside it, and each table its file. */
import {addWords, number, t} from "../i18n.js";
import {clock, percent} from "../format.js";
import {fill, h} from "../dom.js";
import {session} from "../session.js";
import {csvLink, table} from "../parts/table.js";
import {countryName, kindName, portName, protocolName} from "../watch/names.js";
import * as words from "../words/watch.js";

const PERIODS = ["5m", "hour", "day"];
const ANEW_MS = 30_000;
const ROWS_SHOWN = 12;
const SAME = 0.1; /* a tenth more or less is as before */
const MUCH = 3;

/* ---- Cells ---- */

function changeText(packets, before) {
	if (before === 0)
		return t("watch.change.new");
	const ratio = packets / before;
	if (Math.abs(ratio - 1) < SAME)
		return t("watch.change.same");
	if (ratio >= MUCH)
		return t("watch.change.more", {n: ratio < 10 ? Math.round(ratio * 10) / 10 : Math.round(ratio)});
	return ratio > 1 ? t("watch.change.up", {n: Math.round((ratio - 1) * 100)}) : t("watch.change.down", {n: Math.round((1 - ratio) * 100)});
}

function change(row) {
	const isMuch = row.before === 0 || row.packets / row.before >= MUCH;
	return h("span", {class: isMuch ? "watch-much" : "watch-change"}, changeText(row.packets, row.before));
}

/* A bar as long as the row's part of the largest one; the number is beside it. */
function bar(value, most) {
	const inside = h("span", {class: "watch-bar-inside"});
	inside.style.inlineSize = `${Math.max(1, (100 * value) / Math.max(1, most))}%`;
	return h("span", {class: "watch-bar", "aria-hidden": "true"}, inside);
}

function packets(row, most) {
	return h("span", {class: "watch-packets"}, bar(row.packets, most), h("span", {}, number(row.packets)));
}

function counts(rows, whole) {
	const most = Math.max(0, ...rows.map((row) => row.packets));
	return {
		packets: {title: t("watch.col.packets"), look: "number", cell: (row) => packets(row, most)},
		share: {title: t("watch.col.share"), look: "number", cell: (row) => percent(whole > 0 ? row.packets / whole : 0)},
		sources: {title: t("watch.col.sources"), look: "number", cell: (row) => number(row.sources)},
		change: {title: t("watch.col.change"), cell: change},
	};
}

/* ---- Parts ---- */

function panel(name, period, lead, ...content) {
	return h("section", {class: `panel watch-${name}`, "aria-labelledby": `watch-${name}`},
		h("div", {class: "watch-panel-head"}, h("h2", {id: `watch-${name}`}, t(`watch.${name}`)), csvLink(`/watch/${FILES[name] ?? name}`, {period, limit: 500}, t(`watch.${name}`))),
		lead ? h("p", {class: "watch-note"}, lead) : null, content);
}

const FILES = {map: "countries"};

function listPanel(name, answer, columns, rows) {
	return panel(name, answer.period, null, table({caption: t(`watch.${name}`), columns, rows: rows.slice(0, ROWS_SHOWN), empty: t("watch.none")}));
}

function portsPanel(answer) {
	const {packets: count, share, sources, change: before} = counts(answer.ports, answer.packets);
	return listPanel("ports", answer, [
		{title: t("watch.col.port"), cell: (row) => h("a", {href: row.port === null ? null : `#/incidents?port=${row.port}`}, portName(row).port)},
		{title: t("watch.col.service"), cell: (row) => portName(row).service}, count, share, sources, before], answer.ports);
}

function countriesTable(answer) {
	const {packets: count, share, sources, change: before} = counts(answer.countries, answer.packets);
	return table({caption: t("watch.map"), rows: answer.countries.slice(0, ROWS_SHOWN), empty: t("watch.none"),
		columns: [{title: t("watch.col.country"), cell: (row) => countryName(row.country)}, count, share, sources, before]});
}

function newThing(row) {
	if (row.what === "port") {
		const {port, service} = portName(row);
		return service === "" ? port : `${port} (${service})`;
	}
	return row.what === "country" ? countryName(row.country) : `AS${row.network}`;
}

function newPanel(answer) {
	const lead = answer.has_base ? t("watch.new.lead", {n: answer.base_days}) : t("watch.new.nobase");
	const rows = answer.new.slice(0, ROWS_SHOWN);
	return panel("new", answer.period, lead, answer.has_base ? table({caption: t("watch.new"), rows, empty: t("watch.new.none", {n: answer.base_days}), columns: [
		{title: t("watch.col.what"), cell: newThing}, {title: t("watch.col.kind"), cell: (row) => t(`watch.what.${row.what}`)},
		{title: t("watch.col.packets"), look: "number", cell: (row) => number(row.packets)},
		{title: t("watch.col.sources"), look: "number", cell: (row) => number(row.sources)}]}) : null);
}

function sourcesPanel(name, answer, lead, hasWho) {
	const rows = answer[name];
	const most = Math.max(0, ...rows.map((row) => row.packets));
	const columns = [{title: t("watch.col.source"), cell: (row) => h("code", {}, row.source)},
		hasWho ? {title: t("watch.col.who"), cell: (row) => row.survey} : null,
		{title: t("watch.col.country"), cell: (row) => countryName(row.country)},
		{title: t("watch.col.port"), cell: (row) => portName(row).port},
		{title: t("watch.col.packets"), look: "number", cell: (row) => packets(row, most)}];
	return panel(name, answer.period, lead, table({caption: t(`watch.${name}`), rows: rows.slice(0, ROWS_SHOWN), empty: t("watch.none"),
		columns: columns.filter((column) => column !== null)}));
}

function restPanels(answer) {
	const {packets: count, share, sources, change: before} = counts(answer.networks, answer.packets);
	const kinds = counts(answer.kinds, answer.packets);
	const protocols = counts(answer.protocols, answer.packets);
	return [
		portsPanel(answer),
		newPanel(answer),
		answer.talkers ? sourcesPanel("talkers", answer, t("watch.talkers.lead", {from: clock(answer.talkers_from, {withSeconds: false})}), false) : null,
		answer.surveys ? sourcesPanel("surveys", answer, t("watch.surveys.lead"), true) : null,
		hasGeo(answer.networks, "network") ? listPanel("networks", answer,
			[{title: t("watch.col.network"), cell: (row) => (row.network === null ? t("watch.unknown") : `AS${row.network}`)}, count, share, sources, before],
			answer.networks) : null,
		listPanel("kinds", answer, [{title: t("watch.col.kind"), cell: (row) => kindName(row.kind)}, kinds.packets, kinds.share, kinds.change], answer.kinds),
		listPanel("protocols", answer, [{title: t("watch.col.protocol"), cell: (row) => protocolName(row.proto)}, protocols.packets, protocols.share],
			answer.protocols),
		panel("tools", answer.period, t("watch.tools.lead"), table({caption: t("watch.tools"), rows: answer.tools, empty: t("watch.tools.none"), columns: [
			{title: t("watch.col.tool"), cell: (row) => row.tool}, {title: t("watch.col.incidents"), look: "number", cell: (row) => number(row.incidents)},
			{title: t("watch.col.packets"), look: "number", cell: (row) => number(row.packets)}]})),
	];
}

function hasGeo(rows, name) {
	return rows.some((row) => row[name] !== null);
}

/* ---- The whole ---- */

function periodChoice(chosen) {
	return h("nav", {class: "watch-periods", "aria-label": t("watch.period")}, PERIODS.map((period) => h("a",
		{href: `#/watch?period=${period}`, "aria-current": period === chosen ? "true" : null, class: "watch-period"}, t(`watch.period.${period}`))));
}

function headOf(answer) {
	return [h("span", {}, t("watch.span", {from: clock(answer.from, {withSeconds: false}), until: clock(answer.until, {withSeconds: false, withZone: true})})),
		h("strong", {}, t("watch.total", {n: answer.packets})),
		answer.before > 0 ? h("span", {}, Math.abs(answer.packets / answer.before - 1) < SAME ? t("watch.against.same")
			: t("watch.against", {change: changeText(answer.packets, answer.before)})) : null];
}

function seriesTable(answer) {
	return table({caption: t("watch.series"), rows: [...answer.series].reverse(), empty: t("watch.none"), columns: [
		{title: t("watch.col.time"), cell: (row) => clock(row.start, {withSeconds: false})},
		{title: t("watch.col.packets"), look: "number", cell: (row) => number(row.packets)},
		{title: t("watch.col.sources"), look: "number", cell: (row) => number(row.sources)}]});
}

export async function show({outlet, query, signal, setTitle, api}) {
	addWords(words);
	setTitle?.(t("watch.title"));
	const period = PERIODS.includes(query?.period) ? query.period : "hour";
	const summary = h("p", {class: "watch-summary"});
	const note = h("p", {class: "watch-lead"});
	const chart = h("div", {class: "watch-chart", role: "img", "aria-label": t("watch.series")});
	const seriesBody = h("div");
	const seriesDetails = h("details", {}, h("summary", {}, t("watch.series.table")), seriesBody);
	const mapBody = h("div", {class: "watch-map-body"});
	const mapTable = h("div");
	const mapPanel = panel("map", period, null, h("div", {class: "watch-map-parts"}, mapBody, mapTable));
	const rest = h("div", {class: "watch-rest"});
	fill(outlet, h("div", {class: "watch"},
		h("header", {class: "watch-head"}, h("h1", {tabindex: "-1"}, t("watch.title")), periodChoice(period), summary),
		note,
		panel("series", period, null, h("p", {class: "watch-keys"}, h("span", {class: "watch-key-bars"}, t("watch.series.bars")),
			h("span", {class: "watch-key-line"}, t("watch.series.line"))), chart, seriesDetails),
		mapPanel, rest));

	let answer = null;
	let drawSeries = null;
	const showMap = async () => {
		if (!hasGeo(answer.countries, "country")) {
			fill(mapBody, h("p", {class: "watch-note"}, t("watch.nogeo")));
			fill(mapTable);
			mapPanel.classList.add("is-without");
			return;
		}
		fill(mapTable, countriesTable(answer));
		const {worldMap} = await import("../watch/map.js");
		if (!signal.aborted)
			fill(mapBody, worldMap(answer.countries, countryName));
	};
	const load = async () => {
		answer = await api.get("/watch", {period}, signal);
		fill(summary, headOf(answer));
		fill(note, session()?.drill === true && answer.series.length === 0 ? t("watch.exercise") : t("watch.lead"));
		fill(rest, restPanels(answer));
		if (seriesDetails.open)
			fill(seriesBody, seriesTable(answer));
		await showMap();
		if (drawSeries === null) {
			const {series} = await import("../watch/series.js");
			if (!signal.aborted)
				drawSeries = series(chart, answer.series, signal);
		} else {
			drawSeries(answer.series);
		}
	};
	seriesDetails.addEventListener("toggle", () => seriesDetails.open && fill(seriesBody, seriesTable(answer)), {signal});
	await load();
	const timer = setInterval(() => {
		if (!document.hidden)
			load().catch(() => {}); /* what is shown stays until the station answers again */
	}, ANEW_MS);
	signal.addEventListener("abort", () => clearInterval(timer));
}
