"""What became of every simulated person: readings against the truth, records against people, the county against all."""

import statistics
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.app.demo_expected import Compared, compare
from edge.app.demo_records import Kept, Truth, county_fingerprints, read_records, read_truth
from edge.core.contents import Measurement, Passage
from edge.core.texts import VERDICTS

__all__ = ["Kept", "Summary", "Truth", "county_fingerprints", "match", "read_records", "read_truth", "summary"]

WIDTH = 52
# Nobody takes longer from their first to their last frame.
PASSING_S = 6.0


@dataclass(frozen=True, slots=True)
class Summary:
    """The end of a demo: in words (both languages), whether anybody passed, and whether all are accounted for.

    as_expected: whether everybody got the verdict that is right for them.
    """

    text: str
    anybody: bool
    nobody_lost: bool
    as_expected: bool

    @property
    def all_is_well(self) -> bool:
        """Somebody passed, and nothing is wrong."""
        return self.nobody_lost and self.as_expected


def match(truths: Sequence[Truth], kept: Sequence[Kept]) -> dict[int, int]:
    """Which person (index) belongs to which record (index): the pairs that were there together the longest."""
    overlaps = [(_overlap_s(truth, one.seen), -i, -j) for i, truth in enumerate(truths) for j, one in enumerate(kept)]
    pairs: dict[int, int] = {}
    for overlap_s, i, j in sorted(overlaps, reverse=True):
        if overlap_s > 0 and -i not in pairs and -j not in pairs.values():
            pairs[-i] = -j
    return pairs


def summary(truths: Sequence[Truth], kept: Sequence[Kept], county: Mapping[str, str], stopped_s: float) -> Summary:
    """Count everybody three times: before the gate, in its file, at the county.

    stopped_s: when the gate was stopped (monotonic). Whoever was on their way past it then is not in the truth yet.
    """
    pairs = match(truths, kept)
    alone = {one.record.seq: one.seen.t_last_s for j, one in enumerate(kept) if one.seen and j not in pairs.values()}
    still_there = [seq for seq, t_last_s in alone.items() if t_last_s > stopped_s - PASSING_S]
    unrecorded = [truth.name for i, truth in enumerate(truths) if i not in pairs]
    unknown = [seq for seq in alone if seq not in still_there]
    missing = [one.record.seq for one in kept if county.get(one.record.uuid) != one.sha256]
    verdicts = Counter[str](one.record.content.verdict for one in kept if isinstance(one.record.content, Passage))
    errors_k = [
        seen.forehead_c - truths[i].forehead_c
        for i, j in pairs.items()
        if (seen := kept[j].seen) is not None and seen.forehead_c is not None
    ]
    at_county = len(kept) - len(missing)
    counts = {
        "走过的模拟人 / simulated people who passed": str(len(truths)),
        **{f"  {text}": str(verdicts[code]) for code, text in VERDICTS.items()},
        "读数误差 / error of the readings": _errors(errors_k),
        "写下的记录 / records written": str(len(kept)),
        "县里已收到 / acknowledged by the county": str(at_county),
    }
    compared = compare(truths, kept, pairs)
    lines = ["", *(_row(name, count) for name, count in counts.items()), *_comparison(compared)]
    if still_there:
        seqs = ", ".join(f"#{seq}" for seq in still_there)
        lines.append(f"停止时仍在闸前 / still before the gate at the end: {seqs}")
    if unrecorded:
        lines.append(f"没有记录的人 / people without a record: {', '.join(unrecorded)}")
    if unknown:
        lines.append(f"没有人的记录 / records without a person: {', '.join(f'#{seq}' for seq in unknown)}")
    if missing:
        lines.append(f"县里没有 / not at the county: {', '.join(f'#{seq}' for seq in missing)}")
    somebody_lost = bool(unrecorded or unknown or missing)
    if somebody_lost:
        lines.append("有人丢失 / SOMEBODY WAS LOST")
    else:
        lines.append(
            "一个不少 / nobody was lost" if kept else "没有人走过，无从验证 / nobody passed: nothing is proved"
        )
    return Summary("\n".join(lines), bool(kept), bool(kept) and not somebody_lost, not compared.wrong)


def _comparison(compared: Compared) -> list[str]:
    """What each of them should have been told, and how many were."""
    if not (compared.people or compared.wrong or compared.by_hand):
        return []
    came = sum(count for count, _ in compared.people.values())
    right = sum(count for _, count in compared.people.values())
    lines = [_row("应有的判定 / the verdict that is right", f"{right} / {came}")]
    lines += [_row(f"  {name}", f"{good} / {count}") for name, (count, good) in compared.people.items()]
    if compared.by_hand:
        lines.append(_row("门卫处理过，不比较 / a guard had a hand in it", str(compared.by_hand)))
    if compared.wrong:
        lines.append("判定与应有的不符 / NOT THE VERDICT THAT IS RIGHT")
        lines += [f"  {line}" for line in compared.wrong]
    return lines


def _row(name: str, count: str) -> str:
    return f"{name}{' ' * max(1, WIDTH - _width(name))}{count}"


def _errors(errors_k: Sequence[float]) -> str:
    if not errors_k:
        return "—"
    spread_k = statistics.stdev(errors_k) if len(errors_k) > 1 else 0.0
    worst_k = max(errors_k, key=abs)
    mean_k = statistics.fmean(errors_k)
    return f"平均 / mean {mean_k:+.2f} K, 标准差 / SD {spread_k:.2f} K, 最差 / worst {worst_k:+.2f} K"


def _width(text: str) -> int:
    """Columns on a terminal: Chinese letters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _overlap_s(truth: Truth, seen: Measurement | None) -> float:
    if seen is None:
        return 0.0
    return min(truth.t_last_s, seen.t_last_s) - max(truth.t_first_s, seen.t_first_s)
