"""Import each module of frontdesk where all extras are installed; runs in a fresh environment."""

import importlib
import pkgutil
import sys

import frontdesk
from frontdesk.errors import MissingDependency

# They need a web framework, or pytest, which no extra brings along.
OTHERS = ("frontdesk.installations.adapters.", "frontdesk.webhooks.adapters.", "frontdesk.testing.")


def main() -> None:
    assert frontdesk.__version__ == sys.argv[1], frontdesk.__version__
    count = 0
    for module in pkgutil.walk_packages(frontdesk.__path__, "frontdesk."):
        if module.name == "frontdesk.__main__":
            continue
        try:
            importlib.import_module(module.name)
        except MissingDependency:
            if not module.name.startswith(OTHERS):
                raise
        except ModuleNotFoundError as error:
            if not (module.name.startswith(OTHERS) and error.name == "pytest"):
                raise
        count += 1
    print(f"{count} modules")


if __name__ == "__main__":
    main()
