"""What the tests of the county's rosters share."""

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command

from county.rosters.signing import make_key
from edge.adapters.roster_file.index import Roster
from edge.adapters.roster_file.verify import verified
from tests.county.gate_client import Answer, GateClient

SCHOOL = "第一小学"
TABLE = """编号,姓名,角色,班级,卡号,返校批准,医学观察至,健康记录
S1,李小明,学生,三年级一班,A1;QR-1,是,,是
S2,王芳,学生,三年级一班,A2,是,待解除,是
S3,赵强,学生,三年级二班,A3,否,,否
T1,周老师,教职工,,T-1,是,,是
"""


def run(*arguments: str, **options: Any) -> str:
    """Run a command; what it prints to stdout."""
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO(), no_color=True, **options)
    return out.getvalue().strip()


def import_table(folder: Path, text: str = TABLE, *options: str, school: str = SCHOOL) -> str:
    """Import this table."""
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return run("import_roster", school, str(path), "--by", "教务处", *options)


def ask(gate: GateClient, version: int = 0, issued: int = 0) -> Answer:
    """The county's answer to a gate that has this roster."""
    return gate.get("roster", version=str(version), issued=str(issued))


def taken(answer: Answer, data: Path, school: str = SCHOOL) -> Roster:
    """The roster in an answer, verified as a gate does."""
    assert answer.status_code == 200, answer.content
    return verified(BytesIO(answer.content), (make_key(data).public_key(),), school)
