"""`[entry]`: who is asked for what, what a guard may overrule, and how long things wait."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from edge.app.config_errors import refused
from edge.core.cases import CasePolicy
from edge.core.entry_policy import EntryPolicy, Rule
from edge.core.errors import ConfigError


class EntrySection(BaseModel):
    """Times in s; rules: reason code -> hard, override or off (docs/decision-table.md)."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    badge_window_s: float = Field(default=8.0, ge=2, le=60)
    override_within_s: float = Field(default=300.0, ge=10, le=3600)
    sign_in_s: float = Field(default=900.0, ge=60, le=43_200)
    contact_fever_c: float = CasePolicy().contact_fever_c
    crowd_delta_k: float = EntryPolicy().crowd_delta_k
    crowd_people: int = EntryPolicy().crowd_people
    crowd_forget_s: float = EntryPolicy().crowd_forget_s
    crowd_low_c: float = EntryPolicy().crowd_low_c
    crowd_high_c: float = EntryPolicy().crowd_high_c
    rules: dict[str, Rule] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _makes_sense(self) -> "EntrySection":
        try:
            _ = self.policy, self.cases
        except ConfigError as error:
            raise refused(error.zh, error.en) from error
        return self

    @property
    def policy(self) -> EntryPolicy:
        """Rules and numbers of the entry decision."""
        return EntryPolicy(
            self.rules,
            self.crowd_delta_k,
            self.crowd_people,
            self.crowd_forget_s,
            self.crowd_low_c,
            self.crowd_high_c,
        )

    @property
    def cases(self) -> CasePolicy:
        """Numbers of what follows a fever."""
        return CasePolicy(self.contact_fever_c)


def _zone(name: Any) -> Any:
    if not isinstance(name, str):
        raise refused('请写时区名，例如 "Asia/Shanghai"', 'write the name of a time zone, such as "Asia/Shanghai"')
    return name


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise refused(
            f'没有时区 "{name}"；例如 "Asia/Shanghai"（如名称正确，请安装 tzdata）',
            f'there is no time zone "{name}"; for example "Asia/Shanghai" (if the name is right, install tzdata)',
        ) from error
    return name


ZoneName = Annotated[str, BeforeValidator(_zone), AfterValidator(_known_zone)]
