"""What a database's trouble is to a gate: come again, or the disk is full, or look at the log."""

import pytest

from county.core.problems import of_database


@pytest.mark.parametrize(
    ("sqlstate", "code"),
    [
        ("55P03", "busy"),
        ("40P01", "busy"),
        ("57014", "busy"),
        ("53300", "busy"),
        ("53100", "disk_full"),
        ("XX001", "storage"),
    ],
)
def test_postgresql_says_it_by_code_whatever_its_language(sqlstate: str, code: str) -> None:
    assert of_database("文件已锁定 / the file is locked and the disk full", sqlstate).code == code


@pytest.mark.parametrize(
    ("message", "code"),
    [("database is locked", "busy"), ("database or disk is full", "disk_full"), ("malformed", "storage")],
)
def test_sqlite_says_it_in_words(message: str, code: str) -> None:
    assert of_database(message).code == code
