"""A school's table: what is understood, in which encoding, and what is said of the rest."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from county.core import roster_words as words
from county.core.roster_csv import MOST_TOLD, read_table
from edge.core.errors import RosterError
from edge.core.roster import UNTIL_RELEASED

HEAD = "编号,姓名,角色,班级,卡号,返校批准,医学观察至,健康记录,有效期自,有效期至"
ROW = "S1,李小明,学生,三年级一班,0008571234;qr-7,是,2026/3/14,是,,"
EXAMPLE = Path(__file__).parents[3] / "docs/examples/roster.csv"


def table(*rows: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *rows, ""]).encode()


def refusal(content: bytes) -> RosterError:
    with pytest.raises(RosterError) as caught:
        read_table(content)
    assert "什么都没有导入" in caught.value.zh
    assert "nothing was imported" in caught.value.en
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_what_spreadsheets_write_is_understood(encoding: str, separator: str) -> None:
    rows = [line.replace(";", "、").replace(",", separator) for line in (HEAD, ROW)]
    row = read_table("\n".join(rows).encode(encoding)).rows[0]
    assert (row.number, row.person_id) == (2, "S1")
    assert row.given == {
        "name": "李小明",
        "role": "pupil",
        "class": "三年级一班",
        "badges": ("0008571234", "QR-7"),
        "approved": True,
        "observation_until": "2026-03-14",
        "health_record": True,
        "valid_from": None,
        "valid_until": None,
    }


def test_the_example_of_the_documentation_is_understood() -> None:
    found = read_table(EXAMPLE.read_bytes())
    assert len(found.rows) == 9
    assert found.unused == ()
    assert {row.given["role"] for row in found.rows} == set(words.ROLES)


def test_columns_may_be_fewer_in_any_order_and_others_are_named() -> None:
    found = read_table("电话,Name,role,性别,ID\n1,Li,pupil,f,S1\n".encode())
    assert found.rows[0].given == {"name": "Li", "role": "pupil"}
    assert found.unused == ("电话", "性别")


def test_empty_rows_are_passed_over_and_rows_counted_as_a_spreadsheet_does() -> None:
    content = table("", ROW, ",,,,,,,,,", '"S2","王\n芳",学生,,,,,,,', "S3,x,校长,,,,,,,")
    assert "第 6 行：角色：'校长' 不是角色" in refusal(content).zh


@pytest.mark.parametrize(
    ("content", "zh", "en"),
    [
        (b"", "第 1 行：缺少列 编号、姓名、角色", "row 1: there is no column"),
        (table(head="编号,姓名"), "缺少列 角色", "(role)"),
        (table(head="编号,学号,姓名,角色"), "有两列“编号”", "two columns are 编号 (person_id)"),
        (table(), "没有人", "there is nobody"),
        (table("S 1,x,学生"), "第 2 行：编号：'S 1' 无效", "row 2: 编号 (person_id): 'S 1' is no id"),
        (table("S1,,学生"), "姓名", "a name has 1 to 60"),
        (table("S1,x,校长"), "不是角色", "is no role"),
        (table("S1,x,学生,,0008 5#"), "卡号", "'5#' is no badge"),
        (table("S1,x,学生,,4.2E+17"), "科学计数法", "format the column as text"),
        (table("S1,x,学生,,1 2 3 4 5 6 7 8 9"), "最多 8 个", "at most 8 badges"),
        (table("S1,x,学生,,,大概"), "返校批准：'大概' 看不懂", "not understood"),
        (table("S1,x,学生,,,是,14.3"), "医学观察至：'14.3' 不是日期", "is no date"),
        (table("S1,x,学生,,,是,2026-02-30"), "不是日期", "is no date"),
        (table('S1,"x,学生'), "不是 CSV", "is no CSV"),
        (b"\xff\xff\xff", "GBK", "neither UTF-8 nor GBK"),
    ],
)
def test_what_is_not_understood_is_told_by_row_in_both_languages(content: bytes, zh: str, en: str) -> None:
    with pytest.raises(RosterError) as caught:
        read_table(content)
    assert zh in caught.value.zh
    assert en in caught.value.en


def test_all_mistakes_are_told_at_once_but_no_more_than_fit_on_a_screen() -> None:
    error = refusal(table(*[f"S{n},x,校长" for n in range(100)]))
    assert len(error.zh.splitlines()) == len(error.en.splitlines()) == MOST_TOLD + 2
    assert "还有 80 处" in error.zh
    assert "and 80 more" in error.en


@given(
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: (HEAD + "\n" + text).encode("utf-8", "replace"))
)
def test_whatever_the_file_holds_it_is_read_or_refused_in_both_languages(content: bytes) -> None:
    try:
        told: object = read_table(content).rows
    except RosterError as error:
        told = error.zh and error.en
    assert told


CELL = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)


@given(st.lists(st.tuples(st.from_regex(r"[A-Z][0-9]{1,6}", fullmatch=True), CELL), min_size=1, max_size=6))
def test_names_come_through_quoting_and_encoding_as_they_were(people: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["编号", "姓名", "角色"])
    writer.writerows([key, f"王{name}", "学生"] for key, name in people)
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        rows = read_table(out.getvalue().encode(encoding)).rows
        assert [(row.person_id, row.given["name"]) for row in rows] == [
            (key, f"王{name}".strip()) for key, name in people
        ]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-03-02", "2026-03-02"),
        ("2026/3/2", "2026-03-02"),
        ("2026.03.2", "2026-03-02"),
        ("2026年3月2日", "2026-03-02"),
        ("２０２６－０３－０２", "2026-03-02"),
        (" ", None),
        ("待解除", UNTIL_RELEASED),
        ("until released", UNTIL_RELEASED),
    ],
)
def test_days_as_people_write_them(cell: str, day: str | None) -> None:
    assert words.last_day(cell) == day


@pytest.mark.parametrize(
    ("cell", "yes"), [("是", True), ("Y", True), ("√", True), ("１", True), ("", False), ("否", False)]
)
def test_yes_and_no_as_people_write_them(cell: str, yes: bool) -> None:
    assert words.yes_or_no(cell) is yes


@pytest.mark.parametrize(
    ("text", "minutes"), [("07:30", 450), ("7:05", 425), ("00:00", 0), ("24:00", 1440), ("７：３０", 450)]
)
def test_times_of_the_day(text: str, minutes: int) -> None:
    assert words.minute(text) == minutes


@pytest.mark.parametrize("text", ["", "7", "7:60", "24:01", "25:00", "-1:00", "07:30:00", "half past"])
def test_what_is_no_time_of_the_day(text: str) -> None:
    with pytest.raises(RosterError, match="07:30"):
        words.minute(text)
