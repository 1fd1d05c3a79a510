import sys

from .run import simulate

for argument in sys.argv[1:]:
    outcome = simulate(int(argument))
    sys.stdout.write("\n".join([*outcome.trace, outcome.report(), ""]))
