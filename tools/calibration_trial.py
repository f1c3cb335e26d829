"""100 simulated sensors with hidden faults, calibrated and put to the proof: python -m tools.calibration_trial

Each sensor has its own gain, offset, non-uniformity and drift, and a reference that is not as warm as it says. It is
calibrated by the whole procedure; then sources of 35 to 39 C stand anywhere in the zone, and are read as the gate reads
a forehead: offset of the reference, map, gain. The blackbody is not what its certificate says, either, within its U.
"""

import argparse
import sys
from dataclasses import dataclass
from statistics import median

import numpy as np

from calibration import procedure, session
from calibration.concluding import Conclusion, conclude
from calibration.observing import Observer, find_source, observe
from calibration.prompts import GRID, prompt
from calibration.session import Session
from calibration.state import Setup
from edge.adapters.camera_sim import BlackbodyCamera, Hidden, Source
from edge.adapters.camera_sim.sensor import Faults
from edge.app.sim_technician import SimTechnician
from edge.core.correction import Surface
from edge.core.frame import Frame, celsius
from edge.core.geometry import Box, upright
from edge.core.radiometry import apparent_c
from edge.core.reference import read_disc

SOURCE_U_K = 0.05
READINGS = 20
AVERAGED = 4
EMISSIVITY = 0.98
AMBIENT_C = 22.0


@dataclass(frozen=True, slots=True)
class Error:
    """One reading of a source of known temperature, in kelvin: by the calibrated gate, without a calibration (with the
    reference), and by the sensor alone; and the expanded uncertainty that is stated."""

    calibrated_k: float
    referenced_k: float
    bare_k: float
    expanded_k: float


def sensor(seed: int) -> BlackbodyCamera:
    """A sensor with faults of its own."""
    rng = np.random.default_rng((seed, 0xCA1))
    terms_k = (0.0, *rng.normal(0, 0.12, 2), *rng.normal(0, 0.10, 3))
    hidden = Hidden(
        faults=Faults(float(rng.normal(0, 2.0)), float(rng.normal(1.0, 0.03)), 180.0, float(rng.uniform(-170, -20))),
        surface=Surface(tuple(map(float, terms_k)), (-1.0, -1.0), (1.0, 1.0)),
        reference_k=float(rng.normal(0, 0.15)),
        drift_k_per_min=float(rng.normal(0, 0.05)),
        source_k=float(rng.normal(0, SOURCE_U_K)),
    )
    return BlackbodyCamera(seed, hidden, every=9, ambient_c=AMBIENT_C, source_emissivity=EMISSIVITY)


def calibrated(camera: BlackbodyCamera) -> tuple[Session, Conclusion]:
    """The whole procedure, done by a technician who errs in nothing."""
    setup = Setup("trial", 120, 160, 90, 37.0, EMISSIVITY, 0, ())
    hands, now = SimTechnician(camera), session.begin(procedure.start(setup), camera.info)
    typed = {"technician": "trial", "source_serial": "sim", "source_date": "2026-01-01",
             "low": "33", "high": "40", "verify": "37"}  # fmt: skip
    while now.state.stage != "sign":
        asked = prompt(now.state)
        hands.arrange(asked)
        if asked.kind == "wait":
            frame = camera.read(1.0)
            assert isinstance(frame, Frame)
            now, notes = session.on_frame(now, frame, frame.t_s)
        else:
            now, notes = session.on_typed(now, typed.get(asked.code, ""))
        if asked.kind == "over" or any(note.refused for note in notes):
            raise RuntimeError(f"refused: {notes}")
    found = conclude(now.state, 0)
    if not isinstance(found, Conclusion):
        raise RuntimeError(f"refused: {found}")
    return now, found


def put_to_the_proof(seed: int) -> list[Error]:
    """Readings of sources of 35 to 39 C, anywhere in the zone."""
    camera = sensor(seed)
    now, found = calibrated(camera)
    assert now.state.region is not None
    region, rng = Box(*now.state.region), np.random.default_rng((seed, 0x7E57))
    xs, ys = zip(*GRID, strict=True)
    errors, observer = [], now.observer
    for _ in range(READINGS):
        true_c = float(rng.uniform(35.0, 39.0))
        x, y = float(rng.uniform(min(xs), max(xs))), float(rng.uniform(min(ys), max(ys)))
        # The truth: what the blackbody says, corrected by what nobody knows of it.
        camera.place(Source(true_c - camera.hidden.source_k, x, y, float(rng.uniform(0.6, 1.0))))
        observer, error = _read(camera, observer, region, found, true_c)
        errors.append(error)
    return errors


def _read(
    camera: BlackbodyCamera, observer: Observer, region: Box, found: Conclusion, true_c: float
) -> tuple[Observer, Error]:
    seen_c: list[float] = []
    plain_c: list[float] = []
    bare_c: list[float] = []
    while len(seen_c) < AVERAGED:
        frame = camera.read(1.0)
        assert isinstance(frame, Frame)
        observer, look = observe(observer, frame, frame.t_s)
        if look is None or look.why_not is not None:
            continue
        for levelled, into in ((True, seen_c), (False, plain_c)):
            stored_c = celsius(frame)
            stored_c = found.correction.levelled(stored_c) if levelled else stored_c
            picture_c = np.ascontiguousarray(upright(stored_c, 90))
            disc, spot = read_disc(picture_c, region, 0.2), find_source(picture_c, region)
            assert disc is not None
            assert not isinstance(spot, str)
            into.append(spot.seen_c + 37.0 - disc.measured_c)
            if not levelled:
                bare_c.append(spot.seen_c)
    apparent = apparent_c(true_c, AMBIENT_C, EMISSIVITY)
    return observer, Error(
        found.correction.true_c(float(np.mean(seen_c))) - apparent,
        float(np.mean(plain_c)) - apparent,
        float(np.mean(bare_c)) - apparent,
        found.budget.expanded_k,
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """within: share of readings whose error is inside the stated expanded uncertainty; the rest in kelvin."""

    sensors: int
    readings: int
    within: float
    calibrated_k: float
    referenced_k: float
    bare_k: float
    expanded_k: float


def trial(sensors: int, first_seed: int = 1) -> Summary:
    """So many sensors, calibrated and read."""
    errors = [error for seed in range(first_seed, first_seed + sensors) for error in put_to_the_proof(seed)]
    return Summary(
        sensors,
        len(errors),
        sum(abs(e.calibrated_k) <= e.expanded_k for e in errors) / len(errors),
        median(abs(e.calibrated_k) for e in errors),
        median(abs(e.referenced_k) for e in errors),
        median(abs(e.bare_k) for e in errors),
        median(e.expanded_k for e in errors),
    )


def main() -> None:
    """Print the summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sensors", type=int, default=100)
    found = trial(parser.parse_args().sensors)
    lines = (
        f"sensors {found.sensors}, readings of 35 to 39 C: {found.readings}",
        f"median error, calibrated                    {found.calibrated_k:.3f} K",
        f"median error, with the reference alone      {found.referenced_k:.3f} K"
        f"   {found.referenced_k / found.calibrated_k:.1f} times",
        f"median error, the sensor alone              {found.bare_k:.3f} K"
        f"   {found.bare_k / found.calibrated_k:.1f} times",
        f"stated expanded uncertainty, median         {found.expanded_k:.3f} K",
        f"errors within it                            {found.within:.1%}",
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
