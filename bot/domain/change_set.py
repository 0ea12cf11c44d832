"""A change set on its way: its states, which deed leads where, who may do it, and what only a clinician approves; pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from bot.domain.account import Role
from bot.domain.case_access import Viewer
from bot.domain.errors import Forbidden, IllegalTransition, SecondPersonNeeded

TEACHERS = (Role.TRAINER.value, Role.CLINICIAN.value)
LONGEST_TITLE = 80
LONGEST_NOTE = 500


class ChangeSetState(str, Enum):
    """Where a change set stands; applied and withdrawn are the ends."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    REVIEWED = "reviewed"
    APPLIED = "applied"
    WITHDRAWN = "withdrawn"


class Deed(str, Enum):
    """What can be done to a change set."""

    EDIT = "edit"
    PROPOSE = "propose"
    APPROVE = "approve"
    RETURN = "return"
    APPLY = "apply"
    WITHDRAW = "withdraw"
    TRAIN = "train"


_DRAFT, _PROPOSED, _REVIEWED = ChangeSetState.DRAFT, ChangeSetState.PROPOSED, ChangeSetState.REVIEWED
_APPLIED, _WITHDRAWN = ChangeSetState.APPLIED, ChangeSetState.WITHDRAWN
TRANSITIONS: Mapping[tuple[ChangeSetState, Deed], ChangeSetState] = MappingProxyType(
    {
        (_DRAFT, Deed.EDIT): _DRAFT,
        (_PROPOSED, Deed.EDIT): _DRAFT,  # what was changed must be read again
        (_REVIEWED, Deed.EDIT): _DRAFT,
        (_DRAFT, Deed.PROPOSE): _PROPOSED,
        (_PROPOSED, Deed.APPROVE): _REVIEWED,
        (_PROPOSED, Deed.RETURN): _DRAFT,
        (_REVIEWED, Deed.RETURN): _DRAFT,
        (_REVIEWED, Deed.APPLY): _APPLIED,
        (_DRAFT, Deed.WITHDRAW): _WITHDRAWN,
        (_PROPOSED, Deed.WITHDRAW): _WITHDRAWN,
        (_REVIEWED, Deed.WITHDRAW): _WITHDRAWN,
        (_DRAFT, Deed.TRAIN): _DRAFT,
        (_PROPOSED, Deed.TRAIN): _PROPOSED,
        (_REVIEWED, Deed.TRAIN): _REVIEWED,
    }
)
_OF_AUTHOR = frozenset({Deed.EDIT, Deed.PROPOSE, Deed.WITHDRAW})
_OF_SECOND = frozenset({Deed.APPROVE, Deed.RETURN})
_STATE_WORDS = {
    _DRAFT: "草稿", _PROPOSED: "等人看", _REVIEWED: "看过了", _APPLIED: "已经写入", _WITHDRAWN: "已经收回",
}  # fmt: skip
_DEED_WORDS = {
    Deed.EDIT: "修改", Deed.PROPOSE: "提交", Deed.APPROVE: "通过", Deed.RETURN: "退回", Deed.APPLY: "写入", Deed.WITHDRAW: "收回",
    Deed.TRAIN: "训练",
}  # fmt: skip
_NEEDS_CLINICIAN = "里面有临床内容，要请临床审核的同事看过才行。"


@dataclass(frozen=True)
class Standing:
    """What decides who may do what: state, author's account, and whether only a clinician may approve."""

    state: ChangeSetState
    author_id: str
    is_clinical: bool


def after(standing: Standing, deed: Deed, actor: Viewer) -> ChangeSetState:
    """The state this deed by this account leads to.

    Raises Forbidden for a role or account that may not, SecondPersonNeeded for one's own work, IllegalTransition where the table has none.
    """
    _require_person(standing, deed, actor)
    wanted = TRANSITIONS.get((standing.state, deed))
    if wanted is None:
        words = f"这张改动单现在是“{_STATE_WORDS[standing.state]}”，不能{_DEED_WORDS[deed]}。"
        raise IllegalTransition(f"{deed.value} in state {standing.state.value}", reader_text=words)
    return wanted


def _require_person(standing: Standing, deed: Deed, actor: Viewer) -> None:
    is_author = actor.account_id == standing.author_id
    if actor.role not in TEACHERS:
        raise Forbidden(f"{actor.role}: {deed.value}")
    if deed in _OF_AUTHOR and not is_author:
        raise Forbidden(f"{deed.value} of another's", reader_text="这是同事的改动单，只有本人能改。要改的话请另开一张。")
    if deed in _OF_SECOND and is_author:
        raise SecondPersonNeeded(deed.value)
    if deed is Deed.APPROVE and standing.is_clinical and actor.role != Role.CLINICIAN.value:
        raise Forbidden("clinical", reader_text=_NEEDS_CLINICIAN)


def may(standing: Standing, actor: Viewer) -> list[str]:
    """What this account may do now, as the protocol names it; who may return but not approve is still asked for a review."""
    deeds = [deed for deed in Deed if _is_allowed(standing, deed, actor)]
    names = ["review" if deed in _OF_SECOND else deed.value for deed in deeds]
    return list(dict.fromkeys(names))


def _is_allowed(standing: Standing, deed: Deed, actor: Viewer) -> bool:
    try:
        after(standing, deed, actor)
    except (Forbidden, IllegalTransition):
        return False
    return True


# What stands here says what happens when a life is in danger (CLINICAL.md), so a trainer alone never changes it.
_CLINICAL_PLACES = ("content/", "data/rules/safety.yml", "data/stories/safety.yml", "tests/dialogue/safety/")
_DICTIONARY = "content/jieba/"
_CLINICAL_BEGINNINGS = (
    "utter_safety_", "utter_self_", "utter_selfharm_", "utter_imminent_", "utter_other_", "utter_violence_", "utter_threat_",
    "utter_injury_", "utter_medical_", "utter_minor",
)  # fmt: skip
_CLINICAL_ENDS = ("_safety", "_suicide")
_CLINICAL_NAMES = frozenset({"utter_path_heard", "utter_tired_notice"})


def is_clinical_path(path: str) -> bool:
    """Whether only a clinician approves any change of this file; the dictionary of words is a trainer's."""
    return path.startswith(_CLINICAL_PLACES) and not path.startswith(_DICTIONARY)


def is_clinical_response(name: str, used_by_safety: Collection[str] = ()) -> bool:
    """Whether a clinician must have read these wordings: said when a life is in danger, or named by a safety rule or story.

    The actions choose most of them by the beginning of their names (actions/safety.py), so no rule names them.
    """
    is_known = name in _CLINICAL_NAMES or name in used_by_safety
    return is_known or name.startswith(_CLINICAL_BEGINNINGS) or name.endswith(_CLINICAL_ENDS)
