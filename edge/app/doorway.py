"""What the input lines tell, and people who go out: exits, fire, tampering, who slips through."""

from collections.abc import Callable

from edge.app.entrance import Entrance
from edge.app.signalling import Signalling
from edge.core.contents import GateEvent
from edge.core.identity import REPEAT_S, Scan
from edge.core.roster import Person
from edge.core.signals import Input
from edge.core.texts import EVENTS
from edge.ports import GateIO

Announce = Callable[[str], None]

# Who pressed the button is let out as soon as nobody could slip in meanwhile; later they press again.
EXIT_WAITS_S = 10.0
ALERT_S = 5.0


class Doorway:
    """The inputs of one gate. `alerts`: what is wrong now (codes of texts.EVENTS), `fire` while the contact is on."""

    def __init__(self, entrance: Entrance, signalling: Signalling, gate_io: GateIO, announce: Announce) -> None:
        self._entrance, self._signalling = entrance, signalling
        self._gate_io, self._announce = gate_io, announce
        self._leaving: tuple[Person | None, float] | None = None
        self._last_out: Scan | None = None
        self._alert_until_s = float("-inf")
        self._alert: str | None = None
        self.fire = self.tampered = False

    def alerts(self, now_s: float) -> tuple[str, ...]:
        """What is wrong at the door now, the gravest first."""
        passing = self._alert if now_s < self._alert_until_s else None
        found = {"fire_on": self.fire, "tamper_on": self.tampered, passing: passing is not None}
        return tuple(code for code, present in found.items() if present and code is not None)

    def look(self, scans: tuple[Scan, ...], now_s: float, blind: bool) -> tuple[Scan, ...]:
        """Act on inputs and on badges held to an exit reader; the scans of those who want to come in.

        blind: nobody sees who stands there, so that the gate opens for nobody; a fire opens it all the same.
        """
        for given in self._gate_io.inputs():
            self._on_input(given, now_s)
        for scan in scans:
            if scan.direction == "out" and not self._is_repeat(scan):
                self._leaving = self._entrance.people.by_badge(scan.badge), now_s + EXIT_WAITS_S
        self._let_out(now_s, blind)
        return tuple(scan for scan in scans if scan.direction == "in")

    def _is_repeat(self, scan: Scan) -> bool:
        """A card that lies on the reader is read again and again, and is still one person."""
        last, self._last_out = self._last_out, scan
        return last is not None and last.badge == scan.badge and scan.t_s - last.t_s <= REPEAT_S

    def _on_input(self, given: Input, now_s: float) -> None:
        if given.kind == "exit":
            if given.active:
                self._leaving = None, now_s + EXIT_WAITS_S
        elif given.kind in ("forced", "tailgate"):
            self._alert, self._alert_until_s = given.kind, now_s + ALERT_S
            self._happened(given.kind, now_s)
        elif given.kind == "fire":
            self.fire = given.active
            self._happened("fire_on" if given.active else "fire_off", now_s)
        elif given.kind == "tamper":
            self.tampered = given.active
            self._happened("tamper_on" if given.active else "tamper_off", now_s)

    def _happened(self, code: str, now_s: float) -> None:
        self._announce(str(EVENTS[code]))
        self._entrance.happened(GateEvent(code, None, None, None, ""), now_s)

    def _let_out(self, now_s: float, blind: bool) -> None:
        if self._leaving is None:
            return
        person, until_s = self._leaving
        if now_s > until_s:
            self._leaving = None
        elif not blind and self._entrance.zone_is_free:
            # Without its record nothing opens; in an emergency the fire contact does.
            if self._entrance.left(person, now_s) is not None:
                self._signalling.exit(now_s)
            self._leaving = None
