"""Where the county keeps things: what a PostgreSQL is asked for, and where its password comes from."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from county.core.database_url import parse
from county.database import postgresql
from edge.core.errors import ConfigError
from tests.county.databases import on_both

URL = parse("postgresql://foregate:in-the-address@db.example/county")


def password_file(tmp_path: Path, content: bytes, mode: int = 0o600) -> Path:
    path = tmp_path / "password"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_password_of_a_file_goes_before_that_of_the_address(tmp_path: Path) -> None:
    path = password_file(tmp_path, "密码 with spaces \n".encode())

    assert postgresql(URL, path)["PASSWORD"] == "密码 with spaces "
    assert postgresql(URL, None)["PASSWORD"] == "in-the-address"


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        (b"s3cret-word", 0o644, "chmod 600"),
        (b"", 0o600, "one line"),
        (b"s3cret-word\nanother", 0o600, "one line"),
        (b"s3cret-word\0", 0o600, "one line"),
        (b"s3cret-word\xff", 0o600, "UnicodeDecodeError"),
    ],
)
def test_a_password_that_is_no_secret_or_no_line_is_refused_and_not_repeated(
    tmp_path: Path, content: bytes, mode: int, told: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        postgresql(URL, password_file(tmp_path, content, mode))

    assert told in refusal.value.en
    assert "s3cret-word" not in str(refusal.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        postgresql(URL, tmp_path / "nowhere")


def test_a_host_elsewhere_must_show_a_certificate_and_a_commit_is_on_its_disk() -> None:
    options = postgresql(URL, None)["OPTIONS"]

    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "system")
    assert "-c synchronous_commit=on" in options["options"]


@on_both
@pytest.mark.usefixtures("database")
def test_several_processes_are_for_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr("county.gates.serving.serve", lambda bind, threads, workers: asked.append(workers))

    if connection.vendor == "postgresql":
        call_command("serve", "--workers", "2")
        assert asked == [2]
    else:
        with pytest.raises(ConfigError, match="PostgreSQL"):
            call_command("serve", "--workers", "2")
        assert asked == []
