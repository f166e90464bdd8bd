# SPDX-License-Identifier: GPL-2.0
"""Drives the flame graph's page: test_flame.py FOLDER_WITH_PAGES FOLDER_FOR_SCREENSHOTS"""

import os
import sys

import webdriver

WORK, SHOTS = sys.argv[1:3]


def equal(got, wanted):
    assert got == wanted, f"{got!r} is not {wanted!r}"


def load(b, name, fragment=""):
    b.open("about:blank")
    b.open("file://" + os.path.join(WORK, name) + fragment)
    b.wait("the page", "return document.documentElement.dataset.ready")
    settle(b)


def settle(b):
    """Until what was changed is drawn."""
    b.call("POST", "/execute/async", {"args": [], "script":
           "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))"})


def place(b, name):
    """The middle of a frame, in the window."""
    settle(b)
    r = b.run("""const r = ringprof.find(arguments[0]);
        const box = document.getElementById('view').getBoundingClientRect();
        return r && [box.x + r.x + r.width / 2, box.y + r.y - r.scroll + r.height / 2,
                     r.width]""", name)
    assert r and r[2] > 1, f"{name} is not there to be clicked: {r}"
    return r


def click_frame(b, name):
    x, y, _ = place(b, name)
    b.pointer(x, y, click=True)
    settle(b)


def view(b, what):
    return b.run("return document.getElementById('view').dataset[arguments[0]]", what)


def text(b, selector):
    return b.run("return document.querySelector(arguments[0]).textContent", selector)


def test_first_look(b):
    load(b, "small.html")
    equal(b.run("return document.title"), "small.pb.gz")
    facts = text(b, "#facts")
    for fact in ("checkout", "db-17", "10.0 s", "1\u202f000 samples"):
        assert fact in facts, f"{fact} is missing in {facts}"
    equal(view(b, "orientation"), "flame")
    assert int(view(b, "drawn")) > 30, "too little is drawn"
    # 600, 300 and 100 samples of 1000: widths are shares.
    widths = [place(b, name)[2] for name in ("postgres", "xz", "<script>bad()</script>")]
    whole = place(b, "all")[2]
    for width, share in zip(widths, (0.6, 0.3, 0.1)):
        assert abs(width / whole - share) < 0.002, (width, whole, share)
    # In the right place, and really painted: the pixel has the frame's colour.
    assert b.run("""const c = document.getElementById('canvas').getContext('2d');
        const r = ringprof.find('ExecSort'), k = devicePixelRatio;
        const p = c.getImageData((r.x + r.width - 6) * k, (r.y + 4 - r.scroll) * k, 1, 1).data;
        return p[3] === 255 && p[0] > p[2]"""), "nothing is painted where ExecSort is"
    b.screenshot(os.path.join(SHOTS, "flame.png"))


def test_hover(b):
    load(b, "small.html")
    b.pointer(*place(b, "copy_page_to_iter")[:2])
    settle(b)
    tip = text(b, "#tip")
    for part in ("copy_page_to_iter", "kernel", "[kernel.kallsyms]", "samples", "100", "1.01 s",
                 "10.00%"):
        assert part in tip, f"{part} is missing in {tip}"
    assert not b.run("return document.getElementById('tip').hidden")
    assert "10.00% of total" in text(b, "#detail-rest")
    b.screenshot(os.path.join(SHOTS, "flame-hover.png"))
    b.pointer(*place(b, "ExecInterpExpr")[:2])
    assert "user · /usr/lib/postgresql/15/bin/postgres" in text(b, "#tip")
    b.pointer(*place(b, "xz+0x801100")[:2])
    assert "unresolved" in text(b, "#tip")


def test_zoom_by_click(b):
    load(b, "small.html")
    before = place(b, "ExecSort")[2]
    click_frame(b, "ExecutorRun")
    equal(view(b, "zoom"), "ExecutorRun")
    whole = place(b, "all")[2]
    assert abs(place(b, "ExecutorRun")[2] - whole) < 1, "it does not fill the width"
    after = place(b, "ExecSort")[2]
    assert abs(after / before - 1000 / 560) < 0.05, (before, after)
    b.pointer(*place(b, "ExecSort")[:2])
    assert "16.07%" in text(b, "#tip"), text(b, "#tip")     # 90 of 560
    assert "zoom=" in b.run("return location.hash")
    # A caller below leads back; so do the path, the browser and the button.
    click_frame(b, "PostgresMain")
    equal(view(b, "zoom"), "PostgresMain")
    b.run("history.back()")
    b.wait("back", "return document.getElementById('view').dataset.zoom === 'ExecutorRun'")
    b.click("#path button:first-child")
    equal(view(b, "zoom"), "all")
    click_frame(b, "xz")
    b.click("#reset")
    equal(view(b, "zoom"), "all")


def test_search(b):
    load(b, "small.html")
    b.type("#search", "exec")
    settle(b)
    # ExecutorRun covers 560, exec_simple_query 40: nested matches count once.
    equal(text(b, "#match"), "6 functions · 60.00%")
    b.screenshot(os.path.join(SHOTS, "flame-search.png"))
    assert "search=exec" in b.run("return location.hash")
    click_frame(b, "ExecHashJoin")
    assert text(b, "#match").startswith("6 functions · 100.00% of ExecHashJoin")
    b.click("#reset")
    equal(text(b, "#match"), "")
    b.type("#search", "^Exec(Sort|HashJoin)$")
    equal(text(b, "#match"), "0 functions · 0.00%")
    b.click("#regex")
    equal(text(b, "#match"), "2 functions · 43.00%")
    b.type("#search", "(")
    equal(text(b, "#match"), "not a regular expression")
    equal(b.run("return document.getElementById('search').getAttribute('aria-invalid')"), "true")
    # What the address keeps is there after loading again.
    load(b, "small.html", "#search=vfs_&zoom=" + str(b.run("return ringprof.find('xz').node")))
    equal(view(b, "zoom"), "xz")
    equal(view(b, "matches"), "1")
    equal(text(b, "#match"), "1 function · 0.00% of xz")


def test_keys(b):
    load(b, "small.html")
    b.run("document.getElementById('view').focus()")
    equal(view(b, "focus"), "all")
    label = "return document.getElementById('focus').getAttribute(arguments[0])"
    b.keys("Up")
    equal(view(b, "focus"), "postgres")
    equal(b.run(label, "aria-level"), "2")
    equal(b.run(label, "aria-setsize"), "3")
    assert b.run(label, "aria-label").startswith("postgres, process, 600 samples")
    b.keys("Right")
    equal(view(b, "focus"), "xz")
    b.keys("Right", "Right")
    equal(view(b, "focus"), "<script>bad()</script>")
    b.keys("Left", "Up", "Up", "Up")
    equal(view(b, "focus"), "lzma_code")
    b.keys("Enter")
    equal(view(b, "zoom"), "lzma_code")
    b.keys("Down")
    equal(view(b, "focus"), "main")
    equal(view(b, "zoom"), "main")
    b.keys("Backspace")
    equal(view(b, "zoom"), "__libc_start_main")
    b.keys("Escape")
    equal(view(b, "zoom"), "all")
    # "/" goes to the search, Enter from there to the first match, n to the next.
    b.keys("/")
    equal(b.run("return document.activeElement.id"), "search")
    b.keys(*"_tree")
    equal(text(b, "#match"), "1 function · 6.00%")
    b.keys("Enter")
    equal(view(b, "focus"), "encode_tree")
    first = b.run(label, "aria-level")
    b.keys("n")
    equal(int(b.run(label, "aria-level")), int(first) + 1)
    b.keys("p")
    equal(b.run(label, "aria-level"), first)
    # The focus is visible, and Tab reaches the controls and the graph.
    box = b.run("const r = document.getElementById('focus').getBoundingClientRect();"
                "return [r.width, r.height]")
    assert box[0] > 3 and box[1] > 10, box
    assert "solid" in b.run("return getComputedStyle(document.getElementById('focus')).outline")
    b.keys("Escape")
    equal(text(b, "#match"), "")
    b.run("document.activeElement.blur()")
    seen = set()
    for _ in range(14):
        b.keys("Tab")
        seen.add(b.run("return document.activeElement.id"))
    for name in ("view-flame", "view-icicle", "view-table", "type", "search", "regex", "reset",
                 "theme", "view"):
        assert name in seen, f"Tab does not reach {name}: {seen}"


def test_orientation_and_table(b):
    load(b, "small.html")
    assert place(b, "all")[1] > place(b, "main")[1], "a flame has its root at the bottom"
    b.click("#view-icicle")
    equal(view(b, "orientation"), "icicle")
    assert place(b, "all")[1] < place(b, "main")[1], "an icicle has its root at the top"
    b.run("document.getElementById('view').focus()")
    b.keys("Down")
    equal(view(b, "focus"), "postgres")
    b.screenshot(os.path.join(SHOTS, "flame-icicle.png"))
    load(b, "small.html", "#view=icicle")
    equal(view(b, "orientation"), "icicle")
    b.click("#view-table")
    row = b.run("return [...document.querySelectorAll('#rows tr:first-child td')]"
                ".map(td => td.textContent)")
    equal(row, ["2.22 s", "22.00%", "2.22 s", "22.00%", "user", "ExecInterpExpr",
                "/usr/lib/postgresql/15/bin/postgres"])
    # Three frames of encode_tree on one stack: 6 %, not 18.
    assert b.run("""return [...document.querySelectorAll('#rows tr')].some(tr =>
        tr.cells[5].textContent === 'encode_tree' && tr.cells[3].textContent === '6.00%')""")
    b.screenshot(os.path.join(SHOTS, "flame-table.png"))
    b.click("#rows tr:first-child button")
    equal(view(b, "focus"), "ExecInterpExpr")
    equal(view(b, "matches"), "1")
    b.run("const t = document.getElementById('type'); t.value = 0;"
          "t.dispatchEvent(new Event('change'))")
    assert "220 samples" in text(b, "#detail-rest")


def test_hostile_names(b):
    load(b, "small.html")
    click_frame(b, "<b onmouseover=alert(1)>root</b>")
    for name in ("<img src=x onerror=\"document.title='evil'\">", "<!--<script>", "__proto__",
                 "</script><script>document.title='evil'</script>"):
        b.pointer(*place(b, name)[:2])
        settle(b)
        assert name in text(b, "#tip"), text(b, "#tip")
    assert place(b, "a;b??[31m?"), "control characters are shown"
    b.click("#view-table")
    settle(b)
    equal(b.run("return document.title"), "small.pb.gz")
    equal(b.run("return document.querySelectorAll('main img, main b, main script').length"), 0)
    # Even as markup it would not run: the policy forbids it.
    b.run("document.getElementById('more').innerHTML ="
          "\"<img src=x onerror=\\\"document.title='evil'\\\">\"")
    settle(b)
    equal(b.run("return document.title"), "small.pb.gz")


def test_big(b):
    load(b, "big.html")
    nodes = b.run("return ringprof.count")
    assert nodes >= 10000, f"only {nodes} frames"
    assert int(view(b, "drawn")) > 1000
    b.screenshot(os.path.join(SHOTS, "flame-big.png"))
    click_frame(b, "function_3_of_level_3")
    equal(view(b, "zoom"), "function_3_of_level_3")
    assert int(view(b, "drawn")) > 100
    b.type("#search", "of_level_20")
    equal(view(b, "matches"), "400")
    b.click("#reset")
    # Every depth can be reached by scrolling.
    b.run("document.getElementById('view').scrollTop = 0")
    settle(b)
    assert int(view(b, "drawn")) > 100


CONTRAST = """
const c = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const luminance = colour => {
    c.fillStyle = colour;
    c.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...c.getImageData(0, 0, 1, 1).data].slice(0, 3).map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (x, y) => {
    const [a, b] = [luminance(x), luminance(y)].sort((p, q) => q - p);
    return (a + 0.05) / (b + 0.05);
};
let worst = 99;
for (const dark of [false, true]) {
    for (let kind = 0; kind < 5; kind++)
        for (let a = 0; a <= 1; a += 0.1)
            for (let b = 0; b <= 1; b += 0.1)
                worst = Math.min(worst, contrast(ringprof.shade(kind, a, b, dark),
                                                 ringprof.textColour(dark)));
    worst = Math.min(worst, contrast(ringprof.dimmed(dark).fill, ringprof.dimmed(dark).text));
}
const style = getComputedStyle(document.documentElement);
for (const [text, ground] of [['text', 'page'], ['text', 'raised'], ['muted', 'page'],
                              ['muted', 'raised'], ['muted', 'tip'], ['accent', 'page'],
                              ['on-accent', 'accent']])
    worst = Math.min(worst, contrast(style.getPropertyValue('--' + text),
                                     style.getPropertyValue('--' + ground)));
return worst;
"""


def test_contrast(b):
    load(b, "small.html")
    for _ in range(2):
        worst = b.run(CONTRAST)
        assert worst >= 4.5, f"the worst contrast is {worst:.2f}, below 4.5"
        b.click("#theme")
    b.click("#theme")
    settle(b)
    equal(b.run("return document.documentElement.dataset.theme"), "dark")
    b.screenshot(os.path.join(SHOTS, "flame-dark.png"))


def main():
    tests = [f for name, f in sorted(globals().items()) if name.startswith("test_")]
    failed = 0
    with webdriver.browser() as b:
        for test in tests:
            try:
                test(b)
                bad = [e["message"] for e in b.console() if e["level"] == "SEVERE"
                       and not (test is test_hostile_names and "Content Security" in e["message"])]
                assert not bad, f"the console has errors: {bad}"
                print(f"ok    {test.__name__}")
            except (AssertionError, RuntimeError) as error:
                failed += 1
                print(f"FAIL  {test.__name__}: {error}")
                b.console()
    sys.exit(1 if failed else 0)


main()
