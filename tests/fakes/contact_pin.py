"""A mock pin with a contact on its wire: closed, it wins over the Pi's own pull; open or broken, the pull decides."""

from typing import Any

from gpiozero.pins.mock import MockPin


class ContactPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """`level`: what a closed contact holds the wire at; None: the contact is open, or the wire is broken."""

    level: bool | None = None

    def _set_pull(self, value: Any) -> None:
        self._pull = value
        if self.function == "input":
            self.connect(self.level)

    def connect(self, level: bool | None) -> None:
        """Close the contact to this level, or open it."""
        self.level = level
        high = self._pull == "up" if level is None else level
        (self.drive_high if high else self.drive_low)()
