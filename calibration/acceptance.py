"""Does the calibrated gate meet the standards, as far as they are publicly known? Pass or fail, with a margin.

limit                       where it is from
|E| + U <= 0.5 K            IEC 80601-2-59, laboratory accuracy within 34 to 39 C
|E| + U <= 0.4 K            the Chinese maximum permissible error of screening instruments, judged as strictly
stability + drift <= 0.2 K  IEC 80601-2-59, within 14 days: needs an earlier calibration of the same sensor
resolvable <= 0.1 K         IEC 80601-2-59, minimum difference that is told apart
uniformity, distance 0.2 K  ours: what they leave has to fit into the first two

The standards themselves have to be bought before anything is certified; this is no certification.
"""

import math
from dataclasses import dataclass
from typing import Literal

from calibration.budget import Budget
from edge.core.texts import Text

Code = Literal["laboratory", "mpe", "stability_drift", "uniformity", "distance", "resolvable"]

IEC_LABORATORY_K, MPE_K = 0.5, 0.4
STABILITY_DRIFT_K, STABILITY_DAYS = 0.2, 14.0
RESOLVABLE_K = 0.1
UNIFORMITY_K = DISTANCE_K = 0.2

NAMES: dict[Code, Text] = {
    "laboratory": Text(
        "实验室误差 |E| + U（IEC 80601-2-59）", "Laboratory error |E| + U (IEC 80601-2-59)"
    ),
    "mpe": Text("最大允许误差 |E| + U（中国，0.4 °C）", "Maximum permissible error |E| + U (China, 0.4 °C)"),
    "stability_drift": Text("14 天内的稳定性与漂移", "Stability and drift within 14 days"),
    "uniformity": Text("均匀性（修正后最差位置）", "Uniformity (worst place, corrected)"),
    "distance": Text("距离 0.5–1.2 m 内的变化", "Change over 0.5-1.2 m"),
    "resolvable": Text("可分辨的最小温差", "Least difference told apart"),
}  # fmt: skip

# What would help when this contribution is the largest.
MEASURES: dict[str, Text] = {
    "source_certificate": Text(
        "换用不确定度更小（U ≤ 0.1 K）的黑体，或重新送检", "a blackbody with a better certificate (U of 0.1 K or less)"
    ),
    "source_emissivity": Text("换用发射率 ≥ 0.98 的黑体", "a blackbody with an emissivity of 0.98 or more"),
    "stability": Text(
        "让相机和参考多预热，避开风和阳光", "warm camera and reference up for longer, away from draught and sun"
    ),
    "fit": Text("每个温度多读几分钟，或再加一个温度", "read each temperature for longer, or add a third one"),
    "uniformity": Text(
        "让人站在画面中间（缩小测量区），或换用更均匀的传感器（如 Boson）",
        "keep people to the middle of the picture (a smaller zone), or a more uniform sensor (a Boson)",
    ),
    "size_of_source": Text(
        "把站位固定在约 0.8 m，或换用像素更多的相机",
        "fix the standing place at about 0.8 m, or a camera of more pixels",
    ),
    "drift": Text(
        "更频繁地校准（例如每月一次）；有两次校准后按实测漂移计算",
        "calibrate more often (monthly, say); from the second time on the measured drift counts",
    ),
    "resolution": Text("换用分辨力更高的相机", "a camera of finer resolution"),
    "skin_emissivity": Text(
        "皮肤发射率无法改进；只能减小其他各项", "skin is as it is; make the other contributions smaller"
    ),
    "reflection": Text("测量并填写 skin.reflected_c", "measure the surroundings and set skin.reflected_c"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One requirement: value and limit in kelvin; value None: it cannot be judged yet."""

    code: Code
    value_k: float | None
    limit_k: float

    @property
    def passed(self) -> bool | None:
        # Not "value > limit" turned round: NaN does not pass.
        return None if self.value_k is None else self.value_k <= self.limit_k

    @property
    def margin_k(self) -> float | None:
        return None if self.value_k is None else self.limit_k - self.value_k


@dataclass(frozen=True, slots=True)
class Acceptance:
    """error_k: E = mean - T_bb at 37 C; expanded_k: U."""

    error_k: float
    expanded_k: float
    items: tuple[Item, ...]
    advice: tuple[Text, ...]

    @property
    def passed(self) -> bool:
        """Every item that can be judged."""
        return all(item.passed is not False for item in self.items)


@dataclass(frozen=True, slots=True)
class Shown:
    """What verification has shown, in kelvin. since_days, since_k: the last one, and the change since."""

    error_k: float
    stability_k: float
    uniformity_worst_k: float
    distance_worst_k: float
    noise_k: float
    since_days: float | None = None
    since_k: float = 0.0


def accept(shown: Shown, budget: Budget) -> Acceptance:
    """Judge what was shown with this budget; all in kelvin."""
    total_k = abs(shown.error_k) + budget.expanded_k
    items = (
        Item("laboratory", total_k, IEC_LABORATORY_K),
        Item("mpe", total_k, MPE_K),
        Item("stability_drift", _stability_drift_k(shown), STABILITY_DRIFT_K),
        Item("uniformity", shown.uniformity_worst_k, UNIFORMITY_K),
        Item("distance", shown.distance_worst_k, DISTANCE_K),
        # Two readings differ beyond their noise from 2 sqrt(2) standard deviations on.
        Item("resolvable", 2 * math.sqrt(2.0) * shown.noise_k, RESOLVABLE_K),
    )
    failed = any(item.passed is False for item in items)
    return Acceptance(shown.error_k, budget.expanded_k, items, _advice(shown, budget) if failed else ())


def _stability_drift_k(shown: Shown) -> float | None:
    if shown.since_days is None or shown.since_days < 1.0:
        return None
    # A change within less than 14 days would go on; one over months is what it is within any 14 of them, at most.
    scaled_k = abs(shown.since_k) * max(1.0, STABILITY_DAYS / shown.since_days)
    return shown.stability_k + scaled_k


def _advice(shown: Shown, budget: Budget) -> tuple[Text, ...]:
    """The two largest contributions that somebody can do something about; the error itself when it is larger."""
    able = [one for one in budget.contributions if one.code not in ("skin_emissivity", "resolution")]
    largest = sorted(able, key=lambda one: -one.share_k)[:2]
    advice = [MEASURES[one.code] for one in largest]
    if abs(shown.error_k) > 2 * budget.combined_k:
        said = Text("核对填写的温度，重新校准", "check the temperatures that were typed, and calibrate anew")
        advice.insert(0, said)
    return tuple(advice)


def in_words(acceptance: Acceptance) -> Text:
    """The verdict in plain words, for the certificate's reader."""
    total_k = abs(acceptance.error_k) + acceptance.expanded_k
    if acceptance.passed:
        return Text(
            f"合格：|E| + U = {total_k:.2f} K，不超过 0.4 K 和 0.5 K 的限值",
            f"Passed: |E| + U = {total_k:.2f} K, within the limits of 0.4 K and 0.5 K",
        )
    failed = [NAMES[item.code] for item in acceptance.items if item.passed is False]
    zh, en = "、".join(one.zh for one in failed), "; ".join(one.en for one in failed)
    help_zh, help_en = "；".join(a.zh for a in acceptance.advice), "; ".join(a.en for a in acceptance.advice)
    return Text(
        f"不合格：{zh}。|E| + U = {total_k:.2f} K。单凭这台相机达不到；可以改进的是：{help_zh}",
        f"Failed: {en}. |E| + U = {total_k:.2f} K. This camera alone does not reach it. What would help: {help_en}",
    )
