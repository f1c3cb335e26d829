"""What the largest roster costs a gate: memory, verifying, looking up. `python -m tools.roster_cost [PEOPLE]`."""

import resource
import sys
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from county.rosters.signing import signature_line
from edge.adapters.roster_file import RosterFile
from edge.core.roster import MAX_PEOPLE, Person, compose

SCHOOL = "第一小学"
LOOK_UPS = 20_000


def main() -> None:
    """Compose a roster, put it where a gate reads it, and print what that takes."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MAX_PEOPLE
    key = Ed25519PrivateKey.generate()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster"
        _write(path, count, key)
        size_mb = path.stat().st_size / 1e6
        before_kb = _resident_kb()
        began_s = time.perf_counter()
        source = RosterFile(path, (key.public_key(),), SCHOOL, _say)
        verified_s = time.perf_counter() - began_s
        memory_mb = (_resident_kb() - before_kb) * 1024 / 1e6
        began_s = time.perf_counter()
        for n in range(LOOK_UPS):
            if source.by_badge(f"0008{n * 7919 % count:06d}") is None:
                raise SystemExit(f"somebody is missing: {n}")
        look_up_us = (time.perf_counter() - began_s) / LOOK_UPS * 1e6
    _say(f"{count} people: file {size_mb:.1f} MB, memory {memory_mb:.1f} MB (body and index), peak {_peak_mb():.0f} MB")
    _say(f"verified in {verified_s:.1f} s, a look-up by badge takes {look_up_us:.0f} us")


def _write(path: Path, count: int, key: Ed25519PrivateKey) -> None:
    people = (
        Person(f"S{n:06d}", f"学生{n}", "pupil", f"C{n % 40 + 1}", (f"0008{n:06d}",), True, None, True)
        for n in range(count)
    )
    header, body = compose(SCHOOL, 1, 0, (), people)
    path.write_bytes(header + b"\n" + signature_line(key, header) + b"\n" + body)


def _resident_kb() -> int:
    fields = Path("/proc/self/status").read_text().split()
    return int(fields[fields.index("VmRSS:") + 1])


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
