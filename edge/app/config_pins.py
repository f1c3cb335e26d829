"""The configuration's `[pins]`: which wire is where, and that a broken one is always on the safe side."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from edge.app.config_errors import refused
from edge.app.config_section import Section

OUTPUTS = ("red", "amber", "green", "buzzer", "relay")
INPUTS = ("passed", "exit", "fire", "tamper")
# A broken wire of these must tell an alarm; one of the others must never open the gate or end a pulse.
ALARMS = ("fire", "tamper")

Pull = Literal["up", "down", "none"]


class PinsSection(Section):
    """BCM numbers; levels at which a line is on, or tells something; times in s. An input left out is not wired."""

    red: int = Field(default=17, validate_default=True)
    amber: int = Field(default=27, validate_default=True)
    green: int = Field(default=22, validate_default=True)
    buzzer: int = Field(default=23, validate_default=True)
    relay: int = Field(default=24, validate_default=True)
    red_active_high: bool = True
    amber_active_high: bool = True
    green_active_high: bool = True
    buzzer_active_high: bool = True
    relay_active_high: bool = True
    relay_pulse_s: float = Field(default=1.0, ge=0.1, le=10)
    passed: int | None = None
    exit: int | None = None
    fire: int | None = None
    tamper: int | None = None
    passed_pull: Pull = "up"
    exit_pull: Pull = "up"
    fire_pull: Pull = "up"
    tamper_pull: Pull = "up"
    passed_active_high: bool = Field(default=False, validate_default=True)
    exit_active_high: bool = Field(default=False, validate_default=True)
    fire_active_high: bool = Field(default=True, validate_default=True)
    tamper_active_high: bool = Field(default=True, validate_default=True)
    debounce_s: float = Field(default=0.02, ge=0.001, le=0.5)
    turn_within_s: float = Field(default=5.0, ge=0.1, le=60)
    factory: Literal["auto", "lgpio", "mock"] = "auto"

    @field_validator(*OUTPUTS, *INPUTS)
    @classmethod
    def _pin(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is None:
            return None
        if value in (0, 1):
            raise refused(
                f"BCM {value} 留给扩展板的 EEPROM；请选 2 到 27",
                f"BCM {value} belongs to the HAT's EEPROM; choose 2 to 27",
            )
        if not 2 <= value <= 27:
            raise refused(f"没有 BCM {value} 引脚；请选 2 到 27", f"there is no pin BCM {value}; choose 2 to 27")
        if value in (2, 3) and info.field_name == "relay":
            raise refused(
                f"BCM {value} 是 I2C 线，板上有固定上拉电阻，不可用于继电器；请选 4 到 27",
                f"BCM {value} is an I2C line, pulled up on the board: not for the relay; choose 4 to 27",
            )
        if user := next((line for line in (*OUTPUTS, *INPUTS) if info.data.get(line) == value), None):
            raise refused(
                f"BCM {value} 已被 {user} 占用；请另选一个引脚",
                f"BCM {value} is already used by {user}; choose another pin",
            )
        return value

    @field_validator(*(f"{name}_pull" for name in INPUTS))
    @classmethod
    def _pulled(cls, value: Pull, info: ValidationInfo) -> Pull:
        bcm = info.data.get(str(info.field_name).removesuffix("_pull"))
        if value == "down" and bcm in (2, 3):
            raise refused(
                f'= "down"，而 BCM {bcm} 板上有固定上拉电阻；请写 "up"，或换引脚 4 到 27',
                f'= "down", but BCM {bcm} is pulled up on the board; write "up", or choose a pin from 4 to 27',
            )
        return value

    @field_validator(*(f"{name}_active_high" for name in INPUTS))
    @classmethod
    def _safe_when_broken(cls, value: bool, info: ValidationInfo) -> bool:
        """A broken wire rests at the level of its pull."""
        name = str(info.field_name).removesuffix("_active_high")
        pull = info.data.get(f"{name}_pull")
        broken_tells = {"up": value, "down": not value}.get(pull or "none")
        if broken_tells is None or broken_tells == (name in ALARMS):
            return value
        if name in ALARMS:
            raise refused(
                f'= {str(value).lower()} 与 {name}_pull = "{pull}" 相配时，断线不会被发现；'
                f"请用常闭触点并写 {str(not value).lower()}",
                f'= {str(value).lower()} with {name}_pull = "{pull}" would hide a broken wire; '
                f"use a normally-closed contact and write {str(not value).lower()}",
            )
        raise refused(
            f'= {str(value).lower()} 与 {name}_pull = "{pull}" 相配时，断线会被当作信号；'
            f"请用常开触点并写 {str(not value).lower()}",
            f'= {str(value).lower()} with {name}_pull = "{pull}" would take a broken wire for a signal; '
            f"use a normally-open contact and write {str(not value).lower()}",
        )
