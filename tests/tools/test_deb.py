"""Which packages the Debian package carries: all that is needed, from the lock, for each machine and Python."""

import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools import deb, deb_lock, deb_pins, deb_tree

ROOT = Path(__file__).parents[2]
LOCK = deb_lock.locked(ROOT / "requirements.lock")


def test_the_gate_carries_what_it_imports_and_no_tool_or_server() -> None:
    names = deb_lock.needed("foregate", LOCK)
    assert {"numpy", "opencv-python-headless", "flirpy", "lgpio", "pydantic-core", "certifi", "h11"} <= names
    assert not {"django", "gunicorn", "pytest", "mypy", "playwright", "opencv-python"} & names


def test_the_county_carries_its_server_and_no_camera() -> None:
    names = deb_lock.needed("foregate-county", LOCK)
    assert {"django", "sqlparse", "gunicorn", "psycopg", "psycopg-binary", "cryptography"} <= names
    assert not {"opencv-python-headless", "flirpy", "pytest"} & names


@pytest.mark.parametrize(
    ("python", "machine", "there", "not_there"),
    [
        ("3.11", "aarch64", "lgpio", "evdev-binary"),
        ("3.11", "x86_64", "lgpio", "no-such-package"),
        ("3.13", "aarch64", "numpy", "lgpio"),
    ],
)
def test_each_machine_gets_its_own(python: str, machine: str, there: str, not_there: str) -> None:
    text = deb_lock.requirements(deb_lock.needed("foregate", LOCK), LOCK, python, machine)
    names = [line.partition("==")[0] for line in text.splitlines()]
    assert there in names
    assert not_there not in names


def test_every_line_is_pinned_and_hashed() -> None:
    for line in deb_lock.requirements(deb_lock.needed("foregate", LOCK), LOCK).splitlines():
        assert "==" in line
        assert "--hash=sha256:" in line


def test_the_version_is_setup_py_s() -> None:
    assert deb_lock.own_version(ROOT / "setup.py")[0].isdigit()


@pytest.mark.parametrize(("package", "guide"), [("foregate", "technician"), ("foregate-county", "county-officer")])
def test_the_guides_are_on_a_machine_without_a_network(package: str, guide: str, tmp_path: Path) -> None:
    deb_tree.lay_out(ROOT, tmp_path / "tree", package, [], "", "arm64", "1.0")
    docs = tmp_path / "tree/usr/share/doc" / package / "docs"
    assert (docs / "guides" / f"{guide}.md").read_text(encoding="utf-8")
    assert list((docs / "images").glob("*.png"))
    assert f"usr/share/doc/{package}/docs/guides/{guide}.md" in (tmp_path / "tree/DEBIAN/md5sums").read_text()


def test_the_county_s_settings_are_read_by_a_shell_and_by_systemd_alike() -> None:
    told = subprocess.run(
        ["sh", "-euc", '. packaging/county/default; printf "%s" "$SERVE_OPTIONS"'],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (told.stdout, told.stderr) == ("--bind 127.0.0.1:8600", "")
    line = next(one for one in (ROOT / "packaging/county/default").read_text().splitlines() if "SERVE_OPTIONS" in one)
    assert line == 'SERVE_OPTIONS="--bind 127.0.0.1:8600"'


def test_a_debian_without_lgpio_takes_the_package() -> None:
    assert "lgpio" not in (ROOT / "packaging/foregate/control").read_text(encoding="utf-8")


def test_one_wheel_of_lgpio_for_each_python() -> None:
    pins = LOCK[deb_lock.PINS]
    built = Requirement(deb_pins.requirement(pins))
    for python in deb.PYTHONS:
        theirs = {"python_version": python, "python_full_version": f"{python}.2"}
        assert pins.marker is not None
        assert built.marker is not None
        assert pins.marker.evaluate(theirs) != built.marker.evaluate(theirs)
    assert str(built.specifier) == f"=={pins.version}"


def test_built_wheels_are_taken_as_they_are(tmp_path: Path) -> None:
    pins = LOCK[deb_lock.PINS]
    folder = tmp_path / f"lgpio-{pins.version}"
    folder.mkdir()
    for machine in ("x86_64", "aarch64"):
        (folder / f"lgpio-{pins.version}-cp313-cp313-linux_{machine}.whl").touch()
    assert {arch: wheel.stem.rpartition("linux_")[2] for arch, wheel in deb_pins.wheels(pins, tmp_path).items()} == {
        "amd64": "x86_64",
        "arm64": "aarch64",
    }
