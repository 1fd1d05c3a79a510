"""From the payload of a push or webhook to its structure."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Raw, Struct

from frontdesk.codec.damage import Damage, DamageReports, unfit
from frontdesk.codec.decoding import as_json, readable
from frontdesk.codec.repair import ANYTHING, Unfit, plan_of, split_object
from frontdesk.models.base import attach
from frontdesk.pushes.base import PUSHES, Push, UnknownPush

__all__ = ["Api", "Kind", "kind_of", "pushes_of", "read_push"]

Api: TypeAlias = Literal["agent", "customer"]
"""Whose pushes: those that agents get, or customers."""


class Kind(Struct, frozen=True):
    """How a payload is read: ``type`` is what is on the wire, ``root`` the field to put it in."""

    cls: type[Any]
    type: Any
    root: str | None
    decode: Callable[[Any], Any]
    """The strict decoder."""

    def fit(self, raw: bytes | Raw, path: str, report: list[Damage]) -> Any:
        """Read what the strict decoder refused; raise ``Unfit`` if it is of no use."""
        plan = plan_of(self.type)
        if self.root is None:
            return plan.fit(raw, path, report)
        mark = len(report)
        try:
            inner = split_object(raw, path, report).get(self.root)
            if inner is not None and bytes(memoryview(inner)[:1]) in (b"{", b"["):
                # Each payload that is one thing has its name in no field of its own.
                return self.cls(**{self.root: plan.fit(inner, f"{path}.{self.root}", report)})
        except Unfit:
            del report[mark:]
        mark = len(report)
        value = plan.fit(raw, path, report)
        if value in ([], {}) and len(report) > mark:
            # Nothing of it is left; the payload as it came is worth more.
            raise Unfit(report[mark].path, report[mark].problem.partition(";")[0])
        return self.cls(**{self.root: value})


def kind_of(cls: type[Any]) -> Kind:
    """Return how the payload of a class is read."""
    kind = _KINDS.get(cls)
    if kind is None:
        kind = _KINDS[cls] = _make_kind(cls)
    return kind


_KINDS: Final[dict[type[Any], Kind]] = {}


def _make_kind(cls: type[Any]) -> Kind:
    root: str | None = cls.spec.root if issubclass(cls, Push) else None
    if root is None:
        return Kind(cls, cls, None, msgspec.json.Decoder(cls).decode)
    kind = next(field.type for field in msgspec.structs.fields(cls) if field.name == root)
    decode = msgspec.json.Decoder(kind).decode
    return Kind(cls, kind, root, lambda data: cls(**{root: decode(data)}))


def pushes_of(api: Api) -> Mapping[str, type[Push]]:
    """Return the pushes of an API by their names on the wire."""
    if api == "agent":
        return PUSHES
    # Here, for most programs are no customers and need not load it.
    from frontdesk.pushes.customer_chat import CUSTOMER_PUSHES

    return CUSTOMER_PUSHES


def read_push(
    action: str,
    payload: bytes | str | Raw | Any,
    reports: DamageReports,
    damages: tuple[Damage, ...] = (),
    pushes: Mapping[str, type[Push]] = PUSHES,
) -> Push:
    """Make the push of a name and its payload; ``found`` is damage of its frame."""
    data = payload if isinstance(payload, (bytes, str, Raw)) else as_json(payload)
    cls = pushes.get(action)
    if cls is not None:
        try:
            sound: Push = kind_of(cls).decode(data)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            pass
        else:
            if damages:
                attach(sound, reports(damages, action))
            return sound
    raw, damage = readable(data)
    damage = [*damages, *damage]
    mark = len(damage)
    push: Push | None = None
    if cls is not None:
        try:
            push = kind_of(cls).fit(raw, "$", damage)
        except Unfit as error:
            if reports.strict:
                raise unfit(error.problem, error.path) from None
            del damage[mark:]
            damage.append(Damage(error.path, f"{error.problem}; the push is kept as it came"))
        except RecursionError:
            del damage[mark:]
            damage.append(Damage("$", "nested too deeply; the push is kept as it came"))
    if push is None:
        push = UnknownPush(action=action, payload=ANYTHING.or_null(raw, "$", damage))
    attach(push, reports(damage, action))
    return push
