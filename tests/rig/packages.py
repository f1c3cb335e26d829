"""Packages to upgrade with: the built one under another version, and one whose gate never becomes healthy."""

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Stands for a defect that no test has found: it dies before it has judged a frame.
BROKEN = "\n\ndef run_gate(*_, **__):  # the defect\n    raise RuntimeError('broken on purpose')\n"


def built(out: Path, anew: bool = True) -> dict[str, Path]:
    """The gate's and the county's package for this machine, built from the checkout.

    anew False: those that the last run has built.
    """
    if anew:
        shutil.rmtree(out, ignore_errors=True)
        python = ROOT / ".venv" / "bin" / "python"
        subprocess.run([python, "-m", "tools.deb", out, "--arch", "amd64"], cwd=ROOT, check=True, stdout=sys.stderr)
    return {
        package: max(out.glob(f"{package}_[0-9]*_amd64.deb"), key=lambda file: file.stat().st_mtime)
        for package in ("foregate", "foregate-county")
    }


def other(deb: Path, version: str, out: Path, broken: bool = False) -> Path:
    """This package as another version; broken: with a defect in the gate's own code, its hash put right."""
    out = out / "other"
    out.mkdir(parents=True, exist_ok=True)
    tree = out / f"tree-{version}"
    shutil.rmtree(tree, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-R", deb, tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text()))
    (tree / "usr/lib/foregate/VERSION").write_text(version + "\n")
    if broken:
        _break(tree)
    made = out / f"foregate_{version}_amd64.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "-b", tree, made], check=True, stdout=sys.stderr)
    return made


def _break(tree: Path) -> None:
    wheel = next((tree / "usr/lib/foregate/wheels").glob("foregate-*.whl"))
    listed = tree / "usr/lib/foregate/requirements.txt"
    before = hashlib.sha256(wheel.read_bytes()).hexdigest()
    part = wheel.with_suffix(".part")
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename == "edge/app/gate_loop.py":
                content += BROKEN.encode()
            new.writestr(item, content)
    part.replace(wheel)
    listed.write_text(listed.read_text().replace(before, hashlib.sha256(wheel.read_bytes()).hexdigest()))
