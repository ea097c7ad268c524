"""Writes random schemas with instances that jsonschema has judged: random_schemas.py SEED COUNT > FILE.

SCHEMA_CASES=FILE makes the tests of schemas walk the file.
"""
import json
import random
import sys

import jsonschema


def number(r):
    return r.choice([0, 1, 2, 3, 5, 7, 10, 12, 99, 100, -1, -2, -10, 0.5, 1.5, -0.25, 0.1, 2.75, 99.95])


def schema(r, depth=0):
    kind = r.random()
    if depth < 3 and kind < 0.3:
        word = r.choice(["anyOf", "allOf", "oneOf", "not", "if"])
        base = simple(r, depth) if r.random() < 0.6 else {}
        if word == "not":
            base["not"] = schema(r, depth + 2)
        elif word == "if":
            base["if"] = schema(r, depth + 2)
            base[r.choice(["then", "else"])] = schema(r, depth + 1)
        else:
            base[word] = [schema(r, depth + 1) for _ in range(r.randint(1, 3))]
        return base
    return simple(r, depth)


def simple(r, depth):
    result = {}
    kind = r.choice(["number", "integer", "string", "array", "object", "enum", "any"])
    if kind == "enum":
        return {"enum": [instance(r) for _ in range(r.randint(1, 4))]}
    if r.random() < 0.8 and kind != "any":
        result["type"] = kind if r.random() < 0.8 else [kind, "null"]
    if kind in ("number", "integer"):
        for word in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]:
            if r.random() < 0.3:
                result[word] = number(r)
        if r.random() < 0.2:
            result["multipleOf"] = r.choice([1, 2, 3, 5, 0.5, 0.25, 10])
    if kind == "string":
        if r.random() < 0.4:
            result["minLength"] = r.randint(0, 3)
        if r.random() < 0.4:
            result["maxLength"] = r.randint(2, 5)
        if r.random() < 0.4:
            result["pattern"] = r.choice(["^a", "b$", "^[a-c]+$", "a|b", "^[^b]{2}c", "\\d", "/", "\"", "\n"])
    if kind == "array":
        if depth < 3 and r.random() < 0.6:
            result["items"] = schema(r, depth + 1)
        if depth < 3 and r.random() < 0.3:
            result["prefixItems"] = [schema(r, depth + 1) for _ in range(r.randint(1, 2))]
        if r.random() < 0.3:
            result["minItems"] = r.randint(0, 2)
        if r.random() < 0.3:
            result["maxItems"] = r.randint(1, 3)
        if depth < 2 and r.random() < 0.3:
            result["contains"] = schema(r, depth + 2)
        if r.random() < 0.2:
            result["uniqueItems"] = True
    if kind == "object" and depth < 3:
        names = r.sample(["a", "ab", "b", "c", "é\"", "x/y"], r.randint(0, 3))
        result["properties"] = {n: schema(r, depth + 1) for n in names}
        if r.random() < 0.4:
            result["required"] = r.sample(["a", "b", "c", "d"], r.randint(1, 2))
        if r.random() < 0.4:
            result["additionalProperties"] = r.choice([True, False, simple(r, 3)])
        if r.random() < 0.2:
            result["patternProperties"] = {r.choice(["^a", "b", "^.$"]): simple(r, 3)}
        if r.random() < 0.2:
            result["minProperties"] = r.randint(0, 2)
        if r.random() < 0.2:
            result["maxProperties"] = r.randint(1, 3)
        if r.random() < 0.15:
            result["propertyNames"] = {"pattern": r.choice(["^[a-c]+$", "a"])}
        if r.random() < 0.15:
            result["dependentRequired"] = {"a": ["b"]}
        if r.random() < 0.15:
            result["unevaluatedProperties"] = False
    return result


def instance(r, depth=0):
    kind = r.choice(["null", "bool", "int", "int", "float", "str", "str", "list", "dict", "dict"])
    if depth > 2 and kind in ("list", "dict"):
        kind = "int"
    if kind == "null":
        return None
    if kind == "bool":
        return r.choice([True, False])
    if kind == "int":
        return r.choice([0, 1, 2, 3, 5, 6, 7, 10, 11, 12, 13, 99, 100, 101, -1, -2, -3, -10, -11])
    if kind == "float":
        return r.choice([0.5, 0.25, 0.1, 1.5, 2.75, 2.7, 2.8, -0.25, -0.2, -0.3, 99.95, 99.96, 99.94, 0.05])
    if kind == "str":
        return "".join(r.choice(["a", "b", "c", "d", "1", "é", "😀", "/", "\"", "\n"]) for _ in range(r.randint(0, 5)))
    if kind == "list":
        return [instance(r, depth + 1) for _ in range(r.randint(0, 3))]
    names = r.sample(["a", "ab", "b", "c", "é\"", "x/y", "d", "z"], r.randint(0, 4))
    return {n: instance(r, depth + 1) for n in names}


def main():
    r = random.Random(int(sys.argv[1]))
    cases = []
    for index in range(int(sys.argv[2])):
        one = schema(r)
        judge = jsonschema.Draft202012Validator(one)
        case = {"id": f"random/{index}", "expect": "either", "pointer": "", "schema": one, "valid": [], "invalid": []}
        for _ in range(60):
            value = instance(r)
            case["valid" if judge.is_valid(value) else "invalid"].append(value)
        case["invalid"] = case["invalid"][:25]
        cases.append(case)
    json.dump(cases, sys.stdout)


main()
