"""The gate's configuration: a TOML file, validated at start, refused with file, line and remedy (config_errors.py).

Everything has a default except what only the site can know: the county's address and token, and, once there is a
county, the gate's own id. `gate.example.toml` explains every key.
"""

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Literal, Self, get_type_hints
from urllib.parse import urlsplit

from pydantic import (
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)

from edge.app.config_devices import Readers, VoiceSection
from edge.app.config_entry import EntrySection, ZoneName
from edge.app.config_errors import Problem, problems, refusal, refused
from edge.app.config_pins import PinsSection
from edge.app.config_screen import ScreenSection, TabletSection, is_loopback
from edge.app.config_section import RULES, FilePath, Section
from edge.app.config_together import contradictions
from edge.core.errors import ConfigError
from edge.core.geometry import Box, Rotation
from edge.core.policy import Policy

# Columns x rows of a stored frame; a replayed one is checked when it is opened.
FRAME_PX = {"lepton": (160, 120), "sim": (160, 120), "boson": (320, 256)}


class GateSection(Section):
    id: str = Field(default="gate-1", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    name: str = Field(default="", max_length=60)
    timezone: ZoneName = "Asia/Shanghai"


class CameraSection(Section):
    kind: Literal["lepton", "boson", "replay", "sim"] = "lepton"
    rotation_deg: Rotation | None = None
    settling_s: float = Field(default=10.0, ge=0, le=120)
    warm_up_s: float = Field(default=0.0, ge=0, le=3600)
    fps: float = Field(default=9.0, ge=0.5, le=60)
    unit: Literal["centikelvin", "raw_counts"] = "centikelvin"
    path: FilePath | None = Field(default=None, validate_default=True)

    @field_validator("path")
    @classmethod
    def _path(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is None and info.data.get("kind") == "replay":
            raise refused(
                'kind = "replay" 时必须写明要播放的录像', 'name the recording to play, since kind is "replay"'
            )
        return value


class SimSection(Section):
    seed: int = Field(default=1, ge=0, le=2**32 - 1)
    people_every_s: float = Field(default=4.0, ge=1, le=3600)
    people: int | None = Field(default=None, ge=1, le=10**9)
    fever_fraction: float = Field(default=0.15, ge=0, le=1)
    ambient_c: float = Field(default=22.0, ge=-20, le=45)
    badges: bool = False
    truth_file: FilePath | None = None


class ReferenceSection(Section):
    temperature_c: float | None = Field(default=None, ge=20, le=60)
    standard_uncertainty_k: float = Field(default=0.15, ge=0.005, le=2)
    region: tuple[float, float, float, float] | None = None
    emissivity: float = Field(default=1.0, ge=0.5, le=1)

    @field_validator("region", mode="before")
    @classmethod
    def _region(cls, value: object) -> object:
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != 4 or not all(type(v) in (int, float) for v in value):
            raise refused("请写四个数 [x0, y0, x1, y1]", "write four numbers [x0, y0, x1, y1]")
        if not (0 <= value[0] < value[2] and 0 <= value[1] < value[3]):
            raise refused(
                "左上角须在右下角之前，且不小于 0：[x0, y0, x1, y1]",
                "must run from the upper left to the lower right corner, not below 0: [x0, y0, x1, y1]",
            )
        return tuple(float(v) for v in value)

    @property
    def box(self) -> Box | None:
        """The region as a box of the stored frame."""
        return None if self.region is None else Box(*self.region)


class SkinSection(Section):
    emissivity: float = Field(default=0.98, ge=0.9, le=1)
    reflected_c: float | None = Field(default=None, ge=-40, le=60)


class StoreSection(Section):
    path: FilePath = Path("foregate.sqlite")


class RecordsSection(Section):
    keep_personal_days: int = Field(default=30, ge=1, le=3650)


class GuardsSection(Section):
    path: FilePath | None = None


class CalibrationSection(Section):
    """Where the calibration lies, and what an expired one is worth: marked and used on, or not used."""

    path: FilePath | None = None
    expired: Literal["mark", "ignore"] = "mark"


class CountySection(Section):
    url: str
    token_file: FilePath
    ca_file: FilePath | None = None
    proxy: str | None = None
    every_s: float = Field(default=2.0, ge=0.1, le=3600)

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            usable = None
        # Also the empty ones, "https://county.example?": what comes behind the address would be taken for the rest.
        if usable and (parts.username is not None or {"?", "#"} & set(value)):
            raise refused(
                "不能含用户名、密码、参数；请写成 https://主机名[:端口]，密钥放在 token_file 里",
                "must not hold a user, a password or parameters; write https://host[:port], the secret goes into"
                " token_file",
            )
        if not usable or not value.isprintable() or " " in value:
            raise refused("不是网址；例如 https://county.example", "is no address; for example https://county.example")
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise refused(
                "http 会在网络上泄露密钥；请改用 https://", "http shows the gate's token to the network; use https://"
            )
        return value.rstrip("/")

    @field_validator("proxy")
    @classmethod
    def _proxy(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            usable = parts.scheme == "http" and parts.hostname and parts.port and parts.path in ("", "/")
        except ValueError:
            usable = None
        if usable and (parts.username is not None or {"?", "#"} & set(value)):
            raise refused(
                "不能含用户名、密码、参数；请写成 http://主机名:端口，并请网络管理员对本机免密放行",
                "must not hold a user, a password or parameters; write http://host:port and have the network's"
                " administrator let this machine through without them",
            )
        if not usable or not value.isprintable() or " " in value:
            raise refused(
                "不是代理地址；例如 http://proxy.example:3128",
                "is no proxy's address; for example http://proxy.example:3128",
            )
        if str(info.data.get("url", "https://")).startswith("http://"):
            raise refused(
                "只用于 https；请删去此行，或把 url 改为 https://",
                "is for https alone; remove the line, or make url https://",
            )
        return value.rstrip("/")


class RosterSection(Section):
    """Who may come in: where the county's list lies, whose signature counts, how old the list may be (h)."""

    path: FilePath = Path("foregate.roster")
    key_file: FilePath
    school: str = Field(min_length=1, max_length=60)
    max_age_h: float = Field(default=72.0, ge=1, le=8760)
    every_s: float = Field(default=300.0, ge=1, le=86_400)


_PolicyTypes = create_model(
    "PolicySection",
    # Policy itself refuses what is not finite, with its range.
    __config__={**RULES, "allow_inf_nan": True},
    **{f.name: (get_type_hints(Policy)[f.name], f.default) for f in fields(Policy)},  # type: ignore[call-overload]  # fields are known at run time only
)


def _policy(raw: object) -> Policy:
    if isinstance(raw, Policy):
        return raw
    found: list[Problem] = []
    try:
        given = _PolicyTypes.model_validate(raw).model_dump(exclude_unset=True)
    except ValidationError as error:
        found = problems(error, _PolicyTypes)
        wrong = {problem.key[:1] for problem in found}
        given = {k: v for k, v in raw.items() if (k,) not in wrong} if isinstance(raw, dict) else {}
    while True:
        try:
            policy = Policy(**given)
        except ConfigError as refusal_of_value:
            # Its text begins with the name of the field; without that field the next problem shows itself.
            (key, zh), en = refusal_of_value.zh.split(maxsplit=1), refusal_of_value.en.split(maxsplit=1)[1]
            found.append(Problem((key,), zh, en))
            if given.pop(key, None) is not None:
                continue
        if found:
            raise refusal(*found)
        return policy


class Config(Section):
    """Everything a gate has to be told, validated; temperatures in C, times in s, lengths in pixels."""

    gate: GateSection = GateSection()
    camera: CameraSection = CameraSection()
    sim: SimSection = SimSection()
    reference: ReferenceSection = ReferenceSection()
    skin: SkinSection = SkinSection()
    policy: Annotated[Policy, PlainValidator(_policy)] = Policy()
    entry: EntrySection = EntrySection()
    pins: PinsSection = PinsSection()
    store: StoreSection = StoreSection()
    records: RecordsSection = RecordsSection()
    guards: GuardsSection = GuardsSection()
    calibration: CalibrationSection = CalibrationSection()
    screen: ScreenSection = ScreenSection()
    county: CountySection | None = None
    roster: RosterSection | None = None
    readers: Readers = ()
    voice: VoiceSection | None = None
    tablet: TabletSection | None = None

    @property
    def guards_file(self) -> Path:
        """Where the guards stand: beside the records unless the site says otherwise."""
        return self.guards.path or self.store.path.with_name("guards.json")

    @property
    def calibration_file(self) -> Path:
        """Where the calibration in force lies: beside the records unless the site says otherwise."""
        return self.calibration.path or self.store.path.with_name("calibration.json")

    @property
    def calibration_session_file(self) -> Path:
        """Where a calibration that was begun and not ended lies."""
        return self.calibration_file.with_name("calibration.session.json")

    @field_validator("reference")
    @classmethod
    def _in_frame(cls, value: ReferenceSection, info: ValidationInfo) -> ReferenceSection:
        camera: CameraSection | None = info.data.get("camera")
        size = FRAME_PX.get(camera.kind) if camera is not None else None
        if camera and size and value.region and (value.region[2] > size[0] or value.region[3] > size[1]):
            raise refused(
                f"超出画面：{camera.kind} 的画面为 {size[0]} x {size[1]} 像素（旋转前）",
                f"lies outside the frame: a {camera.kind} stores {size[0]} x {size[1]} px (before any rotation)",
                "region",
            )
        return value

    @field_validator("county")
    @classmethod
    def _known_by_name(cls, value: CountySection | None, info: ValidationInfo) -> CountySection | None:
        gate = info.data.get("gate")
        if value is not None and gate is not None and "id" not in gate.model_fields_set:
            raise refused(
                "需要 [gate] id：与县里登记的编号一致", "needs [gate] id: the one the county registered this gate under"
            )
        return value

    @model_validator(mode="after")
    def _together(self) -> Self:
        if found := contradictions(self):
            raise refusal(*found)
        return self
