"""What the page does with conversations: branches, search, files, presets."""

import json
import os
import tempfile

from browser import ALT
from page_answers import ask, begin, delta, feed
from page_visit import DONE, check, conversation

BODY = ".message-body"


def bodies(v):
    """What the messages say that are shown."""
    return v.texts(f".message > {BODY}")


def choose(v, selector, *paths):
    """Gives files to a field for files."""
    document = v.browser.call("DOM.getDocument")["root"]["nodeId"]
    node = v.browser.call("DOM.querySelector", nodeId=document, selector=selector)["nodeId"]
    v.browser.call("DOM.setFileInputFiles", nodeId=node, files=list(paths))


def kept(v):
    """The conversations that the browser keeps."""
    return json.loads(v.browser.evaluate("""JSON.stringify(Object.keys(localStorage)
      .filter((key) => key.startsWith("apus.conversation."))
      .map((key) => JSON.parse(localStorage.getItem(key))))"""))


@check
def branches(v):
    """another answer, and another question, are branches, between which one moves"""
    begin(v, conversation("Talk", "One?", "1", "Two?", "2"))
    place = lambda at: v.texts(f".message:nth-child({at}) .branch-place")
    v.browser.click(".message:nth-child(4) .tool-again")
    v.browser.until("asked.length === 1")
    assert [each["content"] for each in v.browser.evaluate("asked[0].messages")] == ["One?", "1", "Two?"]
    feed(v, delta(content="II"))
    assert v.browser.evaluate("document.querySelector('.branch-before').disabled"), "while it is written"
    feed(v, delta("stop"), ends=True)
    assert bodies(v) == ["One?", "1", "Two?", "II"] and place(4) == ["2/2"]
    v.browser.click(".message:nth-child(1) .tool-edit")
    v.browser.evaluate("document.activeElement.select()")
    v.browser.write("Uno?")
    v.browser.key("Enter")
    v.browser.until("asked.length === 2")
    feed(v, delta(content="uno"), delta("stop"), ends=True)
    assert bodies(v) == ["Uno?", "uno"] and place(1) == ["2/2"]
    assert not v.texts(".message:nth-child(2) .branches:not([hidden])")
    v.picture("branch")
    v.browser.click(".message:nth-child(1) .branch-before")
    assert bodies(v) == ["One?", "1", "Two?", "II"] and place(1) == ["1/2"]
    assert "Version 1 of 2" in v.texts("#announcer")
    assert v.browser.evaluate("document.activeElement.ariaLabel") == "Version after"
    v.browser.click(".message:nth-child(4) .branch-before")
    assert bodies(v) == ["One?", "1", "Two?", "2"] and place(4) == ["1/2"]
    v.again()
    assert bodies(v) == ["One?", "1", "Two?", "2"] and place(4) == ["1/2"] and place(1) == ["1/2"]
    for _ in range(2):
        v.browser.click(".message:nth-child(1) .branch-after")
        assert bodies(v) == ["Uno?", "uno"]
    v.browser.click(".message:nth-child(1) .branch-before")
    assert bodies(v) == ["One?", "1", "Two?", "2"] and place(4) == ["1/2"]


@check
def better(v):
    """where the server keeps ratings, one version of an answer is called better than the others"""
    begin(v, conversation("Talk", "One?", "1"))
    shown = ".message:nth-child(2) .tool-better:not([hidden])"
    assert not v.texts(shown), "there is nothing to compare with"
    v.browser.click(".message:nth-child(2) .tool-again")
    v.browser.until("asked.length === 1")
    feed(v, delta(content="I"), delta("stop"), ends=True)
    v.browser.click(shown)
    v.browser.until("document.querySelector('#toast-text').textContent.includes('better')")


@check
def empty_answers(v):
    """an answer that never came is replaced, and makes no branch"""
    begin(v)
    ask(v, "One?")
    v.browser.evaluate("stream.error(new TypeError('gone'))")
    v.browser.until(DONE)
    v.browser.click(".message:last-child .error button")
    v.browser.until("asked.length === 2")
    feed(v, delta(content="1"), delta("stop"), ends=True)
    assert bodies(v) == ["One?", "1"] and v.texts(".branches:not([hidden])") == []
    assert v.texts(".error:not([hidden])") == []


@check
def search(v):
    """conversations are found by all their words, those of branches too, and Escape ends it"""
    hidden = conversation("Third", "x", "shown", updated=1)
    hidden["messages"][1]["others"] = {"before": [[{"role": "assistant", "content": "A <b>Swift</b> one"}]],
                                       "after": []}
    v.begin([conversation("Birds", "What is a swift?", "A bird.", updated=3),
             conversation("Second", "Tell me of birds", "Larks", updated=2), hidden])
    v.browser.key("KeyK", ALT)
    v.browser.write("SWIFT a")
    assert v.texts(".conversation-title") == ["Birds", "Third"]
    assert v.texts(".conversation-snippet") == ["What is a swift?", "A <b>Swift</b> one"]
    assert v.texts(".conversation-snippet mark") == ["swift", "Swift"]
    v.picture("search")
    v.browser.write(" none")
    assert v.texts(".conversation-title") == [] and v.texts("#nothing-found:not([hidden])")
    v.browser.key("Escape")
    assert v.texts(".conversation-title") == ["Birds", "Second", "Third"]
    v.browser.write("larks")
    v.browser.key("ArrowDown")
    v.browser.key("Enter")
    assert bodies(v) == ["Tell me of birds", "Larks"]


@check
def transfer(v):
    """what is exported can be imported: all as JSON with branches, one as Markdown; nonsense is told"""
    tricky = "## You\n\n\\## Model\n\n```\n## Model\n```"
    talk = conversation("Talk *a*", tricky, "Hi\n\n## Tool")
    talk["messages"][1]["others"] = {"before": [[{"role": "assistant", "content": "Ho"}]], "after": []}
    v.begin([talk, conversation("Other", "x", "y", updated=0)])
    with tempfile.TemporaryDirectory() as folder:
        v.browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=folder,
                       eventsEnabled=True)
        v.browser.click("#open-transfer")
        v.browser.key("ArrowDown")
        v.browser.key("Enter")
        v.browser.wait_for_download()
        v.browser.click(".conversation:nth-child(1) .conversation-more")
        v.browser.key("ArrowDown")
        v.browser.key("Enter")
        v.browser.wait_for_download()
        paths = {name: os.path.join(folder, name) for name in os.listdir(folder)}
        assert sorted(paths) == ["Talk-a.md", "conversations.json"], paths
        v.begin()
        choose(v, "#import-input", *sorted(paths.values(), reverse=True))
        v.browser.until("document.querySelectorAll('.conversation').length === 3")
        assert v.texts("#toast-text") == ["3 conversations are added."]
        every = sorted(kept(v), key=lambda each: (each["title"], "others" in each["messages"][1]))
        assert [each["title"] for each in every] == ["Other", "Talk *a*", "Talk *a*"]
        for each in every[1:]:
            assert [m["content"] for m in each["messages"]] == [tricky, "Hi\n\n## Tool"], each
        assert every[2]["messages"][1]["others"]["before"][0][0]["content"] == "Ho"
        foreign = {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"},
                                {"role": "user", "content": 7}, None, {"role": "assistant", "content": "a",
                                 "others": {"before": "x", "after": [7, [None]]}, "facts": 3, "calls": [{}],
                                 "files": [{"name": 1}], "error": "e", "thinking": [], "__proto__": {}}]}
        level = '{"role": "user", "content": "d", "others": {"after": [], "before": [['
        deep = level * 4000 + "]]}}" * 4000
        files = {"foreign.json": json.dumps(foreign), "deep.json": f'{{"messages": [{deep}]}}',
                 "nonsense.json": "{\"conversations\": 7}", "empty.md": "words", "list.json": "[1, null, {}]"}
        for name, text in files.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        choose(v, "#import-input", os.path.join(folder, "foreign.json"))
        v.browser.until("document.querySelectorAll('.conversation').length === 4")
        assert bodies(v) == ["q", "a"]
        choose(v, "#import-input", os.path.join(folder, "deep.json"))
        v.browser.until("document.querySelectorAll('.conversation').length === 5")
        for name in ("nonsense.json", "empty.md", "list.json"):
            choose(v, "#import-input", os.path.join(folder, name))
            v.browser.until(f"document.getElementById('toast-text').textContent.includes('{name}')")
        assert len(kept(v)) == 5


@check
def attachments(v):
    """text files go with a message, can be taken off, and others are refused in words"""
    begin(v)
    with tempfile.TemporaryDirectory() as folder:
        files = {"a.txt": b"one\n```\ntwo", "b.md": b"three", "c.png": b"\x89PNG\r\n\x1a\n\0",
                 "d.txt": b"x" * 500_001}
        paths = [os.path.join(folder, name) for name in files]
        for path, text in zip(paths, files.values()):
            with open(path, "wb") as file:
                file.write(text)
        choose(v, "#attach-input", *paths[:2])
        v.browser.until("document.querySelectorAll('.attachment').length === 2")
        assert not v.browser.evaluate("document.getElementById('send').disabled")
        v.picture("attached")
        v.browser.click(".attachment:nth-child(2) button")
        for path, says in zip(paths[2:], ("no text", "501 kB")):
            choose(v, "#attach-input", path)
            v.browser.until(f"document.getElementById('toast-text').textContent.includes('{says}')")
    assert v.texts(".attachment > span:first-of-type") == ["a.txt"]
    asked = ask(v, "What is it?")
    text = "What is it?\n\na.txt:\n````\none\n```\ntwo\n````"
    assert asked["messages"] == [{"role": "user", "content": text}], asked
    feed(v, delta(content="Text."), delta("stop"), ends=True)
    assert bodies(v) == ["What is it?", "Text."] and v.texts(".attachment") == []
    assert v.texts(".message .file summary span:first-of-type") == ["a.txt"]
    assert v.texts(".message .file pre") == [""], "folded"
    v.browser.click(".message .file summary")
    assert v.texts(".message .file pre") == ["one\n```\ntwo"]
    assert kept(v)[0]["messages"][0]["files"] == [{"name": "a.txt", "text": "one\n```\ntwo"}]
    v.browser.click(".message.user .tool-edit")
    v.browser.key("Enter")
    v.browser.until("asked.length === 2")
    assert v.browser.evaluate("asked[1].messages[0].content") == text, "files stay with an edited message"
    v.browser.key("Escape")


@check
def dropped(v):
    """files that are dropped on the chat are attached"""
    begin(v)
    v.browser.evaluate("""(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["dropped text"], "drop.txt"));
      for (const name of ["dragover", "drop"]) {
        const event = new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true });
        document.getElementById("scroller").dispatchEvent(event);
        if (!event.defaultPrevented) throw new Error(`${name} is left to the browser`);
      }
    })()""")
    v.browser.until("document.querySelectorAll('.attachment').length === 1")
    v.browser.click("#send")
    v.browser.until("asked.length === 1")
    assert v.browser.evaluate("asked[0].messages[0].content") == "drop.txt:\n```\ndropped text\n```"
    v.browser.key("Escape")


@check
def tabs(v):
    """what another tab keeps is taken over, and what is the same stays as it is shown"""
    begin(v, conversation("One", "a", "b", updated=5))
    ask(v, "c")
    feed(v, delta(reasoning_content="Hm"), delta(content="d"), delta("stop"), ends=True)
    other = conversation("Two", "x", "y")
    keep = lambda talk: v.browser.evaluate(f"""(() => {{
      const key = "apus.conversation." + {json.dumps(talk["id"])};
      localStorage.setItem(key, {json.dumps(json.dumps(talk))});
      dispatchEvent(new StorageEvent("storage", {{ key }}));
    }})()""")
    v.browser.evaluate("window.shown = document.querySelector('.message:last-child'); null")
    keep(other)
    assert v.texts(".conversation-title") == ["One", "Two"]
    assert v.browser.evaluate("shown === document.querySelector('.message:last-child')")
    mine = next(each for each in kept(v) if each["id"] == "One")
    mine["messages"].append({"role": "user", "content": "from elsewhere"})
    keep(mine)
    assert bodies(v) == ["a", "b", "c", "d", "from elsewhere"]


@check
def presets(v):
    """presets set how words are chosen; own ones are kept under a name"""
    begin(v, temperature="", seed="7")
    choice = "document.getElementById('set-preset')"
    said = lambda: v.browser.evaluate(f"{choice}.selectedOptions[0].text")
    pick = lambda name: v.browser.evaluate(f"""(() => {{
      const choice = {choice};
      choice.value = [...choice.options].find((each) => each.text === "{name}").value;
      choice.dispatchEvent(new Event("change"));
    }})()""")
    fields = lambda: v.browser.evaluate("""[...document.querySelectorAll("#settings-form input[name]")]
      .filter((each) => each.value).map((each) => `${each.name}=${each.value}`)""")
    v.browser.key("Comma", ALT)
    assert said() == "As the model suggests"
    pick("Inventive")
    assert fields() == ["temperature=1.1", "maxTokens=24", "seed=7", "minP=0.05"]
    v.browser.evaluate("document.getElementById('set-top-p').focus()")
    v.browser.write("0.5")
    assert said() == "Your own"
    v.browser.click("#preset-save")
    v.browser.write("Mine")
    v.browser.key("Enter")
    assert said() == "Mine" and v.browser.evaluate("document.getElementById('settings').open")
    v.picture("preset")
    pick("Careful")
    assert fields() == ["temperature=0.3", "topP=0.9", "maxTokens=24", "seed=7"]
    pick("Mine")
    v.browser.evaluate("document.getElementById('settings-form').requestSubmit()")
    sent = ask(v, "Hello")
    assert [sent[name] for name in ("temperature", "top_p", "min_p", "seed")] == [1.1, 0.5, 0.05, 7]
    assert "top_k" not in sent
    v.browser.key("Escape")
    v.again()
    v.browser.key("Comma", ALT)
    assert said() == "Mine"
    v.browser.click("#preset-delete")
    assert said() == "Your own" and fields()[1] == "topP=0.5"


@check
def private(v):
    """nothing goes to anybody but the server, and only what is asked there"""
    v.begin([conversation("Talk", "secret", "![a](https://evil.example/a.png) <img src=//evil.example>")])
    v.again()
    v.talk("Hello")
    v.browser.until("performance.getEntriesByType('resource').length >= 2")
    names = v.browser.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    assert all(name.startswith(v.server.origin + "/") for name in names), names
