"""Verdict and reasons -> what the gate says aloud, and how loud at which time of the day.

One short sentence for whoever stands there, a child or a guest. Others hear it too: no name, no temperature, and
nothing of what speaks against somebody. A fever, an observation and an unknown badge sound like any other hitch.
"""

from collections.abc import Sequence

# Reason -> code of texts.PROMPTS; None: silence is better.
_SAID: dict[str, str | None] = {
    "fever_forehead": "step_aside",
    "fever_face_max": "step_aside",
    "above_crowd": "step_aside",
    "under_observation": "step_aside",
    "outsider": "see_guard",
    "pass_expired": "see_guard",
    "not_approved": "see_guard",
    "no_health_record": "see_guard",
    "already_in": "see_guard",
    "too_late": "see_guard",
    "clock_unknown": "see_guard",
    "roster_old": "see_guard",
    "too_early": "come_later",
    "two_at_once": "one_at_a_time",
    "badge_too_soon": "wait_turn",
    "no_badge": "present_badge",
    "no_face": "stand_in_front",
    "too_cold": "warm_up",
    "left_early": "try_again",
    "near_alarm": "try_again",
    "camera_lost": "try_again",
    "no_reference": "see_guard",
    "settling": "wait",
    "obscured": "show_forehead",
    "overlapped": "one_at_a_time",
    "hat": "show_forehead",
    "wet_or_cold": "show_forehead",
    "not_skin": "show_forehead",
    "cut_off": "middle",
    "too_far": "closer",
    "too_few_pixels": "closer",
    "turned": "look_ahead",
    "moving": "stand_still",
    # The gate goes down: whoever stands there is measured by hand.
    "stopped": None,
}


def prompt_for(verdict: str, reasons: Sequence[str]) -> str | None:
    """The code of texts.PROMPTS for the gravest reason (the first); None when silence is better.

    Nothing but the verdict `pass` is ever told to come in; a reason that nobody foresaw is the guard's.
    """
    if verdict == "pass":
        return "pass"
    return _SAID.get(reasons[0], "see_guard") if reasons else "see_guard"


def volume_percent(minute: int | None, otherwise: int, by_time: Sequence[tuple[int, int, int]]) -> int:
    """How loud at this minute of the local day (0 to 1439; None: not known): the first of by_time that holds it.

    by_time: (from, to, percent), minutes, `to` excluded; one that ends before it begins goes past midnight.
    """
    if minute is not None:
        for begin, end, percent in by_time:
            if (begin <= minute < end) if begin < end else (minute >= begin or minute < end):
                return percent
    return otherwise
