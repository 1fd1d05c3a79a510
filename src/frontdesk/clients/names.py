"""What to use instead of a method that a client, or its version of the API, does not have."""

from typing import TYPE_CHECKING, Any, Final

from frontdesk.actions import ACTIONS, Action, Spec
from frontdesk.clients.arguments import explain_arguments
from frontdesk.errors import InvalidArgument
from frontdesk.spec.actions import Version, dotted
from frontdesk.suggestions import did_you_mean, snake_case

__all__ = ["SuggestsNames", "check_version"]

PACKAGE: Final = __name__.partition(".")[0]

OTHER_NAMES: Final = {
    # renamed between versions of the API
    "activate_chat": "resume_chat",
    "close_thread": "deactivate_chat",
    "delete_chat_thread_properties": "delete_thread_properties",
    "get_archives": "list_archives",
    "get_chat_threads": "list_threads",
    "get_chat_threads_summary": "list_threads",
    "get_chats_summary": "list_chats",
    "get_customers": "list_customers",
    "grant_access": "transfer_chat",
    "grant_chat_access": "transfer_chat",
    "revoke_access": "transfer_chat",
    "revoke_chat_access": "transfer_chat",
    "send_file": "upload_file",
    "set_access": "transfer_chat",
    "set_chat_access": "transfer_chat",
    "update_chat_thread_properties": "update_thread_properties",
    "update_last_seen_timestamp": "mark_events_as_seen",
    # the official SDKs for Python and Go
    "close_connection": "close",
    "open_connection": "connect",
    "call": "raw",
}
"""Other names of methods that a client has under a name of its own."""

ARGUMENTS: Final = {
    "custom_host": "the argument `base_url`",
    "get_headers": "the argument `headers`",
    "modify_header": "the argument `headers`, or `with_options(headers=…)`",
    "remove_header": "the argument `headers`, or `with_options(headers=…)`",
    "set_author_id": "the argument `author_id`, or `with_options(author_id=…)`",
    "set_custom_header": "the argument `headers`, or `with_options(headers=…)`",
    "set_custom_host": "the argument `base_url`",
    "set_logger": "the argument `logger`",
    "set_retry_strategy": "the argument `retry`",
    "set_stats_sink": "the argument `on_call`",
}
"""Methods of the official SDKs that are arguments of these clients."""


GONE: Final[dict[str, str]] = {}
"""Methods of older versions that no client has, and what to do instead; none at present."""


class SuggestsNames:
    """A client that says what may be meant by a name or an argument that it does not have."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Explain the arguments of its methods; those of a user's own class stay as they are."""
        super().__init_subclass__(**options)
        if cls.__module__.partition(".")[0] == PACKAGE:
            explain_arguments(cls)

    if not TYPE_CHECKING:  # for a checker, any attribute would exist

        def __getattr__(self, name: str) -> Any:
            # ``obj`` keeps Python from adding a suggestion of its own to this one.
            raise AttributeError(_explanation(type(self), name), name=name, obj=None)


def check_version(spec: Spec, version: Version) -> None:
    """Refuse a method that a version of the API does not have yet, or has something else for."""
    if version < spec.since:
        raise InvalidArgument("version", f"must be {dotted(spec.since)} or later for `{spec.name}`")
    if spec.until is not None and version > spec.until and spec.replaced_by is not None:
        raise InvalidArgument(
            "version",
            f"must be {dotted(spec.until)} or earlier for `{spec.name}`; on {dotted(version)} "
            f"use {spec.replaced_by}",
        )


def _explanation(client: type, name: str) -> str:
    missing = f"{client.__name__} has no `{name}`"
    if name.startswith("_"):
        return missing
    plain = snake_case(name)
    if plain in ARGUMENTS:
        return f"{missing}; use {ARGUMENTS[plain]}"
    if plain in GONE:
        return f"{missing}; {GONE[plain]}"
    plain = OTHER_NAMES.get(plain, plain)
    own = [each for each in dir(client) if not each.startswith("_")]
    if plain in own:
        hint = f"; use `{plain}`" if name in OTHER_NAMES else did_you_mean(plain, [plain])
        return f"{missing}{hint}"
    elsewhere = _elsewhere(client, plain)
    if elsewhere is not None:
        return f"{missing}; {elsewhere}"
    return f"{missing}{did_you_mean(plain, own)}"


def _elsewhere(client: type, name: str) -> str | None:
    """Name the client that has a method of the API."""
    prefix = "Async" if client.__name__.startswith("Async") else ""
    action: type[Action[Any]] | None = ACTIONS.get(name)
    if action is not None:
        kind = "AgentClient" if "web" in action.spec.transports else "AgentRTM"
        transport = "the Web API" if "web" in action.spec.transports else "RTM"
        hint = f"it is a method of {transport}; use {prefix}{kind}"
        if client.__name__ == f"{prefix}ConfigurationClient" and kind == "AgentClient":
            hint += f", such as `{prefix}{kind}.from_client(configuration)`"
        return hint
    # Here, for importing it takes a tenth of the time that a client takes.
    from frontdesk.actions import CONFIGURATION_ACTIONS, CUSTOMER_ACTIONS

    if name in CONFIGURATION_ACTIONS:
        hint = f"it is a method of the Configuration API; use {prefix}ConfigurationClient"
        return (
            f"{hint}, such as `client.configuration()`"
            if hasattr(client, "configuration")
            else hint
        )
    if name in CUSTOMER_ACTIONS and "web" in CUSTOMER_ACTIONS[name].spec.transports:
        return f"it is a method of the Customer Chat API; use {prefix}CustomerClient"
    if name in {"pushes", "on", "connect"}:
        return f"it is for RTM; use {prefix}AgentRTM"
    return None
