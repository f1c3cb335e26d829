"""The gate that asks people who they are: badges, overrides, cases, exits and inputs, every outside thing faked."""

import time
from dataclasses import replace

import pytest

from edge.app.calibrated import Calibrated
from edge.core import desk
from edge.core.contents import CaseStep, GateEvent, Override, Passage
from edge.core.correction import Correction
from edge.core.desk import Answer
from edge.core.errors import ReaderError, StoreError
from edge.core.frame import NoFrame
from edge.core.identity import Scan
from edge.core.profile import Profile
from edge.core.radiometry import Budget
from edge.core.record import Stamp
from edge.core.roster import Person
from edge.core.signals import ALERT, EXIT, FIRE, IDLE, ONE_AT_A_TIME, WAITING, Input, signal_for
from tests.app.gate_bench import Bench, nobody, standing
from tests.fakes.badges import FakeBadges
from tests.fakes.clock import FakeClock
from tests.fakes.fake_gate_io import FakeGateIO
from tests.fakes.roster import FakeRoster
from tests.fakes.rosters import LI

PUPIL = replace(LI, class_id=None)
WANG = Person("P0002", "王小红", "pupil", None, ("B2",), False, None, True)
GUARD = Person("G1", "赵门卫", "guard", None, ("G1",), True, None, True)
PIN = "274951"
OPEN = signal_for("pass")


def bench(people: tuple[Person, ...] = (PUPIL, WANG, GUARD)) -> Bench:
    made = Bench(roster=FakeRoster(people))
    made.guards.add("zhao", "guard", PIN)
    made.guards.add("sun", "medic", PIN)
    return made


def later(answers: list[Answer]) -> Answer:
    """The answer to a request, once it is there."""
    assert len(answers) == 1
    return answers[0]


class Guard:
    """Somebody at the desk: signs in, asks, remembers what was answered."""

    def __init__(self, gate: Bench, guard_id: str = "zhao") -> None:
        self.gate, self.guard_id = gate, guard_id
        self.signing: list[Answer] = []
        self.answers: list[list[Answer]] = []

    def signs_in(self) -> None:
        self.signing = self.gate.ask(desk.SignIn(self.guard_id, PIN))

    def asks(self, command: desk.Command) -> None:
        self.answers.append(self.gate.ask(command, later(self.signing).session))

    def passage(self) -> str:
        """The record of the last passage on the screen."""
        last = self.gate.screen.states[-1].last
        assert last is not None
        assert last.passage_uuid is not None
        return last.passage_uuid

    def case(self) -> str:
        return self.gate.screen.states[-1].cases[0].case_id


def test_a_known_and_healthy_person_comes_in_and_is_inside() -> None:
    gate = bench()
    gate.at = {9: gate.present("A1")}
    gate.play((8, nobody), (16, standing(35.0)), (60, nobody))
    assert gate.written() == [("pass", "ok")]
    (record,) = gate.records()
    assert isinstance(record.content, Passage)
    assert (record.content.person_id, record.content.means, record.content.identified) == ("P0001", "card", "known")
    assert gate.gate_io.shown == [IDLE, WAITING, OPEN, IDLE]
    assert gate.screen.states[-1].inside == 1
    shown = [state.last for state in gate.screen.states if state.last is not None]
    assert shown[0].name == "李小明"
    assert not any("李小明" in line for line in gate.said), "the journal names nobody"


def test_without_a_badge_nobody_comes_in() -> None:
    gate = bench()
    gate.play((8, nobody), (30, standing(35.0)), (40, nobody))
    assert gate.written() == [("refused", "no_badge")]
    assert OPEN not in gate.gate_io.shown


def test_who_is_not_approved_is_refused_and_stays_red_while_they_stand_there() -> None:
    gate = bench()
    gate.at = {9: gate.present("B2")}
    gate.play((8, nobody), (60, standing(35.0)), (60, nobody))
    assert gate.written() == [("refused", "not_approved")]
    assert gate.gate_io.shown == [IDLE, WAITING, signal_for("refused"), IDLE]


def test_an_unknown_badge_then_the_right_one() -> None:
    gate = bench()
    gate.at = {9: gate.present("NOBODYS"), 30: gate.present("A1")}
    gate.play((8, nobody), (40, standing(35.0)), (50, nobody))
    assert gate.written() == [("refused", "outsider"), ("pass", "ok")]


def test_the_card_that_was_passed_back_does_not_open_again() -> None:
    gate = bench()
    gate.at = {9: gate.present("A1"), 59: gate.present("A1")}
    gate.play((8, nobody), (16, standing(35.0)), (30, nobody), (20, standing(35.1, 50)), (40, nobody))
    assert gate.written() == [("pass", "ok"), ("refused", "already_in")]


def test_who_went_out_by_the_reader_comes_in_again() -> None:
    gate = bench()
    gate.at = {9: gate.present("A1"), 40: gate.present("A1", "out"), 79: gate.present("A1")}
    gate.play((8, nobody), (16, standing(35.0)), (50, nobody), (16, standing(35.1, 50)), (40, nobody))
    assert gate.written() == [("pass", "ok"), ("pass", "ok")]
    assert gate.gate_io.shown.count(EXIT) == 1
    events = [r.content for r in gate.records() if isinstance(r.content, GateEvent)]
    assert [(event.code, event.by) for event in events] == [("exit", "P0001")]


def test_a_card_that_lies_on_the_exit_reader_opens_once() -> None:
    gate = bench()
    gate.at = {k: gate.present("A1", "out") for k in range(9, 60, 14)}
    gate.play((80, nobody))
    assert gate.gate_io.shown.count(EXIT) == 1
    assert len(gate.records()) == 1


def test_after_a_restart_who_is_inside_is_still_inside_and_cases_are_still_open() -> None:
    first = bench()
    first.at = {9: first.present("A1"), 60: first.present("B2")}
    first.play((8, nobody), (16, standing(35.0)), (30, nobody), (16, standing(37.9, 50)), (40, nobody))
    assert first.written()[0] == ("pass", "ok")
    again = replace(first, at={9: first.present("A1")}, screen=type(first.screen)(), said=[])
    again.play((8, nobody), (16, standing(35.0)), (40, nobody))
    assert again.written()[-1] == ("refused", "already_in")
    assert len(again.screen.states[-1].cases) == 1


def test_a_clock_that_is_set_after_the_start_sends_home_who_was_inside_on_another_day() -> None:
    first = bench()
    first.at = {9: first.present("A1")}
    first.play((8, nobody), (16, standing(35.0)), (30, nobody))
    yesterday_ms = first.clock.stamp().utc_ms
    # The board has no battery: it comes back with the time of its last moment, and learns of the next day later.
    clocks = [FakeClock(50.0, yesterday_ms, False), FakeClock(50.0, yesterday_ms + 86_400_000)]

    class SetLater(FakeClock):
        def stamp(self) -> Stamp:
            return replace(clocks[self.now_s() > 50.5].stamp(), monotonic_s=self.now_s())

    again = replace(first, clock=SetLater(50.0), screen=type(first.screen)(), said=[])
    again.at = {9: again.present("A1")}
    again.play((8, nobody), (16, standing(35.0)), (40, nobody))
    assert again.screen.states[0].inside == 1
    assert again.written()[-1] == ("pass", "ok")


def test_of_two_the_one_who_is_hardly_seen_at_first_keeps_the_gate_shut() -> None:
    gate = bench()
    gate.at = {12: gate.present("A1")}

    def hardly_both(picture):  # type: ignore[no-untyped-def]  # a Draw
        return [*standing(35.0, 5)(picture), replace(standing(35.1, 75)(picture)[0], score=0.4)]

    def both(picture):  # type: ignore[no-untyped-def]  # a Draw
        return [*standing(35.0, 5)(picture), *standing(35.1, 75)(picture)]

    gate.play((8, nobody), (6, hardly_both), (40, both), (60, nobody))
    assert OPEN not in gate.gate_io.shown


def test_two_at_once_are_asked_to_come_one_by_one() -> None:
    gate = bench()
    gate.at = {12: gate.present("A1")}

    def both(picture):  # type: ignore[no-untyped-def]  # a Draw
        return [*standing(35.0, 5)(picture), *standing(35.1, 75)(picture)]

    gate.play((8, nobody), (40, both), (60, nobody))
    assert OPEN not in gate.gate_io.shown
    assert ONE_AT_A_TIME in gate.gate_io.shown
    assert {reason for _, reason in gate.written()} == {"two_at_once"}


def test_a_fever_opens_a_case_and_the_badge_that_follows_names_it() -> None:
    gate = bench()
    gate.at = {30: gate.present("A1")}
    gate.play((8, nobody), (40, standing(37.8)), (20, nobody))
    steps = [r.content for r in gate.records() if isinstance(r.content, CaseStep)]
    assert [(step.step, step.person_id) for step in steps] == [("alarm", None), ("identified", "P0001")]
    (case,) = gate.screen.states[-1].cases
    assert (case.kind, case.state, case.name) == ("fever", "open", "李小明")


def test_a_fever_that_the_disk_did_not_take_at_once_is_named_by_the_badge_that_follows() -> None:
    gate = bench()

    def fill_the_disk() -> None:
        gate.store.fault = StoreError("磁盘已满", "disk full")

    def empty_it() -> None:
        gate.store.fault = None

    gate.at = {3: fill_the_disk, 25: empty_it, 45: gate.present("A1")}
    gate.play((8, nobody), (60, standing(37.9)), (30, nobody))
    steps = [r.content for r in gate.records() if isinstance(r.content, CaseStep)]
    assert [(step.step, step.person_id) for step in steps] == [("alarm", None), ("identified", "P0001")]


def test_who_presents_badge_after_badge_is_no_crowd() -> None:
    gate = bench()
    gate.at = {12 + 20 * k: gate.present(f"X{k}") for k in range(12)}
    gate.play((8, nobody), (250, standing(34.0)), (40, nobody))
    assert gate.written() == [("refused", "outsider")] * 12
    assert gate.screen.states[-1].crowd_c is None


def test_a_new_calibration_makes_a_new_crowd() -> None:
    gate = Bench()
    calibrated = Calibrated(gate.config, "missing", 37.0, gate.said.append, lambda version: None)
    gate.calibrated = calibrated
    made = Profile("cal-2", "G1", 0, 2**53, "A1", True, 37.0, Correction(offset_k=0.2), Budget(), {})
    came = [(20, standing(34.0)), (25, nobody)] * 11
    before = sum(frames for frames, _ in came)
    gate.at = {before: lambda: calibrated.renew(made)}
    gate.play(*came, (10, nobody))
    known = [state.crowd_c for state in gate.screen.states]
    assert known[before - 1] == pytest.approx(34.0, abs=0.15)
    assert known[-1] is None


def test_who_comes_right_behind_a_fever_gets_their_verdict_when_the_gate_can_open_again() -> None:
    gate = bench()
    gate.at = {44: gate.present("A1")}
    gate.play((8, nobody), (16, standing(37.9)), (10, nobody), (40, standing(35.0, 75)), (40, nobody))
    assert gate.written() == [("fever", "fever_forehead"), ("pass", "ok")]
    assert gate.gate_io.shown.count(OPEN) == 1


def test_from_the_alarm_to_the_release_and_then_in() -> None:
    gate = bench()
    guard = Guard(gate)
    gate.at = {
        5: guard.signs_in,
        9: gate.present("A1"),
        40: lambda: guard.asks(desk.Contact(guard.case(), 36.4, confirmed=True)),
        45: lambda: guard.asks(desk.TakeStep(guard.case(), "released", "")),
        50: lambda: guard.asks(desk.LetIn(guard.passage(), "contact_normal", "")),
    }
    gate.play((8, nobody), (70, standing(37.2)), (60, nobody))
    assert [later(given).code for given in guard.answers] == ["step_taken", "step_taken", "let_in"]
    kinds = [type(record.content).__name__ for record in gate.records()]
    assert kinds == ["Passage", "CaseStep", "CaseStep", "CaseStep", "Override"]
    assert gate.gate_io.shown.count(OPEN) == 1
    (override,) = [r.content for r in gate.records() if isinstance(r.content, Override)]
    assert (override.by, override.person_id, override.reason) == ("zhao", "P0001", "contact_normal")
    assert gate.screen.states[-1].cases == ()


@pytest.mark.parametrize("contact_c", [38.2, None])
def test_a_fever_is_let_in_by_nobody_before_a_normal_contact_reading(contact_c: float | None) -> None:
    gate = bench()
    guard = Guard(gate)
    gate.at = {5: guard.signs_in, 9: gate.present("A1")}
    if contact_c is not None:
        gate.at[40] = lambda: guard.asks(desk.Contact(guard.case(), contact_c, confirmed=True))
    gate.at[45] = lambda: guard.asks(desk.LetIn(guard.passage(), "contact_normal", ""))
    gate.play((8, nobody), (70, standing(37.2)), (60, nobody))
    assert later(guard.answers[-1]).code == "release_first"
    assert OPEN not in gate.gate_io.shown


def test_a_guard_lets_in_who_forgot_their_badge() -> None:
    gate = bench()
    guard = Guard(gate)
    gate.at = {5: guard.signs_in, 60: lambda: guard.asks(desk.LetIn(guard.passage(), "known_by_sight", "三年级"))}
    gate.play((8, nobody), (16, standing(35.0)), (60, nobody))
    assert gate.written() == [("refused", "no_badge")]
    assert later(guard.answers[0]).code == "let_in"
    assert gate.gate_io.shown.count(OPEN) == 1
    assert isinstance(gate.records()[-1].content, Override)


def uuid_of_first_passage(gate: Bench) -> str:
    return next(record.uuid for record in gate.records() if isinstance(record.content, Passage))


def test_the_same_verdict_is_overruled_once() -> None:
    gate = bench()
    guard = Guard(gate)
    again = desk.LetIn("", "known_by_sight", "")
    gate.at = {5: guard.signs_in}
    gate.at |= {k: lambda: guard.asks(replace(again, passage_uuid=uuid_of_first_passage(gate))) for k in (50, 65)}
    gate.play((8, nobody), (16, standing(35.0)), (60, nobody))
    assert [later(given).code for given in guard.answers] == ["let_in", "too_late_to_act"]
    assert gate.gate_io.shown.count(OPEN) == 1


def test_an_override_does_not_open_for_somebody_with_a_fever_in_their_place() -> None:
    gate = bench()
    guard = Guard(gate)
    let_in = desk.LetIn("", "known_by_sight", "")
    gate.at = {5: guard.signs_in}
    gate.at[80] = lambda: guard.asks(replace(let_in, passage_uuid=uuid_of_first_passage(gate)))
    gate.play((8, nobody), (16, standing(35.0)), (30, nobody), (50, standing(38.0, 50)), (30, nobody))
    assert gate.written() == [("refused", "no_badge"), ("fever", "fever_forehead")]
    assert later(guard.answers[0]).code == "one_at_a_time"
    assert OPEN not in gate.gate_io.shown


def test_whom_a_case_keeps_out_since_their_verdict_is_let_in_by_no_guard() -> None:
    gate = bench((replace(PUPIL, health_record=False),))
    guard = Guard(gate)
    gate.at = {
        5: guard.signs_in,
        9: gate.present("A1"),
        40: lambda: guard.asks(desk.Symptom("cough", uuid_of_first_passage(gate))),
        45: lambda: guard.asks(desk.LetIn(uuid_of_first_passage(gate), "known_by_sight", "")),
    }
    gate.play((8, nobody), (16, standing(35.0)), (60, nobody))
    assert gate.written() == [("refused", "no_health_record")]
    assert [later(given).code for given in guard.answers] == ["step_taken", "release_first"]
    assert OPEN not in gate.gate_io.shown


def test_who_is_kept_out_by_a_case_of_this_gate_has_to_be_released_here_first() -> None:
    gate = bench()
    guard = Guard(gate)
    gate.at = {
        5: guard.signs_in,
        9: gate.present("A1"),
        40: lambda: guard.asks(desk.Symptom("cough", uuid_of_first_passage(gate))),
        109: gate.present("A1"),
    }
    gate.play((8, nobody), (16, standing(35.0)), (84, nobody), (16, standing(35.0, 50)), (30, nobody))
    assert gate.written()[-1][0] == "refused"
    last = gate.screen.states[-10].last
    assert last is not None
    assert "under_observation" in last.reasons
    assert last.refusal == "release_first"


def test_nobody_overrides_without_signing_in_or_after_signing_out() -> None:
    gate = bench()
    guard = Guard(gate)
    stranger: list[list[Answer]] = []
    gate.at = {
        5: guard.signs_in,
        50: lambda: stranger.append(gate.ask(desk.LetIn(guard.passage(), "known_by_sight", ""), "guessed")),
        52: lambda: guard.asks(desk.SignOut()),
        54: lambda: guard.asks(desk.LetIn(guard.passage(), "known_by_sight", "")),
    }
    gate.play((8, nobody), (16, standing(35.0)), (60, nobody))
    assert later(stranger[0]).code == "sign_in_first"
    assert [later(given).code for given in guard.answers] == ["signed_out", "sign_in_first"]
    assert OPEN not in gate.gate_io.shown


def test_a_request_that_comes_late_never_moves_the_gate() -> None:
    gate = bench()
    guard = Guard(gate)
    late: list[list[Answer]] = []

    def an_old_request() -> None:
        command = desk.LetIn(guard.passage(), "known_by_sight", "")
        late.append(gate.desk.ask(command, later(guard.signing).session, gate.clock.now_s() - 10.0))

    gate.at = {5: guard.signs_in, 50: an_old_request}
    gate.play((8, nobody), (16, standing(35.0)), (60, nobody))
    assert later(late[0]).code == "too_late_to_act"
    assert OPEN not in gate.gate_io.shown


def test_an_override_that_the_disk_does_not_take_opens_nothing() -> None:
    gate = bench()
    guard = Guard(gate)

    def fill_the_disk() -> None:
        gate.store.fault = StoreError("磁盘已满", "disk full")

    gate.at = {
        5: guard.signs_in,
        48: fill_the_disk,
        50: lambda: guard.asks(desk.LetIn(guard.passage(), "known_by_sight", "")),
    }
    gate.play((8, nobody), (16, standing(35.0)), (60, nobody))
    assert later(guard.answers[0]).code == "not_written"
    assert OPEN not in gate.gate_io.shown


def test_wrong_pins_are_answered_and_after_five_none_is_looked_at() -> None:
    gate = bench()
    tries: list[list[Answer]] = []
    gate.at = {k: lambda: tries.append(gate.ask(desk.SignIn("zhao", "999998"))) for k in range(10, 16)}
    gate.at[20] = lambda: tries.append(gate.ask(desk.SignIn("zhao", PIN)))
    gate.play((30, nobody))
    assert [later(given).code for given in tries] == ["wrong_pin"] * 5 + ["too_many_tries"] * 2


def test_ones_own_pin_buys_no_more_tries_at_another_guards() -> None:
    gate = bench()
    tries: list[list[Answer]] = []

    def sign_in(guard_id: str, pin: str) -> None:
        tries.append(gate.ask(desk.SignIn(guard_id, pin)))

    guesses = {k: lambda: sign_in("sun", "999998") for k in (10, 11, 12, 13, 70, 75)}

    def checked() -> None:
        # A try counts until it is checked; on a busy machine that takes longer than these frames do.
        until_s = time.monotonic() + 60.0
        while not tries[4]:
            assert time.monotonic() < until_s
            time.sleep(0.01)

    gate.at = {**guesses, 20: lambda: sign_in("zhao", PIN), 60: checked}
    gate.play((80, nobody))
    assert [later(given).code for given in tries] == ["wrong_pin"] * 4 + ["signed_in", "wrong_pin", "too_many_tries"]


def test_a_guards_badge_signs_in_when_it_was_asked_for_and_a_pupils_does_not() -> None:
    gate = bench()
    asked: list[list[Answer]] = []
    gate.at = {
        5: lambda: asked.append(gate.ask(desk.SignInByBadge())),
        8: gate.present("A1"),
        12: gate.present("G1"),
    }
    gate.play((120, nobody))
    answer = later(asked[0])
    assert answer.ok
    assert answer.session
    assert gate.written() == [("not_measured", "no_face")], "the pupil's badge found nobody; the guard's was a sign-in"


def test_a_badge_typed_by_a_guard_counts_and_says_so() -> None:
    gate = bench()
    guard = Guard(gate)
    gate.at = {5: guard.signs_in, 20: lambda: guard.asks(desk.TypeBadge("A1"))}
    gate.play((8, nobody), (30, standing(35.0)), (40, nobody))
    (record,) = gate.records()
    assert isinstance(record.content, Passage)
    assert (record.content.verdict, record.content.means) == ("pass", "typed")


def test_a_cough_opens_a_case_that_keeps_its_person_out() -> None:
    gate = bench()
    guard = Guard(gate)
    gate.at = {
        5: guard.signs_in,
        9: gate.present("A1"),
        30: lambda: guard.asks(desk.Symptom("cough", guard.passage())),
        40: gate.present("A1", "out"),
        79: gate.present("A1"),
    }
    gate.play((8, nobody), (16, standing(35.0)), (50, nobody), (16, standing(35.1, 50)), (40, nobody))
    assert gate.written() == [("pass", "ok"), ("refused", "under_observation")]
    (case,) = gate.screen.states[-1].cases
    assert (case.kind, case.symptom, case.name) == ("symptom", "cough", "李小明")


def test_the_exit_button_lets_out_but_not_while_somebody_could_slip_in() -> None:
    gate = bench()
    gate.at = {3: gate.gate_io.press, 70: gate.gate_io.press}
    gate.play((60, nobody), (30, standing(35.0)), (60, nobody))
    shown = gate.gate_io.shown
    assert shown.count(EXIT) == 2
    assert shown.index(EXIT) < shown.index(WAITING)
    after = shown[shown.index(WAITING) :]
    assert after.index(signal_for("refused")) < after.index(EXIT), "they left first"


class ToldGateIO(FakeGateIO):
    """Contacts that say what a test writes down."""

    def __init__(self) -> None:
        super().__init__()
        self.contacts: list[Input] = []

    def inputs(self) -> tuple[Input, ...]:
        told, self.contacts = tuple(self.contacts), []
        return told


@pytest.mark.parametrize(
    ("kind", "signal"), [("forced", ALERT), ("tailgate", ALERT), ("fire", FIRE), ("tamper", ALERT)]
)
def test_what_happens_at_the_door_is_shown_told_and_written(kind: str, signal: object) -> None:
    gate = bench()
    io = ToldGateIO()
    gate.gate_io = io
    gate.at = {5: lambda: io.contacts.append(Input(kind, True, 0.0))}  # type: ignore[arg-type]  # one of the kinds
    gate.play((30, nobody))
    assert signal in io.shown
    (event,) = [record.content for record in gate.records()]
    assert isinstance(event, GateEvent)
    assert event.code.startswith(kind)
    assert gate.screen.states[10].alerts == (event.code,)


def test_an_alert_does_not_shut_out_who_is_let_in_after_it() -> None:
    gate = bench()
    io = ToldGateIO()
    gate.gate_io = io
    gate.at = {5: lambda: io.contacts.append(Input("tamper", True, 0.0)), 9: gate.present("A1")}
    gate.play((8, nobody), (16, standing(35.0)), (60, nobody))
    assert gate.written() == [("pass", "ok")]
    assert io.shown == [IDLE, ALERT, OPEN, ALERT, IDLE]
    opened_at = next(k for k, state in enumerate(gate.screen.states) if state.passed)
    assert gate.screen.states[opened_at].alerts == ("tamper_on",), "it is still told on the screen"


def test_when_an_alert_is_over_the_red_of_a_fever_comes_back() -> None:
    gate = bench()
    io = ToldGateIO()
    gate.gate_io = io
    gate.at = {
        30: lambda: io.contacts.append(Input("fire", True, 0.0)),
        40: lambda: io.contacts.append(Input("fire", False, 0.0)),
    }
    gate.play((8, nobody), (60, standing(37.9)))
    fever = signal_for("fever")
    assert io.shown == [IDLE, WAITING, fever, FIRE, fever, IDLE]


def test_without_a_roster_in_force_nobody_is_known_and_the_guard_is_told() -> None:
    gate = Bench(roster=FakeRoster(None))
    gate.at = {9: gate.present("A1")}
    gate.play((8, nobody), (30, standing(35.0)), (40, nobody))
    assert gate.written() == [("refused", "outsider")]
    assert "roster_none" in gate.screen.states[-1].faults


def test_entry_windows_count_from_the_start() -> None:
    # 08:00 UTC is 16:00 in Shanghai; LI's class may come in from 7:30 to 7:50.
    gate = bench((LI,))
    gate.at = {9: gate.present("A1")}
    gate.play((8, nobody), (16, standing(35.0)), (40, nobody))
    assert gate.written() == [("refused", "too_late")]


def test_a_newer_roster_is_taken_between_people() -> None:
    gate = bench((WANG,))
    assert gate.roster is not None
    gate.roster.replace((PUPIL, WANG), 2)
    gate.at = {69: gate.present("A1")}
    gate.play((60, nobody), (30, standing(35.0)), (40, nobody))
    assert gate.written() == [("pass", "ok")]
    assert any("roster version 2" in line for line in gate.said)


def test_an_entrance_forgets_nobody_when_the_records_cannot_be_read_at_first() -> None:
    first = bench()
    first.at = {9: first.present("A1")}
    first.play((8, nobody), (16, standing(35.0)), (30, nobody))
    again = replace(first, screen=type(first.screen)(), said=[])
    again.store.fault = StoreError("打不开", "cannot be read")

    def mend() -> None:
        again.store.fault = None

    again.at = {3: mend, 109: again.present("A1")}
    again.play((100, nobody), (20, standing(35.0)), (40, nobody))
    assert again.written()[-1] == ("refused", "already_in")


def test_before_the_records_are_read_back_nobody_whom_a_case_keeps_out_slips_in() -> None:
    first = bench((replace(WANG, approved=True),))
    first.at = {20: first.present("B2")}
    first.play((8, nobody), (16, standing(37.9)), (30, nobody))
    again = replace(first, screen=type(first.screen)(), said=[])
    again.store.fault = StoreError("打不开", "cannot be read")

    def mend() -> None:
        again.store.fault = None

    # Somebody stands there all the time, and the records can be read again long before they are.
    again.at = {13: mend, 16: again.present("B2")}
    again.play((1, nobody), (80, standing(35.0)), (40, nobody))
    assert again.written()[1:] == [("refused", "under_observation")]
    assert OPEN not in again.gate_io.shown


def test_a_badge_while_the_picture_is_gone_opens_nothing_on_what_was_seen_before() -> None:
    gate = bench()
    gate.at = {20: gate.present("A1")}
    # Measured, then the shutter closes and the badge comes; somebody with a fever stands there when it opens again.
    gate.play((8, nobody), (10, standing(35.0)), (15, NoFrame("stalled")), (60, standing(37.9)), (20, nobody))
    assert OPEN not in gate.gate_io.shown
    assert ("pass", "ok") not in gate.written()


def test_a_reader_that_ends_the_gate_twice_loses_nobody_who_waits_for_the_disk() -> None:
    gate = bench()
    gate.store.fault = StoreError("磁盘已满", "disk full")

    class BrokenLater(FakeBadges):
        def scans(self) -> tuple[Scan, ...]:
            if len(gate.screen.states) > 60:
                raise ReaderError("读卡器损坏", "the reader is broken")
            return super().scans()

    gate.badges = BrokenLater()
    with pytest.raises(ReaderError):
        gate.play((8, nobody), (16, standing(35.0)), (60, nobody))
    assert any('"no_badge"' in line and line.startswith("{") for line in gate.said)


def test_a_frozen_picture_lets_nobody_in() -> None:
    gate = bench()
    gate.at = {20: gate.present("A1"), 60: gate.present("A1"), 90: gate.gate_io.press}
    gate.play((8, nobody), (10, standing(35.0)), (100, NoFrame("repeated")))
    assert OPEN not in gate.gate_io.shown
    assert EXIT not in gate.gate_io.shown
    assert ("pass", "ok") not in gate.written()


def test_without_a_known_clock_the_guard_is_told_and_dated_things_count_as_the_stricter() -> None:
    observed = replace(PUPIL, observation_until="2025-12-01")
    gate = bench((observed, WANG))
    gate.clock.synchronised = False
    gate.at = {9: gate.present("A1")}
    gate.play((8, nobody), (30, standing(35.0)), (40, nobody))
    assert gate.written() == [("refused", "under_observation")]
    assert "clock" in gate.screen.states[-1].faults
    assert gate.gate_io.shown[-1] == IDLE, "the gate goes on deciding"
