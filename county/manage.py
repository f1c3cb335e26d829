"""The command `foregate-county`: finds the command, checks the environment, tells faults in both languages."""

import os
import sys
from collections.abc import Sequence

from django.core.management import CommandError, execute_from_command_line

from county.core import environment, misuse
from county.core.environment import PREFIX
from edge.core.errors import ForegateError

HELP = """\
foregate-county: 县级服务器 / the county's server

  migrate                                  建立或升级数据库 / make or upgrade the database
  add-gate GATE_ID --name N --school S     登记闸机，打印一次性代码 / register a gate, print the code that enrols it
  renew-gate GATE_ID                       打印新代码（丢令牌、停用后）/ another code: lost token, revoked gate
  revoke-gate GATE_ID                      停用闸机的令牌和密钥 / end a gate's token and key
  verify-gate GATE_ID                      检查保存的记录链 / check the chain of records that is kept
  forget                                   删除到期的记录内容 / erase contents whose time is over
  add-account NAME --role R [--school S]   新建登录账号 / create a sign-in
  change-account NAME --role R             改角色或学校 / another role or school
  revoke-account NAME                      停用登录账号 / end a sign-in
  changepassword NAME                      更换密码 / change a password
  sign-in-link NAME                        一次性登录地址 / an address that signs in once
  reset-totp NAME                          关闭验证码 / switch off one-time codes
  roster-key                               名单公钥，存入闸机 / the key that gates check rosters with
  import-roster SCHOOL FILE                导入名单 / import a school's roster
  show-roster SCHOOL [--person ID]         名单概况，一人的修改记录 / the roster, one person's history
  approve-return SCHOOL --class N          批准返校 / approve a return
  observe SCHOOL --person ID --until D     医学观察，--release 解除 / medical observation
  health-record SCHOOL --class N           14 天健康记录已齐 / the 14-day record is complete
  entry-window SCHOOL CLASS 07:30 07:50    班级入校时段 / when a class may enter
  gate-settings SCHOOL --set K=V            闸机的报警值和规则 / alarm and rules of a school's gates
  compose-reports [--day D]                生成日报，列出缺报 / compose the daily reports, list what is missing
  school-township SCHOOL TOWNSHIP          学校所属乡镇 / in which township a school lies
  report-recipient NAME --line bureau      日报接收人 / an officer who receives reports
  serve [--bind 127.0.0.1:8600]            启动服务器 / run the server

每个命令都有 --help / every command has --help.
环境变量 / variables: FOREGATE_COUNTY_DATA (必需 / needed), FOREGATE_COUNTY_SECRET_KEY, FOREGATE_COUNTY_HOSTS,
FOREGATE_COUNTY_BEHIND_PROXY, FOREGATE_COUNTY_DATABASE; 见 / see docs/county.md.
"""


def main() -> None:
    """Run the command line and exit: 0 done, 2 it cannot be done as asked, 130 interrupted."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command. ForegateErrors end as their two lines on stderr and exit code 2."""
    if not arguments or arguments[0] in {"help", "--help", "-h"}:
        print(HELP, end="")
        return 0
    command = arguments[0]
    # What the server writes is about people: nobody else on this machine reads it.
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "county.settings")
    if command == "serve" and "--behind-proxy" in arguments:
        os.environ[PREFIX + "BEHIND_PROXY"] = "1"
    try:
        # Only these: Django has commands that empty the database.
        if command not in misuse.COMMANDS:
            raise misuse.no_such_command(command)
        if "--help" not in arguments and "-h" not in arguments:
            environment.need_data(environment.read(os.environ))
        execute_from_command_line(["foregate-county", command.replace("-", "_"), *arguments[1:]])
    except CommandError as error:
        print(misuse.not_understood(command, str(error)), file=sys.stderr)
        return 2
    except ForegateError as error:
        print(error, file=sys.stderr)
        return 2
    except (KeyboardInterrupt, EOFError):
        # EOFError: Ctrl-D instead of a password.
        print("已中断 / interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    main()
