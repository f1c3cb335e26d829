"""The power goes at random moments while people pass, again and again: nothing that was written down may be lost.

python -m tests.rig.host_power_cuts VM     VM: the rig's `vm`; `make rig-power` runs it (tools/rig.sh)

CUTS (100) states in which a cut may leave the disk, made from everything that was written to it during PASSAGES (12)
passages (tests/rig/recorded_cuts.py), and BOOTS (5) times the plug itself: the whole guest dies in the middle, starts
again, and the gate must be back by itself. SEED (1) chooses the moments.

In the guest, `python -m tests.rig.host_power_cuts install|show|watch|committed` does that (tests/rig/passing.py).
"""

import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

GATE = "foregate-gate.service"
RECORDS = "/var/lib/foregate/foregate.sqlite"
PROGRAM = "/usr/lib/foregate/current/bin/foregate"
PASSAGE_WITHIN_S, BACK_WITHIN_S = 300.0, 300.0
# After the first passage of a boot, so that the next ones are under way.
CUT_AFTER_S = (1.0, 20.0)
PYTHON = "cd /src/project && PYTHONDONTWRITEBYTECODE=1 OPENCV_LOG_LEVEL=ERROR exec /opt/venv/bin/python -W ignore"

Seen = dict[int, str]


@dataclass(slots=True)
class Pulled:
    """What it came to that the plug was pulled so often. records: before the last of them."""

    pulls: int = 0
    back: int = 0
    lost: int = 0
    holes: int = 0
    broken: int = 0
    nobody_passed: int = 0
    records: int = 0

    @property
    def cost_nothing(self) -> bool:
        return (self.back, self.lost, self.holes, self.broken, self.nobody_passed) == (self.pulls, 0, 0, 0, 0)


class Guest:
    """The rig's machine."""

    def __init__(self, vm: Path) -> None:
        self._vm = vm

    def __call__(self, command: str) -> str:
        """What it says. CalledProcessError: it failed."""
        return subprocess.run([self._vm, "run", command], check=True, stdout=subprocess.PIPE, text=True).stdout

    def python(self, *words: str) -> str:
        return self(f"{PYTHON} -m tests.rig.host_power_cuts {' '.join(words)}")

    def is_active(self) -> bool:
        asked = [str(self._vm), "run", f"systemctl is-active {GATE}"]
        return subprocess.run(asked, check=False, capture_output=True, text=True).stdout.strip() == "active"

    def power_cut(self) -> None:
        subprocess.run([self._vm, "powercut"], check=True)

    def power_back(self) -> None:
        if subprocess.run([self._vm, "start"], check=False, capture_output=True).returncode:
            # A busy PC: it gives the guest some time more.
            subprocess.run([self._vm, "wait"], check=True, capture_output=True)

    def watching(self) -> subprocess.Popen[str]:
        command = f"{PYTHON} -m tests.rig.host_power_cuts watch"
        return subprocess.Popen([self._vm, "run", command], stdout=subprocess.PIPE, text=True)


class Witness:
    """Keeps, outside the guest, which records somebody in it has read, for as long as the guest lives."""

    def __init__(self, guest: Guest, known: Seen) -> None:
        self.seen = dict(known)
        self.passage = threading.Event()
        self._known = known
        self._process = guest.watching()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def close(self) -> Seen:
        """What it has seen."""
        self._process.kill()
        self._thread.join()
        self._process.wait()
        return self.seen

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            words = line.split()
            # The cut may have torn the last line.
            if line.endswith("\n") and len(words) == 3:
                seq, sha256, kind = int(words[0]), words[1], words[2]
                self.seen[seq] = sha256
                if kind == "passage" and seq not in self._known:
                    self.passage.set()


def main(vm: Path) -> int:
    """0: every cut has left everything that was there before."""
    cuts, passages, boots, seed = (int(os.environ.get(*one)) for one in NUMBERS)
    guest, failed = Guest(vm), 0
    if cuts:
        _say(f"-- {cuts} cuts of the disk")
        recorded = f"{PYTHON} -m tests.rig.recorded_cuts {cuts} {passages} {seed}"
        failed |= subprocess.run([vm, "run", recorded], check=False).returncode
    if boots:
        _say(f"-- {boots} cuts of the plug")
        failed |= _plug(guest, boots, random.Random(seed))
    return 1 if failed else 0


def _plug(guest: Guest, boots: int, dice: random.Random) -> int:
    guest.python("install")
    guest(f"systemctl start {GATE} && sync")
    found = pull(guest, boots, dice)
    guest(f"systemctl disable --now {GATE}")
    _say(
        f"plug pulled {found.pulls}  gate back by itself {found.back}  lost {found.lost}  holes {found.holes}"
        f"  chains broken {found.broken}"
    )
    if not found.cost_nothing:
        _say("FAIL: a cut has cost something" if not found.nobody_passed else "FAIL: nobody passed")
        return 1
    return 0


def pull(guest: Guest, pulls: int, dice: random.Random) -> Pulled:
    """Pull the plug so often, each time while people pass the gate that runs there; stops when nobody does."""
    found, known = Pulled(), Seen()
    while found.pulls < pulls and not found.nobody_passed:
        guest.python("show")
        witness = Witness(guest, known)
        found.nobody_passed += not witness.passage.wait(PASSAGE_WITHIN_S)
        time.sleep(dice.uniform(*CUT_AFTER_S))
        guest.power_cut()
        seen = witness.close()
        guest.power_back()
        found.pulls += 1
        found.back += _until_active(guest)
        there = _committed(guest)
        found.lost += sum(there.get(seq) != sha256 for seq, sha256 in seen.items())
        found.holes += sorted(there) != list(range(1, len(there) + 1))
        found.broken += not _verified(guest, seen)
        known, found.records = there, len(seen)
        _say(f"cut {found.pulls}: {len(seen)} records before it, {len(there)} after the start")
    return found


def _until_active(guest: Guest) -> bool:
    end_s = time.monotonic() + BACK_WITHIN_S
    while not guest.is_active():
        if time.monotonic() > end_s:
            return False
        time.sleep(1.0)
    return True


def _committed(guest: Guest) -> Seen:
    lines = (line.split() for line in guest.python("committed").splitlines())
    return {int(seq): sha256 for seq, sha256, _ in lines}


def _verified(guest: Guest, seen: Seen) -> bool:
    """`foregate verify` in the guest, against the last record that was seen before the cut."""
    try:
        guest(f"{PROGRAM} verify {RECORDS} --head {max(seen)}:{seen[max(seen)]}")
    except subprocess.CalledProcessError as error:
        _say(error.stdout)
        return False
    return True


def in_guest(what: str) -> int:
    """One of install, show, watch, committed."""
    from tests.rig import passing

    if what in ("install", "show"):
        getattr(passing, what)()
    else:
        for one in passing.watched() if what == "watch" else passing.committed():
            _say(" ".join(map(str, one)))
    return 0


NUMBERS = (("CUTS", "100"), ("PASSAGES", "12"), ("BOOTS", "5"), ("SEED", "1"))


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(in_guest(sys.argv[1]) if "/" not in sys.argv[1] else main(Path(sys.argv[1])))
