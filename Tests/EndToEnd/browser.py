"""A headless Chromium, driven by the DevTools protocol through pipes: no port, no package."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import threading

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ALT, CONTROL, SHIFT = 1, 2, 8
KEYS = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowDown": 40, "ArrowUp": 38, "Slash": 191,
        "Comma": 188, "KeyN": 78, "KeyG": 71, "KeyM": 77, "KeyJ": 74, "KeyK": 75}


def find():
    """The path of a browser; None where none is installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """A browser with one tab, a profile of its own, and what its console complained about."""

    def __init__(self, path):
        self.profile = tempfile.mkdtemp(prefix="apus-page-")
        reads, self.to_browser = os.pipe()
        self.from_browser, writes = os.pipe()
        arguments = [
            path, "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--disable-gpu",
            "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage",
            "--hide-scrollbars", f"--user-data-dir={self.profile}", "about:blank"]
        # The protocol fixes these two numbers.
        redirect = f'exec "$@" 3<&{reads} 4>&{writes}'
        self.process = subprocess.Popen(
            ["bash", "-c", redirect, "bash", *arguments], pass_fds=(reads, writes),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(reads)
        os.close(writes)
        self.replies, self.changed, self.sent = {}, threading.Condition(), 0
        self.complaints, self.posted, self.answers, self.downloads = [], [], {}, 0
        self.session = None
        threading.Thread(target=self._listen, daemon=True).start()
        target = next(target for target in self.call("Target.getTargets")["targetInfos"]
                      if target["type"] == "page")
        self.session = self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self):
        """Ends the browser and forgets its profile."""
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **parameters):
        """Calls a method of the protocol; returns its result."""
        with self.changed:
            number = self._send(method, parameters)
            if not self.changed.wait_for(lambda: number in self.replies, timeout=60):
                raise TimeoutError(f"the browser does not answer {method}")
            reply = self.replies.pop(number)
        assert "error" not in reply, f"{method}: {reply.get('error')}"
        return reply["result"]

    def _send(self, method, parameters):
        self.sent += 1
        message = {"id": self.sent, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        return self.sent

    def _listen(self):
        with os.fdopen(self.from_browser, "rb") as pipe:
            rest = b""
            while data := pipe.read1(1 << 16):
                *messages, rest = (rest + data).split(b"\0")
                for message in map(json.loads, messages):
                    with self.changed:
                        self._take(message)
                        self.changed.notify_all()

    def _take(self, message):
        if "id" in message:
            self.replies[message["id"]] = message
            return
        parameters = message["params"]
        match message["method"]:
            case "Runtime.exceptionThrown":
                self.complaints.append(str(parameters["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "warning", "assert"):
                self.complaints.append(str(parameters["args"]))
            case "Log.entryAdded" if parameters["entry"]["level"] in ("error", "warning"):
                entry = parameters["entry"]
                self.complaints.append(f"{entry['text']} {entry.get('url', '')}")
            case "Browser.downloadProgress" if parameters["state"] == "completed":
                self.downloads += 1
            case "Fetch.requestPaused":
                self._answer(parameters)

    def _answer(self, paused):
        for path, body in self.answers.items():
            if paused["request"]["url"].endswith(path):
                status, text = body()
                request = paused["request"]
                self.posted.append({"headers": request["headers"], "body": request.get("postData")})
                self._send("Fetch.fulfillRequest", {
                    "requestId": paused["requestId"], "responseCode": status,
                    "body": base64.b64encode(text.encode()).decode()})
                return
        self._send("Fetch.continueRequest", {"requestId": paused["requestId"]})

    def answer(self, **paths):
        """Answers requests in the server's place: the ends of paths, and what gives their answers."""
        self.answers = {f"/{name}": body for name, body in paths.items()}
        if paths:
            self.call("Fetch.enable", patterns=[{"urlPattern": f"*/{name}"} for name in paths])
        else:
            self.call("Fetch.disable")

    def open(self, url):
        """Goes to an address, and waits until the page is there."""
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def evaluate(self, expression):
        """The value of an expression in the page; a promise is waited for."""
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True,
                           returnByValue=True)
        assert "exceptionDetails" not in result, f"{expression}: {result['exceptionDetails']}"
        return result["result"].get("value")

    def until(self, condition, seconds=90):
        """Waits in the page until a condition holds."""
        return self.evaluate(f"""new Promise((hold, fail) => {{
          const end = Date.now() + {seconds * 1000};
          const look = () => {{
            const value = ({condition});
            if (value) hold(value instanceof Node || value);
            else if (Date.now() > end) fail(new Error({json.dumps(condition)} + " never held"));
            else setTimeout(look, 20);
          }};
          look();
        }})""")

    def key(self, code, modifiers=0):
        """Presses a key, named by its place."""
        name = code.removeprefix("Key").lower() if code.startswith("Key") else code
        name = {"Slash": "/", "Comma": ","}.get(name, name)
        parameters = {"code": code, "key": name, "modifiers": modifiers,
                      "windowsVirtualKeyCode": KEYS[code]}
        text = {"text": "\r"} if code == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **parameters, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **parameters)

    def write(self, text):
        """Writes text where the focus is."""
        self.call("Input.insertText", text=text)

    def click(self, selector):
        """Clicks in the middle of an element that is in view."""
        x, y = self.evaluate(f"""(() => {{
          const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def wait_for_download(self):
        """Waits until one more file is there."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.downloads, timeout=60), "no file came"
            self.downloads -= 1

    def look_like(self, width=1280, height=800, phone=False, scheme="light",
                  motion="no-preference"):
        """Takes the size and the likings of a device."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=2 if phone else 1, mobile=phone)
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion}])
        self.until(
            f"matchMedia('(prefers-color-scheme: {scheme})').matches && innerWidth === {width}")

    def picture(self, path):
        """Writes what is seen as a PNG file."""
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
