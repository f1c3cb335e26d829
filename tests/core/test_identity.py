"""Which badge belongs to whom: what is told of ordinary cases, and what holds whatever comes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core import identity
from edge.core.identity import KEPT_SCANS, KEPT_TRACKS, Answers, Scan, Standing, State, start, step

WINDOW_S = 3.0
FRAME_S = 0.125

Script = dict[int, Sequence[Standing]]


def scan(badge: str, t_s: float, direction: Literal["in", "out"] = "in") -> Scan:
    return Scan(badge, t_s, "card", "reader", direction)


def waits(track: int) -> Standing:
    return Standing(track, True, "waiting")


def passed(track: int) -> Standing:
    return Standing(track, True, "passed")


def refused(track: int) -> Standing:
    return Standing(track, True, "stopped", may_retry=True)


def feverish(track: int) -> Standing:
    return Standing(track, True, "stopped")


def play(people: Script, scans: Sequence[Scan], frames: int = 80) -> Answers:
    """All answers of so many frames; people: who stands there from which frame on."""
    state, there, told = start(WINDOW_S), tuple[Standing, ...](), Answers()
    for frame in range(frames):
        now_s = frame * FRAME_S
        there = tuple(people.get(frame, there))
        new = [one for one in scans if now_s - FRAME_S < one.t_s <= now_s]
        state, answers = step(state, now_s, new, there)
        told = Answers(
            told.paired + answers.paired,
            told.unmatched + answers.unmatched,
            told.retries + answers.retries,
            told.crowd or answers.crowd,
            told.repeats + answers.repeats,
            told.left + answers.left,
        )
    return told


def test_a_badge_waits_for_the_next_face_and_a_face_for_a_badge() -> None:
    a, b = scan("A", 0.5), scan("B", 6.0)
    told = play({10: [waits(1)], 20: [passed(1)], 24: [], 30: [waits(2)], 60: []}, [a, b])
    assert told == Answers(paired=((1, a), (2, b)))


@given(
    st.floats(0.0, 8.0).flatmap(
        lambda face_s: st.tuples(st.just(face_s), st.floats(max(0.0, face_s - WINDOW_S + 0.5), face_s + 8.0))
    )
)
def test_the_order_of_badge_and_face_makes_no_difference(times_s: tuple[float, float]) -> None:
    face_s, badge_s = times_s
    one = scan("A", badge_s)
    told = play({int(face_s / FRAME_S): [waits(7)]}, [one], 140)
    assert told == Answers(paired=((7, one),))


def test_a_badge_without_a_face_is_told_after_the_window() -> None:
    one = scan("A", 1.0)
    assert play({}, [one]) == Answers(unmatched=((one, "no_face"),))
    late = play({int(1.0 / FRAME_S + WINDOW_S / FRAME_S) + 2: [waits(1)]}, [one])
    assert late == Answers(unmatched=((one, "no_face"),))


def test_of_two_who_stand_there_nobody_gets_a_badge_and_both_may_come_again_alone() -> None:
    together = [scan("A", 1.0), scan("B", 1.5)]
    alone = scan("A", 4.0)
    told = play({4: [waits(1), waits(2)], 20: [waits(1)]}, [*together, alone])
    assert told.unmatched == ((together[0], "two_at_once"), (together[1], "two_at_once"))
    assert told.paired == ((1, alone),)
    assert told.crowd


def test_a_badge_shown_before_two_come_up_together_is_neithers() -> None:
    early = scan("A", 0.5)
    for second_frame in (8, 9):
        told = play({8: [waits(1)], second_frame: [waits(1), waits(2)], 20: [waits(2)]}, [early])
        assert (told.paired, told.unmatched) == ((), ((early, "two_at_once"),))


def test_a_face_that_is_missed_for_a_frame_has_not_gone() -> None:
    behind = replace(waits(2), in_zone=False)
    one = scan("A", 10 * FRAME_S)
    told = play({4: [waits(1), waits(2)], 10: [waits(1), behind], 11: [waits(1), waits(2)]}, [one])
    assert (told.paired, told.unmatched) == ((), ((one, "two_at_once"),))


def test_beside_a_glimpse_a_badge_waits_until_it_was_somebody_or_nobody() -> None:
    glimpse = Standing(2, True, "waiting", glimpse=True)
    one = scan("A", 1.0)
    nobody = play({8: [waits(1), glimpse], 16: [waits(1)]}, [one])
    assert nobody == Answers(paired=((1, one),))
    somebody = play({8: [waits(1), glimpse], 16: [waits(1), waits(2)]}, [one])
    assert somebody == Answers(unmatched=((one, "two_at_once"),), crowd=True)
    alone = play({8: [glimpse]}, [one])
    assert alone == Answers(unmatched=((one, "no_face"),))


def test_the_second_badge_while_the_first_still_waits_comes_too_soon() -> None:
    first, second = scan("A", 1.0), scan("B", 1.5)
    told = play({20: [waits(1)]}, [first, second])
    assert told == Answers(paired=((1, first),), unmatched=((second, "badge_too_soon"),))


def test_who_has_a_badge_leaves_the_next_one_to_the_next_person() -> None:
    mine, next_one = scan("A", 1.0), scan("B", 2.0)
    told = play({8: [waits(1)], 24: [passed(1)], 28: [passed(1), waits(2)]}, [mine, next_one])
    assert told.paired == ((1, mine), (2, next_one))


def test_a_badge_behind_somebody_undecided_never_pairs_while_both_stand_there() -> None:
    mine, next_one = scan("A", 1.0), scan("B", 2.0)
    told = play({8: [waits(1)], 18: [waits(1), waits(2)]}, [mine, next_one])
    assert told.paired == ((1, mine),)
    assert told.unmatched == ((next_one, "two_at_once"),)


def test_readers_repeat_and_impatient_people_show_their_badge_again() -> None:
    shows = [scan("A", t_s) for t_s in (1.0, 1.5, 2.9, 5.5)]
    told = play({8: [waits(1)]}, shows)
    assert told == Answers(paired=((1, shows[0]),), repeats=tuple(shows[1:]))


def test_a_badge_that_is_passed_back_is_the_next_persons() -> None:
    # The list says that its owner is inside already: that is for the verdict to tell.
    shows = [scan("A", 1.0), scan("A", 6.0)]
    told = play({8: [waits(1)], 20: [passed(1)], 40: [passed(1), waits(2)]}, shows)
    assert told.paired == ((1, shows[0]), (2, shows[1]))


def test_whoever_has_passed_and_still_stands_there_alone_shows_their_badge_again() -> None:
    # The guard typed it once more, or the lamp was slower than their hand; whoever comes next it is not.
    shows = [scan("A", 1.0), scan("A", 4.0)]
    told = play({8: [waits(1)], 20: [passed(1)], 36: [], 40: [waits(2)]}, shows)
    assert told == Answers(paired=((1, shows[0]),), repeats=(shows[1],))


def test_it_is_a_repeat_too_beside_a_glimpse_and_beside_somebody_with_a_badge_of_their_own() -> None:
    again = scan("A", 4.0)
    glimpse = Standing(2, True, "waiting", glimpse=True)
    told = play({8: [waits(1)], 20: [passed(1), glimpse], 44: [waits(3)]}, [scan("A", 1.0), again])
    assert told.repeats == (again,)
    own = scan("B", 2.8)
    told = play({8: [waits(1)], 20: [passed(1), waits(2)], 44: [waits(3)]}, [scan("A", 1.0), own, again])
    assert told.paired[:2] == ((1, scan("A", 1.0)), (2, own))
    assert told.repeats == (again,)


def test_who_was_refused_may_try_another_badge_but_not_the_same() -> None:
    first, same, other = scan("A", 1.0), scan("A", 4.0), scan("B", 5.0)
    told = play({8: [waits(1)], 20: [refused(1)]}, [first, same, other])
    assert told == Answers(paired=((1, first),), retries=((1, other),), repeats=(same,))


def test_who_was_refused_without_a_badge_may_bring_one() -> None:
    one = scan("A", 4.0)
    assert play({8: [waits(1)], 20: [refused(1)]}, [one]) == Answers(retries=((1, one),))


def test_the_badge_of_who_is_stopped_for_good_is_not_given_to_the_next() -> None:
    own = scan("A", 3.0)
    told = play({8: [waits(1)], 20: [feverish(1)], 30: [waits(2)]}, [own])
    assert told == Answers(unmatched=((own, "two_at_once"),))


def test_the_way_out_says_nothing_of_who_stands_here() -> None:
    one = scan("A", 2.0, "out")
    assert play({8: [waits(1)]}, [one]) == Answers(left=(one,))


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of an arbitrary history."""

    after_s: float
    standing: tuple[Standing, ...]
    badges: tuple[tuple[str, float, Literal["in", "out"]], ...]


@st.composite
def moments(draw: st.DrawFn) -> Moment:
    tracks = draw(st.lists(st.integers(1, 4), unique=True, max_size=3))
    standing = tuple(
        Standing(
            track,
            draw(st.integers(0, 3)) > 0,
            draw(st.sampled_from(["waiting", "waiting", "passed", "stopped"])),
            draw(st.booleans()),
            draw(st.integers(0, 4)) == 0,
        )
        for track in tracks
    )
    ways: list[Literal["in", "out"]] = ["in", "in", "in", "out"]
    badge = st.tuples(st.sampled_from("ABCDEFGH"), st.floats(0.0, 0.6), st.sampled_from(ways))
    return Moment(draw(st.floats(0.01, 0.6)), standing, tuple(draw(st.lists(badge, max_size=2))))


@dataclass(frozen=True, slots=True)
class Told:
    """A history as it was played: of each step when it was, who stood there, what was presented and answered."""

    now_s: float
    after_s: float
    standing: tuple[Standing, ...]
    scans: tuple[Scan, ...]
    answers: Answers


def run(history: Sequence[Moment]) -> list[Told]:
    """Play it, and then nobody for longer than the window. Each scan names a reader of its own."""
    state, now_s, told = start(WINDOW_S), 0.0, list[Told]()
    after = [Moment(0.5, (), ())] * int(WINDOW_S / 0.5 + 2)
    for number, moment in enumerate([*history, *after]):
        now_s += moment.after_s
        scans = tuple(
            Scan(badge, now_s - min(ago_s, moment.after_s), "card", f"{number}-{i}", way)
            for i, (badge, ago_s, way) in enumerate(moment.badges)
        )
        state, answers = step(state, now_s, scans, moment.standing)
        told.append(Told(now_s, moment.after_s, moment.standing, scans, answers))
    return told


def outcomes(answers: Answers) -> list[Scan]:
    given_to = [one for _, one in (*answers.paired, *answers.retries)]
    return [*given_to, *(one for one, _ in answers.unmatched), *answers.repeats, *answers.left]


histories = st.lists(moments(), max_size=30)


@settings(max_examples=300)
@given(histories)
def test_every_scan_has_exactly_one_outcome_within_the_window_and_one_step(history: list[Moment]) -> None:
    told = run(history)
    presented = [one for at in told for one in at.scans]
    assert Counter(one.reader for at in told for one in outcomes(at.answers)) == Counter(s.reader for s in presented)
    for at in told:
        assert all(at.now_s - one.t_s <= WINDOW_S + at.after_s + 1e-9 for one in outcomes(at.answers))


@settings(max_examples=300)
@given(histories)
def test_no_track_is_paired_twice(history: list[Moment]) -> None:
    tracks = [track for at in run(history) for track, _ in at.answers.paired]
    assert len(tracks) == len(set(tracks))


@settings(max_examples=300)
@given(histories)
def test_a_badge_is_given_only_to_who_stands_there_alone_and_in_the_right_state(history: list[Moment]) -> None:
    for at in run(history):
        there = [one for one in at.standing if one.in_zone and one.state != "passed"]
        assert at.answers.crowd >= (sum(not one.glimpse for one in there) > 1)
        for kind, given_to in (("waiting", at.answers.paired), ("stopped", at.answers.retries)):
            for track, _ in given_to:
                assert [(one.track, one.state) for one in there] == [(track, kind)]
                assert kind == "waiting" or there[0].may_retry
                assert not there[0].glimpse


@settings(max_examples=300)
@given(histories)
def test_while_a_badge_waited_it_could_have_been_nobody_elses(history: list[Moment]) -> None:
    told = run(history)
    have = set[int]()
    since = dict[str, set[int]]()
    for at in told:
        could = could_be(at.standing, have)
        since = {reader: tracks | could for reader, tracks in since.items()}
        for track, one in (*at.answers.paired, *at.answers.retries):
            assert since.get(one.reader, could) <= {track}
            have.add(track)
        answered = {one.reader for one in outcomes(at.answers)}
        # Who was given an earlier badge of the same step is no candidate for a later one.
        new = {one.reader: could_be(at.standing, have) for one in at.scans}
        since = {reader: tracks for reader, tracks in (since | new).items() if reader not in answered}


def could_be(standing: Sequence[Standing], have: set[int]) -> set[int]:
    """Tracks that a badge presented now may belong to; have: those that have one already."""
    there = [one for one in standing if one.in_zone and one.state != "passed" and not one.glimpse]
    return {one.track for one in there if one.track not in have or (one.state == "stopped" and one.may_retry)}


@settings(max_examples=300)
@given(histories)
def test_a_passed_person_or_an_empty_zone_is_no_crowd(history: list[Moment]) -> None:
    quiet = [replace(m, standing=tuple(replace(one, state="passed") for one in m.standing)) for m in history]
    for at in run(quiet):
        assert at.answers.crowd is False
        assert (at.answers.paired, at.answers.retries) == ((), ())


def size(state: State) -> int:
    return len(state.taken) + len(state.badges) + len(state.zone_s)


def test_the_memory_is_bounded_whatever_comes_and_nobody_forgotten_is_paired_again() -> None:
    state, now_s = start(WINDOW_S), 0.0
    for number in range(1, 1001):
        for _ in range(4):
            now_s += FRAME_S
            state, answers = step(state, now_s, [scan(f"{number}-{now_s}", now_s)], [waits(number)])
    assert len(state.badges) == KEPT_TRACKS
    state, answers = step(state, now_s + 10, [], [waits(track) for track in range(2000, 4000)])
    assert answers.crowd
    state, _ = step(state, now_s + 10, [scan(str(k), now_s + 10) for k in range(1000)], [])
    assert size(state) <= KEPT_SCANS + 2 * KEPT_TRACKS
    for _ in range(8):
        now_s += 10
        state, answers = step(state, now_s, [scan(f"late-{now_s}", now_s)], [waits(1)])
        assert answers.paired == ()


def test_a_badge_that_was_presented_long_before_anybody_looked_is_nobodys() -> None:
    state, _ = step(start(WINDOW_S), 99.0, [], [waits(1)])
    state, _ = step(state, 99.9, [], [waits(1)])
    old = scan("A", 90.0)
    assert step(state, 100.0, [old], [waits(1)])[1] == Answers(unmatched=((old, "no_face"),))


def test_a_reader_whose_clock_is_ahead_waits_no_longer_than_others() -> None:
    ahead = scan("A", 500.0)
    state, _ = step(start(WINDOW_S), 1.0, [ahead], [])
    assert step(state, 1.0 + WINDOW_S + FRAME_S, [], [])[1].unmatched == ((ahead, "no_face"),)
    assert identity.REPEAT_S < WINDOW_S
