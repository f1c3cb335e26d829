"""What the gate could not see is a record too: since when the gate was away, whom it missed without a camera."""

from collections.abc import Sequence

from edge.app.entrance import Entrance
from edge.core.contents import GateEvent
from edge.core.dating import between_s
from edge.core.deciding import Measured
from edge.core.errors import StoreError
from edge.core.identity import Scan
from edge.ports import Clock, Store


class Downtime:
    """Of one gate's camera, and of the gate itself."""

    def __init__(self, entrance: Entrance, store: Store, clock: Clock) -> None:
        self._entrance, self._store, self._clock = entrance, store, clock
        self._since_s: float | None = None
        self._unmeasured = 0
        self._badges: set[str] = set()

    def started(self) -> None:
        """The gate starts; how long after its last record, where clocks tell."""
        now = self._clock.stamp()
        try:
            last = self._store.last_decided()
        except StoreError:
            # Announced by whoever writes next; that the gate has started is written once the disk takes it.
            last = None
        away_s = None if last is None else between_s(last, now)
        self._entrance.happened(GateEvent("started", None, None, away_s, ""), self._clock.now_s())

    def blind(self, since_s: float, measured: Sequence[Measured]) -> None:
        """The camera has been away since then; these people stood there when it was given up."""
        if self._since_s is None:
            self._since_s = since_s
        self._unmeasured += sum(one.measurement.finding == "not_measured" for one in measured)

    def presented(self, scans: Sequence[Scan]) -> None:
        """Badges were held to the reader: each is counted once in a time without the camera."""
        if self._since_s is not None:
            self._badges.update(scan.badge for scan in scans)

    def over(self, now_s: float) -> None:
        """There is a picture again, or the gate stops: write down what was missed, if anything was."""
        if self._since_s is None:
            return
        # Who stood there and then presented a badge counts twice: at most so many were not measured.
        count = self._unmeasured + len(self._badges)
        event = GateEvent("camera_away", None, count, max(0.0, now_s - self._since_s), "")
        self._since_s, self._unmeasured, self._badges = None, 0, set()
        self._entrance.happened(event, now_s)
