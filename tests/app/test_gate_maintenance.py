"""A technician works at a running gate: nobody is measured or let in, and then the gate works on."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from edge.app.config import Config
from edge.app.gate_loop import Gate
from edge.app.parts import Parts
from edge.app.tech import Tech
from edge.app.tech_calibration import TechCalibration
from edge.app.tech_clip import TechClip
from edge.app.tech_lines import TechLines
from edge.app.tech_picture import TechPicture
from edge.core.desk import SignOut
from edge.core.signals import FAULT, signal_for
from tests.app.gate_bench import CONFIG, Bench, nobody, standing
from tests.core.scenes import INFO


class Workshop(Bench):
    """A gate with a technician's side."""

    lines: TechLines
    picture: TechPicture

    def gate(self, config: Config, parts: Parts) -> Gate:
        self.lines = TechLines(parts.gate_io, self.said.append, parts.clock.now_s)
        self.picture = TechPicture(parts.clock.now_s)
        calibration = TechCalibration(CONFIG, INFO, self.picture, self.said.append)
        with TemporaryDirectory() as folder:
            clip = TechClip(Path(folder) / "clip.d", INFO, "1", self.said.append)
        tech = Tech(parts, self.lines, self.picture, calibration, clip)
        return Gate(config, tech.parts, self._say, tech)


def begins(bench: Workshop) -> Callable[[], None]:
    return lambda: bench.lines.begin("ma")


def ends(bench: Workshop) -> Callable[[], None]:
    return lambda: bench.lines.end("done")


def faults(bench: Workshop) -> list[bool]:
    return ["maintenance" in state.faults for state in bench.screen.states]


def test_nobody_is_measured_or_let_in_until_it_is_over() -> None:
    bench = Workshop()
    bench.at = {10: begins(bench), 60: ends(bench)}
    bench.play((9, nobody), (46, standing(35.0)), (15, nobody), (12, standing(35.2)), (30, nobody))
    assert bench.written() == [("pass", "ok")]
    assert bench.gate_io.shown.count(signal_for("pass")) == 1
    assert FAULT in bench.gate_io.shown
    seen = faults(bench)
    assert not seen[5]
    assert all(seen[12:58])
    assert not any(seen[62:])


def test_who_was_being_measured_when_it_began_is_written_as_not_measured() -> None:
    bench = Workshop()
    bench.at = {10: begins(bench)}
    bench.play((8, nobody), (30, standing(35.0)))
    assert bench.written() == [("not_measured", "stopped")]


def test_a_guard_is_told_why_nothing_is_done() -> None:
    bench = Workshop()
    answers: list[str] = []

    def asks() -> None:
        found = bench.ask(SignOut(), "s")
        bench.at[15] = lambda: answers.append(found[0].code)

    bench.at = {5: begins(bench), 12: asks}
    bench.play((30, nobody))
    assert answers == ["maintenance"]


def test_a_fire_opens_and_ends_it() -> None:
    bench = Workshop()
    bench.at = {5: begins(bench), 10: lambda: bench.gate_io.fire(True)}
    bench.play((20, nobody))
    assert bench.gate_io.relay_open
    assert bench.lines.by is None
    assert not faults(bench)[-1]


def test_the_picture_is_looked_at_while_somebody_wants_it() -> None:
    bench = Workshop()
    found: list[bytes | None] = []

    def look() -> None:
        found.append(bench.picture.newer(0, 0.0))

    bench.at = {5: look, 8: look}
    bench.play((12, nobody))
    assert found[0] is None
    assert found[1] is not None
    assert b'"status": "ok"' in found[1]


def test_the_calibration_is_left_when_maintenance_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, left = Workshop(), list[bool]()
    monkeypatch.setattr(TechCalibration, "running", True)
    monkeypatch.setattr(TechCalibration, "leave", lambda self: left.append(True))
    bench.at = {5: begins(bench), 9: left.clear, 10: ends(bench)}
    bench.play((20, nobody))
    assert left
