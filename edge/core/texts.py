"""What a verdict, a reason, a status or a fault is called, in Chinese and in English, with what to do about it.

The codes are what records and events carry; every code that the gate can say stands here once.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One thing said in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


VERDICTS = {
    "pass": Text("通过", "Come in"),
    "fever": Text("体温异常", "Fever"),
    "not_measured": Text("未测量", "Not measured"),
}

REASONS = {
    "ok": Text("额温低于报警值", "Forehead below the alarm"),
    "fever_forehead": Text(
        "额温达到报警值，请用接触式体温计复测", "Forehead at or above the alarm: confirm with a contact thermometer"
    ),
    "too_cold": Text(
        "额头过冷，请在室内等候几分钟后重测", "Forehead too cold: wait indoors a few minutes, then try again"
    ),
    "left_early": Text("停留时间不足，请回来站定一秒", "Left too early: come back and stand still for a second"),
    "no_reference": Text("参考源不可用，请检查参考黑体", "No temperature reference: check the blackbody"),
    "settling": Text("相机正在自校，请稍候重测", "Camera is settling after its shutter: wait, then try again"),
    "obscured": Text("看不到额头，请摘帽、撩起刘海", "Forehead hidden: take off the hat, lift the fringe"),
    "cut_off": Text("脸不在画面内，请站到中间", "Face partly out of the picture: step to the middle"),
    "too_far": Text("距离太远，请走近一步", "Too far away: one step closer"),
    "turned": Text("请正对相机", "Face the camera"),
    "moving": Text("请站定", "Stand still"),
    "too_few_pixels": Text("额头太小，请走近一步", "Too few pixels on the forehead: one step closer"),
    "camera_lost": Text("相机画面中断，请重新测量", "The picture was lost: measure again"),
    "not_skin": Text("读到的不是皮肤，请移开遮挡物或热源", "This is no skin: remove what covers or heats the forehead"),
    "stopped": Text("闸机停止，请重新测量", "The gate was stopped: measure again"),
}

STATUSES = {
    "ok": Text("正常", "Ready"),
    "shutter": Text("相机快门校正中", "Camera shutter closed"),
    "settling": Text("相机稳定中", "Camera settling"),
    "no_reference": Text("找不到参考黑体", "Reference not found"),
    "stale": Text("画面已停", "Picture is frozen"),
    "invalid": Text("画面无效", "Picture is invalid"),
    "no_camera": Text("没有相机画面", "No camera"),
}

FAULTS = {
    "camera": Text("相机无画面：请检查相机的 USB 线", "No picture from the camera: check its USB cable"),
    "reference": Text("参考黑体不可用：请检查其电源和位置", "Reference not usable: check its power and position"),
    "store": Text(
        "记录无法写入，闸门保持关闭：请检查磁盘空间",
        "Records cannot be written, the gate stays shut: check the disk space",
    ),
    "gate_io": Text("灯或闸门无法控制：请检查接线", "Lamp or relay not under control: check the wiring"),
}
