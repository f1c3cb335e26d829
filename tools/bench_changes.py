"""Recordings changed before they are read: what must not move a reading, what must, and what must leave none."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge.adapters.camera_sim.sensor import SHUTTER_GAP_S, after_shutter_k
from edge.core.frame import Counts, Frame, Telemetry
from edge.core.geometry import Box, Rotation, upright
from edge.core.pipeline import FaceReport, Settings
from tools.bench_play import Change, Played, Recording

CENTIKELVIN = 100
# Above the forehead hair begins, which may be as warm as a cold nose: there only what is so near to it is skin.
SKIN_ABOVE_FOREHEAD_K = 2.0
# The forehead's quarter that is coldest is as cold as what is wholly skin; so much warmer than what is around at least.
SKIN_PERCENTILE, LEAST_CONTRAST_K = 25, 0.5
# Ears, the crown of a bald head and the neck's beginning are skin, too; in face boxes beyond the box.
BEYOND_FACE = 0.25
# What is injected begins when so much of a recording's time with readings has gone by.
INJECTED_AFTER = 0.4
# A winter's coat is about as warm as the room.
COAT_K = 2.0


@dataclass(frozen=True, slots=True)
class Variant:
    """A change and what it should do. make: the change of one recording, given how it plays without; settings: the
    configuration that goes with it; moves_k: by how much readings should move."""

    name: str
    make: Callable[[Recording, Played], Change]
    moves_k: float = 0.0
    settings: Callable[[Settings], Settings] = lambda settings: settings


@dataclass(frozen=True, slots=True)
class Fault:
    """Something injected that must leave no reading. make: the change from t_s on (frames' clock); lasts_s: how long
    there may be none."""

    name: str
    make: Callable[[Recording, float], Change]
    lasts_s: float


def variants() -> list[Variant]:
    """Changes of what is seen; the noise is drawn anew with every call."""
    rng = np.random.default_rng(1)

    def noisy(frame: Frame) -> Frame:
        noise = rng.normal(0, 0.05 * CENTIKELVIN, frame.counts.shape)
        return replace(frame, counts=np.rint(frame.counts + noise).astype(np.uint16))

    return [
        Variant("the whole frame 3 K colder", _level(-3.0)),
        Variant("the whole frame 3 K warmer", _level(3.0)),
        Variant("skin 2 K warmer", _warmer_skin, moves_k=2.0),
        Variant("mirrored", lambda one, played: lambda frame: _mirrored(one, frame), settings=_mirrored_hint),
        Variant("50 mK more noise", lambda one, played: noisy),
        Variant("every second frame dropped", lambda one, played: lambda f: f if f.seq % 2 == 0 else None),
    ]


def faults(settling_s: float) -> list[Fault]:
    """A shutter event and a covered reference."""
    return [
        Fault("a shutter event, told by telemetry", lambda one, t_s: _shutter(t_s, told=True), settling_s),
        Fault("a shutter event, nothing told of it", lambda one, t_s: _shutter(t_s, told=False), settling_s),
        Fault("a coat over the reference", _covered, np.inf),
    ]


def injected_at(played: Played) -> float | None:
    """When a fault should begin: amid the readings; None where there are none."""
    times = [r.t_s for r in played.reports if any(face.reading.usable for face in r.faces)]
    return times[int(INJECTED_AFTER * len(times))] if times else None


def _level(k: float) -> Callable[[Recording, Played], Change]:
    return lambda one, played: lambda f: replace(f, counts=(f.counts + np.int32(k * CENTIKELVIN)).astype(np.uint16))


def _warmer_skin(one: Recording, played: Played) -> Change:
    """2 K of skin, of which its emissivity shows, in and around the faces that were seen; what is around them, hair and
    the reference stay as they are."""
    faces = {report.seq: report.faces for report in played.reports}
    rise = 2.0 * one.settings.skin.emissivity * CENTIKELVIN

    def change(frame: Frame) -> Frame:
        turned = upright(frame.counts, one.settings.rotation_deg)
        skin = np.zeros(turned.shape)
        for face in faces.get(frame.seq, ()):
            around = face.face.box.grown(BEYOND_FACE)
            if face.reading.box is not None and face.reading.box.crop(turned).size:
                around.crop(skin)[:] = np.maximum(around.crop(skin), around.crop(skin_share(turned, face)))
        if one.settings.reference_hint is not None:
            one.settings.reference_hint.grown(BEYOND_FACE).crop(skin)[:] = 0.0
        warmer = np.rint(turned + rise * skin).astype(np.uint16)
        return replace(frame, counts=_stored(warmer, one.settings.rotation_deg))

    return change


def skin_share(turned: Counts, seen: FaceReport) -> NDArray[np.float64]:
    """How much of each pixel of an upright picture is this face's skin, 0 to 1 [rows, columns].

    A pixel on the rim shows a mixture, and its level tells how much of it is skin (the optics are linear): none at the
    median of what is beside and above the face, all of it from SKIN_PERCENTILE of the forehead on. What is beside as
    warm as that is told from skin by its place alone: outside the box nothing is skin then.
    """
    brow, box = seen.reading.box, seen.face.box
    assert brow is not None
    inside, beside = np.zeros(turned.shape, bool), np.zeros(turned.shape, bool)
    box.crop(inside)[:] = True
    box.grown(BEYOND_FACE).crop(beside)[:] = True
    beside &= ~inside
    beside[round(box.y1) :] = False
    forehead = brow.crop(turned)
    whole = float(np.percentile(forehead, SKIN_PERCENTILE))
    most = whole - LEAST_CONTRAST_K * CENTIKELVIN
    around = float(np.median(turned[beside])) if beside.any() else most
    above = float(np.median(forehead)) - SKIN_ABOVE_FOREHEAD_K * CENTIKELVIN
    none = np.full(turned.shape, min(around, most))
    none[: round(brow.y0)] = min(max(around, above), most)
    share: NDArray[np.float64] = np.clip((turned - none) / (whole - none), 0.0, 1.0)
    return share * inside if around > most else share


def _mirrored(one: Recording, frame: Frame) -> Frame:
    turned = upright(frame.counts, one.settings.rotation_deg)[:, ::-1]
    return replace(frame, counts=_stored(turned, one.settings.rotation_deg))


def _mirrored_hint(settings: Settings) -> Settings:
    hint = settings.reference_hint
    if hint is None:
        return settings
    turned = settings.rotation_deg in (90, 270)
    width_px = settings.camera.rows if turned else settings.camera.columns
    return replace(settings, reference_hint=Box(width_px - hint.x1, hint.y0, width_px - hint.x0, hint.y1))


def _stored(turned: Counts, rotation_deg: Rotation) -> Counts:
    return np.ascontiguousarray(np.rot90(turned, rotation_deg // 90))


def _shutter(t_s: float, told: bool) -> Change:
    """The stream stops, comes back higher, and wanders for a minute, as was measured on the recordings."""

    def change(frame: Frame) -> Frame | None:
        since_s = frame.t_s - t_s - SHUTTER_GAP_S
        if since_s < -SHUTTER_GAP_S:
            return frame if told else replace(frame, telemetry=Telemetry())
        if since_s < 0.0:
            return None
        higher = round(after_shutter_k(since_s) * CENTIKELVIN)
        counts = (frame.counts.astype(np.int32) + higher).astype(np.uint16)
        return replace(frame, counts=counts, telemetry=_told(frame.telemetry, since_s) if told else Telemetry())

    return change


def _told(telemetry: Telemetry, since_s: float) -> Telemetry:
    if telemetry.uptime_ms is None:
        return telemetry
    return replace(telemetry, last_ffc_ms=round(telemetry.uptime_ms - 1000 * (since_s + SHUTTER_GAP_S / 2)))


def _covered(one: Recording, t_s: float) -> Change:
    """A coat before the disc, its folds a little uneven."""

    def change(frame: Frame) -> Frame:
        hint = one.settings.reference_hint
        if frame.t_s < t_s or hint is None:
            return frame
        turned = upright(frame.counts.copy(), one.settings.rotation_deg)
        patch = hint.grown(BEYOND_FACE).crop(turned)
        level = float(np.median(turned)) + COAT_K * CENTIKELVIN
        folds = 30.0 * np.sin(np.arange(patch.shape[1]) / 2.0)[None, :] + np.zeros((patch.shape[0], 1))
        patch[:] = np.rint(level + folds).astype(np.uint16)
        return replace(frame, counts=_stored(turned, one.settings.rotation_deg))

    return change
