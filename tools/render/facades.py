"""The façades: one client class a file, one method per API method."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from tools.render.annotations import Imports, argument_text, type_text
from tools.render.docstrings import docstring, purpose, result_text
from tools.render.files import SRC, python_text

from frontdesk.actions import (
    ACTIONS,
    CONFIGURATION_ACTIONS,
    CUSTOMER_ACTIONS,
    Action,
    Paging,
    UploadFile,
)
from frontdesk.spec.fields import description_of

__all__ = ["FACADES", "files", "upload_parameters"]


class Facade(Struct, frozen=True, kw_only=True):
    """One file with one client class."""

    module: str
    name: str
    doc: str
    driver: str
    actions: Mapping[str, type[Action[Any]]]
    transport: str = "web"
    is_async: bool = False
    configuration: str = ""
    """The module of the client that ``configuration()`` makes, and its class."""


class Parameter(Struct, frozen=True, kw_only=True):
    """One parameter of a method."""

    name: str
    annotation: str
    description: str
    required: bool = False
    positional: bool = False


class Method(Struct, frozen=True, kw_only=True):
    """One method of a façade."""

    name: str
    parameters: list[Parameter]
    returns: str
    doc: str
    call: str
    """What it calls."""
    waits: bool
    """Whether it is a coroutine."""

    @property
    def positional(self) -> list[Parameter]:
        """The parameters before the asterisk."""
        return [parameter for parameter in self.parameters if parameter.positional]

    @property
    def keywords(self) -> list[Parameter]:
        """Those behind it, the required ones first."""
        keywords = [parameter for parameter in self.parameters if not parameter.positional]
        return sorted(keywords, key=lambda parameter: not parameter.required)


_WEB = "The Agent Chat Web API: one method per API method, "
_RTM = "The Agent Chat RTM API: one method per API method, and the pushes of the server."
_CUSTOMER_RTM = (
    "The Customer Chat RTM API: one method per API method, and the pushes of the server."
)
_CUSTOMER = "The Customer Chat Web API: one method per API method, "
_CONFIGURATION = "The Configuration API: one method per API method, each "

FACADES = [
    Facade(
        module="agent",
        name="AgentClient",
        doc=_WEB + "each waits for its response.",
        driver="frontdesk.clients.sync_web.SyncDriver",
        actions=ACTIONS,
        configuration="frontdesk.rendered.configuration.ConfigurationClient",
    ),
    Facade(
        module="async_agent",
        name="AsyncAgentClient",
        doc=_WEB + "each to be awaited.",
        driver="frontdesk.clients.async_web.AsyncDriver",
        actions=ACTIONS,
        is_async=True,
        configuration="frontdesk.rendered.async_configuration.AsyncConfigurationClient",
    ),
    Facade(
        module="agent_rtm",
        name="AgentRTM",
        doc=_RTM,
        driver="frontdesk.rendered.listening.ListeningRTM",
        actions=ACTIONS,
        transport="rtm",
    ),
    Facade(
        module="async_agent_rtm",
        name="AsyncAgentRTM",
        doc=_RTM,
        driver="frontdesk.rendered.async_listening.AsyncListeningRTM",
        actions=ACTIONS,
        transport="rtm",
        is_async=True,
    ),
    Facade(
        module="configuration",
        name="ConfigurationClient",
        doc=_CONFIGURATION + "waits for its response.",
        driver="frontdesk.clients.sync_web.SyncDriver",
        actions=CONFIGURATION_ACTIONS,
    ),
    Facade(
        module="async_configuration",
        name="AsyncConfigurationClient",
        doc=_CONFIGURATION + "is to be awaited.",
        driver="frontdesk.clients.async_web.AsyncDriver",
        actions=CONFIGURATION_ACTIONS,
        is_async=True,
    ),
    Facade(
        module="customer",
        name="CustomerClient",
        doc=_CUSTOMER + "each waits for its response.",
        driver="frontdesk.clients.sync_customer.SyncCustomerDriver",
        actions=CUSTOMER_ACTIONS,
    ),
    Facade(
        module="async_customer",
        name="AsyncCustomerClient",
        doc=_CUSTOMER + "each to be awaited.",
        driver="frontdesk.clients.async_customer.AsyncCustomerDriver",
        actions=CUSTOMER_ACTIONS,
        is_async=True,
    ),
    Facade(
        module="customer_rtm",
        name="CustomerRTM",
        doc=_CUSTOMER_RTM,
        driver="frontdesk.clients.rtm.sync_customer_rtm.SyncCustomerRTMDriver",
        actions=CUSTOMER_ACTIONS,
        transport="rtm",
    ),
    Facade(
        module="async_customer_rtm",
        name="AsyncCustomerRTM",
        doc=_CUSTOMER_RTM,
        driver="frontdesk.clients.rtm.async_customer_rtm.AsyncCustomerRTMDriver",
        actions=CUSTOMER_ACTIONS,
        transport="rtm",
        is_async=True,
    ),
]


def files() -> dict[Path, str]:
    """Return the text of each façade by its path."""
    return {SRC / "rendered" / f"{facade.module}.py": _text(facade) for facade in FACADES}


def _text(facade: Facade) -> str:
    imports = Imports()
    module, _, driver = facade.driver.rpartition(".")
    imports.add(module, driver)
    methods = list(_methods(facade, imports))
    configuration = facade.configuration.rpartition(".")[::2]
    if facade.configuration:
        imports.add("typing", "TYPE_CHECKING")
    return python_text(
        "facade.py.j2",
        facade=facade,
        driver=driver,
        imports=imports,
        methods=methods,
        configuration=configuration,
    )


def _methods(facade: Facade, imports: Imports) -> Iterator[Method]:
    for action in facade.actions.values():
        if facade.transport not in action.spec.transports:
            continue
        if issubclass(action, UploadFile):
            yield _upload(facade, action, imports)
            continue
        yield _method(facade, action, imports)
        if action.spec.page:
            yield _iterator(facade, action, imports)


def _method(facade: Facade, action: type[Action[Any]], imports: Imports) -> Method:
    spec = action.spec
    parameters = _parameters(action, imports)
    returns = type_text(spec.returns, imports)
    result = "" if spec.returns is None else result_text(returns, spec.returns)
    return Method(
        name=spec.name,
        parameters=parameters,
        returns=returns,
        doc=docstring(purpose(action), _described(parameters), result, spec),
        call=f"self({_made(action, parameters, imports)})",
        waits=facade.is_async,
    )


def _iterator(facade: Facade, action: type[Action[Any]], imports: Imports) -> Method:
    """The iterator over all pages of a paged method."""
    spec = action.spec
    page = spec.page
    assert page is not None
    pages = imports.add("frontdesk.clients.pages", "AsyncPages" if facade.is_async else "Pages")
    full_pages = imports.add("frontdesk.core.pages", "full_pages")
    item = get_args(get_type_hints(spec.returns)[page.items])[0]
    returns = f"{pages}[{type_text(item, imports)}]"
    # `min_events_count` excludes `limit`, which the iterator sends.
    parameters = [
        _of_full_pages(parameter, page)
        for parameter in _parameters(action, imports)
        if parameter.name != "min_events_count"
    ]
    name = spec.name.replace("list_", "iter_", 1)
    loop = "async for" if facade.is_async else "for"
    paging = (
        f"Follows `next_page_id` to the end (`{loop} item in client.{name}(…)`) and keeps one page "
        "in\nmemory. Sends the filters with the first request only."
    )
    return Method(
        name=name,
        parameters=parameters,
        returns=returns,
        doc=docstring(
            (f"Iterate over all pages of `{spec.name}`.", purpose(action)[1], paging),
            _described(parameters),
            f"`{returns}`: an iterator over the items.",
            spec,
        ),
        call=f"self._pages({full_pages}({_made(action, parameters, imports)}))",
        waits=False,
    )


def _of_full_pages(parameter: Parameter, page: Paging) -> Parameter:
    """Say of a ``limit`` that an iterator asks for as much as there can be."""
    limits = Paging(page.items, page.found, page.maximum, page.maximum).limits
    return replace(parameter, description=parameter.description.replace(page.limits, limits))


def _upload(facade: Facade, action: type[Action[Any]], imports: Imports) -> Method:
    """``upload_file``, whose argument is streamed."""
    imports.add("frontdesk.clients.uploads", "FileLike")
    imports.add("collections.abc", "Callable")
    returns = type_text(action.spec.returns, imports)
    parameters = upload_parameters()
    return Method(
        name=action.spec.name,
        parameters=parameters,
        returns=returns,
        doc=docstring(
            purpose(action), _described(parameters), f"`{returns}`: its URL.", action.spec
        ),
        call=f"self._upload(file, {_passed(parameters[1:])})",
        waits=facade.is_async,
    )


def upload_parameters() -> list[Parameter]:
    """What ``upload_file`` takes instead of the fields of its declaration."""
    return [
        Parameter(
            name="file",
            annotation="FileLike",
            description="The bytes, a path, or a binary file open for reading; at most 10 MB, no "
            "executable.",
            required=True,
            positional=True,
        ),
        Parameter(
            name="name",
            annotation="str | None",
            description="File name to send; defaults to that of the path.",
        ),
        Parameter(
            name="content_type",
            annotation="str | None",
            description="MIME type; defaults to a guess by the name.",
        ),
        Parameter(
            name="on_progress",
            annotation="Callable[[int, int], object] | None",
            description="Called with the bytes sent so far and the size of the file.",
        ),
    ]


def _parameters(action: type[Action[Any]], imports: Imports) -> list[Parameter]:
    """The fields of a declaration as parameters, the required ones first."""
    hints = get_type_hints(action, include_extras=True)
    parameters = [
        Parameter(
            name=field.name,
            annotation=argument_text(hints[field.name], imports, is_exact=field.name == "fields")
            + ("" if field.required else " | None"),
            description=description_of(hints[field.name]),
            required=field.required,
        )
        for field in msgspec.structs.fields(action)
    ]
    return sorted(parameters, key=lambda parameter: not parameter.required)


def _described(parameters: list[Parameter]) -> list[tuple[str, str]]:
    return [(parameter.name, parameter.description) for parameter in parameters]


def _passed(parameters: list[Parameter]) -> str:
    return ", ".join(f"{parameter.name}={parameter.name}" for parameter in parameters)


def _made(action: type[Action[Any]], parameters: list[Parameter], imports: Imports) -> str:
    """The call that makes the declaration from the arguments."""
    return f"{imports.add(action.__module__, action.__name__)}({_passed(parameters)})"
