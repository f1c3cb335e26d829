"""What the gate needs from the outside world. One adapter per outside thing; one contract suite per port."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from edge.core.answer import Answer
from edge.core.chain import Head
from edge.core.commanded import Commanded
from edge.core.contents import Content
from edge.core.desk import Request
from edge.core.faces import Detection
from edge.core.frame import CameraInfo, Frame, NoFrame
from edge.core.identity import Scan
from edge.core.record import Record, Stamp
from edge.core.roster import Header, Person
from edge.core.screen import ScreenState
from edge.core.signals import Input, Signal
from edge.core.tech import TechAnswer, TechFile


class Camera(Protocol):
    """A source of thermal frames, each delivered once, in order, never older than the one before."""

    @property
    def info(self) -> CameraInfo: ...

    def read(self, timeout_s: float) -> Frame | NoFrame:
        """The next frame, or why there is none. Returns within timeout_s plus 0.5 s, whatever the device does.

        After NoFrame("ended") every further call says the same. Any other NoFrame may pass: call again.
        CameraError: this camera can never deliver (and what to do).
        """

    def close(self) -> None:
        """Give the device back. May be called twice."""


class FaceDetector(Protocol):
    def detect(self, picture: NDArray[np.float32]) -> tuple[Detection, ...]:
        """Faces in an upright picture [rows, columns] of degrees Celsius or raw counts; best first, none twice."""


class GateIO(Protocol):
    def show(self, signal: Signal) -> None:
        """Set the lamp, start the buzzer's pattern, pulse the relay if asked. Returns at once.

        GateIOError: a line is lost.
        """

    def inputs(self) -> tuple[Input, ...]:
        """What the input lines told since the last call, in order. Returns at once."""

    def close(self) -> None:
        """Everything off, the gate shut. May be called twice."""


class BadgeReader(Protocol):
    """All badge readers of one gate."""

    def scans(self) -> tuple[Scan, ...]:
        """Badges presented since the last call, in order. Returns at once."""

    def faults(self) -> tuple[str, ...]:
        """Names of configured readers that are not there now; they are looked for again by themselves."""

    def close(self) -> None:
        """Give the devices back. May be called twice."""


class RosterSource(Protocol):
    """The roster in force, verified; looked up without a network."""

    def refresh(self) -> bool:
        """Take a newer file into force if there is one, whole or not at all; whether the roster changed."""

    @property
    def header(self) -> Header | None:
        """Of the roster in force; None: there is none yet, nobody is known."""

    def by_badge(self, badge: str) -> Person | None: ...

    def by_id(self, person_id: str) -> Person | None: ...

    def people(self) -> Iterator[Person]:
        """Everybody on the roster in force, by id. Takes its time: not for the gate's loop."""

    def close(self) -> None: ...


class RosterShelf(Protocol):
    """Where the roster in force lies, for the one process that brings newer ones."""

    @property
    def header(self) -> Header | None:
        """Of the roster in force; None: there is none, or it is damaged."""

    def begin(self) -> None:
        """Forget what was written and not installed."""

    def write(self, chunk: bytes) -> None:
        """The next bytes of a newcomer. RosterError: they cannot be kept."""

    def install(self) -> Header:
        """Take what was written since `begin` into force, whole and for good. RosterError: it stays out, and why."""

    def close(self) -> None: ...


class SettingsShelf(Protocol):
    """A file of settings that the county signs: what was fetched, or what is in force."""

    def held(self) -> tuple[Commanded, bytes] | None:
        """The settings that stand there, verified, and their bytes; None: none that can be used."""

    def put(self, content: bytes) -> Commanded:
        """Verify these bytes and keep them, on the disk when this returns. ConfigError: refused, or not kept."""


class RosterFeed(Protocol):
    def fetch(self, version: int, issued_utc_ms: int, write: Callable[[bytes], None]) -> Answer:
        """Ask the county for a roster newer than this one (0, 0: than none) and write its bytes as they come.

        200: all of it was written; 204: there is nothing newer. Never raises for what network or server do: that is
        in the answer, and what was written then is worth nothing. What `write` raises goes through.
        """

    def close(self) -> None: ...


class Voice(Protocol):
    def say(self, prompt: str) -> None:
        """Speak a prompt (a code of texts.PROMPTS); cuts off one that is still speaking. Returns at once."""

    def close(self) -> None: ...


class Watchdog(Protocol):
    """Who restarts the gate when it hangs."""

    def ready(self) -> None: ...

    def alive(self) -> None:
        """The gate really decides: frames come and are judged. At most as often as useful."""

    def stopping(self) -> None: ...


class Guards(Protocol):
    """Who may act at this gate's desk."""

    def role(self, guard_id: str) -> str | None:
        """`guard` or `medic`; None: nobody of that name acts here."""

    def knows(self, guard_id: str, pin: str) -> bool:
        """Whether this is their PIN. Slow on purpose; the caller limits the tries."""


class Desk(Protocol):
    """The guard's requests, from the screen's page."""

    def requests(self) -> tuple[Request, ...]:
        """Requests since the last call; each must be answered once. Returns at once."""


class Technician(Protocol):
    """The gate as its technician's pages see it; called by several threads of the pages' server."""

    def ask(self, body: bytes, session: str | None) -> TechAnswer:
        """One command (JSON, whoever sent it) of this session (its secret, None: nobody has signed in)."""

    def frame(self, session: str | None, after: int) -> bytes | None:
        """A look newer than number `after` (core/tech.py), as soon as there is one; None: none, or not signed in."""

    def file(self, session: str | None, name: str) -> TechFile | None:
        """A file to download; None: there is none of this name, or nobody has signed in."""


@runtime_checkable
class TechPages(Protocol):
    def attend(self, technician: Technician) -> None:
        """From now on the pages are this technician's desk; before, they say that there is none."""


class Signer(Protocol):
    """The gate's own key."""

    @property
    def public_key(self) -> str:
        """Base64 of the 32 bytes of its public half, 44 characters."""

    def sign(self, message: bytes) -> bytes:
        """Its Ed25519 signature, 64 bytes."""


class Store(Protocol):
    """Keeps records in the order of their sequence numbers; what it has accepted survives a power cut.

    Each one names the fingerprint of the one before it and is signed by the gate's key.
    """

    def append(self, content: Content, decided: Stamp) -> Record:
        """Write down under the next sequence number what happened; returns once it is on disk.

        StoreError: nothing was written, for now. RecordError: these values are no record, and never will be.
        """

    def recall(self, kinds: Collection[str], since_utc_ms: int = 0) -> list[Record]:
        """Intact records of these kinds (contents.KINDS), decided at since_utc_ms or later, in the order of seq."""

    def head(self) -> Head | None:
        """The last record written; None: there is none yet."""

    def unsent(self, limit: int, newest: bool = False) -> list[tuple[Record, bytes]]:
        """Records that the county has neither acknowledged nor refused, with their canonical bytes.

        At most `limit`, the oldest first; newest: the newest first.
        """

    def acknowledge(self, uuid: str) -> None:
        """The county has this record."""

    def set_aside(self, uuid: str, why: str) -> None:
        """The county refuses this very record for ever; it is kept, reported and no longer sent."""

    def erase_before(self, utc_ms: int, needed: Collection[str] = (), together: Iterable[Collection[str]] = ()) -> int:
        """Erase for good the contents of acknowledged records decided before utc_ms, but of the uuids in `needed`.

        How many. By order, not by clock: all up to the last one that a set clock dates before it; so records of an
        unset clock go with those around them. together: groups of uuids; each goes at one moment, or none of it while
        one of them is younger, needed or not acknowledged.
        """

    def erased(self, since_utc_ms: int, until_utc_ms: int) -> int:
        """How many records of this time, its end not included, have no content any more."""

    def last_decided(self) -> Stamp | None:
        """When the last record was decided; None: there is none, or its link is damaged."""

    def settle(self, acknowledged: Collection[str], set_aside: Mapping[str, str]) -> None:
        """Both of it for many records (uuids; uuid -> why) at once, all or none of them."""

    def offer_missing(self, first: int, last: int) -> int:
        """Let acknowledged records with these numbers be sent again: the county has lost them; how many those are.

        Erased contents cannot be sent again, and are not among them.
        """

    def counts(self) -> tuple[int, int, int]:
        """(written, acknowledged, set aside)."""

    def close(self) -> None:
        """May be called twice."""


class Uplink(Protocol):
    """The way up to the county. Never raises for what network or server do: that is in the answer."""

    def send(self, bodies: Sequence[bytes]) -> Answer:
        """Offer these records (canonical bytes) to the county, all at once and in this order."""

    def status(self, body: bytes) -> Answer:
        """Tell the county how the gate is (JSON, UTF-8: docs/wire.md)."""

    def close(self) -> None: ...


class Screen(Protocol):
    def publish(self, state: ScreenState, picture: NDArray[np.float32] | None) -> None:
        """Show this state with the very picture (upright, C) it was measured on.

        Returns at once; a slow viewer misses frames.
        """

    def close(self) -> None: ...


class Clock(Protocol):
    def now_s(self) -> float:
        """Monotonic seconds since boot."""

    def stamp(self) -> Stamp: ...
