"""What counties of any size cost, from what one record costs: python -m tools.scale 752

The argument is c, the microseconds of a core that a record takes of server and database, as `make county-load` prints
it. One morning is PEOPLE records a gate, and comes within MORNING_S.
"""

import sys
from collections.abc import Iterator, Sequence

PEOPLE = 1160
MORNING_S = 2400.0
OUTAGE_DAYS, OUTAGE_CORES = 30, 4
GATES = (35, 3_500, 350_000)


def lines(us_per_record: float) -> Iterator[str]:
    """One for each size."""
    for gates in GATES:
        core_s = gates * PEOPLE * us_per_record * 1e-6
        outage_h = core_s * OUTAGE_DAYS / OUTAGE_CORES / 3600
        yield (
            f"{gates:7,} gates: a morning takes {core_s:,.0f} core s, {core_s / MORNING_S:,.2f} cores within"
            f" {MORNING_S / 60:.0f} min; {OUTAGE_DAYS} days on {OUTAGE_CORES} cores {outage_h:,.1f} h"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print them; 2: the argument is no number."""
    asked = sys.argv[1:] if arguments is None else arguments
    try:
        (us_per_record,) = map(float, asked)
    except ValueError:
        sys.stderr.write("python -m tools.scale MICROSECONDS（make county-load 打印的 / as it prints them）\n")
        return 2
    for line in lines(us_per_record):
        sys.stdout.write(f"{line}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
