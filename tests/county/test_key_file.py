"""The key of the sessions: made once, for its owner only, never half."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from county.key_file import FILE_NAME, secret_key
from edge.core.errors import ConfigError


def test_the_first_start_makes_it_and_the_next_finds_it(tmp_path: Path) -> None:
    data = tmp_path / "new" / "county"

    key = secret_key(data)

    assert len(key) >= 64
    assert secret_key(data) == key
    assert stat.S_IMODE((data / FILE_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert [path.name for path in data.iterdir()] == [FILE_NAME]


def test_first_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: secret_key(tmp_path / "county"), range(32)))

    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "county").iterdir()] == [FILE_NAME]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    secret_key(tmp_path)
    (tmp_path / FILE_NAME).chmod(mode)

    with pytest.raises(ConfigError, match="chmod 600"):
        secret_key(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\n", b"short\n", b"\xff" * 64])
def test_a_damaged_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    (tmp_path / FILE_NAME).chmod(0o600)

    with pytest.raises(ConfigError, match=FILE_NAME):
        secret_key(tmp_path)


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="FOREGATE_COUNTY_DATA"):
        secret_key(tmp_path / "file" / "county")
