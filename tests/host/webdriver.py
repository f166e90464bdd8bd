# SPDX-License-Identifier: GPL-2.0
"""A WebDriver client that is just large enough for our tests: Debian's chromedriver
over HTTP, nothing but the standard library."""

import base64
import contextlib
import json
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Backspace": "\ue003", "Left": "\ue012",
        "Up": "\ue013", "Right": "\ue014", "Down": "\ue015", "Tab": "\ue004",
        "Home": "\ue011"}


class Browser:
    def __init__(self, driver_url, profile, width, height):
        self.url = driver_url
        args = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--disable-dev-shm-usage",
                "--force-prefers-reduced-motion", "--hide-scrollbars",
                f"--window-size={width},{height}", f"--user-data-dir={profile}"]
        answer = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": args}}}})
        self.url += "/session/" + answer["sessionId"]

    def call(self, method, path, body=None):
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(self.url + path, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def open(self, url):
        self.call("POST", "/url", {"url": url})

    def run(self, script, *args):
        """The value of a script's return statement."""
        return self.call("POST", "/execute/sync", {"script": script, "args": list(args)})

    def wait(self, what, script, *args):
        """Until the script returns something true; that is returned."""
        for _ in range(200):
            value = self.run(script, *args)
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError("waited in vain for " + what)

    def find(self, selector):
        return self.call("POST", "/element",
                         {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.call("POST", f"/element/{self.find(selector)}/click", {})

    def type(self, selector, text):
        self.call("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def keys(self, *names):
        """Press keys where the focus is."""
        actions = []
        for name in names:
            key = KEYS.get(name, name)
            actions += [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self.call("POST", "/actions", {"actions": [
            {"type": "key", "id": "keyboard", "actions": actions}]})

    def pointer(self, x, y, click=False):
        actions = [{"type": "pointerMove", "duration": 0, "origin": "viewport",
                    "x": int(x), "y": int(y)}]
        if click:
            actions += [{"type": "pointerDown", "button": 0},
                        {"type": "pointerUp", "button": 0}]
        self.call("POST", "/actions", {"actions": [
            {"type": "pointer", "id": "mouse", "actions": actions}]})

    def screenshot(self, path):
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.call("GET", "/screenshot")))

    def console(self):
        return self.call("POST", "/se/log", {"type": "browser"})

    def quit(self):
        self.call("DELETE", "")


@contextlib.contextmanager
def browser(width=1440, height=820):
    """A browser with a profile of its own; gone with its driver at the end."""
    profile = tempfile.mkdtemp()
    driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    b = None
    try:
        for line in driver.stdout:
            if "successfully on port" in line:
                break
        else:
            raise RuntimeError("chromedriver does not start")
        port = line.rstrip().rstrip(".").rsplit(" ", 1)[1]
        b = Browser(f"http://127.0.0.1:{port}", profile, width, height)
        yield b
    finally:
        if b:
            b.quit()
        driver.terminate()
        driver.wait()
        shutil.rmtree(profile, ignore_errors=True)
