"""The package's own module: the public names, each loaded when it is first used."""

from pathlib import Path

from tools.render.files import SRC, python_text

from frontdesk import errors

__all__ = ["files"]

_PUBLIC = {
    "frontdesk.codec.damage": ["Damage"],
    "frontdesk.version": ["__version__"],
    "frontdesk.auth": [
        "AsyncOAuth",
        "BearerToken",
        "BotToken",
        "CustomerToken",
        "OAuth",
        "PersonalAccessToken",
    ],
    "frontdesk.clients.rtm.subscriptions": ["AsyncSubscription", "Subscription"],
    "frontdesk.core.call_cycle": ["Call", "DeprecatedVersionWarning"],
    "frontdesk.core.limiter": ["Limiter"],
    "frontdesk.clients.pages": ["AsyncPages", "Pages"],
    "frontdesk.core.retry": ["Meter", "MeterReading", "Retry"],
    "frontdesk.core.rtm.notices": ["ConnectionLost", "PushesLost", "Reconnected", "Recovered"],
    "frontdesk.core.rtm.settings": ["Backoff"],
    "frontdesk.core.rtm.stats": ["SessionStats"],
    "frontdesk.codec.decoding": ["decode", "encode", "to_dict"],
    "frontdesk.errors": errors.__all__,
    "frontdesk.models": ["validate_event"],
    "frontdesk.rendered.agent": ["AgentClient"],
    "frontdesk.rendered.agent_rtm": ["AgentRTM"],
    "frontdesk.rendered.async_agent": ["AsyncAgentClient"],
    "frontdesk.rendered.async_agent_rtm": ["AsyncAgentRTM"],
    "frontdesk.rendered.async_configuration": ["AsyncConfigurationClient"],
    "frontdesk.rendered.async_customer": ["AsyncCustomerClient"],
    "frontdesk.rendered.async_customer_rtm": ["AsyncCustomerRTM"],
    "frontdesk.rendered.configuration": ["ConfigurationClient"],
    "frontdesk.rendered.customer": ["CustomerClient"],
    "frontdesk.rendered.customer_rtm": ["CustomerRTM"],
}
"""The names of the package itself by the module that defines them."""

_SUBPACKAGES = ["actions", "auth", "errors", "models", "pushes", "webhooks"]


def files() -> dict[Path, str]:
    """Return the text of ``frontdesk/__init__.py``."""
    modules = {name: module for module, names in _PUBLIC.items() for name in names}
    modules |= dict.fromkeys(_SUBPACKAGES, "")
    text = python_text(
        "package.py.j2",
        public=_PUBLIC,
        subpackages=_SUBPACKAGES,
        modules=dict(sorted(modules.items())),
    )
    return {SRC / "__init__.py": text}
