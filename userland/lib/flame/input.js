/*
 * Pointer, keys and the page's controls; and, at the end, where everything begins.
 */
const tip = $("tip");

function showTip(node, event) {
	const f = node ? frames[frameOf[node]] : null, v = totalOf[state.type][node];

	tip.replaceChildren(element("div", "name", nameOf(node)));
	if (f) {
		tip.append(element("div", "where", [KINDS[f.kind], f.mapping, f.source]
			.filter(x => x).join(" · ")));
	}
	const dl = element("dl");
	types.forEach((t, i) => {
		dl.append(element("dt", "", t.name),
			  element("dd", "", human(totalOf[i][node], t.unit)),
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

function largest(list, otherwise) {
	const total = totalOf[state.type];

	return list.length ? list.reduce((a, b) => total[b] > total[a] ? b : a) : otherwise;
}

function move(key) {
	const towardsLeaf = state.icicle ? "ArrowDown" : "ArrowUp";
	let to = state.focus;

	if (key === "ArrowLeft" || key === "ArrowRight")
		to = beside(to, key === "ArrowLeft" ? -1 : 1);
	else if (key === towardsLeaf)
		to = largest(children(to), to);
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
			/* A hue per mapping: some of those that may occur. */
			for (let i = 0; i < 4; i++) {
				p.fillStyle = shade(kind, i / 3, .5, dark);
				p.fillRect(i * 5.5, 0, 5.5, 14);
			}
			if (isPatterned(kind)) {
				p.fillStyle = pattern(kind, dark);
				p.fillRect(0, 0, 22, 14);
			}
			li.append(c, KINDS[kind]);
			li.title = "The hue tells mappings apart.";
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
		const unit = t.unit === "count" ? "" : ` (${t.unit})`;
		const o = element("option", "", t.name + unit);

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
	count, frames, shade, textColour, dimmed,
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
