"""What contradicts: the codes of anomalies, and what each means for whoever has to look after it."""

from edge.core.texts import Text

ANOMALIES = {
    "bad_signature": Text(
        "记录的签名不是本闸机密钥所签：可能被伪造，或存储卡换到了别的设备",
        "Signed by no key of this gate: forged, or the card is in another device",
    ),
    "other_gate": Text(
        "送来了另一台闸机的记录：请核对闸机编号和令牌", "Sent another gate's records: check its id and its token"
    ),
    "uuid_taken": Text("同一编号送来了两份不同的记录", "Sent two different records under one uuid"),
    "seq_taken": Text(
        "同一序号送来了两份不同的记录：文件被替换、恢复，或两台设备共用编号",
        "Sent two different records under one number: the file was replaced, or two devices share the id",
    ),
    "broken_chain": Text(
        "记录与前后记录不衔接：历史被改写，或换了文件",
        "Does not follow its neighbours: history was rewritten, or the file exchanged",
    ),
    "other_head": Text(
        "同一序号的指纹与以前报告的不同：文件被改写或替换",
        "Another fingerprint than lodged before: the file was rewritten or replaced",
    ),
    "cut_off": Text(
        "闸机的文件比以前报告的短：末尾被截断，或放回了旧文件",
        "The gate's file is shorter than lodged before: cut off, or an older copy",
    ),
    "too_many": Text(
        "矛盾太多，不再逐条保存：请查看这台闸机", "More contradictions than are kept one by one: look at this gate"
    ),
}


def anomaly_text(code: str) -> Text:
    """What this anomaly is; an unknown code as it is."""
    return ANOMALIES.get(code, Text(code, code))
