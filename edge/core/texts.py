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
    "refused": Text("不得进入", "Not allowed in"),
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
    "fever_face_max": Text(
        "面部最高温达到报警值，请用接触式体温计复测", "Face at or above its alarm: confirm with a contact thermometer"
    ),
    "above_crowd": Text(
        "明显高于刚才的人群，请用接触式体温计复测",
        "Well above the recent crowd: confirm with a contact thermometer",
    ),
    "under_observation": Text(
        "医学观察期内，请带到观察区并联系校医", "Under medical observation: lead aside, call the clinic"
    ),
    "outsider": Text("证件不在名单上，不得入校，请联系学校", "Badge not on the list: keep out, ask the school"),
    "pass_expired": Text(
        "访客证今天无效，请学校重新签发", "The pass is not valid today: have the school issue a new one"
    ),
    "not_approved": Text("返校未获批准，请联系班主任", "Return not approved: call the class teacher"),
    "no_health_record": Text("缺 14 天健康记录，请补交或出示", "14-day health record missing: ask for it"),
    "already_in": Text("此证今天已入校，请核对是不是本人", "This badge is already in: check whose it is"),
    "two_at_once": Text("请一次只站一人，其余退后", "One at a time: the others step back"),
    "badge_too_soon": Text("请等前一位过闸后再刷", "Wait for the person before you, then present it again"),
    "no_badge": Text("请刷卡或出示二维码", "Present the card or code"),
    "too_early": Text("未到本班入校时间，请稍后再来", "Too early for this class: come back later"),
    "too_late": Text("已过本班入校时间，请门卫登记", "Too late for this class: the guard decides"),
    "clock_unknown": Text("闸机时间未校准，请门卫核对日期", "The gate's clock is not set: check the dates by hand"),
    "roster_old": Text("名单过期，请检查网络", "The list is out of date: check the network"),
    "no_face": Text("没有看到人，请站到相机前再刷", "Nobody seen: stand before the camera, present it again"),
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
