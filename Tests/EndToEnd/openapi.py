"""Checks answers against OpenAI's description of its interface. Usage: openapi.py APUS MODEL [DOCUMENT]

Every JSON document and every event of a stream is held against its schema. An address that the server does
not know yet is skipped; so is everything where the document is absent.
"""

import collections
import json
import pathlib
import sys
import urllib.error
import urllib.request

import jsonschema
import yaml

from server import Server

DOCUMENT = pathlib.Path(__file__).resolve().parents[1] / "Conformance/OpenAI/openapi.yaml"
MESSAGES = [{"role": "user", "content": "Name the capital of France."}]


# Where the words and the examples of the document have null, and its schemas do not: in the chunks of a
# completion, which share the schema of the whole one, and for the first token of a prompt that is repeated.
NULL_BESIDES = [
    ["properties", "usage"],
    ["properties", "choices", "items", "properties", "finish_reason"],
    *(["properties", "choices", "items", "properties", "logprobs", "anyOf", 0, "properties", name, "items"]
      for name in ("token_logprobs", "top_logprobs")),
]


def allow_null(schema):
    """Spells `nullable`, a word of older documents, as JSON Schema does."""
    if isinstance(schema, list):
        return [allow_null(element) for element in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: allow_null(value) for name, value in schema.items()}
    return {"anyOf": [schema, {"type": "null"}]} if schema.get("nullable") is True else schema


def load(document):
    """Reads the document, with null allowed where it means to allow it."""
    described = yaml.load(document.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    schemas = allow_null(described["components"]["schemas"])
    for *path, last in NULL_BESIDES:
        place = schemas["CreateCompletionResponse"]
        for name in path:
            place = place[name]
        place[last] = {"anyOf": [place[last], {"type": "null"}]}
    return {"components": {"schemas": schemas}}


class Checker:
    """Sends requests, and holds what comes back against schemas."""

    def __init__(self, origin, document):
        self.origin = origin
        self.document = document
        self.validators = {}
        self.documents = 0
        self.failures = collections.Counter()
        self.skipped = []
        self.model = json.loads(self.fetch("/v1/models")[1])["data"][0]["id"]

    def fetch(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.origin + path, data), timeout=120) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def validate(self, schema, value, what):
        """Notes where a value does not have the shape that a schema of the document gives it."""
        self.documents += 1
        if schema not in self.validators:
            # The schemas refer to each other within the document, so that each is checked inside it.
            whole = {"$ref": f"#/components/schemas/{schema}", "components": self.document["components"]}
            self.validators[schema] = jsonschema.Draft202012Validator(whole)
        error = jsonschema.exceptions.best_match(self.validators[schema].iter_errors(value))
        if error:
            place = "/".join(map(str, error.absolute_path))
            self.failures[f"{what}: {schema} at '{place}': {error.message[:300]}"] += 1

    def answer(self, path, schema, body=None, status=200, what=None):
        """Checks a JSON document."""
        what = what or path
        got, text = self.fetch(path, body)
        if got == 404 and json.loads(text)["error"]["code"] == "not_found":
            self.skipped.append(f"{what}: not known to the server")
        elif got != status:
            self.failures[f"{what}: status {got}, not {status}: {text[:200]}"] += 1
        else:
            self.validate(schema, json.loads(text), what)

    def stream(self, path, schema, body, ending):
        """Checks each event of a stream, and that it ends as it must."""
        got, text = self.fetch(path, body | {"model": self.model, "stream": True})
        if got == 404:
            self.skipped.append(f"{path}, streaming: not known to the server")
            return
        lines = [line[6:] for line in text.split("\n") if line.startswith("data: ")]
        if got != 200 or not lines or ending not in lines[-1]:
            self.failures[f"{path}, streaming: status {got}, ends {text[-200:]!r}"] += 1
            return
        for line in lines:
            if line != "[DONE]":
                self.validate(schema, json.loads(line), f"{path}, streaming")


def check(c):
    named = {"model": c.model}
    chat = {"messages": MESSAGES, "max_tokens": 8, "temperature": 0}
    schema = "CreateChatCompletionResponse"
    for more in ({}, {"n": 2, "seed": 1, "temperature": 1}, {"logprobs": True, "top_logprobs": 2},
                 {"stop": ["a"]}, {"return_token_ids": True}):
        c.answer("/v1/chat/completions", schema, named | chat | more, what=f"chat {more}")
        c.stream("/v1/chat/completions", "CreateChatCompletionStreamResponse", chat | more, "[DONE]")
    usage = {"stream_options": {"include_usage": True}}
    c.stream("/v1/chat/completions", "CreateChatCompletionStreamResponse", chat | usage, "[DONE]")

    for more in ({}, {"logprobs": 2, "echo": True}, {"n": 2, "seed": 1}):
        body = {"prompt": "The capital of France is", "max_tokens": 8} | more
        c.answer("/v1/completions", "CreateCompletionResponse", named | body, what=f"completions {more}")
        c.stream("/v1/completions", "CreateCompletionResponse", body, "[DONE]")

    for more in ({}, {"max_output_tokens": 1}, {"instructions": "Be brief.", "metadata": {"a": "b"}},
                 {"include": ["message.output_text.logprobs"], "top_logprobs": 2}):
        body = {"input": "Hi.", "max_output_tokens": 8, "temperature": 0} | more
        c.answer("/v1/responses", "Response", named | body, what=f"responses {more}")
        c.stream("/v1/responses", "ResponseStreamEvent", body, '"type":"response.')
    c.answer("/v1/responses/input_tokens", "TokenCountsResource", named | {"input": "Hi."})

    c.answer("/v1/models", "ListModelsResponse")
    c.answer(f"/v1/models/{c.model}", "Model")
    # It describes the vectors as numbers only; the clients' own checks read base64.
    c.answer("/v1/embeddings", "CreateEmbeddingResponse", named | {"input": ["Hi.", "Ho."]})

    c.answer("/v1/chat/completions", "ErrorResponse", named | {"messages": []}, 400, "a bad request")
    c.answer("/v1/chat/completions", "ErrorResponse", chat | {"model": "other"}, 404, "another model")
    c.answer("/v1/responses", "ErrorResponse", named | {"input": 5}, 400, "a bad response request")


def main(apus, model, document=DOCUMENT):
    described = load(pathlib.Path(document))
    server = Server(apus, model)
    try:
        checker = Checker(server.origin, described)
        check(checker)
    finally:
        server.kill()
    for line in checker.skipped:
        print(f"skipped  {line}")
    for line, count in checker.failures.items():
        print(f"FAILED   {line} ({count} times)")
    print(f"{checker.documents} documents checked, {sum(checker.failures.values())} wrong")
    return 1 if checker.failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
