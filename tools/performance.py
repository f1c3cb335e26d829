"""`make bench`, the service: one table of what it costs, how fast it is, what it holds; and what has changed.

    python -m tools.performance [--parts cost store …|all] [--from soak=printout.txt …]
                                [--save run.json] [--compare earlier.json] [--page docs/performance.md]

Each part is a command of this repository (tools/performance_parts.py) that is run, or whose printout is read with
`--from`. A saved run keeps the parts that were not measured now, each with its day, commit and machine. Exit code 1: a
part did not come to an end, or a goal is not met.
"""

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge.core.errors import ConfigError, ForegateError
from tools import performance_page
from tools.performance_parts import PARTS, Part, found_in

ROOT = Path(__file__).parents[1]
# What they print is shown whole, not as figures.
KEPT_WHOLE = ("profile",)


@dataclass(frozen=True, slots=True)
class Measured:
    """One part: its figures by key, when, of which commit, on which machine; printed: of a part that is shown whole."""

    figures: Mapping[str, float]
    day: str
    commit: str
    machine: str
    printed: str = ""


Run = Mapping[str, Measured]


def measure(parts: Sequence[Part], printouts: Mapping[str, str]) -> tuple[dict[str, Measured], list[str]]:
    """These parts, and which of them did not come to an end."""
    found, failed = {}, []
    for part in parts:
        printed = printouts.get(part.name)
        if printed is None:
            printed, code = _run(part)
            # 1: a goal or a limit that the command itself knows is not kept, which the table tells as well.
            if code not in (0, 1):
                failed.append(f"{part.name}: {code}")
        figures = found_in(part, printed)
        if part.figures and not figures:
            failed.append(f"{part.name}: it printed no figures")
            continue
        whole = printed if part.name in KEPT_WHOLE else ""
        found[part.name] = Measured(figures, _today(), _commit(), _machine(), whole)
    return found, failed


def read_run(path: Path) -> dict[str, Measured]:
    """A saved run. ConfigError: it is none."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        return {name: Measured(**{**one, "figures": dict(one["figures"])}) for name, one in plain.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"{path} 不是保存的结果（{error}）；请用 SAVE=文件 保存一次",
            f"{path} is no saved run ({error}): SAVE=file makes one",
        ) from error


def write_run(path: Path, run: Run) -> None:
    """Save it, to be compared with later."""
    plain: dict[str, Any] = {part.name: asdict(run[part.name]) for part in PARTS if part.name in run}
    path.write_text(json.dumps(plain, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, compare, save, write the page."""
    asked = _parser().parse_args(arguments)
    try:
        earlier = read_run(asked.compare) if asked.compare is not None else {}
        kept = read_run(asked.save) if asked.save is not None and asked.save.exists() else {}
        printouts = dict(_printout(one) for one in asked.printouts)
        found, failed = measure(_chosen(asked.parts, printouts), printouts)
    except (ForegateError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    whole = {**kept, **found}
    sys.stdout.write(performance_page.table(whole, earlier) + "\n")
    if asked.save is not None:
        write_run(asked.save, whole)
    if asked.page is not None:
        asked.page.write_text(performance_page.page(whole), encoding="utf-8")
    for line in failed:
        sys.stderr.write(f"没有跑完 / did not come to an end: {line}\n")
    return 1 if failed or performance_page.missed(found) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [part.name for part in PARTS]
    parser.add_argument("--parts", nargs="*", choices=[*names, "all", "none"], metavar="PART", help=", ".join(names))
    parser.add_argument("--from", dest="printouts", action="append", default=[], metavar="PART=FILE")
    parser.add_argument("--save", type=Path, metavar="FILE")
    parser.add_argument("--compare", type=Path, metavar="FILE")
    parser.add_argument("--page", type=Path, metavar="FILE")
    return parser


def _chosen(asked: Sequence[str] | None, printouts: Mapping[str, str]) -> list[Part]:
    if not asked:
        return [part for part in PARTS if not part.long or part.name in printouts]
    every = "all" in asked
    return [part for part in PARTS if every or part.name in asked or part.name in printouts]


def _printout(given: str) -> tuple[str, str]:
    name, _, file = given.partition("=")
    if name not in {part.name for part in PARTS}:
        raise ConfigError(f"没有 {name} 这一部分", f"there is no part {name}; --help names them")
    return name, Path(file).read_text(encoding="utf-8")


def _run(part: Part) -> tuple[str, int]:
    """What it prints (shown as it comes), and its exit code."""
    sys.stdout.write(f"… {part.words}\n")
    sys.stdout.flush()
    lines = []
    with subprocess.Popen(
        [sys.executable, "-m", *part.command], cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(f"    {line}")
            sys.stdout.flush()
            lines.append(line)
    return "".join(lines), process.returncode


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _commit() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "?"


def _machine() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    sys.exit(main())
