"""What two sections of a configuration must not say together, although each is right by itself."""

from typing import TYPE_CHECKING

from edge.app.config_errors import Problem

if TYPE_CHECKING:
    from edge.app.config import Config


def contradictions(config: "Config") -> list[Problem]:
    """What would make the gate unsafe, or let a key be silently ignored."""
    found = (
        _recording_on_real_pins(config),
        _pulse_cut_short(config),
        _emissivity_ignored(config),
        _simulated_badges(config),
        _one_port_for_two(config),
    )
    return [problem for problem in found if problem is not None]


def _recording_on_real_pins(config: "Config") -> Problem | None:
    kind = config.camera.kind
    if config.pins.factory != "lgpio" or kind not in ("replay", "sim"):
        return None
    return Problem(
        ("pins", "factory"),
        f'= "lgpio"，而 camera.kind = "{kind}"：录像和模拟绝不能开动真闸门；请写 "auto" 或 "mock"',
        f'= "lgpio" with camera.kind = "{kind}": a recording or a simulation must never move a real gate;'
        ' write "auto" or "mock"',
    )


def _pulse_cut_short(config: "Config") -> Problem | None:
    """The signal of an empty gate, which follows the verdict's, shuts the relay."""
    hold_s, pulse_s = config.policy.hold_s, config.pins.relay_pulse_s
    if hold_s >= pulse_s:
        return None
    if "relay_pulse_s" in config.pins.model_fields_set:
        return Problem(
            ("pins", "relay_pulse_s"),
            f"= {pulse_s:g} 比 policy.hold_s = {hold_s:g} 长，脉冲会被截断；请取不超过 {hold_s:g}，"
            "或加长 policy.hold_s",
            f"= {pulse_s:g} is longer than policy.hold_s = {hold_s:g}, which would cut the pulse off; choose at most"
            f" {hold_s:g}, or a longer policy.hold_s",
        )
    return Problem(
        ("policy", "hold_s"),
        f"= {hold_s:g} 比 pins.relay_pulse_s = {pulse_s:g} 短，脉冲会被截断；请取不小于 {pulse_s:g}，或缩短"
        " pins.relay_pulse_s",
        f"= {hold_s:g} is shorter than pins.relay_pulse_s = {pulse_s:g}, which would cut the pulse off; choose at least"
        f" {pulse_s:g}, or a shorter pins.relay_pulse_s",
    )


def _emissivity_ignored(config: "Config") -> Problem | None:
    """What the reference does not emit it reflects: without the temperature of that, nothing can be corrected."""
    emissivity = config.reference.emissivity
    if emissivity == 1.0 or config.skin.reflected_c is not None:
        return None
    return Problem(
        ("reference", "emissivity"),
        f"= {emissivity:g} 小于 1，需要同时写 skin.reflected_c（环境温度），否则不起作用",
        f"= {emissivity:g} is below 1 and needs skin.reflected_c too (the temperature of the surroundings), without"
        " which it would be ignored",
    )


def _simulated_badges(config: "Config") -> Problem | None:
    """Badges of people who do not exist open nothing that is real, and are no use where nobody asks for them."""
    if not config.sim.badges:
        return None
    kind = config.camera.kind
    if kind != "sim":
        return Problem(
            ("sim", "badges"),
            f'= true，而 camera.kind = "{kind}"：模拟的卡只能由模拟的人来刷；请写 camera.kind = "sim"，或删去此行',
            f'= true with camera.kind = "{kind}": only simulated people hold out simulated badges; write'
            ' camera.kind = "sim", or remove the line',
        )
    if config.readers:
        return Problem(
            ("sim", "badges"),
            "= true，而又配置了 [[readers]]：模拟的卡和真的卡不能混用；请删去其一",
            "= true beside [[readers]]: simulated badges and real ones are not mixed; remove one of the two",
        )
    if config.roster is None:
        return Problem(
            ("sim", "badges"),
            "= true，但没有 [roster]：没有名单就不问身份，卡不起作用；请加上 [roster]，或删去此行",
            "= true without a [roster]: nobody is asked for a badge then; add [roster], or remove the line",
        )
    return None


def _one_port_for_two(config: "Config") -> Problem | None:
    """Two doors cannot have one number, and on every address one of them has it on this machine's own, too."""
    if config.tablet is None or config.tablet.port != config.screen.port:
        return None
    port = config.tablet.port
    return Problem(
        ("tablet", "port"),
        f"= {port} 与 screen.port 相同；请换一个端口，例如 8443",
        f"= {port} is screen.port as well; choose another one, such as 8443",
    )
