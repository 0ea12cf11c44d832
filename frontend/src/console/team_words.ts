/** Chinese for the codes behind the pages for supervisors and administrators; an unknown code is shown as it is. */
import type { Role } from "./protocol";
import type { Faces, Quality } from "./team_protocol";

export const ROLE_RIGHTS: Record<Role, string> = {
  counsellor: "看得到等待中的和自己的个案",
  supervisor: "看得到整个团队的个案",
  trainer: "在训练台看听错的话、改训练数据，看不到个案",
  clinician: "同训练师，另外审核临床内容",
  admin: "管账号、排班和设置，看不到个案",
};

/** Skills beside the topics: where and in what language. */
export const OTHER_SKILLS: Record<string, string> = {
  overseas: "海外员工", "lang:yue": "粤语", "lang:wuu": "吴语", "lang:nan": "闽南语", "lang:hak": "客家话", "lang:bo": "藏语", "lang:ug": "维吾尔语", "lang:en": "英语",
};

export const GENDERS: Record<string, string> = { female: "女", male: "男" };

export const FOLLOW_UP_ENDS: Record<string, string> = { reached: "联系上了", unreached: "没联系上", declined: "对方说不需要", other: "其他" };

export const QUALITIES: Record<Quality, string> = { good: "做得好", to_discuss: "需要讨论" };

export const FACES: Record<Faces, string> = { 1: "没帮到", 2: "一般", 3: "有帮助" };

export const VERDICTS: Record<string, string> = { missed: "漏报", false_alarm: "误报" };

export const STATUSES: Record<string, string> = { waiting: "等待中", active: "进行中", closed: "已结束" };

export const HOTLINE_KINDS: Record<string, string> = { emergency: "紧急", crisis: "危机干预", psychological: "心理援助", rights: "权益" };

export const CHANNELS: Record<string, string> = { email: "邮件", wecom: "企业微信", dingtalk: "钉钉", feishu: "飞书", webhook: "回调接口" };

/** By the audit log's `action`. */
export const ACTIONS: Record<string, string> = {
  "case.opened": "打开个案", "case.invited": "邀请测评", "case.quality_good": "复核：做得好", "case.quality_to_discuss": "复核：需要讨论",
  "case.contacted_emergency_contact": "联系紧急联系人", "case.called_emergency": "已拨打 120 或 110",
  "handoff.accepted": "接下个案", "handoff.released": "交还小程序助手", "handoff.transferred": "转出个案", "handoff.reassigned": "重新分配", "handoff.closed": "结束个案",
  "alert.opened": "打开提醒", "alert.acknowledged": "确认提醒", "level.lowered": "调低风险等级", "level.lowering_proposed": "提议调低，等第二人",
  "follow_up.assigned": "分派随访", "follow_up.reached": "随访：联系上了", "follow_up.unreached": "随访：没联系上", "follow_up.declined": "随访：对方说不需要", "follow_up.other": "随访：其他",
  "screen.marked_missed": "标记漏报", "screen.marked_false_alarm": "标记误报", "screen_mark.opened": "打开标记", "screen_mark.accepted": "同意标记",
  "screen_mark.rejected": "不同意标记", "screen_mark.exported": "导出标记", "screening.exported": "导出测评", "worker.erased": "本人删除资料",
  "account.created": "新建账号", "account.changed": "修改账号", "account.disabled": "停用账号", "account.enabled": "启用账号", "account.signed_in": "登录",
  "account.enrolled": "绑定动态码", "account.locked": "输错太多，锁住", "account.password_changed": "改密码", "account.password_reset": "重设密码",
  "account.totp_reset": "重设动态码", "account.sessions_ended": "结束全部登录", "shifts.changed": "修改排班", "holidays.changed": "修改假日",
  "retention.changed": "修改保存期限", "retention.ran": "按期限清除", "hold.placed": "设置法律保留", "hold.ended": "解除法律保留", "notification.retried": "重发通知",
};

export function wordFor(words: Record<string, string>, code: string | null): string {
  return code === null ? "—" : (words[code] ?? code);
}
