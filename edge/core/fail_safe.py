"""The fail-safe table: what lamp, buzzer and relay do when something breaks, why, and which test shows it on the wires.

docs/fail-safe.md is made from it (make fail-safe).
"""

from dataclasses import dataclass
from typing import Literal

from edge.core.texts import Text

Relay = Literal["shut", "open", "as_decided"]


@dataclass(frozen=True, slots=True)
class Row:
    """One situation. lamp, buzzer: what is seen and heard; relay: shut, open, or as_decided (the gate goes on).

    within: how soon; how: what makes it so; proofs: tests, as file::name; none where only wiring can make it so.
    """

    situation: Text
    lamp: Text
    buzzer: Text
    relay: Relay
    within: Text
    how: Text
    proofs: tuple[str, ...] = ()


_SERVICE = "tests/rig/guest_service.py"
_WATCHED = "tests/rig/guest_watchdog.py"
_LINES = "tests/rig/guest_lines.py"
_PINS = "tests/adapters/test_gate_gpio.py"
_CALIBRATION = "tests/app/test_calibrate_command.py"

_OFF = Text("灭", "off")
_SILENT = Text("静", "silent")
_FAULT = Text("黄灯一闪一闪", "amber, winking")
_AT_ONCE = Text("立即", "at once")
_WATCHDOG = Text("5 秒，加上关线的程序启动的时间", "5 s, and the time that the program which drives the lines needs")

TABLE: tuple[Row, ...] = (
    Row(
        Text("没有电，或树莓派坏了", "no power, or the Pi is broken"),
        _OFF,
        _SILENT,
        "shut",
        _AT_ONCE,
        Text("继电器用常开触点；每条线有电阻", "the relay's contact is normally open; a resistor on every line"),
    ),
    Row(
        Text("来电、开机，直到服务启动", "power comes back, the board boots, until the service runs"),
        _OFF,
        _SILENT,
        "shut",
        _AT_ONCE,
        Text(
            "引脚是悬空的输入，由电阻拉在关的一侧；服务先占继电器，从关开始；断电前的判定不再有效",
            "pins are floating inputs, which the resistors hold off; the service claims the relay first, shut; nothing "
            "decided before the power went opens it",
        ),
        ("tests/rig/host_power.py::main", f"{_LINES}::test_it_starts_dark_and_shut_and_shows_what_it_is_told"),
    ),
    Row(
        Text("进程被杀死（kill -9）或出错退出", "the process is killed (kill -9) or dies of a defect"),
        _OFF,
        _SILENT,
        "shut",
        Text("关线的程序启动的时间", "the time that the program which drives the lines needs"),
        Text(
            "systemd 随即运行 foregate safe-lines，再重启服务；真正的树莓派在此之前可能保持原来的电平",
            "systemd runs foregate safe-lines, then starts the service again; until then a real Pi may keep the level",
        ),
        (
            f"{_SERVICE}::test_it_is_killed_while_somebody_is_let_in",
            f"{_WATCHED}::test_killed_in_the_middle_of_a_pulse",
            f"{_LINES}::test_lines_that_kept_their_level_are_driven_off",
        ),
    ),
    Row(
        Text("进程停住（SIGSTOP、内核不再调度）", "the process is stopped (SIGSTOP, no longer scheduled)"),
        _OFF,
        _SILENT,
        "shut",
        _WATCHDOG,
        Text(
            "systemd 的看门狗杀死它（SIGKILL），然后同上；此前继电器保持停住时的状态",
            "systemd's watchdog kills it (SIGKILL), then as above; until then the relay stays as it was",
        ),
        (
            f"{_WATCHED}::test_stopped_in_the_middle_of_a_pulse",
            f"{_SERVICE}::test_it_hangs_while_somebody_is_let_in",
        ),
    ),
    Row(
        Text("主循环卡死，进程还在转", "the loop hangs, the process still runs"),
        _OFF,
        _SILENT,
        "shut",
        _WATCHDOG,
        Text("脉冲由自己的定时器按时结束；看门狗同上", "a pulse is ended by its own timer; the watchdog as above"),
        (f"{_WATCHED}::test_busy_for_ever_in_the_middle_of_a_pulse",),
    ),
    Row(
        Text("正常停止", "it is stopped as asked"),
        _OFF,
        _SILENT,
        "shut",
        _AT_ONCE,
        Text(
            "退出时关闭每条线；safe-lines 再关一次",
            "every line is switched off on the way out, then by safe-lines again",
        ),
        (
            f"{_SERVICE}::test_it_is_stopped_as_asked_while_somebody_is_let_in",
            f"{_LINES}::test_it_ends_as_asked_in_the_middle_of_a_pulse",
        ),
    ),
    Row(
        Text("相机断开、画面停住或不变", "the camera is gone, its stream stalls, or its picture stands still"),
        _FAULT,
        _SILENT,
        "shut",
        Text("3 秒", "3 s"),
        Text(
            "没有新画面就没有判定；站着的人记为未测量",
            "without a new picture there is no verdict; whoever stands there is not measured",
        ),
        (f"{_SERVICE}::test_the_camera_freezes",),
    ),
    Row(
        Text("参考黑体不可用", "the reference is not usable"),
        _FAULT,
        _SILENT,
        "shut",
        Text("settling_s 的两倍，至少 5 秒", "twice settling_s, at least 5 s"),
        Text("没有参考就没有读数", "without a reference there is no reading"),
        (f"{_SERVICE}::test_the_reference_is_gone",),
    ),
    Row(
        Text("校准过期，或不能用", "the calibration expires, or cannot be used"),
        Text("照常", "as usual"),
        Text("照常", "as usual"),
        "as_decided",
        _AT_ONCE,
        Text(
            "屏幕写明；过期的按 calibration.expired 照用（记录里编号后加 +expired）或不用；"
            "被改动的、别的传感器的从不使用，记录写 uncalibrated",
            "the screen tells it; an expired one is used on, marked +expired in the records, or left, as"
            " calibration.expired says; one that was altered or is another sensor's is never used: uncalibrated",
        ),
        (
            f"{_SERVICE}::test_the_calibration_has_expired_then_somebody_alters_it",
            f"{_CALIBRATION}::test_an_expired_one_is_marked_or_left_by_policy",
            f"{_CALIBRATION}::test_the_gate_uses_it_for_its_own_sensor_alone_and_says_so",
        ),
    ),
    Row(
        Text("记录写不进去（磁盘满）", "records cannot be written (disk full)"),
        _FAULT,
        _SILENT,
        "shut",
        _AT_ONCE,
        Text(
            "先写记录，后开闸；体温异常照样报警；有了空间自行恢复",
            "the record comes before the gate; a fever is signalled all the same; it goes on once there is room",
        ),
        (f"{_SERVICE}::test_the_disk_is_full",),
    ),
    Row(
        Text("火警触点动作，或其线断了", "the fire contact tells, or its wire breaks"),
        Text("绿灯快闪", "green, fast"),
        _SILENT,
        "open",
        Text("触点稳定 debounce_s 之后", "once the contact has rested for debounce_s"),
        Text(
            "引脚适配器自己保持，不经主循环；火警结束即关。服务不在时由硬件串联的触点放行",
            "held by the pins' adapter itself, whatever the loop does; shut when it is over. While the service is down "
            "the contact that is wired in series lets everybody out",
        ),
        (
            f"{_SERVICE}::test_the_fire_alarm_holds_it_open_beside_a_fever_until_it_is_over",
            f"{_LINES}::test_fire_holds_the_gate_open_whatever_is_shown_and_shuts_it_afterwards",
            f"{_PINS}::test_a_broken_wire_of_the_fire_contact_is_a_fire_and_one_of_the_feedback_is_nothing",
        ),
    ),
    Row(
        Text("外壳被打开，或防拆线断了", "the housing is opened, or the tamper wire breaks"),
        Text("红灯慢闪", "red, slow"),
        Text("长鸣", "alarm"),
        "as_decided",
        Text("触点稳定 debounce_s 之后", "once the contact has rested for debounce_s"),
        Text("写下记录，屏幕和声光报警", "written down; told on the screen, by lamp and buzzer"),
        (f"{_LINES}::test_the_exit_button_and_the_housing_are_told",),
    ),
    Row(
        Text("有人强行通过，或尾随", "somebody forces the gate, or follows somebody"),
        Text("红灯慢闪", "red, slow"),
        Text("长鸣", "alarm"),
        "shut",
        _AT_ONCE,
        Text(
            "有人通过，脉冲立即结束；多出的一次通行写下记录并报警",
            "a turn ends its pulse at once; one turn too many is written down and told",
        ),
        (f"{_LINES}::test_who_has_gone_through_shuts_the_gate_and_whoever_follows_is_told",),
    ),
    Row(
        Text("输入线松动、抖动或有干扰", "an input's wire is loose, bounces, or picks up spikes"),
        Text("不变", "as before"),
        Text("不变", "as before"),
        "as_decided",
        Text("debounce_s", "debounce_s"),
        Text(
            "稳定才算数；一直不稳的火警和防拆算报警，出门按钮和通行反馈算没有",
            "believed once it rests; one that never rests is an alarm for fire and tampering, and nothing for the exit "
            "button and the turnstile",
        ),
        (
            f"{_LINES}::test_a_spike_is_nothing",
            f"{_PINS}::test_a_loose_wire_that_never_rests_is_on_the_safe_side",
        ),
    ),
    Row(
        Text("引脚库缺失，或引脚被别的程序占用", "the pin library is missing, or a pin is held by another program"),
        _OFF,
        _SILENT,
        "shut",
        _AT_ONCE,
        Text("服务不启动，说明怎么办，每两秒再试", "the service does not start, says what to do, and tries every 2 s"),
        (
            f"{_SERVICE}::test_without_its_pins_it_does_not_start_and_says_why",
            f"{_LINES}::test_without_the_pin_library_nothing_moves_and_the_remedy_is_told",
            f"{_LINES}::test_a_gate_whose_relay_somebody_holds_does_not_start",
        ),
    ),
    Row(
        Text("运行中某条线失控", "a line does not obey any more while it runs"),
        _OFF,
        _SILENT,
        "shut",
        _AT_ONCE,
        Text(
            "其余的线全部关闭；下一个信号时再试",
            "all other lines are switched off; tried again with the next signal",
        ),
        (f"{_PINS}::test_lost_line_shuts_the_gate_and_is_reported",),
    ),
    Row(
        Text(
            "网络中断，或县里来的旧的、重放的、伪造的消息",
            "the network is gone, or brings old or forged messages",
        ),
        Text("不变", "as before"),
        Text("不变", "as before"),
        "as_decided",
        Text("不适用", "does not apply"),
        Text(
            "与县里通信的是另一个进程，它没有引脚；闸机只听自己的相机、读卡器、触点和本机屏幕",
            "another process talks to the county, and it has no pins; the gate listens to its own camera, readers, "
            "contacts and screen alone",
        ),
        ("tests/app/test_sync_has_no_pins.py::test_the_process_that_talks_to_the_county_has_no_pins",),
    ),
)
