"""The command line as it is typed: whatever cannot be done is said in two lines, Chinese and English, exit code 2."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from county import manage
from county.core.misuse import COMMANDS

Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _data(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FOREGATE_COUNTY_DATA", str(database.parent))
    before = os.umask(0o077)
    yield
    os.umask(before)


def refusal(said: Said, *arguments: str) -> tuple[str, str]:
    """The Chinese and the English line of a command that is refused."""
    try:
        code = manage.run(arguments)
    finally:
        told = said.readouterr()
    assert code == 2
    zh, en = told.err.splitlines()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in zh)
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in en)
    assert told.out == ""
    return zh, en


@pytest.mark.parametrize("name", ["nonsense", "flush", "shell", "--version", "add_gate", ""])
def test_there_are_only_the_county_s_own_commands(capsys: Said, name: str) -> None:
    zh, en = refusal(capsys, name)

    assert f"没有命令 {name}" in zh
    assert f"no command {name}" in en
    assert all(command in en for command in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (("add-gate",), "缺少参数 GATE_ID", "arguments are required: GATE_ID"),
        (("changepassword",), "缺少参数 NAME", "arguments are required: NAME"),
        (("changepassword", "nobody"), "没有名为 nobody 的有效账号", "nobody called nobody may sign in"),
        (("sign-in-link", "nobody"), "没有名为 nobody", "nobody called nobody"),
        (("revoke-gate", "G9"), "没有编号为 G9", "there is no gate G9"),
        (("migrate", "gates", "zero"), "不认识的参数 gates zero", "unrecognized arguments: gates zero"),
        (("add-gate", "G1", "--school"), "参数 --school 后面缺少值", "argument --school: expected one argument"),
        (("serve", "--threads", "99"), "参数 --threads 的值 99 不可用", "invalid choice: 99"),
        (("serve", "--threads", "x"), "参数 --threads 的值 'x' 不可用", "invalid int value: 'x'"),
        (("serve", "--behind-proxy=1"), "参数 --behind-proxy 不带值", "ignored explicit argument"),
        (("observe", "小学"), "须给出 --until --until-released --release 之一", "is required"),
        (("observe", "小学", "--release", "--until-released"), "不能同时", "not allowed with"),
        (("serve", "--behind"), "不认识的参数 --behind", "unrecognized arguments: --behind"),
        (("serve", "--bind", "x"), "--bind 'x' 无效", "--bind 'x' is no address"),
    ],
)
def test_what_cannot_be_done_is_said_in_both_languages(
    capsys: Said, arguments: tuple[str, ...], zh: str, en: str
) -> None:
    told_zh, told_en = refusal(capsys, *arguments)

    assert zh in told_zh
    assert en in told_en


BEFORE_MIGRATE = [
    ("add-gate", "G1", "--name", "东门", "--school", "小学"),
    ("renew-gate", "G1"),
    ("revoke-gate", "G1"),
    ("verify-gate", "G1"),
    ("forget",),
    ("add-account", "li", "--role", "officer", "--generate"),
    ("change-account", "li", "--role", "auditor"),
    ("revoke-account", "li"),
    ("changepassword", "li", "--generate"),
    ("sign-in-link", "li"),
    ("reset-totp", "li"),
    ("import-roster", "小学", "list.csv"),
    ("show-roster", "小学"),
    ("approve-return", "小学", "--person", "S1"),
    ("observe", "小学", "--person", "S1", "--release"),
    ("health-record", "小学", "--person", "S1"),
    ("entry-window", "小学", "一班", "--all-day"),
    ("gate-settings", "小学"),
    ("compose-reports",),
    ("report-recipient", "li", "--none"),
    ("school-township", "小学", "城关镇"),
    ("serve", "--bind", "127.0.0.1:0"),
]


def test_every_command_is_looked_at_before_migrate() -> None:
    assert {command for command, *_ in BEFORE_MIGRATE} | {"migrate", "roster-key"} == set(COMMANDS)


def test_every_command_that_there_is_can_be_typed_and_stands_in_the_help() -> None:
    there = Path(manage.__file__).parent.glob("*/management/commands/[a-z]*.py")
    written = {path.stem.replace("_", "-") for path in there}
    assert len(written) > 20
    assert written | {"migrate"} == set(COMMANDS)
    assert [command for command in COMMANDS if f"\n  {command} " not in manage.HELP] == []


@pytest.mark.parametrize("arguments", BEFORE_MIGRATE, ids=lambda arguments: arguments[0])
def test_before_migrate_every_command_says_what_to_do(capsys: Said, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    connections.databases["default"]["NAME"] = str(tmp_path / "new.sqlite3")

    zh, en = refusal(capsys, *arguments)

    assert "请先运行 foregate-county migrate" in zh
    assert "run foregate-county migrate first" in en


@pytest.mark.parametrize("command", ["migrate", "add-account"])
def test_a_file_that_is_no_database_is_told_of(capsys: Said, tmp_path: Path, command: str) -> None:
    path = tmp_path / "text.sqlite3"
    path.write_text("this is no database\n" * 100)
    connections.databases["default"]["NAME"] = str(path)

    zh, en = refusal(
        capsys, *([command] if command == "migrate" else [command, "li", "--role", "officer", "--generate"])
    )

    assert "请检查 FOREGATE_COUNTY_DATA" in zh
    assert "check FOREGATE_COUNTY_DATA" in en


def test_migrate_may_be_repeated(capsys: Said, tmp_path: Path) -> None:
    connections.databases["default"]["NAME"] = str(tmp_path / "new.sqlite3")

    assert (manage.run(["migrate"]), manage.run(["migrate"])) == (0, 0)
    assert capsys.readouterr().out.splitlines() == ["数据库已就绪 / the database is ready"] * 2
    assert manage.run(["add-account", "li", "--role", "officer", "--generate"]) == 0
