"""What the staff does at a case beside the handoff itself: opening it, notes, calls for help, marks of the screen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.handoff_tables import EmergencyContact, Handoff, HandoffNote, HandoffStep
from bot.db.tables import AuditEntry, Event, Message, Worker
from bot.domain.case_access import OWN, SUPERVISION, SUPERVISOR, WAITING, CaseStanding, Viewer, is_own, reason_to_open, sees
from bot.domain.errors import Forbidden, IllegalTransition, Incomplete, InvalidInput, NotFound
from bot.domain.handoff import CLOSED
from bot.domain.handoff_talk import HandoffDesk
from bot.domain.questionnaire_definition import Offer, SwitchedOn
from bot.domain.risk import RiskLevel
from bot.services import audit, briefs, handoff_steps, handoffs, levels, screen_marks, screening_turns, screenings
from bot.services.screen_marks import Verdict
from bot.services.screening_turns import Scales

OPENED, LISTENED, INVITED = "case.opened", "listened", "invited"
ACTED = "handoff.acted"  # the event of a step that moves nothing: the timeline has grown
_OPEN_FOR = dt.timedelta(hours=12)  # policy: as long one opening covers reading on, a shift and its overtime
_LEAST_REASON = 4  # characters
_LONGEST_NOTE = 4000


@dataclass(frozen=True)
class Access:
    """What a viewer may read of a case: its thread, of a closed one up to `until`; `is_by_reason` where only a reason opened it."""

    conversation_id: str
    until: dt.datetime | None
    is_by_reason: bool


class Act(str, Enum):
    """What only a human may do when a life is in danger."""

    CONTACTED = "contacted_emergency_contact"
    CALLED = "called_emergency"


def open_case(session: Session, viewer: Viewer, case_id: int, reason: str, now: dt.datetime) -> None:
    """Note who opens a case and why: the audit entry is committed before a word of the case is read.

    Raises NotFound for no case or one this viewer may not open, Incomplete where a reason is needed.
    """
    handoff = _existing(session, case_id)
    why = reason_to_open(viewer, _standing(handoff), reason)
    audit.append(session, viewer.name, OPENED, handoff.conversation_id, why, now)
    session.commit()


def listen(session: Session, viewer: Viewer, case_id: int, reason: str, now: dt.datetime) -> None:
    """A supervisor opens a live case, which its timeline and the audit log show; raises NotFound, IllegalTransition, Incomplete."""
    handoff, why = _existing(session, case_id), _reason(reason)
    if handoff.status == CLOSED:
        raise IllegalTransition("the case is closed", reader_text="这个个案已经结束了，请用“查看”打开。")
    _require_present(session, handoff)
    audit.append(session, viewer.name, OPENED, handoff.conversation_id, SUPERVISION, now)
    _step(session, handoff, viewer, LISTENED, why, now)
    session.commit()


def follow(session: Session, viewer: Viewer, case_id: int, now: dt.datetime) -> Access:
    """Let this viewer read on in a case.

    An own or waiting case that was not opened lately is audited as opened now. Raises NotFound for any other one.
    """
    handoff = _existing(session, case_id)
    standing = _standing(handoff)
    is_plain = is_own(viewer, standing) or (standing.is_waiting and sees(viewer, standing))
    reasons = _opened_for(session, viewer, handoff.conversation_id, now)
    if not is_plain and not reasons - {OWN, WAITING}:
        raise NotFound(f"case {case_id} was not opened")
    if is_plain and not reasons:
        audit.append(session, viewer.name, OPENED, handoff.conversation_id, reason_to_open(viewer, standing, ""), now)
        session.commit()
    return Access(handoff.conversation_id, handoff.closed_at, not is_plain)


def add_note(session: Session, viewer: Viewer, case_id: int, text: str, now: dt.datetime) -> dict[str, Any]:
    """Keep a private note; raises NotFound for a case that is not open to this viewer, Incomplete for an empty or endless note."""
    follow(session, viewer, case_id, now)
    if not text.strip() or len(text) > _LONGEST_NOTE:
        raise Incomplete(["text"], reader_text=f"备注写 1 到 {_LONGEST_NOTE} 字。")
    _require_present(session, _existing(session, case_id))
    note = HandoffNote(handoff_id=case_id, account_id=viewer.account_id, text=text.strip(), created_at=now)
    session.add(note)
    session.flush()
    shown = next(each for each in briefs.notes(session, case_id) if each["id"] == note.id)
    session.commit()
    return shown


def act(session: Session, viewer: Viewer, case_id: int, deed: Act, reason: str, now: dt.datetime) -> dict[str, str] | None:
    """Note that a human calls for help, with the reason the worker can read later; gives whom to call where that is allowed.

    The contact's row is the worker's consent for a life in danger: at high and imminent name and number are given, below that
    the act is refused (Forbidden). Raises NotFound for a case that is not one's own, IllegalTransition for one that is over.
    """
    handoff, why = _active(session, viewer, case_id), _reason(reason)
    worker = _require_present(session, handoff)
    contact = session.get(EmergencyContact, worker.id) if deed is Act.CONTACTED else None
    if contact is not None and not briefs.contact_facts(session, handoff, worker)["may_use"]:
        raise Forbidden("no danger to life", reader_text="现在的风险等级没到高危，不能动用紧急联系人。")
    audit.append(session, viewer.name, f"case.{deed.value}", handoff.conversation_id, why, now)
    _step(session, handoff, viewer, deed.value, why, now)
    found = None if contact is None else {"name": contact.name, "relation": contact.relation, "phone": contact.phone}
    session.commit()
    return found


def mark(
    session: Session, viewer: Viewer, case_id: int, message_id: int, verdict: Verdict, expected: RiskLevel | None, note: str | None,
    now: dt.datetime,
) -> int:  # fmt: skip
    """Mark how the screen took a message of this case; raises NotFound, and InvalidInput as `screen_marks.mark` does."""
    conversation_id = follow(session, viewer, case_id, now).conversation_id
    message = session.get(Message, message_id)
    if message is None or message.conversation_id != conversation_id:
        raise NotFound(f"message {message_id} of case {case_id}")
    return screen_marks.mark(session, message_id, verdict, viewer.name, note, expected, now)


def invite(
    session: Session, viewer: Viewer, case_id: int, questionnaire_id: str, scales: Scales, switched_on: Collection[SwitchedOn],
    now: dt.datetime,
) -> None:  # fmt: skip
    """Invite the worker of one's own active case to a questionnaire, in their thread.

    Raises NotFound for another's case, InvalidInput for a questionnaire that is off here, IllegalTransition while a life is in
    danger now, for a case that is over, and where a run of it waits already.
    """
    handoff = _active(session, viewer, case_id)
    definition = scales.questionnaires.get(questionnaire_id)
    if definition is None or definition.offered(switched_on) is Offer.OFF:
        raise InvalidInput("not offered here", reader_text="这份量表在这里还没有开放。")
    case = handoff_steps.held(session, case_id)
    if max(case.level, RiskLevel(case.worker.risk_level)) is RiskLevel.IMMINENT:
        raise IllegalTransition("a life is in danger", reader_text="现在先顾安全，等等级降下来再请他做测评。")
    _require_present(session, handoff)
    bubbles = screening_turns.invite(session, case.worker, handoff.conversation_id, questionnaire_id, scales, now)
    handoff_steps.speak(session, case, bubbles, now)
    _step(session, handoff, viewer, INVITED, definition.title, now)
    audit.append(session, viewer.name, "case.invited", handoff.conversation_id, questionnaire_id, now)
    session.commit()


def open_result(session: Session, viewer: Viewer, case_id: int, run_id: str, now: dt.datetime) -> None:
    """Open the result of an invited screening together with the worker of one's own active case.

    Raises NotFound for another's case or run, InvalidInput for a run that is not finished or was not invited to.
    """
    handoff = _active(session, viewer, case_id)
    _require_present(session, handoff)
    screenings.open_invited(session, handoff.worker_id, run_id, now)
    audit.append(session, viewer.name, "case.result_opened", handoff.conversation_id, run_id, now)
    session.commit()


def set_level(
    session: Session, viewer: Viewer, case_id: int, level: RiskLevel, reason: str, now: dt.datetime, desk: HandoffDesk
) -> bool:
    """Judge the worker's level, up at once or down by the rules of `levels`; False while imminent waits for a second person.

    A second person is a supervisor, or a counsellor who opened the case under a reason. Raises as `handoffs.lower_level` does.
    """
    follow(session, viewer, case_id, now)
    handoff, why = _existing(session, case_id), _reason(reason)
    is_lower = level < levels.carried(session, handoff.worker_id, now, desk.care)
    judge = handoffs.lower_level if is_lower else handoffs.raise_level
    return judge(session, case_id, viewer.account_id, level, why, now, desk)


def require_own(session: Session, viewer: Viewer, case_id: int) -> Handoff:
    """A case that this viewer leads now, or any open one for a supervisor; raises NotFound."""
    handoff = _existing(session, case_id)
    if not is_own(viewer, _standing(handoff)) and viewer.role != SUPERVISOR:
        raise NotFound(f"case {case_id} is another's")
    return handoff


def _active(session: Session, viewer: Viewer, case_id: int) -> Handoff:
    handoff = require_own(session, viewer, case_id)
    if handoff.status == CLOSED:
        raise IllegalTransition("the case is closed", reader_text="这个个案已经结束了。")
    return handoff


def _existing(session: Session, case_id: int) -> Handoff:
    handoff = session.get(Handoff, case_id)
    if handoff is None:
        raise NotFound(f"case {case_id}")
    return handoff


def _standing(handoff: Handoff) -> CaseStanding:
    return CaseStanding(handoff.status, handoff.accepted_by)


def _opened_for(session: Session, viewer: Viewer, conversation_id: str, now: dt.datetime) -> set[str]:
    query = select(AuditEntry.reason).where(
        AuditEntry.subject == conversation_id,
        AuditEntry.actor == viewer.name[:64],
        AuditEntry.action == OPENED,
        AuditEntry.created_at > now - _OPEN_FOR,
    )
    return set(session.scalars(query))


def _reason(raw: str) -> str:
    if len(raw.strip()) < _LEAST_REASON:
        raise Incomplete(["reason"], reader_text="请写清楚原因，之后本人也能看到。")
    return raw.strip()


def _step(session: Session, handoff: Handoff, viewer: Viewer, step: str, reason: str, now: dt.datetime) -> None:
    session.add(
        HandoffStep(
            handoff_id=handoff.id, step=step, account_id=viewer.account_id, level=handoff.level, reason=reason, created_at=now
        )
    )
    session.add(Event(kind=ACTED, conversation_id=handoff.conversation_id, message_id=None, created_at=now))


def _require_present(session: Session, handoff: Handoff) -> Worker:
    """Hold the worker's row: nothing is written beside a record that is being erased. Raises NotFound when it was."""
    worker = session.get_one(Worker, handoff.worker_id, with_for_update=True)
    if worker.erased_at is not None:
        raise NotFound("the worker's record was erased")
    return worker
