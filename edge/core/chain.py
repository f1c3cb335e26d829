"""Whether a gate's records are all there and as they were written: the rows of its file -> where the chain breaks.

Each record names the fingerprint of the one before it, and the gate's key signs each link. So a byte that was altered,
a row that was taken out, put in or moved shows by the file alone. An end that was cut off, and a file that was put back
to an older state, do not: for that somebody else must have kept a head (`Head`), the county.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from edge.core.errors import RecordError
from edge.core.record import NOTHING_BEFORE, SHA256, SIGNATURE, Link, Parts, Verify, is_signed, parse_link, sha256
from edge.core.texts import Text

STATES = ("waiting", "acknowledged", "set_aside")


@dataclass(frozen=True, slots=True)
class Head:
    """The last record of a gate at some time. sha256: its fingerprint; signature: base64.

    It covers all records before it, so two gates' files with the same head are the same.
    """

    seq: int
    sha256: str
    signature: str


@dataclass(frozen=True, slots=True)
class Row:
    """A record as the file holds it. sealed: None once it was erased; state: one of STATES."""

    seq: int
    uuid: str
    kind: str
    utc_ms: int
    link: bytes
    sealed: bytes | None
    signature: str
    sha256: str
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Break:
    """The record `seq` is not what it should be. code: of BREAKS."""

    seq: int
    code: str

    @property
    def why(self) -> Text:
        return BREAKS[self.code]


BREAKS = {
    "hole": Text("从这一条起有记录缺失", "records are missing from this one on"),
    "no_link": Text("记录头不是有效内容", "its link is not valid"),
    "other_gate": Text("属于另一台闸机", "it is another gate's"),
    "not_after": Text(
        "与前一条不衔接：前一条、这一条被改动，或其间有增删",
        "it does not follow the record before: one of the two was altered, or something put in or taken out",
    ),
    "signature": Text("签名不是本机密钥所签", "the gate's key did not sign it"),
    "content": Text("内容与其指纹不符", "the content is not the one that was signed"),
    "erased": Text("内容在县里收到之前已被删除", "its content was erased before the county had it"),
    "columns": Text("检索列与记录不符", "the columns to look it up do not say what the record says"),
    "state": Text("送达状态无效", "its state of delivery is none"),
    "cut_off": Text(
        "文件在此之前结束：末尾被截断，或放回了旧文件", "the file ends before it: cut off, or an older copy"
    ),
    "other_head": Text(
        "与县里存留的指纹不同：历史被改写，或换了文件", "another fingerprint was lodged: history was rewritten"
    ),
}


def breaks(
    rows: Iterable[Row], verify: Verify, heads: Sequence[Head] = (), gate_id: str | None = None
) -> Iterator[Break]:
    """Where the chain of these rows breaks, in the order of seq; nothing: it is whole.

    rows: all of a file, by seq. verify: message, signature -> whether the gate's key made it. heads: what somebody else
    knows of this gate (their signatures are not looked at). gate_id None: the first record's.
    """
    lodged = {head.seq: head.sha256 for head in heads}
    expected, before = 1, NOTHING_BEFORE
    for row in rows:
        if row.seq != expected:
            yield Break(expected, "hole")
        link = _link(row)
        if link is None:
            yield Break(row.seq, "no_link")
        else:
            gate_id = gate_id or link.gate_id
            if link.gate_id != gate_id:
                yield Break(row.seq, "other_gate")
            # After a hole nothing is said of what cannot fit.
            if row.seq == expected and link.previous_sha256 != before:
                yield Break(row.seq, "not_after")
            yield from _of_one(row, link)
        if not _is_signed(row, verify):
            yield Break(row.seq, "signature")
        before = sha256(row.link)
        if lodged.get(row.seq, before) != before:
            yield Break(row.seq, "other_head")
        expected = row.seq + 1
    yield from (Break(seq, "cut_off") for seq in sorted(lodged) if seq >= expected)


def is_fingerprint(text: str) -> bool:
    """Whether this can be a fingerprint: 64 hexadecimal digits in lower case."""
    return SHA256.fullmatch(text) is not None


def _link(row: Row) -> Link | None:
    try:
        return parse_link(row.link)
    except RecordError:
        return None


def _of_one(row: Row, link: Link) -> Iterator[Break]:
    if row.sealed is None:
        if row.state != "acknowledged":
            yield Break(row.seq, "erased")
    elif sha256(row.sealed) != link.content_sha256:
        yield Break(row.seq, "content")
    columns = (row.seq, row.uuid, row.kind, row.utc_ms, row.sha256)
    if columns != (link.seq, link.uuid, link.kind, link.decided.utc_ms, sha256(row.link)):
        yield Break(row.seq, "columns")
    if row.state not in STATES or (row.why and row.state != "set_aside"):
        yield Break(row.seq, "state")


def _is_signed(row: Row, verify: Verify) -> bool:
    if SIGNATURE.fullmatch(row.signature) is None:
        return False
    return is_signed(Parts(row.link, row.sealed or b"", row.signature), verify)
