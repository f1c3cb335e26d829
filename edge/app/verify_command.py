"""`foregate verify`: is a gate's file of records whole, by itself and against a head that somebody else has kept."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from edge.adapters.device_key import verifier
from edge.adapters.store_sqlite.reading import looked_into
from edge.core.chain import Break, Head, Row, breaks, is_fingerprint
from edge.core.errors import ConfigError, StoreError

WHOLE, BROKEN = 0, 1
# Once a chain is broken, more of the same teaches nothing.
MOST_TOLD = 20

Announce = Callable[[str], None]


class _Counted:
    """The rows as they go by: how many, how many without content, and the last."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self.count = self.erased = 0
        self.last: Row | None = None

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.count += 1
            self.erased += row.sealed is None
            self.last = row
            yield row


def verify(path: Path, keys: Sequence[str], head: str | None, announce: Announce) -> int:
    """Tell whether the file is whole: 0, or 1 and which records broke it and why.

    keys: the device's public keys (base64); without any those that the file itself names. head: SEQ:SHA256.
    ConfigError: file, key or head cannot be used.
    """
    heads = () if head is None else (head_of(head),)
    found: list[Break] = []
    fault: StoreError | None = None
    with looked_into(path) as looked:
        rows = _Counted(looked.rows)
        by_key = verifier(keys or _usable(looked.keys))
        try:
            for one in breaks(rows, by_key, heads, looked.gate_id):
                found.append(one)
        except StoreError as error:
            fault = error
        _tell(rows, looked.gate_id, keys, looked.keys, announce)
    for one in found[:MOST_TOLD]:
        announce(f"第 {one.seq} 条：{one.why.zh} / record {one.seq}: {one.why.en}")
    if len(found) > MOST_TOLD:
        announce(f"……还有 {len(found) - MOST_TOLD} 处 / ... and {len(found) - MOST_TOLD} more")
    if fault is not None:
        last = 0 if rows.last is None else rows.last.seq
        announce(f"读到第 {last} 条为止 / read as far as record {last}\n{fault}")
    if found or fault is not None:
        announce("记录链不完整：请保留此文件并报告县级管理员 / THE CHAIN IS BROKEN: keep this file, tell the county")
        return BROKEN
    announce("记录链完整 / the chain is whole")
    if head is None:
        announce(
            "仅凭文件看不出末尾是否被截断；请加 --head 与县里存留的链头核对"
            " / whether its end was cut off the file alone cannot tell: compare the county's head"
        )
    return WHOLE


def head_of(text: str) -> Head:
    """SEQ:SHA256, as `foregate verify` prints it. ConfigError: it is none."""
    seq, _, sha256 = text.partition(":")
    if not (seq.isascii() and seq.isdigit() and len(seq) <= 16 and int(seq) >= 1 and is_fingerprint(sha256)):
        raise ConfigError(
            f"--head {text!r} 不是链头；请写 序号:64 位指纹",
            f"--head {text!r} is no head; write SEQ:SHA256 (64 digits)",
        )
    return Head(int(seq), sha256, "")


def _usable(keys: Sequence[str]) -> Sequence[str]:
    """Those that are keys: one that the medium has changed signs nothing, and that shows."""
    usable = []
    for key in keys:
        try:
            verifier([key])
        except ConfigError:
            continue
        usable.append(key)
    return usable


def _tell(rows: _Counted, gate_id: str, given: Sequence[str], own: Sequence[str], announce: Announce) -> None:
    announce(
        f"闸机 {gate_id}：{rows.count} 条记录，其中 {rows.erased} 条的个人内容已按保留期删除"
        f" / gate {gate_id}: {rows.count} records, of which {rows.erased} have had their personal data erased"
    )
    if rows.last is not None:
        announce(f"链头 / head  {rows.last.seq}:{rows.last.sha256}")
    for key in given or own:
        whose = (
            "所给的密钥 / the key given" if given else "文件自带的密钥，请与县里登记的核对 / its own key, compare it"
        )
        announce(f"密钥 / key  {key}  {whose}")
