"""The verdict: all combinations of who, what was seen and when; and what holds under every policy."""

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core import contents
from edge.core.contents import Finding, Identified, Means, Measurement, Passage, Verdict
from edge.core.decision import OBSTACLES, Decision, LocalTime, Who, decide, may_override
from edge.core.entry_policy import NOT_MEASURED, REASONS, EntryPolicy, Rule, gravity, reason_of
from edge.core.roster import UNTIL_RELEASED, EntryWindow, Person, Role
from edge.core.texts import REASONS as REASON_TEXTS
from edge.core.texts import VERDICTS
from tests.core.strategies import entry_policies
from tools.decision_table import SEEN, WHEN, WHO, verdict_on

# Spelled out by hand, apart from the code: the reasons of each kind, and which verdict each reason makes.
WHO_SAYS = {
    "not_asked": set(),
    "pupil": set(),
    "staff": set(),
    "guard": set(),
    "medic": set(),
    "visitor": set(),
    "visitor_expired": {"pass_expired"},
    "visitor_early": {"pass_expired"},
    "visitor_undated": {"pass_expired"},
    "not_approved": {"not_approved"},
    "observed": {"under_observation"},
    "case_open": {"under_observation"},
    "observed_before": set(),
    "no_record": {"no_health_record"},
    "inside": {"already_in"},
    "everything": {"not_approved", "under_observation", "no_health_record", "already_in"},
    "no_badge": {"no_badge"},
    "unknown": {"outsider"},
}
# Without a clock nothing that is dated can be told, and all of it counts as the worse.
WHO_SAYS_WITHOUT_CLOCK = WHO_SAYS | {
    "visitor": {"clock_unknown"},
    "visitor_expired": {"clock_unknown"},
    "visitor_early": {"clock_unknown"},
    "observed": {"under_observation", "clock_unknown"},
    "observed_before": {"under_observation", "clock_unknown"},
    "everything": WHO_SAYS["everything"] | {"clock_unknown"},
}
SEEN_SAYS = {
    "normal": set(),
    "fever_forehead": {"fever_forehead", "above_crowd"},
    "fever_face_max": {"fever_face_max"},
    "above_crowd": {"above_crowd"},
    "not_measured": {"obscured"},
    "nobody": {"no_face"},
    "two": {"two_at_once"},
    "too_soon": {"badge_too_soon"},
}
WHEN_SAYS = {"early": {"too_early"}, "in_time": set(), "late": {"too_late"}, "unknown": set()}
NO_CLASS = {
    "not_asked",
    "staff",
    "guard",
    "medic",
    "visitor",
    "visitor_expired",
    "visitor_early",
    "visitor_undated",
    "no_badge",
    "unknown",
}
IN_ORDER = (
    ("fever", ("fever_forehead", "fever_face_max", "above_crowd")),
    (
        "refused",
        (
            "under_observation",
            "outsider",
            "pass_expired",
            "not_approved",
            "no_health_record",
            "already_in",
            "two_at_once",
            "badge_too_soon",
            "no_badge",
            "too_early",
            "too_late",
            "clock_unknown",
            "roster_old",
        ),
    ),
    ("not_measured", ("no_face", "obscured")),
)
ORDER = [code for _, codes in IN_ORDER for code in codes]

PUPIL = Person("p1", "韩梅梅", "pupil", "3-1", ("A1",), True, None, True)
AT_SEVEN = LocalTime("2026-03-02", 7 * 60)
NORMAL = Measurement(1.0, 2.0, 9, 34.6, 35.6, 0.2, 34.0, 36.0, 37.0, 35.9, "pass", "ok")


def known(person: Person = PUPIL, *, inside: bool = False, open_case: bool = False) -> Who:
    return Who("known", person, inside, open_case)


def expected(who: str, seen: str, when: str) -> tuple[str, tuple[str, ...]]:
    says = (WHO_SAYS_WITHOUT_CLOCK if when == "unknown" else WHO_SAYS)[who] | SEEN_SAYS[seen]
    if who not in NO_CLASS:
        says = says | WHEN_SAYS[when]
    reasons = tuple(sorted(says, key=ORDER.index))
    if not reasons:
        return "pass", ("ok",)
    return next(verdict for verdict, codes in IN_ORDER if reasons[0] in codes), reasons


def test_every_kind_of_the_document_has_its_expectation() -> None:
    assert set(WHO) == set(WHO_SAYS) == set(WHO_SAYS_WITHOUT_CLOCK)
    assert set(SEEN) == set(SEEN_SAYS)
    assert set(WHEN) == set(WHEN_SAYS)


def test_all_combinations() -> None:
    for who, seen, when in product(WHO, SEEN, WHEN):
        decision = verdict_on(who, seen, when)
        assert (decision.verdict, decision.reasons) == expected(who, seen, when), (who, seen, when)


def test_each_rule_does_in_each_combination_what_it_says() -> None:
    for row in REASONS:
        for rule in row.rules:
            policy = EntryPolicy(rules={row.code: rule})
            for who, seen, when in product(WHO, SEEN, WHEN):
                decision = verdict_on(who, seen, when, policy=policy)
                kept = tuple(code for code in expected(who, seen, when)[1] if rule != "off" or code != row.code)
                assert decision.reasons == (kept or ("ok",)), (row.code, rule, who, seen, when)
                if rule == "hard" and any(reason_of(code) is row for code in decision.reasons):
                    assert not may_override(decision.reasons, policy, contact_normal=False)


def test_a_case_at_this_gate_holds_even_where_nobody_is_asked() -> None:
    assert decide(Who("not_asked", open_case=True), NORMAL, AT_SEVEN, EntryPolicy()).reasons == ("under_observation",)


def test_an_old_list_is_only_told_unless_the_site_decides_otherwise() -> None:
    told = decide(known(), NORMAL, AT_SEVEN, EntryPolicy(), roster_old=True)
    assert told == Decision("pass", ("ok",), ("roster_old",))
    strict = decide(known(), NORMAL, AT_SEVEN, EntryPolicy(rules={"roster_old": "override"}), roster_old=True)
    assert strict == Decision("refused", ("roster_old",))
    nobody_asked = decide(Who("not_asked"), NORMAL, AT_SEVEN, EntryPolicy(), roster_old=True)
    assert nobody_asked == Decision("pass", ("ok",))


def test_a_class_without_a_clock_comes_in_and_it_is_told() -> None:
    windows = {"3-1": EntryWindow("3-1", "三（1）班", 420, 450)}
    assert decide(known(), NORMAL, None, EntryPolicy(), windows=windows) == Decision(
        "pass", ("ok",), ("clock_unknown",)
    )
    assert decide(known(), NORMAL, None, EntryPolicy()) == Decision("pass", ("ok",))


@pytest.mark.parametrize(
    ("minute", "reasons"), [(419, ("too_early",)), (420, ("ok",)), (450, ("ok",)), (451, ("too_late",))]
)
def test_both_ends_of_a_window_belong_to_it(minute: int, reasons: tuple[str, ...]) -> None:
    windows = {"3-1": EntryWindow("3-1", "三（1）班", 420, 450)}
    decision = decide(known(), NORMAL, LocalTime("2026-03-02", minute), EntryPolicy(), windows=windows)
    assert decision.reasons == reasons


@pytest.mark.parametrize(
    ("date", "reasons"),
    [
        ("2026-03-01", ("pass_expired",)),
        ("2026-03-02", ("ok",)),
        ("2026-03-04", ("ok",)),
        ("2026-03-05", ("pass_expired",)),
    ],
)
@pytest.mark.parametrize("role", get_args(Role))
def test_both_days_of_a_dated_pass_belong_to_it_whoever_has_one(
    role: Role, date: str, reasons: tuple[str, ...]
) -> None:
    person = replace(PUPIL, role=role, valid_from="2026-03-02", valid_until="2026-03-04")
    assert decide(known(person), NORMAL, LocalTime(date, 420), EntryPolicy()).reasons == reasons


@pytest.mark.parametrize(
    ("until", "date", "held"),
    [
        ("2026-03-02", "2026-03-02", True),
        ("2026-03-02", "2026-03-03", False),
        (UNTIL_RELEASED, "2099-12-31", True),
        (None, "2026-03-02", False),
    ],
)
def test_the_last_day_of_observation_belongs_to_it(until: str | None, date: str, held: bool) -> None:
    decision = decide(known(replace(PUPIL, observation_until=until)), NORMAL, LocalTime(date, 420), EntryPolicy())
    assert decision.reasons == (("under_observation",) if held else ("ok",))


def test_until_released_needs_no_clock() -> None:
    forever = known(replace(PUPIL, observation_until=UNTIL_RELEASED))
    assert decide(forever, NORMAL, None, EntryPolicy()).reasons == ("under_observation",)


@pytest.mark.parametrize(("forehead_c", "suspected"), [(35.0, False), (35.01, True), (34.0, False)])
def test_only_more_than_delta_above_the_crowd_is_suspected(forehead_c: float, suspected: bool) -> None:
    decision = decide(known(), replace(NORMAL, forehead_c=forehead_c), AT_SEVEN, EntryPolicy(), crowd_c=34.0)
    assert decision.reasons == (("above_crowd",) if suspected else ("ok",))
    alone = decide(known(), replace(NORMAL, forehead_c=forehead_c), AT_SEVEN, EntryPolicy())
    assert alone.reasons == ("ok",)


@pytest.mark.parametrize("forehead_c", [None, float("nan"), float("inf")])
@pytest.mark.parametrize("finding", ["pass", "fever"])
def test_a_finding_without_its_number_is_none(forehead_c: float | None, finding: Finding) -> None:
    broken = replace(NORMAL, forehead_c=forehead_c, finding=finding)
    decision = decide(known(), broken, AT_SEVEN, EntryPolicy(), crowd_c=34.0)
    assert (decision.verdict, decision.reasons) == ("not_measured", ("obscured",))


def test_a_pass_at_its_own_threshold_is_a_fever() -> None:
    decision = decide(known(), replace(NORMAL, forehead_c=35.9), AT_SEVEN, EntryPolicy())
    assert (decision.verdict, decision.reasons) == ("fever", ("fever_forehead",))


def test_a_new_reason_of_the_camera_is_kept_and_stands_where_the_others_do() -> None:
    hat = replace(NORMAL, finding="not_measured", reason="hat", forehead_c=None)
    decision = decide(known(), hat, AT_SEVEN, EntryPolicy())
    assert (decision.verdict, decision.reasons) == ("not_measured", ("hat",))
    assert may_override(decision.reasons, EntryPolicy(), contact_normal=False)
    assert not may_override(decision.reasons, EntryPolicy(rules={NOT_MEASURED: "hard"}), contact_normal=False)
    assert may_override(decision.reasons, EntryPolicy(rules={NOT_MEASURED: "hard"}), contact_normal=True)


def test_a_fever_is_lifted_by_a_contact_reading_alone_and_nothing_beside_it_is() -> None:
    policy = EntryPolicy()
    assert not may_override(("fever_forehead",), policy, contact_normal=False)
    assert may_override(("fever_forehead", "no_badge"), policy, contact_normal=True)
    assert not may_override(("fever_forehead", "not_approved"), policy, contact_normal=True)
    assert not may_override(("under_observation",), policy, contact_normal=True)


def test_there_is_nothing_to_override_about_a_pass() -> None:
    assert not may_override(("ok",), EntryPolicy(), contact_normal=True)
    assert not may_override((), EntryPolicy(), contact_normal=True)


def test_the_gravest_first_as_agreed() -> None:
    told = [(row.verdict, row.code) for row in REASONS]
    assert told == [
        (verdict, {"obscured": NOT_MEASURED}.get(code, code)) for verdict, codes in IN_ORDER for code in codes
    ]


def test_every_reason_has_words_in_both_languages() -> None:
    for row in REASONS:
        words = VERDICTS[row.verdict] if row.code == NOT_MEASURED else REASON_TEXTS[row.code]
        for text in (words, row.why):
            assert text.zh
            assert any("\u4e00" <= one <= "\u9fff" for one in text.zh)
            assert text.en.isascii()
            assert text.en


DATES = st.sampled_from(["2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03"])
CODES = st.sampled_from([*REASON_TEXTS, NOT_MEASURED, "hat", "fever_canthus"])
TEMPERATURES = st.one_of(st.none(), st.floats(30, 40), st.just(float("nan")))
PEOPLE = st.builds(
    Person,
    person_id=st.just("p1"),
    name=st.just("某人"),
    role=st.sampled_from(get_args(Role)),
    class_id=st.sampled_from([None, "3-1", "3-2"]),
    badges=st.just(("A1",)),
    approved=st.booleans(),
    observation_until=st.one_of(st.none(), DATES, st.just(UNTIL_RELEASED)),
    health_record=st.booleans(),
    valid_from=st.one_of(st.none(), DATES),
    valid_until=st.one_of(st.none(), DATES),
)
WHOEVER = st.builds(
    Who, st.sampled_from(get_args(Identified)), st.one_of(st.none(), PEOPLE), st.booleans(), st.booleans()
)
MEASUREMENTS = st.builds(
    Measurement,
    t_first_s=st.just(1.0),
    t_last_s=st.just(2.0),
    frames=st.just(9),
    forehead_c=TEMPERATURES,
    face_max_c=st.just(35.0),
    u_c=st.just(0.2),
    forehead_raw_c=st.just(34.0),
    reference_raw_c=st.just(36.0),
    reference_c=st.just(37.0),
    threshold_c=st.just(35.9),
    finding=st.sampled_from(get_args(Finding)),
    reason=CODES,
)


@given(
    who=WHOEVER,
    measurement=st.one_of(st.none(), MEASUREMENTS),
    when=st.one_of(st.none(), st.builds(LocalTime, DATES, st.integers(0, 1439))),
    policy=entry_policies(),
    crowd_c=st.one_of(st.none(), st.floats(33, 35.5)),
    roster_old=st.booleans(),
    obstacle=st.one_of(st.none(), st.sampled_from(OBSTACLES), CODES),
)
def test_what_holds_under_every_policy(
    who: Who,
    measurement: Measurement | None,
    when: LocalTime | None,
    policy: EntryPolicy,
    crowd_c: float | None,
    roster_old: bool,
    obstacle: str | None,
) -> None:
    windows = {"3-1": EntryWindow("3-1", "三（1）班", 420, 450)}
    decision = decide(
        who, measurement, when, policy, crowd_c=crowd_c, roster_old=roster_old, windows=windows, obstacle=obstacle
    )
    assert list(decision.reasons) == sorted(set(decision.reasons), key=gravity)
    assert not set(decision.notes) & set(decision.reasons)
    assert all(policy.rule(code) != "off" for code in decision.reasons if code != "ok")
    if decision.reasons != ("ok",):
        assert decision.verdict == reason_of(decision.reasons[0]).verdict
    if decision.verdict == "pass":
        nobody_is_let_in_wrongly(who, measurement, when, policy, decision)
        assert obstacle is None
    assert_can_be_written(who, measurement, crowd_c, decision)


def nobody_is_let_in_wrongly(
    who: Who, measurement: Measurement | None, when: LocalTime | None, policy: EntryPolicy, decision: Decision
) -> None:
    assert decision.reasons == ("ok",)
    assert measurement is not None
    assert measurement.finding == "pass"
    assert measurement.forehead_c is not None
    assert measurement.forehead_c < measurement.threshold_c
    assert not who.open_case
    if who.identified == "not_asked":
        return
    assert who.identified == "known"
    assert who.person is not None
    assert who.person.approved or policy.rule("not_approved") == "off"
    assert not who.inside or policy.rule("already_in") == "off"
    until = who.person.observation_until
    assert until is None or (when is not None and until < when.date)
    if who.person.role == "visitor":
        assert who.person.valid_until is not None
        assert when is not None
        assert (who.person.valid_from or "") <= when.date <= who.person.valid_until


def assert_can_be_written(who: Who, measurement: Measurement | None, crowd_c: float | None, decision: Decision) -> None:
    """A verdict is only worth something if the record's own rules take it."""
    person_id = "p1" if who.identified == "known" else None
    means: Means | None = None if who.identified in ("not_asked", "no_badge") else "card"
    passage = Passage(measurement, who.identified, person_id, means, 1, crowd_c, decision.verdict, decision.reasons)
    broken = measurement is not None and measurement.finding != "not_measured" and measurement.forehead_c is None
    if not broken:
        contents.check(passage)


@given(st.lists(CODES, max_size=6), entry_policies(), st.booleans())
def test_an_exception_needs_that_every_reason_allows_it(
    reasons: list[str], policy: EntryPolicy, contact_normal: bool
) -> None:
    allowed = may_override(reasons, policy, contact_normal)
    if allowed:
        assert all(may_override((code,), policy, contact_normal) for code in reasons)
        assert may_override(reasons, policy, True)
    measured: tuple[Verdict, ...] = ("fever", "not_measured")
    for code in reasons:
        if policy.rule(code) == "hard" and (reason_of(code).verdict not in measured or not contact_normal):
            assert not allowed


def test_rules_are_what_the_table_of_reasons_offers() -> None:
    assert {rule for row in REASONS for rule in row.rules} == set(get_args(Rule))
