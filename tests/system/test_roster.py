"""The roster's whole way, in real processes: county's table, signed, fetched by the sync, looked up by a gate."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest

from edge.adapters.roster_file import RosterFile, read_public_keys
from tests.county.server import PATIENCE_S, ROOT, CountyProcess
from tests.fakes.rosters import FORGERS_KEY, LI, a_roster

pytestmark = pytest.mark.system
SCHOOL = "第一小学"
PEOPLE = 400


class Gate:
    """A gate's folder, its sync as a process, and its roster as the gate's own process looks it up."""

    def __init__(self, folder: Path, county: CountyProcess) -> None:
        folder.mkdir()
        self.path = folder / "foregate.roster"
        self.log = folder / "sync.log"
        self._key_file = folder / "roster.pub"
        self._key_file.write_text(county.command("roster-key") + "\n")
        token = folder / "token"
        token.touch(0o600)
        token.write_text(county.token_of("G1"))
        self._config = folder / "gate.toml"
        self._config.write_text(
            f"""
            gate.id = "G1"
            county = {{ url = "{county.base_url}", token_file = "token", every_s = 0.1 }}
            roster = {{ school = "{SCHOOL}", key_file = "roster.pub", every_s = 1 }}
            """,
            encoding="utf-8",
        )
        self.told: list[str] = []
        self._sync: subprocess.Popen[str] | None = None
        self.source = self.reopened()

    def reopened(self) -> RosterFile:
        return RosterFile(self.path, read_public_keys(self._key_file), SCHOOL, self.told.append)

    def start_sync(self) -> None:
        self._sync = subprocess.Popen(
            [sys.executable, "-m", "edge.app.cli", "sync", "--config", str(self._config)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def hear(self, words: str) -> str:
        """The sync's next line with these words; what it said before is passed over."""
        assert self._sync is not None
        assert self._sync.stdout is not None
        heard = []
        too_long = Timer(PATIENCE_S, self._sync.kill)
        too_long.start()
        try:
            for line in self._sync.stdout:
                heard.append(line)
                if words in line:
                    return line
        finally:
            too_long.cancel()
            too_long.join()
        raise AssertionError(f"the sync ended without saying {words!r}: {heard}")

    def end_sync(self, number: signal.Signals) -> int:
        if self._sync is None:
            return 0
        sync, self._sync = self._sync, None
        sync.send_signal(number)
        code = sync.wait(PATIENCE_S)
        assert sync.stdout is not None
        sync.stdout.close()
        return code


def table(folder: Path, people: int, approved: str) -> Path:
    path = folder / "table.csv"
    rows = "".join(f"S{n:04d},学生{n},学生,{n % 12 + 1}班,B{n},{approved},是\n" for n in range(1, people + 1))
    path.write_text("编号,姓名,角色,班级,卡号,返校批准,健康记录\n" + rows, encoding="gbk")
    return path


@pytest.fixture
def county(tmp_path: Path) -> Iterator[CountyProcess]:
    county = CountyProcess(tmp_path)
    county.start()
    yield county
    county.kill()


@pytest.fixture
def gate(tmp_path: Path, county: CountyProcess) -> Iterator[Gate]:
    gate = Gate(tmp_path / "gate", county)
    yield gate
    gate.end_sync(signal.SIGKILL)


def test_a_roster_arrives_is_replaced_and_outlives_every_kill(
    tmp_path: Path, county: CountyProcess, gate: Gate
) -> None:
    gate.start_sync()
    assert "还没有名单 / there is no roster yet" in gate.hear("import-roster")
    county.command("import-roster", SCHOOL, str(table(tmp_path, PEOPLE, "否")))
    gate.hear(f"roster version 1, {PEOPLE} people")
    assert gate.source.refresh()
    person = gate.source.by_badge("B400")
    assert person is not None
    assert not person.approved

    # Killed without a word; what it had begun lies beside the roster, and the next one goes on.
    assert gate.end_sync(signal.SIGKILL) == -signal.SIGKILL
    part = gate.path.parent / ".foregate.roster.part"
    part.write_bytes(gate.path.read_bytes()[:5_000])
    whole = gate.path.read_bytes()
    assert gate.reopened().header == gate.source.header
    county.command("approve-return", SCHOOL, "--class", "1班")
    gate.start_sync()
    gate.hear(f"roster version 2, {PEOPLE} people")
    assert gate.source.refresh()
    approved = [n for n in range(1, PEOPLE + 1) if (found := gate.source.by_badge(f"B{n}")) and found.approved]
    assert approved == list(range(12, PEOPLE + 1, 12))
    assert not part.exists()

    # The first one, true and signed, put back in the place of the second: refused, and replaced by the sync.
    assert gate.end_sync(signal.SIGTERM) == 0
    aside = tmp_path / "aside"
    aside.write_bytes(whole)
    aside.replace(gate.path)
    assert not gate.source.refresh()
    assert "no newer" in gate.told[-1]
    gate.start_sync()
    gate.hear("roster version 2")
    assert gate.source.header == gate.reopened().header


def test_what_others_put_there_is_refused_and_the_county_s_comes_in_its_place(
    tmp_path: Path, county: CountyProcess, gate: Gate
) -> None:
    county.command("import-roster", SCHOOL, str(table(tmp_path, 5, "是")))
    gate.path.write_bytes(a_roster(99, [LI], school=SCHOOL, key=FORGERS_KEY))
    assert not gate.source.refresh()
    assert "signature" in gate.told[-1]
    gate.start_sync()
    gate.hear("signature")
    gate.hear("roster version 1, 5 people")
    assert gate.source.refresh()
    assert gate.source.by_badge("A1") is None
    assert gate.source.by_badge("B5") is not None

    # Another county's key: its rosters are no rosters here, and the one in force stays.
    gate.end_sync(signal.SIGTERM)
    (county.data / "roster-key").unlink()
    county.command("roster-key")
    county.command("approve-return", SCHOOL, "--class", "2班", "--withdraw")
    gate.start_sync()
    assert "roster version 1" in gate.hear("signature is wrong")
    assert not gate.source.refresh()


def test_a_gate_of_another_school_takes_nothing(tmp_path: Path, county: CountyProcess, gate: Gate) -> None:
    county.command("import-roster", SCHOOL, str(table(tmp_path, 5, "是")))
    text = gate.path.parent / "gate.toml"
    text.write_text(text.read_text(encoding="utf-8").replace(SCHOOL, "第二小学"), encoding="utf-8")
    gate.start_sync()
    gate.hear("第二小学")
    assert not gate.path.exists()
