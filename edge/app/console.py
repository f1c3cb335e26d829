"""What the gate's own log says of each person."""

from edge.core.contents import Passage
from edge.core.texts import REASONS, VERDICTS


def line(passage: Passage, seq: int | None) -> str:
    """One line for one person; it names nobody. seq: None while the record waits for the disk."""
    number = "----" if seq is None else f"#{seq:04d}"
    measured = passage.measurement
    reading = "--.- °C"
    if measured is not None and measured.forehead_c is not None:
        reading = f"{measured.forehead_c:4.1f} °C ±{2 * (measured.u_c or 0):.1f}"
    why = "；".join(str(REASONS[code]) for code in passage.reasons)
    return f"{number}  {VERDICTS[passage.verdict]}  {reading}  {why}"
