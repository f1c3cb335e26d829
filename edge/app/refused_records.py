"""`foregate records`: which records the county refuses for ever, why, and how to offer them once more."""

from collections.abc import Callable
from contextlib import closing

from edge.app import bootstrap
from edge.app.config import Config


def show(config: Config, again: bool, announce: Callable[[str], None]) -> int:
    """Announce what was set aside; with `again` offer it to the county once more; 0.

    StoreError: the file cannot be used.
    """
    with closing(bootstrap.open_store(config)) as store:
        written, acknowledged, set_aside = store.counts()
        counts = f"已写 {written}，已送达 {acknowledged}，被拒 {set_aside}"
        announce(f"{counts} / written {written}, acknowledged {acknowledged}, refused {set_aside}")
        for record, why in store.refusals(set_aside):
            name = "----" if record is None else f"#{record.seq:04d}  {record.uuid}"
            announce(f"{name}  {why}")
        if again:
            count = store.offer_again()
            announce(f"{count} 条将重新上传 / {count} will be sent once more")
    return 0
