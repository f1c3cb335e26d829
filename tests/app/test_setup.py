"""`foregate setup`: what is asked, what lies on the disk afterwards, and that it may be run again."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.adapters.uplink_http import read_token
from edge.app import cli
from edge.app.config_file import load
from edge.app.setup_command import GATE, SYNC, Options, setup
from edge.app.setup_file import edited
from edge.app.setup_questions import Given
from edge.core.errors import ConfigError, UplinkError
from tests.fakes.http_county import TOKEN, HttpCounty
from tests.fakes.rosters import public_line

CODE = "ABCDE-FGHJK-LMNPQ-RSTUV"


class Site:
    """A gate's two folders, who answers, and what systemctl is told."""

    def __init__(self, folder: Path) -> None:
        self.path, self.records = folder / "etc" / "gate.toml", folder / "var"
        self.records.mkdir()
        self.told: list[str] = []
        self.systemctl: list[list[str]] = []
        self.starts = True

    def run(self, answers: Given, options: Options | None = None, ask: Callable[[str], str] | None = None) -> int:
        def control(words: Sequence[str]) -> bool:
            self.systemctl.append(list(words))
            return self.starts

        chosen = Options() if options is None else options
        return setup(self.path, answers, chosen, ask or nobody, self.told.append, control, self.records)


def nobody(question: str) -> str:
    raise AssertionError(f"asked: {question}")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def county() -> Iterator[HttpCounty]:
    with HttpCounty() as running:
        running.codes = {"s1-east": CODE}
        yield running


def alone(**changes: str) -> Given:
    answers = {"school": "第一小学", "gate": "s1-east", "county": "-", "camera": "sim", "wiring": "none"}
    return Given(**{**answers, **changes})


def test_a_gate_of_its_own_is_configured_examined_and_started(site: Site) -> None:
    assert site.run(alone()) == 0
    config = load(site.path)
    assert (config.gate.id, config.gate.name, config.county) == ("s1-east", "第一小学", None)
    assert config.store.path == site.records / "foregate.sqlite"
    assert site.path.stat().st_mode & 0o777 == 0o640
    assert GATE in site.systemctl[0]
    assert ["restart", GATE] in site.systemctl
    assert not any(SYNC in words for words in site.systemctl)
    assert any("doctor" in line for line in site.told)


def test_with_a_county_it_is_enrolled_and_its_roster_is_asked_for(site: Site, county: HttpCounty) -> None:
    options = Options(roster_key=public_line())
    site.run(alone(county=county.url, code=CODE), options)
    config = load(site.path)
    assert config.county is not None
    assert config.roster is not None
    assert (config.roster.school, config.roster.key_file.read_text()) == ("第一小学", public_line() + "\n")
    assert read_token(config.county.token_file) == TOKEN
    assert ["restart", SYNC] in site.systemctl


def test_a_code_that_is_refused_starts_nothing_and_setup_may_be_run_again(site: Site, county: HttpCounty) -> None:
    with pytest.raises(UplinkError, match="登记"):
        site.run(alone(county=county.url, code="WRNGW-WRNGW-WRNGW-WRNGW"))
    assert site.systemctl == []
    site.run(Given(code=CODE), ask=lambda question: "")
    assert ["restart", SYNC] in site.systemctl


def test_run_again_it_keeps_answers_and_what_was_written_by_hand(site: Site) -> None:
    site.run(alone(wiring="full", camera="lepton"), Options(start=False))
    by_hand = site.path.read_text() + "\n[policy]\nfever_forehead_c = 36.1  # agreed with the clinic\n"
    site.path.write_text(by_hand)
    site.run(Given(gate="s1-west"), Options(start=False), ask=lambda question: "")
    assert site.path.read_text() == by_hand.replace("s1-east", "s1-west")
    assert load(site.path).pins.fire == 13
    site.run(Given(wiring="outputs"), Options(start=False), ask=lambda question: "")
    assert load(site.path).pins.fire is None


def test_a_wrong_answer_is_asked_for_again_and_on_the_command_line_refused(site: Site) -> None:
    answers = iter(["", "第一小学", "东 门", "s1-east", "county.example", "-", "webcam", "sim", "none"])
    site.run(Given(), Options(start=False), ask=lambda question: next(answers))
    assert sum("!" in line for line in site.told) == 4
    with pytest.raises(ConfigError, match="--camera webcam"):
        site.run(alone(camera="webcam"))


def test_a_configuration_that_cannot_be_used_leaves_the_former_one(site: Site) -> None:
    site.run(alone(), Options(start=False))
    before = site.path.read_text()
    with pytest.raises(ConfigError):
        site.run(Given(county="https://user@county.example", code="-"), ask=lambda question: "")
    assert site.path.read_text() == before


def test_a_service_that_does_not_start_is_told(site: Site) -> None:
    site.starts = False
    assert site.run(alone()) == 1
    assert any(f"journalctl -u {GATE}" in line for line in site.told)


def test_without_a_terminal_it_says_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ended(question: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", ended)
    assert cli.main(["setup", "--config", str(tmp_path / "gate.toml")]) == cli.MISUSE
    assert "--wiring" in capsys.readouterr().err


SECTIONS = st.sampled_from(["gate", "camera", "county"])
KEYS = st.sampled_from(["id", "name", "kind"])
VALUES = st.one_of(st.none(), st.booleans(), st.integers(0, 99), st.text(st.characters(codec="utf-8"), max_size=8))


@given(answers=st.dictionaries(st.tuples(SECTIONS, KEYS), VALUES, max_size=6))
def test_every_answer_stands_in_the_file_and_comments_stay(
    answers: dict[tuple[str, str], str | int | bool | None],
) -> None:
    import tomllib

    before = '# kept\n[gate]\nid = "a" # told\n\n[sim]\nseed = 3\n'
    text = edited(before, answers)
    found = tomllib.loads(text)
    for (section, key), value in answers.items():
        assert found.get(section, {}).get(key) == value
    assert text.startswith("# kept\n")
    assert found["sim"] == {"seed": 3}
    assert edited(text, answers) == text
