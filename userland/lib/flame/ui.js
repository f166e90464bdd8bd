/*
 * What can be done with it. Text only ever enters the page as text (textContent and
 * the canvas), never as markup: names come from the programs that were profiled.
 */
const $ = id => document.getElementById(id);
const tip = $("tip");

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
	if (nodes.length === 1)
		return;
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
	state.icicle = h.get("view") ? h.get("view") === "icicle" : state.icicle;
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

function showTip(node, event) {
	const f = node ? frames[frameOf[node]] : null, v = totalOf[state.type][node];

	tip.replaceChildren(element("div", "name", nameOf(node)));
	if (f) {
		tip.append(element("div", "where", [KINDS[f.kind], f.mapping, f.source]
			.filter(x => x).join(" · ")));
	}
	const dl = element("dl");
	types.forEach((t, i) => {
		dl.append(element("dt", "", t.name), element("dd", "", human(totalOf[i][node], t.unit)),
			  element("dd", "", percent(totalOf[i][node], totalOf[i][0])));
	});
	if (state.zoom)
		dl.append(element("dt", "", "of zoomed"), element("dd"),
			  element("dd", "", percent(v, totalOf[state.type][state.zoom])));
	const own = selfOf[state.type][node];
	dl.append(element("dt", "", "self"),
		  element("dd", "", human(own, types[state.type].unit)),
		  element("dd", "", percent(own, totalOf[state.type][0])));
	tip.append(dl);
	tip.hidden = false;
	const box = tip.getBoundingClientRect(), gap = 14;
	let x = event.clientX + gap, y = event.clientY + gap;
	if (x + box.width > innerWidth - 8)
		x = Math.max(8, event.clientX - gap - box.width);
	if (y + box.height > innerHeight - 8)
		y = Math.max(8, event.clientY - gap - box.height);
	tip.style.transform = `translate(${x}px, ${y}px)`;
}

function hover(node, event) {
	if (node !== state.hover) {
		state.hover = node;
		view.style.cursor = node < 0 ? "" : "pointer";
		showDetail(node < 0 ? state.focus : node);
		redraw();
	}
	if (node < 0)
		tip.hidden = true;
	else
		showTip(node, event);
}

/* Along a row: the nearest one that is wide enough to be seen. */
function beside(node, step) {
	const all = siblings(node), k = scale();

	for (let i = all.indexOf(node) + step; i >= 0 && i < all.length; i += step) {
		if (totalOf[state.type][all[i]] * k >= NARROWEST)
			return all[i];
	}
	return node;
}

function move(key) {
	const towardsLeaf = state.icicle ? "ArrowDown" : "ArrowUp";
	let to = state.focus;

	if (key === "ArrowLeft" || key === "ArrowRight")
		to = beside(to, key === "ArrowLeft" ? -1 : 1);
	else if (key === towardsLeaf)
		to = children(to).reduce((best, i) =>
			totalOf[state.type][i] > totalOf[state.type][best] || best === to ? i : best, to);
	else if (to)
		to = parentOf[to];
	/* Outside of what is zoomed there is nothing to see: the zoom follows. */
	if (!isShown(to)) {
		zoomTo(to, true);
		return;
	}
	setFocus(to);
	scrollTo(to);
	redraw();
}

function reset() {
	$("search").value = "";
	state.regex = false;
	applySearch();
	zoomTo(0, true);
}

function onKey(event) {
	if (event.ctrlKey || event.metaKey || event.altKey)
		return;
	switch (event.key) {
	case "ArrowUp": case "ArrowDown": case "ArrowLeft": case "ArrowRight":
		move(event.key);
		break;
	case "Home":
		setFocus(state.zoom);
		scrollTo(state.zoom);
		break;
	case "Enter": case " ":
		zoomTo(state.focus, true);
		break;
	case "Backspace":
		if (state.zoom)
			zoomTo(parentOf[state.zoom], true);
		break;
	case "n": case "p":
		nextMatch(event.key === "n" ? 1 : -1);
		break;
	default:
		return;
	}
	tip.hidden = true;
	event.preventDefault();
}

/* Wherever the focus is: "/" searches, Escape takes back, one thing at a time. */
function onGlobalKey(event) {
	if (event.key === "Escape") {
		tip.hidden = true;
		if (event.target === $("search") && $("search").value) {
			$("search").value = "";
			applySearch();
			writeHash(false);
		} else if (state.zoom || state.search) {
			reset();
		}
		if (event.target === $("search"))
			view.focus();
		event.preventDefault();
	} else if (event.key === "/" && event.target !== $("search")) {
		$("search").focus();
		$("search").select();
		event.preventDefault();
	}
}

function setTheme(dark) {
	document.documentElement.dataset.theme = dark ? "dark" : "light";
	drawLegend();
	redraw();
}

function drawLegend() {
	const dark = isDark(), used = new Set(frames.map(f => f.kind));

	$("legend").replaceChildren(...[USER, KERNEL, UNRESOLVED, KERNEL_UNRESOLVED, PROCESS]
		.filter(kind => used.has(kind)).map(kind => {
			const li = element("li"), c = element("canvas"), p = c.getContext("2d");

			c.width = 44;
			c.height = 28;
			c.setAttribute("aria-hidden", "true");
			p.scale(2, 2);
			p.fillStyle = colour(kind, "", "", dark);
			p.fillRect(0, 0, 22, 14);
			if (isPatterned(kind)) {
				p.fillStyle = pattern(kind, dark);
				p.fillRect(0, 0, 22, 14);
			}
			li.append(c, KINDS[kind]);
			return li;
		}));
}

function showFacts() {
	document.title = data.title;
	$("title").textContent = data.title;
	const facts = [...data.facts, ["Total", types.map((t, i) =>
		amount(totalOf[i][0], i) + (t.unit === "count" ? "" : " " + t.name)).join(", ")]];
	$("facts").append(...facts.map(([key, value]) => {
		const div = element("div");

		div.append(element("dt", "", key), element("dd", "", value));
		return div;
	}));
	types.forEach((t, i) => {
		const o = element("option", "", t.unit === "count" ? t.name : `${t.name} (${t.unit})`);

		o.value = i;
		$("type").append(o);
	});
	$("type-field").hidden = types.length < 2;
}

function listen() {
	view.addEventListener("pointermove", e => hover(nodeAt(e.clientX, e.clientY), e));
	view.addEventListener("pointerleave", e => hover(-1, e));
	view.addEventListener("click", e => {
		const node = nodeAt(e.clientX, e.clientY);

		if (node >= 0)
			zoomTo(node, true);
		view.focus({ focusVisible: false });
	});
	view.addEventListener("keydown", onKey);
	view.addEventListener("scroll", () => { tip.hidden = true; redraw(); });
	document.addEventListener("keydown", onGlobalKey);
	$("search").addEventListener("input", () => { applySearch(); writeHash(false); });
	$("search").addEventListener("keydown", e => {
		if (e.key === "Enter") {
			state.focus = state.zoom;
			view.focus();
			nextMatch(1);
		}
	});
	$("regex").addEventListener("click", () => {
		state.regex = !state.regex;
		applySearch();
		writeHash(false);
	});
	$("type").addEventListener("change", () => {
		state.type = Number($("type").value);
		layOut(state.type);
		showMatch();
		setFocus(state.focus);
		showView();
		showRange(state.zoom);
		writeHash(false);
	});
	document.querySelectorAll("[data-view]").forEach(b => b.addEventListener("click", () => {
		state.table = b.dataset.view === "table";
		if (!state.table)
			state.icicle = b.dataset.view === "icicle";
		showView();
		scrollTo(state.zoom);
		writeHash(true);
	}));
	document.querySelectorAll("th[data-sort]").forEach(th => th.firstElementChild
		.addEventListener("click", () => { sorting = th.dataset.sort; showTable(); }));
	$("reset").addEventListener("click", reset);
	$("theme").addEventListener("click", () => setTheme(!isDark()));
	window.addEventListener("hashchange", readHash);
	window.addEventListener("popstate", readHash);
	new ResizeObserver(() => { resize(); redraw(); }).observe(view);
}

const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
prefersDark.addEventListener("change", e => setTheme(e.matches));
showFacts();
setTheme(prefersDark.matches);
resize();
readHash();
view.scrollTop = state.icicle ? 0 : view.scrollHeight;
listen();
/* For tests: places and numbers, nothing that changes anything. */
window.ringprof = {
	count, frames, colour, textColour, dimmed,
	find: name => {
		for (let i = 0; i < count; i++) {
			if (nameOf(i) === name)
				return { node: i, ...rectOf(i), scroll: view.scrollTop,
					 total: totalOf.map(t => t[i]) };
		}
		return null;
	},
};
document.documentElement.dataset.ready = "true";
