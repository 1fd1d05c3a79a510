"""What a seed stands for: who takes part, and what may happen. All of it is drawn from the seed.

Each seed leaves out some of the acts and some of the troubles, so that rare ones meet often.
"""

from random import Random

from msgspec import Struct

from .server import AGENTS, OWNER

ACTS = {
    "say": 30, "reply": 20, "start": 6, "add": 6, "remove": 4, "transfer": 4, "deactivate": 4,
    "resume": 4, "follow": 3, "unfollow": 2, "tag": 3, "untag": 2, "set_property": 3, "delete": 1,
    "rate": 1, "type": 2, "close_chat": 2, "wait": 5,
}  # fmt: skip
"""How often each of ``company.Company``'s acts is drawn."""
NETWORK = (
    "reset", "end_streams", "half_open", "vanish", "freeze", "refuse", "swallow", "slow", "fast",
)  # fmt: skip
SERVER = (
    "dismiss", "stop", "leave", "refuse_calls", "delay_calls", "expire", "revoke", "no_tokens",
)  # fmt: skip
GOES = "go"
"""The agent is away for longer than the server waits."""
MACHINE = ("kill", "kill_in_disk", "crash", "fill", "break_disk", "restart")
ALWAYS = ("say", "reply")


class Plan(Struct, frozen=True, kw_only=True):
    """The settings of one run."""

    seed: int
    agent: str
    seconds: float
    pause: float
    customers: int
    acts: dict[str, int]
    troubles: tuple[str, ...]
    trouble_pause: float
    token_seconds: float | None
    ping: str
    rtm_calls: float | None
    """Seconds between bursts of calls over RTM; None for no calls."""
    web_calls: float | None
    web_losses: float
    gateway: float
    hooks: bool
    """Webhooks are sent, and received by a process that is killed now and then."""
    sync: bool
    """The journal waits for the disk."""
    slowness: float
    """Seconds that handlers take on average."""
    hook_losses: float
    machine_troubles: tuple[str, ...]
    subscriptions: int
    """Of customers, which the client makes."""
    by_hand: str
    """Whether ``recover`` is called by hand: ``never``, ``also``, or ``only`` so."""
    key_changes: bool
    """Whether anybody takes what agents get of chats that they merely have access to."""


def plan_of(seed: int) -> Plan:
    """Draw the settings of a run."""
    rng = Random(f"{seed}:plan")
    acts = {name: weight for name, weight in ACTS.items() if name in ALWAYS or rng.random() < 0.75}
    troubles = tuple(name for name in (*NETWORK, *SERVER) if rng.random() < 0.5)
    # Drawn apart, so that what came later has not made other runs of all seeds.
    more = Random(f"{seed}:more of the plan")
    goes, subscriptions = more.random() < 0.25, more.choice((0, 0, 1, 2))
    denied = more.random() < 0.4
    by_hand = more.choice(("never", "never", "also", "only"))
    key_changes = more.random() < 0.85
    troubles += (GOES,) * goes + ("refuse_renewals",) * bool(subscriptions)
    return Plan(
        seed=seed,
        agent=rng.choice((OWNER, *AGENTS)),
        seconds=rng.uniform(8, 40) + (50 if goes else 0),
        pause=rng.choice((0.3, 1.0, 3.0)),
        customers=rng.randrange(1, 5),
        acts=acts,
        troubles=troubles,
        trouble_pause=rng.choice((2.0, 8.0, 20.0)),
        token_seconds=rng.choice((None, None, None, 20.0, 60.0, 300.0)),
        ping=rng.choice(("message", "message", "frame")),
        rtm_calls=rng.choice((None, 1.0, 5.0)),
        web_calls=rng.choice((None, 1.0, 5.0)),
        web_losses=rng.choice((0.0, 0.05, 0.3)),
        gateway=rng.choice((0.0, 0.05, 0.3)),
        hooks=rng.random() < 0.7,
        sync=rng.random() < 0.5,
        slowness=rng.choice((0.05, 1.0, 3.0)),
        hook_losses=rng.choice((0.0, 0.05, 0.3)),
        machine_troubles=tuple(name for name in MACHINE if rng.random() < 0.6) + ("deny",) * denied,
        subscriptions=subscriptions,
        by_hand=by_hand,
        key_changes=key_changes,
    )
