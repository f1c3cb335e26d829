"""The wiring: which adapter stands behind which port, as the configuration says."""

from contextlib import closing
from pathlib import Path

import pytest

from edge.adapters.camera_flirpy import BosonCamera, LeptonCamera
from edge.adapters.camera_sim import SimCamera
from edge.app import bootstrap, bootstrap_county
from edge.app.config_file import load
from edge.core.errors import ConfigError, GateIOError, RecordingError, RosterError
from edge.core.frame import Frame
from edge.core.signals import IDLE
from tests.fakes.fake_gate_io import FakeGateIO
from tests.fakes.rosters import LI, SCHOOL, a_roster, key_file


@pytest.mark.parametrize(
    ("overrides", "factory"),
    [
        (["camera.kind=lepton"], "lgpio"),
        (["camera.kind=boson"], "lgpio"),
        (["camera.kind=sim"], "mock"),
        (["camera.kind=replay", "camera.path=x.npz"], "mock"),
        (["camera.kind=lepton", "pins.factory=mock"], "mock"),
        (["camera.kind=boson", "pins.factory=lgpio"], "lgpio"),
    ],
)
def test_pins_are_real_with_a_real_camera_unless_said_otherwise(overrides: list[str], factory: str) -> None:
    assert bootstrap.pin_factory(load(None, overrides)) == factory


def test_real_pins_on_a_machine_without_them_are_refused_and_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(GateIOError):
        bootstrap.open_gate_io(load(None, [f"store.path={tmp_path / 'r.sqlite'}"]))


def test_gate_on_mock_pins_takes_signals() -> None:
    with closing(bootstrap.open_gate_io(load(None, ["camera.kind=sim"]))) as gate:
        gate.show(IDLE)


def test_lines_are_those_of_the_configuration() -> None:
    wiring = bootstrap.wiring(load(None, ["pins.relay=5", "pins.relay_active_high=false", "pins.relay_pulse_s=2"]).pins)
    assert (wiring.relay.bcm, wiring.relay.active_high, wiring.relay_pulse_s) == (5, False, 2.0)
    assert (wiring.red.bcm, wiring.red.active_high) == (17, True)


@pytest.mark.parametrize(("kind", "camera"), [("lepton", LeptonCamera), ("boson", BosonCamera), ("sim", SimCamera)])
def test_camera_is_of_its_kind(kind: str, camera: type) -> None:
    with closing(bootstrap.open_camera(load(None, [f"camera.kind={kind}"]), bootstrap.open_clock())) as opened:
        assert isinstance(opened, camera)


def test_simulated_scene_is_the_configured_one_on_the_gate_s_clock(tmp_path: Path) -> None:
    truth = tmp_path / "truth.jsonl"
    config = load(
        None,
        [
            "camera.kind=sim",
            "camera.rotation_deg=270",
            "sim.seed=7",
            "sim.people=3",
            f"sim.truth_file={truth}",
            "reference.temperature_c=36.5",
        ],
    )
    settings = bootstrap.sim_settings(config)
    assert (settings.seed, settings.people, settings.rotation_deg) == (7, 3, 270)
    assert (settings.realtime, settings.truth_path, settings.reference_temperature_c) == (True, truth, 36.5)
    clock = bootstrap.open_clock()
    began_s = clock.now_s()
    with closing(bootstrap.open_camera(config, clock)) as camera:
        frame = camera.read(30.0)
    assert isinstance(frame, Frame)
    assert began_s <= frame.t_s <= clock.now_s() + 1.0
    assert truth.exists()


def test_recording_that_is_not_there_is_refused(tmp_path: Path) -> None:
    config = load(None, ["camera.kind=replay", f"camera.path={tmp_path / 'none.npz'}"])
    with pytest.raises(RecordingError):
        bootstrap.open_camera(config, bootstrap.open_clock())


def test_no_county_no_uplink() -> None:
    with pytest.raises(ConfigError, match=r"no \[county\]"):
        bootstrap_county.open_uplink(load())


def test_screen_is_served_where_the_configuration_says() -> None:
    with closing(bootstrap.open_screen(load(None, ["screen.port=0"]), print)) as screen:
        assert screen.url.startswith("http://127.0.0.1:")


def test_without_a_roster_nobody_is_asked_who_they_are() -> None:
    assert bootstrap_county.open_roster(load()) is None
    assert bootstrap_county.open_roster_shelf(load()) is None


def test_a_roster_is_read_from_where_the_configuration_says(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(a_roster(3))
    overrides = [f"roster.school={SCHOOL}", f"roster.key_file={key_file(tmp_path)}", f"roster.path={tmp_path / 'list'}"]
    lines: list[str] = []
    source = bootstrap_county.open_roster(load(None, overrides), lines.append)
    assert source is not None
    with closing(source):
        assert source.by_badge("A1") == LI
    assert lines == []
    shelf = bootstrap_county.open_roster_shelf(load(None, overrides), lines.append)
    assert shelf is not None
    assert shelf.header is not None
    assert shelf.header.version == 3


def test_a_roster_without_its_key_is_refused(tmp_path: Path) -> None:
    overrides = ["roster.school=a", f"roster.key_file={tmp_path / 'none'}", f"roster.path={tmp_path / 'list'}"]
    with pytest.raises(RosterError, match="roster-key"):
        bootstrap_county.open_roster(load(None, overrides))


def test_no_county_no_roster_comes() -> None:
    with pytest.raises(ConfigError, match=r"no \[county\]"):
        bootstrap_county.open_roster_feed(load())


def test_simulated_people_hold_out_badges_only_when_the_configuration_says_so(tmp_path: Path) -> None:
    clock, gate_io = bootstrap.open_clock(), FakeGateIO()
    assert bootstrap.open_people(load(None, ["camera.kind=sim"]), clock, gate_io) is None
    roster = [f"roster.school={SCHOOL}", f"roster.key_file={key_file(tmp_path)}"]
    config = load(None, ["camera.kind=sim", "sim.badges=true", f"sim.truth_file={tmp_path / 'truth'}", *roster])
    people = bootstrap.open_people(config, clock, gate_io)
    assert people is not None
    with closing(people):
        assert isinstance(people.read(30.0), Frame)
        people.lamp.show(IDLE)
    assert gate_io.shown == [IDLE]
    assert (tmp_path / "truth").exists()
