"""Badge readers that play a USB keyboard: card and QR scanners, through evdev (docs/readers.md).

Each is held for us alone (EVIOCGRAB), so that no digit of a badge lands in the browser of the guard's screen. Keys
become badges in decoding.py; what is no badge is told and forgotten, and no text that came from a reader is logged.
"""

from edge.adapters.badge_evdev.devices import EvdevKeyboards, called, keyboards
from edge.adapters.badge_evdev.readers import EvdevBadges, ReaderSettings

__all__ = ["EvdevBadges", "EvdevKeyboards", "ReaderSettings", "called", "keyboards"]
