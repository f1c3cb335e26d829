"""`foregate enrol`: this gate becomes one of the county's, once, with the code that the county gave out.

The public half of the device's key goes to the county, the county's token into the token file. The code is spent by
the first success: whatever can fail at the gate is tried before it is sent.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

from edge.app import bootstrap
from edge.app.config import Config
from edge.app.config_file import load
from edge.core.answer import Answer, said_by_county
from edge.core.errors import UplinkError

# Asks a person for one line.
Ask = Callable[[str], str]
Announce = Callable[[str], None]

TOKEN_FILE = "token"


def enrol(path: Path, overrides: list[str], given: dict[str, str | None], ask: Ask, announce: Announce) -> int:
    """Enrol the gate of this configuration; 0. given: `county`, `gate_id`, `code`; what is None is asked for.

    ConfigError: the configuration cannot be used. UplinkError: the county does not enrol it, or cannot be reached; what
    to do. StoreError: the device's key can be neither read nor made.
    """
    config, added = _complete(path, overrides, given, ask)
    county = config.county
    assert county is not None, "_complete sees to it"
    from edge.adapters.uplink_http import check_place, write_token
    from edge.adapters.uplink_http import enrol as ask_county

    check_place(county.token_file)
    key = bootstrap.open_device_key(config)
    code = given["code"] or ask("登记码 / one-time code: ").strip()
    question = {"gate_id": config.gate.id, "code": code, "public_key": key.public_key}
    answer = ask_county(county.url, question, county.ca_file, county.proxy)
    write_token(county.token_file, _token(answer, config.gate.id))
    _hand_over(config, county.token_file)
    announce(
        f"{config.gate.id} 已在 {county.url} 登记，令牌在 {county.token_file}；请重启 foregate sync；"
        "此前若有记录被拒，再运行 foregate records --again\n"
        f"{config.gate.id} is enrolled at {county.url}, its token is in {county.token_file}; restart foregate sync,"
        " and if records were refused before, run foregate records --again"
    )
    if added:
        announce("请把以下内容写入 / write this into " + f"{path}:\n" + "\n".join(added))
    return 0


def _complete(path: Path, overrides: list[str], given: dict[str, str | None], ask: Ask) -> tuple[Config, list[str]]:
    """The configuration with the county's address and the gate's id, and the lines that it lacks."""
    known = load(path, overrides)
    url = given["county"] or (known.county.url if known.county is not None else None)
    gate_id = given["gate_id"] or (known.gate.id if "id" in known.gate.model_fields_set else None)
    url = url or ask("县级服务器地址 / the county's address (https://…): ").strip()
    gate_id = gate_id or ask("闸机编号 / the gate's id: ").strip()
    more = [f"county.url={json.dumps(url)}", f"gate.id={json.dumps(gate_id)}"]
    token_file = path.absolute().with_name(TOKEN_FILE)
    if known.county is None:
        more.append(f"county.token_file={json.dumps(str(token_file), ensure_ascii=False)}")
    config = load(path, [*overrides, *more])
    added = []
    if "id" not in known.gate.model_fields_set or known.gate.id != gate_id:
        added += ["[gate]", f'id = "{gate_id}"']
    if known.county is None or known.county.url != url:
        added += ["[county]", f'url = "{url}"', f'token_file = "{TOKEN_FILE}"' if known.county is None else ""]
    return config, [line for line in added if line]


def _token(answer: Answer, gate_id: str) -> str:
    from edge.adapters.uplink_http import is_token

    if answer.status is None:
        raise UplinkError(
            f"县级服务器没有应答（{answer.failure}）；{answer.advice.zh}，然后重试"
            "（若随后提示登记码已用过，请向县里索取新的登记码）",
            f"no answer from the county ({answer.failure}); {answer.advice.en}, then try again (if the code then counts"
            " as used, ask the county for a new one)",
        )
    said = said_by_county(answer.body)
    if said is not None:
        raise UplinkError(f"县级服务器没有登记 {gate_id}：{said.zh}", f"the county did not enrol {gate_id}: {said.en}")
    try:
        token = json.loads(answer.body)["token"] if answer.status == 201 else None
    except (ValueError, RecursionError, KeyError, TypeError):
        token = None
    if not isinstance(token, str) or not is_token(token):
        raise UplinkError(
            f"应答不是来自县级服务器（{answer.status}）；请核对 county.url、代理和网络",
            f"this answer is not the county's ({answer.status}); check county.url, the proxy and the network",
        )
    return token


def _hand_over(config: Config, token_file: Path) -> None:
    """What root has made belongs to whoever the services run as, who owns the records' folder."""
    if os.geteuid() != 0:
        return
    from edge.adapters.device_key import FILE_NAME

    folder = config.store.path.absolute().parent.stat()
    for made in (token_file, config.store.path.with_name(FILE_NAME)):
        os.chown(made, folder.st_uid, folder.st_gid)
