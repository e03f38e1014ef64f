"""A real Chromium, driven over its debugging pipe (Chrome DevTools Protocol) with nothing but the standard library."""

import base64
import fcntl
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE_S = 30


def high(ends):
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in ends]
    for end in ends:
        os.close(end)
    return moved


class Chromium:
    def __init__(self):
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        assert program, "no Chromium: apt-get install chromium"
        self.profile = tempfile.mkdtemp(prefix="ssbtek-chromium-")
        # Out of the way of 3 and 4, which are the child's.
        to_child, self.to = high(os.pipe())
        self.back, from_child = high(os.pipe())

        def pipes():
            os.dup2(to_child, 3)
            os.dup2(from_child, 4)

        self.process = subprocess.Popen(
            [
                program,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                # The demo's certificate authority is nobody's; everything else about TLS stays as it is.
                "--ignore-certificate-errors",
                "--no-first-run",
                "--lang=sv-SE",
                "--accept-lang=sv-SE,sv",
                "--remote-debugging-pipe",
                f"--user-data-dir={self.profile}",
                "about:blank",
            ],
            preexec_fn=pipes,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_child)
        os.close(from_child)
        self.waiting = b""
        self.next = 0
        self.events = []

    def close(self):
        self.process.terminate()
        self.process.wait(10)
        os.close(self.to)
        os.close(self.back)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, session=None, **parameters):
        self.next += 1
        message = {"id": self.next, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        wanted = self.next
        until = time.monotonic() + PATIENCE_S
        while True:
            told = self.read(until)
            assert told is not None, f"{method}: no answer in {PATIENCE_S} s"
            if told.get("id") == wanted:
                assert "error" not in told, f"{method}: {told['error']}"
                return told["result"]
            self.events.append(told)

    def read(self, until):
        """The next message, or None when it is late."""
        while b"\0" not in self.waiting:
            ready, _, _ = select.select([self.back], [], [], max(0, until - time.monotonic()))
            if not ready:
                return None
            self.waiting += os.read(self.back, 1 << 20)
        message, self.waiting = self.waiting.split(b"\0", 1)
        return json.loads(message)

    def page(self, **how):
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        return Page(self, self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"], **how)


class Page:
    """One tab with cookies of its own."""

    def __init__(self, browser, session, width=1280, height=900, dark=False, script=True):
        self.browser, self.session = browser, session
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(f"{domain}.enable")
        self.look(width, height, dark)
        if not script:
            self.call("Emulation.setScriptExecutionDisabled", value=True)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def look(self, width, height=900, dark=False, text_percent=100):
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def go(self, url):
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def back(self):
        history = self.call("Page.getNavigationHistory")
        entry = history["entries"][history["currentIndex"] - 1]
        self.call("Page.navigateToHistoryEntry", entryId=entry["id"])
        time.sleep(0.3)
        self.wait("document.readyState === 'complete'")

    def js(self, expression):
        """What an expression comes to; the tests look at the page by it, the page itself has no script."""
        for _ in range(100):
            told = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
            if "exceptionDetails" not in told:
                return told["result"].get("value")
            # The page went while it was looked at.
            if "context" not in json.dumps(told["exceptionDetails"]):
                raise AssertionError(f"{expression}: {told['exceptionDetails']}")
        raise AssertionError(expression)

    def wait(self, expression, seconds=PATIENCE_S):
        until = time.monotonic() + seconds
        while True:
            try:
                if self.js(f"Boolean({expression})"):
                    return
            except AssertionError as error:
                if "Cannot find context" not in str(error) and "destroyed" not in str(error):
                    raise
            assert time.monotonic() < until, f"never came true: {expression}\n{self.text()}"
            time.sleep(0.05)

    def text(self):
        return self.js("document.body ? document.body.innerText : ''") or ""

    def url(self):
        return self.js("location.href")

    def click(self, selector, text=None):
        """Clicks where the thing is, as a hand would; waits for the page that comes of it."""
        found = f"[...document.querySelectorAll({json.dumps(selector)})]"
        if text:
            found += f".filter(one => one.textContent.trim().startsWith({json.dumps(text)}))"
        box = self.js(
            f"(() => {{ const one = {found}[0]; if (!one) return null; one.scrollIntoView({{block: 'center'}});"
            " const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        assert box, f"nothing to click: {selector} {text}\n{self.text()}"
        for kind in ["mousePressed", "mouseReleased"]:
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def leads(self, selector, text=None):
        """Clicks what leads to another page, and waits for that."""
        mark = f"m{time.monotonic_ns()}"
        self.js(f"window.{mark} = true")
        self.click(selector, text)
        self.wait(f"!window.{mark} && document.readyState === 'complete'")

    def type(self, text):
        self.call("Input.insertText", text=text)

    def key(self, key):
        codes = {"Tab": 9, "Enter": 13, " ": 32}
        text = {"Enter": "\r", " ": " "}.get(key, "")
        for kind in ["keyDown", "keyUp"]:
            more = {"text": text} if kind == "keyDown" and text else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=codes[key], **more)

    def picture(self, path):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1}
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))

    def complaints(self):
        """What the browser has complained about: its console, and the content policy."""
        self.call("Runtime.evaluate", expression="1")
        told = []
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            if event["method"] == "Log.entryAdded":
                entry = event["params"]["entry"]
                if entry["level"] == "info":
                    continue
                told.append(f"{entry['source']} {entry['level']}: {entry['text']} {entry.get('url', '')}")
            elif event["method"] in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
                told.append(json.dumps(event["params"])[:500])
        return told
