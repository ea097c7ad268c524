"""Writes chat_templates.json: what jinja2 makes of templates, conversations and expressions.

Needs `pip install jinja2` (made with 3.1.6). The environment is the one in which chat templates are
usually rendered: the immutable sandbox with trim_blocks, lstrip_blocks and loop controls, a tojson
that escapes nothing for HTML, raise_exception, and strftime_now at a fixed moment.

The golden holds, for every template and conversation and for every snippet, the text, or the
message of raise_exception in an object, or null for any other error. Equal results of different
pairs are stored once, in `texts`.

Usage: python3 -P chat_templates.py > chat_templates.json
       python3 -P chat_templates.py FOLDER > elsewhere.json, of the templates in a folder
"""

import copy
import datetime
import json
import os
import sys

import jinja2
import jinja2.ext
import jinja2.sandbox

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import chat_template_cases as cases
from chat_template_sources import TEMPLATES

NOW = 1732485845  # 2024-11-24 22:04:05 UTC, a Sunday
SPECIAL_TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}


class Raised(Exception):
    pass


class Generation(jinja2.ext.Extension):
    """`{% generation %}`: a block that is called at once, as where it marks the answer."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def raise_exception(message):
    raise Raised(message)


def strftime_now(format):
    moment = datetime.datetime.fromtimestamp(NOW, datetime.timezone.utc).replace(tzinfo=None)
    return moment.strftime(format)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators,
        sort_keys=sort_keys)


def environment():
    result = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"])
    result.filters["tojson"] = tojson
    result.globals["raise_exception"] = raise_exception
    result.globals["strftime_now"] = strftime_now
    return result


def render(source, conversation):
    # A copy, since even the sandbox has a filter that adds to a list it is given.
    conversation = copy.deepcopy(conversation)
    variables = dict(SPECIAL_TOKENS)
    variables.update(conversation.get("extra", {}))
    variables.update(
        messages=conversation["messages"], tools=conversation.get("tools") or None,
        documents=conversation.get("documents") or None,
        add_generation_prompt=conversation.get("add_generation_prompt", True))
    try:
        text = environment().from_string(source).render(**variables)
        text.encode()
        return text
    except Raised as raised:
        return {"raised": str(raised)}
    except Exception:
        return None


def templates(arguments):
    if not arguments:
        return TEMPLATES
    folder = arguments[0]
    found = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".jinja"):
            # As published files are read, with line ends as they are.
            with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
                found[name] = file.read()
    return found


def main():
    sources_by_name = templates(sys.argv[1:])
    texts = []
    positions = {}

    def stored(result):
        key = json.dumps(result)
        if key not in positions:
            positions[key] = len(texts)
            texts.append(result)
        return positions[key]

    scene = {"messages": cases.CONVERSATIONS[3]["messages"], "extra": cases.VARIABLES}
    sources = ["{{ " + expression + " }}" for expression in cases.EXPRESSIONS] + cases.STATEMENTS
    golden = {
        "now": NOW,
        "specialTokens": SPECIAL_TOKENS,
        "templates": [{"name": name, "source": source} for name, source in sources_by_name.items()],
        "conversations": cases.CONVERSATIONS,
        "renderings": [
            [stored(render(source, conversation)) for conversation in cases.CONVERSATIONS]
            for source in sources_by_name.values()
        ],
        "scene": scene,
        "snippets": [[source, stored(render(source, scene))] for source in sources],
        "texts": texts,
    }
    json.dump(golden, sys.stdout, ensure_ascii=False, separators=(",", ":"))
    print()


main()
