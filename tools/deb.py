"""Debian packages of gate and county, wheels inside: `python -m tools.deb OUT [--arch amd64] [--package foregate]`.

Which packages: what setup.py names and, from the installed metadata, what that needs. Which versions and which files:
requirements.lock alone, checked by hash when they are fetched and again when they are installed. Wheels for the
Pythons of Debian 12 and 13 lie side by side; the machine's own pip picks its own, without a network. One wheel is built
here (tools/deb_pins.py): Debian 13's way to the pins.
"""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import deb_lock, deb_pins, deb_tree

ROOT = Path(__file__).parents[1]
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
# Debian 12 and 13 with their C libraries.
PYTHONS = {"3.11": 36, "3.13": 41}
PACKAGES = ("foregate", "foregate-county")


def main() -> None:
    """Build them; print where they lie and how large they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--arch", nargs="+", choices=tuple(MACHINES), default=list(MACHINES))
    parser.add_argument("--package", nargs="+", choices=PACKAGES, default=list(PACKAGES))
    # A package that differs in its number alone, to try an upgrade with.
    parser.add_argument("--version", default=deb_lock.own_version(ROOT / "setup.py"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    work = ROOT / "build" / "deb"
    shutil.rmtree(work, ignore_errors=True)
    own = own_wheel(work, options.version)
    locked = deb_lock.locked(ROOT / "requirements.lock")
    for package in options.package:
        needed = deb_lock.needed(package, locked)
        for arch in options.arch:
            wheels = fetch(needed, locked, MACHINES[arch], ROOT / "build" / "wheels" / f"{package}-{arch}")
            listed = deb_lock.requirements(needed, locked) + pinned(f"foregate=={options.version}", own)
            if deb_lock.PINS in needed:
                built = deb_pins.wheels(locked[deb_lock.PINS], ROOT / "build" / "wheels")[arch]
                wheels.append(built)
                listed += pinned(deb_pins.requirement(locked[deb_lock.PINS]), built)
            tree = work / f"{package}-{arch}"
            deb_tree.lay_out(ROOT, tree, package, [*wheels, own], listed, arch, options.version)
            deb = options.out / f"{package}_{options.version}_{arch}.deb"
            run("dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(tree), str(deb))
            say(f"{deb}  {deb.stat().st_size / 1e6:.0f} MB")


def own_wheel(work: Path, version: str) -> Path:
    """This checkout as a wheel of this version."""
    source = work / "source"
    source.mkdir(parents=True)
    for folder in ("edge", "county", "calibration"):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy2(ROOT / file, source / file)
    text = (ROOT / "setup.py").read_text(encoding="utf-8")
    (source / "setup.py").write_text(re.sub(r'(?m)^(    version=)".*?"', rf'\1"{version}"', text), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "wheel"]
    run(*pip, "--no-deps", "--no-index", "--no-build-isolation", "-w", str(work), str(source))
    return next(work.glob("foregate-*.whl"))


def pinned(requirement: str, wheel: Path) -> str:
    """A wheel that was built here as a line of requirements.txt."""
    return f"{requirement} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def fetch(needed: set[str], locked: dict[str, deb_lock.Locked], machine: str, folder: Path) -> list[Path]:
    """The wheels of these packages for this machine; those that an earlier build has fetched are checked again."""
    folder.mkdir(parents=True, exist_ok=True)
    kept: set[Path] = set()
    for python, glibc in PYTHONS.items():
        listed = folder / f"requirements-{python}.txt"
        listed.write_text(deb_lock.requirements(needed, locked, python, machine), encoding="utf-8")
        into = folder / python
        tag = "cp" + python.replace(".", "")
        platforms = [f"--platform=manylinux_2_{n}_{machine}" for n in range(17, glibc + 1)]
        platforms += [f"--platform=manylinux2014_{machine}"]
        run(
            *(sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq", "download", "--no-deps"),
            *("--only-binary=:all:", "--require-hashes", "--implementation=cp", f"--python-version={python}"),
            *(f"--abi={tag}", "--abi=abi3", "--abi=none", *platforms, "-d", str(into), "-r", str(listed)),
        )
        kept |= set(into.glob("*.whl"))
    return sorted({wheel.name: wheel for wheel in kept}.values())


def run(*command: str) -> None:
    """SystemExit when it fails: its own words are on the terminal."""
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"失败 / failed: {' '.join(command[:6])} …")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
