"""Releases side by side: what is switched to, what is watched, and when the former one runs again."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "packaging" / "foregate_release.py"
UNITS = ("foregate-gate.service", "foregate-sync.service")


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("foregate_release", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class FakeSystemd:
    """Units that run, and how they get on with whichever release is in use."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []
        self.states: Callable[[], str] = lambda: "active"
        self.asked = 0

    def state(self, unit: str) -> dict[str, str]:
        self.asked += 1
        return {"ActiveState": self.states(), "MainPID": "7", "UnitFileState": "enabled"}

    def tell(self, *words: str) -> None:
        self.told.append(words)


class Board:
    """A root folder with wheels of one version."""

    def __init__(self, root: Path) -> None:
        self.root, self.systemd, self.said = root, FakeSystemd(), list[str]()
        self.base = root / "usr/lib/foregate"
        self.base.mkdir(parents=True)
        self.units = root / "usr/lib/systemd/system"
        self.units.mkdir(parents=True)
        self.releases: Any = script().Releases(root, self.systemd, self.said.append)

    def package(self, version: str) -> None:
        (self.base / "VERSION").write_text(version + "\n")
        (self.base / "requirements.txt").write_text(f"foregate=={version}\n")
        (self.units / UNITS[0]).write_text(f"# of {version}\n")

    def install(self, version: str) -> str:
        self.package(version)
        self.releases.install(lambda folder: folder.mkdir(parents=True))
        return str(self.releases.current)

    def state(self) -> dict[str, Any]:
        found = json.loads((self.root / "var/lib/foregate-release/state.json").read_text())
        assert isinstance(found, dict)
        return found


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


def test_the_first_release_is_not_watched_for_there_is_nothing_to_go_back_to(board: Board) -> None:
    assert board.install("1.0").startswith("1.0-")
    assert board.state()["state"] == "installed"


def test_an_upgrade_is_kept_when_what_ran_before_runs_steadily(board: Board) -> None:
    former = board.install("1.0")
    current = board.install("1.1")
    assert (board.state()["state"], board.state()["former"]) == ("watching", former)
    assert ("restart", "--no-block", "foregate-upgrade.service") in board.systemd.told
    board.releases.watch(within_s=5.0, steady_s=0.0, every_s=0.0)
    assert (board.state()["state"], board.releases.current) == ("kept", current)
    assert (board.base / "releases" / former).is_dir()


@pytest.mark.parametrize("how", ["failed", "activating"])
def test_one_that_does_not_get_well_is_left_again_with_its_units_and_the_reason(board: Board, how: str) -> None:
    former = board.install("1.0")
    board.install("1.1")
    board.systemd.states = lambda: how
    board.releases.watch(within_s=0.0, steady_s=0.0, every_s=0.0)
    state = board.state()
    assert (state["state"], board.releases.current) == ("went_back", former)
    assert "foregate-gate.service" in state["zh"]
    assert "journalctl" in state["en"]
    assert (board.root / "etc/systemd/system" / UNITS[0]).read_text() == "# of 1.0\n"
    assert ("restart", "--no-block", "foregate-gate.service") in board.systemd.told[-4:]


class PowerCutError(Exception):
    """Nothing after it happens."""


def power_goes(*_: object) -> None:
    raise PowerCutError


def test_when_the_power_goes_right_after_the_switch_the_new_release_is_watched_all_the_same(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = board.install("1.0")
    monkeypatch.setattr(board.systemd, "tell", power_goes)
    with pytest.raises(PowerCutError):
        board.install("1.1")
    monkeypatch.undo()
    board.systemd.states = lambda: "activating"
    board.releases.watch(within_s=0.0, steady_s=0.0, every_s=0.0)
    assert (board.state()["state"], board.releases.current) == ("went_back", former)


def test_when_the_power_goes_before_the_switch_the_former_release_stays_and_the_remedy_is_told(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = board.install("1.0")
    monkeypatch.setattr(board.releases, "_switch", power_goes)
    with pytest.raises(PowerCutError):
        board.install("1.1")
    monkeypatch.undo()
    board.releases.watch(within_s=5.0, steady_s=0.0, every_s=0.0)
    assert (board.state()["state"], board.releases.current) == ("went_back", former)
    assert "dpkg --configure -a" in board.state()["en"]
    # As dpkg does it then.
    assert board.install("1.1") != former
    assert board.state()["state"] == "watching"


def test_the_next_release_runs_under_its_own_units_again(board: Board) -> None:
    board.install("1.0")
    board.install("1.1")
    board.releases.back(("由人", "by hand"))
    assert board.install("1.2").startswith("1.2-")
    assert not (board.root / "etc/systemd/system" / UNITS[0]).exists()


def test_a_release_that_restarts_all_the_time_is_not_steady(board: Board) -> None:
    board.install("1.0")
    board.install("1.1")
    pids = iter(range(10_000))
    board.systemd.state = lambda unit: {"ActiveState": "active", "MainPID": str(next(pids))}  # type: ignore[method-assign]  # each look another process
    board.releases.watch(within_s=0.2, steady_s=0.1, every_s=0.0)
    assert board.state()["state"] == "went_back"


def test_nothing_is_judged_when_nothing_ran_before(board: Board) -> None:
    board.install("1.0")
    board.systemd.states = lambda: "activating"
    board.install("1.1")
    assert board.state()["state"] == "installed"
    board.releases.watch(within_s=0.0, steady_s=0.0, every_s=0.0)
    assert str(board.releases.current).startswith("1.1-")


def test_a_build_that_fails_changes_nothing(board: Board) -> None:
    former = board.install("1.0")
    board.package("1.1")

    def full(folder: Path) -> None:
        folder.mkdir(parents=True)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        board.releases.install(full)
    assert board.releases.current == former
    assert [folder.name for folder in (board.base / "releases").iterdir()] == [former]


def test_only_this_release_and_the_former_one_are_kept_and_a_second_install_builds_nothing(board: Board) -> None:
    board.install("1.0")
    names = {board.install("1.1"), board.install("1.2")}
    assert {folder.name for folder in (board.base / "releases").iterdir()} == names
    board.releases.install(lambda folder: pytest.fail("it is there already"))


def test_removed_nothing_of_it_is_left_but_what_it_wrote(board: Board) -> None:
    board.install("1.0")
    board.releases.remove()
    assert not (board.base / "releases").exists()
    assert not (board.base / "current").is_symlink()
    assert board.state()["state"] == "installed"
