"""The environment's variables: what is understood, what is refused."""

from pathlib import Path

import pytest

from county.core.environment import LOOPBACK_HOSTS, Environment, need_data, read
from edge.core.errors import ConfigError


@pytest.mark.parametrize("variables", [{}, {"FOREGATE_COUNTY_DATA": "", "FOREGATE_COUNTY_HOSTS": " ", "HOME": "/x"}])
def test_nothing_set_means_this_machine_only_and_no_data_yet(variables: dict[str, str]) -> None:
    assert read(variables) == Environment(data=None, secret_key=None, hosts=LOOPBACK_HOSTS, behind_proxy=False)


def test_everything_set() -> None:
    environment = read(
        {
            "FOREGATE_COUNTY_DATA": "/srv/county",
            "FOREGATE_COUNTY_SECRET_KEY": "k" * 32,
            "FOREGATE_COUNTY_HOSTS": "county.example, .school.example,192.0.2.1,[2001:db8::1]",
            "FOREGATE_COUNTY_BEHIND_PROXY": "1",
        }
    )

    hosts = ("county.example", ".school.example", "192.0.2.1", "[2001:db8::1]")
    assert environment == Environment(Path("/srv/county"), "k" * 32, hosts, True)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SECRET_KEY", "short", "32"),
        ("HOSTS", "*", "HOSTS"),
        ("HOSTS", "http://county.example", "no http://"),
        ("HOSTS", "county.example:8600", "no port"),
        ("HOSTS", "a,b c", "b c"),
        ("BEHIND_PROXY", "yes", "0 or 1"),
        ("SECRETKEY", "x" * 40, "FOREGATE_COUNTY_SECRETKEY"),
        ("DEBUG", "1", "unknown variable"),
        ("DATABASE", "county.sqlite3", "postgresql://"),
        ("DATABASE_PASSWORD_FILE", "/run/secrets/db", "set both or neither"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(name: str, value: str, told: str) -> None:
    with pytest.raises(ConfigError, match="FOREGATE_COUNTY_") as refusal:
        read({"FOREGATE_COUNTY_" + name: value})
    assert told in refusal.value.en
    assert refusal.value.zh


def test_a_key_is_never_repeated_in_a_message() -> None:
    with pytest.raises(ConfigError) as refusal:
        read({"FOREGATE_COUNTY_SECRET_KEY": "my-secret"})
    assert "my-secret" not in str(refusal.value)


def test_no_command_runs_without_a_data_folder() -> None:
    assert need_data(read({"FOREGATE_COUNTY_DATA": "/srv/county"})) == Path("/srv/county")
    with pytest.raises(ConfigError, match="FOREGATE_COUNTY_DATA"):
        need_data(read({}))


def test_another_database_and_where_its_password_lies() -> None:
    environment = read(
        {
            "FOREGATE_COUNTY_DATABASE": "postgresql://foregate@db.example/county",
            "FOREGATE_COUNTY_DATABASE_PASSWORD_FILE": "/run/secrets/db",
        }
    )

    assert environment.database is not None
    assert (environment.database.host, environment.database.name) == ("db.example", "county")
    assert environment.database_password_file == Path("/run/secrets/db")
