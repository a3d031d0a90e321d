/*
 * Tables with a caption and headers; on a narrow screen each row becomes a card whose cells say what
 * they are. The roles are given since a table that is laid out otherwise loses its own.
 *
 *     table({caption, columns: [{title, cell: (row) => ..., look: "number"}], rows, empty: text, href: (row) => "#/..."})
 */
import {fill, h} from "../dom.js";
import {address, get} from "../api.js";
import {icon} from "../icons.js";
import {number, t} from "../i18n.js";

/* The first cell is the row's header, or the one that says so. */
function rowOf(columns, row) {
	const head = Math.max(0, columns.findIndex((column) => column.isHead));
	return h("tr", {role: "row"}, columns.map((column, i) => h(i === head ? "th" : "td", {role: i === head ? "rowheader" : "cell",
		scope: i === head ? "row" : null, class: column.look ? `cell-${column.look}` : null, "data-label": column.title}, column.cell(row))));
}

export function table({caption, columns, rows, empty, isCaptionHidden = true}) {
	if (rows.length === 0)
		return h("p", {class: "empty"}, empty ?? t("list.empty"));
	return h("table", {class: "table", role: "table"}, h("caption", {class: isCaptionHidden ? "visually-hidden" : null}, caption),
		h("thead", {role: "rowgroup"}, h("tr", {role: "row"}, columns.map((column) => h("th", {role: "columnheader", scope: "col",
			class: column.look ? `cell-${column.look}` : null}, column.title)))),
		h("tbody", {role: "rowgroup"}, rows.map((row) => rowOf(columns, row))));
}

/* Which table it is stands beside it for who sees the page; `name` says it to others. */
export function csvLink(path, values, name) {
	return h("a", {class: "csv", href: address(path, {...values, format: "csv"}), download: true}, icon("download"), t("list.csv"),
		name ? h("span", {class: "visually-hidden"}, name) : null);
}

/* Under a table, or a list that is one. */
export function csvFoot(path, values, name) {
	return h("p", {class: "list-foot"}, csvLink(path, values, name));
}

/*
 * A list of the station, page by page: {element, refresh}. `values` are its conditions. What was
 * loaded by "more" is loaded again by refresh, so that nobody loses their place.
 */
export function pagedTable({path, values = {}, caption, columns, empty, signal, pageSize = 50}) {
	const body = h("div", {class: "list-body"});
	const count = h("span", {class: "list-count"});
	const more = h("button", {type: "button", class: "button list-more", hidden: true}, t("list.more"));
	let rows = [];
	let next = null;
	let pages = 1;

	const show = (total) => {
		fill(body, table({caption, columns, rows, empty}));
		fill(count, total === undefined || total === null ? "" : t("list.count", {n: total}));
		more.hidden = next === null || next === undefined;
	};
	const load = async (after) => {
		const answer = await get(path, {...values, limit: pageSize, after}, signal);
		next = answer.next;
		return answer;
	};
	const refresh = async () => {
		let answer = await load(null);
		const all = [...answer.items];
		for (let page = 1; page < pages && answer.next; page++) {
			answer = await load(answer.next);
			all.push(...answer.items);
		}
		rows = all;
		show(answer.total);
	};
	more.addEventListener("click", async () => {
		more.disabled = true;
		try {
			const answer = await load(next);
			rows = [...rows, ...answer.items];
			pages += 1;
			show(answer.total);
		} finally {
			more.disabled = false;
		}
	});
	const element = h("div", {class: "list"}, body, h("div", {class: "list-foot"}, count, more, csvLink(path, values)));
	return {element, refresh};
}

export function countText(n) {
	return number(n);
}
