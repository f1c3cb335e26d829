"""The calibration in force at this gate: read at start, followed while frames come, told where it cannot be used."""

from collections.abc import Callable

from edge.app.bootstrap import CALIBRATION_VERSION
from edge.app.config import Config
from edge.core.frame import Frame
from edge.core.profile import UNFIT, Profile, Unfit, unfit

Announce = Callable[[str], None]


class Calibrated:
    """profile: what readings are corrected by, None: none is used, and `faults` or the start's line tells why.

    versioned: told what records carry from now on.
    """

    def __init__(
        self,
        config: Config,
        found: Profile | Unfit,
        reference_c: float,
        announce: Announce,
        versioned: Callable[[str], None],
    ) -> None:
        self._expired_counts = config.calibration.expired == "mark"
        self._announce, self._versioned = announce, versioned
        self._reference_c = reference_c
        self._found = found
        self._why: Unfit | None = None
        self._version = ""
        self._other: bool | None = None
        self.profile: Profile | None = None
        self._judge(None)

    def on_frame(self, frame: Frame, utc_ms: int | None) -> None:
        """Whether this frame's sensor is the calibrated one still, and the calibration not too old."""
        if isinstance(self._found, Profile):
            self._other = not self._found.is_of(frame.telemetry.serial)
        self._judge(utc_ms)

    def renew(self, profile: Profile) -> None:
        """Another calibration has been signed: it counts from the next frame on. From any thread."""
        self._found = profile

    def faults(self) -> dict[str, bool]:
        """By code of texts.FAULTS. No calibration at all is no fault: the gate has said so when it started."""
        expired = self._why == "expired"
        used = self.profile is not None
        return {
            "calibration": self._why not in (None, "missing") and not (expired and used),
            "calibration_expired": expired and used,
        }

    def _judge(self, utc_ms: int | None) -> None:
        found = self._found
        if isinstance(found, Profile):
            why = "other_sensor" if self._other else unfit(found, self._reference_c, utc_ms)
            usable = why is None or (why == "expired" and self._expired_counts)
            # The pipeline looks at each frame's sensor by itself; here it is told.
            self.profile = found if usable or why == "other_sensor" else None
            version = found.id + ("+expired" if why == "expired" else "") if usable else CALIBRATION_VERSION
        else:
            why, version = found, CALIBRATION_VERSION
        if version != self._version or why != self._why:
            told = UNFIT[why] if why is not None else ""
            self._announce(f"校准 / calibration: {version} {told}".rstrip())
            if version != self._version:
                self._versioned(version)
        self._version, self._why = version, why
