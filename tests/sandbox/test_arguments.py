"""What the public methods of the sandbox do with arguments that do not fit, and after the end."""

import inspect
import math
from datetime import datetime, timedelta

import pytest

from frontdesk.errors import ClientClosed, FrontdeskError, InvalidArgument, UnexpectedArgument
from frontdesk.sandbox import Fault, RateLimit, RTMLimits, Sandbox
from frontdesk.sandbox.control.customers import SandboxCustomer
from frontdesk.sandbox.control.rtm import SandboxRTM
from frontdesk.sandbox.webhooks.delivery_queue import DeliveryQueue

ODD = [
    None,
    0,
    -1,
    2**70,
    1.5,
    math.nan,
    math.inf,
    True,
    "",
    "x",
    "\0",
    "\ud800",
    b"x",
    [],
    {},
    {"a": 1},
    {"a": {"b": math.nan}},
    object(),
    [1],
    ["\ud800"],
    {"a"},
    datetime(2026, 1, 1),
    timedelta(days=10**8),
    print,
]
GIVEN = {
    "fault": {"kind": "internal"},
    "limit": {"calls": 5},
    "issue_token": {"agent_id": "smith@example.com"},
    "update_event": {"event_id": "x", "text": "x"},
    "restrict_thread": {"thread_id": "x"},
    "press": {"event_id": "x", "postback": {"id": "a", "toggled": True}},
    "disconnect": {"reason": "x"},
    "visit": {"url": "https://example.com"},
    "push": {"push": "incoming_typing_indicator", "payload": {}},
}
"""The arguments that a method needs besides the one that is odd."""
NOT_CALLED = {
    "aclose", "async_client", "async_configuration_client", "async_rtm_client", "asettle", "client",
    "close", "configuration_client", "resume", "rtm_client", "serve", "settle", "tidy",
}  # fmt: skip


def methods(cls):
    return [
        name
        for name, method in vars(cls).items()
        if not name.startswith("_") and inspect.isfunction(method) and name not in NOT_CALLED
    ]


def odd_calls(method, given):
    """Each call of a method with one odd argument, and the name of that."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    for parameter in parameters:
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        rest = {name: value for name, value in given.items() if name != parameter.name}
        for value in ODD:
            if parameter.kind is not parameter.VAR_POSITIONAL:
                yield parameter.name, (), {**rest, parameter.name: value}
                continue
            before = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
            unnamed = [rest.get(each.name, "x") for each in before]
            named = {name: rest[name] for name in rest.keys() - {each.name for each in before}}
            yield parameter.name, (*unnamed, value), named


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        (cls, name)
        for cls in (Sandbox, SandboxCustomer, SandboxRTM, DeliveryQueue)
        for name in methods(cls)
    ],
)
def test_odd_arguments_are_refused_or_taken(served, caplog, cls, name):
    objects = {
        Sandbox: served,
        SandboxCustomer: served.customer("Ann"),
        SandboxRTM: served.rtm,
        DeliveryQueue: served.webhooks,
    }
    method = getattr(objects[cls], name)
    for _, args, named in odd_calls(getattr(cls, name), GIVEN.get(name, {})):
        try:
            result = method(*args, **named)
        except (FrontdeskError, AssertionError):
            continue
        if name == "subscribe":
            # The sandbox serves other tests as well.
            result()


ANYTHING = {"db", "seed", "served"}
"""Arguments that are files, or that the next test leaves as they are."""


@pytest.mark.parametrize("name", sorted(inspect.signature(Sandbox).parameters.keys() - ANYTHING))
def test_odd_arguments_of_the_class_are_named(name):
    for value in ODD:
        try:
            Sandbox("empty", **{name: value}).close()
        except InvalidArgument as error:
            assert error.field.startswith(name)  # noqa: PT017 - it may as well be taken


@pytest.mark.parametrize(
    ("use", "field", "rule"),
    [
        (lambda desk: desk.advance("x"), "by", "must be a number or a timedelta, not 'x'"),
        (lambda desk: desk.advance(math.nan), "by", "must be a number, not nan"),
        (lambda desk: desk.advance(-1), "by", "must be between 0 and a hundred years"),
        (lambda desk: desk.advance_to("x"), "timestamp", "must be a datetime, not 'x'"),
        (lambda desk: desk.restore("x"), "snapshot", "must be bytes, not 'x'"),
        (lambda desk: desk.customer("\ud800"), "name", "cannot be sent as JSON"),
        (lambda desk: desk.customer(5), "name", "must be a text, not 5"),
        (lambda desk: desk.limit(5, math.nan), "seconds", "must be a number, not nan"),
        (lambda desk: desk.limit(True), "calls", "must be a whole number, not True"),
        (lambda desk: desk.fault("fire"), "kind", "must be one of latency, "),
        (lambda desk: desk.fault("internal", 5), "methods", "must be a text, not 5"),
        (lambda desk: desk.fault("latency", seconds=math.inf), "seconds", "must be a number"),
        (lambda desk: desk.configure(plan="gold"), "plan", "must be one of starter, "),
        (lambda desk: desk.configure(work_schedules="no"), "work_schedules", "true or false"),
        (lambda desk: desk.set_properties({"a": 1}), "properties.a", "must be a dictionary"),
        (lambda desk: desk.set_properties({1: {}}), "properties", "must have texts as names"),
        (lambda desk: desk.issue_token("smith@example.com", scopes="x"), "scopes", "a list"),
        (
            lambda desk: desk.issue_token("smith@example.com", scopes=[1]),
            "scopes",
            "must fit at [0], which must be a text",
        ),
        (lambda desk: desk.customer().say("hi", group_ids="1"), "group_ids", "must be a list"),
        (lambda desk: desk.customer().transfer("1"), "group_ids", "must be a whole number"),
        (lambda desk: desk.customer().send(5), "event", "must be"),
        (lambda desk: desk.webhooks.all("sent"), "state", "must be one of waiting, "),
        (lambda desk: desk.rtm.cut(how="axe"), "how", "must be one of close, eof, reset"),
        (lambda desk: desk.rtm.freeze(1e9), "seconds", "must be at most 3600"),
        (lambda desk: desk.rtm.delay(-1), "seconds", "must be at least 0"),
        (lambda desk: desk.rtm.evict(""), "agent_id", "must not be empty"),
        (lambda desk: desk.rtm.push(5), "push", "must be a push or its name, not int"),
        (lambda desk: desk.rtm.push("x", {"a": math.nan}), "payload.a", "cannot be sent"),
    ],
)
def test_the_error_names_the_argument(served, use, field, rule):
    with pytest.raises(InvalidArgument) as caught:
        use(served)
    assert caught.value.field == field
    assert rule in caught.value.rule


@pytest.mark.parametrize("port", [99999, 65536, -1, "x", None, 80.0, True])
def test_a_port_is_a_number_that_there_is(port):
    for served in (False, True):
        with pytest.raises(InvalidArgument) as caught:
            Sandbox("empty", served=served, port=port)
        assert caught.value.field == "port"


@pytest.mark.parametrize(
    ("cls", "fields"),
    [(RateLimit, {"calls": 5}), (Fault, {"kind": "latency"}), (RTMLimits, {})],
)
def test_a_number_of_seconds_is_a_number(cls, fields):
    name = "login_seconds" if cls is RTMLimits else "seconds"
    with pytest.raises(InvalidArgument, match="nan") as caught:
        cls(**fields, **{name: math.nan})
    assert caught.value.field == name


def test_arguments_that_there_are_none_of_are_named(sandbox):
    with pytest.raises(UnexpectedArgument, match="did you mean `seconds`"):
        sandbox.fault("latency", second=5)
    with pytest.raises(UnexpectedArgument, match="did you mean `random_seed`"):
        Sandbox(randomseed=5)


def test_values_of_other_kinds_that_mean_the_same_are_taken(sandbox):
    sandbox.restore(bytearray(sandbox.snapshot()))
    before = sandbox.now
    assert sandbox.advance(timedelta(hours=1)) >= before + timedelta(hours=1)
    token = sandbox.issue_token("smith@example.com", scopes=(scope for scope in ["chats--all:ro"]))
    assert token.startswith("Bearer ")


AFTER_THE_END = {
    "advance": (5,),
    "configure": (),
    "customer": (),
    "delete_chat": ("x",),
    "delete_event": ("x",),
    "delete_thread": ("x",),
    "delete_threads": (),
    "expire_token": ("owner",),
    "issue_token": ("smith@example.com",),
    "reset": (),
    "restrict_thread": ("x",),
    "revoke_token": ("owner",),
    "set_properties": ({},),
    "snapshot": (),
    "update_event": ("x", "x"),
    "client": (),
    "async_client": (),
    "configuration_client": (),
    "rtm_client": (),
}


@pytest.mark.parametrize("options", [{}, {"served": True}])
def test_a_closed_sandbox_says_so(options):
    with Sandbox("demo", **options) as sandbox:
        ann, rtm, snapshot = sandbox.customer("Ann"), sandbox.rtm, sandbox.snapshot()
        sandbox.client().list_chats()
    sandbox.close()
    for name, args in AFTER_THE_END.items():
        with pytest.raises(ClientClosed, match="the sandbox is closed"):
            getattr(sandbox, name)(*args)
    for use in (
        lambda: sandbox.restore(snapshot),
        lambda: sandbox.tokens,
        lambda: sandbox.organization_id,
        lambda: sandbox.rtm_url,
        lambda: ann.say("hello"),
        lambda: ann.chat_id,
        rtm.cut,
        rtm.connections,
    ):
        with pytest.raises(ClientClosed, match="the sandbox is closed"):
            use()
    assert [call.action for call in sandbox.calls()] == ["list_chats"]
    assert sandbox.webhooks.all() == []
    assert repr(sandbox).startswith("<Sandbox demo at ")
