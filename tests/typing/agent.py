"""What type checkers know of the Web clients; read by them, never run."""

from typing import Any, assert_type

from frontdesk import (
    AgentClient,
    APIError,
    AsyncAgentClient,
    AsyncPages,
    BearerToken,
    BudgetExceeded,
    Call,
    ChatInactive,
    InvalidArgument,
    Meter,
    MisdirectedRequest,
    NotFound,
    NotTheAPI,
    Pages,
    PersonalAccessToken,
    RequestTimeout,
    Retry,
    decode,
)
from frontdesk.actions import (
    ACTIONS,
    Action,
    GetChat,
    ListAgentsForTransfer,
    SendEvent,
    TagThread,
)
from frontdesk.models import (
    Agent,
    AgentForTransfer,
    AgentStatus,
    ArchivesFilters,
    ArchivesPage,
    Chat,
    ChatsPage,
    ChatSummary,
    Customer,
    FileEvent,
    Message,
    MessageEvent,
    SentEvent,
    StartedChat,
    Thread,
    ThreadsPage,
    UnknownEvent,
    UploadedFile,
)
from frontdesk.transport import Reply, Request
from frontdesk.transport.asgi import AsgiApp, AsgiTransport, AsyncAsgiTransport


def sync_results(client: AgentClient) -> None:
    assert_type(client.start_chat(continuous=True), StartedChat)
    assert_type(client.send_event(chat_id="C", event=Message(text="hi")), SentEvent)
    assert_type(client.get_chat(chat_id="C"), Chat)
    assert_type(client.list_chats(limit=5), ChatsPage)
    assert_type(client.list_threads(chat_id="C"), ThreadsPage)
    assert_type(client.list_archives(filters=ArchivesFilters(query="refund")), ArchivesPage)
    assert_type(client.get_customer(id="I"), Customer)
    assert_type(client.list_routing_statuses(), list[AgentStatus])
    assert_type(client.list_agents_for_transfer(chat_id="C"), list[AgentForTransfer])
    assert_type(client.upload_file(b"x", name="a.txt"), UploadedFile)
    client.tag_thread(chat_id="C", thread_id="T", tag="vip")


def sync_iterators(client: AgentClient) -> None:
    assert_type(client.iter_chats(), Pages[ChatSummary])
    assert_type(client.iter_threads(chat_id="C"), Pages[Thread])
    for chat in client.iter_archives():
        assert_type(chat, Chat)
    for page in client.iter_archives().pages():
        assert_type(page, list[Chat])


async def async_results(client: AsyncAgentClient) -> None:
    assert_type(await client.start_chat(), StartedChat)
    assert_type(await client.send_event(chat_id="C", event=Message(text="hi")), SentEvent)
    assert_type(await client.list_routing_statuses(), list[AgentStatus])
    assert_type(client.iter_archives(), AsyncPages[Chat])
    async for summary in client.iter_chats():
        assert_type(summary, ChatSummary)
    async for page in client.iter_threads(chat_id="C").pages():
        assert_type(page, list[Thread])
    assert_type(await client.upload_file(b"x"), UploadedFile)


def actions_know_their_results(client: AgentClient) -> None:
    assert_type(client(GetChat(chat_id="C")), Chat)
    assert_type(client(SendEvent(chat_id="C", event=Message(text="hi"))), SentEvent)
    assert_type(client(ListAgentsForTransfer(chat_id="C")), list[AgentForTransfer])
    assert_type(client.raw(TagThread(chat_id="C", thread_id="T", tag="vip")), Reply)


async def async_actions_know_their_results(client: AsyncAgentClient) -> None:
    assert_type(await client(GetChat(chat_id="C")), Chat)
    assert_type(await client.raw(GetChat(chat_id="C")), Reply)


def options_keep_the_type(client: AgentClient) -> None:
    with client.with_options(timeout=60, retry=None) as patient:
        assert_type(patient, AgentClient)
        assert_type(patient.meter, Meter)


def unions_are_narrowed(chat: Chat) -> None:
    for user in chat.users:
        if isinstance(user, Agent):
            assert_type(user, Agent)
    for event in chat.thread.events:
        if event.type == "message":
            assert_type(event, MessageEvent)
        match event:
            case MessageEvent():
                assert_type(event.text, str)
            case FileEvent():
                assert_type(event.url, str)
            case UnknownEvent():
                assert_type(event.original_type, str)
            case _:
                pass


def errors_have_their_fields(client: AgentClient) -> None:
    try:
        client.follow_chat(id="C")
    except InvalidArgument as error:
        assert_type(error.field, str)
        assert_type(error.rule, str)
    except MisdirectedRequest as error:
        assert_type(error.region, str | None)
    except (ChatInactive, NotFound) as error:
        assert_type(error, ChatInactive | NotFound)
        assert_type(error.type, str)
        assert_type(error.status, int)
        assert_type(error.request_id, str | None)
    except APIError as error:
        assert_type(error.attempts, int)
    except RequestTimeout as error:
        assert_type(error.maybe_sent, bool)
        assert_type(error.action, str | None)
    except NotTheAPI as error:
        assert_type(error.status, int)
        assert_type(error.excerpt, str)
    except BudgetExceeded as error:
        assert_type(error.limit, int)


def hooks_get_calls() -> None:
    def note(call: Call) -> None:
        assert_type(call.action, str)
        assert_type(call.seconds, float)
        assert_type(call.error, BaseException | None)

    AgentClient("dal:x", on_call=note, retry=3, budget=100, headers={"X-Team": "a"})
    AsyncAgentClient(retry=Retry(attempts=5), budget=Meter(10))


def tokens_come_in_many_forms() -> None:
    async def later() -> str:
        return "dal:x"

    AgentClient(BearerToken("dal:x"))
    AgentClient(PersonalAccessToken("account", "dal:x"))
    AgentClient(lambda: "dal:x")
    AgentClient(lambda: BearerToken("dal:x"))
    AsyncAgentClient(later)


def transports_are_exchangeable(app: AsgiApp) -> None:
    class Recorder:
        def send(self, request: Request) -> Reply:
            return Reply(200, {}, b"{}")

        def close(self) -> None: ...

    AgentClient("dal:x", transport=Recorder())
    AgentClient("dal:x", transport=AsgiTransport(app))
    AsyncAgentClient("dal:x", transport=AsyncAsgiTransport(app))


def declarations_can_be_walked() -> None:
    for name, action in ACTIONS.items():
        assert_type(name, str)
        assert_type(action, type[Action[Any]])
        assert_type(action.spec.scopes.names, tuple[str, ...])


def decoding_returns_what_was_asked_for(data: bytes) -> None:
    assert_type(decode(data, Chat), Chat)
    assert_type(decode(data, list[AgentStatus]), list[AgentStatus])
