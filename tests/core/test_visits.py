"""Visits: one verdict each, and no way in for anybody unmeasured, unknown, unapproved, feverish or beside another."""

from collections import Counter
from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from edge.core import visits
from edge.core.contents import Finding
from edge.core.deciding import Measured
from edge.core.decision import LocalTime
from edge.core.entry_policy import EntryPolicy
from edge.core.forehead import ForeheadReading
from edge.core.geometry import Box
from edge.core.identity import Scan
from edge.core.roster import Person
from edge.core.screening import Screening
from edge.core.tracks import PERSON_FRAMES, Track
from edge.core.visits import Named, Outcome, Surroundings
from tests.fakes.passages import measurement

STEP_S = 0.111
WINDOW_S = 3.0
# So many steps somebody stands there alone before nobody doubts any more whose badge theirs is.
ALONE = int(visits.DOUBTFUL_S / STEP_S) + 5
PEOPLE = {
    "GOOD": Person("p-good", "好", "pupil", "1-1", ("GOOD",), True, None, True),
    "ALSO": Person("p-also", "也好", "pupil", "1-1", ("ALSO",), True, None, True),
    "BARRED": Person("p-barred", "未批", "pupil", "1-1", ("BARRED",), False, None, True),
    "HELD": Person("p-held", "观察", "pupil", "1-1", ("HELD",), True, "2026-03-09", True),
}
AROUND = Surroundings(
    policy=EntryPolicy(), asked=True, lookup=PEOPLE.get, when=LocalTime("2026-03-02", 450), roster_version=3
)
_READING = ForeheadReading(None, 40, temp_c=35.0)


@dataclass
class Gate:
    """Tracks as the pipeline would hand them over, and everything that was said of them."""

    around: Surroundings = AROUND
    state: visits.State = field(default_factory=lambda: visits.start(WINDOW_S))
    tracks: dict[int, Track] = field(default_factory=dict)
    now_s: float = 100.0
    outcomes: list[Outcome] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)
    asks: list[str | None] = field(default_factory=list)

    def come(self, number: int) -> None:
        self.tracks[number] = Track(number, Box(40, 30, 74, 75), self.now_s, self.now_s, zone_frames=PERSON_FRAMES)

    def step(
        self,
        measured: dict[int, Finding] | None = None,
        gone: tuple[int, ...] = (),
        badges: tuple[str, ...] = (),
        steps: int = 1,
    ) -> list[Outcome]:
        found = []
        for number, finding in (measured or {}).items():
            reason = {"pass": "ok", "fever": "fever_forehead", "not_measured": "obscured"}[finding]
            reading = {} if finding != "not_measured" else {"forehead_c": None, "u_c": None}
            found.append(Measured(number, measurement(number, finding=finding, reason=reason, **reading)))
            if number in self.tracks:
                screened = Screening(finding, reason, (_READING,))
                self.tracks[number] = replace(self.tracks[number], screening=screened)
        for number in gone:
            del self.tracks[number]
        fell: list[Outcome] = []
        for k in range(steps):
            self.now_s += STEP_S
            scans = tuple(Scan(badge, self.now_s, "card", "door") for badge in badges) if k == 0 else ()
            self.state, outputs = visits.step(
                self.state,
                self.around,
                list(self.tracks.values()),
                found if k == 0 else [],
                gone if k == 0 else (),
                scans,
                self.now_s,
            )
            fell += outputs.outcomes
            self.named += outputs.named
            self.asks.append(outputs.ask)
        self.outcomes += fell
        return fell


def verdicts(outcomes: list[Outcome]) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.passage.verdict, one.passage.reasons) for one in outcomes]


def test_badge_first_then_face() -> None:
    gate = Gate()
    gate.step(badges=("GOOD",), steps=5)
    gate.come(1)
    gate.step(steps=3)
    (outcome,) = gate.step({1: "pass"})
    assert (outcome.passage.verdict, outcome.passage.person_id, outcome.track) == ("pass", "p-good", 1)
    assert gate.step(gone=(1,), steps=40) == []


def test_face_first_then_badge() -> None:
    gate = Gate()
    gate.come(1)
    assert gate.step({1: "pass"}, steps=60) == []
    assert gate.asks[-1] == "present_badge"
    fell = gate.step(badges=("GOOD",), steps=5)
    assert verdicts(fell) == [("pass", ("ok",))]


def test_who_leaves_without_a_badge_is_refused_and_written_once() -> None:
    gate = Gate()
    gate.come(1)
    gate.step({1: "pass"}, steps=5)
    assert verdicts(gate.step(gone=(1,), steps=50)) == [("refused", ("no_badge",))]


def test_a_badge_that_nobody_stands_behind_is_told_with_its_person() -> None:
    gate = Gate()
    (outcome,) = gate.step(badges=("GOOD",), steps=40)
    assert outcome.passage.measurement is None
    assert (outcome.passage.verdict, outcome.passage.reasons) == ("not_measured", ("no_face",))
    assert (outcome.passage.person_id, outcome.track) == ("p-good", None)


def test_an_unknown_badge_is_an_outsider_and_another_badge_begins_another_visit() -> None:
    gate = Gate()
    gate.come(1)
    gate.step({1: "pass"}, steps=4)
    assert verdicts(gate.step(badges=("WRONG",), steps=30)) == [("refused", ("outsider",))]
    assert verdicts(gate.step(badges=("GOOD",), steps=5)) == [("pass", ("ok",))]
    assert gate.step(gone=(1,), steps=40) == []


def test_two_at_once_are_asked_to_come_one_by_one_and_neither_gets_in() -> None:
    gate = Gate()
    gate.come(1)
    gate.come(2)
    # Nobody knows whose badge that was: it is told at once, and presented again later.
    (badge,) = gate.step({1: "pass", 2: "pass"}, badges=("GOOD",), steps=10)
    assert (badge.track, badge.passage.verdict, badge.passage.reasons[0]) == (None, "refused", "two_at_once")
    assert gate.asks[-1] == "one_at_a_time"
    fell = gate.step(gone=(1, 2), steps=50)
    assert verdicts(fell) == [("refused", ("two_at_once", "no_badge"))] * 2


def test_a_badge_that_was_given_just_before_a_second_one_appears_is_nobodys() -> None:
    # Two walk up, one behind the other: the first badge may be that of the one who cannot be seen yet.
    gate = Gate()
    gate.come(1)
    assert gate.step(badges=("GOOD",), steps=4) == []
    gate.come(2)
    (badge,) = gate.step({1: "pass"}, steps=10)
    assert (badge.track, badge.passage.person_id, badge.passage.reasons[0]) == (None, "p-good", "two_at_once")
    assert verdicts(gate.step(gone=(2,), steps=20)) == [("refused", ("two_at_once", "no_badge"))]
    (outcome,) = gate.step(badges=("GOOD",), steps=4)
    assert (outcome.track, outcome.passage.verdict, outcome.passage.person_id) == (1, "pass", "p-good")


def test_a_verdict_waits_from_the_first_glimpse_of_somebody_else_on() -> None:
    gate = Gate()
    gate.come(1)
    gate.step(badges=("GOOD",), steps=ALONE)
    gate.come(2)
    gate.tracks[2] = replace(gate.tracks[2], zone_frames=1)
    assert gate.step({1: "pass"}) == []
    gate.tracks[2] = replace(gate.tracks[2], zone_frames=2)
    assert gate.step() == []
    # It was nobody: seen no more, it holds nobody up.
    gate.tracks[2] = replace(gate.tracks[2], unseen_s=STEP_S)
    assert verdicts(gate.step()) == [("pass", ("ok",))]


def test_who_was_kept_waiting_by_others_and_is_seen_no_more_is_not_let_in() -> None:
    gate = Gate()
    gate.come(1)
    gate.step(badges=("GOOD",), steps=ALONE)
    gate.come(2)
    gate.step({1: "pass", 2: "pass"}, steps=5)
    # The picture is lost: nothing is looked at for longer than somebody beside them is remembered.
    gate.now_s += visits.CROWDED_S + 2.0
    assert verdicts(gate.step(gone=(1, 2))) == [("refused", ("two_at_once",)), ("refused", ("no_badge",))]


def test_a_fever_that_looks_away_before_its_verdict_is_still_a_fever() -> None:
    gate = Gate()
    gate.come(1)
    gate.step(badges=("GOOD",), steps=ALONE)
    gate.come(2)
    # A badge waits for the second one, so the verdict on their fever does, too.
    assert gate.step(badges=("ALSO",), steps=2) == []
    assert gate.step({2: "fever"}) == []
    gate.tracks[2] = replace(gate.tracks[2], screening=None)
    assert gate.step(steps=2) == []
    fell = gate.step({2: "pass"}, steps=12)
    assert ("fever", ("fever_forehead", "no_badge")) in verdicts(fell)


def test_where_nobody_is_asked_a_badge_is_no_visit() -> None:
    gate = Gate(replace(AROUND, asked=False))
    assert gate.step(badges=("GOOD",), steps=60) == []
    gate.come(1)
    (outcome,) = gate.step({1: "pass"}, badges=("ALSO",), steps=60)
    assert (outcome.passage.identified, outcome.passage.means, outcome.track) == ("not_asked", None, 1)


def test_once_the_other_has_stepped_back_the_badge_is_presented_again() -> None:
    gate = Gate()
    gate.come(1)
    gate.come(2)
    gate.step({1: "pass", 2: "pass"}, steps=10)
    assert verdicts(gate.step(gone=(2,), steps=10)) == [("refused", ("two_at_once", "no_badge"))]
    assert verdicts(gate.step(badges=("GOOD",), steps=10)) == [("pass", ("ok",))]


def test_a_fever_is_told_at_once_and_its_badge_afterwards_names_it() -> None:
    gate = Gate()
    gate.come(1)
    (fever,) = gate.step({1: "fever"})
    assert fever.passage.verdict == "fever"
    assert "no_badge" in fever.passage.reasons
    assert gate.step(badges=("GOOD",), steps=10) == []
    assert [(one.track, one.person.person_id) for one in gate.named] == [(1, "p-good")]


def test_well_above_the_crowd_is_told_at_once_too() -> None:
    gate = Gate(replace(AROUND, crowd_c=34.0))
    gate.come(1)
    (suspect,) = gate.step({1: "pass"})  # 36.1 C
    assert (suspect.passage.verdict, suspect.passage.reasons) == ("fever", ("above_crowd", "no_badge"))


def test_beside_a_fever_nobody_is_let_in() -> None:
    gate = Gate()
    gate.come(1)
    gate.step({1: "fever"})
    gate.come(2)
    assert [one.track for one in gate.step({2: "pass"}, badges=("ALSO",), steps=10)] == [None]
    assert gate.asks[-1] == "one_at_a_time"


def test_what_was_measured_before_a_moment_out_of_sight_does_not_count() -> None:
    gate = Gate()
    gate.come(1)
    gate.step({1: "pass"}, steps=3)
    gate.tracks[1] = replace(gate.tracks[1], screening=None)
    assert gate.step(badges=("GOOD",), steps=5) == []
    assert verdicts(gate.step({1: "fever"})) == [("fever", ("fever_forehead",))]


def test_who_is_in_already_does_not_come_in_on_the_same_badge() -> None:
    gate = Gate(replace(AROUND, inside={"p-good"}))
    gate.come(1)
    gate.step({1: "pass"}, badges=("GOOD",), steps=5)
    assert verdicts(gate.outcomes) == [("refused", ("already_in",))]


def test_whom_an_open_case_keeps_out_stays_out() -> None:
    gate = Gate(replace(AROUND, held={"p-good"}))
    gate.come(1)
    gate.step({1: "pass"}, badges=("GOOD",), steps=5)
    assert verdicts(gate.outcomes) == [("refused", ("under_observation",))]


def test_where_nobody_is_asked_the_measurement_decides_alone() -> None:
    gate = Gate(replace(AROUND, asked=False))
    gate.come(1)
    gate.come(2)
    assert verdicts(gate.step({1: "pass", 2: "pass"})) == [("pass", ("ok",))] * 2
    assert gate.asks == [None]


@st.composite
def mornings(draw: st.DrawFn) -> list[tuple[str, int, str]]:
    """Anything that may happen, in any order: (what, which track, which badge or finding)."""
    happenings = st.one_of(
        st.tuples(st.just("come"), st.integers(1, 6), st.just("")),
        st.tuples(st.just("measured"), st.integers(1, 6), st.sampled_from(["pass", "fever"])),
        st.tuples(st.just("lost"), st.integers(1, 6), st.just("")),
        st.tuples(st.just("gone"), st.integers(1, 6), st.sampled_from(["pass", "fever", "not_measured"])),
        st.tuples(st.just("badge"), st.just(0), st.sampled_from(["GOOD", "ALSO", "BARRED", "HELD", "WRONG"])),
        st.tuples(st.just("wait"), st.integers(1, 12), st.just("")),
    )
    return draw(st.lists(happenings, max_size=40))


@given(mornings())
def test_no_way_in_and_one_verdict_for_each_visit(morning: list[tuple[str, int, str]]) -> None:
    gate, used, offset = Gate(), set[int](), 0
    presented, came = Counter[str](), set[int]()
    for what, n, word in morning:
        number = n + offset
        before = set(gate.tracks)
        fell: list[Outcome] = []
        if what == "come" and number not in used:
            gate.come(number)
            used.add(number)
            came.add(number)
            fell = gate.step()
        elif what == "measured" and number in gate.tracks and gate.tracks[number].screening is None:
            fell = gate.step({number: word})  # type: ignore[dict-item]  # one of the findings drawn above
        elif what == "lost" and number in gate.tracks:
            gate.tracks[number] = replace(gate.tracks[number], screening=None)
            fell = gate.step()
        elif what == "gone" and number in gate.tracks:
            # As the pipeline does: who leaves without a finding is given one.
            last = {} if gate.tracks[number].screening is not None else {number: word}
            fell = gate.step(last, gone=(number,))  # type: ignore[arg-type]  # as above
        elif what == "badge":
            presented[word] += 1
            fell = gate.step(badges=(word,))
        elif what == "wait":
            fell = gate.step(steps=n)
        if len(used) % 6 == 0:
            offset = len(used)
        for one in fell:
            if one.passage.verdict != "pass":
                continue
            assert one.person is not None
            assert one.person.approved
            assert one.person.observation_until is None
            assert one.passage.measurement is not None
            assert one.passage.measurement.finding == "pass"
            others = (before | set(gate.tracks)) - {one.track}
            passed = {o.track for o in gate.outcomes if o.passage.verdict == "pass"}
            assert not (others & set(gate.tracks)) - passed, "somebody else stood beside them"
    gate.step({n: "not_measured" for n, t in gate.tracks.items() if t.screening is None}, gone=tuple(gate.tracks))
    gate.step(steps=60)
    told = Counter(one.track for one in gate.outcomes if one.track is not None)
    assert set(told) == came, "everybody who stood there has a verdict, and nobody else"
    retried = sum(presented.values())
    assert sum(told.values()) <= len(came) + retried
    assert len(gate.outcomes) + len(gate.named) <= len(came) + retried


def test_what_may_be_a_face_beside_somebody_who_has_just_come_keeps_badge_and_verdict_waiting() -> None:
    gate = Gate(around=replace(AROUND, hardly_seen=True))
    gate.come(1)
    assert gate.step({1: "pass"}, badges=("GOOD",), steps=3) == []
    # Then it surely is one: whose badge that was is not known.
    gate.come(2)
    fell = gate.step(steps=5)
    assert [one.passage.reasons[0] for one in fell] == ["two_at_once"]
    assert gate.asks[-1] == "one_at_a_time"


def test_what_may_be_a_face_keeps_nobody_waiting_for_longer_than_somebody_may_be_hidden() -> None:
    gate = Gate(around=replace(AROUND, hardly_seen=True))
    gate.come(1)
    began_s = gate.now_s
    while not gate.step({1: "pass"}, badges=() if gate.now_s > began_s else ("GOOD",)):
        assert gate.now_s - began_s < visits.DOUBTFUL_S + 3 * STEP_S
    assert verdicts(gate.outcomes) == [("pass", ("ok",))]
    assert gate.now_s - began_s > visits.DOUBTFUL_S


def test_what_may_have_been_a_face_is_forgotten_soon() -> None:
    gate = Gate(around=replace(AROUND, hardly_seen=True))
    gate.come(1)
    gate.step(steps=3)
    began_s, gate.around = gate.now_s, AROUND
    gate.step({1: "pass"}, badges=("GOOD",))
    assert gate.outcomes == []
    while not gate.step():
        assert gate.now_s - began_s < visits.HARDLY_SEEN_S + 3 * STEP_S
    assert gate.now_s - began_s > visits.HARDLY_SEEN_S
    assert verdicts(gate.outcomes) == [("pass", ("ok",))]


def test_a_badge_is_taken_back_however_slowly_whoever_was_beside_them_is_made_out() -> None:
    gate = Gate()
    gate.come(1)
    gate.step(badges=("GOOD",), steps=4)
    gate.around = replace(AROUND, hardly_seen=True)
    assert gate.step({1: "pass"}, steps=6) == []
    gate.around = AROUND
    gate.come(2)
    for frames in range(1, PERSON_FRAMES + 1):
        gate.tracks[2] = replace(gate.tracks[2], zone_frames=frames)
        fell = gate.step()
    assert [one.passage.reasons[0] for one in fell] == ["two_at_once"]
    gate.step(gone=(2,), steps=8)
    assert "pass" not in [verdict for verdict, _ in verdicts(gate.outcomes)]


def test_a_fever_waits_for_nobody_who_may_be_there() -> None:
    gate = Gate(around=replace(AROUND, hardly_seen=True))
    gate.come(1)
    assert verdicts(gate.step({1: "fever"}, steps=2)) == [("fever", ("fever_forehead", "no_badge"))]
