"""requirements.lock -> which packages a Debian package carries, and their lines for pip. No network."""

import ast
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SETUP = Path(__file__).parents[1] / "setup.py"
# Lists of setup.py that the gate's package starts from, and the county's: of the gate's it needs the signatures' alone.
LISTS = {"foregate": ("EDGE",), "foregate-county": ("COUNTY", "POSTGRES")}
MORE = {"foregate": (), "foregate-county": ("cryptography",)}
# setup.py wants it on the board alone; whoever installs the package has pins on any machine.
PINS = "lgpio"


@dataclass(frozen=True, slots=True)
class Locked:
    """One package of the lock: its version, on which machines, and its hashes as pip reads them."""

    version: str
    marker: Marker | None
    hashes: tuple[str, ...]


def own_version(setup: Path) -> str:
    """The version that setup.py states."""
    for node in ast.walk(ast.parse(setup.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "version":
            return str(ast.literal_eval(node.value))
    raise SystemExit("setup.py 里没有版本 / there is no version in setup.py")


def locked(path: Path) -> dict[str, Locked]:
    """By name."""
    found: dict[str, Locked] = {}
    for block in re.split(r"\n(?=\S)", path.read_text(encoding="utf-8").replace("\\\n", " ")):
        words, *hashes = re.split(r"\s+--hash=", block.strip())
        requirement = Requirement(words)
        name, marker = canonicalize_name(requirement.name), requirement.marker
        if name == PINS:
            marker = Marker("python_version < '3.13'")
        found[name] = Locked(str(requirement.specifier).removeprefix("=="), marker, tuple(hashes))
    return found


def needed(package: str, lock: dict[str, Locked]) -> set[str]:
    """Names of all that this Debian package carries, its own wheel aside; on whichever machine."""
    todo: list[str] = [canonicalize_name(name) for name in MORE[package]]
    todo += [str(canonicalize_name(Requirement(line).name)) for line in _listed(LISTS[package])]
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name in found or name not in lock:
            continue
        found.add(name)
        todo += _of(name, "")
        if name == "psycopg":
            todo += _of(name, "binary")
    return found


def _listed(names: tuple[str, ...]) -> list[str]:
    """These lists of setup.py, as they are written there: what is installed here may be older."""
    found: list[str] = []
    for node in ast.parse(SETUP.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in names:
            found += ast.literal_eval(node.value)
    return found


def requirements(names: set[str], lock: dict[str, Locked], python: str = "", machine: str = "") -> str:
    """Their lines of the lock; with python and machine: only what is wanted there, and no markers."""
    lines = []
    for name in sorted(names):
        one = lock[name]
        if python and one.marker is not None and not one.marker.evaluate(_environment(python, machine)):
            continue
        marker = f" ; {one.marker}" if one.marker is not None and not python else ""
        lines.append(f"{name}=={one.version}{marker} " + " ".join(f"--hash={h}" for h in one.hashes) + "\n")
    return "".join(lines)


def _of(name: str, extra: str) -> list[str]:
    """What a package needs with this extra ('': without any), as far as it is told here, on whichever machine."""
    try:
        stated = [Requirement(line) for line in requires(name) or ()]
    except PackageNotFoundError:
        return []
    return [str(canonicalize_name(one.name)) for one in stated if _wanted(one.marker, extra)]


def _wanted(marker: Marker | None, extra: str) -> bool:
    """Whether the extra is right; what a marker says of machines is the lock's to judge."""
    if marker is None:
        return extra == ""
    named = re.findall(r"""extra == ['"]([^'"]+)['"]""", str(marker))
    return extra in named if named else extra == ""


def _environment(python: str, machine: str) -> dict[str, str]:
    here = {key: str(value) for key, value in default_environment().items()}
    return here | {
        "python_version": python,
        "python_full_version": f"{python}.2",
        "platform_machine": machine,
        "extra": "",
    }
