"""The address of the county's database: what is understood, what is refused, and that no password is ever repeated."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from county.core.database_url import DatabaseUrl, parse
from edge.core.errors import ConfigError

NAMES = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


def test_a_host_elsewhere_is_spoken_to_over_tls_with_its_certificate_checked() -> None:
    url = parse("postgresql://foregate@db.example/county")

    assert url == DatabaseUrl("foregate", "db.example", 5432, "county", "verify-full", "system")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("postgresql://u@localhost:5433/d", DatabaseUrl("u", "localhost", 5433, "d", "disable", "")),
        ("postgres://u@[::1]/d", DatabaseUrl("u", "::1", 5432, "d", "disable", "")),
        ("postgresql://u@/d?host=/run/postgresql", DatabaseUrl("u", "/run/postgresql", 5432, "d", "disable", "")),
        ("postgresql://u@h/d?sslmode=require", DatabaseUrl("u", "h", 5432, "d", "require", "")),
        ("postgresql://u@h/d?sslrootcert=/etc/ca.pem", DatabaseUrl("u", "h", 5432, "d", "verify-full", "/etc/ca.pem")),
    ],
)
def test_what_is_understood(text: str, url: DatabaseUrl) -> None:
    assert parse(text) == url


@given(user=NAMES, password=NAMES, name=NAMES.filter(lambda text: "/" not in text))
def test_any_name_and_password_arrive_as_they_were_quoted(user: str, password: str, name: str) -> None:
    url = parse(f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@h/{quote(name, safe='')}")

    assert (url.user, url.password, url.name) == (user, password, name)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sqlite:///county.sqlite3", "begins with postgresql://"),
        ("mysql://u:s3cret-word@h/d", "begins with postgresql://"),
        ("postgresql://u:s3cret-word@h:port/d", "no address"),
        ("postgresql://u:s3cret-word@[::1/d", "no address"),
        ("postgresql://u:s3cret-word@h:99999/d", "no address"),
        ("postgresql://:s3cret-word@h/d", "names a user"),
        ("postgresql://u:s3cret-word@h/", "names a user"),
        ("postgresql://u:s3cret-word@h/a/b", "names a user"),
        ("postgresql://u:s3cret-word%00@h/d", "names a user"),
        ("postgresql://u:s3cret-word%ff@h/d", "no address"),
        ("postgresql://u:s3cret-word@/d", "names a host"),
        ("postgresql://u:s3cret-word@h/d?host=/run", "folder of a socket"),
        ("postgresql://u:s3cret-word@/d?host=elsewhere", "folder of a socket"),
        ("postgresql://u:s3cret-word@h/d?sslmode=prefer", "sslmode is one of"),
        ("postgresql://u:s3cret-word@h/d?sslmode=verify-ca", "verify-ca needs"),
        ("postgresql://u@h/d?password=s3cret-word", "after the ?"),
        ("postgresql://u:s3cret-word@h/d?sslmode=require&sslmode=disable", "after the ?"),
        ("postgresql://u:s3cret-word@h/d#s3cret-word", "begins with postgresql://"),
        ("postgresql://u:s3cret-word@h/d?sslmode", "no address"),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_repeated(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match="FOREGATE_COUNTY_DATABASE") as refusal:
        parse(text)

    assert told in refusal.value.en
    assert refusal.value.zh
    assert "s3cret-word" not in f"{refusal.value} {refusal.value!r} {refusal.value.__cause__!r}"


def test_a_password_is_in_no_representation() -> None:
    url = parse("postgresql://u:s3cret-word@h/d")

    assert url.password == "s3cret-word"
    assert "s3cret-word" not in repr(url)
