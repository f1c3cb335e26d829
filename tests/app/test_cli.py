"""The command line: what it prints, where, and with which exit code."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import edge.app.config_file
from edge.app import cli
from edge.app.config_file import load

COMMANDS = ("run", "sync", "replay", "record", "doctor", "demo", "report", "guards", "config", "version")
SYNC = """
[gate]
id = "gate-1"
[county]
url = "http://127.0.0.1:9"
token_file = "token"
every_s = 0.1
"""


def python(*arguments: str, **options: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


@pytest.fixture
def sync_config(tmp_path: Path) -> Path:
    token = tmp_path / "token"
    token.write_text("t" * 40)
    token.chmod(0o600)
    path = tmp_path / "gate.toml"
    path.write_text(SYNC)
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_both_languages_and_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"foregate {command}" in text.partition("例 / example:")[2]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in text)


def test_top_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    text = capsys.readouterr().out
    assert all(f"\n    {command} " in text for command in COMMANDS)


def test_help_does_not_wait_for_heavy_packages() -> None:
    script = (
        "import sys\nfrom edge.app.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'cv2', 'numpy', 'pydantic', 'gpiozero', 'requests', 'starlette'} & set(sys.modules)))"
    )
    out, _ = python("-c", script).communicate(timeout=60)
    assert out.splitlines()[-1] == "[]"


def test_config_prints_the_example_that_can_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config"]) == 0
    path = tmp_path / "gate.toml"
    path.write_text(capsys.readouterr().out)
    assert load(path).camera.kind == "lepton"
    assert cli.main(["config", "check", str(path)]) == 0
    assert cli.main(["config", "check", str(path), "--set", "pins.red=1"]) == 2


@pytest.mark.parametrize("command", [["run"], ["sync"], ["record", "out.npz"]])
def test_configuration_is_refused_in_both_languages_with_code_2(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "gate.toml"
    path.write_text("[camera]\nkynd = 'sim'\n")
    assert cli.main([*command, "--config", str(path)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        f"{path}:2：camera.kynd 没有这个键；是不是 kind？",
        f"{path}:2: camera.kynd is no such key; did you mean kind?",
    ]


def test_config_check_without_a_file_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["config", "check"]) == 2
    assert "name the file" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["fly"], ["run"], ["demo", "--seconds", "1"], ["replay"]])
def test_misuse_ends_with_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: foregate" in capsys.readouterr().err


def test_replay_takes_the_frame_s_size_from_the_recording_not_from_the_configured_camera(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "gate.toml"
    path.write_text("[camera]\nkind = 'lepton'\n[reference]\nregion = [10, 10, 300, 200]\n")
    assert cli.main(["config", "check", str(path)]) == 2
    # Not the configuration but the recording is refused.
    assert cli.main(["replay", str(tmp_path / "none.npz"), "--config", str(path)]) == 1
    assert "none.npz" in capsys.readouterr().err


def test_replay_plays_with_the_configuration_of_a_real_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gate.toml"
    path.write_text("[pins]\nfactory = 'lgpio'\n")
    # Not the configuration but the recording is refused.
    assert cli.main(["replay", str(tmp_path / "none.npz"), "--config", str(path)]) == 1
    assert "none.npz" in capsys.readouterr().err


def test_sync_without_a_county_says_what_to_add(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gate.toml"
    path.write_text("[gate]\nid = 'gate-1'\n")
    assert cli.main(["sync", "--config", str(path)]) == 2
    assert "has no [county]" in capsys.readouterr().err


def test_a_fault_ends_with_code_1(sync_config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (sync_config.parent / "token").unlink()
    assert cli.main(["sync", "--config", str(sync_config)]) == 1
    assert "cannot read the token file" in capsys.readouterr().err


def test_a_defect_is_not_hidden(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("in the works")

    monkeypatch.setattr(edge.app.config_file, "load", broken)
    assert cli.main(["config", "check", "gate.toml"]) == 70
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "ZeroDivisionError: in the works" in told


def test_interrupt_of_a_command_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(edge.app.config_file, "load", interrupted)
    assert cli.main(["config", "check", "gate.toml"]) == 130
    assert capsys.readouterr().err == "已中断 / interrupted\n"


def test_reader_that_leaves_is_no_traceback() -> None:
    process = python("-m", "edge.app.cli", "config")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 1
    assert told == ""


@pytest.mark.system
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_service_stops_cleanly_with_code_0(number: signal.Signals, sync_config: Path) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with python("-m", "edge.app.cli", "sync", "--config", str(sync_config), env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.send_signal(number)
        assert process.wait(60) == 0
        assert "waiting 0" in first
        assert "Traceback" not in process.stderr.read()
    assert (sync_config.parent / "foregate.sqlite").exists()
