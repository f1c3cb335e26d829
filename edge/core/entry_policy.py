"""What speaks against letting somebody in, how grave it is, and what the site decides about it.

A reason's rule is one of
    hard        the gate stays shut; the guard cannot let them in. A reason that stands on a measurement is lifted by a
                normal reading of the contact thermometer, and then by a guard who signs for it
    override    the gate stays shut until a guard who has signed in lets them in, with a reason, on record
    off         the site does not ask for it
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from edge.core.contents import Verdict
from edge.core.errors import ConfigError
from edge.core.policy import within
from edge.core.texts import Text

Rule = Literal["hard", "override", "off"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason code, the verdict that it makes, the rules a site may choose from (the first is the default), and why.

    measured: it stands on what the camera saw or could not see, so a contact thermometer can answer it.
    """

    code: str
    verdict: Verdict
    rules: tuple[Rule, ...]
    why: Text

    @property
    def measured(self) -> bool:
        return self.verdict in ("fever", "not_measured")


# Stands for all codes by which the camera says why it has no reading; what was in the way changes nothing.
NOT_MEASURED = "not_measured"

# The gravest first. Rules of Chinese schools for coming back after an epidemic, which the defaults keep to: nobody
# returns without approval; nobody from outside comes in; whoever comes in is identified and measured; fever and cough
# mean medical observation; whoever does not comply is dealt with, which needs a name under every exception.
REASONS = (
    Reason(
        "fever_forehead",
        "fever",
        ("hard",),
        Text(
            "发热一律复测：只有接触式体温计正常后，门卫才可签名放行",
            "a fever is always confirmed: only a normal contact reading lets a guard sign for it",
        ),
    ),
    Reason("fever_face_max", "fever", ("hard",), Text("同上", "as above")),
    Reason(
        "above_crowd",
        "fever",
        ("hard", "override"),
        Text(
            "冬天从室外进来，额头都冷，只有与刚才的人群比较才看得出发热；处理同上",
            "in from the cold all foreheads are low, and only beside the recent crowd a fever shows; treated as above",
        ),
    ),
    Reason(
        "under_observation",
        "refused",
        ("hard", "override"),
        Text(
            "医学观察由校医解除，不由门卫解除",
            "observation is ended by the clinic, not at the gate",
        ),
    ),
    Reason(
        "outsider",
        "refused",
        ("hard", "override"),
        Text(
            "校外人员一律不得入校；来访者先由学校签发有日期的访客证",
            "nobody from outside comes in; the school gives a visitor a dated pass first",
        ),
    ),
    Reason(
        "pass_expired",
        "refused",
        ("hard", "override"),
        Text(
            "访客证只在写明的日期有效，过期即为校外人员",
            "a pass is good on its dates only; without it one is an outsider",
        ),
    ),
    Reason(
        "not_approved",
        "refused",
        ("hard", "override", "off"),
        Text(
            "未经批准一律不得返校，批准权在学校；平时不需批准的学校可设为 off",
            "nobody returns without the school's approval, which no guard gives; off where none is needed",
        ),
    ),
    Reason(
        "no_health_record",
        "refused",
        ("override", "hard", "off"),
        Text("纸质记录可以当面查看，由门卫签名", "a record on paper can be looked at; the guard signs for it"),
    ),
    Reason(
        "already_in",
        "refused",
        ("override", "hard", "off"),
        Text(
            "可能是递出来的卡，也可能出门时没刷：门卫看得出是不是本人",
            "a card passed back, or an exit without a scan: the guard sees whether it is them",
        ),
    ),
    Reason(
        "two_at_once",
        "refused",
        ("hard", "override"),
        Text("退后一步重来即可，不需要例外", "stepping back and coming again mends it; no exception is needed"),
    ),
    Reason("badge_too_soon", "refused", ("hard", "override"), Text("同上", "as above")),
    Reason(
        "no_badge",
        "refused",
        ("override", "hard"),
        Text(
            "忘带卡的人由门卫核验身份并签名；不问身份的场所不要配置名单",
            "who forgot it is identified by the guard, who signs; a site that asks nobody configures no roster",
        ),
    ),
    Reason(
        "too_early",
        "refused",
        ("override", "hard", "off"),
        Text(
            "错峰是为了不拥挤，不是为了拒人",
            "staggered entry keeps the crowd small; it is not meant to keep anybody out",
        ),
    ),
    Reason(
        "too_late",
        "refused",
        ("override", "hard", "off"),
        Text("迟到的学生也要能进校，但要有人知道", "a late pupil must get in, and somebody must know"),
    ),
    Reason(
        "clock_unknown",
        "refused",
        ("override", "hard"),
        Text(
            "时间不明时不判错峰；有日期的（访客证、观察期）按最不利处理，门卫核对日期",
            "without a clock no entry window is judged; what is dated (a pass, observation) counts as the worse; the "
            "guard checks the date",
        ),
    ),
    Reason(
        "roster_old",
        "refused",
        ("off", "override", "hard"),
        Text(
            "名单过期只提示：断网不应让全校学生留在门外，体温照测，本机的观察照拦；要求更严的可改",
            "an old list is only told: a network that is down shall not keep a school in the street; everybody is "
            "still measured, and who is under observation here is still stopped. Stricter sites change it",
        ),
    ),
    Reason(
        "no_face",
        "not_measured",
        ("override", "hard"),
        Text(
            "没测到一律不自动开门；相机够不着的人（幼儿、轮椅）由门卫手测并签名",
            "the gate never opens by itself for somebody unmeasured; whom the camera cannot reach (small children, "
            "wheelchairs) a guard measures by hand and signs",
        ),
    ),
    Reason(NOT_MEASURED, "not_measured", ("override", "hard"), Text("同上", "as above")),
)

_BY_CODE = {reason.code: reason for reason in REASONS}
_GRAVITY = {reason.code: place for place, reason in enumerate(REASONS)}


def reason_of(code: str) -> Reason:
    """What this code means; codes that are not in the table are the camera's own, of which there may be new ones."""
    return _BY_CODE.get(code, _BY_CODE[NOT_MEASURED])


def gravity(code: str) -> tuple[int, str]:
    """Sorts codes, the gravest first."""
    return _GRAVITY[reason_of(code).code], code


@dataclass(frozen=True, slots=True)
class EntryPolicy:
    """Who may come in at this site.

    rules: reason code -> rule, where the site differs from the default.
    crowd_delta_k: so far above the recent crowd a forehead is suspected (0.3 to 3 K).
    crowd_people: readings of so many people make a crowd (5 to 25); before, nobody is compared.
    crowd_forget_s: older readings do not count (600 to 14,400 s).
    crowd_low_c, crowd_high_c: the crowd's baseline is never taken as lower or higher (25 to 36 C).

    Sources. delta: 1 K, the customary offset over a running average, and at most one false alarm in fifty on the
    forehead maxima of tools/bench_thresholds.py; with a crowd at its usual 35 C the absolute alarm is the stricter one,
    below 34.9 C this one is. 2 h: between morning and noon the weather changes. 33.0 C: Policy.too_cold_c, below it
    nobody is measured; 35.5 C: a little above the median of those maxima, so that a hot crowd, a drifting camera or an
    absolute alarm set too high never carry the suspicion away.
    """

    rules: Mapping[str, Rule] = field(default_factory=dict)
    crowd_delta_k: float = 1.0
    crowd_people: int = 10
    crowd_forget_s: float = 7200.0
    crowd_low_c: float = 33.0
    crowd_high_c: float = 35.5

    def __post_init__(self) -> None:
        for code, rule in self.rules.items():
            _check(code, rule)
        within("crowd_delta_k", self.crowd_delta_k, 0.3, 3.0, "K")
        within("crowd_people", self.crowd_people, 5, 25, "")
        within("crowd_forget_s", self.crowd_forget_s, 600.0, 14_400.0, "s")
        within("crowd_high_c", self.crowd_high_c, 25.0, 36.0, "C")
        within("crowd_low_c", self.crowd_low_c, 25.0, self.crowd_high_c, "C")

    def rule(self, code: str) -> Rule:
        """What this site decides about a reason."""
        reason = reason_of(code)
        return self.rules.get(reason.code, reason.rules[0])


def _check(code: str, rule: str) -> None:
    if code not in _BY_CODE:
        known = ", ".join(_BY_CODE)
        raise ConfigError(f"rules：没有 {code} 这个原因；可用：{known}", f"rules: no reason {code}; there are {known}")
    allowed = _BY_CODE[code].rules
    if rule not in allowed:
        choose = ", ".join(f'"{one}"' for one in get_args(Rule) if one in allowed)
        raise ConfigError(
            f'rules.{code} = "{rule}" 不可用；请取 {choose}', f'rules.{code} = "{rule}" cannot be; choose {choose}'
        )
