"""The front door: one frame through every room of the house.

    frame -> valid? -> reference -> faces -> tracks -> foreheads -> decisions

`step` is a pure function; time enters as now_s, and nothing here knows where frames come from or where answers go.
Faces come from a detector that has looked at `picture` of the same frame.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge.core import deciding, screening, tracks
from edge.core.correction import IDENTITY, Correction
from edge.core.deciding import Measured
from edge.core.faces import KNOWN_SCORE, SURE_SCORE, WEAK_SCORE, Detection, plausible, stands_in_zone
from edge.core.forehead import Conditions, ForeheadReading, not_beside, read
from edge.core.frame import CameraInfo, Frame, celsius, refusal
from edge.core.geometry import Box, Rotation, upright
from edge.core.policy import Policy
from edge.core.profile import Profile
from edge.core.quantiles import middle
from edge.core.radiometry import Budget, Skin
from edge.core.reference import Reference, ReferenceState, expected_at, forget_offset, watch
from edge.core.tracks import Track
from edge.core.validity import FrameStatus, Validity, judge

Picture = NDArray[np.float32]

# A shutter event stops the stream for 2 s; who stood there before a longer gap has gone.
LONGEST_GAP_S = 3.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What does not change while the pipeline runs. Boxes are in upright pixels, temperatures in C.

    reference_c: apparent temperature T'_bb of the reference; reference_region: where it is, or None to find it;
    reference_hint: where it was last seen; settling_s: without trust after a shutter event, warm_up_s: after power-on;
    sure_score: a detection of less (0 to 1) is nobody new; it follows somebody down to weak_score, and is read down to
    known_score of who surely was a face in the frame before.
    profile: of the sensor that was calibrated; frames of another one are read without it.
    """

    camera: CameraInfo
    rotation_deg: Rotation
    reference_c: float
    reference_region: Box | None = None
    reference_hint: Box | None = None
    settling_s: float = 10.0
    warm_up_s: float = 0.0
    sure_score: float = SURE_SCORE
    known_score: float = KNOWN_SCORE
    weak_score: float = WEAK_SCORE
    policy: Policy = Policy()
    skin: Skin = Skin()
    budget: Budget = Budget()
    profile: Profile | None = None

    def profile_of(self, frame: Frame) -> Profile | None:
        """The calibration of the very sensor that took this frame."""
        known = self.profile
        return known if known is not None and known.is_of(frame.telemetry.serial) else None


@dataclass(frozen=True, slots=True)
class State:
    """What earlier frames have left behind.

    hardly_seen: in the last frame something in the zone may have been a face, and nobody's who is followed.
    """

    settings: Settings
    reference: Reference
    validity: Validity = Validity()
    tracks: tuple[Track, ...] = ()
    hardly_seen: bool = False
    next_track: int = 1
    t_s: float | None = None


@dataclass(frozen=True, slots=True)
class FaceReport:
    """One face of one frame: which person's track, what the detector saw, what the forehead gave.

    near_alarm: they are read for longer, because what was read lies too near an alarm to tell.
    """

    track: int
    face: Detection
    reading: ForeheadReading
    near_alarm: bool = False


@dataclass(frozen=True, slots=True)
class FrameReport:
    """What one frame was worth. reference_c: the camera's own reading of the reference, None without one;
    reference_state: why it is not trusted, if it is not.

    settles_s: seconds until the camera can be believed again, None: it can, or nobody knows.
    """

    seq: int
    t_s: float
    status: FrameStatus
    reference_c: float | None
    faces: tuple[FaceReport, ...] = ()
    settles_s: float | None = None
    reference_state: ReferenceState = "searching"


@dataclass(frozen=True, slots=True)
class Outputs:
    """decided: who was measured with this frame, or given up; ended: everybody who has left, measured or not."""

    frame: FrameReport
    decided: tuple[Measured, ...] = ()
    ended: tuple[Measured, ...] = ()


def start(settings: Settings) -> State:
    """The state before the first frame."""
    if settings.reference_region is not None:
        ref = Reference(settings.reference_c, given_region=settings.reference_region)
    else:
        ref = expected_at(settings.reference_c, settings.reference_hint)
    return State(settings, ref)


def picture(frame: Frame, settings: Settings) -> Picture | None:
    """The upright picture [rows, columns] for a detector or a screen, C or raw counts; None: no valid picture."""
    if refusal(frame.counts, frame.unit, settings.camera.rows, settings.camera.columns) is not None:
        return None
    levelled = correction(frame, settings).levelled(celsius(frame))
    return np.ascontiguousarray(upright(levelled, settings.rotation_deg))


def correction(frame: Frame, settings: Settings) -> Correction:
    """What the calibration of this frame's sensor puts right; nothing without one, or in raw counts."""
    profile = settings.profile_of(frame)
    return IDENTITY if profile is None or frame.unit == "raw_counts" else profile.correction


def step(
    state: State,
    frame: Frame,
    boxes: Sequence[Detection],
    now_s: float,
    waiting: Set[int] = frozenset(),
    image: Picture | None = None,
) -> tuple[State, Outputs]:
    """One frame further. boxes: the detector's faces in `picture(frame)`; now_s on the clock of frame.t_s.

    waiting: tracks that were measured but have no verdict yet, because the gate does not know who they are. They
    are followed like people who are not measured; what is measured of them anew is told again. image: the
    `picture(frame)` that the detector has looked at; None: made here.
    """
    settings = state.settings
    rows, columns = settings.camera.rows, settings.camera.columns
    valid, status = judge(state.validity, frame, now_s, rows, columns, settings.settling_s, settings.warm_up_s)
    state = replace(state, validity=valid)
    settles_s = _settles_s(valid, status)
    image = picture(frame, settings) if image is None else image
    if image is None or status in ("invalid", "stale", "shutter"):
        if status == "shutter":
            state = replace(state, reference=forget_offset(state.reference))
        return state, Outputs(FrameReport(frame.seq, frame.t_s, status, None, (), settles_s, state.reference.state))
    state, status = _watch_reference(state, frame, image, status)
    state, lost, gone = _after_gap(_settled(state, waiting), frame.t_s)
    faces = plausible(boxes, state.reference.region, settings.weak_score)
    state, reports = _read_faces(state, frame, image, faces, status)
    made = deciding.decide(state.tracks, state.next_track, settings.policy, state.reference)
    state = replace(state, tracks=made.kept, next_track=made.next_track, t_s=frame.t_s)
    reports = _with_near_alarms(state, reports)
    ref = state.reference
    report = FrameReport(frame.seq, frame.t_s, status, ref.measured_c, reports, settles_s, ref.state)
    return state, Outputs(report, (*lost, *made.decided), (*gone, *made.ended))


def _settles_s(valid: Validity, status: FrameStatus) -> float | None:
    left_s = valid.unsettled_until_s - valid.t_s
    return left_s if status in ("shutter", "settling") and left_s > 0 else None


def finish(state: State, reason: str) -> tuple[State, tuple[Measured, ...], tuple[Measured, ...]]:
    """Nobody can be followed any further (source ended, camera lost, gate stopped): (state, decided, ended).

    Undecided people are `not_measured`; `reason` is theirs unless something was in the way before. Nobody is kept.
    """
    people = [track for track in state.tracks if track.stood_in_zone]
    decided, ended = deciding.leave(people, reason, state.settings.policy, state.reference)
    return replace(state, tracks=(), hardly_seen=False), decided, ended


def _settled(state: State, waiting: Set[int]) -> State:
    return replace(state, tracks=tuple(tracks.with_settled(t, t.number not in waiting) for t in state.tracks))


def _after_gap(state: State, t_s: float) -> tuple[State, tuple[Measured, ...], tuple[Measured, ...]]:
    """After time without a picture to see by: nobody with a verdict is the same person for certain any more.

    Undecided people are followed over a shutter event, without what was read before it; over no longer gap.
    """
    gap_s = 0.0 if state.t_s is None else t_s - state.t_s
    if gap_s <= tracks.UNSURE_UNSEEN_S:
        return state, (), ()
    if gap_s > LONGEST_GAP_S:
        return finish(state, "camera_lost")
    settled = [track for track in state.tracks if track.settled]
    _, ended = deciding.leave(settled, "camera_lost", state.settings.policy, state.reference)
    return replace(state, tracks=tuple(tracks.unread(t) for t in state.tracks if not t.settled)), (), ended


def _watch_reference(state: State, frame: Frame, image: Picture, status: FrameStatus) -> tuple[State, FrameStatus]:
    if frame.unit == "raw_counts":
        return state, "no_reference"
    watched = watch(state.reference, image, frame.t_s)
    if status == "settling":
        # Its reading is shown, but an offset from now would be wrong in a second.
        measured_c = watched.measured_c
        return replace(state, reference=replace(forget_offset(watched), measured_c=measured_c)), status
    return replace(state, reference=watched), status if watched.trusted else "no_reference"


def _read_faces(
    state: State, frame: Frame, image: Picture, faces: Sequence[Detection], status: FrameStatus
) -> tuple[State, tuple[FaceReport, ...]]:
    settings = state.settings
    conditions = _conditions(state, frame, image, status)
    step_s = 0.0 if state.t_s is None else frame.t_s - state.t_s
    claims = [
        tracks.Face(face.box, face.score >= settings.sure_score, face.score >= settings.known_score) for face in faces
    ]
    chosen = tracks.associate(state.tracks, claims, step_s)
    followed = {t for t in chosen if t is not None}
    # However hardly seen, whoever was there is; what hardly is a face of nobody known may be a part of this one.
    people = [f for f, claim, t in zip(faces, claims, chosen, strict=True) if claim.sure or t is not None]
    kept = [tracks.missed(t, step_s) for i, t in enumerate(state.tracks) if i not in followed]
    reports = []
    next_track, hardly_seen = state.next_track, False
    for face, claim, known in zip(faces, claims, chosen, strict=True):
        in_zone = stands_in_zone(face.box, settings.policy.min_face_width_px)
        if known is None and not claim.sure:
            hardly_seen = hardly_seen or in_zone
            continue
        believed = claim.sure
        if known is None:
            track = Track(next_track, face.box, frame.t_s, frame.t_s, zone_frames=int(in_zone))
            next_track += 1
        else:
            before = state.tracks[known]
            believed = tracks.believes(before, claim, step_s)
            track = tracks.seen(before, claim, frame.t_s, step_s, in_zone)
        likely = believed and not claim.sure
        under = replace(conditions, sure_score=settings.known_score) if likely else conditions
        reading = read(image, face, track.speed_widths_per_s, under)
        reading = not_beside(reading, [other.box for other in people if other is not face])
        if status == "settling" and reading.why_not == "no_reference":
            reading = replace(reading, why_not="settling")
        kept.append(tracks.with_reading(track, reading, step_s) if believed else track)
        reports.append(FaceReport(track.number, face, reading))
    return replace(state, tracks=tuple(kept), next_track=next_track, hardly_seen=hardly_seen), tuple(reports)


def _conditions(state: State, frame: Frame, image: Picture, status: FrameStatus) -> Conditions:
    settings, ref = state.settings, state.reference
    profile = settings.profile_of(frame)
    offset_k = ref.offset_k if status == "ok" else None
    reflected_c = settings.skin.reflected_c
    if reflected_c is None:
        # What is around people mirrors in their skin: most of the picture is just that.
        reflected_c = middle(image[::4, ::4]) + (offset_k or 0.0)
    return Conditions(
        offset_k=offset_k,
        offset_u_k=ref.offset_var_k2**0.5 if offset_k is not None else 0.0,
        reflected_c=reflected_c,
        skin=settings.skin,
        budget=settings.budget if profile is None else profile.budget,
        min_face_width_px=settings.policy.min_face_width_px,
        fever_c=settings.policy.fever_forehead_c,
        correction=correction(frame, settings),
        sure_score=settings.sure_score,
    )


def _with_near_alarms(state: State, reports: tuple[FaceReport, ...]) -> tuple[FaceReport, ...]:
    policy = state.settings.policy
    near = {t.number for t in state.tracks if t.screening is None and screening.waits_near_alarm(t.usable, policy)}
    return tuple(replace(report, near_alarm=True) if report.track in near else report for report in reports)
