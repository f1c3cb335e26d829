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
    "near_alarm": Text(
        "接近报警值，请站定再测一秒", "So near the alarm: stand still and be measured for a second longer"
    ),
    "left_early": Text("停留时间不足，请回来站定一秒", "Left too early: come back and stand still for a second"),
    "no_reference": Text("参考源不可用，请检查参考黑体", "No temperature reference: check the blackbody"),
    "settling": Text("相机正在自校，请稍候重测", "Camera is settling after its shutter: wait, then try again"),
    "obscured": Text("看不到额头，请摘帽、撩起刘海", "Forehead hidden: take off the hat, lift the fringe"),
    "overlapped": Text("与旁人重叠，请一次只站一人", "Somebody else is in the way: one at a time"),
    "hat": Text("额头被遮住，请摘下帽子、撩起刘海", "Something covers the forehead: take off the hat, lift the fringe"),
    "wet_or_cold": Text(
        "额头潮湿、过冷或被遮住，请擦干、露出额头，稍等再测",
        "Forehead wet, cold or covered: wipe it, uncover it, wait a moment, try again",
    ),
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
    "no_reference": Text("参考黑体不可用", "Reference not usable"),
    "stale": Text("画面已停", "Picture is frozen"),
    "invalid": Text("画面无效", "Picture is invalid"),
    "no_camera": Text("没有相机画面", "No camera"),
}

# Why there is no_reference, by the states of core/reference.py. The first clause stands over the picture, in few words.
REFERENCES = {
    "searching": Text("找不到参考黑体：请检查其电源和位置", "No reference: check its power and position"),
    "locking": Text("确认参考黑体：刚刚出现，请稍候", "Checking reference: it just appeared, wait a moment"),
    "not_uniform": Text(
        "看不清参考黑体：请让开，检查其位置和电源", "Reference hidden: clear the view, check its place and power"
    ),
    "innovation": Text("确认参考黑体：读数突变，请稍候", "Checking reference: readings jumped, wait a moment"),
    "changed": Text(
        "参考黑体不稳：请检查其电源，刚开机或更换须等十分钟",
        "Reference unsteady: check its power; if just switched on or new, wait ten minutes",
    ),
    "implausible": Text(
        "参考黑体偏差大：请检查其电源，核对设定温度", "Reference far off: check its power and its set temperature"
    ),
}

FAULTS = {
    "maintenance": Text(
        "技术人员正在维护，暂不放行：请稍候或走其他通道",
        "A technician is at work, nobody is let in: wait, or use another gate",
    ),
    "camera": Text("相机无画面：请检查相机的 USB 线", "No picture from the camera: check its USB cable"),
    "reference": Text("参考黑体不可用：请检查其电源和位置", "Reference not usable: check its power and position"),
    "store": Text(
        "记录无法写入，闸门保持关闭：请检查磁盘空间",
        "Records cannot be written, the gate stays shut: check the disk space",
    ),
    "gate_io": Text("灯或闸门无法控制：请检查接线", "Lamp or relay not under control: check the wiring"),
    "roster_none": Text(
        "还没有名单，无人可入：请检查县服务器连接", "No roster yet, nobody is known: check the link to the county"
    ),
    "roster_old": Text("名单已过期：请检查县服务器连接", "The roster is out of date: check the link to the county"),
    "clock": Text(
        "时钟没有对准：入校时段暂不检查，有效期从严；请技术员检查网络",
        "The clock is not set: entry windows are not asked, dates count as the stricter; have the network checked",
    ),
    "calibration": Text(
        "校准不可用，按未校准测量：请运行 foregate calibrate show",
        "The calibration cannot be used, readings are uncalibrated: run foregate calibrate show",
    ),
    "calibration_expired": Text("校准已过期：请尽快重新校准", "The calibration has expired: calibrate anew soon"),
    "emissivity": Text(
        "相机自己又按发射率修正了一次，读数有偏差：请技术员把相机的发射率设为 1.00",
        "The camera corrects for emissivity as well, readings are off: have a technician set the camera's to 1.00",
    ),
    "gate_silent": Text(
        "闸机程序没有动静：请检查 foregate-gate 服务", "The gate's program is silent: look at the service foregate-gate"
    ),
    "settings": Text(
        "县里的设置与本机配置不合，未采用：请告诉技术人员",
        "The county's settings contradict this gate's configuration and are not in force: tell the technician",
    ),
    "disk": Text(
        "磁盘快满：请技术人员腾出空间，满了闸门将保持关闭",
        "The disk is nearly full: have a technician free some space, once it is full the gate stays shut",
    ),
    "readers": Text("读卡器不在：请检查其 USB 线", "A badge reader is missing: check its USB cable"),
}

# What happens to the gate itself.
EVENTS = {
    "exit": Text("有人出门", "Somebody went out"),
    "fire_on": Text("消防报警，闸门常开：请疏散", "Fire alarm, the gate is held open: everybody out"),
    "fire_off": Text("消防报警解除，闸门恢复", "Fire alarm over, the gate works as usual"),
    "tamper_on": Text("机壳被打开：请查看", "The housing is open: have a look"),
    "tamper_off": Text("机壳已合上", "The housing is closed"),
    "forced": Text("有人强行闯入：请拦下", "Somebody forced the gate: stop them"),
    "camera_away": Text("相机中断，期间无法测温", "The camera was away, nobody was measured meanwhile"),
    "started": Text("闸机启动", "The gate was started"),
    "opening_check": Text("开门前检查", "Checked before the school day"),
    "settings_shown": Text("县里的新设置已显示，尚未生效", "New settings of the county are shown, not in force yet"),
    "settings_in_force": Text("县里的设置生效", "The county's settings are in force"),
    "settings_refused": Text("县里的设置未采用", "The county's settings were not taken"),
    "day_signed": Text("门卫交班签字", "The day was signed off"),
    "tailgate": Text("有人尾随进入：请拦下核对", "Somebody slipped in behind: stop and check them"),
}

# What whoever stands there is asked to do.
ASKS = {
    "present_badge": Text("请刷卡或出示二维码", "Present the card or code"),
    "one_at_a_time": Text("请一次只站一人，其余退后", "One at a time: the others step back"),
}

# What the gate says aloud (edge/core/prompts.py); `make prompts` makes the sounds anew. No name, no temperature.
PROMPTS = {
    "pass": Text("请通过", "Please come in"),
    "present_badge": Text("请刷卡", "Please show your card"),
    "one_at_a_time": Text("请一个一个来", "One at a time, please"),
    "step_aside": Text("请到旁边稍等", "Please step aside and wait"),
    "see_guard": Text("请找门卫", "Please see the guard"),
    "come_later": Text("还没到时间，请晚一点来", "It is too early, please come back later"),
    "wait_turn": Text("请等前面的人通过", "Please wait for your turn"),
    "stand_in_front": Text("请站到前面，再刷卡", "Please stand in front, then show your card"),
    "warm_up": Text("请进屋等几分钟", "Please wait indoors for a few minutes"),
    "try_again": Text("请再测一次", "Please try once more"),
    "wait": Text("请稍等", "Please wait a moment"),
    "show_forehead": Text("请摘帽，露出额头", "Please take off your hat, and show your forehead"),
    "middle": Text("请站到中间", "Please step to the middle"),
    "closer": Text("请走近一步", "One step closer, please"),
    "look_ahead": Text("请看前面", "Please look straight ahead"),
    "stand_still": Text("请站好，不要动", "Please stand still"),
}

# What a guard sees in somebody who has no fever.
SYMPTOMS = {
    "cough": Text("咳嗽", "Cough"),
    "fever_felt": Text("自觉发热", "Feels feverish"),
    "breathless": Text("气促", "Short of breath"),
    "rash": Text("皮疹", "Rash"),
    "vomiting": Text("呕吐或腹泻", "Vomiting or diarrhoea"),
    "other": Text("其他症状", "Another symptom"),
}

# Why a guard lets somebody in whom the gate has not.
OVERRIDES = {
    "known_by_sight": Text("本人我认识，名单上有", "I know them, they are on the list"),
    "paper_record": Text("已看纸质健康记录", "Saw the health record on paper"),
    "late_with_note": Text("有老师的迟到说明", "Has a teacher's note for the hour"),
    "contact_normal": Text("接触式体温计正常", "Contact thermometer is normal"),
    "school_by_phone": Text("学校已电话批准", "The school approved it by telephone"),
    "accompanied": Text("由教职工带入", "Staff brings them in"),
    "other": Text("其他原因（写在备注里）", "Another reason (write it in the note)"),
}

# The buttons of a case's next steps (contents.Step), the ones that open a case left out.
STEPS = {
    "identified": Text("登记人员", "Say who it is"),
    "contact": Text("输入体温计读数", "Type contact reading"),
    "observation": Text("转观察", "Observation"),
    "informed": Text("登记通知", "Informed…"),
    "released": Text("解除事件", "Release"),
    "closed": Text("结案", "Close"),
}

# What a guard is answered at the desk.
ANSWERS = {
    "maintenance": Text(
        "正在维护，未执行：请等技术人员完成", "A technician is at work, nothing was done: wait for them"
    ),
    "not_understood": Text("闸机看不懂此请求，请刷新页面", "The gate does not understand this: load the page again"),
    "badge_unreadable": Text(
        "卡号只能是字母、数字和 . _ -，请核对后重输", "A badge number has letters, digits and . _ - only: type it again"
    ),
    "note_unfit": Text("备注最多 200 字，只能一行，请改短", "A note is one line of up to 200 characters: shorten it"),
    "note_needed": Text("请在备注里写明原因", "Write the reason in the note"),
    "unanswered": Text(
        "闸机没有及时答复，不确定是否已执行：请看屏幕，再重试",
        "No answer from the gate, perhaps nothing was done: look at the screen, then try again",
    ),
    "too_busy": Text("同时的请求太多，未执行：请稍候重试", "Too much at once, nothing was done: wait and try again"),
    "too_slow": Text("请求没有传完，未执行：请重试", "The request did not arrive whole, nothing was done: try again"),
    "too_large": Text("请求过大，未执行：请改短备注", "The request is too large, nothing was done: shorten the note"),
    "no_json": Text("请求格式不对，未执行：请刷新页面", "Not a request of this page, nothing was done: load it again"),
    "measure_again": Text(
        "此判定已过时：请本人再站到相机前", "This verdict is too old: have them stand before the camera again"
    ),
    "too_late_to_act": Text("请求已过时，未执行：请重来", "Too late, nothing was done: try again"),
    "no_badge_came": Text("没有刷到门卫的卡，请重试", "No guard's badge came: try again"),
    "asked_again": Text("已由新的请求取代", "A newer request took its place"),
    "signed_in": Text("已登录", "Signed in"),
    "signed_out": Text("已退出登录", "Signed out"),
    "wrong_pin": Text("工号或 PIN 不对，请重输", "Wrong name or PIN: type it again"),
    "pin_here": Text("平板上请用工号和 PIN 登录", "On a tablet sign in with name and PIN"),
    "too_many_tries": Text("错误次数过多，请一分钟后再试", "Too many wrong PINs: wait a minute"),
    "no_guards": Text(
        "本机没有门卫账号，请技术员运行 foregate guards add", "No guards here yet: have foregate guards add run"
    ),
    "badge_taken": Text("卡号已录入", "Badge number taken"),
    "let_in": Text("已放行并记录", "Let in, and written down"),
    "may_not_override": Text(
        "规定此项门卫不能放行：请先照屏幕上说的办，再重新刷卡",
        "No guard may overrule this: first do what the screen says, then present the card again",
    ),
    "release_first": Text(
        "请先在“事件”里复测并解除，再放行", "First measure and release them under Cases, then let them in"
    ),
    "one_at_a_time": Text("请先让其他人退后，再放行", "Have the others step back first"),
    "not_written": Text("记录无法写入，未放行：请检查磁盘", "Not written down, so not let in: check the disk"),
    "step_taken": Text("已记录", "Written down"),
    "gate_stopped": Text("闸机已停止，请重新登录", "The gate was stopped: sign in again"),
    "step_unknown": Text("没有这一步骤，请刷新页面", "There is no such step: load the page again"),
    "case_unknown": Text("找不到此事件，请刷新页面", "There is no such case: load the page again"),
    "number_unknown": Text(
        "名单上没有这个号码，请核对后重输", "This number is not on the list: check it and type it again"
    ),
    "day_signed": Text("已签字，今天的人数已写入记录", "Signed: the day's numbers are written down"),
    "day_signed_already": Text("今天已经签过字，之后没有新的人", "Signed already, and nobody came since"),
    "day_changed": Text("人数刚有变化，未签字：请再核对一遍", "The numbers have just changed, not signed: look again"),
    "day_kept": Text(
        "已签字，磁盘恢复后写入：请检查磁盘", "Signed, written down once the disk takes it: check the disk"
    ),
    "case_already_open": Text("此事件已建立，请继续下一步", "This case is open already: go on with its next step"),
    "case_closed": Text("此事件已结案，不能再更改", "This case is closed: nothing can be added"),
    "symptom_missing": Text("请选择症状", "Choose the symptom"),
    "person_missing": Text("请刷卡或输入此人的卡号", "Present or type this person's badge"),
    "already_identified": Text("此事件已登记人员，不能更改", "This case has its person already"),
    "sign_in_first": Text("请先用 PIN 登录", "Sign in with your PIN first"),
    "medic_needed": Text(
        "观察中的人只能由医务人员解除，请联系校医", "Only a medic releases out of observation: call one"
    ),
    "not_yourself": Text("不能解除自己，请由他人操作", "Nobody releases themselves: have somebody else do it"),
    "contact_first": Text("请先用接触式体温计测量并输入读数", "Measure with a contact thermometer and type it first"),
    "contact_missing": Text("请输入接触式体温计的读数", "Type the reading of the contact thermometer"),
    "contact_out_of_range": Text(
        "读数须在 34.0 至 42.5 °C 之间，请核对后重新输入", "No contact thermometer shows this: type 34.0 to 42.5 °C"
    ),
    "contact_questionable": Text(
        "与闸机所测相差很大或很少见：请核对体温计，无误再确认",
        "Rare, or far from what the gate measured: check the thermometer, then confirm",
    ),
    "contact_misplaced": Text("这一步骤不带读数，请刷新页面", "No reading belongs to this step: load the page again"),
    "contact_feverish": Text(
        "接触式读数达到发热值，不能放行，请转观察", "The contact reading is a fever: keep them under observation"
    ),
    "contact_too_cold": Text(
        "接触式读数过低，不能作为放行依据，请重新测量", "The contact reading is too low to tell: measure again"
    ),
    "already_in_observation": Text(
        "已在观察中，请通知监护人或医院", "In observation already: inform guardian or clinic"
    ),
    "already_released": Text("已解除，请结案", "Released already: close the case"),
    "observation_first": Text("请先转观察", "Put them under observation first"),
    "informed_whom": Text("请写明通知了谁", "Write whom you informed"),
    "already_informed": Text("已登记通知过此人", "This was written down already"),
    "inform_first": Text("请先通知监护人或医院", "Inform the guardian or the clinic first"),
    "release_or_observe_first": Text("请先解除或转观察", "Release them or put them under observation first"),
}
