"""The county of `make two-days`, its two gates and their syncs: each a process of its own."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from edge.adapters.device_key import FILE_NAME, DeviceKey
from edge.adapters.guards_file import add_guard
from edge.app import bootstrap
from edge.app.children import Child
from edge.app.config import Config
from edge.app.config_file import load
from edge.app.demo import random_pin
from edge.core.contents import KINDS
from edge.core.record import Record
from tools.morning_county import _URL, STOP_WITHIN_S, County
from tools.two_days_cast import SCHOOL_A, SCHOOL_B, TOWNSHIP_A, TOWNSHIP_B
from tools.two_days_gate import GUARD

DEADLINE = "23:59"
GATES = {"gate-a": (SCHOOL_A, "一小东门"), "gate-b": (SCHOOL_B, "河西正门")}
ACCOUNTS = {
    "王医生": ("officer", None),
    "张校长": ("school", SCHOOL_A),
    "李校长": ("school", SCHOOL_B),
    "陈工": ("technician", None),
    "审计员": ("auditor", None),
}
_CONFIG = """\
[gate]
id = "{gate_id}"
name = "{name}"
[camera]
kind = "sim"
[pins]
factory = "mock"
[store]
path = "records.sqlite"
[screen]
port = 0
[county]
url = "{url}"
token_file = "token"
every_s = 0.5
[roster]
path = "school.roster"
key_file = "roster.key"
school = "{school}"
"""


@dataclass(frozen=True, slots=True)
class Site:
    """What was set up: the county's address, each account's password, each gate's configuration, the guard's PIN."""

    url: str
    passwords: dict[str, str]
    configs: dict[str, Config]
    pin: str


class TwoSchools(County):
    """See `tools.morning_county.County`; here each gate has a folder and a key of its own."""

    def __init__(self, place: Path, announce: Callable[[str], None]) -> None:
        super().__init__(place, announce)
        self._environment["FOREGATE_COUNTY_REPORT_DEADLINE"] = DEADLINE

    def found(self) -> Site:
        """A county with its accounts and two gates, and no roster yet."""
        (self._place / "county").mkdir()
        self._run("migrate", "--verbosity", "0")
        key = self._run("roster-key")
        for gate_id, (school, name) in GATES.items():
            folder = self._place / gate_id
            folder.mkdir()
            device = DeviceKey(folder / FILE_NAME).public_key
            names = ("--name", name, "--school", school)
            self._run("add-gate", gate_id, *names, "--public-key", device, "--token-file", str(folder / "token"))
            (folder / "roster.key").write_text(key, encoding="ascii")
        for school, township in ((SCHOOL_A, TOWNSHIP_A), (SCHOOL_B, TOWNSHIP_B)):
            self._run("school-township", school, township)
        passwords = {}
        for name, (role, of_school) in ACCOUNTS.items():
            of = () if of_school is None else ("--school", of_school)
            passwords[name] = self._run("add-account", name, "--role", role, *of, "--generate").split()[-1]
        self._run("report-recipient", "王医生", "--line", "bureau")
        self._children["county"] = Child(
            "county", ("county.manage", "serve", "--bind", "127.0.0.1:0"), self._said, self._environment
        )
        match = _URL.search(self._await("county", lambda line: "ready" in line and bool(_URL.search(line))))
        assert match is not None
        url, pin = match[0].rstrip("/"), random_pin()
        configs = {gate_id: self._config(gate_id, url) for gate_id in GATES}
        add_guard(configs["gate-a"].guards_file, GUARD, "王门卫", "guard", pin)
        return Site(url, passwords, configs, pin)

    def start_sync(self, gate_id: str) -> None:
        """Until the gate has its roster."""
        path = str(self._place / gate_id / "gate.toml")
        self._children[f"sync {gate_id}"] = Child(
            f"sync {gate_id}", ("edge.app.cli", "sync", "--config", path), self._said, {}
        )
        self._await(f"sync {gate_id}", lambda line: "roster version" in line)

    def start_gate(self, gate_id: str) -> None:
        """The gate's process, before an empty corridor; until it has said how it is."""
        path = self._place / gate_id / "gate.toml"
        self._children[gate_id] = Child(
            gate_id, ("tools.two_days_gate", "--config", str(path)), self._said, {"PYTHONUNBUFFERED": "1"}
        )
        self._await(gate_id, lambda line: line == "gate is up")

    def stop(self, name: str) -> None:
        """Stop a gate (its id) or its sync ("sync " before it). ForegateError: it failed."""
        child = self._children.pop(name)
        code = child.stop(STOP_WITHIN_S)
        child.end()
        # Its last line is its end, which is no surprise here.
        while (said := self._said.get(timeout=STOP_WITHIN_S)) and (said.child, said.line) != (name, None):
            pass
        assert code == 0, (name, code, list(child.last_lines))

    def _config(self, gate_id: str, url: str) -> Config:
        school, name = GATES[gate_id]
        path = self._place / gate_id / "gate.toml"
        path.write_text(_CONFIG.format(gate_id=gate_id, name=name, url=url, school=school), encoding="utf-8")
        return load(path)


def records_of(config: Config) -> list[Record]:
    """Everything that the gate's own file holds."""
    with closing(bootstrap.open_store(config)) as store:
        return store.recall(set(KINDS))


def waiting_of(config: Config) -> int:
    """How many of them the county has not answered."""
    with closing(bootstrap.open_store(config)) as store:
        written, acknowledged, set_aside = store.counts()
    return written - acknowledged - set_aside
