"""A gate whose records' file is damaged decides all the same, and writes on as soon as there is a file again."""

import shutil
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.app.late_store import LateStore
from edge.core.errors import DamagedError
from tests.app.gate_bench import Bench, nobody, standing
from tests.fakes.passages import passage, stamp
from tests.fakes.signing import SIGNER
from tests.fakes.store import FakeStore

WITHIN_S = 60.0


def opened(path: Path) -> SqliteStore:
    return SqliteStore(path, "gate-1", "0.1.0", "none", SIGNER)


def damage(path: Path, behind: int = 4096) -> None:
    """Behind its header, as far as it goes."""
    with path.open("r+b") as file:
        file.seek(behind)
        file.write(b"\xa5" * max(0, path.stat().st_size - behind))


def late(path: Path) -> LateStore:
    return LateStore(lambda: opened(path), again_every_s=0.01)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite"


def test_a_file_that_is_damaged_at_the_start_is_opened_once_it_was_mended(path: Path) -> None:
    whole = path.with_name("whole")
    with closing(opened(path)) as store:
        store.append(passage(), stamp())
    shutil.copyfile(path, whole)
    damage(path)
    with closing(late(path)) as waiting:
        waiting.calibrated_by("cal-7")
        with pytest.raises(DamagedError, match="foregate salvage"):
            waiting.append(passage(1), stamp(1))
        whole.replace(path)
        assert waiting.wait(WITHIN_S)
        record = waiting.append(passage(1), stamp(1))
        assert (record.seq, record.calibration_version) == (2, "cal-7")


def test_a_file_that_is_damaged_under_an_open_gate_is_given_up_and_opened_once_it_was_mended(path: Path) -> None:
    whole = path.with_name("whole")
    with closing(late(path)) as store:
        store.append(passage(), stamp())
        with closing(opened(path)) as other:
            # What the first one has in memory is out of date: it has to look at the medium.
            other.append(passage(1), stamp(1))
        whole = path.with_name("whole")
        for end in ("", "-wal"):
            shutil.copyfile(path.with_name(path.name + end), whole.with_name(whole.name + end))
            damage(path.with_name(path.name + end), 0 if end else 4096)
        with pytest.raises(DamagedError):
            store.append(passage(2), stamp(2))
        with closing(opened(whole)):
            pass
        whole.replace(path)
        path.with_name(f"{path.name}-wal").unlink(missing_ok=True)
        assert store.wait(WITHIN_S)
        assert store.append(passage(2), stamp(2)).seq == 3


def test_with_a_damaged_file_the_gate_decides_lets_nobody_in_and_says_what_to_do(path: Path) -> None:
    opened(path).close()
    damage(path)
    with closing(late(path)) as store:
        bench = Bench(store=cast(FakeStore, store))
        bench.play((5, nobody), (20, standing(36.5)), (20, nobody), (20, standing(39.0)), (5, nobody))
        assert not any(signal.open_gate for signal in bench.gate_io.shown)
        assert any(signal.buzzer == "alarm" for signal in bench.gate_io.shown), "a fever is signalled all the same"
        assert all("store" in state.faults for state in bench.screen.states[1:])
        assert any("foregate salvage" in line for line in bench.said)
        # What could not be written stands in the journal.
        assert any('"verdict": "fever"' in line for line in bench.said)
