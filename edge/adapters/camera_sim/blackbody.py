"""A simulated sensor before a simulated blackbody that somebody carries about: the scene of a calibration.

The sensor is the same as that of the simulated gate with the same seed; what is wrong with it can be more, and hidden.
"""

import math
from dataclasses import dataclass

import numpy as np

from edge.adapters.camera_sim.camera import POWERED_S, serial_of
from edge.adapters.camera_sim.scene import Field, Room, empty_room
from edge.adapters.camera_sim.sensor import INTERVAL_S, Faults, Sensor
from edge.core.correction import Surface
from edge.core.frame import CameraInfo, Frame, NoFrame, Telemetry
from edge.core.geometry import Rotation, to_sensor
from edge.core.radiometry import apparent_c

# Half the aperture of a 70 mm source at 1 m, in pixels of a 57 degree, 160 pixel sensor.
RADIUS_PX_AT_1_M = 0.035 * 160 / (2 * math.tan(math.radians(28.5)))
HAND_C = 31.0


@dataclass(frozen=True, slots=True)
class Source:
    """A blackbody in the picture. x, y: its middle as fractions of the upright picture; distance_m: from the camera.

    temperature_c: what its display says, and truly is once it has settled; begins_k: how far it is off when it is set,
    tau_s: how fast that goes away; covered: part of it, from the left, that a hand covers (0 to 1).
    """

    temperature_c: float
    x: float = 0.5
    y: float = 0.45
    distance_m: float = 0.8
    begins_k: float = 0.0
    tau_s: float = 25.0
    covered: float = 0.0


@dataclass(frozen=True, slots=True)
class Hidden:
    """What nobody tells the technician.

    surface: how much warmer the sensor reads where; reference_k: how much warmer the reference is than it says;
    drift_k_per_min: of the sensor's level; source_k: how much warmer the blackbody is than it says.
    """

    faults: Faults = Faults(ffc_period_s=180.0)
    surface: Surface | None = None
    reference_k: float = 0.0
    drift_k_per_min: float = 0.0
    source_k: float = 0.0


class BlackbodyCamera:
    """See `edge.ports.Camera`; frames come as fast as they are read, `every` of them one second and a little apart.

    place, remove and exchange_sensor may be called between two frames.
    """

    def __init__(
        self,
        seed: int = 1,
        hidden: Hidden = Hidden(),
        *,
        rotation_deg: Rotation = 90,
        ambient_c: float = 22.0,
        reference_c: float = 37.0,
        source_emissivity: float = 0.98,
        every: int = 1,
        powered_s: float = POWERED_S,
    ) -> None:
        self.hidden, self._rotation_deg, self._ambient_c, self._every = hidden, rotation_deg, ambient_c, every
        self._emissivity, self._powered_s = source_emissivity, powered_s
        upright = rotation_deg in (90, 270)
        self._room = Room(160, 120, ambient_c, reference_c + hidden.reference_k, 1.0) if upright else Room(
            120, 160, ambient_c, reference_c + hidden.reference_k, 1.0
        )  # fmt: skip
        self._background = empty_room(self._room)
        self._sensor = Sensor(seed, 120, 160, hidden.faults)
        self._map = np.float32(0.0) if hidden.surface is None else hidden.surface.over(120, 160)
        self._serial = serial_of(seed)
        self._source: Source | None = None
        self._placed_s = 0.0
        self._slot = self._seq = 0
        box = to_sensor(self._room.reference_box, rotation_deg, self._room.columns, self._room.rows)
        self.info = CameraInfo("sim", 120, 160, rotation_deg=rotation_deg, reference_box=box,
                               reference_temperature_c=reference_c)  # fmt: skip

    def read(self, timeout_s: float) -> Frame | NoFrame:
        self._slot += self._every
        while self._sensor.shutter(self._slot * INTERVAL_S).closed:
            self._slot += 1
        t_s = self._slot * INTERVAL_S
        drift_k = np.float32(self.hidden.drift_k_per_min * t_s / 60.0)
        stored = np.ascontiguousarray(np.rot90(self._scene(t_s), self._rotation_deg // 90)) + self._map + drift_k
        shutter = self._sensor.shutter(t_s)
        telemetry = Telemetry(
            uptime_ms=round((self._powered_s + t_s) * 1000),
            last_ffc_ms=max(0, round((self._powered_s + shutter.ffc_s) * 1000)),
            frame_counter=self._slot,
            shutter="imminent" if shutter.imminent else "open",
            fpa_c=self._sensor.fpa_c(t_s),
            gain="high",
            tlinear=True,
            serial=self._serial,
        )
        self._seq += 1
        return Frame(self._sensor.counts(stored.astype(np.float32), t_s), self._seq - 1, t_s, telemetry=telemetry)

    def close(self) -> None:
        """Nothing to give back."""

    def place(self, source: Source) -> None:
        """Put the blackbody there, set to that temperature, now."""
        self._source, self._placed_s = source, self._slot * INTERVAL_S

    def remove(self) -> None:
        self._source = None

    def exchange_sensor(self, serial: str) -> None:
        """Another sensor from now on."""
        self._serial = serial

    def _scene(self, t_s: float) -> Field:
        picture = self._background.copy()
        source = self._source
        if source is None:
            return picture
        left_k = source.begins_k * math.exp(-(t_s - self._placed_s) / source.tau_s)
        seen_c = apparent_c(source.temperature_c + self.hidden.source_k + left_k, self._ambient_c, self._emissivity)
        y, x = np.mgrid[: self._room.rows, : self._room.columns].astype(np.float32)
        cx, cy = source.x * self._room.columns, source.y * self._room.rows
        radius_px = RADIUS_PX_AT_1_M / source.distance_m
        distance_px = np.sqrt((x + 0.5 - cx) ** 2 + (y + 0.5 - cy) ** 2)
        case = np.clip(1.6 * radius_px + 0.5 - distance_px, 0.0, 1.0)
        picture += case * (np.float32(self._ambient_c + 3.0) - picture)
        disc = np.clip(radius_px + 0.5 - distance_px, 0.0, 1.0)
        picture += disc * (np.float32(seen_c) - picture)
        if source.covered > 0.0:
            edge_px = cx - radius_px + 2 * radius_px * source.covered
            hand = (x < edge_px) & (np.abs(y - cy) < 2 * radius_px) & (x > cx - 4 * radius_px)
            picture[hand] = HAND_C
        return picture.astype(np.float32)
