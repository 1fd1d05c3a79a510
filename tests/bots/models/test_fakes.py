"""The fake model: in the process, and behind the clients of two providers."""

import asyncio
import json
from functools import partial
from importlib import import_module
from typing import Any

import httpx2
import pytest

from frontdesk.bots.models import FakeModel, FakeToolCall, ModelMessage, ScriptEnded
from frontdesk.errors import InvalidArgument

# They take seconds to load, in each worker that collects the tests.
anthropic = partial(import_module, "anthropic")
openai = partial(import_module, "openai")
HELLO = [{"role": "user", "content": "hello"}]
KEY = "sk-very-secret"


def openai_client(model: FakeModel, key: str = KEY) -> Any:
    http = httpx2.AsyncClient(transport=httpx2.ASGITransport(model.asgi_app()))
    return openai().AsyncOpenAI(
        api_key=key, base_url="http://model/v1", http_client=http, max_retries=0
    )


def anthropic_client(model: FakeModel, key: str = KEY) -> Any:
    http = httpx2.AsyncClient(transport=httpx2.ASGITransport(model.asgi_app()))
    return anthropic().AsyncAnthropic(
        api_key=key, base_url="http://model", http_client=http, max_retries=0
    )


class TestInTheProcess:
    def test_it_says_what_the_script_says(self):
        model = FakeModel("one", ["tw", "o"])

        async def main() -> list[str]:
            return [await model([]), await model([])]

        assert asyncio.run(main()) == ["one", "two"]
        assert model.left == 0

    def test_a_stream_has_the_chunks_and_a_text_its_words(self):
        model = FakeModel("It works well", ["It wor", "ks"])

        async def main() -> list[list[str]]:
            return [[chunk async for chunk in model.stream([])] for _ in range(2)]

        assert asyncio.run(main()) == [["It ", "works ", "well"], ["It wor", "ks"]]

    def test_an_error_comes_after_what_stands_before_it(self):
        seen = []

        async def main() -> None:
            async for chunk in FakeModel(["a", "b", OSError("gone"), "c"]).stream([]):
                seen.append(chunk)  # noqa: PERF401 - what came before the error

        with pytest.raises(OSError, match="gone"):
            asyncio.run(main())
        assert seen == ["a", "b"]

    def test_it_records_what_it_was_sent(self):
        model = FakeModel("x")
        messages = [
            ModelMessage(role="system", content="Be kind"),
            ModelMessage(role="user", content="hello"),
        ]
        asyncio.run(model(messages))
        (request,) = model.requests
        assert request.system == "Be kind"
        assert request.messages[1] == {"role": "user", "content": "hello"}
        assert "hello" in request.text

    def test_a_script_that_is_too_short_says_so(self):
        model = FakeModel("only one")
        asyncio.run(model([]))
        with pytest.raises(ScriptEnded, match="1 reply and was called once more"):
            asyncio.run(model([]))
        assert len(model.requests) == 2

    @pytest.mark.parametrize("reply", [5, None, [5], [None], {"text": 1}.values()])
    def test_what_is_no_reply_is_refused(self, reply):
        with pytest.raises((InvalidArgument, TypeError)):
            FakeModel(reply)


class TestOpenAI:
    def test_a_whole_reply(self):
        model = FakeModel("Hello there")
        reply = asyncio.run(openai_client(model).chat.completions.create(model="m", messages=HELLO))
        assert reply.choices[0].message.content == "Hello there"
        assert reply.choices[0].finish_reason == "stop"
        assert reply.usage is not None
        assert reply.usage.total_tokens == 2 + 3
        assert model.requests[0].messages == tuple(HELLO)

    def test_a_stream(self):
        model = FakeModel(["Hel", "lo"])

        async def main() -> tuple[list[Any], list[Any]]:
            stream = await openai_client(model).chat.completions.create(
                model="m",
                messages=HELLO,
                stream=True,
                stream_options={"include_usage": True},
            )
            chunks = [chunk async for chunk in stream]
            texts = [each.choices[0].delta.content for each in chunks if each.choices]
            return texts, [each.usage for each in chunks if each.usage]

        texts, usage = asyncio.run(main())
        assert [text for text in texts if text] == ["Hel", "lo"]
        assert [each.total_tokens for each in usage] == [2 + 2]
        assert model.requests[0].is_stream

    def test_tool_calls(self):
        model = FakeModel(FakeToolCall("get_chat", {"chat_id": "C1"}), "Done")
        tool = {"type": "function", "function": {"name": "get_chat", "parameters": {}}}

        async def main() -> Any:
            client = openai_client(model)
            reply = await client.chat.completions.create(model="m", messages=HELLO, tools=[tool])
            message = reply.choices[0].message
            (call,) = message.tool_calls or []
            result = {"role": "tool", "tool_call_id": call.id, "content": "{}"}
            messages = [*HELLO, message, result]
            last = await client.chat.completions.create(model="m", messages=messages)
            return call, last.choices[0].message.content

        call, text = asyncio.run(main())
        assert (call.function.name, json.loads(call.function.arguments)) == (
            "get_chat",
            {"chat_id": "C1"},
        )
        assert text == "Done"
        assert model.requests[0].tools == ("get_chat",)

    def test_tool_calls_come_in_pieces_in_a_stream(self):
        calls = [FakeToolCall("get_chat", {"chat_id": "C1"}), FakeToolCall("list_threads")]
        model = FakeModel(["One moment. ", *calls])

        async def main() -> list[tuple[int, str, str]]:
            client = openai_client(model)
            chunks = await client.chat.completions.create(model="m", messages=HELLO, stream=True)
            return [
                (part.index, part.function.name or "", part.function.arguments)
                async for chunk in chunks
                for part in chunk.choices[0].delta.tool_calls or ()
            ]

        parts = asyncio.run(main())
        assert len(parts) == 6
        for index, call in enumerate(calls):
            own = [part for part in parts if part[0] == index]
            assert "".join(name for _, name, _ in own) == call.name
            assert json.loads("".join(text for _, _, text in own)) == call.arguments

    def test_damaged_arguments_arrive_as_they_are(self):
        model = FakeModel(FakeToolCall("get_chat", '{"chat_id": '))
        reply = asyncio.run(openai_client(model).chat.completions.create(model="m", messages=HELLO))
        (call,) = reply.choices[0].message.tool_calls or []
        assert call.function.arguments == '{"chat_id": '

    def test_errors(self):
        model = FakeModel(RuntimeError("overloaded"))
        with pytest.raises(openai().InternalServerError, match="overloaded"):
            asyncio.run(openai_client(model).chat.completions.create(model="m", messages=HELLO))

    def test_an_error_in_the_middle_of_a_stream(self):
        model = FakeModel(["a", RuntimeError("gone")])
        seen = []

        async def main() -> None:
            stream = await openai_client(model).chat.completions.create(
                model="m", messages=HELLO, stream=True
            )
            async for chunk in stream:
                seen.append(chunk.choices[0].delta.content)  # noqa: PERF401 - what came before the error

        with pytest.raises(openai().APIError, match="gone"):
            asyncio.run(main())
        assert "a" in seen

    @pytest.mark.parametrize(
        "messages",
        [
            [],
            [{"role": "robot", "content": "x"}],
            [{"role": "user", "content": None}],
            [{"role": "tool", "tool_call_id": "call_1", "content": "x"}],
            [
                {
                    "role": "assistant",
                    "tool_calls": [
                        {
                            "id": "call_1",
                            "type": "function",
                            "function": {"name": "f", "arguments": "{}"},
                        }
                    ],
                }
            ],
        ],
    )
    def test_what_the_provider_refuses_is_refused_without_costing_a_reply(self, messages):
        model = FakeModel("x")
        with pytest.raises(openai().BadRequestError):
            asyncio.run(openai_client(model).chat.completions.create(model="m", messages=messages))
        assert (model.left, list(model.requests)) == (1, [])

    def test_a_script_that_is_too_short_is_no_reason_to_try_again(self):
        with pytest.raises(openai().BadRequestError, match="0 replies"):
            asyncio.run(
                openai_client(FakeModel()).chat.completions.create(model="m", messages=HELLO)
            )


class TestAnthropic:
    def create(self, model: FakeModel, **options: Any) -> Any:
        client = anthropic_client(model)
        given = {"model": "m", "max_tokens": 100, "messages": HELLO, **options}
        return asyncio.run(client.messages.create(**given))

    def test_a_whole_reply(self):
        model = FakeModel("Hello there")
        reply = self.create(model, system="Be kind")
        assert reply.content[0].text == "Hello there"
        assert reply.stop_reason == "end_turn"
        assert (reply.usage.input_tokens, reply.usage.output_tokens) == (4, 3)
        assert model.requests[0].system == "Be kind"

    def test_a_stream(self):
        model = FakeModel(["Hel", "lo", FakeToolCall("get_chat", {"chat_id": "C1"})])

        async def main() -> Any:
            async with anthropic_client(model).messages.stream(
                model="m", max_tokens=100, messages=HELLO
            ) as stream:
                texts = [text async for text in stream.text_stream]
                return texts, await stream.get_final_message()

        texts, message = asyncio.run(main())
        assert texts == ["Hel", "lo"]
        assert message.stop_reason == "tool_use"
        assert message.content[1].input == {"chat_id": "C1"}
        assert message.usage.output_tokens > 1

    def test_results_of_tools(self):
        model = FakeModel(FakeToolCall("get_chat"), "Done")
        first = self.create(model)
        (call,) = first.content
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "{}"}
        messages = [
            *HELLO,
            {"role": "assistant", "content": first.content},
            {"role": "user", "content": [result]},
        ]
        assert self.create(model, messages=messages).content[0].text == "Done"

    def test_errors(self):
        with pytest.raises(anthropic().InternalServerError, match="overloaded"):
            self.create(FakeModel(RuntimeError("overloaded")))

    def test_an_error_in_the_middle_of_a_stream(self):
        seen = []

        async def main() -> None:
            async with anthropic_client(FakeModel(["a", OSError("gone")])).messages.stream(
                model="m", max_tokens=100, messages=HELLO
            ) as stream:
                async for text in stream.text_stream:
                    seen.append(text)  # noqa: PERF401 - what came before the error

        with pytest.raises(anthropic().APIError, match="gone"):
            asyncio.run(main())
        assert seen == ["a"]

    @pytest.mark.parametrize(
        "options",
        [
            {"messages": []},
            {"max_tokens": 0},
            {"messages": [{"role": "system", "content": "x"}]},
            {"messages": [{"role": "assistant", "content": "x"}]},
            {"messages": [{"role": "user", "content": ""}]},
            {"messages": [{"role": "user", "content": [{"type": "text", "text": " "}]}]},
            {
                "messages": [
                    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "x"}]}
                ]
            },
            {
                "messages": [
                    *HELLO,
                    {
                        "role": "assistant",
                        "content": [{"type": "tool_use", "id": "x", "name": "f", "input": {}}],
                    },
                ]
            },
        ],
    )
    def test_what_the_provider_refuses_is_refused_without_costing_a_reply(self, options):
        model = FakeModel("x")
        with pytest.raises(anthropic().BadRequestError):
            self.create(model, **options)
        assert (model.left, list(model.requests)) == (1, [])


USER = {"role": "user", "content": "hi"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
USE = {"type": "tool_use", "id": "use_1", "name": "f", "input": {}}
SHAPE = "`body` is not laid out as the provider's interface says"


class TestTheHTTP:
    def post(self, path: str, body: Any, *replies: Any) -> Any:
        async def main() -> Any:
            http = httpx2.AsyncClient(
                transport=httpx2.ASGITransport(FakeModel(*replies).asgi_app())
            )
            headers = {"authorization": "Bearer x", "x-api-key": "x"}
            return await http.post(f"http://model{path}", json=body, headers=headers)

        return asyncio.run(main())

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ({"messages": [USER]}, "`model` is required"),
            ({"model": "m"}, "`messages` must hold at least 1 message"),
            ({"model": "m", "messages": []}, "`messages` must hold at least 1 message"),
            (
                {"model": "m", "messages": [USER, {"role": "bot"}]},
                "`messages[1].role` must be one of system, developer, user, assistant, tool",
            ),
            (
                {"model": "m", "messages": [{"role": "user"}]},
                "`messages[0].content` must be a text or a list of parts",
            ),
            (
                {"model": "m", "messages": [{"role": "tool", "content": "x", "tool_call_id": "y"}]},
                "`messages[0].tool_call_id` belongs to no tool call: 'y'",
            ),
            (
                {"model": "m", "messages": [{"role": "assistant", "tool_calls": [CALL]}]},
                "`messages` lack results of tools: call_1",
            ),
            (
                {"model": "m", "messages": [{"role": "assistant", "tool_calls": [CALL]}, USER]},
                "`messages[1]` must be results of tools: call_1",
            ),
            ({"model": "m", "messages": [USER], "tools": [{}]}, SHAPE),
            ({"model": "m", "messages": [{"role": "assistant", "tool_calls": [5]}]}, SHAPE),
        ],
    )
    def test_what_openai_refuses_is_refused_with_its_place(self, body, message):
        response = self.post("/v1/chat/completions", body, "x")
        assert response.status_code == 400
        assert response.json()["error"]["type"] == "invalid_request_error"
        assert response.json()["error"]["message"] == message

    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ({"model": None}, "`model` is required"),
            ({"max_tokens": 0}, "`max_tokens` must be a whole number of at least 1"),
            ({"max_tokens": None}, "`max_tokens` must be a whole number of at least 1"),
            ({"messages": []}, "`messages` must hold at least 1 message"),
            (
                {"messages": [{"role": "system", "content": "x"}]},
                "`messages[0].role` must be one of user, assistant",
            ),
            ({"messages": [{"role": "user"}]}, "`messages[0].content` must not be empty"),
            (
                {"messages": [{"role": "user", "content": [{"type": "text", "text": " "}]}]},
                "`messages[0].content` must not have an empty text",
            ),
            (
                {"messages": [{"role": "assistant", "content": "x"}]},
                "`messages[0].role` must be user",
            ),
            (
                {"messages": [USER, {"role": "assistant", "content": [USE]}]},
                "`messages` lack results of tools: use_1",
            ),
            (
                {"messages": [USER, {"role": "assistant", "content": [USE]}, USER]},
                "`messages[2].content` must have a result for each tool call: use_1",
            ),
            ({"tools": [{}]}, SHAPE),
            ({"messages": [{"role": "user", "content": ["x"]}]}, SHAPE),
        ],
    )
    def test_what_anthropic_refuses_is_refused_with_its_place(self, body, message):
        whole = {"model": "m", "max_tokens": 1, "messages": [USER], **body}
        response = self.post("/v1/messages", whole, "x")
        assert response.status_code == 400
        assert response.json()["type"] == "error"
        assert response.json()["error"]["type"] == "invalid_request_error"
        assert response.json()["error"]["message"] == message

    def test_the_fewest_tokens_are_enough(self):
        body = {"model": "m", "max_tokens": 1, "messages": [USER]}
        response = self.post("/v1/messages", body, "a")
        assert response.status_code == 200
        assert response.json()["usage"] == {"input_tokens": 1, "output_tokens": 1}

    def test_a_whole_response_of_openai(self):
        body = {"model": "m", "messages": [USER]}
        response = self.post("/v1/chat/completions", body, ["a", FakeToolCall("f", {"x": 1})])
        assert response.status_code == 200
        assert response.json() == {
            "id": "chatcmpl-fake",
            "object": "chat.completion",
            "created": 0,
            "model": "m",
            "choices": [
                {
                    "index": 0,
                    "message": {
                        "role": "assistant",
                        "content": "a",
                        "tool_calls": [
                            {
                                "id": "call_1_1",
                                "type": "function",
                                "function": {"name": "f", "arguments": '{"x": 1}'},
                            }
                        ],
                    },
                    "finish_reason": "tool_calls",
                    "logprobs": None,
                }
            ],
            "usage": {"prompt_tokens": 1, "completion_tokens": 3, "total_tokens": 4},
        }

    def test_a_whole_response_of_anthropic(self):
        body = {"model": "m", "max_tokens": 9, "messages": [USER]}
        response = self.post("/v1/messages", body, ["a", FakeToolCall("f", {"x": 1}, "use_7")])
        assert response.status_code == 200
        assert response.json() == {
            "id": "msg_fake",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "content": [
                {"type": "text", "text": "a"},
                {"type": "tool_use", "id": "use_7", "name": "f", "input": {"x": 1}},
            ],
            "stop_reason": "tool_use",
            "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 3},
        }

    @pytest.mark.parametrize("path", ["/v1/messages", "/v1/chat/completions"])
    def test_a_stream_is_one_of_events(self, path):
        body = {"model": "m", "max_tokens": 9, "messages": [USER], "stream": True}
        response = self.post(path, body, "a")
        assert response.headers["content-type"] == "text/event-stream"
        assert response.text.endswith("\n\n")

    def test_what_is_no_object_is_named(self):
        response = self.post("/v1/messages", [USER])
        assert response.json()["error"]["message"] == "`body` must be a JSON object"

    def test_errors_have_the_providers_form(self):
        body = {"model": "m", "max_tokens": 9, "messages": [USER]}
        response = self.post("/v1/messages", body, OSError())
        assert response.status_code == 500
        assert response.json()["error"] == {"type": "api_error", "message": "OSError"}
        response = self.post("/v1/chat/completions", body, OSError("gone"))
        assert response.status_code == 500
        assert response.json()["error"]["message"] == "gone"


class TestSecrets:
    def test_a_key_is_needed_as_for_the_provider(self):
        async def post(path: str) -> int:
            http = httpx2.AsyncClient(transport=httpx2.ASGITransport(FakeModel("x").asgi_app()))
            return (await http.post(f"http://model{path}", json={})).status_code

        assert asyncio.run(post("/v1/chat/completions")) == 401
        assert asyncio.run(post("/v1/messages")) == 401

    def test_no_key_is_recorded_or_shown(self):
        model = FakeModel("x")
        asyncio.run(openai_client(model).chat.completions.create(model="m", messages=HELLO))
        assert KEY not in repr(model)
        assert KEY not in repr(model.requests)

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b"[" * 100_000, b"\xff"])
    def test_what_is_no_json_object_is_refused(self, body):
        async def post() -> int:
            http = httpx2.AsyncClient(transport=httpx2.ASGITransport(FakeModel("x").asgi_app()))
            headers = {"authorization": "Bearer x"}
            url = "http://model/v1/chat/completions"
            return (await http.post(url, content=body, headers=headers)).status_code

        assert asyncio.run(post()) == 400

    def test_another_path_is_not_there(self):
        async def get() -> int:
            http = httpx2.AsyncClient(transport=httpx2.ASGITransport(FakeModel("x").asgi_app()))
            return (await http.get("http://model/v1/models")).status_code

        assert asyncio.run(get()) == 404
