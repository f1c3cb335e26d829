"""Two schools' days from the first person to the auditor: one with two fevers, one with nothing to report.

    rosters through the county's page -> sync -> gate A: a played morning with a guard; gate B: nobody comes
    -> records -> sync -> the county -> Chromium: fleet, reports, confirmations, receipts, an amendment, exports, log

python -m tools.two_days [--people N] [--folder F]

Every number on the pages and in the files is held against what was played. The exit code is 1 when anything does not
add up. Pictures of all pages and the exported files stay in the folder.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.adapters.camera_sim import PersonTruth
from edge.core.errors import ForegateError
from tools import morning_sums as sums
from tools import two_days_story as story
from tools.morning import Played
from tools.screenshot import CHROMIUM
from tools.two_days_cast import Cast, cast
from tools.two_days_county import Site, TwoSchools, records_of, waiting_of
from tools.two_days_gate import play
from tools.two_days_pages import open_pages

ZONE = ZoneInfo("Asia/Shanghai")
# So long before now the morning begins, and the late ones come; and so far from midnight all of it is one day.
MORNING_MIN, LATE_MIN = 12, 4
FROM_MIDNIGHT_MIN = 20

Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of it. wrong: one line for everything that did not add up; pictures: how many were taken."""

    wrong: tuple[str, ...]
    pictures: int


def main(arguments: Sequence[str] | None = None, announce: Announce = print) -> int:
    """Play both days; 0 when everything adds up, else 1."""
    parser = argparse.ArgumentParser(description="两所学校的一天 / two schools' days")
    parser.add_argument("--people", type=int, default=22, help="A 校早上来的人 / who comes to school A in the morning")
    parser.add_argument("--folder", type=Path, help="截图、文件留在此新文件夹 / keep everything in this new folder")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="foregate-two-days-") as temporary:
        place = Path(temporary)
        if options.folder is not None:
            place = options.folder.absolute()
            place.mkdir(parents=True)
        try:
            told = two_days(options.people, place, announce)
        except ForegateError as error:
            announce(str(error))
            return 1
    for line in told.wrong:
        announce(f"  ! {line}")
    announce(f"{told.pictures} 张截图 / pictures" + (f": {place}" if options.folder is not None else ""))
    announce("有不符之处 / SOMETHING DOES NOT ADD UP" if told.wrong else "全部相符 / everything adds up")
    return 1 if told.wrong else 0


def near_midnight(now: datetime) -> bool:
    """Whether what is played now would fall on two days."""
    minute = now.astimezone(ZONE).hour * 60 + now.astimezone(ZONE).minute
    return not FROM_MIDNIGHT_MIN <= minute < 24 * 60 - FROM_MIDNIGHT_MIN


def two_days(people: int, place: Path, announce: Announce) -> Told:
    """Everything, in this folder. ForegateError: a process failed, or it is nearly midnight there."""
    now = datetime.now(ZONE)
    if near_midnight(now):
        raise ForegateError(
            "北京时间快到或刚过零点，请过半小时再来", "it is about midnight in Beijing: come again later"
        )
    for program, package in ((CHROMIUM, "chromium"), ("pdftotext", "poppler-utils")):
        if shutil.which(program) is None:
            raise ForegateError(f"没有 {program}，请安装 {package}", f"there is no {program}: install {package}")
    played = cast(people)
    pictures = place / "pictures"
    pictures.mkdir()
    began_ms = round(now.timestamp() * 1000)
    with TwoSchools(place, announce) as county:
        site = county.found()
        announce("县、账号就绪 / the county and its accounts are ready")
        with open_pages(site.url, site.passwords, pictures) as pages:
            told = story.Story(pages, played, place, now.date())
            told.import_rosters()
            announce("名单已导入 / both rosters are imported through the page")
            told.enter_stages()
            morning = _morning(county, site, played, began_ms, announce)
            _await(county, site)
            told.fleet(records_of(site.configs["gate-a"]))
            told.confirm_both(records_of(site.configs["gate-a"]), records_of(site.configs["gate-b"]))
            late = _late(county, site, played, began_ms)
            announce("迟到记录已送达 / the late records have arrived")
            told.amend(records_of(site.configs["gate-a"]))
            told.audit()
            wrong = [*_faults(site, played, [morning, late]), *pages.wrong]
    return Told(tuple(wrong), len(list(pictures.iterdir())))


def _morning(
    county: TwoSchools, site: Site, played: Cast, began_ms: int, announce: Announce
) -> tuple[Played, list[str]]:
    """Gate B is up and nobody comes; gate A has its people, then both stand before an empty corridor."""
    for gate_id in site.configs:
        county.start_sync(gate_id)
    county.stop("sync gate-a")
    began_s = time.monotonic()
    morning = play(site.configs["gate-a"], played.school_a.errands, began_ms - MORNING_MIN * 60_000, 0, site.pin)
    took_s = time.monotonic() - began_s
    announce(f"上午已播放 / the morning was played: {morning[0].simulated_s:.0f} s, {took_s:.0f} s")
    # Started again with the gates, so that the first status tells of gates that are up.
    county.stop("sync gate-b")
    for gate_id in site.configs:
        county.start_gate(gate_id)
        county.start_sync(gate_id)
    return morning


def _late(county: TwoSchools, site: Site, played: Cast, began_ms: int) -> tuple[Played, list[str]]:
    """What was decided before the confirmation, and is sent after it."""
    county.stop("sync gate-a")
    county.stop("gate-a")
    late = play(site.configs["gate-a"], played.late, began_ms - LATE_MIN * 60_000, 1, site.pin)
    county.start_gate("gate-a")
    county.start_sync("gate-a")
    _await(county, site)
    return late


def _await(county: TwoSchools, site: Site) -> None:
    county.await_all_sent(lambda: sum(waiting_of(config) for config in site.configs.values()))


def _faults(site: Site, played: Cast, plays: Sequence[tuple[Played, list[str]]]) -> list[str]:
    """Whether everybody got the verdict that was theirs; and what failed at the gate or its desk."""
    wrong = [line for one, _ in plays for line in one.said if one.code]
    wrong += [line for _, lines in plays for line in lines]
    records = records_of(site.configs["gate-a"])
    found, truths = [], []
    for number, (one, _) in enumerate(plays):
        # People of the two plays have the same numbers in their scenes.
        people: dict[int, PersonTruth] = one.people
        truths.append(sums.LaneTruth(one.comings, people))
        own = [record for record in records if record.decided.boot_id.endswith(f"-00000000000{number}")]
        found += sums.visits(own, truths[-1])
    return wrong + sums.faults(played.school_a, found, truths)


if __name__ == "__main__":
    sys.exit(main())
