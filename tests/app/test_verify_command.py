"""`foregate verify`: any change of any record is found, by the file alone or against a head; whole files are whole."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.adapters.store_sqlite import SqliteStore
from edge.app import cli
from edge.app.verify_command import verify
from edge.core.errors import ConfigError, StoreError
from tests.fakes.passages import everything, stamp
from tests.fakes.signing import SIGNER, FakeSigner

RECORDS = 6
COLUMNS = ("seq", "uuid", "kind", "utc_ms", "link", "sealed", "signature", "sha256", "state")


def filled(path: Path, records: int = RECORDS, signer: FakeSigner = SIGNER) -> Path:
    with closing(SqliteStore(path, "gate-1", "0.1.0", "none", signer)) as store:
        for n in range(store.counts()[0], records):
            record = store.append(list(everything(n).values())[n % 4], stamp(n))
            if n % 2:
                store.acknowledge(record.uuid)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return filled(tmp_path / "records.sqlite")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("original") / "records.sqlite")


def head_of(path: Path) -> str:
    with closing(SqliteStore(path, "gate-1", "0.1.0", "none", SIGNER)) as store:
        head = store.head()
        assert head is not None
        return f"{head.seq}:{head.sha256}"


def told(path: Path, *keys: str, head: str | None = None) -> tuple[int, str]:
    said: list[str] = []
    return verify(path, keys, head, said.append), "\n".join(said)


def changed(path: Path, *statements: tuple[str, *tuple[Any, ...]]) -> Path:
    """As somebody would who knows what they do: no trigger stands in the way."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        for name in ("records_stay", "records_stand", "records_are_new"):
            raw.execute(f"DROP TRIGGER IF EXISTS {name}")
        raw.execute("PRAGMA ignore_check_constraints = ON")
        for sql, *values in statements:
            raw.execute(sql, values)
    return path


def test_a_whole_file_is_whole_by_itself_with_its_key_and_against_its_own_and_older_heads(path: Path) -> None:
    older = head_of(path)
    filled(path, RECORDS + 3)
    assert told(path)[0] == 0
    assert told(path, SIGNER.public_key, head=older)[0] == 0
    code, text = told(path, head=head_of(path))
    assert (code, "记录链完整 / the chain is whole" in text, head_of(path) in text) == (0, True, True)


def test_an_empty_file_is_whole_and_has_no_head(tmp_path: Path) -> None:
    path = filled(tmp_path / "r.sqlite", 0)
    assert told(path)[0] == 0
    assert told(path, head="1:" + "a" * 64)[0] == 1


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seq=st.integers(1, RECORDS), column=st.sampled_from(COLUMNS), bit=st.integers(0, 2**20))
def test_any_bit_of_any_column_of_any_record(original: Path, seq: int, column: str, bit: int) -> None:
    path = original.with_name("changed.sqlite")
    shutil.copyfile(original, path)
    with closing(sqlite3.connect(path)) as raw:
        raw.text_factory = bytes
        (value,) = raw.execute(f"SELECT {column} FROM records WHERE seq = ?", (seq,)).fetchone()
    if isinstance(value, int):
        flipped: Any = value ^ (1 << bit % 63)
        cast = "?"
    else:
        data = bytearray(value)
        data[bit // 8 % len(data)] ^= 1 << bit % 8
        flipped, cast = bytes(data), "?" if column in ("link", "sealed") else "CAST(? AS TEXT)"
    try:
        changed(path, (f"UPDATE records SET {column} = {cast} WHERE seq = ?", flipped, seq))
    except sqlite3.IntegrityError:
        assert column == "seq", "one number cannot stand there twice"
        return
    code, text = told(path)
    assert code == 1
    assert f"record {seq}:" in text or column == "seq"


def rows_of(path: Path) -> list[Any]:
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as raw:
        return raw.execute(f"SELECT {', '.join(COLUMNS)} FROM records ORDER BY seq").fetchall()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_any_bit_of_the_whole_file_is_found_or_has_altered_no_record(original: Path, place: float, bit: int) -> None:
    path = original.with_name("flipped.sqlite")
    data = bytearray(original.read_bytes())
    data[int(place * len(data))] ^= 1 << bit
    path.write_bytes(data)
    try:
        code, _ = told(path)
    except (ConfigError, StoreError):
        return
    assert code == 1 or rows_of(path) == rows_of(original)


def test_a_table_whose_name_is_no_text_any_more_is_found_or_has_altered_no_record(path: Path, original: Path) -> None:
    data = original.read_bytes()
    places = [at for at in range(4096) if data.startswith((b"CREATE TABLE", b"gate", b"records", b"keys"), at)]
    damaged = 0
    for at in places:
        path.write_bytes(data[:at] + bytes([data[at] ^ 0x80]) + data[at + 1 :])
        try:
            code, _ = told(path)
        except (ConfigError, StoreError):
            damaged += 1
        else:
            assert code == 1 or rows_of(path) == rows_of(original)
    assert damaged > 5


@pytest.mark.parametrize("seq", range(1, RECORDS))
def test_a_row_that_was_deleted(path: Path, seq: int) -> None:
    code, text = told(changed(path, ("DELETE FROM records WHERE seq = ?", seq)))
    assert code == 1
    assert f"第 {seq} 条：从这一条起有记录缺失 / record {seq}: records are missing" in text


@pytest.mark.parametrize("left", range(RECORDS))
def test_an_end_that_was_cut_off_shows_against_a_head(path: Path, left: int) -> None:
    head = head_of(path)
    changed(path, ("DELETE FROM records WHERE seq > ?", left))
    assert told(path)[0] == 0, "nothing in the file tells of it"
    code, text = told(path, head=head)
    assert (code, f"record {RECORDS}: the file ends before it" in text) == (1, True)


def test_an_older_copy_that_was_put_back_and_written_on_shows_against_a_head(path: Path) -> None:
    older = path.with_name("older.sqlite")
    shutil.copyfile(path, older)
    filled(path, RECORDS + 2)
    head = head_of(path)
    filled(older, RECORDS + 4)
    assert told(older)[0] == 0
    code, text = told(older, head=head)
    assert (code, f"record {RECORDS + 2}: another fingerprint was lodged" in text) == (1, True)


def test_two_rows_that_changed_places(path: Path) -> None:
    swapped = changed(
        path,
        ("UPDATE records SET seq = 99 WHERE seq = 2",),
        ("UPDATE records SET seq = 2 WHERE seq = 3",),
        ("UPDATE records SET seq = 3 WHERE seq = 99",),
    )
    code, text = told(swapped)
    assert (code, "record 2:" in text, "record 3:" in text) == (1, True, True)


def test_a_history_that_was_written_anew_with_another_key_shows_by_the_county_s_key(tmp_path: Path) -> None:
    forged = filled(tmp_path / "r.sqlite", signer=FakeSigner(9))
    assert told(forged)[0] == 0
    code, text = told(forged, SIGNER.public_key)
    assert (code, "record 1: the gate's key did not sign it" in text) == (1, True)
    assert told(forged, SIGNER.public_key, FakeSigner(9).public_key)[0] == 0


def test_a_key_that_was_replaced_leaves_the_older_records_good(path: Path) -> None:
    filled(path, RECORDS + 2, FakeSigner(2))
    assert told(path)[0] == 0


def test_erased_contents_leave_the_chain_whole_but_only_of_what_the_county_has(path: Path) -> None:
    with closing(SqliteStore(path, "gate-1", "0.1.0", "none", SIGNER)) as store:
        assert store.erase_before(2**53) == RECORDS // 2
    code, text = told(path)
    assert (code, f"of which {RECORDS // 2} have had their personal data erased" in text) == (0, True)
    code, text = told(changed(path, ("UPDATE records SET sealed = NULL WHERE seq = 1",)))
    assert (code, "record 1: its content was erased before the county had it" in text) == (1, True)


def test_a_damaged_page_is_told_of_with_how_far_it_was_read(tmp_path: Path) -> None:
    path = filled(tmp_path / "r.sqlite", 200)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xa5" * 4096)
    code, text = told(path)
    assert code == 1
    assert "THE CHAIN IS BROKEN" in text


def test_a_running_gate_s_file_is_read_without_a_byte_changed(path: Path) -> None:
    with closing(SqliteStore(path, "gate-1", "0.1.0", "none", SIGNER)) as store:
        store.append(everything()["event"], stamp(9))
        log = path.with_name(path.name + "-wal")
        before = path.read_bytes(), log.read_bytes()
        code, text = told(path)
        assert (code, f"{RECORDS + 1} records" in text) == (0, True)
        assert (path.read_bytes(), log.read_bytes()) == before
        copy = path.with_name("copy.sqlite")
        shutil.copyfile(path, copy)
        assert f"{RECORDS} records" in told(copy)[1], (
            "a copy without its log is what the file was at the last checkpoint"
        )
        shutil.copyfile(log, copy.with_name("copy.sqlite-wal"))
        assert f"{RECORDS + 1} records" in told(copy)[1]
        assert copy.with_name("copy.sqlite-wal").read_bytes() == before[1]
        store.append(everything()["event"], stamp(10))
    assert sorted(file.name for file in path.parent.iterdir()) == ["copy.sqlite", "copy.sqlite-wal", "records.sqlite"]


@pytest.mark.parametrize("content", [None, b"", b"these are no records" * 300])
def test_what_is_no_file_of_records_cannot_be_checked(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "r.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match="no records' file that can be read"):
        told(path)


def test_a_folder_that_may_not_be_searched_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def may_not(self: Path, **_: Any) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "stat", may_not)
    with pytest.raises(ConfigError, match="Permission denied"):
        told(path)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (name, value)
        for name in COLUMNS
        if name != "seq"
        for value in (None, 1.5, b"\xff" if name != "link" else "text")
    ],
)
def test_a_table_that_was_made_to_hold_anything_breaks_the_chain(path: Path, column: str, value: Any) -> None:
    """Without STRICT and NOT NULL, as whoever writes the file can have it."""
    changed(path, ("DROP TABLE keys",), ("CREATE TABLE keys (public_key)",), ("INSERT INTO keys VALUES (NULL)",))
    changed(path, ("INSERT INTO keys VALUES (?)", SIGNER.public_key))
    names = ", ".join((*COLUMNS, "why"))
    changed(path, ("CREATE TABLE other AS SELECT * FROM records",), ("DROP TABLE records",))
    changed(
        path,
        (f"CREATE TABLE records ({names.replace('seq', 'seq INTEGER PRIMARY KEY')})",),
        (f"INSERT INTO records SELECT {names} FROM other",),
    )
    assert told(path)[0] == 0
    changed(path, (f"UPDATE records SET {column} = ? WHERE seq = 3", value))
    # A content that was erased of a record that the county has is none.
    if (column, value) != ("sealed", None):
        assert told(path)[0] == 1


@pytest.mark.parametrize("head", ["", "7", "0:" + "a" * 64, "7:" + "A" * 64, "x:" + "a" * 64, "7:" + "a" * 63])
def test_what_is_no_head_or_no_key_is_refused(path: Path, head: str) -> None:
    with pytest.raises(ConfigError):
        told(path, head=head)
    with pytest.raises(ConfigError):
        told(path, "AAAA")


def test_the_command_has_three_exit_codes(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", str(path), "--head", head_of(path), "--key", SIGNER.public_key]) == 0
    assert cli.main(["verify", str(path), "--head", "1:" + "a" * 64]) == 1
    assert cli.main(["verify", str(path.with_name("none"))]) == 2
    said = capsys.readouterr()
    assert "the chain is whole" in said.out
    assert "不是可读的记录文件" in said.err
