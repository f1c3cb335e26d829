"""Each fault that flirpy and its cameras are known for, injected below flirpy's own code, ends in its reason."""

import grp
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from edge.adapters.camera_flirpy import LeptonCamera, Timing
from edge.adapters.camera_flirpy.devices import LEPTON_USB, usable_node, usb_node
from edge.core.errors import CameraError
from edge.core.frame import Frame, NoFrame
from tests.adapters.flirpy_fakes import HASTY, QUICK, WAIT_S, Bus, frame, opened, refused, until
from tests.adapters.lepton_images import CLOSED


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def camera(bus: Bus) -> Iterator[LeptonCamera]:
    camera = LeptonCamera(bus.lepton, QUICK)
    yield camera
    camera.close()


@pytest.fixture
def hasty_camera(bus: Bus) -> Iterator[LeptonCamera]:
    camera = LeptonCamera(bus.lepton, HASTY)
    yield camera
    camera.close()


def test_a_frame_comes_with_its_telemetry_and_the_drivers_time(camera: LeptonCamera, bus: Bus) -> None:
    capture = opened(camera, bus)
    capture.show(bus.image(22.0, fpa=33_000), age_s=0.2)

    got = frame(camera)

    assert got.counts.shape == (120, 160)
    assert got.counts[0, 0] == 29_515
    assert (got.seq, got.unit) == (0, "centikelvin")
    assert got.telemetry.fpa_c == pytest.approx(56.85)
    assert (got.telemetry.shutter, got.telemetry.tlinear, got.telemetry.gain) == ("open", True, "high")
    assert capture.settings[cv2.CAP_PROP_BUFFERSIZE] == 1
    capture.show(bus.image())
    assert frame(camera).t_s - got.t_s > 0.1


def test_a_grab_that_hangs_is_given_up_and_a_new_object_delivers(hasty_camera: LeptonCamera, bus: Bus) -> None:
    camera = hasty_camera
    hung = opened(camera, bus)

    until(camera, lambda got: isinstance(got, NoFrame) and "hangs" in got.detail)
    until(camera, lambda got: bus.has_opened())
    bus.capture().show(bus.image())

    assert frame(camera).seq == 0
    assert not hung.released.is_set()
    hung.show(bus.image())
    assert hung.released.wait(WAIT_S), "a grab that comes back late lets go of its device"


def test_grabs_that_never_come_back_do_not_pile_up(hasty_camera: LeptonCamera, bus: Bus) -> None:
    camera = hasty_camera
    opened(camera, bus)
    until(camera, lambda got: isinstance(got, NoFrame) and "never came back" in got.detail)

    second = bus.capture()
    for _ in range(5):
        camera.read(0.05)

    assert not bus.has_opened(), "two hang already: no third is opened"
    second.show(None)
    until(camera, lambda got: bus.has_opened())


def test_unplugged_and_plugged_in_again(camera: LeptonCamera, bus: Bus) -> None:
    first = opened(camera, bus)
    first.show(bus.image())
    assert frame(camera).seq == 0

    bus.trouble = NoFrame("not_connected", "no USB camera")
    first.show(None)
    refused(camera, "not_connected")
    assert first.released.wait(WAIT_S), "the dead object would pin /dev/video0"

    bus.trouble = None
    until(camera, lambda got: bus.has_opened())
    bus.capture().show(bus.image())
    assert frame(camera).seq == 1


def test_a_single_timeout_keeps_the_object_a_second_one_ends_it(bus: Bus) -> None:
    # gone_s 0: every failure counts as slow, as a stream's that stalls.
    camera = LeptonCamera(bus.lepton, Timing(gone_s=0.0, first_pause_s=0.01, longest_pause_s=0.02, close_s=0.1))
    capture = opened(camera, bus)
    capture.show(None, bus.image())
    frame(camera)
    assert not capture.released.is_set()

    capture.show(None, None)
    refused(camera, "stalled")

    assert capture.released.wait(WAIT_S)
    camera.close()


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        pytest.param(np.full((120, 160), 29_515, np.uint16), "malformed", id="no telemetry: 120 rows"),
        pytest.param(np.full((61, 80), 29_515, np.uint16), "malformed", id="a Lepton 2"),
        pytest.param(np.full((122, 160), 29_515, np.int32), "malformed", id="int32"),
        pytest.param(np.full((122, 160), 90, np.uint8), "eight_bit", id="8 bits"),
        pytest.param(np.full((120, 160, 3), 90, np.uint8), "eight_bit", id="BGR"),
        pytest.param(np.full((122, 160), 90, np.uint16), "eight_bit", id="AGC's 8 bits in 16"),
    ],
)
def test_what_is_not_the_picture_expected_is_refused(camera: LeptonCamera, bus: Bus, image: Any, reason: str) -> None:
    capture = opened(camera, bus)
    capture.show(image)

    refused(camera, reason)
    capture.show(bus.image())
    assert frame(camera).seq == 0, "a picture that was refused is no frame"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"gain": 1}, "low_gain"),
        ({"gain": 2, "gain_now": 1}, "low_gain"),
        ({"tlinear": 0}, "not_radiometric"),
        ({"resolution": 0}, "not_radiometric"),
        ({"degrees_c": -180.0}, "not_radiometric"),
    ],
)
def test_tlinear_and_gain_are_checked(camera: LeptonCamera, bus: Bus, words: dict[str, Any], reason: str) -> None:
    opened(camera, bus).show(bus.image(**words))

    refused(camera, reason)


def test_firmware_that_tells_no_mode_is_believed_by_its_counts(camera: LeptonCamera, bus: Bus) -> None:
    capture = opened(camera, bus)
    capture.show(bus.image(tlinear=0, resolution=0))
    got = frame(camera)

    assert (got.telemetry.tlinear, got.telemetry.gain) == (None, "unknown")
    capture.show(bus.image(-180.0, tlinear=0, resolution=0))
    refused(camera, "not_radiometric")


def test_a_frozen_picture_is_seen_by_its_counter(camera: LeptonCamera, bus: Bus) -> None:
    capture = opened(camera, bus)
    image = bus.image()
    capture.show(image)
    frame(camera)

    capture.show(image.copy())

    refused(camera, "repeated")


def test_the_picture_held_behind_a_closed_shutter_is_delivered_as_such(camera: LeptonCamera, bus: Bus) -> None:
    capture = opened(camera, bus)
    image = bus.image(uptime=1_000)
    capture.show(image)
    frame(camera)
    held = image.copy()
    held[120, 3], held[120, 1] = CLOSED, 1_115

    capture.show(held)

    assert frame(camera).telemetry.shutter == "closed"


def test_an_error_inside_flirpy_ends_the_object_not_the_camera(camera: LeptonCamera, bus: Bus) -> None:
    bus.trouble = OSError("Failed to open capture device 0")
    assert "another program" in refused(camera, "not_connected").detail

    bus.trouble = None
    until(camera, lambda got: bus.has_opened())
    bus.capture().show(bus.image())
    frame(camera)


def test_no_permission_is_borne_while_udev_may_still_grant_it_then_names_the_group(bus: Bus) -> None:
    bus.trouble = NoFrame("no_permission", "/dev/video0 belongs to the group video")
    patient = LeptonCamera(bus.lepton, QUICK)
    refused(patient, "no_permission")
    patient.close()
    strict = LeptonCamera(bus.lepton, Timing(forbidden_s=0.0, close_s=0.1))

    with pytest.raises(CameraError, match=r"没有相机权限.*video(?s:.*)usermod") as error:
        until(strict, lambda got: isinstance(got, Frame))

    assert "group video" in error.value.en
    for text in (error.value.zh, error.value.en):
        assert "dialout" in text
        assert "udev" not in text
    strict.close()


def test_the_programs_own_logging_is_left_alone(
    camera: LeptonCamera, bus: Bus, capsys: pytest.CaptureFixture[str]
) -> None:
    before = list(logging.getLogger().handlers)
    level = logging.getLogger().level
    capture = opened(camera, bus)
    capture.show(None)
    refused(camera, "not_connected")

    assert logging.getLogger().handlers == before
    assert logging.getLogger().level == level
    assert "Failed to capture" not in capsys.readouterr().err


def test_opencv_waits_two_seconds_for_a_picture_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    from edge.adapters.camera_flirpy import devices

    monkeypatch.delenv("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", raising=False)
    monkeypatch.setattr(devices, "usable_node", lambda *_: NoFrame("not_connected"))
    devices.open_lepton()

    assert os.environ["OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT"] == "2"


def test_closing_gives_the_device_back(camera: LeptonCamera, bus: Bus) -> None:
    capture = opened(camera, bus)
    threading.Timer(0.01, capture.show, [bus.image()]).start()
    camera.close()

    assert capture.released.wait(WAIT_S)
    assert camera.read(0.0) == NoFrame("ended")


def sysfs(root: Path, cameras: dict[str, tuple[str, str, str]]) -> Path:
    """/sys/class/video4linux with nodes: name -> (index, vendor, product)."""
    nodes = root / "class"
    nodes.mkdir()
    for name, (index, vendor, product) in cameras.items():
        usb = root / "usb" / name
        interface = usb / "1-1:1.0"
        interface.mkdir(parents=True)
        (usb / "idVendor").write_text(vendor + "\n")
        (usb / "idProduct").write_text(product + "\n")
        (nodes / name).mkdir()
        (nodes / name / "index").write_text(index + "\n")
        (nodes / name / "device").symlink_to(interface)
    return nodes


def test_the_camera_is_found_by_its_ids_without_opening_anything(tmp_path: Path) -> None:
    nodes = sysfs(
        tmp_path,
        {"video0": ("0", "046d", "0825"), "video3": ("0", "1e4e", "0100"), "video4": ("1", "1e4e", "0100")},
    )

    assert usb_node(*LEPTON_USB, nodes=nodes) == 3
    assert usb_node("09cb", "4007", nodes=nodes) is None
    assert usb_node(*LEPTON_USB, nodes=tmp_path / "none") is None


def test_a_device_that_is_not_ours_to_open_says_whose_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = sysfs(tmp_path, {"video0": ("0", *LEPTON_USB)})
    (tmp_path / "video0").touch()
    assert usable_node(*LEPTON_USB, nodes=nodes, devices=tmp_path) == 0

    # The superuser may open anything: only the answer can be imitated.
    monkeypatch.setattr(os, "access", lambda *_: False)
    got = usable_node(*LEPTON_USB, nodes=nodes, devices=tmp_path)

    assert isinstance(got, NoFrame)
    assert got.reason == "no_permission"
    assert "group" in got.detail


@pytest.mark.parametrize(("group", "told"), [("plugdev", "plugdev"), ("root", "video"), ("nogroup", "video")])
def test_a_group_that_nobody_should_join_is_not_recommended(
    group: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit with users of its own (PrivateUsers=) sees the groups it is not in as nogroup."""
    nodes = sysfs(tmp_path, {"video0": ("0", *LEPTON_USB)})
    (tmp_path / "video0").touch()
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(grp, "getgrgid", lambda _: SimpleNamespace(gr_name=group))
    assert f"group {told}" in str(usable_node(*LEPTON_USB, nodes=nodes, devices=tmp_path))
