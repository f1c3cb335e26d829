"""The folders of a Debian package as they will lie on the machine: programs, units, rules, wheels, control files."""

import gzip
import hashlib
import os
import shutil
from email.utils import formatdate
from pathlib import Path

UNITS = "usr/lib/systemd/system"


def lay_out(root: Path, tree: Path, package: str, wheels: list[Path], listed: str, arch: str, version: str) -> None:
    """Write the whole tree of one package."""
    shutil.rmtree(tree, ignore_errors=True)
    own = root / "packaging" / package.replace("foregate-", "")
    base = f"usr/lib/{package}"
    for wheel in wheels:
        put(wheel, tree / base / "wheels" / wheel.name)
    write(tree / base / "requirements.txt", listed)
    write(tree / base / "VERSION", version + "\n")
    (gate if package == "foregate" else county)(root, own, tree)
    documents(root, own, tree, package, version)
    control(own, tree, arch, version)
    for folder, _, _ in os.walk(tree):
        Path(folder).chmod(0o755)


def gate(root: Path, own: Path, tree: Path) -> None:
    """Programs, units and rules of the gate."""
    put(root / "packaging" / "foregate_release.py", tree / "usr/lib/foregate/foregate-release", 0o755)
    put(own / "wrapper", tree / "usr/bin/foregate", 0o755)
    for program in ("tell-failure", "start-again", "kiosk"):
        put(own / program, tree / "usr/lib/foregate" / program, 0o755)
    put(own / "waiting.html", tree / "usr/share/foregate/waiting.html")
    systemd = root / "systemd"
    for unit in (*systemd.glob("foregate-*.service"), *systemd.glob("foregate-*.timer")):
        if not unit.name.startswith("foregate-county"):
            put(unit, tree / UNITS / unit.name)
    put(systemd / "foregate.sysusers.conf", tree / "usr/lib/sysusers.d/foregate.conf")
    put(systemd / "foregate.tmpfiles.conf", tree / "usr/lib/tmpfiles.d/foregate.conf")
    for rules in systemd.glob("*.rules"):
        put(rules, tree / "usr/lib/udev/rules.d" / rules.name)
    put(systemd / "50-foregate-watchdog.conf", tree / "usr/lib/systemd/system.conf.d/50-foregate.conf")
    put(systemd / "50-foregate-journal.conf", tree / "usr/lib/systemd/journald.conf.d/50-foregate.conf")


def county(root: Path, own: Path, tree: Path) -> None:
    """Programs and units of the county's server."""
    put(root / "packaging" / "county_venv.sh", tree / "usr/lib/foregate-county/make-venv", 0o755)
    put(own / "wrapper", tree / "usr/bin/foregate-county", 0o755)
    for unit in (root / "systemd").glob("foregate-county*"):
        if unit.suffix in (".service", ".timer"):
            put(unit, tree / UNITS / unit.name)
    put(root / "systemd" / "foregate-county.sysusers.conf", tree / "usr/lib/sysusers.d/foregate-county.conf")
    put(own / "default", tree / "etc/default/foregate-county")


def documents(root: Path, own: Path, tree: Path, package: str, version: str) -> None:
    """Copyright, changelog and manual page as Debian wants them; docs/ as it is: a board may have no network."""
    folder = tree / "usr/share/doc" / package
    for file in (file for file in (root / "docs").rglob("*") if file.is_file()):
        put(file, folder / file.relative_to(root))
    put(root / "packaging" / "foregate" / "copyright", folder / "copyright")
    text = (root / "packaging" / "foregate" / "changelog").read_text(encoding="utf-8")
    text = text.replace("@VERSION@", version).replace("@DATE@", formatdate(localtime=False))
    packed(folder / "changelog.gz", text.replace("foregate (", f"{package} ("))
    packed(tree / "usr/share/man/man1" / f"{package}.1.gz", (own / f"{package}.1").read_text(encoding="utf-8"))


def control(own: Path, tree: Path, arch: str, version: str) -> None:
    """DEBIAN/: control, scripts, sums and which files the administrator may edit."""
    size_kb = sum(file.stat().st_size for file in tree.rglob("*") if file.is_file()) // 1024
    sums = "".join(
        f"{hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()}  {file.relative_to(tree)}\n"
        for file in sorted(tree.rglob("*"))
        if file.is_file() and "etc" not in file.relative_to(tree).parts[:1]
    )
    text = (own / "control").read_text(encoding="utf-8")
    text = text.replace("@VERSION@", version).replace("@ARCH@", arch).replace("@SIZE@", str(size_kb))
    edited = "".join(f"/{file.relative_to(tree)}\n" for file in sorted((tree / "etc").rglob("*")) if file.is_file())
    write(tree / "DEBIAN/control", text)
    write(tree / "DEBIAN/md5sums", sums)
    if edited:
        write(tree / "DEBIAN/conffiles", edited)
    for script in ("postinst", "prerm", "postrm"):
        if (own / script).exists():
            put(own / script, tree / "DEBIAN" / script, 0o755)


def put(source: Path, to: Path, mode: int = 0o644) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, to)
    to.chmod(mode)


def write(to: Path, text: str) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(text, encoding="utf-8")
    to.chmod(0o644)


def packed(to: Path, text: str) -> None:
    """Compressed as Debian compresses: best, and without a time inside."""
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    to.chmod(0o644)
