/*
 * The same content as a table: for those who look for a number, and for those who do
 * not see the graph.
 */
let sorting = "self";
const ROWS_MAX = 500;

function showTable() {
	const t = state.type, top = state.zoom, whole = totalOf[t][top];
	const key = sorting, rows = functionsBelow(t, top)
		.filter(r => !state.found || state.found[r.frame]);

	rows.sort((a, b) => (key === "name" ? 0 : b[key] - a[key]) || b.total - a.total ||
		(frames[a.frame].name < frames[b.frame].name ? -1 : 1));
	if (key === "name")
		rows.sort((a, b) => frames[a.frame].name < frames[b.frame].name ? -1 : 1);
	$("rows").replaceChildren(...rows.slice(0, ROWS_MAX).map(r => {
		const f = frames[r.frame], tr = element("tr"), name = element("td", "name");
		const b = element("button", "", f.name);

		b.type = "button";
		b.addEventListener("click", () => lookFor(f.name));
		name.append(b);
		tr.append(element("td", "number", human(r.self, types[t].unit)),
			  element("td", "number", percent(r.self, whole)),
			  element("td", "number", human(r.total, types[t].unit)),
			  element("td", "number", percent(r.total, whole)),
			  element("td", "", KINDS[f.kind]), name,
			  element("td", "mapping", f.mapping));
		return tr;
	}));
	$("more").textContent = rows.length > ROWS_MAX ?
		`${ROWS_MAX} of ${rows.length} functions; search to see others.` : "";
	document.querySelectorAll("th[data-sort]").forEach(th => {
		if (th.dataset.sort === key)
			th.setAttribute("aria-sort", key === "name" ? "ascending" : "descending");
		else
			th.removeAttribute("aria-sort");
	});
}

/* From the table to the graph: exactly this function. */
function lookFor(name) {
	state.regex = true;
	$("search").value = "^" + name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") + "$";
	state.table = false;
	showView();
	applySearch();
	writeHash(true);
	state.focus = state.zoom;
	nextMatch(1);
	view.focus();
}
