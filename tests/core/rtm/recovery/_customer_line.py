"""The client of a customer on a connection that needs no time; see ``_line``."""

from typing import Any

from frontdesk.core.rtm.customer_side import CustomerLogin, CustomerSide

from ._line import PlayedLine, PlayedRTM

CUSTOMER = "customer-1"
AGENT = "smith@example.com"


class PlayedCustomer(PlayedRTM):
    """A client of ``customer-1``, to which the server shows its chats as it does to customers."""

    _is_of_customers = True
    _side = CustomerSide(CustomerLogin())

    def __init__(self, *kinds: type[Any], **options: Any) -> None:
        super().__init__(*kinds, logout=False, **options)
        line = self.line
        self.greeting: dict[str, Any] | None = None
        self.profile: dict[str, Any] = {"name": "Ann"}
        line.responses["login"] = self._login
        line.responses["list_chats"] = line.chats.list_chats_of_customer

    def _login(self, payload: dict[str, Any]) -> dict[str, Any]:
        login = {
            "customer": {"id": CUSTOMER, "statistics": {}, **self.profile},
            "chats": [{"chat_id": chat_id} for chat_id in self.line.chats.threads],
        }
        return login if self.greeting is None else {**login, "greeting": self.greeting}

    @property
    def methods(self) -> list[str]:
        """What has been asked since the last log-in."""
        methods = [frame["action"] for _, frame in self.line.requests]
        last = len(methods) - 1 - methods[::-1].index("login")
        return methods[last + 1 :]


def chat_payload(line: PlayedLine, chat_id: str) -> dict[str, Any]:
    """A chat as ``incoming_chat`` brings it."""
    thread = line.chats.threads[chat_id][-1]
    return {"chat": {"id": chat_id, "users": line.chats.users[chat_id], "thread": thread,
                     "properties": line.chats.properties.get(chat_id, {})}}  # fmt: skip


def in_chat(*kinds: type[Any], **options: Any) -> PlayedCustomer:
    """A client that is logged in and has started chat ``A`` since, with one message in it."""
    rtm = PlayedCustomer(*kinds, **options).start()
    line = rtm.line
    line.chats.open("A")
    line.push("incoming_chat", chat_payload(line, "A"))
    line.push("incoming_event", line.chats.say("A", "live"))
    rtm.taken.clear()
    return rtm
