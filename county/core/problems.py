"""What the interface for gates answers when it does not do what was asked: each with its code, once.

A record of a batch that is refused (400, 409 and 422 below stand beside its line) is refused for ever; as answers to
a whole request 400, 401, 403, 404, 405, 411, 413, 415 and 421 mean that gate and county are not set up for each other;
408, 429 and 503 pass by themselves: the gate keeps its records and tries again.
"""

from dataclasses import dataclass

MAX_BATCH_RECORDS = 500
MAX_BATCH_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Problem:
    """An HTTP status with a code for programs and a sentence for people. retry_after_s: when to try again."""

    status: int
    code: str
    zh: str
    en: str
    retry_after_s: int | None = None


BAD_TOKEN = Problem(
    401,
    "bad_token",
    "令牌缺失、未知或已停用；请在县级服务器运行 foregate-county renew-gate，用打印的代码重新登记本闸机",
    "no token, an unknown or a revoked one; run foregate-county renew-gate at the county and enrol with its code",
)
NOT_FOUND = Problem(
    404,
    "not_found",
    "没有这个地址；请核对闸机配置中的县级服务器地址",
    "no such address; check the county's address in the gate's configuration",
)
METHOD = Problem(
    405,
    "method",
    "此地址不支持该方法；请核对闸机与县级服务器的软件版本",
    "this address does not do that; check that gate and county run matching versions",
)
TIMEOUT = Problem(
    408,
    "incomplete",
    "正文没有收全；请检查网络，稍后重试",
    "the body did not arrive completely; check the network, try again",
)
LENGTH_REQUIRED = Problem(
    411, "length_required", "缺少 Content-Length；请带上正文长度", "no Content-Length; send the body's length with it"
)
TOO_MANY = Problem(
    413,
    "too_many",
    f"一次超过 {MAX_BATCH_RECORDS} 条记录，未保存；请分批发送",
    f"more than {MAX_BATCH_RECORDS} records at once, none was stored; send smaller batches",
)
CONTENT_ENCODING = Problem(
    415,
    "content_encoding",
    "正文只能不压缩或用 gzip 压缩；请用 Content-Encoding: gzip 或不写",
    "a body is plain or gzip; send Content-Encoding: gzip or none",
)
NOT_GZIP = Problem(
    400, "not_gzip", "正文不是完整的 gzip；请重新压缩后发送", "the body is no complete gzip; compress it anew"
)
BAD_SIGNATURE = Problem(
    422,
    "bad_signature",
    "签名不是本闸机已登记的密钥所签；请用 foregate-county renew-gate 重新登记本闸机",
    "signed by no key that is registered for this gate; enrol it anew with foregate-county renew-gate",
)
BROKEN_CHAIN = Problem(
    409,
    "broken_chain",
    "记录与已保存的前后记录或已报告的指纹不衔接；已作为异常保存，请技术员检查闸机的文件",
    "does not fit its neighbours that are kept, or a head that was lodged; kept as evidence, have the gate looked at",
)
CODE_UNKNOWN = Problem(
    403,
    "code_unknown",
    "闸机编号与代码不符；请核对两者，或用 foregate-county renew-gate 换新代码",
    "no such code for this gate; check both, or get another code with foregate-county renew-gate",
)
CODE_USED = Problem(
    403,
    "code_used",
    "代码已用过；请用 foregate-county renew-gate 换新代码",
    "the code was used; get another one with foregate-county renew-gate",
)
CODE_EXPIRED = Problem(
    403,
    "code_expired",
    "代码已过 48 小时；请用 foregate-county renew-gate 换新代码",
    "the code is older than 48 h; get another one with foregate-county renew-gate",
)
SLOW_DOWN = Problem(
    429, "slow_down", "失败次数过多；请 15 分钟后再试", "too many failures; try again in 15 minutes", 900
)
HOST = Problem(
    421,
    "host",
    "服务器不以此主机名提供服务；请把它加入 FOREGATE_COUNTY_HOSTS",
    "the server does not answer to this host name; add it to FOREGATE_COUNTY_HOSTS",
)
UUID_TAKEN = Problem(
    409,
    "uuid_taken",
    "同一编号下已有另一份记录；原记录保持不变",
    "another record is kept under this uuid; it stays as it is",
)
SEQ_TAKEN = Problem(
    409,
    "seq_taken",
    "本闸机的这一序号已有另一份记录；请检查是否两台设备共用编号；换了存储卡的，请用新编号登记",
    "this gate has another record under this number; do two devices share its id? With a new card it needs a new id",
)
BAD_SINCE_SEQ = Problem(400, "since_seq", "since_seq 必须是 0 以上的整数", "since_seq is a whole number from 0")
BAD_VERSION = Problem(
    400, "version", "version 和 issued 必须是 0 以上的整数", "version and issued are whole numbers from 0"
)
NO_ROSTER_KEY = Problem(
    503,
    "no_roster_key",
    "县级服务器还没有名单签名密钥；请运行 foregate-county roster-key",
    "the county has no key to sign rosters with yet; run foregate-county roster-key",
    300,
)
BUSY = Problem(
    503, "busy", "数据库正忙，记录未保存；请稍后重试", "the database is busy, nothing was stored; try again", 2
)
DISK_FULL = Problem(
    503,
    "disk_full",
    "县级服务器磁盘已满，记录未保存；请腾出空间，闸机会自动重试",
    "the county's disk is full, nothing was stored; free some space, the gate tries again by itself",
    60,
)
STORAGE = Problem(
    503,
    "storage",
    "县级服务器无法读写数据库，记录未保存；请查看服务器日志",
    "the county cannot use its database, nothing was stored; look at the server's log",
    30,
)
INTERNAL = Problem(500, "internal", "服务器内部错误；请查看服务器日志", "the server failed; look at its log")


def content_type(*taken: str) -> Problem:
    """415: another kind of body than these."""
    return Problem(
        415,
        "content_type",
        f"正文类型不对；请用 Content-Type: {taken[0]}",
        f"wrong kind of body; send Content-Type: {taken[0]}",
    )


def too_large(most: int) -> Problem:
    """413: the body, unpacked, has more bytes than this."""
    return Problem(413, "too_large", f"正文超过 {most} 字节；请分批发送", f"more than {most} bytes; send less at once")


def not_a_status(detail: str) -> Problem:
    """400: the bytes are no status, with what is wrong about them."""
    return Problem(
        400,
        "not_a_status",
        f"不是有效的状态（{detail}）；请核对闸机与县级服务器的软件版本",
        f"not a valid status ({detail}); check that gate and county run matching versions",
    )


def not_an_enrolment(detail: str) -> Problem:
    """400: the bytes are no enrolment, with what is wrong about them."""
    return Problem(
        400,
        "not_an_enrolment",
        f"不是有效的登记请求（{detail}）；请核对闸机与县级服务器的软件版本",
        f"not a valid enrolment ({detail}); check that gate and county run matching versions",
    )


def not_a_record(zh: str, en: str) -> Problem:
    """400: the bytes are no record, with the reason that the parser gave."""
    return Problem(400, "not_a_record", zh, en)


def other_gate(claimed: str, own: str) -> Problem:
    """400: the record was written by another gate than the one whose token came with it."""
    return Problem(
        400,
        "other_gate",
        f"记录属于闸机 {claimed}，而令牌属于 {own}；请核对闸机编号和令牌文件",
        f"the record is of gate {claimed}, the token of {own}; check the gate's id and its token file",
    )


def no_roster(school: str) -> Problem:
    """404: nothing was imported for the gate's school."""
    return Problem(
        404,
        "no_roster",
        f"县级服务器没有 {school} 的名单；请运行 foregate-county import-roster",
        f"the county has no roster of {school}; run foregate-county import-roster",
    )


def settings_behind(own: int, asked: int) -> Problem:
    """409: the gate has newer settings than the county, which can only have been put back in time."""
    return Problem(
        409,
        "settings_behind",
        f"县里的设置版本 {own} 比闸机的 {asked} 旧（可能从备份恢复）；请运行"
        f" foregate-county gate-settings … --raise-version {asked + 1}",
        f"the county's settings version {own} is older than the gate's {asked} (restored from a backup?);"
        f" run foregate-county gate-settings … --raise-version {asked + 1}",
    )


def roster_behind(own: int, asked: int) -> Problem:
    """409: the gate has a newer roster than the county, which can only have been put back in time."""
    return Problem(
        409,
        "roster_behind",
        f"县里的名单版本 {own} 比闸机的 {asked} 旧（可能从备份恢复）；请运行"
        f" foregate-county show-roster … --raise-version {asked + 1}",
        f"the county's roster version {own} is older than the gate's {asked} (restored from a backup?);"
        f" run foregate-county show-roster … --raise-version {asked + 1}",
    )


def of_database(message: str, sqlstate: str | None = None) -> Problem:
    """503: which trouble a database's error tells of.

    message: SQLite's words (SQLITE_BUSY and LOCKED, SQLITE_FULL); sqlstate: PostgreSQL's code, which is the same in
    every language that it may speak ("PostgreSQL Error Codes"): no lock in time, a deadlock, a statement that was
    cancelled or too many connections pass by themselves, class 53100 is a full disk. The rest is trouble.
    """
    if sqlstate is not None:
        if sqlstate in {"55P03", "40P01", "40001", "57014", "53300", "57P03"}:
            return BUSY
        return DISK_FULL if sqlstate == "53100" else STORAGE
    if "locked" in message or "busy" in message:
        return BUSY
    return DISK_FULL if "full" in message else STORAGE
