"""What the page makes of answers, which come from a script instead of a model."""

import json

from browser import ALT
from page_visit import ANSWER, DONE, check, conversation

LAST = "document.querySelector('.message:last-child')"

# Answers for the server: what is asked for is kept, and a stream has what `feed` gives it.
SCRIPT = """(() => {
  const real = window.fetch;
  const encoder = new TextEncoder();
  window.asked = [];
  window.fetch = (address, options = {}) => {
    if (!address.endsWith("/chat/completions")) return real(address, options);
    window.asked.push(JSON.parse(options.body));
    const body = new ReadableStream({ start: (stream) => { window.stream = stream; } });
    options.signal.addEventListener("abort", () => window.stream.error(options.signal.reason));
    return Promise.resolve(new Response(body));
  };
  window.feed = (...chunks) => {
    for (const chunk of chunks) {
      const data = typeof chunk === "string" ? chunk : JSON.stringify(chunk);
      window.stream.enqueue(encoder.encode(`data: ${data}\\n\\n`));
    }
  };
})()"""


def begin(v, *conversations, **settings):
    """Opens the page, with answers of a script."""
    v.begin(list(conversations), **settings)
    v.browser.evaluate(SCRIPT)


def ask(v, text):
    """Says something, and waits until an answer is wanted; returns what was asked for."""
    count = v.browser.evaluate("asked.length")
    v.say(text)
    v.browser.until(f"asked.length > {count}")
    return v.browser.evaluate("asked.at(-1)")


def feed(v, *chunks, ends=False):
    """Sends chunks, and maybe the end, for which it waits."""
    ending = ', "[DONE]"' if ends else ""
    v.browser.evaluate(f"feed(...{json.dumps(chunks)}{ending})")
    if ends:
        v.browser.until(DONE)


def sees(v, selector, *wanted):
    """Waits until this and nothing else is written in elements."""
    texts = f"[...document.querySelectorAll({json.dumps(selector)})].map((each) => each.innerText)"
    v.browser.until(f"JSON.stringify({texts}) === JSON.stringify({json.dumps(wanted)})", seconds=20)


def delta(finish=None, **fields):
    """A chunk with a part of an answer."""
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def usage(prompt, completion, cached=0):
    """A chunk that counts."""
    return {"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion,
                                     "prompt_tokens_details": {"cached_tokens": cached}}}


@check
def thinking(v):
    """thoughts are folded, whether they have a field of their own or stand in the text"""
    ways = {
        "a field": ([delta(reasoning_content="Hm, "), delta(reasoning_content="*well*.")],
                    [delta(content="Yes.")]),
        "tags": ([delta(content="<thi"), delta(content="nk>Hm, *well*"), delta(content=".</thi")],
                 [delta(content="nk>\n\nYes.")]),
        "an end only": ([delta(content="Hm, *well*.")], [delta(content="</think>Yes.")]),
    }
    for way, (thoughts, words) in ways.items():
        begin(v)
        ask(v, way)
        feed(v, *thoughts)
        if way != "an end only":
            sees(v, ".thinking:not([hidden]) .thinking-title", "Thinking")
            sees(v, ".thinking.running + .message-body", "")
        feed(v, *words, delta("stop"), ends=True)
        assert v.browser.evaluate(ANSWER) == "Yes.", way
        assert not v.browser.evaluate(f"{LAST}.querySelector('.thinking').open"), way
        titles = v.texts(".thinking:not([hidden]) .thinking-title")
        assert len(titles) == 1 and titles[0].startswith("Thought"), (way, titles)
        text = v.browser.evaluate(f"{LAST}.querySelector('.thinking-text').textContent")
        assert text == "Hm, well.", (way, text)
        asked = ask(v, "More")
        assert asked["messages"][1] == {"role": "assistant", "content": "Yes."}, (way, asked)
        v.browser.key("Escape")
    v.picture("thinking")


@check
def calls(v):
    """calls of functions are joined by their index, shown folded, and answered by hand"""
    begin(v, tools=json.dumps([{"name": "weather", "parameters": {"type": "object"}}]))
    asked = ask(v, "Will it rain?")
    assert asked["tools"] == [{"type": "function", "function": {
        "name": "weather", "parameters": {"type": "object"}}}]
    part = lambda index, **fields: delta(tool_calls=[{"index": index, **fields}])
    feed(v, delta(role="assistant", content=None), delta(reasoning_content="Hm"),
         part(0, id="a", type="function", function={"name": "weather", "arguments": ""}),
         part(0, function={"arguments": "{\"city\": "}),
         part(1, id="b", function={"name": "time", "arguments": "{"}))
    sees(v, ".call summary", "Calls\nweather", "Calls\ntime")
    v.browser.evaluate("document.querySelector('.call').open = true")
    feed(v, part(0, function={"arguments": "\"<b>Oslo\"}"}), part(1, function={"arguments": "no JSON"}),
         part(-1, id="c"), part(10 ** 9, id="d"), {"choices": [{"delta": {"tool_calls": "none"}}]},
         delta("tool_calls"), ends=True)
    assert v.texts(".call[open] pre") == ["{\n  \"city\": \"<b>Oslo\"\n}"]
    assert len(v.texts(".call")) == 2
    v.browser.evaluate("document.querySelector('.call:nth-child(2)').open = true")
    assert v.texts(".call[open] pre")[1] == "{no JSON"
    v.picture("calls")
    v.again()
    v.browser.evaluate(SCRIPT)
    assert v.texts(".call summary") == ["Called\nweather", "Called\ntime"]
    for index, result in enumerate(("sunny", "noon")):
        v.browser.evaluate(f"document.querySelectorAll('.results textarea')[{index}].focus()")
        v.browser.write(result)
    v.browser.click(".results button")
    v.browser.until("asked.length > 0")
    _, called, first, second = v.browser.evaluate("asked[0].messages")
    assert [call["function"]["name"] for call in called["tool_calls"]] == ["weather", "time"]
    assert called["reasoning_content"] == "Hm" and called["content"] == "", called
    assert first == {"role": "tool", "tool_call_id": "a", "content": "sunny"}
    assert second == {"role": "tool", "tool_call_id": "b", "content": "noon"}
    feed(v, delta(content="No."), delta("stop"), ends=True)
    assert v.browser.evaluate(ANSWER) == "No." and not v.texts(".results")
    offered = "[...document.querySelectorAll('.message.tool .message-tools button:not([hidden])')]"
    assert v.browser.evaluate(f"{offered}.map((each) => each.ariaLabel)") == ["Copy", "Copy"]


@check
def facts(v):
    """speed, context, and why an answer ended are told; a cut one can go on"""
    begin(v)
    asked = ask(v, "Count")
    assert asked["return_progress"] is True
    feed(v, delta(content="one"))
    v.browser.evaluate("new Promise((go) => setTimeout(go, 60))")
    feed(v, delta(content=" two"), delta("length"), usage(1000, 11, 900), ends=True)
    facts = v.texts(".message-facts:not([hidden])")[0]
    assert facts.startswith("11 tokens · ") and "tokens/s · first after" in facts, facts
    assert facts.endswith("cut off: no tokens left")
    length = json.loads(v.get("/v1/models"))["data"][0]["max_model_len"]
    assert v.browser.evaluate("document.getElementById('context').getAttribute('aria-label')") == (
        f"1,011 of {length:,} tokens of context used")
    v.browser.evaluate("document.querySelector('.assistant .message-facts').click()")
    told = dict(zip(v.texts("#facts dt"), v.texts("#facts dd")))
    assert told["Prompt"] == "1,000 tokens" and told["From the cache"] == "900 tokens", told
    assert told["End"] == "No tokens were left" and told["Context used"] == "1,011 tokens", told
    v.picture("facts")
    v.browser.key("Escape")
    v.browser.click(".assistant .tool-go-on")
    v.browser.until("asked.length === 2")
    again = v.browser.evaluate("asked[1]")
    assert again["continue_final_message"] is True
    assert again["messages"][-1] == {"role": "assistant", "content": "one two"}
    feed(v, delta(content=" three"), delta("stop"), usage(1011, 2), ends=True)
    assert v.browser.evaluate(ANSWER) == "one two three"
    assert v.texts(".message-facts:not([hidden])")[0].startswith("13 tokens"), "both parts count"


@check
def progress(v):
    """how much of a prompt is read is shown where the server tells it, and nothing breaks otherwise"""
    begin(v)
    ask(v, "Read")
    tell = lambda **fields: {"choices": [], "prompt_progress": fields}
    feed(v, tell(total=1100, cache=100, processed=350, time_ms=9))
    sees(v, ".reading", "Reading 1,100 tokens: 25 %")
    v.picture("progress")
    feed(v, tell(total=100, cache=100, processed=100), {"prompt_progress": "odd"},
         {"prompt_progress": {"total": None}}, {"choices": None},
         tell(total=1100, cache=100, processed=600))
    sees(v, ".reading", "Reading 1,100 tokens: 50 %")
    feed(v, delta(content="Done"))
    sees(v, ".reading")
    assert v.browser.evaluate(ANSWER) == "Done"
    feed(v, delta("stop"), ends=True)


@check
def forms(v):
    """answers as JSON or by a schema; what is no schema is told at once, by the page or the server"""
    begin(v)
    v.browser.key("KeyJ", ALT)
    v.browser.evaluate("document.querySelector('#form [value=schema]').click()")
    v.browser.evaluate("document.getElementById('set-schema').focus()")
    v.browser.write("{\"type\": ")
    v.browser.evaluate("document.getElementById('form-form').requestSubmit()")
    assert "no JSON object" in v.texts("#form-error")[0]
    assert v.browser.evaluate("document.activeElement.name") == "schema"
    v.picture("form")
    v.browser.write("\"object\", \"properties\": {\"a\": {\"const\": 7}}, \"required\": [\"a\"]}")
    v.browser.evaluate("document.getElementById('form-form').requestSubmit()")
    assert v.texts("#form-name") == ["JSON Schema"]
    schema = {"type": "object", "properties": {"a": {"const": 7}}, "required": ["a"]}
    assert ask(v, "A number")["response_format"] == {
        "type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    v.browser.key("Escape")
    begin(v, form="json")
    assert ask(v, "A number")["response_format"] == {"type": "json_object"}
    v.browser.key("Escape")
    v.begin(form="schema", schema=json.dumps(schema | {"additionalProperties": False}))
    assert json.loads(v.talk("A number")) == {"a": 7}
    v.begin(form="schema", schema='{"$ref": "#/nowhere"}')
    v.talk("A number")
    error = v.texts(".message.assistant .error")[0]
    assert error.startswith("The server says: response_format") and "nothing in the document" in error
    assert all("400" in complaint for complaint in v.browser.complaints)
    v.browser.complaints.clear()


@check
def interrupted(v):
    """a stream that breaks, or makes no sense, says so and leaves what was there"""
    for name, act in {"breaks": "stream.error(new TypeError('gone'))", "ends": "stream.close()",
                      "is nonsense": "feed('{')", "fails": "feed({error: {message: 'Too hot.'}})"}.items():
        begin(v, conversation("Talk", "Hello", "Hi"))
        ask(v, name)
        feed(v, delta(content="Half"))
        v.browser.evaluate(act)
        v.browser.until(DONE)
        assert v.browser.evaluate(ANSWER) == "Half", name
        error = v.texts(".message:last-child > .error")[0]
        assert ("Too hot. Try again" in error) == (name == "fails"), error
        assert v.browser.evaluate(f"!{LAST}.querySelector('.tool-go-on').hidden"), name


@check
def long(v):
    """a megabyte in one paragraph, and one in one block of code, are shown while they come"""
    for piece, begin_with in (("a *b* `c` ", ""), ("let a = 1 // b\n", "```js\n")):
        begin(v)
        ask(v, "Write")
        feed(v, delta(content=begin_with))
        count = (1 << 20) // len(piece) // 40
        v.browser.evaluate(f"""(async () => {{
          const content = {json.dumps(piece)}.repeat({count});
          for (let left = 40; left; left -= 1) {{
            feed({{ choices: [{{ delta: {{ content }} }}] }});
            await new Promise((go) => setTimeout(go, 5));
          }}
        }})()""")
        feed(v, delta("stop"), ends=True)
        shown = v.browser.evaluate(
            "document.querySelector('.message:last-child .message-body').textContent.length")
        marks = 4 * count * 40 if not begin_with else 0
        assert shown >= 40 * count * len(piece) - marks - 9, shown


@check
def lost(v):
    """a banner tells when the server is out of reach, and goes when it is back"""
    v.begin()
    v.browser.evaluate("""window.real = window.fetch;
      window.fetch = () => Promise.reject(new TypeError("no way"));
      window.dispatchEvent(new Event("online")); null""")
    v.browser.until("!document.getElementById('banner').hidden")
    assert v.texts("#model-name") == ["not reachable"]
    assert "cannot be reached" in v.texts("#announcer")[0]
    v.picture("lost")
    v.browser.evaluate("window.fetch = window.real; null")
    v.browser.until("document.getElementById('banner').hidden")
    v.browser.until("document.querySelector('#server-state.good')")
    assert "again" in v.texts("#announcer")[0]


@check
def models(v):
    """where several models are served, one is chosen at the top, and named with its answers"""
    v.begin()
    v.browser.evaluate("""(() => {
      const real = window.fetch;
      window.fetch = (address, options) => address.endsWith("/models")
        ? Promise.resolve(Response.json({ data: [{ id: "one" }, { id: "two", max_model_len: 64 }] }))
        : real(address, options);
      document.getElementById("settings-form").requestSubmit();
    })()""")
    v.browser.until("!document.getElementById('model-picker').hidden")
    v.browser.evaluate(SCRIPT)
    assert ask(v, "Hello")["model"] == "one"
    feed(v, delta(content="Hi"), delta("stop"), usage(3, 1), ends=True)
    v.browser.evaluate("""(() => {
      const picker = document.getElementById("model-picker");
      picker.value = "two";
      picker.dispatchEvent(new Event("change"));
    })()""")
    assert ask(v, "And you?")["model"] == "two"
    feed(v, delta(content="Hi"), delta("stop"), usage(60, 2), ends=True)
    assert v.texts("#context-text") == ["97 %"]
    v.browser.evaluate("document.querySelector('.message:last-child .message-facts').click()")
    assert v.texts("#facts dd")[0] == "two"
