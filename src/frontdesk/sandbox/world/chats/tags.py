"""Tags of threads.

A tag fits a thread when both belong to a common group; a tag of group 0 fits every thread.
"""

from collections.abc import Sequence

from frontdesk.errors import NotFound, ValidationError
from frontdesk.pushes import ThreadTagged, ThreadUntagged
from frontdesk.sandbox.store.records import ChatRecord, ThreadRecord
from frontdesk.sandbox.world import recipients
from frontdesk.sandbox.world.actor import Actor
from frontdesk.sandbox.world.world import World

__all__ = ["add", "check", "remove"]


def check(world: World, name: str, group_ids: Sequence[int], field: str = "tag") -> None:
    """Refuse a tag that is not there (``NotFound``) or does not fit (``ValidationError``)."""
    tag = world.store.company.tags.get(name)
    if tag is None:
        raise NotFound(f"`{field}`: there is no tag `{name}`; case matters")
    if 0 not in tag.group_ids and not set(tag.group_ids) & set(group_ids):
        raise ValidationError(f"`{field}`: the tag `{name}` shares no group with the thread")


def add(
    world: World,
    chat: ChatRecord,
    thread: ThreadRecord,
    name: str,
    actor: Actor | None = None,
) -> None:
    """Tag a thread; a tag that it has already changes nothing."""
    check(world, name, thread.group_ids)
    if name in thread.tags:
        return
    thread.tags.append(name)
    world.push(
        ThreadTagged(chat_id=chat.id, thread_id=thread.id, tag=name),
        recipients.agents_watching(chat),
        chat_id=chat.id,
        actor=actor,
    )


def remove(
    world: World,
    chat: ChatRecord,
    thread: ThreadRecord,
    name: str,
    actor: Actor | None = None,
) -> None:
    """Take a tag from a thread; one that it does not have changes nothing."""
    if name not in thread.tags:
        return
    thread.tags.remove(name)
    world.push(
        ThreadUntagged(chat_id=chat.id, thread_id=thread.id, tag=name),
        recipients.agents_watching(chat),
        chat_id=chat.id,
        actor=actor,
    )
