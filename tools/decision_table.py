"""The document of all verdicts: who x what was measured x when, computed by the very function that decides at the gate.

python -m tools.decision_table docs/decision-table.md
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from edge.core.contents import Finding, Measurement, Verdict
from edge.core.decision import Decision, LocalTime, Who, decide, may_override
from edge.core.entry_policy import NOT_MEASURED, REASONS, EntryPolicy, Reason
from edge.core.roster import EntryWindow, Person
from edge.core.texts import REASONS as REASON_TEXTS
from edge.core.texts import VERDICTS, Text

Language = Literal["zh", "en"]
Say = Callable[[Text], str]
# A verdict, and who can let them in all the same (None: it is a pass).
Cell = tuple[Verdict, Text | None]

POLICY = EntryPolicy()
TODAY, YESTERDAY, TOMORROW = "2026-03-02", "2026-03-01", "2026-03-03"
WINDOWS = {"3-1": EntryWindow("3-1", "三年级一班", 7 * 60, 7 * 60 + 30)}
CROWD_C = 34.0

_PUPIL = Person("p1", "李雷", "pupil", "3-1", ("A1",), True, None, True)
_STAFF = replace(_PUPIL, role="staff", class_id=None)
_VISITOR = replace(_STAFF, role="visitor", valid_from=TODAY, valid_until=TODAY)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the camera told of a visit, and what kept badge and face apart."""

    measurement: Measurement | None
    obstacle: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What one language says around the two tables."""

    title: str
    opening: str
    reasons: str
    reasons_head: str
    matrix: str
    matrix_opening: str
    matrix_head: str


def _known(person: Person, *, inside: bool = False, open_case: bool = False) -> Who:
    return Who("known", person, inside, open_case)


def _measured(finding: Finding, reason: str, forehead_c: float | None) -> Measurement:
    return Measurement(100.0, 101.0, 9, forehead_c, 35.6, 0.2, 34.0, 36.0, 37.0, 35.9, finding, reason)


_NORMAL = _measured("pass", "ok", 34.6)

WHO: dict[str, tuple[Text, Who]] = {
    "not_asked": (Text("不问身份的场所", "site that asks nobody"), Who("not_asked")),
    "pupil": (Text("学生，一切齐全", "pupil, all in order"), _known(_PUPIL)),
    "staff": (Text("教职工", "staff"), _known(_STAFF)),
    "guard": (Text("门卫", "guard"), _known(replace(_STAFF, role="guard"))),
    "medic": (Text("校医", "medic"), _known(replace(_STAFF, role="medic"))),
    "visitor": (Text("访客，证件当天有效", "visitor, pass of today"), _known(_VISITOR)),
    "visitor_expired": (
        Text("访客，证件已过期", "visitor, pass has lapsed"),
        _known(replace(_VISITOR, valid_from=YESTERDAY, valid_until=YESTERDAY)),
    ),
    "visitor_early": (
        Text("访客，证件尚未生效", "visitor, pass of another day to come"),
        _known(replace(_VISITOR, valid_from=TOMORROW, valid_until=TOMORROW)),
    ),
    "visitor_undated": (
        Text("访客，证件无日期", "visitor, pass without a date"),
        _known(replace(_VISITOR, valid_from=None, valid_until=None)),
    ),
    "not_approved": (Text("学生，未获批准返校", "pupil, not approved"), _known(replace(_PUPIL, approved=False))),
    "observed": (
        Text("学生，名单上在医学观察期", "pupil, under observation by the list"),
        _known(replace(_PUPIL, observation_until=TODAY)),
    ),
    "case_open": (Text("学生，本机病例未结", "pupil, open case at this gate"), _known(_PUPIL, open_case=True)),
    "observed_before": (
        Text("学生，观察期昨天已满", "pupil, observation ended yesterday"),
        _known(replace(_PUPIL, observation_until=YESTERDAY)),
    ),
    "no_record": (
        Text("学生，缺健康记录", "pupil, no health record"),
        _known(replace(_PUPIL, health_record=False)),
    ),
    "inside": (Text("学生，已在校内", "pupil, already in"), _known(_PUPIL, inside=True)),
    "everything": (
        Text("学生，几条同时不符", "pupil, several at once"),
        _known(
            replace(_PUPIL, approved=False, observation_until=TOMORROW, health_record=False),
            inside=True,
            open_case=True,
        ),
    ),
    "no_badge": (Text("没有证件", "no badge"), Who("no_badge")),
    "unknown": (Text("证件不在名单上", "badge not on the list"), Who("unknown")),
}
SEEN: dict[str, tuple[Text, Seen]] = {
    "normal": (Text("额温正常", "forehead normal"), Seen(_NORMAL)),
    "fever_forehead": (Text("额温报警", "forehead alarm"), Seen(_measured("fever", "fever_forehead", 36.4))),
    "fever_face_max": (Text("面部报警", "face alarm"), Seen(_measured("fever", "fever_face_max", 34.9))),
    "above_crowd": (Text("高于人群", "above the crowd"), Seen(_measured("pass", "ok", 35.2))),
    "not_measured": (Text("未测到", "not measured"), Seen(_measured("not_measured", "obscured", None))),
    "nobody": (Text("刷卡而无人", "badge, nobody there"), Seen(None, "no_face")),
    "two": (Text("两人同站", "two at once"), Seen(_NORMAL, "two_at_once")),
    "too_soon": (Text("抢在前一位之前刷卡", "badge before the one ahead is done"), Seen(None, "badge_too_soon")),
}
WHEN: dict[str, tuple[Text, LocalTime | None]] = {
    "early": (Text("早于时段", "before the window"), LocalTime(TODAY, 7 * 60 - 1)),
    "in_time": (Text("时段内", "in the window"), LocalTime(TODAY, 7 * 60)),
    "late": (Text("晚于时段", "after the window"), LocalTime(TODAY, 7 * 60 + 31)),
    "unknown": (Text("时间不明", "clock unknown"), None),
}
_GUARD = Text("门卫可放行", "a guard may let in")
_RECHECKED = Text("复测正常后可放行", "a guard may, once rechecked")
_NOBODY = Text("无例外", "no exception")
_OFF = Text("不查", "not asked for")
_TOLD = Text("只提示", "only told")
_ANY_TIME = Text("任何时间", "any time")


def verdict_on(who: str, seen: str, when: str, *, roster_old: bool = False, policy: EntryPolicy = POLICY) -> Decision:
    """The verdict on one combination of the kinds above."""
    case = SEEN[seen][1]
    return decide(
        WHO[who][1],
        case.measurement,
        WHEN[when][1],
        policy,
        crowd_c=CROWD_C,
        roster_old=roster_old,
        windows=WINDOWS,
        obstacle=case.obstacle,
    )


def document() -> str:
    """The whole document, in Markdown."""
    return f"{_chapter('zh', _ZH)}\n{_chapter('en', _EN)}"


def _chapter(language: Language, words: Words) -> str:
    def say(text: Text) -> str:
        return text.zh if language == "zh" else text.en

    count = f"{len(WHO)} × {len(SEEN)} × {len(WHEN)} = {len(WHO) * len(SEEN) * len(WHEN)}"
    lines = [
        f"# {words.title}",
        "",
        words.opening,
        "",
        f"## {words.reasons}",
        "",
        words.reasons_head,
        "|---|---|---|---|---|",
    ]
    lines += [_reason_row(reason, say) for reason in REASONS]
    lines += ["", f"## {words.matrix}", "", words.matrix_opening.format(count=count), ""]
    return "\n".join([*lines, *_matrix(say, words.matrix_head)]) + "\n"


def _reason_row(reason: Reason, say: Say) -> str:
    told = say(_own_reasons() if reason.code == NOT_MEASURED else REASON_TEXTS[reason.code])
    rules = "<br>".join(f"`{rule}` {say(_consequence(reason, rule))}" for rule in reason.rules)
    return f"| `{reason.code}` | {told} | {say(VERDICTS[reason.verdict])} | {rules} | {say(reason.why)} |"


def _own_reasons() -> Text:
    listed = {reason.code for reason in REASONS} | {"ok"}
    own = [text for code, text in REASON_TEXTS.items() if code not in listed]
    return Text("<br>".join(text.zh for text in own), "<br>".join(text.en for text in own))


def _consequence(reason: Reason, rule: str) -> Text:
    if rule == "hard":
        return _RECHECKED if reason.measured else _NOBODY
    if rule == "override":
        return _GUARD
    return _TOLD if reason.code == "roster_old" else _OFF


def _matrix(say: Say, head: str) -> list[str]:
    # Columns and rows that never differ are told once.
    columns = _alike(SEEN, lambda seen: tuple(_cell(who, seen, when) for who in WHO for when in WHEN))
    people = _alike(WHO, lambda who: tuple(_row(who, when) for when in WHEN))
    lines = [
        f"{head} {' | '.join('<br>'.join(say(SEEN[seen][0]) for seen in same) for same in columns)} |",
        "|---" * (3 + len(columns)) + "|",
    ]
    for alike in people:
        for times in _alike(WHEN, partial(_row, alike[0])):
            named = "<br>".join(say(WHO[who][0]) for who in alike)
            told = say(_ANY_TIME) if len(times) == len(WHEN) else "<br>".join(say(WHEN[when][0]) for when in times)
            cells = [_cell(alike[0], seen[0], times[0]) for seen in columns]
            against = "<br>".join(say(_short(code)) for code in _row(alike[0], times[0])[0]) or "–"
            lines.append(f"| {named} | {told} | {against} | {' | '.join(_say_cell(cell, say) for cell in cells)} |")
    return lines


def _alike(keys: Iterable[str], look: Callable[[str], object]) -> list[list[str]]:
    """The keys that look the same, together, in the order of the first of each."""
    groups: dict[object, list[str]] = {}
    for key in keys:
        groups.setdefault(look(key), []).append(key)
    return list(groups.values())


def _row(who: str, when: str) -> tuple[tuple[str, ...], tuple[Cell, ...]]:
    """What speaks against somebody whose forehead is normal, and the verdict on all that can be seen of them."""
    against = tuple(code for code in verdict_on(who, "normal", when).reasons if code != "ok")
    return against, tuple(_cell(who, seen, when) for seen in SEEN)


def _cell(who: str, seen: str, when: str) -> Cell:
    decision = verdict_on(who, seen, when)
    if decision.verdict == "pass":
        return decision.verdict, None
    if may_override(decision.reasons, POLICY, contact_normal=False):
        return decision.verdict, _GUARD
    return decision.verdict, _RECHECKED if may_override(decision.reasons, POLICY, contact_normal=True) else _NOBODY


def _say_cell(cell: Cell, say: Say) -> str:
    verdict, then = cell
    word = f"**{say(VERDICTS[verdict])}**"
    return word if then is None else f"{word}<br>{say(then)}"


def _short(code: str) -> Text:
    text = REASON_TEXTS[code]
    return Text(text.zh.split("，")[0], text.en.split(":")[0])


_ZH = Words(
    title="判定表",
    opening=(
        "由 `make decision-table` 从判定函数（`edge/core/decision.py`）生成，请勿手改；下文是默认规则。\n\n"
        "凡有一条理由不利，闸门就不开；几条同时成立的，全部告知，最重的在前，判定按最重的一条。"
        "只有测到且正常、身份清楚、没有任何理由不利的人才会放行。\n\n"
        "这些规则来自五个“一律”：未经批准一律不得返校；校外人员一律不得入校；进门一律核验身份、检测体温；"
        "发热、咳嗽一律医学观察；不服从管理一律处理。最后一条靠人，闸机只保证每次例外都有签名和理由。"
    ),
    reasons="理由，最重的在前",
    reasons_head="| 代码 | 屏幕上说 | 判定 | 可选规则，默认在前 | 为什么 |",
    matrix="全部组合",
    matrix_opening=(
        "共 {count} 种；结果完全相同的行、列合并。“不利理由”是额温正常时的理由；测量另有问题的，其理由一并告知。\n\n"
        "放行（例外）须由登录的门卫签名、写明理由，另存为一条记录；有几条理由的，每一条都允许例外才行。"
        "“复测”指接触式体温计的正常读数。"
    ),
    matrix_head="| 谁 | 时间 | 不利理由 |",
)
_EN = Words(
    title="The table of verdicts",
    opening=(
        "Generated by `make decision-table` from the function that decides (`edge/core/decision.py`): do not edit it. "
        "It shows the default rules.\n\n"
        "A single reason against somebody keeps the gate shut; several at once are all told, the gravest first, and "
        "the gravest makes the verdict. Only who is measured and normal, is known, and has nothing against them comes "
        "in.\n\n"
        "The rules come from the five that Chinese schools reopened by: nobody returns without approval; nobody from "
        "outside comes in; whoever enters is identified and measured; fever and cough mean medical observation; "
        "whoever does not comply is dealt with. The last is for people; the gate sees to it that every exception has a "
        "signature and a reason."
    ),
    reasons="Reasons, the gravest first",
    reasons_head="| code | the screen says | verdict | rules to choose from, the default first | why |",
    matrix="All combinations",
    matrix_opening=(
        "{count} in all; rows and columns that never differ stand together. “Against them” is what speaks against "
        "them with a normal forehead; what is wrong with a measurement is told besides.\n\n"
        "An exception needs a guard who has signed in, a reason, and becomes a record of its own; of several reasons, "
        "each must allow it. “Rechecked” means a normal reading of the contact thermometer."
    ),
    matrix_head="| who | when | against them |",
)


def main() -> None:
    """Write the document to the file that is named."""
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
