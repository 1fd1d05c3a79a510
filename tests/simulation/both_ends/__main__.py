import sys

from .run import simulate

for argument in sys.argv[1:]:
    outcome = simulate(int(argument))
    ending = outcome.report() if outcome.faults else f"seed {argument} holds"
    sys.stdout.write("\n".join([*outcome.trace, ending, ""]))
