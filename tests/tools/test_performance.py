"""The table of the service: figures out of printouts, goals, an earlier run beside it, a page."""

import json
from pathlib import Path

import pytest

from tools import performance, performance_page
from tools.bench_cost import Cost, core_share, lines
from tools.bench_delay import lines as delay_lines
from tools.memory_day import slope_mb_per_h
from tools.performance_parts import PARTS, Part, found_in


def part(name: str) -> Part:
    return next(one for one in PARTS if one.name == name)


def test_the_costs_are_found_as_they_are_printed() -> None:
    printed = "\n".join(lines("lepton", {"haar": Cost(1.0, 100_000_000), "gate": Cost(0.2625, 20_000_000)}))
    assert found_in(part("cost"), printed) == {
        "lepton.haar.ratio": 1.0,
        "lepton.haar.instructions": 100.0,
        "lepton.haar.core": 0.6,
        "lepton.gate.ratio": 0.2625,
        "lepton.gate.instructions": 20.0,
        "lepton.gate.core": 0.12,
    }
    # 15 % of a core of 1.5e9 instructions a second, at nine frames a second.
    assert core_share(25_000_000) == pytest.approx(0.15)


def test_the_delay_is_found_as_it_is_printed() -> None:
    printed = "\n".join(delay_lines([5.0] * 98 + [25.0, 30.0], 100))
    assert found_in(part("delay"), printed) == {
        "delay.people": 100, "delay.median": 5.0, "delay.p99": 30.0, "delay.worst": 30.0,
    }  # fmt: skip


def test_only_a_frames_cost_is_told_as_a_share_of_a_core() -> None:
    shares = {figure.key for one in PARTS for figure in one.figures if figure.key.endswith(".core")}
    assert shares == {figure.key for figure in part("cost").figures if figure.key.endswith(".core")}


def test_the_soak_and_the_county_are_found_as_they_are_printed() -> None:
    soak = (
        "70000 帧 / frames, 3000 人 / people, 900 s, 9x\n"
        "测到 / measured 2950, 未测到而有记录 / recorded as not measured 20\n"
        "从未检测到、闸门未开 / never detected, the gate stayed shut: 7  12 (hat)\n"
        "相机拔出 / camera unplugged 6 次 / times, 150 s\n"
        "内存 / memory, MB: 101 (1000), 105 (35000), 106 (70000)\n"
        "全部相符 / everything adds up\n"
    )
    found = found_in(part("soak"), soak)
    assert (found["soak.frames"], found["soak.people"], found["soak.measured"]) == (70_000, 3_000, 2_950)
    assert (found["soak.unseen"], found["soak.away"], found["soak.end"], found["soak.adds_up"]) == (7, 6, 106, 1.0)
    assert found_in(part("soak"), soak.replace("everything adds up", ""))["soak.adds_up"] == 0.0
    county = (
        "throughput 1,234 records/s (10.0 s)\n"
        "server and database used 456 us of a core per record: 2,190 records/s per core\n"
        "latency of a batch: p50 0.100 s, p99 0.450 s\n"
        "adds up: nothing lost\n"
    )
    assert found_in(part("county"), county) == {
        "county.rate": 1_234, "county.us": 456, "county.per_core": 2_190, "county.p99": 0.45, "county.adds_up": 1.0,
    }  # fmt: skip


def printout(folder: Path, ratio: float) -> str:
    path = folder / f"cost-{ratio}.txt"
    path.write_text("\n".join(lines("lepton", {"haar": Cost(1.0, None), "gate": Cost(ratio, None)})), encoding="utf-8")
    return f"cost={path}"


def test_a_run_is_saved_compared_with_and_written_as_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved, page = tmp_path / "run.json", tmp_path / "performance.md"
    # 1: a quarter of the cascade is the goal, and that is more.
    assert performance.main(["--parts", "none", "--from", printout(tmp_path, 0.30), "--save", str(saved)]) == 1
    assert "NOT met" in capsys.readouterr().out
    again = ["--parts", "none", "--from", printout(tmp_path, 0.24), "--compare", str(saved), "--page", str(page)]
    assert performance.main(again) == 0
    told = capsys.readouterr().out
    assert "0.300 Haar (-20%)" in told
    assert "达到 / met" in told
    written = page.read_text(encoding="utf-8")
    assert "0.240" in written
    assert "make bench PARTS=soak" in written


def test_what_was_not_measured_now_is_kept(tmp_path: Path) -> None:
    saved = tmp_path / "run.json"
    performance.main(["--parts", "none", "--from", printout(tmp_path, 0.24), "--save", str(saved)])
    delay = tmp_path / "delay.txt"
    delay.write_text("\n".join(delay_lines([5.0] * 100, 100)), encoding="utf-8")
    assert performance.main(["--parts", "none", "--from", f"delay={delay}", "--save", str(saved)]) == 0
    assert set(json.loads(saved.read_text(encoding="utf-8"))) == {"cost", "delay"}


@pytest.mark.parametrize("body", ["", "[]", '{"cost": 1}', '{"cost": {"figures": {}}}'])
def test_what_is_no_saved_run_is_refused(tmp_path: Path, body: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.json"
    path.write_text(body, encoding="utf-8")
    assert performance.main(["--parts", "none", "--compare", str(path)]) == 2
    assert "SAVE=" in capsys.readouterr().err


def test_a_printout_without_figures_and_a_part_that_is_none_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("nothing\n", encoding="utf-8")
    assert performance.main(["--parts", "none", "--from", f"store={empty}"]) == 1
    assert "no figures" in capsys.readouterr().err
    assert performance.main(["--parts", "none", "--from", f"nonsense={empty}"]) == 2


def test_every_figure_has_a_name_of_its_own() -> None:
    keys = [figure.key for one in PARTS for figure in one.figures]
    assert len(keys) == len(set(keys))
    assert performance_page.missed({}) == []


def test_the_slope_of_memory_is_that_of_its_settled_hours() -> None:
    assert slope_mb_per_h([(0, 80.0), (1, 100.0), (2, 101.0), (3, 101.5), (4, 102.0)]) == pytest.approx(0.5)
    assert slope_mb_per_h([(0, 80.0)]) == 0.0
