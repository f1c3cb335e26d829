"""What every section of the configuration has in common: unknown keys, wrong types and infinities are refused."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from edge.app.config_errors import refused

RULES = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, arbitrary_types_allowed=True)


class Section(BaseModel):
    model_config = RULES


def _not_empty(value: object) -> object:
    if value == "":
        raise refused("不能为空；请写路径或删去此行", "is empty; write a path or remove the line")
    return value


# TOML has no paths: a string is one.
FilePath = Annotated[Path, Field(strict=False), BeforeValidator(_not_empty)]
