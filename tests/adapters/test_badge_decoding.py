"""Keys -> badges: whatever a reader types, a badge is whole or it is none."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.adapters.badge_evdev.decoding import FORGET_S, PAUSE_S, STUCK_KEYS, Badge, Decoder, Garbage
from edge.adapters.badge_evdev.devices import Press
from edge.adapters.badge_evdev.layouts import Layout, characters
from tests.fakes.badges import typed

START_S = 100.0
ENTER, TAB, SHIFT, CTRL, ALT, ESC, DOWN, F8 = 28, 15, 42, 29, 56, 1, 108, 66
BADGES = st.text("ABCXYZ0123456789._-", min_size=1, max_size=64)


def hear(decoder: Decoder, presses: Iterable[Press]) -> list[Badge | Garbage]:
    return [outcome for press in presses for outcome in decoder.key(press.code, press.value, press.t_s)]


def said(decoder: Decoder, text: str) -> list[str]:
    """The badges of a text that is typed, and in brackets why others are none."""
    return words(hear(decoder, typed(text, START_S)))


def words(outcomes: Iterable[Badge | Garbage]) -> list[str]:
    return [outcome.text if isinstance(outcome, Badge) else f"({outcome.why})" for outcome in outcomes]


def decoder(**settings: object) -> Decoder:
    """One that was opened long before anybody types."""
    return Decoder(START_S - 10 * PAUSE_S, **settings)  # type: ignore[arg-type]  # keywords of its own


@given(st.lists(BADGES, max_size=5))
def test_whatever_badges_are_typed_come_out_in_order(badges: list[str]) -> None:
    assert said(decoder(), "".join(badge + "\n" for badge in badges)) == badges


def test_a_badge_is_dated_by_its_last_key() -> None:
    keys = typed("42\n", START_S)
    assert hear(decoder(), keys) == [Badge("42", keys[-1].t_s)]


def test_lower_case_and_blanks_around_are_normalised_and_facility_codes_left_alone() -> None:
    assert said(decoder(), " ab12 \n0x1F\n123-45678\n") == ["AB12", "0X1F", "123-45678"]


def test_empty_lines_are_nothing() -> None:
    assert said(decoder(), "\n\nA\n\nB\n") == ["A", "B"]


@pytest.mark.parametrize("text", ["https://example.org/x\n", "A B\n", "A;B\n", " \n"])
def test_what_is_no_badge_number_is_garbage(text: str) -> None:
    assert said(decoder(), text) == ["(not_a_badge)"]


def test_too_long_is_garbage_and_the_next_badge_is_whole() -> None:
    assert said(decoder(), "1" * 65 + "\n" + "2" * 5000 + "\nGOOD\n") == ["(not_a_badge)", "(too_long)", "GOOD"]


@pytest.mark.parametrize("code", [ESC, DOWN, F8, TAB, 700])
def test_a_control_key_within_a_badge_spoils_it_and_one_between_badges_does_not(code: int) -> None:
    key = [Press(code, 1, START_S + 0.02), Press(code, 0, START_S + 0.02)]
    half, rest = typed("12", START_S), typed("34\n", START_S + 0.03)
    assert words(hear(decoder(), half + key + rest)) == ["(control_key)"]
    assert words(hear(decoder(), key + rest + key + typed("56\n", START_S + 0.1))) == ["34", "56"]


@pytest.mark.parametrize("modifier", [CTRL, ALT, 97, 100, 125])
def test_keys_with_control_or_alt_are_no_characters(modifier: int) -> None:
    heard = decoder()
    keys = [Press(modifier, 1, START_S), *typed("12\n", START_S), Press(modifier, 0, START_S + 0.1)]
    assert words(hear(heard, keys + typed("\n34\n", START_S + 0.2))) == ["(control_key)", "34"]


def test_locks_change_nothing() -> None:
    locks = [Press(code, value, START_S) for code in (58, 69, 70) for value in (1, 0)]
    assert words(hear(decoder(), locks + typed("aB1\n", START_S))) == ["AB1"]


def test_keypad_types_digits() -> None:
    keys = [Press(code, 1, START_S) for code in (82, 79, 80, 81, 75, 76, 77, 71, 72, 73, 96)]
    assert words(hear(decoder(), keys)) == ["0123456789"]


def test_a_key_that_repeats_is_somebody_leaning_on_a_keyboard() -> None:
    keys = [Press(2, 1, START_S), Press(2, 2, START_S + 0.25), *typed("2\n", START_S + 0.3)]
    assert words(hear(decoder(), keys)) == ["(control_key)"]


def test_half_a_badge_is_none_however_it_goes_on() -> None:
    heard = decoder()
    assert said(heard, "0004") == []
    pauses_s = (0.01 + FORGET_S, 0.02 + FORGET_S)
    seen = [(heard.unfinished, words(heard.idle(START_S + pause_s)), heard.unfinished) for pause_s in pauses_s]
    assert seen == [(True, [], True), (True, ["(unfinished)"], False)]
    # The same without anybody asking meanwhile.
    assert words(hear(decoder(), typed("0004", START_S) + typed("77\n", START_S + 4))) == ["(unfinished)", "77"]


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("ends_with", ["enter", "tab"])
@given(badge=BADGES.filter(lambda badge: len(badge) > 1), data=st.data())
def test_a_badge_with_a_gap_in_it_is_none_not_even_the_part_behind_the_gap(
    ends_with: str, asked: bool, badge: str, data: st.DataObject
) -> None:
    heard = decoder(ends_with=ends_with)
    end = "\n" if ends_with == "enter" else "\t"
    place = data.draw(st.integers(1, len(badge) - 1))
    gap_s = data.draw(st.floats(PAUSE_S + 0.001, FORGET_S - 0.001))
    outcomes = hear(heard, typed(badge[:place], START_S, every_s=0))
    if asked:
        outcomes += heard.idle(START_S + gap_s)
    outcomes += hear(heard, typed(badge[place:] + end + "NEXT" + end, START_S + gap_s))
    assert words(outcomes) == ["(unfinished)", "NEXT"]


def test_lost_keys_spoil_the_badge_that_they_belong_to_and_no_other() -> None:
    heard = decoder()
    hear(heard, typed("12", START_S))
    heard.lost((), START_S + 0.05)
    assert words(hear(heard, typed("56\n78\n", START_S + 0.1))) == ["(keys_lost)", "78"]


def test_keys_lost_at_the_very_start_of_a_badge_spoil_it() -> None:
    heard = decoder()
    heard.lost((), START_S)
    assert words(hear(heard, typed("456\n", START_S + 0.1))) == ["(keys_lost)"]


def test_a_shift_that_went_up_while_keys_were_lost_is_up() -> None:
    heard = decoder()
    heard.key(SHIFT, 1, START_S)
    heard.lost((), START_S)
    assert words(hear(heard, typed("\n12\n", START_S + 0.1))) == ["(keys_lost)", "12"]
    heard.lost((SHIFT,), START_S + 1)
    assert words(hear(heard, [Press(ENTER, 1, START_S + 1), *typed("1\n", START_S + 1.1)])) == [
        "(keys_lost)",
        "(not_a_badge)",
    ]


def test_a_badge_that_was_half_typed_when_the_reader_was_opened_is_none() -> None:
    heard = Decoder(START_S)
    assert words(hear(heard, typed("456\n789\n", START_S + 0.01))) == ["(keys_lost)", "789"]


def test_a_reader_that_was_quiet_since_it_was_opened_begins_anew() -> None:
    heard = Decoder(START_S)
    assert words(heard.idle(START_S + PAUSE_S)) == []
    assert not heard.unfinished
    assert said(Decoder(START_S - PAUSE_S), "456\n") == ["456"]


def test_a_badge_may_end_with_tab() -> None:
    assert said(decoder(ends_with="tab"), "12\t34\t") == ["12", "34"]
    assert said(decoder(ends_with="tab"), "12\n34\t") == ["(control_key)"]


def test_a_badge_may_end_with_a_pause_and_may_end_with_a_key_all_the_same() -> None:
    heard = decoder(ends_with="pause")
    assert said(heard, "12") == []
    assert words(heard.idle(START_S + 10)) == ["12"]
    assert words(heard.idle(START_S + 20)) == []
    assert words(hear(heard, typed("34", START_S + 30) + typed("56\n", START_S + 31))) == ["34", "56"]


def test_prefix_and_suffix_are_taken_off_and_must_be_there() -> None:
    settings = {"prefix": "%B", "suffix": "?"}
    assert said(decoder(**settings), "%B123?\n123?\n%B123\n%B?\n%\n") == [
        "123",
        "(affix_missing)",
        "(affix_missing)",
        "(not_a_badge)",
        "(affix_missing)",
    ]
    assert said(decoder(prefix="AA", suffix="AA"), "AAA\n") == ["(affix_missing)"]


def test_typing_without_an_end_is_seen_and_over_with_the_end() -> None:
    heard = decoder()
    seen = []
    for text in ("1" * (STUCK_KEYS - 1), "1", "1", "\n"):
        hear(heard, typed(text, START_S, every_s=0))
        seen.append(heard.stuck)
    assert seen == [False, True, True, False]


@pytest.mark.parametrize(
    ("layout", "codes", "text"),
    [
        # What a reader set to German presses for YZ-12_A, and one set to French for AQWZM-12.
        ("de", [(44, 0), (21, 0), (53, 0), (2, 0), (3, 0), (53, 1), (30, 0)], "YZ-12_A"),
        ("fr", [(16, 1), (30, 1), (44, 1), (17, 1), (39, 1), (7, 0), (2, 1), (3, 1), (51, 1), (9, 0)], "AQWZM-12._"),
        ("us", [(16, 1), (44, 0), (12, 0), (2, 0), (52, 0), (12, 1)], "QZ-1._"),
    ],
)
def test_layouts(layout: Layout, codes: list[tuple[int, int]], text: str) -> None:
    keys = []
    for code, shifted in codes:
        keys += [Press(SHIFT, shifted, START_S), Press(code, 1, START_S), Press(code, 0, START_S)]
    assert words(hear(decoder(layout=layout), [*keys, Press(ENTER, 1, START_S)])) == [text]


@pytest.mark.parametrize("layout", ["us", "de", "fr"])
def test_every_layout_can_type_every_badge(layout: Layout) -> None:
    plain, shifted = characters(layout)
    assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") <= {c.upper() for c in (plain | shifted).values()} | {
        c.upper() for c in plain.values()
    }


KEYS = st.tuples(st.integers(0, 767), st.integers(0, 2), st.floats(0, 2 * PAUSE_S))
ENDINGS = st.sampled_from(["enter", "tab", "pause"])


@given(st.lists(st.one_of(KEYS, st.none()), max_size=300), ENDINGS, st.sampled_from(["us", "de", "fr"]))
def test_no_keys_whatever_raise_or_make_a_badge_that_the_roster_could_not_hold(
    keys: list[tuple[int, int, float] | None], ends_with: str, layout: str
) -> None:
    heard, now_s, outcomes = decoder(ends_with=ends_with, layout=layout), START_S, list[Badge | Garbage]()
    for key in keys:
        if key is None:
            heard.lost((), now_s)
            continue
        now_s += key[2]
        outcomes += heard.key(key[0], key[1], now_s)
    outcomes += heard.idle(now_s + FORGET_S)
    for outcome in outcomes:
        assert isinstance(outcome, Garbage) or (1 <= len(outcome.text) <= 64 and outcome.text.isascii())
    assert not heard.unfinished


@given(BADGES.filter(lambda badge: len(badge) > 1), st.data())
def test_a_badge_whose_keys_were_lost_anywhere_is_none(badge: str, data: st.DataObject) -> None:
    """Not even the part before or behind the gap."""
    heard = decoder()
    keys = typed(badge, START_S, every_s=0.001)
    begin = data.draw(st.integers(0, len(keys) - 1))
    end = data.draw(st.integers(begin + 1, len(keys)))
    hear(heard, keys[:begin])
    heard.lost((), keys[end - 1].t_s)
    after = words(hear(heard, [*keys[end:], Press(ENTER, 1, START_S + 0.2)]))
    assert after == ["(keys_lost)"]


def test_a_flood_of_keys_ends_as_one_piece_of_garbage() -> None:
    heard = decoder()
    flood = (Press(2, 1, START_S + number / 1000) for number in range(100_000))
    assert hear(heard, flood) == []
    assert words(heard.key(ENTER, 1, START_S + 100)) == ["(too_long)"]
