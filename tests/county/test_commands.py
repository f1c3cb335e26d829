"""What an administrator types about gates: secrets are shown once and never kept."""

import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from county.core.tokens import token_sha256
from county.gates.models import Gate
from edge.core.errors import ConfigError
from tests.county.gate_client import GateClient, register
from tests.county.records import a_body

pytestmark = pytest.mark.usefixtures("database")


def run(*arguments: str, **options: Any) -> str:
    """Run a command; what it prints."""
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO(), no_color=True, **options)
    return out.getvalue().strip()


def test_only_the_fingerprint_of_a_token_is_kept() -> None:
    token = register("G1")

    row = Gate.objects.values().get()
    assert len(token) == 43
    assert token not in str(row)
    assert row["token_sha256"] == token_sha256(token)


def test_every_gate_has_its_own_token() -> None:
    assert len({register(f"G{k}") for k in range(5)}) == 5


@pytest.mark.parametrize("gate_id", ["", "-G1", "G 1", "G/1", "闸机", "x" * 65, "G1\n"])
def test_a_gate_id_that_no_record_could_carry_is_refused(gate_id: str) -> None:
    with pytest.raises(ConfigError):
        run("add_gate", "--name=东门", "--school=小学", "--", gate_id)
    assert not Gate.objects.exists()


@pytest.mark.parametrize(
    "options", [[], ["--name", "东门"], ["--name", "", "--school", "小学"], ["--name", "东" * 101, "--school", "小学"]]
)
def test_a_gate_needs_a_name_and_a_school(options: list[str]) -> None:
    with pytest.raises(ConfigError, match="--name"):
        run("add_gate", "G1", *options)


def test_a_known_gate_is_not_registered_again() -> None:
    first = register("G1")

    with pytest.raises(ConfigError, match="renew-gate"):
        register("G1")
    assert Gate.objects.get().token_sha256 == token_sha256(first)


@pytest.mark.parametrize(
    "command",
    [
        ("revoke_gate", "G9"),
        ("renew_gate", "G9"),
        ("sign_in_link", "x"),
        ("revoke_account", "x"),
        ("changepassword", "x"),
    ],
)
def test_what_is_not_there_is_named_with_the_remedy(command: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="foregate-county add-"):
        run(*command)


def test_a_token_file_is_for_its_owner_only_and_nothing_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "token"

    assert register("G1", "--token-file", str(path)) == ""

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert GateClient(path.read_text().strip()).put(*a_body(1))["status"] == "created"


@pytest.mark.parametrize("options", [["--token-file", "token"], ["--public-key", "no key"]], ids=lambda o: o[0])
def test_a_token_is_handed_out_for_a_public_key_only(options: list[str]) -> None:
    with pytest.raises(ConfigError):
        run("add_gate", "G1", "--name", "东门", "--school", "小学", *options)
    assert not Gate.objects.exists()


def test_a_token_file_that_is_there_stays_and_the_gate_is_not_registered(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("another gate's token")

    with pytest.raises(ConfigError, match="token"):
        register("G1", "--token-file", str(path))

    assert path.read_text() == "another gate's token"
    assert not Gate.objects.exists()


def test_the_models_and_the_migrations_agree() -> None:
    run("makemigrations", check=True, dry_run=True)


def test_django_finds_nothing_to_complain_about() -> None:
    run("check", fail_level="WARNING")
