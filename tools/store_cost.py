"""What the records' file costs a card, in bytes written per person and per day: `make store-cost`.

`python -m tools.store_cost [PEOPLE]`. Method: this process does what gate and sync do with the file (append,
acknowledge, erase), and reads before and after how many bytes it has handed to the kernel in write calls (`wchar` of
/proc/self/io, proc(5)). That counts the write-ahead log and every copying of it back into the file, whatever the medium
below; it does not count what a card's own controller or the file system's journal add, nor the shared memory, which is
never synced.
"""

import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import cv2

from edge.adapters.device_key import DeviceKey
from edge.adapters.store_sqlite import SqliteStore
from edge.core.contents import Measurement, Passage
from edge.core.record import Stamp
from tools.cost_stages import HAAR, prepared

PEOPLE = 1_160
SCHOOL_DAYS = 200
SAMPLE = 60
NOON_UTC_MS = 1_767_600_000_000


def main() -> None:
    """Write a day down, acknowledge it, erase it; print what that took."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.sqlite"
        store = SqliteStore(path, "gate-1", "0.1.0", "uncalibrated", DeviceKey(Path(folder) / "device.key"))
        uuids: list[str] = []
        append_s = _append_s(Path(folder))
        written = _bytes_of(lambda: uuids.extend(store.append(*a_person(n)).uuid for n in range(count)))
        noted = _bytes_of(lambda: _acknowledge(store, uuids))
        kept = path.stat().st_size
        erased = _bytes_of(lambda: store.erase_before(NOON_UTC_MS * 2))
        store.close()
    day, year_gb = written + noted + erased, (written + noted + erased) / count * PEOPLE * SCHOOL_DAYS / 1e9
    _say(f"{count} 人 / people，每人写入 / bytes written per person:")
    for words, total in (
        ("写下 / written down", written),
        ("记下县里的答复 / the county's answer noted", noted),
        ("到期删除 / erased", erased),
        ("合计 / in all", day),
    ):
        _say(f"  {words}: {total / count / 1000:.1f} kB")
    _say(f"一条记录 / one record: {append_s / haar_s():.2f} of Haar（处理器和介质 / processor and medium）")
    _say(f"文件每人 / in the file per person: {kept / count:.0f} B")
    a_day = f"{PEOPLE} 人一天 / people in a day: {year_gb * 1000 / SCHOOL_DAYS:.0f} MB"
    _say(f"{a_day}；每年 / in {SCHOOL_DAYS} days of a year: {year_gb:.1f} GB")


def a_person(n: int) -> tuple[Passage, Stamp]:
    """A verdict as wordy as most, of somebody who is known."""
    at_s = 1000.0 + n
    measured = Measurement(at_s, at_s + 1.2, 9, 34.871, 35.602, 0.281, 33.812, 36.127, 37.0, 35.9, "pass", "ok")
    passage = Passage(measured, "known", f"S{n:06d}", "card", 12, 34.802, "pass", ("ok",))
    return passage, Stamp(NOON_UTC_MS + 3000 * n, at_s + 1.3, BOOT_ID, True)


def _append_s(folder: Path) -> float:
    """What writing one record takes, in a file of its own."""
    store = SqliteStore(folder / "one.sqlite", "gate-1", "0.1.0", "uncalibrated", DeviceKey(folder / "device.key"))
    taken = []
    for n in range(SAMPLE):
        began_s = time.perf_counter()
        store.append(*a_person(n))
        taken.append(time.perf_counter() - began_s)
    store.close()
    return median(taken)


def haar_s() -> float:
    """What OpenCV's frontal Haar cascade takes on a Lepton's frame."""
    cv2.setNumThreads(1)
    with prepared("lepton", SAMPLE) as stages:
        taken = []
        for k in range(stages.frames):
            began_s = time.perf_counter()
            stages.work[HAAR](k)
            taken.append(time.perf_counter() - began_s)
    return median(taken)


def _acknowledge(store: SqliteStore, uuids: list[str]) -> None:
    for uuid in uuids:
        store.acknowledge(uuid)


def _bytes_of(act: Callable[[], object]) -> int:
    before = _handed_over()
    act()
    return _handed_over() - before


def _handed_over() -> int:
    fields = Path("/proc/self/io").read_text(encoding="ascii").split()
    return int(fields[fields.index("wchar:") + 1])


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


BOOT_ID = secrets.token_hex(16)

if __name__ == "__main__":
    main()
