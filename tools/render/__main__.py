"""Write what follows from the declarations: façades, export lists, tables for the docs.

``python -m tools.render`` writes the files, with ``--check`` it fails when one of them differs by a
byte.
"""

import argparse
import sys

from tools.render import (
    exports,
    facades,
    fidelity_page,
    listening,
    methods_page,
    official_methods,
    official_page,
    package,
)
from tools.render.files import ROOT

OUTPUTS = (
    exports,
    package,
    listening,
    facades,
    methods_page,
    fidelity_page,
    official_methods,
    official_page,
)
"""Each has ``files()``, which returns the text of every file by its path."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools.render", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare; fail on a difference")
    check = parser.parse_args().check
    texts = {path: text for output in OUTPUTS for path, text in output.files().items()}
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[path])
        print(f"{'differs' if check else 'wrote'}: {path.relative_to(ROOT)}")
    if check and stale:
        print("run `make render`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
