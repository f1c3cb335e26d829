"""The five questions of `foregate setup`: what may be answered, and what that means in the configuration. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from edge.app.setup_file import Value
from edge.core.errors import ConfigError

CAMERAS = ("lepton", "boson", "sim")
# Where docs/wiring.md draws the contacts.
CONTACTS = {"passed": 5, "exit": 6, "fire": 13, "tamper": 19}
WIRINGS = {
    "outputs": "灯、蜂鸣器、继电器 / lamps, buzzer, relay",
    "full": "另有通行、出门、火警、防拆四个触点 / and the four contacts as drawn in docs/wiring.md",
    "none": "什么都没接，只用屏幕 / nothing is wired, the screen alone",
}
_GATE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
# The county judges it; here only what is plainly none.
_CODE = re.compile(r"(?=.{8,40}\Z)[A-Za-z0-9]+(-[A-Za-z0-9]+)*\Z")


@dataclass(frozen=True, slots=True)
class Given:
    """The answers; None: not given yet. county '': there is none. code '': enrolled already, or later."""

    school: str | None = None
    gate: str | None = None
    county: str | None = None
    code: str | None = None
    camera: str | None = None
    wiring: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what a wrong answer is told (None: it is right)."""

    key: str
    words: str
    wrong: Callable[[str], str | None]


def _school(text: str) -> str | None:
    return None if 0 < len(text) <= 60 and text.isprintable() else "请写学校名称，至多 60 字 / its name, at most 60"


def _gate(text: str) -> str | None:
    if _GATE_ID.match(text):
        return None
    return "只能用字母、数字和 . _ -，例如 school1-east / letters, digits and . _ - alone, such as school1-east"


def _county(text: str) -> str | None:
    """Only what is plainly no address; the configuration's own rules judge the rest."""
    if not text or text.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        return None
    return "须以 https:// 开头 / must begin with https://"


def _code(text: str) -> str | None:
    if not text or _CODE.match(text):
        return None
    return "请照抄县里给的一行，形如 T8KG2-GB4W0-6A815-WB3SF / the line from the county, like T8KG2-GB4W0-6A815-WB3SF"


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str | None]:
    return lambda text: None if text in choices else "请选 / choose: " + " | ".join(choices)


QUESTIONS = (
    Question("school", "1 学校名称，与县里登记的一字不差 / the school's name exactly as the county has it", _school),
    Question("gate", "2 闸机编号，与县里登记的一致 / the gate's id as the county registered it", _gate),
    Question("county", "3 县级服务器网址，没有则写 - / the county's address, - for none", _county),
    Question("code", "  登记码，已登记过则写 - / its one-time code, - when enrolled already", _code),
    Question("camera", f"4 相机 / camera: {' | '.join(CAMERAS)}", _one_of(CAMERAS)),
    Question(
        "wiring",
        "5 接线 / wiring\n" + "\n".join(f"    {key:<8} {words}" for key, words in WIRINGS.items()) + "\n ",
        _one_of(tuple(WIRINGS)),
    ),
)


def complete(given: Given, known: Given, ask: Callable[[str], str], announce: Callable[[str], None]) -> Given:
    """Every answer: given, or asked for, with what is known as its default.

    ConfigError: an answer on the command line is wrong; one that is typed wrong is asked for again.
    """
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        key = question.key
        if key == "code" and not answers["county"]:
            answers[key] = ""
            continue
        written = getattr(given, key)
        if written is not None:
            answers[key] = _plain(written)
            if (wrong := question.wrong(answers[key])) is not None:
                zh, _, en = wrong.partition(" / ")
                raise ConfigError(f"--{key} {written}：{zh}", f"--{key} {written}: {en}")
        else:
            answers[key] = _asked(question, getattr(known, key), ask, announce)
    return Given(**answers)


def meaning(answers: Given, folder: Path, records: Path, roster_key: bool) -> Mapping[tuple[str, str], Value | None]:
    """What they are in the configuration. folder: of the configuration; records: where gate and sync write.

    roster_key: the county's key lies beside the configuration, so that identity can be asked for.
    """
    wired = answers.wiring == "full"
    found: dict[tuple[str, str], Value | None] = {
        ("gate", "id"): answers.gate,
        ("gate", "name"): answers.school,
        ("camera", "kind"): answers.camera,
        ("store", "path"): str(records / "foregate.sqlite"),
        # A simulated camera never moves real lines.
        ("pins", "factory"): "mock" if answers.wiring == "none" or answers.camera == "sim" else "lgpio",
        **{("pins", name): bcm if wired else None for name, bcm in CONTACTS.items()},
    }
    if answers.county:
        found["county", "url"] = answers.county
        found["county", "token_file"] = str(folder / "token")
    if roster_key:
        found["roster", "school"] = answers.school
        found["roster", "key_file"] = str(folder / "roster.pub")
        found["roster", "path"] = str(records / "foregate.roster")
    return found


def _asked(question: Question, known: str | None, ask: Callable[[str], str], announce: Callable[[str], None]) -> str:
    default = "" if known is None else f" [{known or '-'}]"
    while True:
        typed = ask(f"{question.words}{default}: ").strip()
        answer = (known if known is not None and not typed else _plain(typed)) or ""
        wrong = question.wrong(answer)
        if not typed and known is None:
            wrong = wrong or "请回答，没有则写 - / please answer, - for none"
        if wrong is None:
            return answer
        announce(f"    ! {wrong}")


def _plain(text: str) -> str:
    """A dash says: none."""
    return "" if text.strip() == "-" else text.strip()


assert [field.name for field in fields(Given)] == [question.key for question in QUESTIONS]
