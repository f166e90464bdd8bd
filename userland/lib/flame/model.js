"use strict";
/*
 * The profile as the page has it. Nodes come in order (parents first, each one's
 * subtree behind it), so a subtree is a range: [i, last[i]].
 */
const KINDS = ["user", "kernel", "unresolved", "kernel unresolved", "process"];
const USER = 0, KERNEL = 1, UNRESOLVED = 2, KERNEL_UNRESOLVED = 3, PROCESS = 4;

const data = JSON.parse(document.getElementById("data").textContent);
const types = data.types.map(([name, unit]) => ({ name, unit }));
const frames = [];
for (let i = 0; i < data.frames.length; i += 4) {
	frames.push({
		name: data.strings[data.frames[i]], mapping: data.strings[data.frames[i + 1]],
		source: data.strings[data.frames[i + 2]], kind: data.frames[i + 3],
	});
}

const width = 2 + types.length;
const count = data.nodes.length / width;
const frameOf = new Int32Array(count);
const depthOf = new Int32Array(count);
const parentOf = new Int32Array(count);
const last = new Int32Array(count);
const selfOf = types.map(() => new Float64Array(count));
const totalOf = types.map(() => new Float64Array(count));
/* Where a node begins, in the unit of the type shown, from the root's left. */
const start = new Float64Array(count);
let deepest = 0;

function readNodes() {
	const path = [];

	for (let i = 0; i < count; i++) {
		const at = i * width, depth = data.nodes[at + 1];

		frameOf[i] = data.nodes[at];
		depthOf[i] = depth;
		parentOf[i] = depth ? path[depth - 1] : -1;
		path[depth] = i;
		deepest = Math.max(deepest, depth);
		for (let t = 0; t < types.length; t++)
			selfOf[t][i] = totalOf[t][i] = data.nodes[at + 2 + t];
	}
	for (let i = count - 1; i >= 0; i--) {
		last[i] = Math.max(last[i], i);
		if (i) {
			const p = parentOf[i];

			last[p] = Math.max(last[p], last[i]);
			for (let t = 0; t < types.length; t++)
				totalOf[t][p] += totalOf[t][i];
		}
	}
}

function layOut(type) {
	const next = new Float64Array(count);

	for (let i = 0; i < count; i++) {
		const p = parentOf[i];

		start[i] = p < 0 ? 0 : next[p];
		next[i] = start[i];
		if (p >= 0)
			next[p] += totalOf[type][i];
	}
}

function nameOf(node) {
	return node ? frames[frameOf[node]].name : "all";
}

function kindOf(node) {
	return node ? frames[frameOf[node]].kind : PROCESS;
}

function scaled(v, steps) {
	let i = steps.length - 1;

	while (i > 0 && Math.abs(v) < steps[i][0] * 0.9995)
		i--;
	const shown = v / steps[i][0], size = Math.abs(shown);
	return shown.toFixed(!i || size >= 100 ? 0 : size >= 10 ? 1 : 2) + " " + steps[i][1];
}

/* The same as rp_out_human(). */
function human(v, unit) {
	if (unit === "nanoseconds") {
		const s = Math.floor(Math.abs(v) / 1e9), pad = n => String(n).padStart(2, "0");

		if (s >= 3600)
			return Math.floor(s / 3600) + " h " + pad(Math.floor(s / 60) % 60) + " min";
		if (s >= 600)
			return Math.floor(s / 60) + " min " + pad(s % 60) + " s";
		return scaled(v, [[1, "ns"], [1e3, "µs"], [1e6, "ms"], [1e9, "s"]]);
	}
	if (unit === "bytes") {
		return scaled(v, [[1, "B"], [1024, "KiB"], [1048576, "MiB"], [2 ** 30, "GiB"],
				  [2 ** 40, "TiB"], [2 ** 50, "PiB"]]);
	}
	const digits = Math.round(v).toLocaleString("en-US").replaceAll(",", "\u202f");
	return unit && unit !== "count" ? digits + " " + unit : digits;
}

/* "12,345 samples", "1.25 s": a value of type t, with its name where digits need one. */
function amount(v, t) {
	return human(v, types[t].unit) + (types[t].unit === "count" ? " " + types[t].name : "");
}

function percent(part, whole) {
	return whole ? (part / whole * 100).toFixed(2) + "%" : "–";
}

/* Which frames match, as one byte per frame; null: nothing is searched for. */
function findFrames(text, regex) {
	if (!text)
		return null;
	const found = new Uint8Array(frames.length), low = text.toLowerCase();
	const re = regex ? new RegExp(text, "i") : null;

	frames.forEach((f, i) => {
		found[i] = re ? re.test(f.name) : f.name.toLowerCase().includes(low);
	});
	return found;
}

/* What matches below a node cover together: nested matches count once. */
function matchedTotal(found, type, top) {
	let sum = 0;

	for (let i = top; i <= last[top]; i++) {
		if (i && found[frameOf[i]]) {
			sum += totalOf[type][i];
			i = last[i];
		}
	}
	return sum;
}

/* Self and cumulative per function below a node; recursion counts once. */
function functionsBelow(type, top) {
	const rows = frames.map((f, i) => ({ frame: i, self: 0, total: 0, used: false }));
	const until = new Int32Array(frames.length).fill(-1);

	for (let i = top; i <= last[top]; i++) {
		if (!i || kindOf(i) === PROCESS)
			continue;
		const row = rows[frameOf[i]];

		row.used = true;
		row.self += selfOf[type][i];
		/* Inside an earlier node of the same frame it is counted already. */
		if (i > until[frameOf[i]]) {
			row.total += totalOf[type][i];
			until[frameOf[i]] = last[i];
		}
	}
	return rows.filter(r => r.used);
}

readNodes();
