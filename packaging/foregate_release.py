#!/usr/bin/python3
"""Releases side by side: an installed one is built, switched to, watched, and left again when it is not healthy.

  foregate-release install    build the release of the wheels in this folder, switch to it, have it watched
  foregate-release watch      until it is healthy; else back to the former one (foregate-upgrade.service)
  foregate-release back       to the former one, by hand
  foregate-release show       what is installed and what happened last, as JSON
  foregate-release remove     take all releases away; records and configuration stay

Every release is a virtual environment of its own, /usr/lib/foregate/releases/VERSION-HASH, and `current` beside them
points to the one that runs. Nothing but the standard library is used here: this must work when a release does not.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

WITHIN_S, STEADY_S, EVERY_S = 120.0, 20.0, 1.0
GATE = "foregate-gate.service"
WATCHED = (GATE, "foregate-sync.service")
WATCHER = "foregate-upgrade.service"
INTERRUPTED = (
    "升级中途断电；请运行 sudo dpkg --configure -a",
    "the power went in the middle of the upgrade; run sudo dpkg --configure -a",
)


class Systemd:
    """What is asked of systemd; nothing when it does not run (an image that is being built)."""

    def __init__(self) -> None:
        self._runs = Path("/run/systemd/system").is_dir()

    def state(self, unit: str) -> dict[str, str]:
        """ActiveState, SubState, MainPID, NRestarts and UnitFileState."""
        if not self._runs:
            return {}
        keys = "ActiveState,SubState,MainPID,NRestarts,UnitFileState"
        said = subprocess.run(
            ["systemctl", "show", "-p", keys, unit], capture_output=True, text=True, check=False
        ).stdout
        return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)

    def tell(self, *words: str) -> None:
        """systemctl WORDS; what it cannot do is in the journal."""
        if self._runs:
            subprocess.run(["systemctl", *words], check=False)


class Releases:
    """The folder of releases and the state of the last change. root: /, or a folder in tests."""

    def __init__(self, root: Path, systemd: Systemd, say: Callable[[str], None]) -> None:
        self._systemd, self._say = systemd, say
        self.base = root / "usr/lib/foregate"
        self.units = root / "usr/lib/systemd/system"
        self.overriding = root / "etc/systemd/system"
        self.state_file = root / "var/lib/foregate-release/state.json"

    @property
    def current(self) -> str | None:
        """Name of the release that runs."""
        link = self.base / "current"
        return link.readlink().name if link.is_symlink() else None

    def read_state(self) -> dict[str, object]:
        """What happened last; empty when nothing has."""
        try:
            state = json.loads(self.state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def install(self, build: Callable[[Path], None]) -> None:
        """Build the release of the wheels unless it is there already, switch to it, restart what runs."""
        name = release_name(self.base)
        folder = self.base / "releases" / name
        if not (folder / ".complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            try:
                build(folder)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            self._keep_units(folder)
            (folder / ".complete").touch()
        former = self.current
        states = {unit: self._systemd.state(unit) for unit in WATCHED}
        healthy = [unit for unit, state in states.items() if state.get("ActiveState") == "active"]
        if former == name:
            former = str(self.read_state().get("former") or "") or None
        self._overrides_away()
        # Noted before the switch: should the power go in between, whatever runs after the start is watched.
        if former is None or former == name or not healthy:
            why = (
                ("", "")
                if former is None
                else ("升级前没有在运行，无从判断", "nothing ran before, so nothing is judged")
            )
            self._write("installed", name, former, why)
        else:
            self._write("watching", name, former, ("", ""), healthy)
        self._switch(name)
        self._systemd.tell("daemon-reload")
        self._restart(states)
        if self.read_state().get("state") == "watching":
            self._systemd.tell("restart", "--no-block", WATCHER)
        self._prune()

    def watch(self, within_s: float, steady_s: float, every_s: float = EVERY_S) -> None:
        """Until what ran before runs steadily again; else go back. Does nothing when nothing is to be watched."""
        state = self.read_state()
        units = state.get("units")
        if state.get("state") != "watching" or not isinstance(units, list):
            return
        if self.current != state["current"]:
            self.back(INTERRUPTED)
            return
        end_s = time.monotonic() + within_s
        steady_since_s: float | None = None
        seen: dict[str, str] = {}
        while True:
            now_s = time.monotonic()
            states = {unit: self._systemd.state(unit) for unit in units}
            failed = [unit for unit in units if states[unit].get("ActiveState") == "failed"]
            pids = {
                unit: states[unit].get("MainPID", "0") for unit in units if states[unit].get("ActiveState") == "active"
            }
            if len(pids) < len(units) or pids != seen:
                steady_since_s = now_s if len(pids) == len(units) else None
            seen = pids
            if steady_since_s is not None and now_s - steady_since_s >= steady_s:
                self._write("kept", str(state["current"]), str(state["former"]), ("", ""))
                self._say(f"新版本正常 / healthy: {state['current']}")
                self._prune()
                return
            if failed or now_s >= end_s:
                ill = ", ".join(failed or [unit for unit in units if unit not in pids] or units)
                why = (
                    f"{ill} 在 {within_s:.0f} 秒内没有稳定运行；原因见 journalctl -u {ill.split(',')[0]}",
                    f"{ill} did not run steadily within {within_s:.0f} s; journalctl -u {ill.split(',')[0]} says why",
                )
                self.back(why)
                return
            time.sleep(every_s)

    def back(self, why: tuple[str, str]) -> None:
        """To the former release, with its units. SystemExit: there is none."""
        state = self.read_state()
        former, left = str(state.get("former") or ""), self.current
        if not (self.base / "releases" / former / ".complete").exists() or not former:
            raise SystemExit("没有可退回的版本 / there is no former release to go back to")
        states = {unit: self._systemd.state(unit) for unit in WATCHED}
        self._switch(former)
        self._overrides_from(former)
        self._systemd.tell("daemon-reload")
        self._write("went_back", former, left, why)
        self._say(f"已退回 {former}：{why[0]}\nback to {former}: {why[1]}")
        self._restart(states)

    def remove(self) -> None:
        """All releases; what was written by them stays."""
        self._overrides_away()
        (self.base / "current").unlink(missing_ok=True)
        shutil.rmtree(self.base / "releases", ignore_errors=True)

    def _switch(self, name: str) -> None:
        fresh = self.base / ".current.new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(Path("releases") / name)
        # On the disk before it is pointed to, whenever the power goes.
        os.sync()
        fresh.replace(self.base / "current")
        os.sync()

    def _restart(self, states: dict[str, dict[str, str]]) -> None:
        for unit, state in states.items():
            enabled = state.get("UnitFileState") == "enabled"
            if enabled or state.get("ActiveState") in ("active", "activating", "failed"):
                self._systemd.tell("reset-failed", unit)
                self._systemd.tell("restart", "--no-block", unit)

    def _keep_units(self, folder: Path) -> None:
        kept = folder / "units"
        kept.mkdir(exist_ok=True)
        for unit in self.units.glob("foregate-*"):
            if unit.is_file():
                shutil.copy2(unit, kept / unit.name)

    def _overrides_from(self, name: str) -> None:
        """The package's units are the newer release's: the former one runs under its own."""
        self.overriding.mkdir(parents=True, exist_ok=True)
        for unit in (self.base / "releases" / name / "units").glob("foregate-*"):
            if unit.name != WATCHER:
                shutil.copy2(unit, self.overriding / unit.name)

    def _overrides_away(self) -> None:
        if self.read_state().get("state") == "went_back":
            for unit in self.units.glob("foregate-*"):
                override = self.overriding / unit.name
                if override.is_file() and not override.is_symlink():
                    override.unlink()

    def _write(
        self, what: str, current: str, former: str | None, why: tuple[str, str], units: list[str] | None = None
    ) -> None:
        state = {
            "state": what,
            "current": current,
            "former": former,
            "utc_s": int(time.time()),
            "zh": why[0],
            "en": why[1],
        }
        if units:
            state["units"] = units
        self.state_file.parent.mkdir(parents=True, exist_ok=True)
        part = self.state_file.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            json.dump(state, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o644)
        part.replace(self.state_file)

    def _prune(self) -> None:
        state = self.read_state()
        keep = {self.current, state.get("former")}
        for folder in (self.base / "releases").glob("*"):
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)


def release_name(base: Path) -> str:
    """VERSION-HASH of the wheels' list, the version and this machine's Python: another of them is another release."""
    version = (base / "VERSION").read_text(encoding="utf-8").strip()
    listed = (base / "requirements.txt").read_bytes()
    python = "{}.{}".format(*sys.version_info[:2])
    return f"{version}-{hashlib.sha256(listed + python.encode()).hexdigest()[:8]}"


def build_venv(folder: Path) -> None:
    """A virtual environment of the wheels beside this file, without any network; Debian's evdev is seen."""
    base = Path("/usr/lib/foregate")
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", folder], check=True)
    pip = [
        folder / "bin/python",
        "-I",
        "-m",
        "pip",
        "--isolated",
        "--disable-pip-version-check",
        "--no-cache-dir",
        "-q",
    ]
    offline = ["install", "--no-index", "--find-links", base / "wheels", "--only-binary", ":all:", "--no-deps"]
    listed = ["--ignore-installed", "--require-hashes", "-r", base / "requirements.txt"]
    # Everything is there before the switch: the release runs from a read-only system, too.
    subprocess.run([*pip, *offline, *listed], check=True, env={"PATH": os.environ.get("PATH", "/usr/bin:/bin")})
    subprocess.run([folder / "bin/foregate", "version"], check=True, stdout=subprocess.DEVNULL)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """One command; exit code 1 when it cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("install", "watch", "back", "show", "remove"))
    parser.add_argument("--within", type=float, default=WITHIN_S, metavar="S")
    parser.add_argument("--steady", type=float, default=STEADY_S, metavar="S")
    options = parser.parse_args()
    releases = Releases(Path("/"), Systemd(), say)
    if options.command == "install":
        try:
            releases.install(build_venv)
        except subprocess.CalledProcessError as error:
            raise SystemExit(
                f"安装失败，原有版本未动（{error}）；请看磁盘是否已满，然后 sudo dpkg-reconfigure foregate\n"
                f"not installed, the former release runs on ({error}); is the disk full? Then run"
                " sudo dpkg-reconfigure foregate"
            ) from None
    elif options.command == "watch":
        releases.watch(options.within, options.steady)
    elif options.command == "back":
        releases.back(("由人退回", "by hand"))
    elif options.command == "remove":
        releases.remove()
    else:
        say(json.dumps({"current": releases.current, **releases.read_state()}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
