"""People who went through a gate."""

from edge.core.record import Passage, Stamp
from tests.fakes.clock import BOOT_ID


def passage(n: int = 0) -> Passage:
    """The n-th person: passed, at 36.1 C and a bit, told apart by `t_first_s`."""
    return Passage(
        t_first_s=100.0 + n,
        t_last_s=101.25 + n,
        frames=9,
        forehead_c=36.125,
        face_max_c=36.75,
        u_c=0.25,
        forehead_raw_c=35.5,
        reference_raw_c=36.375,
        reference_c=37.0,
        threshold_c=37.25,
        verdict="pass",
        reason="ok",
    )


def stamp(n: int = 0) -> Stamp:
    """When the n-th person was decided on."""
    return Stamp(utc_ms=1_767_600_000_000 + n * 1000, monotonic_s=102.0 + n, boot_id=BOOT_ID, synchronised=True)
