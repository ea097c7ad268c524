"""What the page makes of a model's text, tried function by function.

The page's script is a module that shows nothing to others, so its files are read once more, inside
the page, and asked in the place of it.
"""

import json
import os
import random

from page_visit import check

FOLDER = os.path.join(os.path.dirname(__file__), "../../Sources/WebPage/Page")
FILES = ("dom", "blocks", "inline", "texnames", "tex", "highlight", "markdown")
LONG = 1 << 20

# Markdown, and what an element holds that shows it.
MARKDOWN = {
    "a *b* **c** ***d*** ~~e~~ ~f": (
        "<p>a <em>b</em> <strong>c</strong> <em><strong>d</strong></em> <del>e</del> ~f</p>"),
    "`a` ``b`c`` `d": "<p><code>a</code> <code>b`c</code> `d</p>",
    "snake_case_name 5*3*2 \\*no\\*": "<p>snake_case_name 5<em>3</em>2 *no*</p>",
    "# A #\n\nB\n===\n\nC\n---\n\n---": "<h3>A</h3><h3>B</h3><h4>C</h4><hr>",
    "> a\n> > b": "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>",
    "- a\n  - b\n    1. c\n- d": (
        "<ul><li>a<ul><li>b<ol start=\"1\"><li>c</li></ol></li></ul></li><li>d</li></ul>"),
    "3. a\n\n   b\n4. c": "<ol start=\"3\"><li>a<p>b</p></li><li>c</li></ol>",
    "- [x] a\n- [ ] b\n- [y] c": (
        "<ul><li class=\"task\"><input type=\"checkbox\" disabled=\"\" aria-label=\"done\">a</li>"
        "<li class=\"task\"><input type=\"checkbox\" disabled=\"\" aria-label=\"to do\">b</li>"
        "<li>[y] c</li></ul>"),
    "|a|b\\|c|\n|:-:|--:|\n|`d`|e|f|\n|g": (
        "<div class=\"table\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table><thead><tr>"
        "<th class=\"center\">a</th><th class=\"right\">b|c</th></tr></thead><tbody><tr>"
        "<td class=\"center\"><code>d</code></td><td class=\"right\">e</td></tr><tr>"
        "<td class=\"center\">g</td></tr></tbody></table></div>"),
    "a | b\n--- | ---: | ---\nc": "<p>a | b\n--- | ---: | ---\nc</p>",
    "a<br>b <b>c</b> &amp;": "<p>a<br>b &lt;b&gt;c&lt;/b&gt; &amp;amp;</p>",
    "[a](b) [c](javascript:d) [e](data:f) [g](//h) [i](HTTP:j)": (
        "<p>[a](b) [c](javascript:d) [e](data:f) [g](//h) [i](HTTP:j)</p>"),
    "<javascript:a> <http://[> http:// xhttp://a.b [a": (
        "<p>&lt;javascript:a&gt; &lt;http://[&gt; http:// xhttp://a.b [a</p>"),
}

# Markdown with links, and the addresses and texts of these.
LINKS = {
    "[a *b*](https://c.d/e_(f) \"title\") g": [["https://c.d/e_(f)", "a b"]],
    "![picture](https://c.d/e.png)": [["https://c.d/e.png", "picture"]],
    "(see https://a.b/c_(d)?e=f).": [["https://a.b/c_(d)?e=f", "https://a.b/c_(d)?e=f"]],
    "<https://a.b/> <mailto:c@d.e>": [["https://a.b/", "https://a.b/"], ["mailto:c@d.e", "mailto:c@d.e"]],
    "[a][b] [B] [c][]\n\n[b]: https://d.e/\n[C]: <https://f.g/> \"h\"": [
        ["https://d.e/", "a"], ["https://d.e/", "B"], ["https://f.g/", "c"]],
    "[a [b](https://c.d/) e](https://f.g/)": [
        ["https://c.d/", "b"], ["https://f.g/", "https://f.g/"]],
    "[https://a.b/](https://c.d/)": [["https://c.d/", "https://a.b/"]],
    "`https://a.b/`\n\n    https://a.b/": [],
}

# Formulas, and their MathML without attributes; None for what is shown as it is written.
FORMULAS = {
    "x^2+y_i": "<msup><mi>x</mi><mn>2</mn></msup><mo>+</mo><msub><mi>y</mi><mi>i</mi></msub>",
    "x^12": "<msup><mi>x</mi><mn>1</mn></msup><mn>2</mn>",
    "\\frac{a}{2} \\sqrt[3]b": (
        "<mfrac><mrow><mi>a</mi></mrow><mrow><mn>2</mn></mrow></mfrac>"
        "<mroot><mi>b</mi><mn>3</mn></mroot>"),
    "\\sum_{i=1}^n \\text{if } \\alpha": (
        "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>"
        "<mtext>if&nbsp;</mtext><mi>α</mi>"),
    "\\mathbb{R} f'": "<mrow><mi>ℝ</mi></mrow><msup><mi>f</mi><mo>′</mo></msup>",
    "\\left(\\begin{matrix}a&b\\\\c&d\\end{matrix}\\right.": (
        "<mrow><mo>(</mo><mrow><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr>"
        "<mtd><mi>c</mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable></mrow></mrow>"),
    "\\unknown{a}": None, "{a": None, "a}": None, "a_b_c": None, "\\frac{a}": None, "a & b": None,
    "\\begin{matrix}a\\end{cases}": None, "\\left(a": None, "{" * 200: None, "\\constructor": None,
    "\\text{a": None, "a" * 5000: None,
}

# Code in a language, and the pieces of it that are coloured.
CODE = {
    ("python", "def f(x):  # why\n  return \"a\\\"b\" + 0x1F"): [
        "keyword:def", "call:f", "comment:# why", "keyword:return", "string:\"a\\\"b\"", "number:0x1F"],
    ("js", "if(a) `b\n${c}` // d"): ["keyword:if", "string:`b\n${c}`", "comment:// d"],
    ("c", "#include <a>\nint b = 'c'; /* d\n"): [
        "keyword:#include", "keyword:int", "string:'c'", "comment:/* d\n"],
    ("json", "{\"a\": [\"b\", 1.5e3, true]}"): [
        "name:\"a\"", "string:\"b\"", "number:1.5e3", "keyword:true"],
    ("SQL", "select 'a' FROM b -- c"): ["keyword:select", "string:'a'", "keyword:FROM", "comment:-- c"],
    ("html", "<a b=\"c\">d</a><!-- e"): [
        "keyword:<a", "name:b", "string:\"c\"", "keyword:>", "keyword:</a", "keyword:>", "comment:<!-- e"],
    ("diff", "+a\n-b\n c"): ["added:+a", "removed:-b"],
    ("none", "if 1"): [],
}


def load(v):
    """Puts the page's functions where checks can call them."""
    v.begin()
    sources = []
    for name in FILES:
        with open(os.path.join(FOLDER, f"{name}.js"), encoding="utf-8") as file:
            sources.append(file.read())
    v.browser.evaluate("window.unit = (() => {" + "".join(sources) + """
      const shown = (text, host = document.createElement("div")) => {
        renderMarkdown(text, host);
        return host;
      };
      // Comments stand for definitions; the section of notes is there even when it is hidden.
      const html = (host) => {
        const copy = host.cloneNode(true);
        copy.querySelectorAll(":scope > .notes[hidden]").forEach((each) => each.remove());
        return copy.innerHTML.replaceAll("<!---->", "");
      };
      const coloured = (code, language) => {
        const host = document.createElement("code");
        new ColouredCode(host, language).update(code);
        return [...host.childNodes];
      };
      return { shown, html, mathNode, coloured, ColouredCode };
    })(); null""")


def compare(v, cases, expression):
    """Compares what an expression makes of each case, named `it`, with what it should."""
    made = v.browser.evaluate(f"{json.dumps(list(cases))}.map((it) => {expression})")
    for (source, wanted), found in zip(cases.items(), made, strict=True):
        assert found == wanted, f"{source!r}:\n{found}\nand not\n{wanted}"


@check
def markdown(v):
    """Markdown becomes the elements that it means, and links lead to safe addresses only"""
    load(v)
    compare(v, MARKDOWN, "unit.html(unit.shown(it))")
    links = "[...unit.shown(it).querySelectorAll('a')]"
    compare(v, LINKS, f"{links}.map((each) => [each.getAttribute('href'), each.textContent])")
    compare(v, dict.fromkeys(LINKS, True), f"{links}.every((each) => each.target === '_blank' "
            "&& each.rel === 'noopener noreferrer' && !each.querySelector('a'))")


@check
def footnotes(v):
    """footnotes are numbered, stand at the end, and lead there and back"""
    load(v)
    v.browser.evaluate("""window.host = document.getElementById("messages")
      .appendChild(document.createElement("li"));
      document.getElementById("welcome").hidden = true;
      unit.shown("a[^x] b[^y] c[^z]\\n\\n[^y]: *one*\\n    more\\n[^x]: two", host); null""")
    assert v.browser.evaluate("host.querySelector('p').textContent") == "a2 b1 c[^z]"
    notes = v.browser.evaluate("[...host.querySelectorAll('.notes li')].map((li) => li.textContent)")
    assert notes == ["one\nmore ↩", "two ↩"], notes
    v.browser.evaluate("host.querySelector('.note-ref').click()")
    assert v.browser.evaluate("document.activeElement.textContent") == "two ↩"
    v.browser.evaluate("document.activeElement.querySelector('.note-link').click()")
    assert v.browser.evaluate("document.activeElement === host.querySelector('.note-ref')")


@check
def formulas(v):
    """formulas are set as MathML; one that cannot be is shown as it is written"""
    load(v)
    strip = r"innerHTML.replace(/<(\\w+)[^>]*>/g, '<$1>')".replace("\\\\", "\\")
    compare(v, FORMULAS, f"unit.mathNode(it, false)?.{strip} ?? null")
    places = {"a $x$ b \\(y\\) $$z$$": 3, "$$\nx\n$$": 1, "\\[\nx\n\\]": 1, "$5 and $6, 7": 0,
              "US$5-US$6": 0, "`$x$`": 0, "$$ x": 0, "\\( x": 0, "- $x$\n- **$y$**": 2}
    compare(v, places, "unit.shown(it).querySelectorAll('math').length")
    written = {"a $\\nope$ b": "a $\\nope$ b", "$$\n\\nope\n$$": "$$\n\\nope\n$$", "$ 5": "$ 5"}
    compare(v, written, "unit.shown(it).textContent")


@check
def colours(v):
    """code is coloured by its language, and stays the same text"""
    load(v)
    cases = {json.dumps(case): wanted for case, wanted in CODE.items()}
    pieces = "unit.coloured(...JSON.parse(it).reverse())"
    compare(v, cases, f"{pieces}.filter((each) => each.className)"
            ".map((each) => `${each.className.slice(5)}:${each.textContent}`)")
    compare(v, {case: json.loads(case)[1] for case in cases},
            f"{pieces}.map((each) => each.textContent).join('')")
    texts = {json.dumps([language, ("\n".join([code] * 4) + "\n[a]\n\"b\"  : a = (c)") * 3])
             for language, code in CODE}
    wrong = v.browser.evaluate(f"""{json.dumps(sorted(texts))}.flatMap((it) => {{
      const [language, text] = JSON.parse(it);
      const host = document.createElement("code");
      const growing = new unit.ColouredCode(host, language);
      for (let end = 1; end <= text.length; end += 1) {{
        growing.update(text.slice(0, end));
        const whole = document.createElement("code");
        new unit.ColouredCode(whole, language).update(text.slice(0, end));
        if (host.innerHTML !== whole.innerHTML) return [[language, text.slice(0, end)]];
      }}
      return [];
    }})""")
    assert not wrong, wrong


SAMPLE = "\n".join([
    *MARKDOWN, *LINKS, *(f"$${formula}$$" for formula in FORMULAS if len(formula) < 99), "[^1] [^a]",
    *(f"```{language}\n{code}\n```\n" for language, code in CODE), "[^1]: note", "    more", "[^a]: b"])


@check
def streamed(v):
    """a text that grows looks at each cut as if it had been there at once"""
    load(v)
    pieces = list(MARKDOWN) + list(LINKS) + ["```js\nlet a;\n```", "$$\nx\n$$", "[^1] a", "[^1]: b"]
    texts = [SAMPLE] + ["\n\n".join(random.Random(seed).sample(pieces, 6)) for seed in range(40)]
    wrong = v.browser.evaluate(f"""{json.dumps(texts)}.flatMap((text) => {{
      const host = document.createElement("div");
      const step = text.length > 1500 ? 7 : 1;
      for (let end = 1; end <= text.length; end += step) {{
        unit.shown(text.slice(0, end), host);
        const isChecked = step === 1 || end % 5 === 0;
        if (isChecked && unit.html(host) !== unit.html(unit.shown(text.slice(0, end)))) {{
          return [text.slice(0, end)];
        }}
      }}
      unit.shown("other", host);
      return unit.html(host) === "<p>other</p>" ? [] : ["another text: " + text];
    }})""")
    assert not wrong, wrong[0]


HOSTILE = [
    ">", "> ", "- ", "1. ", "* a\n", "  - a\n", "> - ", "#", "# ", "`", "``a`", "```\n", "~~~ ", "*", "**a ",
    "_a", "*a_b~~", "[", "[a", "![", "]", "[]", "[a](", "[a](b", "[](x)", "[a][", "[^1]", "[^1]: a\n",
    "[a]: http://b\n", "<", "<http://", "<br", "http://", "https://a.b/(", "$", "$a ", "$$", "$$a\n", "\\(",
    "\\[a\n", "\\", "|", "|a|b|\n|-|-|\n", "a|b\n", "-|-\n", "---\n", "=\n", "a\n=", "    a\n", "\t", " ",
    "\n", "\n\n- a\n", "&", "<b>", "\u202e", "a\u0300", "\U0001f600", "\0", "- - ", "-- ", "- [x] ", "[x]: "]


@check
def hostile(v):
    """a megabyte of anything, nested as deep as it goes, is shown before long and makes no HTML"""
    load(v)
    for piece in HOSTILE:
        for text in (f"{json.dumps(piece)}.repeat({LONG // len(piece)})",
                     f"{json.dumps(piece)}.repeat({LONG // 9 // len(piece)}) + 'x'.repeat(9)"):
            # The browser gives up after a minute, which is enough for linear time only.
            found = v.browser.evaluate(f"""(() => {{
              const host = unit.shown({text});
              const deepest = (node, depth) => {{
                let most = depth;
                const walker = [[node, depth]];
                while (walker.length) {{
                  const [each, level] = walker.pop();
                  most = Math.max(most, level);
                  for (const child of each.children) walker.push([child, level + 1]);
                }}
                return most;
              }};
              return [deepest(host, 0), host.querySelectorAll("b, img, script").length];
            }})()""")
            assert found[0] < 60 and found[1] == 0, f"{piece!r}: {found}"
    shown = v.browser.evaluate("""unit.shown(Array.from({ length: 20000 }, (_, at) =>
      `[^${at}]: a [^${at}]\\n\\n[b${at}]: http://a.b\\n\\n[b${at}] [^${at}]\\n\\n`).join(""))
      .querySelectorAll(".note-ref, a").length""")
    assert shown == 60000, shown
    for (language, _), piece in zip([*CODE] * 5, ("\"", "'", "/*", "<!--", "a-", "1", "a", "$", "-", "- ",
                                                "(", "\\", "\"a\":", "[", "=", "@a", "'''")):
        for name in (language, "yaml", "css", "bash"):
            length = v.browser.evaluate(f"""unit.coloured({json.dumps(piece)}.repeat(90000 /
              {len(piece)}), {json.dumps(name)}).reduce((sum, each) =>
              sum + each.textContent.length, 0)""")
            assert length == 90000 // len(piece) * len(piece)
