"""Each fault that flirpy and its cameras are known for, injected below flirpy's own code, ends in its reason."""

import importlib
import logging
import os
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge.adapters.camera_flirpy import BosonCamera, LeptonCamera, Timing
from edge.adapters.camera_flirpy.devices import LEPTON_USB, usable_node, usb_node
from edge.core.errors import CameraError
from edge.core.frame import Frame, NoFrame
from edge.ports import Camera
from tests.adapters.flirpy_fakes import HASTY, QUICK, WAIT_S, Bus, Capture
from tests.adapters.lepton_images import CLOSED, lepton_image


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


def until(camera: Camera, wanted: Callable[[Frame | NoFrame], bool]) -> Frame | NoFrame:
    """Read until something wanted comes; a thousand reads without it are a failure."""
    for _ in range(1_000):
        got = camera.read(0.02)
        if wanted(got):
            return got
    raise AssertionError(f"never came; the last was {got}")


def frame(camera: Camera) -> Frame:
    got = until(camera, lambda got: isinstance(got, Frame))
    assert isinstance(got, Frame)
    return got


def refused(camera: Camera, reason: str) -> NoFrame:
    got = until(camera, lambda got: isinstance(got, NoFrame) and got.reason == reason)
    assert isinstance(got, NoFrame)
    return got


def opened(camera: Camera, bus: Bus) -> Capture:
    """The first read opens the camera."""
    camera.read(0.0)
    return bus.capture()


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


class Ahead:
    """The monotonic clock, and a jump ahead of it."""

    def __init__(self) -> None:
        self.jumped_s = 0.0

    def now_s(self) -> float:
        return time.monotonic() + self.jumped_s


# Only the patience with refused pictures ends: a jump of the clock makes every picture old and every grab long.
PATIENT = Timing(first_pause_s=0.01, longest_pause_s=0.02, oldest_s=1e9, stuck_s=1e9, close_s=0.1)


@pytest.fixture
def ahead() -> Ahead:
    return Ahead()


@pytest.fixture
def patient_camera(bus: Bus, ahead: Ahead) -> Iterator[LeptonCamera]:
    camera = LeptonCamera(bus.lepton, PATIENT, ahead.now_s)
    yield camera
    camera.close()


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        pytest.param(np.full((122, 160), 90, np.uint8), "eight_bit", id="8 bits"),
        pytest.param(np.full((120, 160), 29_515, np.uint16), "malformed", id="no telemetry"),
        pytest.param(lepton_image(7, 22.0), "repeated", id="frozen"),
        pytest.param(lepton_image(7, 22.0, status=CLOSED, uptime=7), "repeated", id="frozen with the shutter closed"),
    ],
)
def test_a_device_that_brings_no_frame_for_10_s_is_opened_anew(
    patient_camera: LeptonCamera, bus: Bus, ahead: Ahead, image: Any, reason: str
) -> None:
    camera = patient_camera
    capture = opened(camera, bus)

    def refused_again() -> None:
        capture.show(image)
        refused(camera, reason)

    capture.show(image)
    until(camera, lambda got: not isinstance(got, NoFrame) or got.reason == reason)
    refused_again()
    ahead.jumped_s = 9.0
    refused_again()
    assert not bus.has_opened()

    ahead.jumped_s = 11.0
    refused_again()
    until(camera, lambda got: bus.has_opened())

    capture.show(image)
    assert capture.released.wait(WAIT_S), "the old object lets go of the device with its last picture"
    bus.capture().show(bus.image(21.0))
    assert frame(camera).telemetry.shutter == "open"


def test_a_device_is_left_alone_while_its_shutter_is_closed(
    patient_camera: LeptonCamera, bus: Bus, ahead: Ahead
) -> None:
    capture = opened(patient_camera, bus)
    for n in range(6):
        words, reason = ({"gain": 1}, "low_gain") if n % 2 else ({"tlinear": 0}, "not_radiometric")
        capture.show(bus.image(status=CLOSED, uptime=1_000 * n, **words))
        refused(patient_camera, reason)
        ahead.jumped_s += 6.0

    assert not bus.has_opened()
    assert not capture.released.is_set()


def test_a_queue_of_old_pictures_is_passed_over(camera: LeptonCamera, bus: Bus) -> None:
    capture = opened(camera, bus)
    capture.show(bus.image(10.0), bus.image(11.0), age_s=30.0)
    capture.show(bus.image(22.0))

    assert frame(camera).counts[0, 0] == 29_515


def test_after_a_long_pause_what_waits_in_the_queue_is_old(bus: Bus) -> None:
    device = bus.lepton()
    assert not isinstance(device, NoFrame)
    capture = bus.capture()

    def age_s(stamped_s: float) -> float:
        capture.show(bus.image(), age_s=stamped_s)
        device.grab()
        now_s = time.monotonic()
        return now_s - device.taken_s(now_s)

    assert [age_s(0.1), age_s(300.0), age_s(0.2)] == pytest.approx([0.1, 300.0, 0.2], abs=0.05)
    assert age_s(-5.0) == 0.0, "never in the future"


@pytest.mark.parametrize("offset_s", [-1.7e9, -100.0])
def test_the_pictures_of_a_driver_on_another_clock_are_from_now(bus: Bus, offset_s: float) -> None:
    device = bus.lepton()
    assert not isinstance(device, NoFrame)
    capture = bus.capture()
    # The second one by chance shows nearly our time.
    for stamped_s in (offset_s, 1.0):
        capture.show(bus.image(), age_s=stamped_s)
        device.grab()
        now_s = time.monotonic()
        assert device.taken_s(now_s) == now_s


def test_a_driver_that_tells_no_time_is_no_clock(bus: Bus) -> None:
    device = bus.lepton()
    assert not isinstance(device, NoFrame)
    assert bus.capture().get(cv2.CAP_PROP_POS_MSEC) == 0.0

    # Shortly after the start of the board, when 0 lies near.
    assert [device.taken_s(now_s) for now_s in (20.0, 90.0)] == [20.0, 90.0]


def test_a_timestamp_of_another_clock_is_not_believed(camera: LeptonCamera, bus: Bus) -> None:
    capture = opened(camera, bus)
    capture.show(bus.image(), age_s=-1.7e9)

    assert frame(camera).seq == 0


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


class SerialPort:
    """A Boson's serial port that answers a request for the gain mode."""

    def __init__(self, mode: int, spoil: bool = False) -> None:
        self.is_open, self.write_timeout = True, None
        self._mode, self._spoil = mode, spoil
        self._answer = b""

    def write(self, packet: bytes) -> int:
        import binascii
        import struct

        header = struct.pack(">BBIII", 0x8E, 0, 0, 0x00050015, 0)
        payload = struct.pack(">I", self._mode)
        crc = binascii.crc_hqx(header[1:] + payload, 0x1D0F) ^ self._spoil
        self._answer = header + payload + struct.pack(">HB", crc, 0xAE)
        return len(packet)

    def read(self, size: int) -> bytes:
        answer, self._answer = self._answer[:size], self._answer[size:]
        return answer

    def read_all(self) -> bytes:
        return self.read(10_000)

    def close(self) -> None:
        self.is_open = False


@pytest.fixture
def boson(bus: Bus) -> Iterator[BosonCamera]:
    camera = BosonCamera(bus.boson, QUICK)
    yield camera
    camera.close()


def boson_image(seed: int = 0, degrees_c: float = 22.0) -> Any:
    noise = np.random.default_rng(seed).integers(0, 9, (256, 320))
    return (noise + round((degrees_c + 273.15) * 100)).astype(np.uint16)


def test_a_boson_delivers_with_the_gain_that_its_serial_port_told(boson: BosonCamera, bus: Bus) -> None:
    bus.serial = port = SerialPort(mode=0)
    opened(boson, bus).show(boson_image())

    got = frame(boson)

    assert (got.counts.shape, got.telemetry.gain) == ((256, 320), "high")
    assert not port.is_open, "the port is not exclusive: it is given back at once"
    assert port.write_timeout == 1.0


def test_a_boson_in_low_gain_is_refused(boson: BosonCamera, bus: Bus) -> None:
    bus.serial = SerialPort(mode=1)
    opened(boson, bus).show(boson_image())

    refused(boson, "low_gain")


@pytest.mark.parametrize("serial", [None, SerialPort(mode=1, spoil=True)], ids=["no port", "wrong checksum"])
def test_a_bosons_gain_is_unknown_without_an_answer_to_trust(boson: BosonCamera, bus: Bus, serial: Any) -> None:
    bus.serial = serial
    opened(boson, bus).show(boson_image())

    assert frame(boson).telemetry.gain == "unknown"


class Noise(SerialPort):
    """A port on which something else talks, or that breaks while it is asked."""

    def __init__(self, raw: bytes, error: Exception | None = None) -> None:
        super().__init__(mode=0)
        self._raw, self._error = raw, error

    def write(self, packet: bytes) -> int:
        if self._error is not None:
            raise self._error
        self._answer = self._raw
        return len(packet)


# pyserial, which flirpy needs, has no types.
serial: Any = importlib.import_module("serial")
NOT_OURS = serial.SerialException(13, "could not open port /dev/ttyACM0: Permission denied")


@pytest.mark.parametrize(
    "port",
    [
        pytest.param(NOT_OURS, id="no dialout group"),
        pytest.param(Noise(b"", NOT_OURS), id="gone while it is asked"),
        pytest.param(Noise(b"", termios.error(5, "Input/output error")), id="no terminal"),
        pytest.param(Noise(b"\xae" * 17), id="noise"),
        pytest.param(Noise(b"\x8e" + bytes(14) + b"\x9e\xae"), id="noise that is cut short when unstuffed"),
        pytest.param(Noise(b"\x8e" + bytes(12) + b"\xff" * 3 + b"\xae"), id="an answer without its value"),
        pytest.param(Noise(b"\x8e" + bytes(12) + b"\x01\x00\x00\xae"), id="one byte"),
    ],
)
def test_a_boson_delivers_whatever_its_serial_port_does(boson: BosonCamera, bus: Bus, port: Any) -> None:
    bus.serial = port
    opened(boson, bus).show(boson_image())

    assert frame(boson).telemetry.gain == "unknown"
    assert isinstance(port, Exception) or not port.is_open


def test_the_log_tells_once_why_the_gain_is_unknown(
    boson: BosonCamera, bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    bus.serial = serial.SerialException(13, "could not open port /dev/ttyACM7: Permission denied")
    first = opened(boson, bus)
    first.show(boson_image(1))
    frame(boson)
    first.show(None)
    until(boson, lambda got: bus.has_opened())
    bus.capture().show(boson_image(2))
    frame(boson)

    (told,) = [record.getMessage() for record in caplog.records if "ttyACM7" in record.getMessage()]
    assert "增益未知" in told
    assert "usermod -aG dialout" in told


def test_a_boson_that_is_frozen_or_not_radiometric_is_refused(boson: BosonCamera, bus: Bus) -> None:
    capture = opened(boson, bus)
    capture.show(boson_image(1))
    frame(boson)
    capture.show(boson_image(1))
    refused(boson, "repeated")
    capture.show(boson_image(2, degrees_c=-120.0))
    refused(boson, "not_radiometric")
    capture.show(np.full((512, 640), 29_515, np.uint16))
    refused(boson, "malformed")


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
