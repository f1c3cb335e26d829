"""The settings' whole way, in real processes: commanded at the county, signed, fetched by the sync, shown by a gate."""

import signal
from pathlib import Path

import pytest

from edge.adapters.roster_file import SettingsFile, read_public_keys
from edge.app.config_file import load
from edge.app.county_settings import CountySettings
from edge.core.commanding import NOTICE_S
from tests.county.server import CountyProcess
from tests.system.test_roster import SCHOOL, Gate, county, gate

__all__ = ["county", "gate"]

pytestmark = pytest.mark.system


def test_a_commanded_change_reaches_the_gate_and_is_shown_before_it_is_in_force(
    county: CountyProcess,  # the fixture
    gate: Gate,  # the fixture
    tmp_path: Path,
) -> None:
    gate.start_sync()
    gate.hear("has sent no settings")
    county.command("gate-settings", SCHOOL, "--set", "policy.fever_forehead_c=36.2")
    gate.hear("settings version 1 fetched")
    site = load(tmp_path / "gate" / "gate.toml", [])
    keys = read_public_keys(tmp_path / "gate" / "roster.pub")
    shelves = [
        SettingsFile(tmp_path / "gate" / f"county-settings.{name}", keys, SCHOOL, print)
        for name in ("fetched", "in_force")
    ]
    settings = CountySettings(site, (shelves[0], shelves[1]), print)
    shown = settings.step(0.0, nobody_there=True)
    assert [one.code for one in shown] == ["settings_shown"]
    assert settings.config.policy.fever_forehead_c == 35.9
    in_force = settings.step(NOTICE_S, nobody_there=True)
    assert [one.code for one in in_force] == ["settings_in_force"]
    assert settings.config.policy.fever_forehead_c == 36.2
    county.command("gate-settings", SCHOOL, "--unset", "policy.fever_forehead_c")
    gate.hear("settings version 2 fetched")
    assert gate.end_sync(signal.SIGTERM) == 0
