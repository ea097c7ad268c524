"""Grammars that mean harm, each refused or compiled within the budget. `rows()` lists them.

A row sends one constraint and says which statuses may come back. Beside it an innocent request runs, which must
not notice. To run them alone: hostile_grammars.py PORT
"""

import asyncio
import json
import sys
import time
import types

from hostile_api import CHAT, chat, exchange, expect

ROWS = []
# Where only the refusal is right, where only an answer is, and where both are.
REFUSED, TAKEN, EITHER = (400,), (200,), (200, 400)


def row(name, members, statuses, largest=False):
    """Adds a row: `members` is what the request asks for, or makes it."""
    async def check(context):
        asked = members() if callable(members) else members
        body = json.dumps(await chat(context, max_tokens=4, **asked)).encode()
        beside = asyncio.create_task(innocent(context))
        start = time.monotonic()
        answer = await exchange(context, CHAT, body)
        elapsed = time.monotonic() - start
        assert answer.status in statuses, f"{answer.status}: {answer.body[:300]!r}"
        if answer.status == 400:
            error = answer.error
            assert error["type"] == "invalid_request_error" and error["message"], answer.body[:300]
            assert len(answer.body) < 4096, f"an error of {len(answer.body)} bytes"
        longest = 1.5 if largest else 0.35
        if context.judges_times:
            assert elapsed < longest, f"{elapsed:.2f} s"
        assert elapsed < 20, f"{elapsed:.1f} s"
        await beside
    check.together = False
    ROWS.append((f"grammar: {name}", check))


async def innocent(context):
    """A request that has nothing to do with the harm."""
    start = time.monotonic()
    await expect(context, 200, CHAT, await chat(context, max_tokens=2))
    if context.judges_times:
        assert time.monotonic() - start < 2, "another request waited"


def schema(value, **members):
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": value}}, **members}


def regex(pattern):
    return {"structured_outputs": {"regex": pattern}}


def grammar(text):
    return {"structured_outputs": {"grammar": text}}


def tag(value):
    return {"structured_outputs": {"structural_tag": value}}


def nested(opening, inner, closing, count):
    return json.loads(opening * count + inner + closing * count)


def add_schemas():
    text = {"type": "string"}
    row("minLength 100,000", schema({"type": "string", "minLength": 100_000}), TAKEN)
    row("maxLength 100,000", schema({"type": "string", "maxLength": 100_000}), TAKEN)
    row("maxLength 10^30", schema({"type": "string", "maxLength": 10**30}), TAKEN)
    row("maxLength 100,000 with a pattern",
        schema({"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$", "maxLength": 100_000}), TAKEN)
    row("minLength 50,000 with a pattern",
        schema({"type": "string", "pattern": "^(ab|cd)*$", "minLength": 50_000}), EITHER)
    row("lengths that cross", schema({"type": "string", "minLength": 5, "maxLength": 4}), REFUSED)
    row("lengths beside a pattern that cross",
        schema({"type": "string", "pattern": "^a{5}$", "maxLength": 4}), REFUSED)
    row("maxItems 100,000", schema({"type": "array", "items": text, "maxItems": 100_000}), TAKEN)
    row("minItems 10^12", schema({"type": "array", "items": text, "minItems": 10**12}), REFUSED)
    row("minItems 100,000 of objects",
        schema({"type": "array", "items": {"type": "object"}, "minItems": 100_000}), TAKEN)
    row("counts within counts", schema(nested('{"type":"array","maxItems":1000,"items":', "{}", "}", 20)), TAKEN)
    row("enum of 20,000 texts", lambda: schema({"enum": [f"value {i}" for i in range(20_000)]}), REFUSED)
    row("enum of 10,000 texts", lambda: schema({"enum": [f"value {i}" for i in range(10_000)]}), EITHER, True)
    row("enum of 10,000 numbers", lambda: schema({"enum": list(range(10_000))}), EITHER, True)
    row("enum of objects", lambda: schema({"enum": [{"a": i, "b": [i]} for i in range(2_000)]}), EITHER, True)
    row("an enum without values", schema({"enum": []}), REFUSED)
    row("an enum of 1 MB", lambda: schema({"enum": ["x" * 1000 + str(i) for i in range(1_000)]}), EITHER, True)
    row("recursion without a base", schema({"$ref": "#"}), REFUSED)
    row("recursion over a required member",
        schema({"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}), REFUSED)
    row("objects that require each other", schema({
        "$ref": "#/$defs/a", "$defs": {
            "a": {"type": "object", "properties": {"b": {"$ref": "#/$defs/b"}}, "required": ["b"]},
            "b": {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "required": ["a"]}}}), REFUSED)
    row("an array that holds itself",
        schema({"type": "array", "items": {"$ref": "#"}, "minItems": 1}), REFUSED)
    row("recursion with a base", schema({"type": "array", "items": {"$ref": "#"}}), TAKEN)
    row("a cycle of references", schema({
        "$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}), REFUSED)
    row("a cycle through allOf", schema({
        "$ref": "#/$defs/a", "$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}}), REFUSED)
    row("a cycle through not", schema({"$defs": {"a": {"not": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"}), REFUSED)
    row("a chain of 2,000 references", lambda: schema({
        "$ref": "#/$defs/c0", "$defs": {f"c{i}": {"$ref": f"#/$defs/c{i + 1}"} for i in range(2000)} | {"c2000": {}}}),
        REFUSED)
    row("a reference to nothing", schema({"$ref": "#/$defs/a"}), REFUSED)
    row("a reference to elsewhere", schema({"$ref": "http://localhost:1/schema.json"}), REFUSED)
    row("a reference to a file", schema({"$ref": "file:///etc/passwd"}), REFUSED)
    row("a reference with a broken escape", schema({"$ref": "#/%zz/~9"}), REFUSED)
    row("a schema 60 deep", schema(nested('{"type":"object","properties":{"a":', "{}", "}}", 25)), EITHER)
    row("a schema 128 deep", schema(nested('{"items":', "{}", "}", 120)), REFUSED)
    row("a schema 10,000 deep", {"response_format": None} | {"json_schema": json.loads("[" * 60 + "]" * 60)}, REFUSED)
    row("5,000 optional members", lambda: schema({
        "type": "object", "properties": {f"member {i}": {} for i in range(5_000)}, "additionalProperties": False}),
        EITHER, True)
    row("2,000 required members", lambda: schema({
        "type": "object", "properties": {f"m{i}": {} for i in range(2_000)}, "required": [f"m{i}" for i in range(2_000)]}),
        EITHER, True)
    row("25,000 subschemas", lambda: schema({"anyOf": [{"type": "object", "properties": {f"p{i}": {}}}
                                                       for i in range(12_500)]}), REFUSED, True)
    row("a product of choices", schema({"allOf": [
        {"anyOf": [{"required": [f"a{i}_{j}"]} for j in range(12)]} for i in range(12)]}), REFUSED, True)
    row("a product of choices that is small", schema({"type": "object", "allOf": [
        {"anyOf": [{"required": [f"a{i}"]}, {"required": [f"b{i}"]}]} for i in range(6)]}), EITHER, True)
    row("oneOf of 300", schema({"oneOf": [{"type": "object", "required": [f"a{i}"]} for i in range(300)]}),
        REFUSED, True)
    row("oneOf within oneOf", schema(nested('{"oneOf":[{"type":"string"},{"type":"array","items":', "{}", "}]}", 15)),
        EITHER, True)
    row("patterns of names that overlap", schema({
        "type": "object", "patternProperties": {f"{chr(97 + i)}.*{chr(98 + i)}": {"minimum": i} for i in range(12)}}),
        EITHER, True)
    row("patterns of names that blow up", schema({
        "type": "object", "patternProperties": {f"a.{{{i + 8}}}b": {} for i in range(8)},
        "additionalProperties": False}), EITHER, True)
    row("multipleOf of a large number", schema({"type": "integer", "multipleOf": 99_991}), REFUSED, True)
    row("multipleOf of a small fraction", schema({"type": "number", "multipleOf": 1e-300}), TAKEN, True)
    row("multipleOf zero", schema({"multipleOf": 0}), REFUSED)
    row("three multiples", schema({"type": "integer", "allOf": [
        {"multipleOf": 97}, {"multipleOf": 89}, {"multipleOf": 83}]}), EITHER, True)
    row("bounds of 300 digits", schema({"type": "number", "minimum": 10**300, "maximum": 10**301}), REFUSED)
    row("bounds of 38 digits", schema({"type": "integer", "minimum": -10**37, "maximum": 10**37}), TAKEN)
    row("uniqueItems of many", schema({"type": "array", "items": {"enum": list(range(100))}, "uniqueItems": True}),
        REFUSED)
    row("uniqueItems of eight", schema({"type": "array", "items": {"enum": list(range(8))}, "uniqueItems": True}),
        TAKEN, True)
    row("contains with large bounds", schema({"contains": {"const": 1}, "minContains": 900, "maxItems": 900}),
        EITHER, True)
    row("minProperties 10^9", schema({"type": "object", "minProperties": 10**9}), EITHER)
    row("minProperties of few", schema({
        "type": "object", "additionalProperties": False, "properties": {"a": {}}, "minProperties": 2}), REFUSED)
    row("a member that is required and never", schema({
        "type": "object", "properties": {"a": False}, "required": ["a"]}), REFUSED)
    row("unevaluated members of many choices", schema({
        "anyOf": [{"properties": {f"p{i}": {}}} for i in range(12)], "unevaluatedProperties": False}), EITHER, True)
    row("a schema of 1 MB", lambda: schema({"type": "object", "properties": {
        f"name {i} {'x' * 80}": {"type": "string", "description": "y" * 80} for i in range(4_000)}}), EITHER, True)
    row("a schema that is no object", schema([1, 2]), REFUSED)
    row("a type that is not there", schema({"type": "sting"}), REFUSED)
    row("keywords of the wrong type", schema({"type": 3, "properties": [], "required": "a", "enum": 1}), REFUSED)
    row("a hundred faults", lambda: schema({"properties": {f"p{i}": {"type": "x"} for i in range(100)}}), REFUSED)
    row("names that are one letter to Unicode", schema({
        "type": "object", "properties": {"\u00e9": {"type": "integer"}, "e\u0301": {"type": "null"}},
        "required": ["\u00e9", "e\u0301"]}), TAKEN)
    row("names with controls and surrogate pairs", schema({
        "type": "object", "properties": {"\u0000\u001f": {}, "😀\"\\": {}}, "required": ["\u0000\u001f"]}), TAKEN)


def add_patterns():
    for name, pattern, statuses in [
        ("nested quantifiers", "(a*)*b", TAKEN),
        ("nested quantifiers of plus", "((a+)+)+$", TAKEN),
        ("alternatives of the same", "(a|a|a|ab?)*c", TAKEN),
        ("ten nested optionals", "((((((((((a?)?)?)?)?)?)?)?)?)?)*b", TAKEN),
        ("counts whose product is huge", "((a{1,99}b){1,99}c){1,99}", REFUSED),
        ("counts within counts within counts", "(((a{9}){9}){9}){9}", EITHER),
        ("a count of 10^9", "a{1000000000}", REFUSED),
        ("a count of 900,000", "a{0,900000}", TAKEN),
        ("counts that cross", "a{3,2}", REFUSED),
        ("states that double", "(a|b)*a(a|b){24}", TAKEN),
        ("states that double, of any letters", ".*a.{400}b", TAKEN),
        ("a search for many words", "(" + "|".join(f"w{i}x" for i in range(2000)) + ")", TAKEN),
        ("a look-ahead", "a(?=b)", REFUSED),
        ("a look-behind", "(?<=a)b", REFUSED),
        ("a negative look-behind", "(?<!a)b", REFUSED),
        ("a back reference", "(a)\\1", REFUSED),
        ("a named back reference", "(?<x>a)\\k<x>", REFUSED),
        ("an atomic group", "(?>a+)b", REFUSED),
        ("a possessive quantifier", "a++b", REFUSED),
        ("recursion", "(a(?R)?b)", REFUSED),
        ("a condition", "(?(1)a|b)", REFUSED),
        ("an open group", "(" * 500, REFUSED),
        ("5,000 nested groups", "(" * 5000 + "a" + ")" * 5000, REFUSED),
        ("an open class", "[a-", REFUSED),
        ("a range that crosses", "[z-a]", REFUSED),
        ("nothing to repeat", "*a", REFUSED),
        ("an unknown property", "\\p{Nonsense}", REFUSED),
        ("every script", "[\\p{L}\\P{L}]{1,50}", TAKEN),
        ("100,000 letters", "a" * 100_000, EITHER),
        ("1 MB of classes", "[a-z]" * 200_000, REFUSED),
        ("20,000 alternatives", "|".join(f"k{i}" for i in range(20_000)), EITHER),
        ("a lone surrogate", "\\ud800", REFUSED),
        ("an empty pattern", "", EITHER),
        ("nothing at all", "[]", EITHER),
        ("a border between letters", "a\\bb", REFUSED),
    ]:
        row(f"regex: {name}", regex(pattern), statuses, len(pattern) > 10_000)
    for name, pattern in [("doubling states", "a.{30}$"), ("nested quantifiers", "(a+)+$"),
                          ("a search that is long", "(" + "|".join("ab" * i for i in range(1, 60)) + ")")]:
        row(f"pattern: {name}", schema({"type": "string", "pattern": pattern, "maxLength": 200}), EITHER, True)


def add_grammars():
    deep = "root ::= " + "(" * 400 + '"a"' + ")" * 400
    for name, text, statuses in [
        ("GBNF: left recursion", 'root ::= root "a" | "a"', TAKEN),
        ("GBNF: hidden left recursion", 'root ::= x root "a" | "b"\nx ::= ""', TAKEN),
        ("GBNF: recursion without a base", 'root ::= "a" root', REFUSED),
        ("GBNF: a rule of itself", "root ::= root", REFUSED),
        ("GBNF: rules of each other", "root ::= a\na ::= b\nb ::= a", REFUSED),
        ("GBNF: very ambiguous", 'root ::= root root | root root root | "a" | ""', TAKEN),
        ("GBNF: an undefined rule", "root ::= x", REFUSED),
        ("GBNF: no root", 'x ::= "a"', REFUSED),
        ("GBNF: a rule twice", 'root ::= "a"\nroot ::= "b"', REFUSED),
        ("GBNF: 400 groups", deep, REFUSED),
        ("GBNF: an open group", "root ::= ((((", REFUSED),
        ("GBNF: an open string", 'root ::= "a', REFUSED),
        ("GBNF: a count of 10^9", 'root ::= ("a" root){1000000000}', REFUSED),
        ("GBNF: counts within counts", 'root ::= ((("a" [b-c]{1,99}){1,99}){1,99}){1,99}', EITHER),
        ("GBNF: doubling rules", "".join(f"r{i} ::= r{i + 1} r{i + 1}\n" for i in range(60)) +
         'r60 ::= "a"\nroot ::= r0', EITHER),
        ("GBNF: a chain of 10,000 rules", "".join(f"r{i} ::= r{i + 1}\n" for i in range(10_000)) +
         'r10000 ::= "a"\nroot ::= r0', EITHER),
        ("GBNF: 20,000 texts", "root ::= " + " | ".join(f'"w{i}"' for i in range(20_000)), EITHER),
        ("GBNF: 1 MB", "root ::= " + '"a" ' * 250_000, EITHER),
        ("GBNF: more than 1 MB", "root ::= " + '"a" ' * 300_000, REFUSED),
        ("GBNF: a class of everything but everything", "root ::= [^\\x00-\\U0010FFFF]", REFUSED),
        ("Lark: left recursion", 'start: start "a" | "a"', TAKEN),
        ("Lark: recursion without a base", 'start: "a" start', REFUSED),
        ("Lark: a terminal of itself", 'start: A\nA: "a" A', REFUSED),
        ("Lark: a look-ahead", "start: /a(?=b)/", REFUSED),
        ("Lark: a priority", 'start: A\nA.2: "a"', REFUSED),
        ("Lark: a template", 'start: x{"a"}\nx{y}: y', REFUSED),
        ("Lark: an import of a file", "%import .secrets.KEY\nstart: KEY", REFUSED),
        ("Lark: an unknown directive", '%declare A\nstart: "a"', REFUSED),
        ("Lark: JSON without an end", "start: %json {", REFUSED),
        ("Lark: JSON of no instance", 'start: %json {"type": "array", "minItems": 2, "maxItems": 1}', REFUSED),
        ("Lark: a control token that is none", "start: <|nothing|>", REFUSED),
        ("Lark: intersections that blow up",
         "start: A\nA: " + " & ".join(f"/.*a.{{{8 + i}}}/" for i in range(8)), EITHER),
        ("Lark: an exclusion that leaves nothing", "start: A\nA: /a*/ & ~/a*/", REFUSED),
        ("bytes that are no grammar", "\u0000\u0001\ufffe", REFUSED),
    ]:
        row(name, grammar(text), statuses, len(text) > 10_000)


def add_others():
    row("choice: none", {"structured_outputs": {"choice": []}}, REFUSED)
    row("choice: 20,000", {"structured_outputs": {"choice": [f"c{i}" for i in range(20_000)]}}, REFUSED)
    row("choice: prefixes of each other", {"structured_outputs": {"choice": ["a" * i for i in range(1, 500)]}}, TAKEN)
    row("two constraints", {"structured_outputs": {"regex": "a", "choice": ["b"]}}, REFUSED)
    row("tag: nested 200 deep", tag({"type": "structural_tag", "format": nested(
        '{"type":"optional","content":', '{"type":"any_text"}', "}", 50)}), EITHER)
    row("tag: no triggers", tag({"structures": [], "triggers": []}), REFUSED)
    row("tag: a trigger that nothing begins with", tag({
        "structures": [{"begin": "a", "schema": {}, "end": "b"}], "triggers": ["c"]}), REFUSED)
    row("tag: a thousand tags", tag({"structures": [
        {"begin": f"<f{i}>", "schema": {"type": "object"}, "end": "</f>"} for i in range(1000)], "triggers": ["<f"]}),
        EITHER, True)
    row("tools with a hostile schema", {"tools": [{"type": "function", "function": {
        "name": "f", "strict": True, "parameters": {"type": "object", "properties": {"a": {"$ref": "#"}},
                                                    "required": ["a"]}}}]}, EITHER)

    async def invalid_utf8(context):
        body = json.dumps(await chat(context, **regex("XX"))).encode().replace(b"XX", b"a\xff\xc3")
        await expect(context, 400, CHAT, body, what="invalid UTF-8 in a pattern")
    ROWS.append(("grammar: invalid UTF-8", invalid_utf8))

    async def many(context):
        """Twenty different hostile grammars at once, and one innocent request."""
        async def one(index):
            members = regex(f"(a|b)*a(a|b){{{20 + index}}}c")
            return (await exchange(context, CHAT, json.dumps(await chat(context, max_tokens=8, **members)).encode())).status
        statuses = await asyncio.gather(*(one(i) for i in range(20)), )
        assert set(statuses) <= {200, 429, 503}, statuses
        await innocent(context)
    ROWS.append(("grammar: twenty at once", many))

    async def again(context):
        """The same grammar is judged the same each time."""
        members = schema({"type": "string", "pattern": "^(ab|cd)*$", "minLength": 30_000})
        body = json.dumps(await chat(context, max_tokens=2, **members)).encode()
        statuses = [(await exchange(context, CHAT, body)).status for _ in range(4)]
        assert len(set(statuses)) == 1, statuses
    ROWS.append(("grammar: the same verdict each time", again))


add_schemas()
add_patterns()
add_grammars()
add_others()


def rows():
    """The rows: (name, coroutine function of a context with `.port`)."""
    return list(ROWS)


if __name__ == "__main__":
    context = types.SimpleNamespace(port=int(sys.argv[1]), judges_times="--times" in sys.argv)
    failed = 0
    for name, function in rows():
        start = time.monotonic()
        try:
            asyncio.run(function(context))
            problem = ""
        except Exception as error:
            problem, failed = f"{type(error).__name__}: {error}", failed + 1
        print(f"{'FAILED' if problem else 'passed'}  {name}  ({time.monotonic() - start:.2f} s)  {problem[:300]}", flush=True)
    print(f"{len(ROWS) - failed} / {len(ROWS)}")
    sys.exit(failed > 0)
