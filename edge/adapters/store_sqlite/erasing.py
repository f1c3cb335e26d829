"""Which contents may be erased, and how many at a time."""

from collections.abc import Collection, Iterable, Iterator

# Contents erased in one transaction.
BITE = 50

# So a link says that its moment is worth something: it is canonical.
BY_A_SET_CLOCK = b'"synchronised":true'
OLD = """SELECT seq, uuid FROM records WHERE state = 'acknowledged' AND sealed IS NOT NULL AND seq <= (
    SELECT max(seq) FROM records WHERE state = 'acknowledged' AND sealed IS NOT NULL AND instr(link, ?) AND utc_ms < ?)
    ORDER BY seq"""


def bites(old: dict[str, int], together: Iterable[Collection[str]]) -> Iterator[list[int]]:
    """The numbers of what may go (uuid -> seq), so many at a time; what goes together is never parted."""
    bite: list[int] = []
    for group in together:
        found = [old.pop(uuid) for uuid in group if uuid in old]
        bite += found if len(found) == len(group) else []
        if len(bite) >= BITE:
            yield bite
            bite = []
    for seq in sorted(old.values()):
        bite.append(seq)
        if len(bite) >= BITE:
            yield bite
            bite = []
    if bite:
        yield bite
