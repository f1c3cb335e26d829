"""A county with a data folder of its own, for the signing key."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test.utils import override_settings

from county.core.environment import Environment


@pytest.fixture
def data(database: Path, tmp_path: Path) -> Iterator[Path]:
    """The data folder, with an empty database and no key in it."""
    folder = tmp_path / "county"
    folder.mkdir()
    with override_settings(ENVIRONMENT=Environment(folder, None, ("localhost",), False)):
        yield folder


@pytest.fixture
def settings_without_data() -> Iterator[Environment]:
    """What the settings say when no variable is set."""
    bare = Environment(None, None, ("localhost",), False)
    with override_settings(ENVIRONMENT=bare):
        yield bare
