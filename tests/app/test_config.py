"""The configuration: its defaults, its example, and what each refusal says and where."""

import re
import tomllib
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

import edge.app
from edge.app import bootstrap
from edge.app.config import Config
from edge.app.config_file import PATH_KEYS, load
from edge.app.config_lines import Key, key_lines, line_of
from edge.core.errors import ConfigError

CARD = "name = 'a'\nmatch = 'usb:ffff:0035'"
EXAMPLE = Path(edge.app.__file__).parent / "gate.example.toml"


def refusal(tmp_path: Path, text: str, *overrides: str) -> ConfigError:
    path = tmp_path / "gate.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, overrides)
    return caught.value


def test_without_a_file_everything_has_a_default() -> None:
    config = load()
    assert config.camera.kind == "lepton"
    assert config.county is None
    assert config.screen.host == "127.0.0.1"


def test_example_shows_the_defaults(tmp_path: Path) -> None:
    shown = load(EXAMPLE)
    defaults = load()
    for section in Config.model_fields:
        if section == "store":  # a relative path is relative to its file
            continue
        assert getattr(shown, section) == getattr(defaults, section), section


def test_example_with_every_comment_removed_is_valid_too() -> None:
    """Each key that the example only mentions is spelt right and has a good value."""
    text = re.sub(r"^#(\[{0,2}[a-z_]+(\]{1,2}| = ))", r"\1", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    document = tomllib.loads(text)
    Config.model_validate(document)
    for name, field in Config.model_fields.items():
        model = _model(field.annotation)
        keys = getattr(model, "model_fields", None) or get_type_hints(model)
        sections = document[name] if isinstance(document[name], list) else [document[name]]
        assert {key for section in sections for key in section} == set(keys), name


@pytest.mark.parametrize(
    ("text", "line", "zh", "en"),
    [
        ("[camera]\nrotaton_deg = 90", 2, "是不是 rotation_deg", "did you mean rotation_deg"),
        ("[camra]\nkind = 'sim'", 1, "是不是 camera", "did you mean camera"),
        ("[policy]\nfever_forehead_f = 99", 2, "摄氏度：fever_forehead_c", "degrees Celsius: fever_forehead_c"),
        ("[reference]\n\ntemperature_k = 310", 3, "摄氏度：temperature_c", "degrees Celsius: temperature_c"),
        ("[camera]\nsettling_ms = 9000", 2, "秒：settling_s", "seconds: settling_s"),
        ("[camera]\nport = 8600", 2, "放到 [screen]", "put it into [screen]"),
        ("[reference]\ntemperature_c = 98.6", 2, "华氏度：应写 37）", "Fahrenheit: write 37)"),
        ("[reference]\ntemperature_c = 310", 2, "开尔文：应写 36.9", "kelvin: write 36.9"),
        ("[policy]\nfever_forehead_c = 98.6", 2, "华氏度：应写 37）", "Fahrenheit: write 37)"),
        ("[policy]\nfever_forehead_c = '37.3 C'", 2, "应写 37.3", "write 37.3)"),
        ("[policy]\nfever_forehead_c = '37.3F'", 2, "请用摄氏度", "give degrees Celsius"),
        ("[camera]\nsettling_s = 9000", 2, "毫秒：应写 9）", "milliseconds: write 9)"),
        ("[camera]\nsettling_s = true", 2, "请写一个数", "write a number"),
        ("[camera]\nkind = 'leptn'", 2, '可选 "lepton"', 'choose "lepton"'),
        ("[camera]\nrotation_deg = 45", 2, "可选 0, 90, 180, 270", "choose 0, 90, 180, 270"),
        ("[camera]\nkind = 'replay'", 1, "录像", "name the recording"),
        ("[policy]\nusable_frames = 4.5", 2, "整数", "whole number"),
        ("[policy]\nhold_s = nan", 2, "0.5 … 30 s", "0.5 … 30 s"),
        ("[skin]\nreflected_c = inf", 2, "-40 … 60 C", "-40 … 60 C"),
        ("[pins]\nred = 1", 2, "EEPROM", "EEPROM"),
        ("[pins]\nred = 28", 2, "没有 BCM 28", "no pin BCM 28"),
        ("[pins]\nred = -2", 2, "2 到 27", "2 to 27"),
        ("[pins]\namber = 5\nrelay = 5", 3, "已被 amber 占用", "used by amber"),
        ("[pins]\nrelay = 17", 2, "已被 red 占用", "used by red"),
        ("[pins]\nrelay = 2", 2, "上拉", "pulled up"),
        ("[pins]\nrelay = 3", 2, "4 到 27", "4 to 27"),
        ("[pins]\nred = '17'", 2, "整数", "whole number"),
        ("[pins]\nfire = 24", 2, "已被 relay 占用", "used by relay"),
        ("[pins]\nfire = 5\nexit = 5", 2, "已被 exit 占用", "used by exit"),
        ("[pins]\ntamper = 1", 2, "EEPROM", "EEPROM"),
        ("[pins]\nfire_active_high = false", 2, "常闭触点", "normally-closed"),
        ("[pins]\ntamper_pull = 'down'", 1, "断线不会被发现", "hide a broken wire"),
        ("[pins]\nexit_active_high = true", 2, "常开触点", "normally-open"),
        ("[pins]\npassed_pull = 'down'\npassed_active_high = false", 3, "断线会被当作信号", "broken wire for a signal"),
        ("[pins]\nexit = 2\nexit_pull = 'down'\nexit_active_high = true", 3, "上拉", "pulled up"),
        ("readers = 3", 1, "[[readers]]", "[[readers]]"),
        ("[readers]\nname = 'a'", 1, "[[readers]]", "[[readers]]"),
        ("[[readers]]\nname = 'a'", 1, "缺少此键", "is missing"),
        ("[[readers]]\nname = 'a'\nmatch = 'usb:1:2'", 3, "usb:厂商:产品", "usb:VENDOR:PRODUCT"),
        ("[[readers]]\nname = 'a'\nmatch = 'usb:0000:0000'", 3, "foregate doctor", "foregate doctor lists"),
        ("[[readers]]\nname = 'a'\nmatch = 'name:*'", 3, "普通键盘", "ordinary keyboards"),
        ("[[readers]]\nname = 'a'\nmatch = 'name:[A-Z]??? *'", 3, "普通键盘", "ordinary keyboards"),
        ("[[readers]]\nname = 'a'\nmatch = '/dev/input/event3'", 3, "by-path", "by-path"),
        ("[[readers]]\nname = 'a'\nmatch = '/dev/input/by-id/../event3'", 3, "by-path", "by-path"),
        (f"[[readers]]\n{CARD}\nmeens = 'code'", 4, "是不是 means", "did you mean means"),
        (f"[[readers]]\n{CARD}\n[[readers]]\nname = 'b'\nmatch = 'name:SYC*'\nmeans = 'qr'", 7, "可选", "choose"),
        (f"[[readers]]\n{CARD}\n[[readers]]\n{CARD}", 1, "两台的 name", 'name = "a" twice'),
        (f"[[readers]]\n{CARD}\n[[readers]]\nname = 'b'\nmatch = 'usb:ffff:0035'", 1, "by-path", "by-path"),
        ("[[readers]]\nname = ''\nmatch = 'name:SYC*ab'", 2, "不能为空", "must not be empty"),
        ("[voice]\nlanguage = 'de'", 2, "可选", "choose"),
        ("[voice]\nvolume_percent = 101", 2, "0 … 100", "0 … 100"),
        ("[voice]\nby_time = ['08:00']", 2, "音量百分数", "percent"),
        ("[voice]\nby_time = [['08:00', '25:00', 10]]", 2, "音量百分数", "percent"),
        ("[voice]\nby_time = [['08:00', '08:00', 10]]", 2, "音量百分数", "percent"),
        ("[voice]\nby_time = [['08:00', '09:00', 101]]", 2, "音量百分数", "percent"),
        ("[voice]\ndevice = '-D'", 2, "aplay -L", "aplay -L"),
        ("[reference]\nregion = [10, 10, 5, 20]", 2, "左上角", "upper left"),
        ("[reference]\nregion = [10, 10, 20]", 2, "四个数", "four numbers"),
        ("[reference]\nregion = [\n  10, 10,\n  161, 20]", 2, "160 x 120", "160 x 120"),
        ("[screen]\nhost = '0.0.0.0'", 2, "allow_remote", "allow_remote"),
        ("[tablet]\nhost = 'gate.example'", 2, "不是 IP 地址", "go into names"),
        ("[tablet]\nport = 8601", 2, "与 screen.port 相同", "screen.port as well"),
        ("[tablet]\nport = 0", 2, "1", "1"),
        ("[tablet]\ncertificate = ''", 2, "不能为空", "is empty"),
        ("[tablet]\nnames = ['https://gate.example']", 2, "不带 http://", "without http://"),
        ("[screen]\nnames = 'gate.example'", 2, "一列主机名", "list of host names"),
        ("[screen]\nnames = [1]", 2, "一列主机名", "list of host names"),
        ("[screen]\nnames = ['a', 'https://gate.example']", 2, "不带 http://", "without http://"),
        ("[screen]\nnames = ['gate.example:8601']", 2, "端口", "port"),
        ("[screen]\nnames = ['*']", 2, "不是主机名", "no host name"),
        ("[screen]\nnames = ['']", 2, "不是主机名", "no host name"),
        ("[gate]\nid = '一号门'", 2, "字母", "letters"),
        ("[gate]\nid = 'a'\n[county]\nurl = 'https://c'", 3, "缺少此键", "is missing"),
        ("[county]\nurl = 'https://c'\ntoken_file = 't'", 1, "[gate] id", "[gate] id"),
        ("[gate]\nid = 'a'\n[county]\nurl = 'http://county.example'\ntoken_file = 't'", 4, "https", "https"),
        ("[gate]\nid = 'a'\n[county]\nurl = 'county.example'\ntoken_file = ''", 4, "网址", "no address"),
        ("pins = 3", 1, "[pins]", "[pins]"),
        ("[camera]\nkind = 'sim'\n[pins]\nfactory = 'lgpio'", 4, "真闸门", "never move a real gate"),
        ("[camera]\nkind = 'replay'\npath = 'x.npz'\n[pins]\nfactory = 'lgpio'", 5, "真闸门", "never move a real gate"),
        ("[sim]\nbadges = true", 2, "只能由模拟的人", "only simulated people"),
        ("[camera]\nkind = 'sim'\n[sim]\nbadges = true", 4, "请加上 [roster]", "without a [roster]"),
        (
            "[camera]\nkind = 'sim'\n[sim]\nbadges = true\n[[readers]]\nname = 'a'\nmatch = 'usb:ffff:0035'",
            4,
            "不能混用",
            "not mixed",
        ),
        ("[policy]\nhold_s = 0.9", 2, "不小于 1，", "at least 1, or"),
        ("[policy]\nhold_s = 3\n[pins]\nrelay_pulse_s = 3.1", 4, "不超过 3，", "at most 3, or"),
        ("[pins]\nrelay_pulse_s = 4", 2, "不超过 3，", "at most 3, or"),
        ("[reference]\nemissivity = 0.95", 2, "skin.reflected_c", "needs skin.reflected_c"),
    ],
)
def test_refusal_names_line_and_remedy(tmp_path: Path, text: str, line: int, zh: str, en: str) -> None:
    error = refusal(tmp_path, text)
    place = f"{tmp_path / 'gate.toml'}:{line}"
    assert any(told.startswith(f"{place}：") and zh in told for told in error.zh.splitlines()), error.zh
    assert any(told.startswith(f"{place}: ") and en in told for told in error.en.splitlines()), error.en


def test_all_problems_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        "[pins]\nred = 1\nrelay = 99\n[policy]\nfever_forehead_f = 1\nhold_s = 999\ntoo_cold_c = 1\n[screen]\nprt = 1\n"
    )
    error = refusal(tmp_path, text)
    told = [int(line.split(":")[1]) for line in error.en.splitlines()]
    assert told == [2, 3, 5, 6, 7, 9]
    assert len(error.zh.splitlines()) == 6


def test_threshold_below_the_floor_is_refused_at_the_floor(tmp_path: Path) -> None:
    error = refusal(tmp_path, "[policy]\nfever_forehead_c = 35\ntoo_cold_c = 35.5\n")
    assert error.en.splitlines()[0].endswith(":3: policy.too_cold_c = 35.5 is out of range; choose 25 … 35 C")


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("[camera\nkind = 1", ":1:", "check quotes"),
        ("a = 1\na = 2", ":2:", "check quotes"),
        ("[camera]\nkind = “sim”", ":2:8", "full-width"),
        ("[camera]\nkind = 'sim", ":2:", "check quotes"),
        ("x = [1,", ":1", "check quotes"),
    ],
)
def test_not_toml(tmp_path: Path, text: str, place: str, remedy: str) -> None:
    error = refusal(tmp_path, text)
    assert f"gate.toml{place}" in error.en
    assert remedy in error.en


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such configuration file"):
        load(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)
    path = tmp_path / "gbk.toml"
    path.write_bytes("[gate]\nname = '东门'".encode("gbk"))
    with pytest.raises(ConfigError, match=r"gbk.toml:2: is not UTF-8"):
        load(path)


def test_byte_order_mark_of_a_windows_editor_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    path.write_bytes("[gate]\r\nname = '东门'\r\n".encode("utf-8-sig"))
    assert load(path).gate.name == "东门"


def test_paths_are_relative_to_the_file_and_overrides_to_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, here = tmp_path / "etc", tmp_path / "here"
    folder.mkdir()
    here.mkdir()
    path = folder / "gate.toml"
    path.write_text("[store]\npath = 'a.sqlite'\n[camera]\npath = '/clips/x.npz'\n")
    monkeypatch.chdir(here)
    config = load(path, ["sim.truth_file=truth.jsonl"])
    assert config.store.path == folder / "a.sqlite"
    assert config.camera.path == Path("/clips/x.npz")
    assert config.sim.truth_file == here / "truth.jsonl"
    path.write_text("")
    assert load(path).store.path == folder / "foregate.sqlite"


def test_every_path_of_the_configuration_is_resolved() -> None:
    found = {
        (section, key)
        for section, field in Config.model_fields.items()
        for key, inner in getattr(_model(field.annotation), "model_fields", {}).items()
        if "Path" in str(inner.annotation)
    }
    assert found == set(PATH_KEYS)


def _model(annotation: Any) -> Any:
    inner = [a for a in getattr(annotation, "__args__", ()) if hasattr(a, "model_fields")]
    return inner[0] if inner else annotation


@pytest.mark.parametrize(
    ("override", "section", "key", "value"),
    [
        ("camera.kind=sim", "camera", "kind", "sim"),
        ('camera.kind="boson"', "camera", "kind", "boson"),
        ("camera.rotation_deg = 90", "camera", "rotation_deg", 90),
        ("policy.hold_s=5", "policy", "hold_s", 5),
        ("reference.region=[1, 2, 30, 40]", "reference", "region", (1.0, 2.0, 30.0, 40.0)),
        ("gate.name=东门 1", "gate", "name", "东门 1"),
        ("screen.names=['Gate.example', 'gate-1']", "screen", "names", ("Gate.example", "gate-1")),
        ("gate.id=gate-7", "gate", "id", "gate-7"),
    ],
)
def test_override(override: str, section: str, key: str, value: object) -> None:
    assert getattr(getattr(load(None, [override]), section), key) == value


@pytest.mark.parametrize(
    "url",
    [
        "https://gate:s3cret@county.example",
        "https://:s3cret@county.example",
        "https://s3cret@county.example/",
        "https://@county.example",
        "https://county.example/?token=s3cret",
        "https://county.example?",
        "https://county.example#s3cret",
        "https://county.example/#",
        " https://county.example",
        "https://county.example\n",
        "https://county example",
        "https://county.exa\tmple",
    ],
)
def test_the_county_s_address_holds_nothing_else_and_its_secret_is_not_repeated(tmp_path: Path, url: str) -> None:
    written = url.replace("\n", "\\n").replace("\t", "\\t")
    error = refusal(tmp_path, f'[gate]\nid = "a"\n[county]\nurl = "{written}"\ntoken_file = "t"\n')
    assert ":4: county.url" in error.en
    assert "https://" in error.en
    assert "s3cret" not in str(error)


COUNTY = '[gate]\nid = "a"\n[county]\nurl = "https://county.example"\ntoken_file = "t"\n'


@pytest.mark.parametrize("proxy", ["http://proxy.example:3128", "http://10.0.0.1:8080/"])
def test_a_proxy_is_an_address_with_a_port(tmp_path: Path, proxy: str) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(f'{COUNTY}proxy = "{proxy}"\n', encoding="utf-8")
    county = load(path).county
    assert county is not None
    assert county.proxy == proxy.rstrip("/")


@pytest.mark.parametrize(
    ("proxy", "zh", "en"),
    [
        ("proxy.example:3128", "不是代理地址", "no proxy's address"),
        ("http://proxy.example", "不是代理地址", "no proxy's address"),
        ("https://proxy.example:3128", "不是代理地址", "no proxy's address"),
        ("socks5://proxy.example:3128", "不是代理地址", "no proxy's address"),
        ("http://proxy.example:99999", "不是代理地址", "no proxy's address"),
        ("http://proxy.example:3128/path", "不是代理地址", "no proxy's address"),
        ("", "不是代理地址", "no proxy's address"),
        ("http://user:s3cret@proxy.example:3128", "不能含用户名", "must not hold a user"),
        ("http://proxy.example:3128?s3cret", "不能含用户名", "must not hold a user"),
    ],
)
def test_what_is_no_proxy_is_refused_without_repeating_secrets(tmp_path: Path, proxy: str, zh: str, en: str) -> None:
    error = refusal(tmp_path, f'{COUNTY}proxy = "{proxy}"\n')
    assert ":6: county.proxy" in error.en
    assert en in error.en
    assert zh in error.zh
    assert "s3cret" not in str(error)


def test_a_proxy_is_never_given_what_is_not_encrypted(tmp_path: Path) -> None:
    text = COUNTY.replace("https://county.example", "http://127.0.0.1:8600")
    error = refusal(tmp_path, f'{text}proxy = "http://proxy.example:3128"\n')
    assert "for https alone" in error.en
    assert "只用于 https" in error.zh


def test_all_contradictions_at_once_by_the_place_they_were_given(tmp_path: Path) -> None:
    error = refusal(tmp_path, "[reference]\nemissivity = 0.9\n[camera]\nkind = 'sim'", "pins.factory=lgpio")
    place = tmp_path / "gate.toml"
    assert [line.partition(" = ")[0] for line in sorted(error.en.splitlines())] == [
        "--set pins.factory: pins.factory",
        f"{place}:2: reference.emissivity",
    ]


@pytest.mark.parametrize(
    "overrides",
    [
        ["policy.hold_s=2", "pins.relay_pulse_s=2"],
        ["policy.hold_s=0.5", "pins.relay_pulse_s=0.5"],
        ["reference.emissivity=0.95", "skin.reflected_c=22"],
        ["camera.kind=boson", "pins.factory=lgpio"],
        ["camera.kind=lepton", "pins.factory=mock"],
        ["camera.kind=sim", "pins.factory=mock"],
    ],
)
def test_what_goes_together_is_taken(overrides: list[str]) -> None:
    load(None, overrides)


def test_readers_are_taken_in_their_order_each_with_its_name() -> None:
    rows = ["usb:FFFF:0035", "name:Newtologic*2D*", "/dev/input/by-path/platform-x.usb-usb-0:1.3:1.0-event-kbd"]
    given = ", ".join(f"{{ name = 'r{number}', match = '{match}' }}" for number, match in enumerate(rows))
    config = load(None, [f"readers=[{given}]"])
    assert [(one.name, one.match) for one in config.readers] == [(f"r{n}", match) for n, match in enumerate(rows)]
    assert bootstrap.open_badges(load(), bootstrap.open_clock()) is None


def test_volumes_by_time_are_minutes_of_the_day() -> None:
    voice = load(None, ["voice.by_time=[['06:30', '08:05', 100], ['21:00', '24:00', 0]]"]).voice
    assert voice is not None
    assert voice.by_time == ((390, 485, 100), (1260, 1440, 0))


def test_without_a_voice_or_muted_nobody_speaks() -> None:
    clock = bootstrap.open_clock()
    assert bootstrap.open_voice(load(), clock) is None
    assert bootstrap.open_voice(load(None, ["voice.mute=true"]), clock) is None
    voice = bootstrap.open_voice(load(None, ["voice.language=both"]), clock)
    assert voice is not None
    voice.close()


def test_only_the_relay_is_kept_from_the_lines_with_pull_ups() -> None:
    pins = load(None, ["pins.red=2", "pins.buzzer=3", "pins.relay=4"]).pins
    assert (pins.red, pins.buzzer, pins.relay) == (2, 3, 4)


def test_the_screen_answers_to_its_names() -> None:
    screen = bootstrap.open_screen(load(None, ["screen.port=0", "screen.names=['gate.example']"]), print)
    try:
        told = {
            host: requests.get(screen.url, headers={"Host": host}, timeout=20).status_code
            for host in ("gate.example", "evil.example")
        }
    finally:
        screen.close()
    assert told == {"gate.example": 200, "evil.example": 421}


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("camera.rotation_deg=45", "--set camera.rotation_deg: camera.rotation_deg = 45 is not a choice"),
        ("camera.rotaton_deg=90", "did you mean rotation_deg"),
        ("camera", "write --set section.key=value"),
        ("camera.=3", "write --set section.key=value"),
        ("a=1\nb=2", "is no such key"),
    ],
)
def test_override_is_refused_by_its_name(override: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, [override])
    assert told in caught.value.en


def test_override_wins_over_a_wrong_value_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    path.write_text("camera = 3\n")
    assert load(path, ["camera.kind=sim"]).camera.kind == "sim"


def test_configuration_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().camera.fps = 3


def test_a_roster_needs_its_school_and_key_and_lies_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    path.write_text("[roster]\nschool = '第一小学'\nkey_file = 'keys/county.pub'\n", encoding="utf-8")
    roster = load(path).roster
    assert roster is not None
    assert (roster.school, roster.max_age_h, roster.every_s) == ("第一小学", 72.0, 300.0)
    assert (roster.path, roster.key_file) == (tmp_path / "foregate.roster", tmp_path / "keys/county.pub")
    error = refusal(tmp_path, "[roster]\nmax_age_h = 0\nschool = ''\n")
    for told in ("key_file is missing", "max_age_h = 0 is out of range; choose 1 … 8760 h", "school"):
        assert told in error.en


def test_the_age_of_a_roster_is_in_hours(tmp_path: Path) -> None:
    error = refusal(tmp_path, "[roster]\nschool = 'a'\nkey_file = 'k'\nmax_age_s = 3600\n")
    assert "give hours: max_age_h" in error.en
    assert "请用小时" in error.zh


# --- lines ---------------------------------------------------------------------------------------------------------

WORD = st.text("abcxyz_-09", min_size=1, max_size=6)
QUOTED = st.text("ab [].=#\"'\\é\t", max_size=8)
PART = st.one_of(
    WORD.map(lambda w: (w, w)),
    QUOTED.map(lambda q: (q, '"' + q.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"')),
    st.text('ab [].=#"\\', max_size=6).map(lambda q: (q, f"'{q}'")),
)
VALUE = st.sampled_from(
    [
        "1",
        "-3.5e7",
        "true",
        "1979-05-27T07:32:00Z",
        "'[no.header]'",
        '"a = 1 # no comment"',
        '"\\"]"',
        "[1, 2] # comment [x]",
        "[\n  '[[',  # a ] comment\n  1,\n]",
        '"""\n[no]\nkey = 1\n"" \\""""',
        '"""a"""""',
        "'''\n[[no]]\n''''",
        "{ in = 1, t.u = '}' }",
        '""',
        "[]",
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[Key, int]]:
    """A TOML text and the line of each of its keys, by construction."""
    text, used = "", set[Key]()
    lines: dict[Key, int] = {}
    table: Key = ()
    counts: dict[Key, int] = {}
    for name, is_header, is_array, value, blank in draw(
        st.lists(st.tuples(PART, st.booleans(), st.booleans(), VALUE, st.sampled_from(["", "\n", "# [c] x = 1\n"])))
    ):
        text += blank
        line = text.count("\n") + 1
        key, written = name
        if is_header:
            title = ("array " if is_array else "table ") + key.replace("'", "").replace("\t", "")
            quoted, top = f"'{title}'", (title,)
            if not is_array and top in used:
                continue
            used.add(top)
            text += f"[[{quoted}]]  # t\n" if is_array else f"[ {quoted} ]\n"
            lines.setdefault(top, line)
            table = top
            if is_array:
                counts[top] = counts.get(top, -1) + 1
                table = (*top, counts[top])
                lines[table] = line
        elif (*table, key) not in used:
            used.add((*table, key))
            text += f"  {written} = {value}\n"
            lines[(*table, key)] = line
    return text, lines


@given(documents())
def test_every_key_is_found_on_its_line(document: tuple[str, dict[Key, int]]) -> None:
    text, lines = document
    tomllib.loads(text)
    assert key_lines(text) == lines


def test_dotted_keys_inline_tables_and_arrays_of_tables() -> None:
    text = "a.b.c = 1\n[x.y]\nz = { p = 1 }\n[[t]]\nu = 1\n[t.v]\nw = 2\n[[t]]\n\nu = 3\n"
    tomllib.loads(text)
    lines = key_lines(text)
    expected: dict[Key, int] = {
        ("a", "b", "c"): 1,
        ("a", "b"): 1,
        ("x", "y", "z"): 3,
        ("x", "y", "z", "p"): 3,
        ("t", 0, "u"): 5,
        ("t", 0, "v", "w"): 7,
        ("t", 1, "u"): 10,
        ("t", 1, "missing"): 8,
    }
    assert {key: line_of(lines, key) for key in expected} == expected
    assert line_of(lines, ("none",)) is None
