"""Play seeds and print what happened: ``python -m tests.simulation.bots SEED [SEED …]``."""

from ..__main__ import main
from .run import simulate

if __name__ == "__main__":
    raise SystemExit(main(simulate, "tests.simulation.bots"))
