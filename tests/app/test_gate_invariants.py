"""Whatever comes before a whole gate, in any order: it opens for nobody without a record that may open it, and
everybody who stood in the zone leaves exactly one verdict.

People come one after the other or by twos, with any forehead, any badge or none, for any time; the guard signs for
whoever is on the screen, well or ill; somebody presses the exit button; the disk is full for a while.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from edge.core import desk
from edge.core.contents import GateEvent, Override, Passage
from edge.core.errors import StoreError
from edge.core.record import Record
from edge.core.signals import Signal
from tests.app.gate_bench import Bench, Draw, nobody, standing
from tests.app.test_gate_entry import GUARD, PIN, PUPIL, WANG
from tests.fakes.fake_gate_io import FakeGateIO
from tests.fakes.roster import FakeRoster

# Frames between two who come: longer than a track is kept, a verdict is shown and a badge waits for its face.
APART = 90
NORMAL_C, FEVER_C, COLD_C = 35.0, 37.8, 31.0


@dataclass(frozen=True)
class Coming:
    """Frames count from when they came, negative ones before it; signed_at: the guard signs for them."""

    foreheads_c: tuple[float, ...]
    badge: str | None
    badge_at: int
    leaves_after: int
    signed_at: int | None
    exit_at: int | None
    disk_full: tuple[int, int] | None


COMING = st.builds(
    Coming,
    foreheads_c=st.lists(st.sampled_from([NORMAL_C, NORMAL_C, FEVER_C, COLD_C]), min_size=1, max_size=2).map(tuple),
    badge=st.sampled_from(["A1", "A1", "B2", "NOBODYS", None]),
    badge_at=st.integers(-8, 30),
    leaves_after=st.integers(4, 45),
    signed_at=st.none() | st.integers(0, APART - 5),
    exit_at=st.none() | st.integers(-5, APART - 5),
    disk_full=st.none() | st.tuples(st.integers(0, 20), st.integers(1, 40)),
)


class WatchedIO(FakeGateIO):
    """Looks at the disk in the moment in which it is told to open."""

    openings: list[tuple[Signal, list[Record]]]
    records: Callable[[], list[Record]]

    def show(self, signal: Signal) -> None:
        super().show(signal)
        if signal.open_gate:
            self.openings.append((signal, self.records()))


def made() -> tuple[Bench, WatchedIO]:
    watched = WatchedIO()
    gate = Bench(roster=FakeRoster((PUPIL, WANG, GUARD)), gate_io=watched)
    gate.guards.add("zhao", "guard", PIN)
    watched.openings = []
    watched.records = lambda: whole(gate)
    return gate, watched


def whole(gate: Bench) -> list[Record]:
    """All records, also while the disk takes none."""
    fault, gate.store.fault = gate.store.fault, None
    records = gate.records()
    gate.store.fault = fault
    return records


def side_by_side(foreheads_c: tuple[float, ...]) -> Draw:
    if len(foreheads_c) == 1:
        return standing(foreheads_c[0])
    return lambda picture: [*standing(foreheads_c[0], 5)(picture), *standing(foreheads_c[1], 75)(picture)]


def plan(gate: Bench, comings: list[Coming]) -> list[tuple[int, Draw]]:
    """The scenes, and what happens at which frame."""
    happenings: dict[int, list[Callable[[], None]]] = {}
    scenes: list[tuple[int, Draw]] = [(30, nobody)]
    signing: list[list[desk.Answer]] = []

    def at(frame: int, what: Callable[[], None]) -> None:
        happenings.setdefault(max(0, frame), []).append(what)

    def sign() -> None:
        last = gate.screen.states[-1].last
        if signing and signing[-1] and last is not None and last.passage_uuid is not None:
            gate.ask(desk.LetIn(last.passage_uuid, "parent_called", ""), signing[-1][0].session)

    def fill(full: bool) -> None:
        gate.store.fault = StoreError("磁盘满", "disk full") if full else None

    at(2, lambda: signing.append(gate.ask(desk.SignIn("zhao", PIN))))
    for one in comings:
        start = sum(frames for frames, _ in scenes)
        if one.badge is not None:
            at(start + one.badge_at, gate.present(one.badge))
        if one.signed_at is not None:
            at(start + one.signed_at, sign)
        if one.exit_at is not None:
            at(start + one.exit_at, gate.gate_io.press)
        if one.disk_full is not None:
            at(start + one.disk_full[0], lambda: fill(True))
            at(start + sum(one.disk_full), lambda: fill(False))
        scenes += [(one.leaves_after, side_by_side(one.foreheads_c)), (APART, nobody)]
    gate.at = {frame: (lambda these=these: [what() for what in these]) for frame, these in happenings.items()}  # type: ignore[misc]
    return scenes


def may_open(record: Record, passages: dict[str, Passage]) -> bool:
    """Whether this very record is a reason to open the gate once."""
    content = record.content
    if isinstance(content, Passage):
        return content.verdict == "pass"
    if isinstance(content, Override):
        # The guard of these mornings reads no contact thermometer: no fever and nothing that is hard can be signed for.
        overruled = passages[content.passage_uuid]
        return content.by == "zhao" and overruled.verdict != "fever" and overruled.person_id != WANG.person_id
    return isinstance(content, GateEvent) and content.code == "exit"


def check_openings(watched: WatchedIO, passages: dict[str, Passage]) -> None:
    spent: set[str] = set()
    for _, records in watched.openings:
        reasons = [one.uuid for one in records if may_open(one, passages) and one.uuid not in spent]
        assert reasons, "it opened without a record that may open it"
        spent.add(reasons[0])


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(COMING, min_size=1, max_size=3))
# Always among them: a disk that takes no pass, and a guard who signs for a fever, for nobody approved, for two at once.
@example([Coming((NORMAL_C,), "A1", 3, 30, None, None, (0, 60))])
@example([Coming((FEVER_C,), "A1", 3, 30, 40, None, None), Coming((NORMAL_C,), "A1", 3, 30, None, 10, None)])
@example([Coming((NORMAL_C,), "B2", 3, 30, 40, None, None), Coming((COLD_C,), None, 0, 30, 40, None, None)])
@example([Coming((NORMAL_C, NORMAL_C), "A1", 12, 40, 50, None, None)])
def test_nothing_opens_without_its_record_and_everybody_has_one_verdict(comings: list[Coming]) -> None:
    gate, watched = made()
    assert gate.play(*plan(gate, comings)) == 0
    records = gate.records()
    passages = {one.uuid: one.content for one in records if isinstance(one.content, Passage)}
    check_openings(watched, passages)
    for one in passages.values():
        if one.verdict == "pass":
            assert one.person_id == PUPIL.person_id
            assert one.measurement is not None
            assert one.measurement.forehead_c is not None
            assert one.measurement.forehead_c < one.measurement.threshold_c
    # What is left is for badges that nobody stood behind; nobody here presents a second one.
    stood = [one for one in passages.values() if one.measurement is not None]
    assert len(stood) == sum(len(one.foreheads_c) for one in comings)
