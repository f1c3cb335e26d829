"""What the county commands of a gate: shown before it is in force, in force between two people, kept over a restart."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge.adapters.roster_file import SettingsFile, read_public_keys
from edge.app.commanded_config import settings_of, with_settings
from edge.app.config import Config
from edge.app.config_file import load
from edge.app.county_settings import AGAIN_S, CountySettings
from edge.core import commanding
from edge.core.commanded import KEYS, Commanded
from edge.core.commanding import NOTICE_S
from edge.core.contents import GateEvent, Passage
from edge.core.errors import ConfigError
from tests.app.gate_bench import CONFIG, Bench, nobody, standing
from tests.fakes.commanded import commanded, settings_file
from tests.fakes.rosters import COUNTY_KEY, SCHOOL, key_file

SITE = Config.model_validate(
    {
        "camera": {"kind": "sim"},
        "entry": {"rules": {"too_late": "off"}},
        "roster": {"key_file": "roster.pub", "school": SCHOOL},
    }
)
WARMER = commanded(1, policy__fever_forehead_c=36.2)


class Shelf:
    """See `edge.ports.SettingsShelf`; believes whatever it is given, and fails while `full`."""

    def __init__(self, what: Commanded | None = None) -> None:
        self.what, self.full = what, False

    def held(self) -> tuple[Commanded, bytes] | None:
        return None if self.what is None else (self.what, settings_file(self.what))

    def put(self, content: bytes) -> Commanded:
        if self.full:
            raise ConfigError("磁盘满", "the disk is full")
        assert self.what is None or settings_file(self.what) != content
        self.what = self.coming
        assert self.what is not None
        return self.what

    coming: Commanded | None = None


class Gate:
    """A gate's county settings, and everything it has told of them."""

    def __init__(self, site: Config = SITE, in_force: Commanded | None = None) -> None:
        self.fetched, self.in_force = Shelf(), Shelf(in_force)
        self.site = site
        self.said: list[str] = []
        self.events: list[tuple[str, int | None]] = []
        self.now_s = 1_000.0
        self.starts()

    def starts(self) -> None:
        self.settings = CountySettings(self.site, (self.fetched, self.in_force), self.said.append)

    def brings(self, what: Commanded | None) -> None:
        self.fetched.what = self.in_force.coming = what

    def goes_on(self, for_s: float, nobody_there: bool = True) -> None:
        end_s = self.now_s + for_s
        while self.now_s < end_s:
            self.now_s += 1.0
            self.events += [(one.code, one.count) for one in self.settings.step(self.now_s, nobody_there)]

    @property
    def alarm_c(self) -> float:
        return self.settings.config.policy.fever_forehead_c


def test_a_change_is_shown_for_ten_minutes_and_then_in_force() -> None:
    gate = Gate()
    gate.brings(WARMER)
    gate.goes_on(10)
    notice = gate.settings.notice
    assert notice is not None
    assert [(one.before, one.after) for one in notice.changes] == [("35.9 °C", "36.2 °C")]
    assert gate.alarm_c == 35.9
    gate.goes_on(NOTICE_S - 20)
    assert gate.alarm_c == 35.9
    gate.goes_on(20)
    assert (gate.alarm_c, gate.settings.version, gate.settings.notice) == (36.2, 1, None)
    assert gate.events == [("settings_shown", 1), ("settings_in_force", 1)]
    assert gate.settings.config.entry.rules == {"too_late": "off"}, "what is not commanded stays the site's"


def test_it_waits_until_nobody_stands_there() -> None:
    gate = Gate()
    gate.brings(WARMER)
    gate.goes_on(2 * NOTICE_S, nobody_there=False)
    assert gate.alarm_c == 35.9
    gate.goes_on(1)
    assert gate.alarm_c == 36.2


def test_a_restart_shows_it_anew_and_keeps_what_is_in_force() -> None:
    gate = Gate(in_force=WARMER)
    assert gate.alarm_c == 36.2
    assert gate.settings.started() == (GateEvent("settings_in_force", None, 1, None, ""),)
    gate.brings(commanded(2, policy__fever_forehead_c=36.5))
    gate.goes_on(NOTICE_S - 60)
    gate.starts()
    gate.goes_on(NOTICE_S - 60)
    assert gate.alarm_c == 36.2
    gate.goes_on(70)
    assert gate.alarm_c == 36.5
    gate.starts()
    assert gate.alarm_c == 36.5


def test_another_change_meanwhile_is_shown_as_long_again() -> None:
    gate = Gate()
    gate.brings(WARMER)
    gate.goes_on(NOTICE_S - 60)
    gate.brings(commanded(2, policy__fever_forehead_c=36.5))
    gate.goes_on(NOTICE_S - 60)
    assert gate.alarm_c == 35.9
    gate.goes_on(70)
    assert gate.alarm_c == 36.5
    assert gate.events == [("settings_shown", 1), ("settings_shown", 2), ("settings_in_force", 2)]


@pytest.mark.parametrize("old", [commanded(4, policy__fever_forehead_c=34.5), commanded(5, policy__too_cold_c=30)])
def test_what_is_old_or_comes_once_more_changes_nothing(old: Commanded) -> None:
    gate = Gate(in_force=commanded(5, policy__fever_forehead_c=36.2))
    gate.brings(old)
    gate.goes_on(2 * NOTICE_S)
    assert (gate.alarm_c, gate.settings.version, gate.settings.notice, gate.events) == (36.2, 5, None, [])


def test_what_contradicts_the_site_is_refused_once_and_told() -> None:
    gate = Gate()
    gate.brings(commanded(2, policy__fever_forehead_c=34.5, policy__too_cold_c=36.0))
    gate.goes_on(2 * NOTICE_S)
    assert (gate.settings.refused, gate.alarm_c) == (True, 35.9)
    assert gate.events == [("settings_refused", 2)]
    assert gate.settings.notice is None
    assert len(gate.said) == 1
    assert "too_cold_c" in gate.said[0]
    gate.brings(commanded(3, policy__fever_forehead_c=36.2))
    gate.goes_on(NOTICE_S + 10)
    assert (gate.alarm_c, gate.settings.refused) == (36.2, False)


def test_a_site_that_now_contradicts_what_is_in_force_goes_by_itself_and_says_so() -> None:
    site = with_settings(SITE, {"policy.fever_forehead_c": 39.0, "policy.too_cold_c": 38.0})
    gate = Gate(site, WARMER)
    assert (gate.alarm_c, gate.settings.refused, gate.settings.version) == (39.0, True, None)
    assert gate.settings.started() == ()


def test_withdrawn_settings_give_the_site_its_own_back() -> None:
    gate = Gate(in_force=WARMER)
    gate.brings(commanded(2))
    gate.goes_on(NOTICE_S + 10)
    assert (gate.alarm_c, gate.settings.version) == (35.9, 2)
    assert settings_of(gate.settings.config) == settings_of(SITE)


def test_what_the_disk_does_not_keep_is_not_in_force_and_tried_again() -> None:
    gate = Gate()
    gate.brings(WARMER)
    gate.in_force.full = True
    gate.goes_on(NOTICE_S + 10)
    assert gate.alarm_c == 35.9
    assert sum("disk is full" in line for line in gate.said) == 1
    gate.in_force.full = False
    gate.goes_on(AGAIN_S)
    assert gate.alarm_c == 36.2


def test_a_gate_that_knows_no_county_key_takes_nothing() -> None:
    settings = CountySettings(SITE, None, print)
    assert settings.step(1.0, True) == ()
    assert settings.config is SITE


@pytest.mark.parametrize("name", KEYS)
def test_every_bound_is_one_that_the_configuration_accepts(name: str) -> None:
    key = KEYS[name]
    wide = {"policy.fever_forehead_c": 40.0, "entry.crowd_low_c": 25.0, "entry.crowd_high_c": 36.0}
    if name == "policy.fever_forehead_c":
        wide["policy.too_cold_c"] = 25.0
    for value in key.words or (key.low, key.high):
        changed = with_settings(SITE, {**wide, name: key.checked(value)})
        assert settings_of(changed)[name] == value


def test_every_section_of_a_full_configuration_survives(tmp_path: Path) -> None:
    written = Path(load.__code__.co_filename).with_name("gate.example.toml").read_text("utf-8")
    more = '\n[roster]\nschool = "一小"\nkey_file = "roster.pub"\n[[readers]]\nname = "入口"\nmatch = "usb:ffff:0035"\n'
    more += '[voice]\nby_time = [["06:30", "08:30", 100]]\n[county]\nurl = "https://c.example"\ntoken_file = "token"\n'
    (tmp_path / "gate.toml").write_text(written + more, "utf-8")
    site = load(tmp_path / "gate.toml", [])
    changed = with_settings(site, {"policy.fever_forehead_c": 36.2})
    assert changed == site.model_copy(update={"policy": replace(site.policy, fever_forehead_c=36.2)})


def test_a_gate_judges_by_the_new_threshold_once_it_is_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, lines = read_public_keys(key_file(tmp_path, COUNTY_KEY)), list[str]()

    def shelf(name: str) -> SettingsFile:
        return SettingsFile(tmp_path / name, keys, SCHOOL, lines.append)

    shelf("fetched").put(settings_file(WARMER))
    gate = Bench(config=CONFIG, settings=(shelf("fetched"), shelf("in_force")))
    # The first person stands there from the first second on.
    monkeypatch.setattr(commanding, "NOTICE_S", 1.0)
    gate.play((4, nobody), (20, standing(36.0)), (40, nobody), (16, standing(36.0)), (40, nobody))
    judged = [one.content for one in gate.records() if isinstance(one.content, Passage)]
    assert [(one.verdict, one.measurement and one.measurement.threshold_c) for one in judged] == [
        ("fever", 35.9),
        ("pass", 36.2),
    ]
    notices = [state.notice for state in gate.screen.states]
    assert notices[1] is not None
    assert notices[-1] is None
    assert gate.screen.states[-1].threshold_c == 36.2
    codes = [one.content.code for one in gate.records() if isinstance(one.content, GateEvent)]
    assert codes == ["settings_shown", "settings_in_force"]
    assert shelf("in_force").held() == shelf("fetched").held()
