"""The present of the demo company: what goes on at the moment that a sandbox is made.

Nine chats are active: six with agents (one of them supervised, one without a response yet), one
that its agent has left, and two that wait in the queue because the only agent of their group has no
place. From there everything goes on as in any sandbox: whoever moves the clock sees chats become
idle and end, and whoever closes one of Jörg Müller's chats sees the first of the queue come to him.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from frontdesk.actions import AddUserToChat, RemoveUserFromChat, SendEvent
from frontdesk.models import InitialChat, InitialThread, Message
from frontdesk.sandbox.seeds.clientele import BROWSERS, PAGES, clientele
from frontdesk.sandbox.seeds.dialogue import Visitor, act, requester, take_in, visit
from frontdesk.sandbox.seeds.timeline import Timeline
from frontdesk.sandbox.store.records import RoutingStatus
from frontdesk.sandbox.world import Clock, World
from frontdesk.sandbox.world.people import customer_actions, customers, greetings

__all__ = ["MINUTES", "SLOT", "add_present", "began"]

SLOT: Final = timedelta(minutes=5)
"""What the times of the present are rounded down to: worlds made a little later are the same."""
MINUTES: Final = 18
"""How long before that the first chat of the present began."""

_SMITH: Final = "smith@example.com"
_JONES: Final = "jones@example.com"
_BROWN: Final = "brown@example.com"
_GARCIA: Final = "garcia@example.com"
_MUELLER: Final = "mueller@example.com"
_MUELLER_PLACES: Final = 3
_BROWSING: Final = ("Priya Nair", "Noah Williams", "Amélie Rousseau", "鈴木 美咲")
"""Who only looks at the website."""


class _Scene(Struct, frozen=True):
    """A chat of the present.

    ``agent`` is who got it, ``None`` while it waits. ``begins`` is how many minutes ago it began.
    Each line begins with ``c`` (the customer) or ``a`` (the agent).
    """

    customer: str
    group_id: int
    agent: str | None
    begins: int
    lines: Sequence[str]
    greeting_id: int | None = None
    supervised: bool = False
    left: bool = False


_SCENES: Final = (
    _Scene("Mary Johnson", 1, _SMITH, 18, (
        "c Good morning! Two of the six chairs from order #4391 have a different shade.",
        "a Good morning, Mary. Do you see a number printed below the seats?",
        "c Four say B7, the two odd ones say B9.",
        "a Those are from two batches. I'm asking the warehouse for two more of B7, one moment.",
    )),
    _Scene("Elif Demir", 3, _MUELLER, 17, (
        "c Hallo, kann ich zu meiner Küche noch eine zweite Leiste dazubestellen?",
        "a Hallo! Ja, welche Länge brauchen Sie?",
        "c Zwei Meter zehn, in Weiß.",
        "a Die haben wir. Ich lege sie zu Ihrer Lieferung am Freitag.",
    )),
    _Scene("Aoife Byrne", 2, _BROWN, 15, (
        "c Hi, we're fitting out a reading room with 14 armchairs. What could you do on the price?",
        "a Hello Aoife, how nice! For 14 of the same kind it is 9 % off.",
        "c And with the footstools?",
        "a Then I'd need to ask, but I think we can meet you at 12. Give me two minutes.",
    ), greeting_id=4, supervised=True),
    _Scene("Matthias Groß", 3, _MUELLER, 13, (
        "c Der Lieferant steht vor der Tür, aber die Pakete sind offen. Soll ich annehmen?",
        "a Bitte nur unter Vorbehalt, und lassen Sie es sich auf dem Lieferschein bestätigen.",
        "c Mach ich, er schreibt gerade.",
        "a Sehr gut. Schicken Sie mir danach bitte ein Foto vom Schein.",
    )),
    _Scene("Oliver Wright", 1, _JONES, 12, (
        "c My voucher was refused although it is valid until the end of the month.",
        "a Hi Oliver, could you tell me the first four characters?",
        "c LEED",
        "a Found it. It is for furniture only, and the lamp in your cart counts as lighting.",
    )),
    _Scene("Mateo Ibáñez", 2, _GARCIA, 11, (
        "c Hola, ¿el sofá cama viene montado?",
        "a ¡Hola, Mateo! Viene en dos partes, se encajan sin herramientas.",
    ), left=True),
    _Scene("Stefanie Huber", 3, _MUELLER, 9, (
        "c Grüß Gott, ich warte seit heute früh auf den Spediteur.",
        "c Können Sie bitte nachsehen, wo er bleibt?",
    )),
    _Scene("Sabine Krüger", 3, None, 8, (
        "c Guten Tag, auf meiner Rechnung fehlt die Hausnummer.",
    ), greeting_id=2),
    _Scene("Tobias Schäfer", 3, None, 6, (
        "c Moin, passt das Regal auch in eine Dachschräge von 45 Grad?",
    )),
)  # fmt: skip


def began(time: datetime) -> datetime:
    """Return the time that the present is told from: ``time`` without the rest of its slot."""
    seconds = (time - time.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    rest = timedelta(seconds=seconds % SLOT.total_seconds())
    return time - rest


def add_present(world: World) -> None:
    """Let chats go on at the time of the world's clock, rounded down to ``SLOT``."""
    clock = world.clock
    now = began(clock.now())
    before: dict[str, RoutingStatus] = {
        agent.id: agent.status for agent in world.store.company.agents.values()
    }
    world.clock = Clock(now - timedelta(minutes=MINUTES + 2), running=False)
    try:
        _PresentDay(world, now).happen()
    finally:
        for agent in world.store.company.agents.values():
            agent.status = before[agent.id]
        world.clock = clock


class _PresentDay:
    def __init__(self, world: World, now: datetime) -> None:
        self._world = world
        self._rng = world.rng
        self._now = now
        self._numbers = {person.name: number for number, person in enumerate(clientele())}

    def happen(self) -> None:
        self._world.unit(self._begin)
        timeline = Timeline(self._world)
        for scene in _SCENES:
            timeline.add(self._now - timedelta(minutes=scene.begins + 1), self._play(scene))
        timeline.play()

    def _begin(self) -> None:
        mueller = self._world.store.company.agents[_MUELLER]
        mueller.max_chats = _MUELLER_PLACES
        self._world.store.company.save_agent(mueller)
        for number, name in enumerate(_BROWSING):
            visitor = self._come(name)
            if number < 2:  # noqa: PLR2004 - half of them are greeted
                record = customers.find(self._world, visitor.id)
                greetings.show(self._world, record, 1 + number)

    def _come(self, name: str) -> Visitor:
        """Have a customer come to the website, with what the shop knows of the session."""
        number = self._numbers[name]
        record = self._world.store.customers.named(name)
        assert record is not None
        browsers = BROWSERS[number % len(BROWSERS) :][:1]
        visitor = Visitor(
            id=record.id, person=clientele()[number], number=number, browsers=browsers
        )
        visit(self._world, visitor, PAGES[number % len(PAGES)])
        fields = [
            {"cart_total": f"{40 + number * 17}.90"},
            {"items": str(1 + number % 5)},
            {"loyalty": ("none", "silver", "gold")[number % 3]},
        ]
        record = customers.find(self._world, record.id)
        customers.update(self._world, record, {"session_fields": fields})
        return visitor

    def _play(self, scene: _Scene) -> Iterator[float]:
        world = self._world
        visitor = self._come(scene.customer)
        yield self._rng.uniform(20, 75)
        first, *lines = scene.lines
        take_in(world, [scene.agent or _MUELLER])
        chat_id = self._open(scene, visitor, first[2:])
        pace = min(120.0, (scene.begins - 2) * 60 / (len(lines) + 1))
        for line in lines:
            yield pace * self._rng.uniform(0.5, 1)
            if line[0] == "c" or scene.agent is None:
                customer_actions.send_event(world, visitor.id, Message(text=line[2:]))
            else:
                self._write(scene.agent, chat_id, Message(text=line[2:]))
        yield pace * self._rng.uniform(0.5, 1)
        if scene.supervised:
            self._supervise(chat_id)
        if scene.left and scene.agent:
            leave = RemoveUserFromChat(chat_id=chat_id, user_id=scene.agent, user_type="agent")
            act(world, requester(world, scene.agent), leave)

    def _write(self, agent_id: str, chat_id: str, message: Message) -> None:
        sending = SendEvent(chat_id=chat_id, event=message)
        act(self._world, requester(self._world, agent_id), sending)

    def _open(self, scene: _Scene, visitor: Visitor, text: str) -> str:
        world = self._world
        if scene.greeting_id is not None:
            greetings.show(world, customers.find(world, visitor.id), scene.greeting_id)
        initial = InitialChat(thread=InitialThread(events=[Message(text=text)]))
        chat = customer_actions.open_chat(
            world, visitor.id, initial, group_ids=(scene.group_id,), continuous=False
        )
        return chat.id

    def _supervise(self, chat_id: str) -> None:
        """Have the owner look on, seen by agents only."""
        join = AddUserToChat(
            chat_id=chat_id,
            user_id=_SMITH,
            user_type="agent",
            visibility="agents",
            ignore_requester_presence=True,
        )
        act(self._world, requester(self._world, _SMITH), join)
        note = Message(text="Go up to 12 %, they will come back.", visibility="agents")
        self._write(_SMITH, chat_id, note)
