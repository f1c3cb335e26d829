"""The page of what was seen on simulated boards: what a log said, no more, and the other sections stay."""

from pathlib import Path

from tools import proved

UNITTEST = """\
test_a_spike_is_nothing (tests.rig.guest_lines.Lines.test_a_spike_is_nothing) ... ok
test_it_hangs (tests.rig.guest_lines.Lines.test_it_hangs)
Somebody hangs. ... 07:00:01 a log line
ok
test_it_dies (tests.rig.guest_lines.Lines.test_it_dies) ... FAIL

======================================================================
FAIL: test_it_dies (tests.rig.guest_lines.Lines.test_it_dies)
----------------------------------------------------------------------
AssertionError: it is ok no more

----------------------------------------------------------------------
Ran 3 tests in 1.0s

FAILED (failures=1)
"""


def written(tmp_path: Path, name: str, said: str) -> str:
    log, page = tmp_path / "log.txt", tmp_path / "page.md"
    log.write_text(said, encoding="utf-8")
    proved.main(name, log, page)
    return page.read_text(encoding="utf-8")


def test_each_test_has_its_own_result(tmp_path: Path) -> None:
    page = written(tmp_path, "guest_lines", UNITTEST)
    assert [line for line in page.splitlines() if line.startswith(("ok", "FAIL", "ERROR"))] == [
        "ok      a spike is nothing",
        "ok      it hangs",
        "FAIL    it dies",
    ]


def test_a_log_that_breaks_off_says_so(tmp_path: Path) -> None:
    assert "not finished" in written(tmp_path, "guest_lines", UNITTEST.partition("\n---")[0])
    assert "not finished" in written(tmp_path, "arm64", "....")


def test_the_other_sections_stay_and_its_own_is_replaced(tmp_path: Path) -> None:
    written(tmp_path, "host_power", "vm: booted in 20 s\nok: shut whenever it was looked at (9 times)\n")
    written(tmp_path, "arm64", "...\n612 passed, 3 skipped in 4711.08s (1:18:31)\n")
    page = written(tmp_path, "host_power", "ok: shut whenever it was looked at (10 times)\n")
    assert "(10 times)" in page
    assert "(9 times)" not in page
    assert "booted" not in page
    assert "612 passed, 3 skipped\n" in page
    assert [line for line in page.splitlines() if line.startswith("## ")] == ["## arm64", "## host_power"]
