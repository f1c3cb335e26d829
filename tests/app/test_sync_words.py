"""What the sync says in the journal: a line for each change of its state, in both languages."""

from edge.app.sync_loop import SyncEvent
from edge.app.sync_service import Words
from edge.core.texts import Text

SLOW = Text("网络不通", "the network is down")


def test_counts_alone_are_not_worth_a_line_and_every_other_change_is() -> None:
    lines: list[str] = []
    words = Words(lines.append)
    for event in (
        SyncEvent(waiting=900),
        SyncEvent(sent=500, acknowledged=500, waiting=400),
        SyncEvent(sent=900, acknowledged=900),
        SyncEvent(sent=900, acknowledged=900, failure=SLOW),
        SyncEvent(sent=901, acknowledged=901),
        SyncEvent(sent=901, acknowledged=901, again=120, waiting=120),
        SyncEvent(sent=1021, acknowledged=1020, set_aside=1, again=120),
    ):
        words(event)
    assert lines[:2] == [
        "已送达 0，待送 900，被拒 0 / acknowledged 0, waiting 900, set aside 0",
        "已送达 900，待送 0，被拒 0 / acknowledged 900, waiting 0, set aside 0",
    ]
    assert "网络不通" in lines[2]
    assert "the network is down" in lines[2]
    assert "县里丢失后重送 120" in lines[4]
    assert "sent again 120" in lines[4]
    assert "被拒 1" in lines[5]
    assert len(lines) == 6
