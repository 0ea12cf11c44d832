"""Who of the staff looked at a worker's record or called for help, as the worker may read it: roles and reasons, no names."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.db.staff_tables import Account
from bot.db.tables import AuditEntry, Conversation
from bot.domain.case_access import BREAK_GLASS, OWN, QUALITY, SUPERVISION, WAITING

_MOST = 200
_ROLES = {"counsellor": "咨询师", "supervisor": "督导", "trainer": "训练师", "clinician": "临床审核", "admin": "管理员"}
_OTHERS = "工作人员"
_OPENED = "case.opened"
_WHY_OPENED = {
    OWN: "在接待你", WAITING: "你在等真人，先了解一下情况", SUPERVISION: "督导：看看接待得怎么样", QUALITY: "抽查服务质量",
}  # fmt: skip
_WHY = {
    "alert.opened": "处理安全提醒",
    "screen_mark.opened": "核对安全筛查有没有听错",
    "screen_mark.exported": "把你同意用来改进系统的一句话收进了筛查的测试",
    "message.opened": "你同意帮着改进程序：看了一句没听准的话（去掉了人名和地名）",
    "conversation.opened": "你同意帮着改进程序：看了这段对话里程序是怎么答的（去掉了人名和地名）",
    "screening.exported": "导出了测评的回答和分数（没有你说的话）",
    "case.contacted_emergency_contact": "联系了你留的紧急联系人：{reason}",
    "case.called_emergency": "替你拨打了 120 或 110：{reason}",
}


@dataclass(frozen=True)
class Visit:
    """One look or call: when, in which role, and why, in Chinese."""

    at: dt.datetime
    who: str
    why: str


def visits(session: Session, worker_id: str) -> list[Visit]:
    """The newest first, two hundred at most."""
    threads = select(Conversation.id).where(Conversation.worker_id == worker_id)
    query = (
        select(AuditEntry.created_at, Account.role, AuditEntry.action, AuditEntry.reason)
        .outerjoin(Account, Account.name == AuditEntry.actor)
        .where(
            or_(AuditEntry.subject == worker_id, AuditEntry.subject.in_(threads)),
            AuditEntry.action.in_([_OPENED, *_WHY]),
        )
        .order_by(AuditEntry.id.desc())
        .limit(_MOST)
    )
    return [
        Visit(at, _ROLES.get(role, _OTHERS), _why(action, reason)) for at, role, action, reason in session.execute(query)
    ]  # fmt: skip


def _why(action: str, reason: str) -> str:
    if action != _OPENED:
        return _WHY[action].format(reason=reason)
    kind, _, words = reason.partition(":")
    return f"紧急查看：{words.strip()}" if kind == BREAK_GLASS else _WHY_OPENED.get(reason, reason)
