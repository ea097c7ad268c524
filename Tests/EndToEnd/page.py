"""Checks the page at / in a browser. Usage: page.py PATH_TO_APUS MODEL [--pictures FOLDER]

Skipped, saying so, where no browser is installed.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import traceback
import urllib.error

import browser
# These hold checks of their own.
import page_answers  # noqa: F401
import page_talks  # noqa: F401
import page_text  # noqa: F401
from browser import ALT, SHIFT
from page_looks import CONTRASTS, TAB_STOPS
from page_visit import ANSWER, CHECKS, DONE, FACTS, LONG, check, conversation
from page_visit import Visit
from server import Server

class Counters:
    """Counters of a busy server, as Prometheus reads them; each reading finds more of everything."""

    def __init__(self):
        self.readings = 0

    def __call__(self):
        self.readings += 1
        at = self.readings
        return 200, "".join(f"{line}\n" for line in (
            "# TYPE apus:num_requests_running gauge",
            'apus:num_requests_running{model_name="m, \\"}"} 7', "apus:num_requests_waiting 2",
            "apus:kv_cache_usage_perc 0.25", f"apus:generation_tokens_total {at * 100}",
            f"apus:prompt_tokens_total {at * 10}",
            f'apus:time_to_first_token_seconds_bucket{{le="0.1",model_name="m"}} {at}',
            f'apus:time_to_first_token_seconds_bucket{{le="0.2",model_name="m"}} {at * 4}',
            f'apus:time_to_first_token_seconds_bucket{{le="+Inf",model_name="m"}} {at * 4}'))


@check
def chat(v):
    """a message is answered word by word, with what is known of the answer below"""
    v.begin()
    assert v.texts("#model-name") == [json.loads(v.get("/v1/models"))["data"][0]["id"]]
    v.picture("welcome")
    assert "Paris" in v.talk("What is the capital of France?")
    facts = v.browser.evaluate(FACTS)
    # A fast machine writes this short answer in less time than a speed is told for.
    known = r"\d+ tokens( · [\d.,]+ tokens/s)? · first after [\d.]+ m?s"
    assert re.fullmatch(known, facts), facts
    assert v.texts(".conversation-title") == ["What is the capital of France?"]
    v.talk("And of Germany?")
    assert len(v.texts(".message")) == 4
    v.picture("chat")


@check
def stop(v):
    """Esc stops an answer in the middle; what is there stays, and the server is idle again"""
    v.begin(maxTokens="4000")
    v.say(LONG)
    v.browser.until(f"{ANSWER}.length > 30")
    assert v.browser.evaluate("document.getElementById('send').hidden")
    v.picture("streaming")
    v.browser.key("Escape")
    v.browser.until(DONE)
    assert "stopped" in v.browser.evaluate(FACTS)
    kept = v.browser.evaluate(ANSWER)
    v.wait_until_idle()
    assert len(kept) > 30 and v.browser.evaluate(ANSWER) == kept


@check
def reload(v):
    """conversations outlive a reload, one in the middle of its answer too"""
    v.begin([conversation("Old one", "What is up?", "Not much.")], maxTokens="4000")
    v.browser.key("KeyN", ALT)
    v.say(LONG)
    v.browser.until(f"{ANSWER}.length > 30")
    v.again()
    v.wait_until_idle()
    assert v.texts(".conversation-title") == [LONG, "Old one"]
    assert len(v.browser.evaluate(ANSWER)) >= 30
    v.browser.key("ArrowDown", ALT)
    assert v.texts(".message-body") == ["What is up?", "Not much."]


@check
def side_by_side(v):
    """an answer goes on while another conversation is shown"""
    v.begin(maxTokens="60")
    v.say(LONG)
    v.browser.until(f"{ANSWER}.length > 5")
    v.browser.key("KeyN", ALT)
    v.talk("What is the capital of France?")
    v.browser.until("!document.querySelector('.conversation.running')")
    v.browser.key("ArrowDown", ALT)
    assert "60 tokens" in v.browser.evaluate(FACTS), v.browser.evaluate(FACTS)
    assert "cut off" in v.browser.evaluate(FACTS)


@check
def again_and_edit(v):
    """an answer can be asked for again, a message be edited, and both be undone"""
    v.begin([conversation("Talk", "Say hello.", "HELLO", "Now say bye.", "BYE")])
    v.browser.click(".message:nth-child(4) .tool-again")
    v.browser.until(f"{DONE} && {ANSWER} !== 'BYE'")
    v.browser.click("#toast-action")
    assert v.texts(".message-body") == ["Say hello.", "HELLO", "Now say bye.", "BYE"]
    v.browser.click(".message:nth-child(1) .tool-edit")
    v.browser.evaluate("document.activeElement.select()")
    v.browser.write("What is the capital of France?")
    v.picture("edit")
    v.browser.key("Enter")
    v.browser.until(DONE)
    said = v.texts(".message-body")
    assert said[0] == "What is the capital of France?" and "Paris" in said[1] and len(said) == 2
    v.browser.click("#toast-action")
    assert len(v.texts(".message-body")) == 4


@check
def conversations(v):
    """conversations are renamed, deleted, brought back, and exported"""
    v.begin([conversation("First", "a", "b", updated=2), conversation("Second", "c", "d *e*")])
    v.browser.click(".conversation:nth-child(2) .conversation-more")
    v.picture("menu")
    v.browser.key("Enter")
    v.browser.evaluate("document.activeElement.select()")
    v.browser.write("Renamed")
    v.browser.key("Enter")
    assert v.texts(".conversation-title") == ["First", "Renamed"]
    with tempfile.TemporaryDirectory() as folder:
        v.browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=folder,
                       eventsEnabled=True)
        for downs, name in ((1, "Renamed.md"), (2, "Renamed.json")):
            v.browser.click(".conversation:nth-child(2) .conversation-more")
            for _ in range(downs):
                v.browser.key("ArrowDown")
            v.browser.key("Enter")
            v.browser.wait_for_download()
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                text = file.read()
            assert "d *e*" in text
        assert json.loads(text)["messages"][0] == {"role": "user", "content": "c"}
    v.browser.click(".conversation:nth-child(2) .conversation-more")
    v.browser.key("ArrowUp")
    v.browser.key("Enter")
    assert v.texts(".conversation-title") == ["First"]
    v.browser.click("#toast-action")
    assert v.texts(".conversation-title") == ["Renamed", "First"]
    v.again()
    assert v.texts(".conversation-title") == ["Renamed", "First"]


@check
def model_text(v):
    """what a model writes is shown as text, with a little Markdown, and never runs"""
    hostile = "\n".join([
        "<img src=x onerror=alert(1)><script>alert(1)</script>", "", "**bold** *it* `co<b>de`", "",
        "[link](javascript:alert(1))", "", "1. one", "   - two", "2. three", "",
        "```html", "<b>&amp;</b>", "```", "", "5 * 3 * 2, snake_case_name, \\*no\\*"])
    deep = "".join("  " * depth + "- x\n" for depth in range(300)) + ">" * 2000 + "*a " * 70000
    v.begin([conversation("Hostile", "x", hostile), conversation("Deep", "x", deep, updated=0)])
    body = ".message.assistant .message-body"
    count = lambda what: v.browser.evaluate(f"document.querySelectorAll('{body} {what}').length")
    assert [count(what) for what in ("img", "script", "a", "b")] == [0, 0, 0, 0]
    assert v.texts(f"{body} strong") == ["bold"] and v.texts(f"{body} em") == ["it"]
    assert v.texts(f"{body} :not(pre) > code") == ["co<b>de"]
    assert v.texts(f"{body} pre") == ["<b>&amp;</b>"]
    assert v.texts(f"{body} ol > li > ul > li") == ["two"] and count("ol > li") == 2
    text = v.texts(body)[0]
    assert "<script>alert(1)</script>" in text and "[link](javascript:alert(1))" in text
    assert "5 * 3 * 2, snake_case_name, *no*" in text
    v.picture("markdown")
    v.browser.key("ArrowDown", ALT)
    assert v.texts(body)[0].count("x") == 300


@check
def keyboard(v):
    """everything is reached by Tab, shows its focus, and has a name; settings work by keys alone"""
    v.begin([conversation("Talk", "Hello", "Look:\n\n```\ncode\n```")])
    v.browser.evaluate("document.querySelector('.skip').focus()")
    stops = []
    while (stop := v.browser.evaluate(TAB_STOPS))["id"] != "the page":
        assert stop["name"], f"no name: {stop}"
        assert stop["focus"], f"no visible focus: {stop}"
        stops.append(stop["name"])
        assert len(stops) < 60, stops
        v.browser.key("Tab")
    for name in ("New conversation", "Talk", "Settings", "Chat", "Engine", "Copy", "Edit",
                 "Answer again"):
        assert name in stops, f"{name} is not among {stops}"
    v.browser.key("Comma", ALT)
    v.browser.write("Answer in French.")
    v.browser.key("Tab")
    v.browser.evaluate("document.activeElement.select()")
    v.browser.write("9")
    v.browser.key("Enter")
    assert "from 0 to 2" in v.texts("#settings-error")[0]
    assert v.browser.evaluate("document.activeElement.name") == "temperature"
    v.picture("settings")
    v.browser.evaluate("document.activeElement.select()")
    v.browser.write("0.5")
    v.browser.key("Enter")
    kept = json.loads(v.browser.evaluate("localStorage.getItem('apus.settings')"))
    assert (kept["system"], kept["temperature"], kept["topP"]) == ("Answer in French.", "0.5", "")
    v.browser.key("Slash", ALT)
    assert "New conversation" in v.texts("#shortcuts[open]")[0]
    v.picture("shortcuts")
    v.browser.key("Escape")
    v.browser.key("KeyM", ALT)
    v.browser.write("one")
    v.browser.key("Enter", SHIFT)
    v.browser.write("two")
    assert v.browser.evaluate("document.getElementById('composer-text').value") == "one\ntwo"


@check
def request(v):
    """the settings and the key are what the server gets, and no key outlives the tab"""
    v.begin(system="Be brief.", temperature="0.25", topP="0.9", maxTokens="5", seed="7")
    v.browser.evaluate("sessionStorage.setItem('apus.key', 'secret')")
    v.browser.answer(completions=lambda: (401, '{"error": {"message": "a key is needed"}}'))
    v.say("Hello")
    v.browser.until(DONE)
    sent = v.browser.posted[-1]
    assert sent["headers"]["Authorization"] == "Bearer secret"
    body = json.loads(sent["body"])
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    assert (body["temperature"], body["top_p"], body["max_completion_tokens"], body["seed"]) == (
        0.25, 0.9, 5, 7)
    assert "a key is needed" in v.texts(".message.assistant .error")[0]
    v.picture("error")
    v.browser.click(".message.assistant .error button")
    assert v.browser.evaluate("document.activeElement.name") == "key"
    assert "secret" not in v.browser.evaluate("JSON.stringify(localStorage)")
    assert all("401" in complaint for complaint in v.browser.complaints)
    v.browser.complaints.clear()


@check
def phone(v):
    """on a phone nothing is too wide, and the conversations are a drawer"""
    v.begin([conversation("Talk", "Hello", "```\n" + "wide " * 100 + "\n```\n" + "w" * 300)])
    v.browser.answer(metrics=Counters())
    v.browser.look_like(390, 844, phone=True)
    closed = "getComputedStyle(document.getElementById('sidebar')).visibility === 'hidden'"
    v.browser.until(closed)
    wide = """[document.documentElement, document.getElementById('scroller')].some(
      (each) => each.scrollWidth > innerWidth)"""
    assert not v.browser.evaluate(wide)
    v.picture("phone")
    v.browser.click("#sidebar-open")
    assert v.browser.evaluate("document.activeElement.id") == "sidebar-close"
    assert v.browser.evaluate("document.getElementById('page').inert")
    v.browser.until("document.getElementById('sidebar').getBoundingClientRect().x === 0")
    v.picture("phone-list")
    v.browser.key("Escape")
    assert v.browser.evaluate("document.activeElement.id") == "sidebar-open"
    v.browser.until(closed)
    v.browser.click("#composer-text")
    v.browser.write("What is the capital of France?")
    v.browser.click("#send")
    v.browser.until(f"{DONE} && {ANSWER}.includes('Paris')")
    v.browser.evaluate("location.hash = '#engine'")
    v.browser.until("document.querySelector('.plot svg')")
    assert not v.browser.evaluate(wide)
    v.picture("phone-engine")


@check
def schemes(v):
    """light and dark are as asked for, all text is readable, and motion can be unwanted"""
    grounds = {}
    for scheme in ("light", "dark"):
        v.begin([conversation("Talk", "Hello", "**Hi** `code`\n\n> quote\n\n```py\npass\n```")])
        v.browser.answer(metrics=Counters())
        v.browser.look_like(scheme=scheme, motion="reduce")
        grounds[scheme] = v.browser.evaluate("getComputedStyle(document.body).backgroundColor")
        for view in ("#chat", "#engine"):
            v.browser.evaluate(f"location.hash = '{view}'")
            weak = v.browser.evaluate(CONTRASTS)
            assert not weak, f"{scheme} {view}: {weak}"
            v.picture(f"{scheme}-{view[1:]}")
        v.say("Hello")
        assert v.browser.evaluate("document.getAnimations().length") == 0
        v.browser.until(DONE)
    light, dark = (sum(map(int, color[4:-1].split(","))) for color in grounds.values())
    assert light > 600 > 150 > dark, grounds


# One of everything that a message may show.
RICH = """# Head

A *link* to <https://a.example/>, `code`, ~~no~~, $x^2$ and a note[^1].

- [x] done
  1. ordered

| a | b |
|---|--:|
| %s | 2 |

> quote

$$\\frac{1}{2} %s$$

```swift
/// Why
@main let a: Int? = call("b", 0x1F)
```

[^1]: Note""" % ("wide" * 60, "+ x" * 90)


@check
def screens(v):
    """at each width and in both schemes all is readable, nothing is too wide, and all has a name"""
    talk = conversation("A title that is quite long, longer than its place", "Hello " * 40, RICH, updated=2)
    talk["messages"][0]["files"] = [{"name": "a-long-name-of-a-file" * 9, "text": "text"}]
    talk["messages"][1] |= {
        "thinking": "Hm", "calls": [{"id": "a", "name": "f" * 99, "arguments": "{}"}],
        "facts": {"tokens": 1000, "prompt": 5000, "first": 1, "seconds": 2, "reason": "length"},
        "error": {"text": "Wrong."}, "others": {"before": [[{"role": "assistant", "content": "b"}]],
                                                "after": []}}
    wide = """[document.documentElement, ...document.querySelectorAll("#scroller, .sidebar, .bar, dialog")]
      .filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.id || each.className)"""
    nameless = """[...document.querySelectorAll("button, a, input, select, textarea, summary, [tabindex]")]
      .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !(each.ariaLabel
        || each.innerText?.trim() || each.title || each.labels?.length
        || each.getAttribute("aria-labelledby"))).map((each) => each.outerHTML)"""
    v.begin([talk, conversation("Other", "x", "y")])
    v.browser.evaluate("document.getElementById('banner').hidden = false")
    for scheme in ("light", "dark"):
        for width in (320, 360, 768, 1440):
            v.browser.look_like(width, 800, scheme=scheme, motion="reduce")
            for state in ("details.open = true", "details.open = false"):
                v.browser.evaluate(
                    f"for (const details of document.querySelectorAll('.message details')) {state}")
                found = [v.browser.evaluate(each) for each in (wide, CONTRASTS, nameless)]
                assert found == [[], [], []], f"{scheme}, {width}: {found}"
            for name in ("settings", "form", "shortcuts"):
                v.browser.evaluate(f"document.getElementById('{name}').showModal()")
                found = [v.browser.evaluate(each) for each in (wide, CONTRASTS, nameless)]
                assert found == [[], [], []], f"{scheme}, {width}, {name}: {found}"
                v.browser.evaluate(f"document.getElementById('{name}').close()")
            v.picture(f"screen-{scheme}-{width}")


@check
def engine(v):
    """the engine view shows what the counters say, and asks for them only while it is seen"""
    v.begin()
    counters = Counters()
    v.browser.answer(metrics=counters)
    v.browser.key("KeyG", ALT)
    v.browser.until("document.querySelectorAll('.plot .line').length >= 3 && !document.hidden")
    tiles = dict(text.split("\n")[:2] for text in v.texts(".tile"))
    assert (tiles["Running"], tiles["Waiting"], tiles["Key-value cache"]) == ("7", "2", "25 %")
    # A half of the answers began before 0.1 + (2 - 1) / (4 - 1) * 0.1 seconds.
    assert tiles["First token"] == "133 ms", tiles
    assert 10 < float(tiles["Generated"]) <= 55, tiles
    assert tiles["Between tokens"] == "–"
    v.picture("engine")
    v.browser.key("KeyG", ALT)
    seen = counters.readings
    v.browser.evaluate("new Promise((go) => setTimeout(go, 3500))")
    assert counters.readings <= seen + 1, "the page asks while nobody looks"


@check
def without_metrics(v):
    """without counters the view shows what /health tells, and asks for them no more"""
    v.begin()
    asked = []
    v.browser.answer(metrics=lambda: (asked.append(None), (404, "{}"))[1])
    v.browser.key("KeyG", ALT)
    v.browser.until("document.querySelectorAll('.plot .line').length >= 2")
    tiles = dict(text.split("\n")[:2] for text in v.texts(".tile"))
    assert (tiles["Running"], tiles["Generated"]) == ("0", "–") and "%" in tiles["Key-value cache"]
    assert "no rates" in v.texts("#engine-notice")[0] and len(asked) == 1
    assert all("404" in complaint for complaint in v.browser.complaints)
    v.browser.complaints.clear()


@check
def own_metrics(v):
    """what the server itself counts is understood, if it counts"""
    v.begin()
    v.talk("What is the capital of France?")
    try:
        v.get("/metrics")
    except urllib.error.HTTPError as error:
        assert error.code == 404
        print("skipped this server has no /metrics", flush=True)
        return
    v.browser.key("KeyG", ALT)
    v.browser.until("document.querySelectorAll('.plot .line').length >= 3")
    totals = dict(text.split("\n") for text in v.texts("#totals > div"))
    assert int(totals["Tokens generated"].replace(",", "")) > 0, totals
    tiles = dict(text.split("\n")[:2] for text in v.texts(".tile"))
    assert tiles["Running"] == "0" and tiles["Generated"] == "0", tiles


@check
def ending(v):
    """a server that ended is said to be so, and what was asked is not lost"""
    v.begin()
    v.server.terminate()
    assert v.server.exit_code() == 0
    v.say("Are you there?")
    v.browser.until(DONE)
    assert "cannot be reached" in v.texts(".message.assistant .error")[0]
    assert v.texts(".message.user .message-body") == ["Are you there?"]
    v.browser.complaints.clear()


def attempt(function, visit):
    """Runs a check; what the browser's console complained about fails it too."""
    try:
        function(visit)
        assert not visit.browser.complaints, visit.browser.complaints
    except Exception:
        print(f"FAILED  {function.__doc__}", flush=True)
        traceback.print_exc()
        visit.picture(f"failed-{function.__name__}")
        return False
    print(f"passed  {function.__doc__}", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("apus")
    parser.add_argument("model")
    parser.add_argument("--pictures", help="a folder for pictures of what is seen")
    parser.add_argument("--only", help="one of " + ", ".join(each.__name__ for each in CHECKS))
    arguments = parser.parse_args()
    path = browser.find()
    if not path:
        print(f"skipped: none of {', '.join(browser.NAMES)} is installed")
        return 0
    if arguments.pictures:
        os.makedirs(arguments.pictures, exist_ok=True)
    chosen = [each for each in CHECKS if arguments.only in (None, each.__name__)]
    folder = tempfile.TemporaryDirectory()
    server = Server(arguments.apus, arguments.model, "--feedback-file", f"{folder.name}/ratings.jsonl")
    driver = browser.Browser(path)
    try:
        visit = Visit(server, driver, arguments.pictures)
        passed = sum([attempt(function, visit) for function in chosen])
    finally:
        driver.close()
        server.kill()
        folder.cleanup()
    print(f"{passed} passed, {len(chosen) - passed} failed")
    return 0 if passed == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
