"""Checks calls of tools with other makers' clients. Usage: clients_tools.py PATH_TO_APUS MODEL"""

import asyncio
import json
import sys
import typing

import agents
import anthropic
import instructor
import langchain_core.tools
import openai
import pydantic
import pydantic_ai
import pydantic_ai.models.openai
import pydantic_ai.providers.openai

import clients
from server import Server

agents.set_tracing_disabled(True)
CHECKS = []
ASK = "What is the weather in Oslo? Use the tool."
QUESTION = [{"role": "user", "content": ASK}]
SCHEMA = {
    "type": "object", "properties": {
        "city": {"type": "string", "maxLength": 20}, "unit": {"enum": ["celsius", "fahrenheit"]}},
    "required": ["city", "unit"], "additionalProperties": False}
FUNCTION = {"name": "get_weather", "description": "Tells the weather of a city.", "parameters": SCHEMA}
NOW = {"name": "now", "description": "Tells the time."}
TOOLS = [{"type": "function", "function": FUNCTION}, {"type": "function", "function": NOW}]


def check(function):
    """Marks a function as a check; its first line of documentation is what it says."""
    CHECKS.append(function)
    return function


def create(c, **options):
    options = {"messages": QUESTION, "tools": TOOLS, "max_tokens": 120, "temperature": 0} | options
    return c.openai.chat.completions.create(model=c.model, **options)


def sound(name, arguments):
    """Whether a call is one of the tools', with arguments that its schema allows."""
    arguments = json.loads(arguments) if isinstance(arguments, str) else arguments
    if name == "now":
        return arguments == {}
    return (name == "get_weather" and set(arguments) == {"city", "unit"} and len(arguments["city"]) <= 20
            and arguments["unit"] in ("celsius", "fahrenheit"))


def joined(stream):
    """The message of a stream, as a client joins it: strings append, calls by their index."""
    content, calls, reasons = "", [], []
    for chunk in stream:
        for choice in chunk.choices:
            content += choice.delta.content or ""
            for call in choice.delta.tool_calls or []:
                if call.index == len(calls):
                    calls.append({"id": "", "name": "", "arguments": ""})
                    assert call.id and call.function.name and call.type == "function", call
                else:
                    assert call.index == len(calls) - 1 and call.id is None, call
                joined_call = calls[call.index]
                joined_call["id"] += call.id or ""
                joined_call["name"] += call.function.name or ""
                joined_call["arguments"] += call.function.arguments or ""
            reasons += [choice.finish_reason] if choice.finish_reason else []
    assert len(reasons) == 1, reasons
    return content, calls, reasons[0]


@check
def required(c):
    """openai gets the calls that it requires, whatever the seed, and none where it wants none"""
    for seed in range(4):
        choice = create(c, tool_choice="required", temperature=1, seed=seed).choices[0]
        if choice.finish_reason == "length":
            continue
        assert choice.finish_reason == "tool_calls" and choice.message.content is None, choice
        assert choice.message.tool_calls, choice
        assert all(sound(call.function.name, call.function.arguments) for call in choice.message.tool_calls)
    one = {"type": "function", "function": {"name": "get_weather"}}
    choice = create(c, tool_choice=one, parallel_tool_calls=False).choices[0]
    assert [call.function.name for call in choice.message.tool_calls] == ["get_weather"], choice
    choice = create(c, tool_choice="none").choices[0]
    assert choice.message.content and not choice.message.tool_calls, choice


@check
def streamed(c):
    """openai streams calls that are those of the whole answer"""
    for options in ({"tool_choice": "required"}, {"tool_choice": "required", "temperature": 1, "seed": 3},
                    {"tool_choice": "auto"}):
        choice = create(c, **options).choices[0]
        content, calls, reason = joined(create(c, stream=True, **options))
        assert content == (choice.message.content or ""), (content, choice)
        assert reason == choice.finish_reason
        whole = [(call.function.name, call.function.arguments) for call in choice.message.tool_calls or []]
        assert [(call["name"], call["arguments"]) for call in calls] == whole, (calls, whole)
        assert len({call["id"] for call in calls}) == len(calls)
    with c.openai.chat.completions.stream(
            model=c.model, messages=QUESTION, tools=TOOLS, tool_choice="required", max_tokens=120,
            temperature=0) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion().choices[0]
    assert "tool_calls.function.arguments.done" in kinds, kinds
    assert all(sound(call.function.name, call.function.arguments) for call in final.message.tool_calls)


@check
def fed_back(c):
    """openai sends calls and results back, with ids of its own or none"""
    message = create(c, tool_choice="required", parallel_tool_calls=False).choices[0].message
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": '{"temperature": 4}'}
    answer = create(c, messages=[*QUESTION, message, result], tool_choice="none").choices[0]
    assert answer.message.content and answer.finish_reason in ("stop", "length"), answer
    turn = {"role": "assistant", "content": None, "tool_calls": [
        {"id": f"odd id {name}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for name, arguments in (("get_weather", '{"city": "Oslo", "unit": "celsius"}'), ("now", ""))]}
    results = [{"role": "tool", "tool_call_id": "odd id now", "content": [{"type": "text", "text": "noon"}]},
               {"role": "tool", "tool_call_id": "odd id get_weather", "content": "4"}]
    assert create(c, messages=[*QUESTION, turn, *results]).choices
    results[0]["tool_call_id"] = "another"
    error = clients.refused(openai.BadRequestError, lambda: create(c, messages=[*QUESTION, turn, *results]))
    assert error.param == "messages[2].tool_call_id", error


@check
def strict(c):
    """openai learns which part of a strict tool's schema cannot be enforced; others are relaxed, and that is told"""
    odd = {"type": "object", "properties": {"a": {"type": "string", "pattern": "(?=b)"}}}
    def tool(is_strict):
        return [{"type": "function", "function": {"name": "f", "parameters": odd, "strict": is_strict}}]
    error = clients.refused(openai.BadRequestError, lambda: create(c, tools=tool(True)), "/properties/a/pattern")
    assert (error.code, error.param) == ("unsupported_schema", "tools[0].function.parameters"), error
    answer = c.openai.chat.completions.with_raw_response.create(
        model=c.model, messages=QUESTION, tools=tool(False), max_tokens=2)
    assert answer.headers["x-apus-relaxed"] == "tools[0].function.parameters/properties/a/pattern", answer.headers
    clients.refused(openai.BadRequestError, lambda: create(c, tools=[{"type": "web_search"}]), "tools[0].type")


class Weather(pydantic.BaseModel):
    """The weather that is asked for."""

    city: str = pydantic.Field(max_length=20)
    unit: typing.Literal["celsius", "fahrenheit"]


@check
def parsed(c):
    """openai and instructor parse arguments into their types"""
    tool = openai.pydantic_function_tool(Weather)
    message = c.openai.chat.completions.parse(
        model=c.model, messages=QUESTION, tools=[tool], tool_choice="required", temperature=0,
        parallel_tool_calls=False).choices[0].message
    assert isinstance(message.tool_calls[0].function.parsed_arguments, Weather), message
    for mode in (instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA):
        client = instructor.from_openai(c.openai, mode=mode)
        found = client.chat.completions.create(
            model=c.model, messages=QUESTION, response_model=Weather, temperature=0, max_retries=0)
        assert isinstance(found, Weather), found


@check
def langchain(c):
    """langchain binds tools, and joins streamed calls"""
    @langchain_core.tools.tool
    def get_weather(city: str, unit: typing.Literal["celsius", "fahrenheit"]) -> str:
        """Tells the weather of a city."""
        return "4"
    model = c.langchain.model_copy(update={"max_tokens": 120}).bind_tools(
        [get_weather], tool_choice="any", parallel_tool_calls=False)
    answer = model.invoke(ASK)
    assert answer.tool_calls and all(call["name"] == "get_weather" for call in answer.tool_calls), answer
    whole = None
    for chunk in model.stream(ASK):
        whole = chunk if whole is None else whole + chunk
    assert [call["args"] for call in whole.tool_calls] == [call["args"] for call in answer.tool_calls], whole


@check
def pydantic_agent(c):
    """pydantic-ai lets a model call a function and reads a typed answer"""
    model = pydantic_ai.models.openai.OpenAIChatModel(
        c.model, provider=pydantic_ai.providers.openai.OpenAIProvider(base_url=c.origin + "/v1", api_key="none"))
    agent = pydantic_ai.Agent(model, output_type=Weather, retries=0)
    result = agent.run_sync(ASK, model_settings={"temperature": 0, "max_tokens": 120, "parallel_tool_calls": False})
    assert isinstance(result.output, Weather), result


@check
def openai_agents(c):
    """OpenAI's agents SDK runs tools and feeds results back, in both protocols"""
    asked = []
    @agents.function_tool
    def get_weather(city: str) -> str:
        """Tells the weather of a city."""
        asked.append(city)
        return "4 degrees"
    settings = agents.ModelSettings(temperature=0, max_tokens=60, tool_choice="required", parallel_tool_calls=False)

    async def run(kind):
        async with openai.AsyncOpenAI(base_url=c.origin + "/v1", api_key="none", max_retries=0) as client:
            agent = agents.Agent(
                name="a", instructions="Be brief.", tools=[get_weather], model_settings=settings,
                model=kind(model=c.model, openai_client=client))
            return await agents.Runner.run(agent, ASK, max_turns=3)

    for kind in (agents.OpenAIChatCompletionsModel, agents.OpenAIResponsesModel):
        asked.clear()
        result = asyncio.run(run(kind))
        assert asked and result.final_output, (kind, asked, result)


@check
def conversations(c):
    """openai keeps conversations, goes on from them and changes them; so does its agents SDK"""
    server = Server(c.apus, c.path, "--keep-responses", "4")
    try:
        keeping = clients.Context(server)
        keep(keeping.openai, c.model)
        asyncio.run(remember(keeping))
    finally:
        server.kill()


def keep(client, model):
    turn = {"role": "user", "content": "I am Ann."}
    made = client.conversations.create(items=[turn], metadata={"topic": "a"})
    assert client.conversations.retrieve(made.id).metadata == {"topic": "a"}
    assert client.conversations.update(made.id, metadata={"topic": "b"}).metadata == {"topic": "b"}
    for options in ({"conversation": made.id}, {"conversation": {"id": made.id}}):
        response = client.responses.create(model=model, input="Hi.", temperature=0, max_output_tokens=8, **options)
        assert response.conversation.id == made.id, response
    items = list(client.conversations.items.list(made.id, order="asc", limit=2))
    assert [item.role for item in items] == ["user", "user", "assistant", "user", "assistant"], items
    assert items[0].content[0].text == "I am Ann." and items[-1].content[0].text == response.output_text, items
    added = client.conversations.items.create(made.id, items=[turn]).data[0]
    assert client.conversations.items.retrieve(added.id, conversation_id=made.id).content[0].text == "I am Ann."
    assert client.conversations.items.delete(added.id, conversation_id=made.id).id == made.id
    clients.refused(
        openai.NotFoundError, lambda: client.conversations.items.retrieve(added.id, conversation_id=made.id))
    # What was listed can be sent again.
    again = client.responses.create(
        model=model, input=[item.to_dict() for item in items], temperature=0, max_output_tokens=4)
    assert again.output_text, again
    assert client.conversations.delete(made.id).deleted
    clients.refused(openai.NotFoundError, lambda: client.conversations.retrieve(made.id))


async def remember(c):
    """Two runs of an agent in one session."""
    settings = agents.ModelSettings(temperature=0, max_tokens=12)
    async with openai.AsyncOpenAI(base_url=c.origin + "/v1", api_key="none", max_retries=0) as client:
        session = agents.OpenAIConversationsSession(openai_client=client)
        agent = agents.Agent(
            name="a", model_settings=settings,
            model=agents.OpenAIResponsesModel(model=c.model, openai_client=client))
        for _ in range(2):
            result = await agents.Runner.run(agent, "Hi.", session=session)
            assert result.final_output, result
        assert [item["role"] for item in await session.get_items()] == ["user", "assistant"] * 2
        assert (await session.pop_item())["role"] == "assistant"
        assert len(await session.get_items()) == 3 and len(await session.get_items(limit=1)) == 1
        await session.clear_session()


@check
def responses(c):
    """openai's responses have calls as items, streamed or not, and take results"""
    tools = [{"type": "function", **FUNCTION}]
    options = {"model": c.model, "tools": tools, "tool_choice": "required", "parallel_tool_calls": False,
               "temperature": 0, "max_output_tokens": 120}
    whole = c.openai.responses.create(input=ASK, **options)
    assert [item.type for item in whole.output] == ["function_call"], whole
    call = whole.output[0]
    assert sound(call.name, call.arguments) and call.status == "completed", call
    with c.openai.responses.stream(input=ASK, **options) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert "response.function_call_arguments.done" in kinds, kinds
    assert [(item.name, item.arguments) for item in final.output] == [(call.name, call.arguments)], final
    turns = [*QUESTION, *[item.to_dict() for item in whole.output],
             {"type": "function_call_output", "call_id": call.call_id, "output": "4"}]
    again = c.openai.responses.create(input=turns, **options | {"tool_choice": "none"})
    assert again.output_text, again


@check
def messages(c):
    """anthropic's messages have calls as blocks, streamed or not, and take results"""
    tool = {"name": "get_weather", "description": FUNCTION["description"], "input_schema": SCHEMA}
    options = c.message(
        messages=QUESTION, tools=[tool], max_tokens=120,
        tool_choice={"type": "any", "disable_parallel_tool_use": True})
    whole = c.anthropic.messages.create(**options)
    assert whole.stop_reason == "tool_use" and [block.type for block in whole.content] == ["tool_use"], whole
    block = whole.content[0]
    assert sound(block.name, block.input), block
    with c.anthropic.messages.stream(**options) as stream:
        for _ in stream:
            pass
        final = stream.get_final_message()
    assert final.content[0].input == block.input and final.stop_reason == "tool_use", final
    results = [{"type": "tool_result", "tool_use_id": block.id, "content": "4"}]
    turns = [*QUESTION, {"role": "assistant", "content": whole.content}, {"role": "user", "content": results}]
    again = c.anthropic.messages.create(**options | {"messages": turns, "tool_choice": {"type": "none"}})
    assert again.content[0].type == "text", again
    results[0]["tool_use_id"] = "another"
    clients.refused(
        anthropic.BadRequestError, lambda: c.anthropic.messages.create(**options | {"messages": turns}),
        "messages[2].content[0].tool_use_id")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(clients.main(*sys.argv[1:], checks=CHECKS))
