"""Old pictures are never shown as live, and patience with a device that brings no frame ends."""

import time
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest

from edge.adapters.camera_flirpy import LeptonCamera, Timing
from edge.core.frame import NoFrame
from tests.adapters.flirpy_fakes import QUICK, WAIT_S, Bus, frame, opened, refused, until
from tests.adapters.lepton_images import CLOSED, lepton_image


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def camera(bus: Bus) -> Iterator[LeptonCamera]:
    camera = LeptonCamera(bus.lepton, QUICK)
    yield camera
    camera.close()


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
