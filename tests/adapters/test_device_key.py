"""The gate's own key: made once, kept private, never replaced by itself."""

import base64
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.adapters.device_key import DeviceKey, verifier
from edge.core.errors import ConfigError, StoreError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "device.key"


def test_it_is_made_once_and_signs_for_its_public_half(path: Path) -> None:
    key = DeviceKey(path)
    again = DeviceKey(path)
    assert again.public_key == key.public_key
    assert len(base64.b64decode(key.public_key, validate=True)) == 32
    signature = again.sign(b"message")
    assert len(signature) == 64
    assert verifier([key.public_key])(b"message", signature)
    assert not verifier([key.public_key])(b"another", signature)
    assert not verifier([])(b"message", signature)
    assert not verifier([key.public_key])(b"message", b"short")


def test_one_of_several_keys_is_enough(tmp_path: Path) -> None:
    one, other = DeviceKey(tmp_path / "a"), DeviceKey(tmp_path / "b")
    assert one.public_key != other.public_key
    assert verifier([one.public_key, other.public_key])(b"m", other.sign(b"m"))
    assert not verifier([one.public_key])(b"m", other.sign(b"m"))


def test_nobody_else_on_the_board_reads_it_and_nothing_lies_beside_it(path: Path) -> None:
    before = os.umask(0)
    try:
        DeviceKey(path)
    finally:
        os.umask(before)
    assert [file.name for file in path.parent.iterdir()] == ["device.key"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_processes_that_start_at_once_have_one_key(path: Path) -> None:
    gate = threading.Barrier(8)
    keys: list[str] = []

    def start() -> None:
        gate.wait()
        keys.append(DeviceKey(path).public_key)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for others")
def test_what_root_makes_belongs_to_whom_the_folder_does(tmp_path: Path) -> None:
    folder = tmp_path / "foregate"
    folder.mkdir()
    os.chown(folder, 4711, 4712)
    DeviceKey(folder / "device.key")
    found = (folder / "device.key").stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (4711, 4712, 0o600)


def is_open_to_others(path: Path) -> None:
    DeviceKey(path)
    path.chmod(0o644)


def is_text(path: Path) -> None:
    path.write_text("no key")
    path.chmod(0o600)


def is_empty(path: Path) -> None:
    path.touch(0o600)


def is_cut_off(path: Path) -> None:
    DeviceKey(path)
    os.truncate(path, 40)


def is_a_folder(path: Path) -> None:
    path.mkdir()


def has_no_folder(path: Path) -> None:
    path.parent.rmdir()


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (is_open_to_others, "chmod 600"),
        (is_text, "is no device key"),
        (is_empty, "is no device key"),
        (is_cut_off, "is no device key"),
        (is_a_folder, "device"),
        (has_no_folder, "its folder exists"),
    ],
)
def test_what_cannot_be_used_is_refused_and_left_as_it_is(
    tmp_path: Path, happens: Callable[[Path], None], words: str
) -> None:
    path = tmp_path / "folder" / "device.key"
    path.parent.mkdir()
    happens(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError) as caught:
        DeviceKey(path)
    assert words in caught.value.en
    assert "；请" in caught.value.zh
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize("text", ["", "AAAA", "!" * 44, "é" * 44])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        verifier([text])
