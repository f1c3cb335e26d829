"""What every section of the configuration has in common: unknown keys, wrong types and infinities are refused."""

from pydantic import BaseModel, ConfigDict

RULES = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, arbitrary_types_allowed=True)


class Section(BaseModel):
    model_config = RULES
