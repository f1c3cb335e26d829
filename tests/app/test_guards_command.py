"""`foregate guards`: PINs are typed twice and unseen, at a terminal."""

import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.adapters.guards_file import GuardsFile
from edge.app import cli, guards_command
from edge.core.errors import ConfigError

PIN, OTHER_PIN = "493027", "580316742"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "guards.json"


class Typist:
    """Types these, one after the other."""

    def __init__(self, *typed: str) -> None:
        self._typed: Iterator[str] = iter(typed)
        self.prompts: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.prompts.append(prompt)
        return next(self._typed)


def test_a_guard_is_added_gets_another_pin_and_is_removed(path: Path) -> None:
    said: list[str] = []
    typist = Typist(PIN, PIN)
    assert guards_command.add(path, "wang", "王芳", "medic", said.append, typist) == 0
    assert len(typist.prompts) == 2
    guards = GuardsFile(path, said.append)
    assert guards.role("wang") == "medic"
    assert guards_command.pin(path, "wang", said.append, Typist(OTHER_PIN, OTHER_PIN)) == 0
    assert guards.knows("wang", OTHER_PIN)
    assert guards_command.show(path, said.append) == 0
    assert said[-1] == "wang  王芳  校医 / medic"
    assert guards_command.remove(path, "wang", said.append) == 0
    assert guards.role("wang") is None
    assert not any(secret in line for line in said for secret in (PIN, OTHER_PIN))


def test_two_different_pins_or_a_trivial_one_add_nobody(path: Path) -> None:
    with pytest.raises(ConfigError, match="different"):
        guards_command.add(path, "wang", "王芳", "guard", print, Typist(PIN, OTHER_PIN))
    with pytest.raises(ConfigError, match="guess"):
        guards_command.add(path, "wang", "王芳", "guard", print, Typist("111111"))
    assert not path.exists()


def test_nobody_types_a_pin_in_vain(path: Path) -> None:
    guards_command.add(path, "wang", "王芳", "guard", print, Typist(PIN, PIN))
    nobody = Typist()
    with pytest.raises(ConfigError, match="already"):
        guards_command.add(path, "wang", "王芳", "guard", print, nobody)
    with pytest.raises(ConfigError, match="no guard li"):
        guards_command.pin(path, "li", print, nobody)
    assert nobody.prompts == []


def test_the_configuration_says_where_the_file_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "gate.toml"
    (tmp_path / "data").mkdir()
    config.write_text('[store]\npath = "data/records.sqlite"\n')
    guards_command.add(tmp_path / "data" / "guards.json", "wang", "王芳", "guard", print, Typist(PIN, PIN))
    capsys.readouterr()
    assert cli.main(["guards", "list", "--config", str(config)]) == 0
    assert capsys.readouterr().out.startswith("wang  ")
    config.write_text('[guards]\npath = "data/guards.json"\n')
    assert cli.main(["guards", "remove", "wang", "--config", str(config)]) == 0
    assert cli.main(["guards", "list", "--file", str(tmp_path / "data" / "guards.json")]) == 0
    assert "no guards yet" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["add"], ["add", "wang"], ["pin"], ["remove"], ["remove", "wang"]])
def test_what_is_missing_is_told(command: list[str], path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["guards", *command, "--file", str(path)]) == 2
    assert "guard" in capsys.readouterr().err
    assert not path.exists()


def test_one_says_which_gate(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["guards", "list"])
    assert ended.value.code == 2
    assert "--config" in capsys.readouterr().err


def test_without_a_terminal_no_pin_is_taken(path: Path) -> None:
    command = [sys.executable, "-m", "edge.app.cli", "guards", "add", "wang", "--name", "王芳", "--file", str(path)]
    done = subprocess.run(command, input=f"{PIN}\n{PIN}\n", capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "no terminal" in done.stderr
    assert not path.exists()


def test_at_a_terminal_the_pin_is_not_shown(path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "edge.app.cli", "guards", "add", "wang", "--name", "王芳", "--file", str(path)]
    # A session of its own, whose terminal is ours: getpass asks at /dev/tty.
    child = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *command], stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
    )
    os.close(theirs)
    seen = read_until(ours, "not shown: ")
    os.write(ours, f"{PIN}\n".encode())
    seen += read_until(ours, "once more: ")
    os.write(ours, f"{PIN}\n".encode())
    seen += read_until(ours, "added: wang")
    assert child.wait(60) == 0
    os.close(ours)
    assert PIN not in seen
    assert GuardsFile(path, print).knows("wang", PIN)


def read_until(descriptor: int, text: str) -> str:
    seen = b""
    while text.encode() not in seen:
        assert select.select([descriptor], [], [], 60)[0], seen
        seen += os.read(descriptor, 1024)
    return seen.decode()
