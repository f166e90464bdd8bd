/*
 * What can be done with it. Text only ever enters the page as text (textContent and
 * the canvas), never as markup: names come from the programs that were profiled.
 */
const $ = id => document.getElementById(id);

function element(tag, className, text) {
	const e = document.createElement(tag);

	if (className)
		e.className = className;
	if (text !== undefined)
		e.textContent = text;
	return e;
}

function isShown(node) {
	return start[node] >= start[state.zoom] && node >= state.zoom && node <= last[state.zoom];
}

/* "main, user, 1.25 s, 12.50% of all": what is read out, and shown below. */
function describe(node) {
	const v = totalOf[state.type][node], f = node ? frames[frameOf[node]] : null;
	const parts = [KINDS[kindOf(node)]];

	if (!node)
		parts[0] = "everything";
	if (f && f.mapping)
		parts.push(f.mapping);
	if (f && f.source)
		parts.push(f.source);
	types.forEach((t, i) => parts.push(amount(totalOf[i][node], i) +
		(t.unit === "count" ? "" : " " + t.name)));
	parts.push(percent(v, totalOf[state.type][0]) + " of total");
	if (state.zoom)
		parts.push(percent(v, totalOf[state.type][state.zoom]) + " of " +
			   nameOf(state.zoom));
	const own = selfOf[state.type][node];
	if (own && own !== v)
		parts.push(amount(own, state.type) + " self");
	return parts;
}

function showDetail(node) {
	const parts = describe(node);

	$("detail-name").textContent = nameOf(node);
	$("detail-rest").textContent = parts.join(" · ");
	$("detail").title = nameOf(node) + "\n" + parts.join("\n");
}

function children(node) {
	const list = [];

	for (let i = node + 1; i <= last[node]; i = last[i] + 1)
		list.push(i);
	return list;
}

function siblings(node) {
	return node ? children(parentOf[node]) : [0];
}

function setFocus(node) {
	const all = siblings(node), next = node + 1 <= last[node];

	state.focus = node;
	focusBox.hidden = false;
	focusBox.setAttribute("aria-level", depthOf[node] + 1);
	focusBox.setAttribute("aria-posinset", all.indexOf(node) + 1);
	focusBox.setAttribute("aria-setsize", all.length);
	focusBox.setAttribute("aria-label", nameOf(node) + ", " + describe(node).join(", "));
	focusBox.setAttribute("aria-selected", node === state.zoom);
	if (next)
		focusBox.setAttribute("aria-expanded", "true");
	else
		focusBox.removeAttribute("aria-expanded");
	view.setAttribute("aria-activedescendant", "focus");
	view.dataset.focus = nameOf(node);
	showDetail(node);
	placeFocus();
}

function scrollTo(node) {
	const top = rowTop(depthOf[node]), room = view.clientHeight;

	if (top < view.scrollTop)
		view.scrollTop = top - ROW;
	else if (top + 2 * ROW > view.scrollTop + room)
		view.scrollTop = top + 2 * ROW - room;
}

function showPath() {
	const nav = $("path"), nodes = [];

	for (let i = state.zoom; i >= 0; i = parentOf[i])
		nodes.unshift(i);
	nav.replaceChildren();
	if (nodes.length === 1) {
		nav.append(element("span", "hint", "Click a frame to zoom in on it."));
		return;
	}
	/* The ends matter; the middle of a deep path is folded. */
	const shown = nodes.length > 9 ? [...nodes.slice(0, 3), -1, ...nodes.slice(-5)] : nodes;
	shown.forEach((i, n) => {
		if (n)
			nav.append(element("span", "", "›"));
		if (i < 0) {
			nav.append(element("span", "", " … "));
			return;
		}
		const b = element("button", "", nameOf(i));

		b.type = "button";
		b.title = nameOf(i);
		if (i === state.zoom)
			b.setAttribute("aria-current", "true");
		b.addEventListener("click", () => zoomTo(i, true));
		nav.append(b);
	});
}

function showMatch() {
	const out = $("match"), f = state.found;

	view.dataset.matches = "";
	if (!f) {
		out.textContent = "";
		return;
	}
	const n = f.reduce((sum, x) => sum + x, 0);
	const part = matchedTotal(f, state.type, state.zoom);

	let text = n + (n === 1 ? " function · " : " functions · ") +
		percent(part, totalOf[state.type][state.zoom]);
	if (state.zoom)
		text += " of " + nameOf(state.zoom).slice(0, 24);
	out.textContent = text;
	out.title = amount(part, state.type);
	view.dataset.matches = n;
	view.dataset.share = (part / (totalOf[state.type][state.zoom] || 1)).toFixed(4);
}

/* The address keeps what is shown, so that it can be sent to somebody. */
function writeHash(push) {
	const h = new URLSearchParams();

	if (state.zoom)
		h.set("zoom", state.zoom);
	if (state.search)
		h.set("search", state.search);
	if (state.regex)
		h.set("regex", "1");
	if (state.table)
		h.set("view", "table");
	else if (state.icicle !== data.icicle)
		h.set("view", state.icicle ? "icicle" : "flame");
	if (state.type !== data.type)
		h.set("value", types[state.type].name);
	const url = "#" + h;
	if (url === (location.hash || "#"))
		return;
	try {
		history[push ? "pushState" : "replaceState"](null, "", url);
	} catch {
		location.replace(url);
	}
}

function readHash() {
	const h = new URLSearchParams(location.hash.slice(1));
	const zoom = Number(h.get("zoom")), type = types.findIndex(t => t.name === h.get("value"));

	state.zoom = Number.isInteger(zoom) && zoom > 0 && zoom < count ? zoom : 0;
	state.type = type < 0 ? data.type : type;
	state.table = h.get("view") === "table";
	state.icicle = h.get("view") && !state.table ? h.get("view") === "icicle" : data.icicle;
	state.regex = h.get("regex") === "1";
	$("type").value = state.type;
	$("search").value = h.get("search") || "";
	layOut(state.type);
	showView();
	applySearch();
	showRange(state.zoom);
	showPath();
	setFocus(state.zoom);
	view.dataset.zoom = nameOf(state.zoom);
	redraw();
}

function zoomTo(node, push) {
	state.zoom = node;
	view.dataset.zoom = nameOf(node);
	setFocus(node);
	showPath();
	showMatch();
	scrollTo(node);
	writeHash(push);
	if (state.table)
		showTable();
	glide();
}

function applySearch() {
	const input = $("search");

	state.search = input.value;
	$("regex").setAttribute("aria-pressed", state.regex);
	input.removeAttribute("aria-invalid");
	input.title = "";
	try {
		state.found = findFrames(state.search, state.regex);
	} catch (e) {
		state.found = null;
		input.setAttribute("aria-invalid", "true");
		input.title = e.message;
	}
	showMatch();
	if (input.title)
		$("match").textContent = "not a regular expression";
	if (state.table)
		showTable();
	redraw();
}

function nextMatch(step) {
	for (let n = 1; state.found && n <= count; n++) {
		const i = ((state.focus + n * step) % count + count) % count;

		if (i && state.found[frameOf[i]] && isShown(i)) {
			setFocus(i);
			scrollTo(i);
			redraw();
			return;
		}
	}
}

function showView() {
	const shown = state.table ? "table" : state.icicle ? "icicle" : "flame";

	document.querySelectorAll("[data-view]").forEach(b =>
		b.setAttribute("aria-pressed", b.dataset.view === shown));
	$("table").hidden = !state.table;
	view.style.visibility = state.table ? "hidden" : "";
	view.dataset.orientation = state.icicle ? "icicle" : "flame";
	if (state.table)
		showTable();
	resize();
	redraw();
}
