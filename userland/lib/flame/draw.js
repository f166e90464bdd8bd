/*
 * Drawing. A canvas as large as the visible part only, whatever the depth; nodes
 * narrower than half a pixel are passed over with everything above them, so the
 * time goes with what can be seen, not with what there is.
 */
const ROW = 21, NARROWEST = 0.5, TEXT_FROM = 28;
const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
const canvas = document.getElementById("canvas");
const view = document.getElementById("view");
const space = document.getElementById("space");
const focusBox = document.getElementById("focus");
const context = canvas.getContext("2d");

const state = {
	type: data.type, icicle: data.icicle, zoom: 0, focus: 0, hover: -1,
	search: "", regex: false, found: null, table: false,
	from: 0, to: 1,		/* what the window's width shows, in the type's unit */
	target: null,		/* the zoom that an animation goes to */
};
let drawn = 0, hidden = 0, queued = false;
const patterns = {};

function isDark() {
	return document.documentElement.dataset.theme === "dark";
}

function hash(text) {
	let h = 2166136261;

	for (let i = 0; i < text.length; i++)
		h = Math.imul(h ^ text.charCodeAt(i), 16777619);
	h ^= h >>> 15;
	return (Math.imul(h, 0x2c1b3c6d) >>> 8) / 0x1000000;
}

/* a: where in the kind's range of hues; b: a little lightness. Both 0 .. 1. */
function shade(kind, a, b, dark) {
	switch (kind) {
	case USER:
		return dark ? `hsl(${14 + a * 34} ${50 + b * 8}% ${28 + b * 4}%)`
			    : `hsl(${16 + a * 36} ${88 - b * 14}% ${66 + b * 9}%)`;
	case KERNEL:
		return dark ? `hsl(${212 + a * 36} ${42 + b * 10}% ${35 + b * 5}%)`
			    : `hsl(${210 + a * 36} ${74 - b * 12}% ${73 + b * 8}%)`;
	case KERNEL_UNRESOLVED:
		return dark ? "hsl(225 14% 33%)" : "hsl(222 22% 80%)";
	case PROCESS:
		return dark ? `hsl(${168 + b * 14} 34% 25%)` : `hsl(${164 + b * 14} 38% 74%)`;
	default:
		return dark ? "hsl(40 5% 33%)" : "hsl(40 6% 82%)";
	}
}

/* Hue by mapping, lightness a little by name: neighbours can be told apart. */
function colour(kind, mapping, name, dark) {
	return shade(kind, hash(mapping), hash(name), dark);
}

function textColour(dark) {
	return dark ? "#f4f4f8" : "#17171d";
}

/* What does not match: still there and readable, but in the background. */
function dimmed(dark) {
	return dark ? { fill: "#24262d", text: "#a2a4b0" } : { fill: "#eeeef1", text: "#5c5c66" };
}

/* Kernel and unresolved frames are striped as well: not by colour alone. */
function pattern(kind, dark) {
	const key = kind + (dark ? "d" : "l");

	if (!patterns[key]) {
		const tile = document.createElement("canvas"), p = tile.getContext("2d");
		const kernel = kind === KERNEL || kind === KERNEL_UNRESOLVED;

		tile.width = tile.height = 8;
		p.strokeStyle = dark ? "rgb(255 255 255 / .13)" : "rgb(0 0 0 / .12)";
		p.lineWidth = 1.4;
		p.beginPath();
		if (kernel) {
			p.moveTo(-2, 10);
			p.lineTo(10, -2);
			p.moveTo(-2, 2);
			p.lineTo(2, -2);
			p.moveTo(6, 10);
			p.lineTo(10, 6);
		}
		p.stroke();
		if (kind === UNRESOLVED || kind === KERNEL_UNRESOLVED) {
			p.fillStyle = dark ? "rgb(255 255 255 / .2)" : "rgb(0 0 0 / .2)";
			p.fillRect(1, 1, 1.5, 1.5);
			p.fillRect(5, 5, 1.5, 1.5);
		}
		patterns[key] = context.createPattern(tile, "repeat");
	}
	return patterns[key];
}

function isPatterned(kind) {
	return kind === KERNEL || kind === UNRESOLVED || kind === KERNEL_UNRESOLVED;
}

const colours = new Map();
function frameColour(node, dark) {
	const key = (node ? frameOf[node] : -1) * 2 + (dark ? 1 : 0);
	let c = colours.get(key);

	if (!c) {
		const f = node ? frames[frameOf[node]] : null;

		c = f ? colour(f.kind, f.mapping, f.name, dark) : dark ? "#3a3c46" : "#dedee4";
		colours.set(key, c);
	}
	return c;
}

/* From the type's unit to pixels. */
function scale() {
	return canvas.clientWidth / (state.to - state.from || 1);
}

function rowTop(depth) {
	const row = state.icicle ? depth : deepest - depth;

	return row * ROW + (state.icicle ? 0 : Math.max(0, slack()));
}

/* In flame view the root stands on the floor, also when there is room above. */
function slack() {
	return view.clientHeight - (deepest + 1) * ROW;
}

const widths = new Map();
function textWidth(text) {
	let w = widths.get(text);

	if (w === undefined) {
		w = context.measureText(text).width;
		widths.set(text, w);
	}
	return w;
}

function fitText(text, room) {
	if (text.length > 300)
		text = text.slice(0, 300) + "…";
	const full = textWidth(text);

	if (full <= room)
		return text;
	let low = 0, high = Math.min(text.length, Math.ceil(text.length * room / full) + 4);

	while (low < high) {
		const middle = (low + high + 1) >> 1;

		if (context.measureText(text.slice(0, middle) + "…").width <= room)
			low = middle;
		else
			high = middle - 1;
	}
	return low > 1 ? text.slice(0, low) + "…" : "";
}

function drawNode(node, x, y, w, dark) {
	const kind = kindOf(node);
	const matches = state.found && node && state.found[frameOf[node]];
	const dim = state.found && !matches;
	const gap = w > 3 ? 1 : 0;

	context.fillStyle = dim ? dimmed(dark).fill : frameColour(node, dark);
	context.fillRect(x, y, w - gap, ROW - 1);
	if (isPatterned(kind) && w > 2) {
		context.fillStyle = pattern(kind, dark);
		context.fillRect(x, y, w - gap, ROW - 1);
	}
	if (matches) {
		context.fillStyle = dark ? "#ff8ad8" : "#b1007c";
		context.fillRect(x, y + ROW - 4, w - gap, 3);
	}
	if (node === state.hover) {
		context.fillStyle = dark ? "rgb(255 255 255 / .22)" : "rgb(255 255 255 / .45)";
		context.fillRect(x, y, w - gap, ROW - 1);
	}
	if (w < TEXT_FROM)
		return;
	const text = fitText(nameOf(node), w - 9);

	if (text) {
		context.fillStyle = dim ? dimmed(dark).text : textColour(dark);
		context.fillText(text, x + 4, y + ROW / 2);
	}
}

function resize() {
	const ratio = window.devicePixelRatio || 1;
	const w = view.clientWidth, h = view.clientHeight;

	canvas.style.width = w + "px";
	canvas.style.height = h + "px";
	if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
		canvas.width = Math.round(w * ratio);
		canvas.height = Math.round(h * ratio);
	}
	space.style.height = Math.max(h, (deepest + 1) * ROW) + "px";
	context.setTransform(ratio, 0, 0, ratio, 0, 0);
}

function draw() {
	const dark = isDark(), h = view.clientHeight, w = view.clientWidth;
	const total = totalOf[state.type], k = scale(), top = view.scrollTop;

	queued = false;
	drawn = hidden = 0;
	context.clearRect(0, 0, w, h);
	context.font = FONT;
	context.textBaseline = "middle";
	for (let i = 0; i < count; i++) {
		const left = (start[i] - state.from) * k, size = total[i] * k;

		if (left >= w || left + size <= 0 || size < NARROWEST) {
			if (size < NARROWEST && left < w && left + size > 0)
				hidden += last[i] - i + 1;
			i = last[i];
			continue;
		}
		const y = rowTop(depthOf[i]) - top;

		if (y > h || y + ROW < 0)
			continue;
		const x = Math.max(0, left);

		drawNode(i, x, y, Math.min(w, left + size) - x, dark);
		drawn++;
	}
	placeFocus();
	view.dataset.drawn = drawn;
	view.dataset.hidden = hidden;
}

function redraw() {
	if (!queued) {
		queued = true;
		requestAnimationFrame(draw);
	}
}

/* A node's rectangle in the scrolled space, cut to the window's width. */
function rectOf(node) {
	const k = scale(), left = (start[node] - state.from) * k;
	const right = left + totalOf[state.type][node] * k, w = canvas.clientWidth;

	return {
		x: Math.max(0, Math.min(w, left)), y: rowTop(depthOf[node]),
		width: Math.max(0, Math.min(w, right) - Math.max(0, left)), height: ROW - 1,
	};
}

function placeFocus() {
	const r = rectOf(state.focus);

	focusBox.style.left = r.x + "px";
	focusBox.style.top = r.y + "px";
	focusBox.style.width = Math.max(4, r.width - 1) + "px";
	focusBox.style.height = r.height + "px";
}

/* The node at a place of the window, or -1. */
function nodeAt(clientX, clientY) {
	const box = view.getBoundingClientRect(), k = scale();
	const unit = state.from + (clientX - box.left) / k;
	const y = clientY - box.top + view.scrollTop;

	for (let i = 0; i < count; i++) {
		if (unit < start[i] || unit >= start[i] + totalOf[state.type][i]) {
			i = last[i];
			continue;
		}
		if (y >= rowTop(depthOf[i]) && y < rowTop(depthOf[i]) + ROW)
			return totalOf[state.type][i] * k < NARROWEST ? -1 : i;
	}
	return -1;
}

function showRange(node) {
	state.from = start[node];
	state.to = start[node] + (totalOf[state.type][node] || 1);
}

/* Go to the zoomed node's range, in a moment, or at once if motion is unwelcome. */
function glide() {
	const from = state.from, to = state.to, began = performance.now();
	const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
	const target = state.zoom;

	state.target = target;
	showRange(target);
	const goalFrom = state.from, goalTo = state.to;

	if (still || document.hidden) {
		redraw();
		return;
	}
	const step = now => {
		if (state.target !== target)
			return;
		const t = Math.min(1, (now - began) / 160), e = 1 - (1 - t) ** 3;

		state.from = from + (goalFrom - from) * e;
		state.to = to + (goalTo - to) * e;
		draw();
		if (t < 1)
			requestAnimationFrame(step);
	};
	state.from = from;
	state.to = to;
	requestAnimationFrame(step);
}
