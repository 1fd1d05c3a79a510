"""The streams and consumers of a bot's queue on NATS: how they are made, and whether they fit."""

import asyncio
import math
import re
from contextlib import suppress
from typing import Any, Final
from zlib import crc32

import msgspec
from msgspec import Raw, Struct

from frontdesk.errors import ForeignQueue, InvalidArgument
from frontdesk.spec.arguments import check_count
from frontdesk.transport.nats import NatsConnection, NatsFailure, NatsRefusal

__all__ = [
    "ConsumerInfo",
    "QueueLayout",
    "StreamInfo",
    "consumers_of",
    "counting_since",
    "prepare",
    "stream_of",
]

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
FORMAT: Final = "1"
SECOND: Final = 1_000_000_000
MOST_PARTITIONS: Final = 1024
MOST_WAITING: Final = 512
"""Workers that may wait for the next item of a partition at once."""
NO_STREAM: Final = 10059
NAME_IN_USE: Final = 10058
CONSUMER_EXISTS: Final = 10148
CONSUMER_NAME_IN_USE: Final = 10013
SUBJECTS_OVERLAP: Final = 10065

KEY_FORMAT: Final = "frontdesk-queue"
KEY_PARTITIONS: Final = "frontdesk-partitions"
KEY_SERVER: Final = "frontdesk-server"
"""The run of the server that counts deliveries since the sequence in ``KEY_SINCE``."""
KEY_SINCE: Final = "frontdesk-since"

OPTION_OF: Final = {
    "max_age": "max_age", "max_bytes": "max_bytes", "duplicate_window": "duplicate_window",
    "num_replicas": "replicas", "ack_wait": "ack_wait",
}  # fmt: skip
"""The argument of ``NatsEngine`` that makes a setting of a stream or consumer."""
NEVER: Final = dict.fromkeys(("backoff", "headers_only", "pause_until", "deliver_subject"))
"""Settings of a consumer that change when it gives items out, or whether they are whole."""
IN_SECONDS: Final = ("max_age", "duplicate_window", "ack_wait")


class _State(Struct):
    messages: int = 0
    bytes: int = 0
    last_seq: int = 0


class _Config(Struct):
    max_bytes: int = -1
    metadata: dict[str, str] = {}


class StreamInfo(Struct):
    """What JetStream says of a stream."""

    config: Raw
    created: str
    state: _State

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings as they stand."""
        return dict(msgspec.json.decode(self.config))

    @property
    def metadata(self) -> dict[str, str]:
        """Return the texts that are stored with the settings."""
        return msgspec.json.decode(self.config, type=_Config).metadata


class _Position(Struct):
    stream_seq: int = 0


class ConsumerInfo(Struct):
    """What JetStream says of a consumer."""

    name: str
    config: dict[str, Any]
    ack_floor: _Position
    num_pending: int = 0
    num_ack_pending: int = 0


class _Consumers(Struct):
    total: int
    consumers: list[ConsumerInfo] | None = None


_stream = msgspec.json.Decoder(StreamInfo).decode
_consumers = msgspec.json.Decoder(_Consumers).decode


class QueueLayout(Struct, frozen=True, kw_only=True):
    """What a queue consists of.

    Items are in one stream, with a subject for each partition; a partition has a consumer, which
    gives out one item at a time. What was given up is in another stream.
    """

    name: str
    partitions: int
    ack_wait: float
    max_age: float
    max_bytes: int
    duplicate_window: float
    replicas: int

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not NAME.fullmatch(self.name):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("name", "must be 1 to 64 letters, digits, `-` and `_`")
        for field in ("partitions", "max_bytes", "replicas"):
            check_count(field, getattr(self, field))
        if self.partitions > MOST_PARTITIONS:
            raise InvalidArgument("partitions", f"must be {MOST_PARTITIONS} or fewer")
        for field, least in (("ack_wait", 1.0), ("max_age", 60.0), ("duplicate_window", 1.0)):
            _check_seconds(field, getattr(self, field), least)
        if self.duplicate_window > self.max_age:
            raise InvalidArgument("duplicate_window", "must not be longer than `max_age`")

    @property
    def stream(self) -> str:
        """The stream of the items."""
        return f"frontdesk-{self.name}"

    @property
    def dead_stream(self) -> str:
        """The stream of what was given up."""
        return f"frontdesk-{self.name}-dead"

    @property
    def dead_subject(self) -> str:
        """What an item is published under when it is given up."""
        return f"frontdesk.{self.name}.dead"

    def subject(self, partition: int) -> str:
        """Return what the items of a partition are published under."""
        return f"frontdesk.{self.name}.items.{partition}"

    def consumer(self, partition: int) -> str:
        """Return the name of the consumer of a partition."""
        return f"p{partition}"

    def partition_of(self, key: str) -> int:
        """Return the partition of a key: the same in each process, for ever."""
        return crc32(key.encode("utf-8", "surrogatepass")) % self.partitions

    def stream_settings(self) -> dict[str, Any]:
        """Return what the stream of the items must have."""
        # Acknowledged items stay for a while (`limits`): a work queue forgets with an item that it
        # had its id, and takes a later attempt to publish it for another one.
        return {
            "subjects": [f"frontdesk.{self.name}.items.*"],
            "retention": "limits",
            "storage": "file",
            "discard": "new",
            "max_age": int(self.max_age * SECOND),
            "max_bytes": self.max_bytes,
            "max_msgs": -1,
            "max_msgs_per_subject": -1,
            "duplicate_window": int(self.duplicate_window * SECOND),
            "num_replicas": self.replicas,
        }

    def metadata(self) -> dict[str, str]:
        """Return what says in the stream's settings what it is."""
        return {KEY_FORMAT: FORMAT, KEY_PARTITIONS: str(self.partitions)}

    def dead_settings(self) -> dict[str, Any]:
        """Return what the stream of dead letters must have; nothing in it gets too old."""
        return {
            "subjects": [self.dead_subject],
            "retention": "limits",
            "storage": "file",
            "discard": "new",
            "max_age": 0,
            "num_replicas": self.replicas,
        }

    def consumer_settings(self, partition: int) -> dict[str, Any]:
        """Return what the consumer of a partition must have."""
        return {
            "durable_name": self.consumer(partition),
            "filter_subject": self.subject(partition),
            "deliver_policy": "all",
            "ack_policy": "explicit",
            "replay_policy": "instant",
            "ack_wait": int(self.ack_wait * SECOND),
            # Without a limit: an item that is not given out any more would be forgotten silently.
            "max_deliver": -1,
            # One at a time, or a second item of a chat would overtake one that is given out again.
            "max_ack_pending": 1,
            "max_waiting": MOST_WAITING,
        }


def _check_seconds(field: str, seconds: object, least: float) -> None:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise InvalidArgument(field, f"must be a number of seconds, not {seconds!r}")
    if not least <= seconds < math.inf:
        raise InvalidArgument(field, f"must be {least:g} seconds or more")


async def prepare(connection: NatsConnection, layout: QueueLayout) -> StreamInfo:
    """Make the streams and consumers that are missing, and check those that are there.

    Raises:
        ForeignQueue: What is there does not fit.
        NatsFailure: JetStream does not respond, or refuses.
    """
    info = await _ensure_stream(
        connection, layout.stream, layout.stream_settings(), layout.metadata()
    )
    _check_partitions(layout, info)
    _check_settings(f"the stream {layout.stream}", layout.stream_settings(), info.settings)
    dead = await _ensure_stream(
        connection, layout.dead_stream, layout.dead_settings(), {KEY_FORMAT: FORMAT}
    )
    _check_settings(f"the stream {layout.dead_stream}", layout.dead_settings(), dead.settings)
    await _ensure_consumers(connection, layout)
    return info


async def stream_of(connection: NatsConnection, name: str) -> StreamInfo | None:
    """Return what JetStream says of a stream; ``None`` if there is none."""
    try:
        return _stream(await connection.call(f"STREAM.INFO.{name}"))
    except NatsRefusal as refusal:
        if refusal.code != NO_STREAM:
            raise
        return None


async def consumers_of(connection: NatsConnection, layout: QueueLayout) -> dict[int, ConsumerInfo]:
    """Return what JetStream says of the consumers, by partition."""
    listed: dict[str, ConsumerInfo] = {}
    offset = 0
    while True:
        page = _consumers(
            await connection.call(f"CONSUMER.LIST.{layout.stream}", {"offset": offset})
        )
        consumers = page.consumers or []
        listed.update((info.name, info) for info in consumers)
        offset += len(consumers)
        if not consumers or offset >= page.total:
            break
    return {
        partition: listed[layout.consumer(partition)]
        for partition in range(layout.partitions)
        if layout.consumer(partition) in listed
    }


async def counting_since(connection: NatsConnection, layout: QueueLayout) -> tuple[str, int]:
    """Return which run of the server it is, and after which sequence its counts are proof.

    The counts are how often an item was given out; a server that is killed may forget some. Which
    run of the server counts, and from where on, is noted in the stream's settings by the first who
    sees a new run.

    Raises:
        NatsFailure: JetStream does not respond, or the stream is gone.
    """
    info = await stream_of(connection, layout.stream)
    if info is None:
        raise NatsFailure(f"there is no stream {layout.stream} any more")
    server = connection.server_id
    # Copies agree on the counts, which outlive any of their servers.
    run = server if layout.replicas == 1 else "replicated"
    since = info.metadata.get(KEY_SINCE, "")
    if run and info.metadata.get(KEY_SERVER) == run and since.isdigit():
        return server, int(since)
    metadata = {**info.metadata, KEY_SERVER: run, KEY_SINCE: str(info.state.last_seq)}
    with suppress(NatsRefusal):
        # Without the right to change the stream, only this worker is that cautious.
        await connection.call(
            f"STREAM.UPDATE.{layout.stream}", {**info.settings, "metadata": metadata}
        )
    return server, info.state.last_seq


async def _ensure_stream(
    connection: NatsConnection, name: str, settings: dict[str, Any], metadata: dict[str, str]
) -> StreamInfo:
    info = await stream_of(connection, name)
    if info is None:
        try:
            await connection.call(
                f"STREAM.CREATE.{name}", {"name": name, **settings, "metadata": metadata}
            )
        except NatsRefusal as refusal:
            if refusal.code == SUBJECTS_OVERLAP:
                raise ForeignQueue(
                    f"another stream has the subjects of {name} ({refusal}); give the engine "
                    "another name, or remove that stream"
                ) from None
            # Another process may have made it meanwhile, with other settings.
            if refusal.code != NAME_IN_USE:
                raise
        # What the server made of it, rather than what it was asked for.
        info = await stream_of(connection, name)
    if info is None or info.metadata.get(KEY_FORMAT) is None:
        raise ForeignQueue(
            f"the stream {name} is not the queue of a bot; give the engine another name"
        )
    if info.metadata[KEY_FORMAT] != FORMAT:
        raise ForeignQueue(
            f"the stream {name} was made by another version of frontdesk (its format is "
            f"{info.metadata[KEY_FORMAT]!r}, this version's is {FORMAT!r}); update frontdesk "
            "here, or give the engine another name"
        )
    return info


async def _ensure_consumers(connection: NatsConnection, layout: QueueLayout) -> None:
    present = await consumers_of(connection, layout)
    missing = [number for number in range(layout.partitions) if number not in present]
    if missing:
        await asyncio.gather(*(_make_consumer(connection, layout, number) for number in missing))
        present = await consumers_of(connection, layout)
    for number in range(layout.partitions):
        if number not in present:
            raise ForeignQueue(
                f"the consumer {layout.consumer(number)} of the stream {layout.stream} is missing, "
                "although it was made just now; does somebody remove it?"
            )
        _check_settings(
            f"the consumer {layout.consumer(number)} of the stream {layout.stream}",
            {**layout.consumer_settings(number), **NEVER},
            present[number].config,
        )


async def _make_consumer(connection: NatsConnection, layout: QueueLayout, number: int) -> None:
    settings = layout.consumer_settings(number)
    try:
        await connection.call(
            f"CONSUMER.CREATE.{layout.stream}.{layout.consumer(number)}.{layout.subject(number)}",
            {
                "stream_name": layout.stream,
                "config": {"name": layout.consumer(number), **settings},
                "action": "create",
            },
        )
    except NatsRefusal as refusal:
        # Another process has made it meanwhile; what it is like is checked afterwards.
        if refusal.code not in (CONSUMER_EXISTS, CONSUMER_NAME_IN_USE):
            raise


def _check_partitions(layout: QueueLayout, info: StreamInfo) -> None:
    partitions = info.metadata.get(KEY_PARTITIONS, "")
    if partitions != str(layout.partitions):
        raise ForeignQueue(
            f"the stream {layout.stream} has {partitions or 'no'} partitions, and this engine "
            f"asks for {layout.partitions}; a chat would be in another partition and lose its "
            f"order: give the engine partitions={partitions or '…'}, or another name (and let the "
            "workers of this one finish what is in it)"
        )


def _check_settings(place: str, settings: dict[str, Any], present: dict[str, Any]) -> None:
    for setting, value in settings.items():
        actual = present.get(setting)
        if actual == value:
            continue
        option = OPTION_OF.get(setting)
        if option is None:
            raise ForeignQueue(
                f"{place} has {setting} {actual!r}, and a bot's queue needs {value!r}; set it "
                "back with the tools of NATS, or give the engine another name"
            )
        raise ForeignQueue(
            f"{place} has {setting} {_shown(setting, actual)}, and this engine asks for "
            f"{_shown(setting, value)}; give the engine {option}={_shown(setting, actual)}, or "
            "change it on the server with `nats stream edit` or `nats consumer edit`"
        )


def _shown(setting: str, value: Any) -> str:
    if setting in IN_SECONDS and isinstance(value, int):
        return f"{value / SECOND:g}"
    return f"{value!r}"
