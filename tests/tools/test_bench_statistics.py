"""Other statistics of the same foreheads."""

from pathlib import Path

import pytest

from tests.tools.test_bench_readings import Seen, recording
from tools import bench_statistics
from tools.bench_play import play
from tools.bench_statistics import STATISTICS, quantile, visits_of, warmest


@pytest.fixture(scope="module")
def visits() -> list[list[bench_statistics.Seen]]:
    one = recording()
    return visits_of(one, play(one.frames, one.settings, Seen()))


def test_what_ships_reads_as_the_gate_did(visits: list[list[bench_statistics.Seen]]) -> None:
    (visit,) = visits
    ships = next(iter(STATISTICS.values()))
    for one in visit:
        assert ships(one.picture_c, one.box) + one.correction_k == pytest.approx(one.temp_c, abs=1e-3)


def test_the_warmer_a_share_the_higher_it_reads(visits: list[list[bench_statistics.Seen]]) -> None:
    one = visits[0][0]
    shares = [warmest(share, 0.2)(one.picture_c, one.box) for share in (0.1, 0.4, 0.7, 1.0)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < shares[0] - 0.1  # the margin reaches beyond the drawn forehead
    assert quantile(100, 0.2)(one.picture_c, one.box) >= shares[0]


def test_a_line_tells_how_many_visits_got_a_number(visits: list[list[bench_statistics.Seen]]) -> None:
    line = bench_statistics._line("anything", quantile(75, 0.0), visits)
    assert line.startswith("| anything | 1 | 0.000 | 0.000 |")


def test_without_recordings_the_section_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench_statistics, "RECORDINGS", tmp_path / "absent")
    assert "are not here" in bench_statistics.report()
