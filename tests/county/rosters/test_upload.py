"""Uploading a school's list: shown before it is taken, every wrong row told, nothing half-imported, hostile files."""

import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook

from county.accounts.making import make_account
from county.accounts.middleware import MOST_BODY_BYTES
from county.core import roster_xlsx
from county.rosters import uploading
from county.rosters.models import Change, Person, School, Upload
from edge.core.errors import RosterError
from tests.county.databases import on_both
from tests.county.gate_client import Answer
from tests.county.reading_pages import tiles_of
from tests.county.rosters.helpers import SCHOOL, TABLE, import_table, run

HEAD = ["编号", "姓名", "角色", "班级", "卡号", "返校批准", "医学观察至", "健康记录"]
ROWS: list[list[object]] = [
    ["S1", "李小明", "学生", "三年级一班", "A1;QR-1", "是", None, True],
    ["S9", "新同学", "学生", "三年级三班", 8571234, "是", date(2999, 3, 14), "是"],
]
pytestmark = [on_both, pytest.mark.usefixtures("database")]


def workbook(*rows: Sequence[Any], head: Sequence[str] = HEAD) -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (head, *rows):
        sheet.append(list(row))
    book.save(out)
    return out.getvalue()


@pytest.fixture
def school(database: Path) -> Client:
    browser = Client()
    browser.force_login(make_account("zhang", "school", SCHOOL).user)
    return browser


def upload(browser: Client, content: bytes, name: str = "名单.xlsx", school: str = SCHOOL, **fields: str) -> Answer:
    return browser.post(f"/rosters/upload/{school}", {"file": SimpleUploadedFile(name, content), **fields})


def confirm(browser: Client, **fields: str) -> Answer:
    token = Upload.objects.get().token
    return browser.post(f"/rosters/confirm/{SCHOOL}", {"token": token, **fields})


def numbers(answer: Answer) -> list[str]:
    return [tile.partition("<dd>")[2].partition("<")[0] for tile in tiles_of(answer)]


def people() -> list[str]:
    return sorted(Person.objects.filter(school=SCHOOL).values_list("person_id", flat=True))


@pytest.mark.parametrize(
    "content", [workbook(*ROWS), TABLE.encode(), TABLE.encode("gb18030")], ids=["xlsx", "utf", "gbk"]
)
def test_a_first_list_is_shown_then_taken(school: Client, content: bytes) -> None:
    shown = upload(school, content)
    assert shown.status_code == 200
    assert people() == []
    assert not School.objects.exists()

    assert confirm(school).status_code == 302

    assert len(people()) == int(numbers(shown)[1])
    assert not Upload.objects.exists(), "what was taken is not kept twice"
    assert set(Change.objects.values_list("by", flat=True)) == {"zhang"}


def test_cells_of_a_workbook_mean_what_they_show(school: Client) -> None:
    upload(school, workbook(*ROWS))
    confirm(school)

    one = Person.objects.get(person_id="S9")
    assert [badge.badge for badge in one.badges.all()] == ["8571234"]
    assert (one.observation_until, one.health_record) == (date(2999, 3, 14), True)
    assert one.school_class is not None
    assert one.school_class.name == "三年级三班"


def test_the_preview_counts_new_changed_and_gone(school: Client, tmp_path: Path) -> None:
    import_table(tmp_path)
    changed: list[list[object]] = [["S1", "李晓明", "学生", "三年级一班", "A1;QR-1", "是", None, "是"], *ROWS[1:]]

    assert numbers(upload(school, workbook(*changed)))[:5] == ["2", "1", "1", "0", "3"]
    kept = TABLE.splitlines()[2].split(",")
    answer = upload(school, workbook(*changed, [*kept]), remove_missing="1")

    assert numbers(answer) == ["3", "1", "1", "2", "0"]
    page = answer.content.decode()
    for word in ("三年级三班", "李晓明", "赵强"):
        assert word in page
    assert people() == ["S1", "S2", "S3", "T1"]
    confirm(school)
    assert people() == ["S1", "S2", "S9"]


def test_every_wrong_row_is_told_in_both_languages_and_nothing_is_kept(school: Client) -> None:
    bad = workbook(
        ["S1", "李小明", "学生", "一班", "A1", "是", None, "是"],
        ["S 2", "王芳", "学生", "一班", "A2", "是", None, "是"],
        ["S3", "赵强", "校长", "一班", "A3", "也许", None, "是"],
        ["S1", "重复", "学生", "一班", "A4", "是", None, "是"],
    )

    answer = upload(school, bad)

    page = answer.content.decode()
    assert answer.status_code == 422
    for row in (3, 4):
        assert f"第 {row} 行" in page
        assert f"row {row}:" in page
    assert (people(), Upload.objects.count(), School.objects.count()) == ([], 0, 0)


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("http://evil.example","x")', "=cmd|' /C calc'!A0"])
def test_a_formula_is_refused_by_its_row(school: Client, formula: str) -> None:
    answer = upload(school, workbook(["S1", formula, "学生", "一班", "A1", "是", None, "是"]))

    assert answer.status_code == 422
    assert "第 2 行：第 2 列是公式" in answer.content.decode()


def test_a_number_whose_end_a_spreadsheet_has_lost_is_refused(school: Client) -> None:
    answer = upload(school, workbook(["S1", "李小明", "学生", "一班", 123456789012345678, "是", None, "是"]))

    assert answer.status_code == 422
    assert "文本" in answer.content.decode()


def bomb(member: str = "xl/worksheets/sheet1.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(*ROWS))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, b" " * (60 * 2**20) if one == member else old.read(one))
    return out.getvalue()


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    evil = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><x>&l11;</x>'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(*ROWS))) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.namelist():
            new.writestr(one, evil if one == "xl/worksheets/sheet1.xml" else old.read(one))
    return out.getvalue()


def lying_zip() -> bytes:
    """Says in its directory that the sheet has 10 bytes."""
    content = bytearray(bomb())
    place = content.rfind(b"PK\x01\x02", 0, content.rfind(b"xl/worksheets/sheet1.xml"))
    content[place + 24 : place + 28] = (10).to_bytes(4, "little")
    return bytes(content)


HOSTILE = {
    "a zip bomb": bomb(),
    "entities that multiply": laughs(),
    "a zip that lies about its size": lying_zip(),
    "cut off": workbook(*ROWS)[:-200],
    "a zip of nothing": b"PK\x05\x06" + bytes(18),
    "only the magic": b"PK\x03\x04" + bytes(50),
    "old Excel": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
    "a program": b"\x7fELF" + bytes(600),
    "nothing to read": b"\n",
    "no columns of ours": b"a,b,c\n1,2,3\n",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_or_broken_file_is_refused_and_the_server_is_well(school: Client, content: bytes) -> None:
    answer = upload(school, content)

    assert answer.status_code == 422
    assert "没有导入" in answer.content.decode()
    assert (people(), Upload.objects.count()) == ([], 0)


def test_any_byte_of_a_workbook_may_be_wrong() -> None:
    good = workbook(*ROWS)
    for place in range(0, len(good), 97):
        broken = bytearray(good)
        broken[place] ^= 0x5A
        # Read all the same (a byte that does not matter), or refused in the one way that pages tell.
        with suppress(RosterError):
            roster_xlsx.sheet_cells(bytes(broken))


def test_too_many_rows_are_refused(school: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_xlsx, "MOST_ROWS", 1)

    assert "超过 1 行" in upload(school, workbook(*ROWS)).content.decode()


def test_a_file_over_the_limit_is_refused(school: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "MOST_BYTES", 100)

    assert upload(school, TABLE.encode()).status_code == 422


def test_a_huge_request_is_refused_before_it_is_read(school: Client) -> None:
    answer = school.generic(
        "POST",
        f"/rosters/upload/{SCHOOL}",
        b"x",
        "multipart/form-data; boundary=b",
        CONTENT_LENGTH=str(MOST_BODY_BYTES + 1),
    )

    assert answer.status_code == 413
    assert "5 MiB" in answer.content.decode()


def test_no_file_says_so(school: Client) -> None:
    assert "请选择文件" in school.post(f"/rosters/upload/{SCHOOL}").content.decode()


def test_a_script_in_a_name_and_in_a_file_s_name_is_text(school: Client) -> None:
    row: list[object] = ["S1", "<script>alert(1)</script>", "学生", "一班", "A1", "是", None, "是"]
    for content in (workbook(row), workbook(["<script>", *row[1:]])):
        assert "<script>" not in upload(school, content, "<script>.xlsx").content.decode()


def test_what_changed_meanwhile_is_shown_again(school: Client, tmp_path: Path) -> None:
    import_table(tmp_path)
    upload(school, workbook(*ROWS))
    import_table(tmp_path, TABLE.replace("赵强", "赵小强"))

    again = confirm(school)
    assert "名单在预览之后又有修改" in again.content.decode()
    assert "S9" not in people()

    assert confirm(school).status_code == 302
    assert "S9" in people()


def test_a_list_is_confirmed_once_by_who_uploaded_it_within_an_hour(
    school: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(school, workbook(*ROWS))
    token = Upload.objects.get().token
    other = Client()
    other.force_login(make_account("li", "school", SCHOOL).user)
    assert other.post(f"/rosters/confirm/{SCHOOL}", {"token": token}).status_code == 422

    later = timezone.now() + timedelta(minutes=61)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert school.post(f"/rosters/confirm/{SCHOOL}", {"token": token}).status_code == 422
    assert people() == []

    upload(school, workbook(*ROWS))
    token = Upload.objects.get().token
    assert [school.post(f"/rosters/confirm/{SCHOOL}", {"token": token}).status_code for _ in range(2)] == [302, 422]


def test_an_outdated_list_is_removed_when_anybody_comes_to_import(
    school: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(school, workbook(*ROWS))
    later = timezone.now() + timedelta(minutes=61)
    monkeypatch.setattr(timezone, "now", lambda: later)

    school.get(f"/rosters/import/{SCHOOL}")

    assert not Upload.objects.exists()


def test_the_command_takes_a_workbook_too(school: Client, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook(*ROWS))

    run("import_roster", SCHOOL, str(path))

    assert people() == ["S1", "S9"]


def test_a_list_that_was_thought_better_of_is_forgotten(school: Client) -> None:
    upload(school, workbook(*ROWS))
    confirm(school, cancel="1")

    assert (people(), Upload.objects.count()) == ([], 0)


def test_no_other_site_uploads_or_confirms(database: Path) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(make_account("zhang", "school", SCHOOL).user)

    assert upload(browser, workbook(*ROWS)).status_code == 403
    assert browser.post(f"/rosters/confirm/{SCHOOL}", {"token": "x"}).status_code == 403


def test_an_import_never_ends_an_observation_and_says_so(school: Client, tmp_path: Path) -> None:
    import_table(tmp_path)

    answer = upload(school, workbook(["S2", "王芳", "学生", "三年级一班", "A2", "是", None, "是"]))

    assert "医学观察不会因导入而缩短：S2" in answer.content.decode()
