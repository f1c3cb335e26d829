"""A flirpy camera, opened and made harmless: found by its USB ids, silent, with the shortest queue OpenCV has."""

import grp
import importlib
import logging
import os
import struct
import termios
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from edge.core.frame import Gain, NoFrame

log = logging.getLogger(__name__)

# OpenCV waits so long for a picture (10 s otherwise). It reads this when it opens its first camera.
_SELECT_TIMEOUT = ("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
LEPTON_USB = ("1e4e", "0100")
BOSON_USB = ("09cb", "4007")
_BOSON_BAUD = 921_600
# All that flirpy and pyserial raise at a port that is not ours, goes away or answers noise.
_SERIAL_TROUBLE = (OSError, termios.error, struct.error, ValueError, TypeError, LookupError, RuntimeError)
_VIDEO_NODES = Path("/sys/class/video4linux")
# The driver's timestamp is on the monotonic clock. If the first one after opening lies further off it is on another.
_SAME_CLOCK_S = 60.0


class Device(Protocol):
    """One opened camera; every call may hang, and is made by one thread only."""

    def grab(self) -> NDArray[Any] | None:
        """The next picture as the driver gives it, None when none came. OSError and the like: it is broken."""

    def taken_s(self, now_s: float) -> float:
        """When the last picture was taken, in seconds of the monotonic clock, at most now_s."""

    def gain(self) -> Gain: ...

    def release(self) -> None: ...


class FlirpyDevice:
    """One flirpy object, its video opened; `arguments` go to its grab. OSError, ValueError: it does not open."""

    def __init__(self, camera: Any, node: int, arguments: dict[str, Any], gain: Gain = "unknown") -> None:
        self._cv2 = importlib.import_module("cv2")
        self._camera, self._arguments, self._gain = camera, arguments, gain
        self._driver_is_on_our_clock: bool | None = None
        # It would decode them signed, and stumble over a picture that has none; edge.core.telemetry does it.
        camera.decode_telemetry = lambda image, mode="footer": None
        try:
            camera.setup_video(node)
            camera.cap.set(self._cv2.CAP_PROP_BUFFERSIZE, 1)
        except self._cv2.error as error:
            raise OSError(str(error)) from error

    def grab(self) -> NDArray[Any] | None:
        try:
            image: NDArray[Any] | None = self._camera.grab(**self._arguments)
        except self._cv2.error as error:
            raise OSError(str(error)) from error
        return image

    def taken_s(self, now_s: float) -> float:
        driver_s = float(self._camera.cap.get(self._cv2.CAP_PROP_POS_MSEC)) / 1000.0
        if driver_s <= 0.0:
            # OpenCV's answer where the driver tells no time.
            return now_s
        # Decided once: later on, after a long pause, a picture that is a minute old is nothing but old.
        if self._driver_is_on_our_clock is None:
            self._driver_is_on_our_clock = abs(now_s - driver_s) < _SAME_CLOCK_S
        return min(driver_s, now_s) if self._driver_is_on_our_clock else now_s

    def gain(self) -> Gain:
        return self._gain

    def release(self) -> None:
        self._camera.release()


def open_lepton() -> Device | NoFrame:
    """The Lepton on the USB bus, or why not: none is there, it is not ours to open, or it does not open."""
    os.environ.setdefault(*_SELECT_TIMEOUT)
    node = usable_node(*LEPTON_USB)
    return node if isinstance(node, NoFrame) else lepton_on(node)


def lepton_on(node: int, make: Callable[[], Any] | None = None) -> Device | NoFrame:
    """The Lepton on /dev/video<node>; `make` builds the flirpy object (flirpy's own class unless told otherwise)."""
    camera = _quiet(make or importlib.import_module("flirpy.camera.lepton").Lepton)
    try:
        return FlirpyDevice(camera, node, {"strip_telemetry": False})
    except (OSError, ValueError) as error:
        return _not_opened(camera, node, error)


def open_boson() -> Device | NoFrame:
    """The Boson on the USB bus; see open_lepton."""
    os.environ.setdefault(*_SELECT_TIMEOUT)
    node = usable_node(*BOSON_USB)
    return node if isinstance(node, NoFrame) else boson_on(node)


def boson_on(node: int, make: Any = None) -> Device | NoFrame:
    """The Boson on /dev/video<node>, and its gain over the serial port that flirpy finds; see lepton_on.

    make: the class of the flirpy object. Without the port, or an answer to trust, the gain is "unknown" and the
    log says why, once.
    """
    boson = make or importlib.import_module("flirpy.camera.boson").Boson
    # Its constructor opens the port by itself, and fails with it; pictures need none.
    camera = _quiet(type("Portless", (boson,), {"find_serial_device": classmethod(lambda cls: None)}))
    try:
        return FlirpyDevice(camera, node, {}, _boson_gain(camera, boson.find_serial_device))
    except (OSError, ValueError) as error:
        return _not_opened(camera, node, error)


def _boson_gain(camera: Any, find_port: Callable[[], str | None]) -> Gain:
    """Its gain mode, asked once, then the serial port is given back; "unknown" without an answer to trust."""
    try:
        port = find_port()
        if port is None:
            _tell_once("没有串口", "it has no serial port")
            return "unknown"
        camera.connect(port, _BOSON_BAUD)
        try:
            # flirpy sets none: a port that takes nothing would block for ever.
            camera.conn.write_timeout = 1.0
            complaints = camera.logger.complaints
            mode = camera.get_gain_mode()
        finally:
            camera.disconnect()
    except _SERIAL_TROUBLE as error:
        _tell_once(
            f"串口不可用（{error}）；没有权限时请运行 sudo usermod -aG dialout 用户名 并重新登录",
            f"its serial port cannot be used ({error}); without permission run sudo usermod -aG dialout USER "
            "and log in again",
        )
        return "unknown"
    gains: dict[int, Gain] = {0: "high", 1: "low", 2: "auto"}
    # A wrong checksum is only logged, and the mode returned all the same.
    if not isinstance(mode, int) or mode not in gains or camera.logger.complaints > complaints:
        _tell_once(f"串口 {port} 的回答不可信", f"what {port} answers is not to be trusted")
        return "unknown"
    return gains[mode]


@lru_cache(maxsize=64)
def _tell_once(zh: str, en: str) -> None:
    # A camera that comes and goes is opened many times.
    log.warning("Boson 的增益未知：%s / the gain of the Boson is unknown: %s", zh, en)


def _quiet(make: Callable[[], Any]) -> Any:
    """A new flirpy object. Its constructor calls logging.basicConfig, which leaves a root with a handler alone."""
    handler = logging.NullHandler()
    logging.getLogger().addHandler(handler)
    try:
        camera = make()
    finally:
        logging.getLogger().removeHandler(handler)
    camera.logger = _Log()
    return camera


def _not_opened(camera: Any, node: int, error: Exception) -> NoFrame:
    camera.release()
    return NoFrame("not_connected", f"/dev/video{node} does not open ({error}); does another program hold it?")


def usb_node(vendor: str, product: str, nodes: Path = _VIDEO_NODES) -> int | None:
    """N of the /dev/videoN that delivers the pictures of the USB camera with these ids, None when there is none.

    flirpy's own search opens what it finds, and finds nothing while another program uses the camera.
    """
    found = [
        int(node.name.removeprefix("video"))
        for node in nodes.glob("video*")
        # A camera has a second node for its metadata, with index 1.
        if _text(node / "index") == "0"
        # `device` is the USB interface; the ids are its parent's.
        and (_text(node / "device/../idVendor"), _text(node / "device/../idProduct")) == (vendor, product)
    ]
    return min(found, default=None)


def usable_node(vendor: str, product: str, nodes: Path = _VIDEO_NODES, devices: Path = Path("/dev")) -> int | NoFrame:
    """The camera's node, or why it cannot be opened."""
    node = usb_node(vendor, product, nodes)
    if node is None:
        return NoFrame("not_connected", f"no USB camera {vendor}:{product}")
    path = devices / f"video{node}"
    if not os.access(path, os.R_OK | os.W_OK):
        return NoFrame("no_permission", f"{path} belongs to the group {_group(path)}")
    return node


def _group(path: Path) -> str:
    try:
        name = grp.getgrgid(path.stat().st_gid).gr_name
    except (OSError, KeyError):
        return "video"
    # Not handed over by udev, or of a group that the unit's own namespace does not show: the one it ought to have.
    return "video" if name in ("root", "nogroup") else name


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


class _Log:
    """Takes flirpy's log lines: it warns at every failed grab, and says of a bad checksum only there."""

    def __init__(self) -> None:
        self.complaints = 0

    def debug(self, *_: object) -> None: ...

    def info(self, *_: object) -> None: ...

    def warn(self, *_: object) -> None:
        self.complaints += 1

    warning = error = warn
