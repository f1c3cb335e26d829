"""Simulated people with badges before a whole gate, as fast as it goes: one right verdict for every visit."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from county.core.roster_csv import read_table
from edge.adapters.camera_sim import SimCamera, SimSettings
from edge.app import bootstrap
from edge.app.config import Config, StoreSection
from edge.app.demo_cast import CLOSED_CLASS, EXPECTED, FEVER, PEOPLE, Guest, closed_window, guests, person_id, table
from edge.app.gate_loop import Gate
from edge.app.parts import Parts
from edge.app.sim_people import SimPeople
from edge.core.contents import GateEvent, Passage
from edge.core.frame import Frame, NoFrame
from edge.core.roster import Person
from tests.fakes.clock import FakeClock
from tests.fakes.fake_gate_io import FakeGateIO
from tests.fakes.roster import FakeRoster
from tests.fakes.scripted import FakeScreen
from tests.fakes.store import FakeStore

CONFIG = Config.model_validate({"camera": {"kind": "sim"}})
ONE_TURN = 12


class Paced(SimPeople):
    """The clock goes with the frames."""

    clock: FakeClock

    def read(self, timeout_s: float) -> Frame | NoFrame:
        got = super().read(timeout_s)
        if isinstance(got, Frame):
            self.clock.advance(got.t_s - self.clock.now_s())
        return got


@dataclass
class Played:
    passages: list[Passage]
    events: list[GateEvent]
    kinds: list[str]
    fevers: list[bool]
    opened: int


def roster() -> FakeRoster:
    """The county's, in short: the class that may not enter has the fakes' only window, long over on the fake clock."""
    rows = read_table(table().encode()).rows
    people = []
    for row in rows:
        given = {name: value for name, value in row.given.items() if name != "class"}
        class_id = "C1" if row.given["class"] == CLOSED_CLASS else None
        people.append(Person(row.person_id, **given, class_id=class_id, observation_until=None))
    return FakeRoster(people)


def play(who: Sequence[Guest], fever_fraction: float = 0.0, seed: int = 3) -> Played:
    clock, store, gate_io = FakeClock(0.0), FakeStore(), FakeGateIO()
    camera = SimCamera(SimSettings(seed=seed, fever_fraction=fever_fraction), schedule=(), open_end=True)
    people = Paced(camera, gate_io, clock.now_s, iter(who), 1.0, len(who), seed)
    people.clock = clock
    parts = Parts(people, bootstrap.open_detector(), people.lamp, store, FakeScreen(), clock, roster(), people.badges)
    with TemporaryDirectory() as folder:
        config = CONFIG.model_copy(update={"store": StoreSection(path=Path(folder) / "records.sqlite")})
        assert Gate(config, parts, lambda line: None).run(threading.Event()) == 0
    contents = [record.content for record, _ in store.unsent(1000)]
    truths = camera.people()
    return Played(
        [one for one in contents if isinstance(one, Passage)],
        [one for one in contents if isinstance(one, GateEvent)],
        [one.kind for one in truths],
        [one.fever for one in truths],
        sum(signal.open_gate for signal in gate_io.shown),
    )


def test_every_kind_of_guest_has_one_visit_and_the_verdict_that_is_right() -> None:
    who = list(islice(guests(), ONE_TURN))
    assert {one.part for one in who} == EXPECTED.keys()
    played = play(who)
    assert played.kinds == [one.part for one in who]
    for guest, passage in zip(who, played.passages, strict=True):
        right = EXPECTED[guest.part]
        assert passage.verdict == right.verdict, guest
        assert set(passage.reasons) & right.reasons, guest
        assert passage.person_id == person_id(guest.badge)
    assert played.opened == sum(one.may_come_in for one in who)


def test_a_fever_is_a_fever_whatever_the_badge_says_and_the_next_one_waits_for_the_red_to_end() -> None:
    who = list(islice(guests(), 5))
    played = play(who, fever_fraction=1.0)
    assert played.fevers == [True] * 5
    assert [one.verdict for one in played.passages] == [FEVER.verdict] * 5
    assert played.opened == 0


def test_who_comes_again_goes_out_before_and_passes_again() -> None:
    first = next(guests())
    again = next(islice(guests(), PEOPLE, None))
    assert (again.number, again.badge, again.again) == (first.number, first.badge, 1)
    played = play([first, again])
    assert [(one.verdict, one.person_id) for one in played.passages] == [("pass", "S0000")] * 2
    assert [(one.code, one.by) for one in played.events] == [("exit", "S0000")]


@pytest.mark.parametrize("minute", range(0, 24 * 60, 97))
def test_the_closed_class_is_closed_for_hours(minute: int) -> None:
    first, last = (60 * int(text[:2]) + int(text[3:]) for text in closed_window(minute))
    assert 0 <= first < last < 24 * 60
    for later_min in range(-600, 601, 15):
        assert not first <= (minute + later_min) % (24 * 60) <= last


def test_no_two_have_the_same_badge_and_strangers_are_on_no_roster() -> None:
    everybody = list(islice(guests(), PEOPLE))
    on_roster = {badge for person in roster().people() for badge in person.badges}
    shown = [one.badge for one in everybody if one.badge is not None]
    assert len(set(shown)) == len(shown)
    assert {one.part for one in everybody if one.badge not in on_roster} == {"unknown", "forgotten"}
