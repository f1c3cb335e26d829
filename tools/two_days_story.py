"""What people do on the county's pages in these two days, and what the pages have to say each time."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from urllib.parse import quote

from openpyxl import Workbook
from playwright.sync_api import Page

from county.core.report_words import FIGURES
from edge.core.contents import GateEvent, Passage
from edge.core.record import Record
from tools import two_days_files as files
from tools.two_days_cast import CLASSES_A, SCHOOL_A, SCHOOL_B, TOWNSHIP_A, Cast, table_of_b
from tools.two_days_county import ACCOUNTS
from tools.two_days_pages import PHONE, Pages, named, sections, tile, totals

LOADS_WITHIN = 30
REASON = "迟到两人的记录后到"


class Story:
    """The days, in the order of the methods."""

    def __init__(self, pages: Pages, cast: Cast, folder: Path, day: date) -> None:
        self._pages, self._cast, self._folder, self._day = pages, cast, folder, day.isoformat()

    def import_rosters(self) -> None:
        """School A hands in a CSV, school B a workbook, each through its own page."""
        csv_file, xlsx_file = self._folder / "一小.csv", self._folder / "河西.xlsx"
        csv_file.write_text(self._cast.school_a.table(), encoding="utf-8")
        book = Workbook()
        assert book.active is not None
        for line in table_of_b(self._cast).table().splitlines():
            book.active.append(line.split(","))
        book.save(xlsx_file)
        for name, path in (("张校长", csv_file), ("李校长", xlsx_file)):
            school = str(ACCOUNTS[name][1])
            people = len(self._cast.school_a.pupils if school == SCHOOL_A else self._cast.school_b)
            with self._pages.of(name) as page:
                page.goto(f"/rosters/import/{quote(school)}")
                page.locator("input[type=file]").set_input_files(path)
                page.get_by_role("button", name="上传并预览").click()
                page.wait_for_url("**/rosters/upload/**")
                self._pages.same(f"{school}: in the file", tile(page, "文件中"), str(people))
                self._pages.same(f"{school}: new", tile(page, "新增"), str(people))
                if school == SCHOOL_A:
                    self._pages.picture(page, "roster-preview")
                page.get_by_role("button", name="确认导入").click()
                page.wait_for_url("**/rosters/people/**")
                self._pages.same(
                    f"{school}: on its roster", page.locator(".count").inner_text().split()[0], str(people)
                )
                if school == SCHOOL_A:
                    self._pages.picture(page, "roster-people")

    def enter_stages(self) -> None:
        """The officer enters how far both schools are."""
        with self._pages.of("王医生") as page:
            for school, kind in ((SCHOOL_A, "city"), (SCHOOL_B, "township")):
                page.goto(f"/fleet/stage/{quote(school)}")
                page.locator(f"input[name=kind][value={kind}]").check()
                page.locator("input[name=stage][value=in_service]").check()
                for stage in ("installed", "commissioned", "in_service"):
                    page.locator(f"input[name={stage}_on]").fill(self._day)
                page.get_by_role("button", name="保存").click()
                page.wait_for_url("**/fleet")

    def fleet(self, records: Sequence[Record]) -> None:
        """The technician sees both gates, and nobody's data."""
        passages = [one.content for one in records if isinstance(one.content, Passage)]
        fevers = sum(one.verdict == "fever" for one in passages)
        with self._pages.of("陈工") as page:
            page.goto("/fleet")
            _until(page, lambda: page.locator("td[data-zh=软件]").count() == 2)
            self._pages.same("fleet, heard", tile(page, "十分钟内有消息").split(), ["2", "/", "2"])
            self._pages.same("fleet, contradictions", tile(page, "矛盾记录"), "0")
            self._pages.same("fleet, waiting", tile(page, "等待发送"), "0")
            self._pages.same("fleet, passages", tile(page, "今日通行"), str(len(passages)))
            today = page.locator("tr", has_text="gate-a").locator("td[data-zh=今日通行]").inner_text()
            self._pages.same("fleet, gate A", re.findall(r"\d+", today)[:2], [str(len(passages)), str(fevers)])
            self._pages.same(
                "fleet, gate B", page.locator("tr", has_text="gate-b").locator("td[data-zh=今日通行]").inner_text(), "0"
            )
            self._pages.picture(page, "fleet")
            for address in ("/reports", "/rosters", "/looks"):
                self._pages.same(f"technician, {address}", page.request.get(address).status, 403)
            page.goto("/fleet/gates/gate-a")
            self._pages.picture(page, "fleet-gate")
        with self._pages.of("陈工", PHONE) as page:
            page.goto("/fleet")
            self._pages.picture(page, "fleet-phone")

    def confirm_both(self, records_a: Sequence[Record], records_b: Sequence[Record]) -> None:
        """Both heads confirm in time; the officer sees both lines' receipts and takes note of one."""
        with self._pages.of("张校长") as page:
            page.goto(f"/reports?day={self._day}")
            self._numbers_of_a(page, records_a, with_late=False)
            self._pages.picture(page, "report-a-waiting")
            page.get_by_label("确认人姓名").fill("张建国")
            page.get_by_role("button", name="确认并报送").click()
            page.locator(".receipt").wait_for()
            self._confirmed(page, SCHOOL_A, 1)
            self._pages.picture(page, "report-a-confirmed")
        with self._pages.of("李校长") as page:
            page.goto(f"/reports?day={self._day}")
            self._numbers_of_b(page, records_b)
            page.get_by_label("确认人姓名").fill("李秀英")
            page.get_by_role("button", name="确认零报告并报送").click()
            page.locator(".receipt").wait_for()
            self._confirmed(page, SCHOOL_B, 1)
            self._pages.picture(page, "report-b-zero")
            self._pages.same("B on A's report", page.request.get(_report(SCHOOL_A, self._day)).status, 403)
        with self._pages.of("王医生") as page:
            self._pages.picture(page, "today")
            page.goto(f"/reports?day={self._day}")
            self._pages.same("on time", tile(page, "按时"), "2")
            self._county(page, with_late=False)
            self._pages.picture(page, "reports")
            for line in ("township", "bureau"):
                page.goto(f"/reports/line/{line}?day={self._day}")
                self._pages.same(f"{line}, received", page.locator("section h2 strong").all_inner_texts(), ["0", "2"])
                self._pages.same(f"{line}, receipts", page.locator("td[data-zh=回执] code").count(), 2)
                if line == "township":
                    self._pages.picture(page, "line-township")
            page.get_by_role("button", name="签收").first.click()
            page.locator("td[data-zh=回执]", has_text="王医生").wait_for()
            self._pages.picture(page, "line-bureau")

    def amend(self, records: Sequence[Record]) -> None:
        """Records of before the confirmation have come: the page asks for an amendment, and version 1 stays."""
        with self._pages.of("张校长") as page:
            page.goto(_report(SCHOOL_A, self._day))
            said = page.locator("p.note[role=status]").inner_text()
            late = [one for one in records if one.decided.boot_id.endswith("-000000000001")]
            self._pages.same("late records", re.findall(r"又收到 (\d+) 条", said), [str(len(late))])
            self._pages.picture(page, "report-a-amendment-due")
            page.get_by_label("更正原因").fill(REASON)
            page.get_by_label("确认人姓名").fill("张建国")
            page.get_by_role("button", name="第 2 版").click()
            page.locator(".receipt").nth(1).wait_for()
            self._numbers_of_a(page, records, with_late=True)
            self._confirmed(page, SCHOOL_A, 2)
            self._pages.picture(page, "report-a-amended")
            self._exports(page, totals(page))
            page.goto(_report(SCHOOL_A, self._day) + "&version=1")
            self._people(page, with_late=False)
        with self._pages.of("张校长", PHONE) as page:
            page.goto(_report(SCHOOL_A, self._day))
            self._pages.picture(page, "report-a-phone")
        with self._pages.of("王医生") as page:
            page.goto(f"/reports?day={self._day}")
            self._county(page, with_late=True)
            self._pages.same("amended", tile(page, "已更正"), "1")
            self._pages.same("still on time", tile(page, "按时"), "2")
            self._pages.picture(page, "reports-amended")
            page.goto(f"/reports/history?school={quote(SCHOOL_A)}")
            self._pages.picture(page, "history")
            data = page.request.get(f"/reports/county.csv?day={self._day}").body()
            self._kept("county.csv", data)
            told = files.schools_of_csv(data)
            for school, names in ((SCHOOL_A, self._cast.expected(True)), (SCHOOL_B, self._expected_of_b())):
                for name in ("people", "entered", "refused", "in_observation", "absent", "fever_people"):
                    zh = FIGURES[name].zh
                    self._pages.same(f"county.csv, {school}, {zh}", told[school][zh], str(names[name]))

    def audit(self) -> None:
        """The auditor sees who looked, and changes nothing."""
        with self._pages.of("审计员") as page:
            page.goto(_report(SCHOOL_A, self._day))
            self._pages.same("auditor's forms", page.locator("form.confirm").count(), 0)
            page.goto("/looks")
            looked = Counter(
                (row.locator("td").nth(1).inner_text().split()[0], row.locator("td").nth(3).inner_text())
                for row in page.locator("tbody tr").all()
            )
            for who, school in (("张校长", SCHOOL_A), ("李校长", SCHOOL_B), ("审计员", SCHOOL_A)):
                if not looked[who, school]:
                    self._pages.wrong.append(f"the access log has no look of {who} at {school}")
            if any(who == "陈工" and school != "—" for who, school in looked):
                self._pages.wrong.append("the technician looked at personal data")
            self._pages.picture(page, "access-log")

    def _numbers_of_a(self, page: Page, records: Sequence[Record], with_late: bool) -> None:
        self._people(page, with_late)
        passages = [one.content for one in records if isinstance(one.content, Passage)]
        written = {
            "visits": len(passages),
            "fever_visits": sum(one.verdict == "fever" for one in passages),
            "not_measured": sum(one.verdict == "not_measured" for one in passages),
            "records": len(records),
            "downtime_s": 0,
        }
        found = totals(page)
        for zh, value in named(written).items():
            self._pages.same(f"A, {zh}", found.get(zh), value)
        self._pages.same(
            "A, its gate", sections(page)["闸机"][0][:5], ["gate-a", "一小东门", str(len(records)), "是", "0"]
        )

    def _people(self, page: Page, with_late: bool) -> None:
        """Who entered, was refused, is absent: from the parts that were dealt out."""
        found, told = totals(page), sections(page)
        for zh, value in named(self._cast.expected(with_late)).items():
            self._pages.same(f"A, {zh}", found.get(zh), value)
        by_class = {row[0]: row[1:6] for row in told["各班"]}
        for name in CLASSES_A:
            expected = list(self._cast.expected_of_class(name, with_late).values())
            self._pages.same(f"A, {name}", by_class[name], [str(value) for value in expected])
        reasons = [["尚未批准返校", "1"], ["健康记录不全", "1"]] if with_late else [["尚未批准返校", "1"]]
        self._pages.same("A, refused by reason", sorted(row[1] for row in told["未放行原因"]), [n for _, n in reasons])

    def _numbers_of_b(self, page: Page, records: Sequence[Record]) -> None:
        found = totals(page)
        for zh, value in named({**self._expected_of_b(), "records": len(records)}).items():
            self._pages.same(f"B, {zh}", found.get(zh), value)
        others = {one.content.code if isinstance(one.content, GateEvent) else "?" for one in records} - {"started"}
        self._pages.same("B, what its gate wrote", others, set())
        self._pages.same("B, zero report", page.locator(".pill", has_text="零报告").count(), 1)

    def _expected_of_b(self) -> dict[str, int]:
        people = len(self._cast.school_b)
        zero = {name: 0 for name in FIGURES if name not in ("people", "absent", "records")}
        return {**zero, "people": people, "absent": people}

    def _confirmed(self, page: Page, school: str, version: int) -> None:
        receipts = page.locator(".receipt").nth(version - 1)
        self._pages.same(f"{school}, receipts of version {version}", receipts.locator("li").count(), 2)
        digest = receipts.locator(".print code").inner_text()
        address = _report(school, self._day).replace("/school?", "/school/file.json?") + f"&version={version}"
        body = page.request.get(address).body()
        self._pages.same(f"{school}, SHA-256", hashlib.sha256(body).hexdigest(), digest)
        state = page.locator(".pill").first.inner_text()
        self._pages.same(f"{school}, in time", state.startswith("按时"), True)

    def _county(self, page: Page, with_late: bool) -> None:
        told = {SCHOOL_A: self._cast.expected(with_late), SCHOOL_B: self._expected_of_b()}
        for school, expected in told.items():
            cells = page.locator("tbody tr", has_text=school).locator("td.n").all_inner_texts()
            names = ("people", "entered", "refused", "in_observation", "absent", "fever_people")
            self._pages.same(f"county, {school}", cells[:6], [str(expected[name]) for name in names])

    def _exports(self, page: Page, shown: dict[str, int]) -> None:
        """The three files say what the page says."""
        address = _report(SCHOOL_A, self._day)
        for form in ("csv", "xlsx", "pdf"):
            data = page.request.get(address.replace("/school?", f"/school/file.{form}?")).body()
            path = self._kept(f"report.{form}", data)
            if form == "pdf":
                text = files.text_of_pdf(str(path))
                self._pages.same("PDF", files.of_pdf(text), shown)
                self._pages.same("PDF, township's receipt", TOWNSHIP_A in text or "张建国" in text, True)
            else:
                self._pages.same(form.upper(), (files.of_csv if form == "csv" else files.of_xlsx)(data), shown)

    def _kept(self, name: str, data: bytes) -> Path:
        path = self._folder / name
        path.write_bytes(data)
        return path


def _report(school: str, day: str) -> str:
    return f"/reports/school?school={quote(school)}&day={day}"


def _until(page: Page, wanted: Callable[[], bool]) -> None:
    for _ in range(LOADS_WITHIN):
        if wanted():
            return
        page.wait_for_timeout(1000)
        page.reload()
