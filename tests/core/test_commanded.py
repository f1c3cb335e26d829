"""Settings of the county: one form only, nothing out of its range, shown before they are in force."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.commanded import KEYS, Commanded, Setting, checked, commanded_bytes, parse_commanded, written
from edge.core.commanding import NOTICE_S, Change, Notice, changes
from edge.core.errors import ConfigError
from tests.fakes.commanded import commanded

WELL = commanded(3, policy__fever_forehead_c=36.2, entry__rules__too_late="off", entry__crowd_people=12)


def values(name: str) -> st.SearchStrategy[Setting]:
    key = KEYS[name]
    if key.words:
        return st.sampled_from(key.words)
    if key.whole:
        return st.integers(int(key.low), int(key.high))
    return st.floats(key.low, key.high)


SETTINGS = st.fixed_dictionaries({}, optional={name: values(name) for name in KEYS})


@given(SETTINGS, st.integers(1, 10**7))
def test_what_is_written_is_read_and_has_one_form(settings: dict[str, Setting], version: int) -> None:
    made = replace(WELL, version=version, settings=checked(settings))
    line = commanded_bytes(made)
    assert parse_commanded(line) == made
    assert commanded_bytes(parse_commanded(line)) == line


def altered(**fields: object) -> bytes:
    plain = {**json.loads(commanded_bytes(WELL)), **fields}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "line",
    [
        commanded_bytes(WELL) + b" ",
        commanded_bytes(WELL).replace(b"36.2", b"36.20"),
        altered(version=0),
        altered(version=True),
        altered(more=1),
        altered(settings=[]),
        altered(settings={"policy.fever_forehead_c": 40.5}),
        altered(settings={"policy.fever_forehead_c": "36.2"}),
        altered(settings={"policy.fever_forehead_c": True}),
        altered(settings={"entry.crowd_people": 12.0}),
        altered(settings={"entry.rules.fever_forehead": "off"}),
        altered(settings={"entry.rules.no_badge": "off"}),
        altered(settings={"pins.relay_pulse_s": 5.0}),
        b"[]",
        b"\xff",
        b"{" * 5_000,
        b" " * 20_000,
    ],
)
def test_anything_else_is_refused_in_both_languages(line: bytes) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_commanded(line)
    assert "设置" in refused.value.zh
    assert "settings" in refused.value.en


def test_what_the_camera_saw_or_what_is_wired_is_never_set_from_afar() -> None:
    for name in KEYS:
        assert name.split(".")[0] in ("policy", "entry", "roster", "screen"), name
    assert not {"entry.rules.fever_forehead", "entry.rules.fever_face_max"} & set(KEYS)
    assert "off" not in KEYS["entry.rules.not_measured"].words
    assert "off" not in KEYS["entry.rules.no_face"].words


def test_a_refused_value_says_what_may_be_chosen() -> None:
    with pytest.raises(ConfigError, match="34 … 40 °C"):
        KEYS["policy.fever_forehead_c"].checked(float("nan"))
    with pytest.raises(ConfigError, match=r"override \| hard \| off"):
        KEYS["entry.rules.too_late"].checked("on")


def test_changes_are_told_with_their_units_in_the_catalogue_s_order() -> None:
    before = {name: key.words[0] if key.words else key.low for name, key in KEYS.items()}
    after = {**before, "entry.rules.too_late": "off", "policy.fever_forehead_c": 36.25}
    assert changes(before, after) == (
        Change("policy.fever_forehead_c", "34 °C", "36.25 °C"),
        Change("entry.rules.too_late", "override", "off"),
    )
    assert written("entry.crowd_people", 12) == "12"


@given(st.floats(0, 2 * NOTICE_S), st.booleans())
def test_nothing_is_in_force_before_it_was_shown_long_enough_with_nobody_there(s: float, nobody: bool) -> None:
    notice = Notice(WELL, (), 100.0)
    assert notice.is_due(100.0 + s, nobody) == (nobody and notice.left_s(100.0 + s) == 0.0)
    assert (notice.left_s(100.0 + s) > 0.0) == (100.0 + s < 100.0 + NOTICE_S)


def test_equal_settings_are_equal_whatever_order_they_were_named_in() -> None:
    one: Commanded = replace(WELL, settings=dict(reversed(list(WELL.settings.items()))))
    assert commanded_bytes(one) == commanded_bytes(WELL)
