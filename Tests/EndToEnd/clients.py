"""Checks a running server with other makers' clients. Usage: clients.py PATH_TO_APUS MODEL"""

import asyncio
import collections
import concurrent.futures
import os
import re
import sys
import typing

# The clients would ask services elsewhere for prices and take settings from the environment.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["LANGSMITH_TRACING"] = "false"
for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"):
    os.environ.pop(name, None)

import anthropic
import langchain_openai
import litellm
import openai
import pydantic

from checking import run_checks
from server import Server

litellm.suppress_debug_info = True

CHECKS = []
ASK = "Name the capital of France."
QUESTION = [{"role": "user", "content": ASK}]


def check(function):
    """Marks a function as a check; its first line of documentation is what it says."""
    CHECKS.append(function)
    return function


class Context:
    """A server, and clients of several makers."""

    def __init__(self, server):
        self.origin = server.origin
        self.openai = openai.OpenAI(base_url=server.origin + "/v1", api_key="none", max_retries=0)
        self.anthropic = anthropic.Anthropic(base_url=server.origin, api_key="none", max_retries=0)
        self.model = self.openai.models.list().data[0].id
        self.langchain = langchain_openai.ChatOpenAI(
            base_url=server.origin + "/v1", api_key="none", model=self.model, temperature=0, max_tokens=12,
            max_retries=0)

    def answer(self):
        """What chat completions say to the question: the yardstick for the other protocols."""
        completion = self.openai.chat.completions.create(
            model=self.model, messages=QUESTION, temperature=0, max_tokens=12)
        return completion.choices[0].message.content

    def message(self, **options):
        options = {"messages": QUESTION, "max_tokens": 12, "extra_body": {"temperature": 0}} | options
        return {"model": self.model} | options


def refused(kind, function, *words):
    try:
        function()
    except kind as error:
        assert all(word in str(error) for word in words), error
        return error
    raise AssertionError(f"no {kind.__name__}")


@check
def responses(c):
    """openai responses.create answers as chat does, with usage that adds up"""
    response = c.openai.responses.create(
        model=c.model, input=ASK, temperature=0, max_output_tokens=12, metadata={"a": "b"})
    assert response.output_text == c.answer(), response.output_text
    assert response.status in ("completed", "incomplete") and response.metadata == {"a": "b"}
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens


@check
def responses_create_stream(c):
    """openai responses.create(stream=True) spells the same text, numbered without a gap"""
    events = list(c.openai.responses.create(
        model=c.model, input=ASK, temperature=0, max_output_tokens=12, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == c.answer()
    assert events[0].type == "response.created"
    assert events[-1].type in ("response.completed", "response.incomplete")


@check
def responses_stream(c):
    """openai responses.stream accumulates the answer, and an earlier one can be sent back"""
    with c.openai.responses.stream(
            model=c.model, input=[{"role": "user", "content": ASK}], temperature=0,
            instructions="Answer in one word.", max_output_tokens=400) as stream:
        for event in stream:
            pass
        final = stream.get_final_response()
    assert final.status == "completed" and final.output_text, final
    turns = [{"role": "user", "content": ASK}, *[item.to_dict() for item in final.output],
             {"role": "user", "content": "And of Italy?"}]
    again = c.openai.responses.create(model=c.model, input=turns, temperature=0, max_output_tokens=4)
    assert again.output_text
    assert c.openai.responses.input_tokens.count(model=c.model, input=turns).input_tokens > 10


@check
def responses_refusals(c):
    """openai learns which field cannot be had"""
    def ask(**options):
        return lambda: c.openai.responses.create(model=c.model, input="a", **options)
    for field, value in (("previous_response_id", "resp_1"), ("background", True), ("conversation", "c"),
                         ("tools", [{"type": "web_search"}])):
        error = refused(openai.BadRequestError, ask(**{field: value}))
        assert error.param.startswith(field), error.param
    refused(openai.NotFoundError, lambda: c.openai.responses.retrieve("resp_1"))


@check
def messages(c):
    """anthropic messages.create answers as chat does"""
    message = c.anthropic.messages.create(**c.message())
    assert message.content[0].text == c.answer(), message
    assert message.role == "assistant" and message.stop_reason in ("end_turn", "max_tokens")
    assert message.usage.output_tokens > 0
    stopped = c.anthropic.messages.create(**c.message(stop_sequences=[message.content[0].text[3:6]]))
    assert stopped.stop_reason == "stop_sequence" and stopped.stop_sequence == message.content[0].text[3:6]
    assert stopped.content[0].text == message.content[0].text[:message.content[0].text.index(stopped.stop_sequence)]


@check
def messages_stream(c):
    """anthropic messages.stream accumulates the answer and its usage"""
    whole = c.anthropic.messages.create(**c.message(system="Be brief."))
    with c.anthropic.messages.stream(**c.message(system=[{"type": "text", "text": "Be brief."}])) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == whole.content[0].text == final.content[0].text
    assert final.stop_reason == whole.stop_reason
    assert final.usage.output_tokens == whole.usage.output_tokens
    tokens = [m.usage.input_tokens + m.usage.cache_read_input_tokens for m in (final, whole)]
    assert tokens[0] == tokens[1], tokens


@check
def messages_create_stream(c):
    """anthropic messages.create(stream=True) has its events in order"""
    kinds = [event.type for event in c.anthropic.messages.create(**c.message(stream=True))]
    assert kinds[:2] == ["message_start", "content_block_start"], kinds
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert set(kinds[2:-3]) == {"content_block_delta"}


@check
def messages_prefill(c):
    """anthropic's way of beginning the answer works"""
    turns = [*QUESTION, {"role": "assistant", "content": "The capital of France is"}]
    message = c.anthropic.messages.create(**c.message(messages=turns, max_tokens=4))
    assert "Paris" in message.content[0].text, message


@check
def messages_count(c):
    """anthropic messages.count_tokens agrees with what is then used"""
    counted = c.anthropic.messages.count_tokens(model=c.model, messages=QUESTION).input_tokens
    usage = c.anthropic.messages.create(**c.message()).usage
    assert counted == usage.input_tokens + usage.cache_read_input_tokens


@check
def messages_refusals(c):
    """anthropic gets errors of its own kinds"""
    create = c.anthropic.messages.create
    refused(anthropic.NotFoundError, lambda: create(**c.message(model="other")), "not_found_error")
    refused(anthropic.BadRequestError, lambda: create(**c.message(messages=[])), "messages")
    tool = {"name": "f", "type": "bash_20250124"}
    refused(anthropic.BadRequestError, lambda: create(**c.message(tools=[tool])), "tools")
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}
    turns = [{"role": "user", "content": [image]}]
    refused(anthropic.BadRequestError, lambda: create(**c.message(messages=turns)), "images")


@check
def langchain(c):
    """langchain-openai invokes and streams, in both of OpenAI's protocols"""
    expected = c.answer()
    answer = c.langchain.invoke(ASK)
    assert answer.content == expected and answer.usage_metadata["output_tokens"] > 0
    assert "".join(chunk.content for chunk in c.langchain.stream(ASK)) == expected
    batch = c.langchain.batch([ASK, "Hi."])
    assert batch[0].content == expected and batch[1].content
    other = langchain_openai.ChatOpenAI(
        base_url=c.origin + "/v1", api_key="none", model=c.model, temperature=0, max_tokens=12,
        use_responses_api=True)
    assert other.invoke(ASK).text == expected
    assert "".join(chunk.text for chunk in other.stream(ASK)) == expected


@check
def lite(c):
    """litellm asks in both makers' protocols, streaming or not"""
    expected = c.answer()
    for prefix, base in (("openai/", c.origin + "/v1"), ("hosted_vllm/", c.origin + "/v1"),
                         ("anthropic/", c.origin)):
        options = {"model": prefix + c.model, "messages": QUESTION, "api_base": base, "api_key": "none",
                   "temperature": 0, "max_tokens": 12}
        answer = litellm.completion(**options)
        assert answer.choices[0].message.content == expected, (prefix, answer)
        chunks = litellm.completion(stream=True, **options)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert text == expected, (prefix, text)
    refused(litellm.NotFoundError, lambda: litellm.completion(
        model="openai/other", messages=QUESTION, api_base=c.origin + "/v1", api_key="none"))


@check
def extensions(c):
    """openai sends and gets back what other servers know besides"""
    completion = c.openai.chat.completions.create(
        model=c.model, messages=QUESTION, temperature=0, max_tokens=6, stop=["never"],
        extra_body={"return_token_ids": True, "skip_special_tokens": False, "top_k": 1, "min_p": 0.1,
                    "repetition_penalty": 1, "ignore_eos": True, "timings": True})
    choice = completion.choices[0]
    assert len(choice.token_ids) == completion.usage.completion_tokens == 6
    assert len(completion.prompt_token_ids) == completion.usage.prompt_tokens
    times = completion.timings
    assert times["predicted_n"] == 6 and times["predicted_ms"] > 0 and times["queue_ms"] >= 0, times
    assert times["prompt_n"] + times["cache_n"] == completion.usage.prompt_tokens, times
    turns = [*QUESTION, {"role": "assistant", "content": "The capital of France is"}]
    continued = c.openai.chat.completions.create(
        model=c.model, messages=turns, temperature=0, max_tokens=4,
        extra_body={"continue_final_message": True, "add_generation_prompt": False, "echo": True})
    text = continued.choices[0].message.content
    assert text.startswith("The capital of France is") and "Paris" in text, text


class City(pydantic.BaseModel):
    name: str = pydantic.Field(max_length=20)
    country: typing.Literal["France", "Spain"]
    people: int = pydantic.Field(ge=0, le=9_999_999)


@check
def structured_parse(c):
    """openai parses answers that match a schema, in both of its protocols, whatever the seed"""
    for seed in range(4):
        completion = c.openai.chat.completions.parse(
            model=c.model, messages=QUESTION, temperature=1, seed=seed, response_format=City)
        message = completion.choices[0].message
        assert isinstance(message.parsed, City), message
        assert completion.choices[0].finish_reason == "stop", completion
    response = c.openai.responses.parse(model=c.model, input=ASK, temperature=0, text_format=City)
    assert isinstance(response.output_parsed, City), response


@check
def structured_stream(c):
    """openai streams an answer that matches a schema, with the text of the whole one"""
    options = {"model": c.model, "messages": QUESTION, "temperature": 1, "seed": 7}
    whole = c.openai.chat.completions.parse(**options, response_format=City).choices[0].message
    with c.openai.chat.completions.stream(**options, response_format=City) as stream:
        for _ in stream:
            pass
        streamed = stream.get_final_completion().choices[0].message
    assert streamed.content == whole.content and streamed.parsed == whole.parsed, streamed


@check
def structured_others(c):
    """openai sends regular expressions and choices as other servers know them, alone and side by side"""
    pattern = r"(?:red|blue), [a-z]{3,9}\."
    def ask(seed, **form):
        return c.openai.chat.completions.create(
            model=c.model, messages=QUESTION, temperature=1, seed=seed, max_tokens=30,
            extra_body=form).choices[0].message.content
    alone = [ask(seed, structured_outputs={"regex": pattern}) for seed in range(4)]
    assert all(re.fullmatch(pattern, text) for text in alone), alone
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        other = [pool.submit(ask, seed, guided_choice=["yes", "no"]) for seed in range(4)]
        again = [pool.submit(ask, seed, structured_outputs={"regex": pattern}) for seed in range(4)]
        assert [one.result() for one in again] == alone
        assert all(one.result() in ("yes", "no") for one in other)


@check
def structured_refusals(c):
    """openai learns which part of a schema cannot be enforced, and why"""
    for schema, code, place in (
            ({"type": "object", "properties": {"a": {"pattern": "(?=b)"}}}, "unsupported_schema",
             "/properties/a/pattern"),
            ({"type": "nothing"}, "invalid_schema", "/type"),
            ({"$ref": "#"}, "unsatisfiable_schema", "the schema")):
        form = {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}}
        error = refused(openai.BadRequestError, lambda: c.openai.chat.completions.create(
            model=c.model, messages=QUESTION, response_format=form), place)
        assert (error.code, error.param) == (code, "response_format"), error


@check
def crowded(c):
    """openai gets a hundred answers at once, or refusals that it can read, and never a broken connection"""
    assert asyncio.run(crowd(c.origin, c.model)) == {200: 100}
    server = Server(c.apus, c.path, "--parallel", "4", "--queue", "8")
    try:
        kinds = asyncio.run(crowd(server.origin, c.model))
        # A server that is full has another status than a client that asks for too much.
        assert set(kinds) == {200, 503} and kinds[200] >= 4, kinds
        server.terminate()
        assert server.exit_code() == 0
    finally:
        server.kill()


async def crowd(origin, model):
    """The statuses of a hundred requests at once, counted."""
    client = openai.AsyncOpenAI(base_url=origin + "/v1", api_key="none", max_retries=0)

    async def ask(index):
        try:
            await client.chat.completions.create(
                model=model, messages=[{"role": "user", "content": f"Count to {index}."}], max_tokens=24)
        except openai.APIStatusError as error:
            return error.status_code
        return 200

    kinds = collections.Counter(await asyncio.gather(*(ask(index) for index in range(100))))
    await client.close()
    return kinds


def main(apus, model, checks=CHECKS):
    server = Server(apus, model)
    try:
        context = Context(server)
        context.apus, context.path = apus, model
        return run_checks(checks, lambda function: function(context))
    finally:
        server.kill()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
