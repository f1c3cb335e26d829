"""foregate-county import-roster: a school's table becomes its roster, all of it or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from county.core.roll import Roll
from county.core.roster_csv import Table
from county.core.roster_file import read_file
from county.core.roster_merge import merge
from county.rosters.console import RosterCommand, take_by, today
from edge.core.errors import RosterError


class Command(RosterCommand):
    help = (
        "导入学校名单（XLSX 或 CSV，格式见 docs/roster.md）；有一处错误就什么都不导入。"
        "Import a school's roster (XLSX or CSV, see docs/roster.md); with one mistake nothing is imported."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE", help="表格文件 / the table")
        parser.add_argument(
            "--remove-missing",
            action="store_true",
            help="表中没有的人移出名单（默认保留）/ take off whoever the table does not name (they stay otherwise)",
        )
        take_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        table = _table(options["file"])

        def edit(roll: Roll) -> Roll:
            merged = merge(roll, table.rows, today(), options["remove_missing"])
            done, done_en = ("移出", "taken off") if options["remove_missing"] else ("保留", "stay")
            self.stdout.write(
                f"表中 {len(table.rows)} 人，表外 {merged.missing} 人{done} / "
                f"{len(table.rows)} in the table, {merged.missing} others {done_en}"
            )
            if merged.kept_longer:
                listed = " ".join(merged.kept_longer[:20])
                self.stderr.write(
                    f"医学观察只能用 observe --release 解除，未缩短 / observation is ended by observe --release only,"
                    f" not shortened for: {listed}{' …' if len(merged.kept_longer) > 20 else ''}"
                )
            return merged.roll

        if table.unused:
            self.stderr.write(f"未用的列 / columns not used: {'、'.join(table.unused)}")
        self.change(options, edit)


def _table(path: Path) -> Table:
    try:
        return read_file(path.read_bytes())
    except OSError as error:
        raise RosterError(
            f"无法读取 {path}（{error.strerror}）；请检查路径和权限",
            f"cannot read {path} ({error.strerror}); check the path and its permissions",
        ) from error
