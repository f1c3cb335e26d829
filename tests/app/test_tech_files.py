"""What leaves with a technician: a support bundle without people, a certificate, a clip that is gone afterwards."""

import io
import json
import time
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from edge.adapters.camera_replay import ReplayCamera
from edge.adapters.guards_file import add_guard
from edge.app import bootstrap
from edge.app.tech_files import blanked, without_private
from edge.core.frame import Frame
from tests.fakes.clock import FakeClock
from tests.fakes.passages import passage
from tests.fakes.tech import CONFIG, WAIT_S, TechDesk

TOKEN = "c2VjcmV0LXRva2VuLXRoYXQtbXVzdC1ub3QtbGVhdmU"
NAMES = ("东门", "gate-7", "第三小学", "zhao-li", "赵丽", "ma", "county.example", "192.0.2.7", TOKEN, "p-0417")


@pytest.fixture
def desk(tmp_path: Path) -> TechDesk:
    opened = TechDesk(tmp_path)
    opened.signs_in()
    return opened


def bundle(desk: TechDesk) -> dict[str, str]:
    file = desk.work.file(desk.session, "support.zip")
    assert file is not None
    assert file.name.startswith("foregate-support-")
    with zipfile.ZipFile(io.BytesIO(file.body)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def full(tmp_path: Path) -> TechDesk:
    """A gate that knows people, a county and secrets, and has said much about them."""
    (tmp_path / "token").write_text(TOKEN, encoding="utf-8")
    (tmp_path / "token").chmod(0o600)
    (tmp_path / "school.pem").write_text("x", encoding="utf-8")
    more = f"""
[county]
url = "https://county.example"
token_file = "{tmp_path}/token"
[roster]
key_file = "{tmp_path}/school.pem"
school = "第三小学"
"""
    desk = TechDesk(tmp_path, CONFIG + more)
    desk.signs_in()
    add_guard(desk.config.guards_file, "zhao-li", "赵丽", "guard", "482915")
    with closing(bootstrap.open_store(desk.config)) as store:
        clock = FakeClock()
        store.append(passage(), clock.stamp())
    desk.log.say(f"无法写入 / cannot write {tmp_path}/foregate.sqlite (disk full)")
    desk.log.say("县里没有回答 / no answer from https://county.example:8443/api/v1 (192.0.2.7)")
    desk.log.say(f'令牌 / token {TOKEN}, 姓名 "p-0417"')
    return desk


def test_the_bundle_tells_of_the_gate_and_of_nobody(tmp_path: Path) -> None:
    desk = full(tmp_path)
    desk.lines.begin("ma")
    parts = bundle(desk)
    whole = "\n".join(parts.values())
    for name in (*NAMES, str(tmp_path)):
        if name == "ma":
            assert not any(line.split()[-1:] == ["ma"] or "(ma)" in line for line in whole.splitlines())
        else:
            assert name not in whole, name
    assert json.loads(parts["config.json"])["policy"] == {"fever_forehead_c": 36.2}
    assert json.loads(parts["counts.json"]) == {"written": 1, "acknowledged": 0, "set_aside": 0}
    assert "无法写入 / cannot write <path>" in parts["log.txt"]
    assert "maintenance begins: ***" in parts["log.txt"]
    assert any(line.startswith("foregate ") for line in parts["versions.txt"].splitlines())
    assert {one["name"] for one in json.loads(parts["doctor.json"])} >= {"python", "opencv"}
    assert json.loads(parts["readings.json"])["threshold_c"] == 36.2


def test_without_records_or_a_readable_file_there_is_still_a_bundle(desk: TechDesk) -> None:
    desk.file.write_text("broken = ", encoding="utf-8")
    parts = bundle(desk)
    assert json.loads(parts["config.json"]) == {"unreadable": True}
    assert set(parts) >= {"doctor.json", "log.txt", "health.json"}


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("see /etc/foregate/gate.toml now", "see <path> now"),
        ("at 10.0.0.12:8443", "at <address>"),
        ("36.25 °C of 37.0", "36.25 °C of 37.0"),
        ("at 16:45:55 or 2/3 of it", "at 16:45:55 or 2/3 of it"),
        ("“李明”说", '"***"说'),
        ("技术员登录 / technician signed in: li.ming", "技术员登录 / technician signed in: ***"),
    ],
)
def test_what_may_name_somebody_is_blanked_and_figures_stay(said: str, left: str) -> None:
    assert without_private(said) == left


def test_a_text_under_a_key_that_nobody_has_looked_at_is_blanked() -> None:
    found = blanked({"gate": {"timezone": "Asia/Shanghai", "new_key": "李明", "list": ["a", 3]}, "n": 2, "on": True})
    assert found == {"gate": {"timezone": "Asia/Shanghai", "new_key": "***", "list": ["***", 3]}, "n": 2, "on": True}


def clips(desk: TechDesk, seconds: int = 1, frames: int = 12) -> None:
    assert desk.told("clip_begin", seconds=seconds, agreed=True)["ok"]
    for n in range(frames):
        desk.clip.offer(Frame(np.full((120, 160), 30_000 + n, dtype=np.uint16), n, 50.0 + n / 9))
    until_s = time.monotonic() + WAIT_S
    while desk.told("clip")["recording"]:
        assert time.monotonic() < until_s
        time.sleep(0.01)


def test_a_clip_is_recorded_fetched_and_played(desk: TechDesk, tmp_path: Path) -> None:
    clips(desk)
    view = desk.told("clip")
    assert (view["frames"], view["seconds"]) == (10, 1.0)
    file = desk.work.file(desk.session, "clip.npz")
    assert file is not None
    assert view["bytes"] == len(file.body)
    path = tmp_path / "fetched.npz"
    path.write_bytes(file.body)
    with closing(ReplayCamera(path)) as camera:
        first = camera.read(1.0)
        assert camera.info.rotation_deg == 90
    assert isinstance(first, Frame)
    assert first.counts[0, 0] == 30_000
    assert desk.told("clip_forget")["bytes"] is None
    assert desk.work.file(desk.session, "clip.npz") is None
    assert not (desk.file.parent / "clip.d").exists()


def test_nobody_is_recorded_without_consent_or_for_too_long(desk: TechDesk) -> None:
    for fields in ({"seconds": 5, "agreed": False}, {"seconds": 0, "agreed": True}, {"seconds": 61, "agreed": True}):
        assert desk.ask("clip_begin", **fields).status == 409
    assert not desk.clip.recording


def test_a_clip_is_the_owners_alone_and_gone_when_the_gate_ends(desk: TechDesk) -> None:
    clips(desk)
    folder = desk.file.parent / "clip.d"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "clip.npz").stat().st_mode & 0o777 == 0o600
    desk.clip.close()
    assert not folder.exists()


def test_a_camera_that_brings_nothing_is_told(desk: TechDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.app.tech_clip.PATIENCE_S", 0.1)
    clips(desk, frames=0)
    assert "check the camera" in desk.told("clip")["error"]["en"]
    assert desk.told("clip_begin", seconds=1, agreed=True)["ok"]
    desk.clip.close()
