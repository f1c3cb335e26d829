"""`make bench`: how good the detector and the readings are on the recordings, and what they cost.

Every section is a module with `report() -> str`; one that lacks its data says so in its report. Add one by naming it.
"""

import importlib
import sys
from types import ModuleType

SECTIONS = (
    "tools.bench_detector",
    "tools.bench_readings",
    "tools.bench_statistics",
    "tools.bench_simulated",
    "tools.bench_thresholds",
)


def reports(sections: tuple[ModuleType, ...]) -> str:
    """All sections' reports, one after another."""
    return "\n\n".join(section.report() for section in sections)


def main() -> int:
    sys.stdout.write(reports(tuple(importlib.import_module(name) for name in SECTIONS)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
