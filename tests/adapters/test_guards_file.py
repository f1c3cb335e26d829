"""The guards' file: nobody else reads it, nothing leaves half of it, and a running gate goes by the newest."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from edge.adapters import guards_file
from edge.adapters.guards_file import GuardsFile, add_guard, read_guards, remove_guard, set_pin
from edge.core.errors import ConfigError

PIN, OTHER_PIN = "493027", "580316742"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "guards.json"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the PIN is not what is tested, it need not be slow."""
    monkeypatch.setattr(guards_file, "LOG2_N", 14)
    monkeypatch.setattr(guards_file, "PARALLEL", 1)


def test_the_file_holds_no_pin_and_nobody_else_reads_it(path: Path) -> None:
    add_guard(path, "wang", "王芳", "guard", PIN)
    add_guard(path, "li", "李医生", "medic", PIN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert PIN not in text
    wang, li = (json.loads(text)["guards"][n] for n in (0, 1))
    assert wang["salt"] != li["salt"]
    assert wang["key"] != li["key"]
    assert (wang["log2_n"], wang["block"], wang["parallel"]) == (15, 8, 3)
    assert [(guard.guard_id, guard.name, guard.role) for guard in read_guards(path)] == [
        ("li", "李医生", "medic"),
        ("wang", "王芳", "guard"),
    ]


@pytest.mark.usefixtures("quick")
def test_an_umask_that_opens_everything_opens_nothing_here(path: Path) -> None:
    before = os.umask(0)
    try:
        add_guard(path, "wang", "王芳", "guard", PIN)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_hashed_with_other_parameters_is_still_known(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(guards_file, "LOG2_N", 14)
        earlier.setattr(guards_file, "PARALLEL", 2)
        add_guard(path, "wang", "王芳", "guard", PIN)
    assert GuardsFile(path, print).knows("wang", PIN)
    assert not GuardsFile(path, print).knows("wang", OTHER_PIN)


@pytest.mark.usefixtures("quick")
def test_a_running_gate_goes_by_the_newest_file(path: Path) -> None:
    told: list[str] = []
    guards = GuardsFile(path, told.append)
    assert guards.role("wang") is None
    assert len(told) == 1
    add_guard(path, "wang", "王芳", "guard", PIN)
    assert guards.role("wang") == "guard"
    set_pin(path, "wang", OTHER_PIN)
    assert guards.knows("wang", OTHER_PIN)
    assert not guards.knows("wang", PIN)
    assert guards.role("wang") == "guard"
    remove_guard(path, "wang")
    assert guards.role("wang") is None
    assert len(told) == 2


@pytest.mark.usefixtures("quick")
def test_a_file_that_is_damaged_or_open_to_others_lets_nobody_sign_in_and_is_told_once(path: Path) -> None:
    told: list[str] = []
    add_guard(path, "wang", "王芳", "guard", PIN)
    guards = GuardsFile(path, told.append)
    path.chmod(0o644)
    assert guards.role("wang") is None
    assert not guards.knows("wang", PIN)
    assert len(told) == 1
    assert "chmod 600" in told[0]
    path.chmod(0o600)
    assert guards.role("wang") == "guard"
    path.write_text("{")
    assert [guards.role("wang") for _ in range(3)] == [None, None, None]
    assert len(told) == 2


def entry(**changes: Any) -> dict[str, Any]:
    good = {"guard_id": "wang", "name": "王芳", "role": "guard", "log2_n": 15, "block": 8, "parallel": 3}
    return good | {"salt": "ab" * 16, "key": "cd" * 32} | changes


HOSTILE = {
    "empty": b"",
    "no json": b"\xff\xfe{}",
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "huge": b" " * 300_000,
    "another schema": json.dumps({"schema": 2, "guards": []}).encode(),
    "no list": json.dumps({"schema": 1, "guards": {}}).encode(),
    "a key more": json.dumps({"schema": 1, "guards": [], "pin": PIN}).encode(),
    **{
        name: json.dumps({"schema": 1, "guards": wrong}).encode()
        for name, wrong in {
            "twice": [entry(), entry()],
            "a role of its own": [entry(role="root")],
            "memory without end": [entry(log2_n=30)],
            "work without end": [entry(parallel=10**6)],
            "no work": [entry(log2_n=1)],
            "a short key": [entry(key="cd")],
            "no hex": [entry(salt="zz" * 16)],
            "an id for a terminal": [entry(guard_id="\x1b[2J")],
            "another name than shown": [entry(name="wang\u202ereve")],
            "a field less": [{"guard_id": "wang"}],
        }.items()
    },
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_guards_file_is_refused_in_both_languages(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="damaged") as caught:
        read_guards(path)
    assert str(path) in caught.value.zh
    with pytest.raises(ConfigError, match="damaged"):
        remove_guard(path, "wang")
    assert path.read_bytes() == content


def test_a_pipe_or_a_folder_in_its_place_holds_nobody_up(path: Path) -> None:
    os.mkfifo(path, 0o600)
    with pytest.raises(ConfigError, match="damaged"):
        read_guards(path)
    path.unlink()
    path.mkdir(0o700)
    with pytest.raises(ConfigError):
        read_guards(path)


@pytest.mark.usefixtures("quick")
def test_who_is_there_is_not_added_and_who_is_not_is_not_changed(path: Path) -> None:
    add_guard(path, "wang", "王芳", "guard", PIN)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="already"):
        add_guard(path, "wang", "王小芳", "medic", OTHER_PIN)
    with pytest.raises(ConfigError, match="no guard li"):
        remove_guard(path, "li")
    with pytest.raises(ConfigError, match="no guard li"):
        set_pin(path, "li", OTHER_PIN)
    for guard_id, name in (("", "王芳"), ("-x", "王芳"), ("a/b", "王芳"), ("li", ""), ("li", "a\nb"), ("li", "x" * 61)):
        with pytest.raises(ConfigError):
            add_guard(path, guard_id, name, "guard", PIN)
    assert path.read_bytes() == before


def test_a_trivial_pin_changes_nothing(path: Path) -> None:
    with pytest.raises(ConfigError, match="guess"):
        add_guard(path, "wang", "王芳", "guard", "111111")
    with pytest.raises(ConfigError, match="guess"):
        add_guard(path, "g493027", "王芳", "guard", "493027")
    assert not path.exists()


@pytest.mark.usefixtures("quick")
def test_technicians_at_once_lose_nobody_and_leave_nothing_behind(path: Path) -> None:
    names = [f"g{n}" for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: add_guard(path, name, name, "guard", PIN), names))
    assert [guard.guard_id for guard in read_guards(path)] == names
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.usefixtures("quick")
def test_a_disk_that_does_not_take_it_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_guard(path, "wang", "王芳", "guard", PIN)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left"):
        add_guard(path, "li", "李医生", "medic", OTHER_PIN)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot write"):
        add_guard(tmp_path / "nowhere" / "guards.json", "wang", "王芳", "guard", PIN)
