"""Play seeds and print what happened: ``python -m tests.simulation SEED [SEED …]``."""

# ruff: noqa: T201 - printing is what it is for
import argparse
import sys
import time
from collections.abc import Callable

from .run import Outcome, simulate


def main(play: Callable[..., Outcome] = simulate, module: str = "tests.simulation") -> int:
    """Play the seeds of the command line; 1 if an invariant does not hold."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    parser.add_argument("seed", type=int, nargs="+", help="the integer that drives a run")
    parser.add_argument("--to", type=int, help="play all seeds from the first to this one")
    parser.add_argument("--quiet", action="store_true", help="print no trace")
    parser.add_argument("--digests", action="store_true", help="print the digests alone")
    options = parser.parse_args()
    seeds = range(options.seed[0], options.to + 1) if options.to is not None else options.seed
    failed = 0
    began = time.process_time()
    for seed in seeds:
        outcome = play(seed, keep=not (options.quiet or options.digests))
        if options.digests:
            print(outcome.digest)
            continue
        print(*outcome.lines, sep="\n", end="\n" * bool(outcome.lines))
        if outcome.faults:
            failed += 1
            print(outcome.report(20 if options.quiet else 1000))
        elif not options.quiet:
            print(f"seed {seed} holds; digest {outcome.digest}")
    spent = time.process_time() - began
    print(f"{len(seeds)} seeds, {failed} failed, {spent:.2f} s of CPU", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
