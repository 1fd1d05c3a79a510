"""Write what follows from the declarations: façades, export lists, tables for the docs.

``python -m tools.render`` writes the files, with ``--check`` it fails when one of them differs by a
byte.
"""

import argparse
import sys
from importlib import import_module

from tools.render.files import ROOT

OUTPUTS = (
    "exports",
    "webhook_exports",
    "package",
    "listening",
    "facades",
    "methods_page",
    "fidelity_page",
    "official_methods",
    "official_page",
    "commands_index",
)
"""Each has ``files()``, which returns the text of every file by its path.

One is imported when those before it are written: a new name can be imported once it is exported.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools.render", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare; fail on a difference")
    check = parser.parse_args().check
    stale = False
    for output in OUTPUTS:
        for path, text in import_module(f"tools.render.{output}").files().items():
            if path.exists() and path.read_text() == text:
                continue
            stale = True
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            print(f"{'differs' if check else 'wrote'}: {path.relative_to(ROOT)}", flush=True)
    if check and stale:
        print("run `make render`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
