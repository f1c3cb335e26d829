"""kill -9 of a sync at any moment while it takes rosters into force: what stands there is one of them, whole."""

import random
import time
from pathlib import Path

import pytest

from edge.adapters.roster_file import RosterFile, read_public_keys
from tests.fakes.rosters import SCHOOL, a_roster, key_file, people
from tests.system.nursery import Nursery

pytestmark = pytest.mark.system
KILLS = 40
VERSIONS = 600


def test_whenever_it_is_killed_the_old_roster_or_the_new_one_is_there(tmp_path: Path) -> None:
    pinned = key_file(tmp_path)
    rosters = []
    for version in range(1, VERSIONS + 1):
        path = tmp_path / f"v{version}"
        path.write_bytes(a_roster(version, people(10 + version % 7)))
        rosters.append(str(path))
    folder = tmp_path / "gate"
    folder.mkdir()
    told: list[str] = []
    highest = 0
    with Nursery("tests.system.roster_child", str(folder / "roster"), str(pinned), *rosters) as nursery:
        for n in range(KILLS):
            nursery.start()
            lines = [nursery.line()] if n % 2 else []
            # The one sleep that is the test itself: any moment.
            time.sleep(random.uniform(0.0, 0.02))
            lines += nursery.kill()
            assert all(line.startswith("installed ") for line in lines)
            source = RosterFile(folder / "roster", read_public_keys(pinned), SCHOOL, told.append)
            header = source.header
            version = 0 if header is None else header.version
            said = max((int(line.split()[1]) for line in lines), default=highest)
            assert version in (said, said + 1), "at most one is in force that was not yet told of"
            if header is not None:
                assert source.by_badge(f"B{header.people}") is not None
            highest = version
    assert highest >= KILLS // 2
    assert all("no roster at" in line for line in told), "there was never a file that could not be taken"
