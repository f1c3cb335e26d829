"""The records' file: what is refused, what happens when the medium fails, two processes at once."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edge.adapters.store_sqlite import SqliteStore, opening
from edge.core.errors import DamagedError, StoreError
from edge.core.record import Record
from tests.fakes.mounts import CAN_MOUNT, with_mount
from tests.fakes.passages import override, passage, stamp
from tests.fakes.signing import SIGNER

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = "(seq, uuid, kind, utc_ms, link, sealed, signature, sha256)"
can_mount = pytest.mark.skipif(not CAN_MOUNT, reason="needs root and unshare, to mount a small disk")


def opened(path: Path, gate_id: str = "gate-1") -> SqliteStore:
    return SqliteStore(path, gate_id, "0.1.0", "none", SIGNER)


def filled(path: Path, records: int = 40) -> Path:
    store = opened(path)
    for n in range(records):
        store.append(passage(n), stamp(n))
    store.close()
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite"


def test_records_are_there_after_closing_and_opening(path: Path) -> None:
    store = opened(path)
    first, second = store.append(passage(), stamp()), store.append(passage(1), stamp(1))
    store.acknowledge(first.uuid)
    store.close()
    again = opened(path)
    assert [record for record, _ in again.unsent(10)] == [second]
    assert again.append(passage(2), stamp(2)).seq == 3
    assert again.counts() == (3, 1, 0)
    again.close()


def test_a_commit_waits_for_the_medium(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connections = watched(monkeypatch)
    store = opened(path)
    assert connections[0].execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connections[0].execute("PRAGMA synchronous").fetchone() == (2,), "2 is FULL: https://sqlite.org/pragma.html"
    store.close()


def test_nobody_else_on_the_board_reads_the_file(path: Path) -> None:
    before = os.umask(0)
    try:
        store = opened(path)
        store.append(passage(), stamp())
    finally:
        os.umask(before)
    assert {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {
        "records.sqlite": 0o640,
        "records.sqlite-wal": 0o640,
        "records.sqlite-shm": 0o640,
    }
    store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM records WHERE seq = 2",
        "UPDATE records SET link = x'00'",
        "UPDATE records SET sealed = x'00'",
        "UPDATE records SET sealed = NULL",
        "UPDATE records SET sealed = NULL, state = 'acknowledged'",
        "UPDATE records SET signature = 'x'",
        "UPDATE records SET seq = 9 WHERE seq = 3",
        "UPDATE records SET rowid = 9 WHERE seq = 3",
        "UPDATE OR REPLACE records SET _rowid_ = 1 WHERE seq = 3",
        "UPDATE records SET uuid = 'x' WHERE seq = 3",
        "UPDATE records SET sha256 = 'x'",
        "UPDATE records SET kind = 'event'",
        "UPDATE records SET utc_ms = 0",
        f"REPLACE INTO records {COLUMNS} VALUES (2, 'x', 'event', 0, x'00', x'00', 'x', 'x')",
        f"REPLACE INTO records {COLUMNS} SELECT seq, 'x', kind, 0, x'00', x'00', 'x', 'x' FROM records",
        f"INSERT OR REPLACE INTO records {COLUMNS} SELECT 9, uuid, kind, 0, x'00', x'00', 'x', 'x' FROM records",
        f"""INSERT INTO records {COLUMNS} VALUES (2, 'x', 'event', 0, x'00', x'00', 'x', 'x')
            ON CONFLICT DO UPDATE SET link = excluded.link""",
    ],
)
def test_records_can_be_neither_deleted_nor_rewritten(path: Path, statement: str) -> None:
    filled(path, 3)
    raw = sqlite3.connect(path)
    before = raw.execute("SELECT * FROM records").fetchall()
    with pytest.raises(sqlite3.IntegrityError, match="a record is never"):
        raw.execute(statement)
    assert raw.execute("SELECT * FROM records").fetchall() == before
    raw.close()


# --- files that are refused ------------------------------------------------------------------------------------------


def folder_is_missing(path: Path) -> None:
    path.parent.rmdir()


def is_a_folder(path: Path) -> None:
    path.mkdir()


def is_text(path: Path) -> None:
    path.write_text("these are no records\n" * 200)


def is_short_text(path: Path) -> None:
    path.write_text("no")


def is_cut_in_half(path: Path) -> None:
    size = filled(path).stat().st_size
    os.truncate(path, size // 2)


def has_a_damaged_page(path: Path) -> None:
    with filled(path).open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xa5" * 4096)


def has_a_damaged_header(path: Path) -> None:
    with filled(path).open("r+b") as file:
        file.write(b"\xa5" * 100)


def is_another_programs(path: Path) -> None:
    raw = sqlite3.connect(path)
    raw.execute("CREATE TABLE photos (name TEXT)")
    raw.close()


def has_another_programs_id(path: Path) -> None:
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA application_id = 1234")
    raw.execute("PRAGMA user_version = 1")
    raw.close()


def is_newer(path: Path) -> None:
    raw = sqlite3.connect(filled(path))
    raw.execute(f"PRAGMA user_version = {opening.SCHEMA + 1}")
    raw.close()


def is_older(path: Path) -> None:
    raw = sqlite3.connect(filled(path))
    raw.execute(f"PRAGMA user_version = {opening.SCHEMA - 1}")
    raw.close()


def is_another_gates(path: Path) -> None:
    opened(path, "gate-2").close()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (folder_is_missing, "folder exists"),
        (is_a_folder, "plain file"),
        (is_text, "foregate salvage"),
        (is_short_text, "foregate salvage"),
        (is_cut_in_half, "foregate salvage"),
        (has_a_damaged_page, "foregate salvage"),
        (has_a_damaged_header, "foregate salvage"),
        (is_another_programs, "another program's database"),
        (has_another_programs_id, "another program's database"),
        (is_newer, "upgrade"),
        (is_older, "let the older software send all its records"),
        (is_another_gates, "belongs to gate gate-2"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_left_as_it_is(
    tmp_path: Path, make: Callable[[Path], None], words: str
) -> None:
    path = tmp_path / "folder" / "records.sqlite"
    path.parent.mkdir()
    make(path)
    before = path.read_bytes() if path.is_file() else None
    open_files = len(os.listdir("/proc/self/fd"))
    with pytest.raises(StoreError) as caught:
        opened(path)
    assert words in caught.value.en
    assert "；请" in caught.value.zh
    assert str(path) in caught.value.zh
    assert (path.read_bytes() if path.is_file() else None) == before
    assert len(os.listdir("/proc/self/fd")) == open_files


def test_whatever_the_medium_does_to_the_file_is_a_fault_that_is_told_and_no_defect(path: Path) -> None:
    whole = filled(path).read_bytes()
    dice = random.Random(20)
    refused = 0
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(dice.choice((1, 5, 50))):
            # Half of it where the tables' names and the first pages are.
            damaged[dice.randrange(len(whole) if dice.random() < 0.5 else 16_384)] = dice.randrange(256)
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        path.write_bytes(damaged)
        try:
            with closing(opened(path)) as store:
                store.counts()
                store.head()
                store.last_decided()
                store.recall(["passage"])
                store.unsent(100)
                store.append(passage(), stamp())
        except StoreError:
            refused += 1
    assert 0 < refused < 150


def test_a_table_s_name_that_is_no_text_any_more_is_a_damaged_file(path: Path) -> None:
    whole = filled(path).read_bytes()
    # SQLite's complaint about it quotes the name.
    path.write_bytes(whole.replace(b"CREATE TABLE records", b"CREATE TABLE rec\xff\xfeds"))
    with pytest.raises(DamagedError):
        opened(path).close()


def is_moved(path: Path) -> None:
    path.rename(path.with_name("moved"))


def is_deleted(path: Path) -> None:
    path.unlink()


def is_replaced(path: Path) -> None:
    path.rename(path.with_name("moved"))
    shutil.copyfile(path.with_name("moved"), path)


def has_its_folder_moved(path: Path) -> None:
    path.parent.rename(path.parent.with_name("moved folder"))


@pytest.mark.parametrize("happens", [is_moved, is_deleted, is_replaced, has_its_folder_moved])
def test_a_file_that_goes_away_under_an_open_store_takes_no_more_records(
    tmp_path: Path, happens: Callable[[Path], None]
) -> None:
    path = tmp_path / "folder" / "records.sqlite"
    path.parent.mkdir()
    store = opened(path)
    record = store.append(passage(), stamp())
    happens(path)
    acts: list[Callable[[], object]] = [
        lambda: store.append(passage(), stamp()),
        lambda: store.acknowledge(record.uuid),
        lambda: store.unsent(1),
        lambda: store.recall(["passage"]),
        store.counts,
        store.offer_again,
    ]
    for act in acts:
        with pytest.raises(StoreError) as caught:
            act()
        assert "put the file back" in caught.value.en
        assert "请把原文件放回原处" in caught.value.zh
    store.close()


def test_a_file_that_was_put_back_is_written_on(path: Path) -> None:
    store = opened(path)
    store.append(passage(), stamp())
    is_moved(path)
    with pytest.raises(StoreError):
        store.append(passage(), stamp())
    path.with_name("moved").rename(path)
    assert store.append(passage(), stamp()).seq == 2
    assert store.counts() == (2, 0, 0)
    store.close()


def test_a_file_cut_short_under_an_open_store_is_told_of(path: Path) -> None:
    filled(path)
    store = opened(path)
    os.truncate(path, 4096)
    with pytest.raises(StoreError) as caught:
        store.unsent(100)
    assert "foregate salvage" in caught.value.en or "medium" in caught.value.en
    store.close()


def test_a_record_that_the_medium_changed_is_set_aside_and_the_others_are_sent(path: Path) -> None:
    store = opened(path)
    first, second = store.append(passage(), stamp()), store.append(passage(1), stamp(1))
    third = store.append(passage(2), stamp(2))
    raw = sqlite3.connect(path)
    (sealed,) = raw.execute("SELECT sealed FROM records WHERE seq = 1").fetchone()
    lie = sealed.replace(b"36.125", b"36.124")
    assert lie != sealed
    raw.execute("DROP TRIGGER records_stand")
    raw.execute("UPDATE records SET sealed = ? WHERE seq = 1", (lie,))
    # Not even with the right fingerprint: these are the bytes of another record.
    raw.execute(
        """UPDATE records SET link = other.link, sealed = other.sealed, signature = other.signature,
        sha256 = other.sha256 FROM (SELECT * FROM records WHERE seq = 3) AS other WHERE records.seq = 2"""
    )
    raw.commit()
    raw.close()
    assert store.recall(["passage"]) == [third]
    assert [record for record, _ in store.unsent(1)] == [third]
    assert store.counts() == (3, 0, 2)
    assert [(record, "damaged" in why) for record, why in store.refusals(10)] == [(None, True), (None, True)]
    assert (first.seq, second.seq) == (1, 2)
    store.close()


def test_what_was_set_aside_is_listed_with_its_reason_and_can_be_offered_again(path: Path) -> None:
    store = opened(path)
    records = [store.append(passage(n), stamp(n)) for n in range(4)]
    store.set_aside(records[0].uuid, "拒收 / refused")
    store.set_aside(records[1].uuid, "拒收 / refused")
    store.acknowledge(records[1].uuid)
    store.set_aside(records[2].uuid, "too large")
    assert store.refusals(10) == [(records[0], "拒收 / refused"), (records[2], "too large")]
    assert store.refusals(1) == [(records[0], "拒收 / refused")]
    assert store.offer_again() == 2
    assert store.refusals(10) == []
    assert [record.seq for record, _ in store.unsent(10)] == [1, 3, 4]
    store.close()


def test_nothing_of_an_erased_content_is_left_on_the_medium(path: Path) -> None:
    store = opened(path)
    for n in range(120):
        store.acknowledge(store.append(override(n), stamp(n)).uuid)
    word = "忘带校园卡".encode()
    everywhere = [path, path.with_name(path.name + "-wal")]
    assert any(word in file.read_bytes() for file in everywhere)
    assert store.erase_before(stamp(1000).utc_ms) == 120
    assert not any(word in file.read_bytes() for file in everywhere)
    assert store.erased(0, 2**53) == 120
    store.close()


def test_a_damaged_end_keeps_nobody_from_being_written_down(path: Path) -> None:
    filled(path, 3)
    raw = sqlite3.connect(path)
    raw.execute("DROP TRIGGER records_stand")
    raw.execute("UPDATE records SET sha256 = 'x' || sha256, link = x'00' WHERE seq = 3")
    raw.commit()
    raw.close()
    store = opened(path)
    assert store.last_decided() is None
    assert store.append(passage(), stamp()).seq == 4
    store.close()


# --- a medium that fails ---------------------------------------------------------------------------------------------


def watched(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """The connections that are opened from now on."""
    connections: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def watch(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connections.append(connect(*args, **kwargs))
        return connections[-1]

    monkeypatch.setattr(sqlite3, "connect", watch)
    return connections


def filled_up(store: SqliteStore) -> tuple[list[Record], StoreError]:
    written: list[Record] = []
    while len(written) < 1000:
        try:
            written.append(store.append(passage(), stamp()))
        except StoreError as error:
            return written, error
    pytest.fail("there was room for a thousand records")


def test_a_full_file_loses_nothing_and_goes_on_when_there_is_room(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connections = watched(monkeypatch)
    store = opened(path)
    (pages,) = connections[0].execute("PRAGMA page_count").fetchone()
    connections[0].execute(f"PRAGMA max_page_count = {pages + 3}")
    written, fault = filled_up(store)
    assert "disk is full" in fault.en
    assert "磁盘已满" in fault.zh
    with pytest.raises(StoreError):
        store.append(passage(), stamp())
    assert [record for record, _ in store.unsent(1000)] == written
    connections[0].execute("PRAGMA max_page_count = 100000")
    assert store.append(passage(), stamp()).seq == len(written) + 1
    store.close()


def script(code: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code)]


def run(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


FILL = """
    import os, pathlib, sys
    from edge.adapters.store_sqlite import SqliteStore
    from edge.core.errors import StoreError
    from tests.fakes.signing import SIGNER
    from tests.fakes.passages import passage, stamp

    folder = pathlib.Path(sys.argv[1])
    (folder / "ballast").write_bytes(bytes(300_000))
    store = SqliteStore(folder / "records.sqlite", "gate-1", "0.1.0", "none", SIGNER)
    written = []
    try:
        while True:
            written.append(store.append(passage(), stamp()))
    except StoreError as error:
        print(error.en)
    try:
        store.acknowledge(written[0].uuid)
    except StoreError as error:
        print(error.en)
    else:
        print("acknowledged in what room was left")
    assert [record for record, _ in store.unsent(100_000)][-10:] == written[-10:]
    (folder / "ballast").unlink()
    record = store.append(passage(), stamp())
    assert record.seq == len(written) + 1, (record.seq, len(written))
    store.acknowledge(written[0].uuid)
    assert store.counts() == (len(written) + 1, 1, 0)
    store.close()
    again = SqliteStore(folder / "records.sqlite", "gate-1", "0.1.0", "none", SIGNER)
    assert again.counts() == (len(written) + 1, 1, 0)
    assert [r for r, _ in again.unsent(100_000)] == [*written[1:], record]
    print("all there", len(written))
"""


# One megabyte is full before the write-ahead log is first copied back into the file, eight are full after it.
@can_mount
@pytest.mark.parametrize(("size", "least"), [("1m", 20), ("8m", 300)])
def test_a_real_full_disk_loses_nothing_and_goes_on_when_there_is_room(tmp_path: Path, size: str, least: int) -> None:
    mount = f"mount -t tmpfs -o size={size} small {tmp_path}"
    told = run(with_mount(mount, *script(FILL), str(tmp_path))).splitlines()
    assert "disk is full" in told[0]
    assert "disk is full" in told[1] or "room" in told[1]
    assert told[2].startswith("all there")
    assert int(told[2].split()[-1]) > least
    assert list(tmp_path.iterdir()) == [], "the small disk was private to the process"


@can_mount
def test_no_room_for_a_new_file_is_told_of(tmp_path: Path) -> None:
    code = """
        import pathlib, sys
        from edge.adapters.store_sqlite import SqliteStore
        from edge.core.errors import StoreError
        from tests.fakes.signing import SIGNER

        folder = pathlib.Path(sys.argv[1])
        try:
            (folder / "ballast").write_bytes(bytes(2_000_000))
        except OSError:
            pass
        try:
            SqliteStore(folder / "records.sqlite", "gate-1", "0.1.0", "none", SIGNER)
        except StoreError as error:
            print(error)
        (folder / "ballast").unlink()
        print(SqliteStore(folder / "records.sqlite", "gate-1", "0.1.0", "none", SIGNER).counts())
    """
    mount = f"mount -t tmpfs -o size=256k small {tmp_path}"
    told = run(with_mount(mount, *script(code), str(tmp_path))).splitlines()
    assert "磁盘已满" in told[0]
    assert "disk is full" in told[1]
    assert told[2] == "(0, 0, 0)"


REFUSED = """
    import pathlib, sys
    from edge.adapters.store_sqlite import SqliteStore
    from edge.core.errors import StoreError
    from tests.fakes.signing import SIGNER

    try:
        SqliteStore(pathlib.Path(sys.argv[1]), "gate-1", "0.1.0", "none", SIGNER)
    except StoreError as error:
        print(error)
"""


@can_mount
@pytest.mark.parametrize("exists", [True, False])
def test_a_read_only_disk_is_told_of(tmp_path: Path, exists: bool) -> None:
    path = tmp_path / "records.sqlite"
    if exists:
        filled(path)
    mount = f"mount --bind {tmp_path} {tmp_path} && mount -o remount,bind,ro {tmp_path}"
    zh, en = run(with_mount(mount, *script(REFUSED), str(path))).splitlines()
    assert "只读" in zh or "可写" in zh
    assert "writable" in en or "read-only" in en


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into read-only folders")
def test_a_read_only_folder_is_told_of(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(StoreError) as caught:
            opened(tmp_path / "records.sqlite")
    finally:
        tmp_path.chmod(0o755)
    assert "writable" in caught.value.en


def test_a_failing_medium_loses_nothing_and_the_same_store_works_again(path: Path) -> None:
    code = """
        import pathlib, resource, sys
        from edge.adapters.store_sqlite import SqliteStore
        from edge.core.errors import StoreError
        from tests.fakes.signing import SIGNER
        from tests.fakes.passages import passage, stamp

        store = SqliteStore(pathlib.Path(sys.argv[1]), "gate-1", "0.1.0", "none", SIGNER)
        written = [store.append(passage(), stamp()) for _ in range(5)]
        # Every write beyond this size now fails in the kernel.
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        try:
            store.append(passage(), stamp())
        except StoreError as error:
            print(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        written.append(store.append(passage(), stamp()))
        assert [record for record, _ in store.unsent(10)] == written, written
        print(written[-1].seq)
    """
    zh, en, seq = run([*script(code), str(path)]).splitlines()
    assert "存储介质" in zh
    assert "medium" in en
    assert seq == "6"


# --- two processes ---------------------------------------------------------------------------------------------------


def test_neither_process_holds_the_file_between_two_calls(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.adapters.store_sqlite.store.BUSY_TIMEOUT_S", 0.0)
    gate, sync = opened(path), opened(path)
    for n in range(30):
        gate.append(passage(n), stamp(n))
        ((record, _),) = sync.unsent(1)
        gate.append(passage(n), stamp(n))
        if n % 3:
            sync.acknowledge(record.uuid)
        else:
            sync.set_aside(record.uuid, "refused")
        assert gate.counts() == sync.counts() == (2 * n + 2, n - n // 3, n // 3 + 1)
    gate.close()
    sync.close()


def test_a_tool_that_holds_the_file_is_named_and_waited_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.adapters.store_sqlite.store.BUSY_TIMEOUT_S", 0.01)
    store = opened(path)
    tool = sqlite3.connect(path, isolation_level=None)
    tool.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as caught:
        store.append(passage(), stamp())
    assert "another program" in caught.value.en
    assert store.counts() == (0, 0, 0), "reading needs no lock"
    tool.execute("ROLLBACK")
    tool.close()
    assert store.append(passage(), stamp()).seq == 1
    store.close()


@pytest.mark.parametrize("statement", ["application_id", "user_version", "sqlite_schema"])
def test_tables_that_another_process_makes_during_the_check_are_not_taken_for_foreign(
    path: Path, statement: str
) -> None:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    others: list[SqliteStore] = []

    def other_process_makes_them_after(sql: str) -> None:
        if statement in sql and not others:
            others.append(opened(path))

    db.set_trace_callback(other_process_makes_them_after)
    opening.refuse_foreign(path, db)
    db.set_trace_callback(None)
    assert others, "the check has changed its statements: this test would see nothing"
    opening.refuse_foreign(path, db)
    db.close()
    others[0].close()


def test_processes_that_start_at_the_same_moment_share_one_new_file(path: Path) -> None:
    code = """
        import pathlib, sys
        from edge.adapters.store_sqlite import SqliteStore
        from tests.fakes.passages import passage, stamp
        from tests.fakes.signing import SIGNER

        print("ready", flush=True)
        sys.stdin.readline()
        store = SqliteStore(pathlib.Path(sys.argv[1]), "gate-1", "0.1.0", "none", SIGNER)
        for n in range(25):
            record = store.append(passage(n), stamp(n))
            print(record.seq, record.uuid)
    """
    processes = [
        subprocess.Popen([*script(code), str(path)], cwd=ROOT, stdin=-1, stdout=-1, stderr=-1, text=True)
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    written = []
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        written += [(int(seq), uuid) for seq, uuid in (line.split() for line in out.splitlines())]
    assert [seq for seq, _ in sorted(written)] == list(range(1, 101))
    store = opened(path)
    assert [(record.seq, record.uuid) for record, _ in store.unsent(1000)] == sorted(written)
    store.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for others")
def test_what_root_makes_belongs_to_whom_the_folder_does(tmp_path: Path) -> None:
    folder = tmp_path / "foregate"
    folder.mkdir()
    os.chown(folder, 4711, 4712)
    store = SqliteStore(folder / "r.sqlite", "G1", "0.1.0", "none", SIGNER)
    store.append(passage(), stamp())
    owners = {(one.stat().st_uid, one.stat().st_gid) for one in folder.iterdir()}
    store.close()
    assert owners == {(4711, 4712)}


def test_erasing_does_not_keep_the_gate_waiting_for_somebody_who_reads(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.adapters.store_sqlite.store.BUSY_TIMEOUT_S", 600.0)
    store = SqliteStore(path, "G1", "0.1.0", "none", SIGNER)
    store.acknowledge(store.append(passage(), stamp()).uuid)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM records").fetchone() == (1,)
        erasing = threading.Thread(target=store.erase_before, args=(stamp(9).utc_ms,), daemon=True)
        erasing.start()
        erasing.join(60.0)
        assert not erasing.is_alive(), "it waits for the reader, and whoever writes would wait for it"
    assert store.append(passage(1), stamp(1)).seq == 2
    store.close()
