"""What every Guards promises, on the fake and on the file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from edge.adapters import guards_file
from edge.adapters.guards_file import GuardsFile
from edge.core.errors import ConfigError
from edge.ports import Guards
from tests.fakes.guards import FakeGuards

PIN, OTHER_PIN = "493027", "580316742"


@dataclass(frozen=True)
class Books:
    """One Guards, and how its technician changes it."""

    guards: Guards
    add: Callable[[str, str, str], None]
    remove: Callable[[str], None]


def on_file(path: Path) -> Books:
    def add(guard_id: str, role: str, pin: str) -> None:
        guards_file.add_guard(path, guard_id, "王芳", cast(guards_file.Role, role), pin)

    return Books(GuardsFile(path, lambda line: None), add, lambda guard_id: guards_file.remove_guard(path, guard_id))


@pytest.fixture(params=["fake", "file"])
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Books:
    if request.param == "file":
        return on_file(tmp_path / "guards.json")
    fake = FakeGuards()
    return Books(fake, fake.add, fake.remove)


def test_at_first_there_is_nobody_and_no_default_pin(books: Books) -> None:
    for guard_id, pin in (("admin", "123456"), ("guard", "000000"), ("", "")):
        assert books.guards.role(guard_id) is None
        assert not books.guards.knows(guard_id, pin)


def test_a_guard_is_known_by_their_own_pin_alone(books: Books) -> None:
    books.add("wang", "guard", PIN)
    books.add("li", "medic", OTHER_PIN)
    assert (books.guards.role("wang"), books.guards.role("li"), books.guards.role("WANG")) == ("guard", "medic", None)
    assert books.guards.knows("wang", PIN)
    assert books.guards.knows("li", OTHER_PIN)
    for guard_id, pin in (("wang", OTHER_PIN), ("wang", PIN + "0"), ("wang", PIN[:-1]), ("nobody", PIN)):
        assert not books.guards.knows(guard_id, pin)


@pytest.mark.parametrize("pin", ["", " ", "\ud800", "\x00", "４９３０２７", "9" * 10_000])
def test_what_a_hostile_page_sends_is_nobodys_pin(books: Books, pin: str) -> None:
    books.add("wang", "guard", PIN)
    assert not books.guards.knows("wang", pin)


def test_who_was_removed_acts_no_more(books: Books) -> None:
    books.add("wang", "guard", PIN)
    assert books.guards.knows("wang", PIN)
    books.remove("wang")
    assert books.guards.role("wang") is None
    assert not books.guards.knows("wang", PIN)


def test_a_pin_that_anybody_would_try_is_refused(books: Books) -> None:
    with pytest.raises(ConfigError):
        books.add("wang", "guard", "123456")
    assert books.guards.role("wang") is None
