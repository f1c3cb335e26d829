"""Where the server listens, and whether other machines may reach it."""

import pytest

from county.core.bind import Bind, check_reach, parse_bind
from county.core.environment import LOOPBACK_HOSTS
from edge.core.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "bind", "url"),
    [
        ("127.0.0.1:8600", Bind("127.0.0.1", 8600), "http://127.0.0.1:8600/"),
        ("localhost:0", Bind("127.0.0.1", 0), "http://127.0.0.1:0/"),
        ("[::1]:80", Bind("::1", 80), "http://[::1]:80/"),
        ("0.0.0.0:65535", Bind("0.0.0.0", 65535), "http://0.0.0.0:65535/"),
    ],
)
def test_addresses(text: str, bind: Bind, url: str) -> None:
    assert parse_bind(text) == bind
    assert bind.url(bind.port) == url


@pytest.mark.parametrize(
    "text",
    ["", "8600", ":8600", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "::1:80", "county:80", "1:80"],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--bind"):
        parse_bind(text)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1"])
def test_this_machine_is_always_allowed(address: str) -> None:
    check_reach(Bind(address, 80), False, LOOPBACK_HOSTS)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1"])
def test_other_machines_only_when_somebody_said_so(address: str) -> None:
    bind = Bind(address, 80)

    with pytest.raises(ConfigError, match="--behind-proxy"):
        check_reach(bind, False, ("county.example",))
    with pytest.raises(ConfigError, match="FOREGATE_COUNTY_HOSTS"):
        check_reach(bind, True, LOOPBACK_HOSTS)
    check_reach(bind, True, ("county.example",))
