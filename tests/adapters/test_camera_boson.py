"""A Boson on flirpy's own class: its pictures come whatever its serial port does."""

import importlib
import termios
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from edge.adapters.camera_flirpy import BosonCamera
from tests.adapters.flirpy_fakes import QUICK, Bus, frame, opened, refused, until


@pytest.fixture
def bus() -> Bus:
    return Bus()


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
