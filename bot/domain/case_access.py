"""Who of the staff may see which case, and under which reason a case is opened; pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.account import Role
from bot.domain.errors import Incomplete, NotFound

COUNSELLOR, SUPERVISOR = Role.COUNSELLOR.value, Role.SUPERVISOR.value
OWN, WAITING, SUPERVISION, QUALITY, BREAK_GLASS = "own_case", "waiting", "supervision", "quality", "break-glass"
_LEAST_WORDS = 4  # characters that a break-glass reason must say at least


@dataclass(frozen=True)
class Viewer:
    """A signed-in member of the staff, as far as cases are concerned."""

    account_id: str
    name: str
    role: str


@dataclass(frozen=True)
class CaseStanding:
    """What decides who sees a case: its status, and the account it belongs to or belonged to at its close."""

    status: str
    accepted_by: str | None

    @property
    def is_waiting(self) -> bool:
        return self.status == "waiting"


def sees(viewer: Viewer, case: CaseStanding) -> bool:
    """Whether this case stands in the viewer's queue: the team's for a supervisor, own and waiting ones for a counsellor."""
    if viewer.role == SUPERVISOR:
        return True
    return viewer.role == COUNSELLOR and (case.is_waiting or is_own(viewer, case))


def is_own(viewer: Viewer, case: CaseStanding) -> bool:
    """Whether the viewer has this case, or closed it."""
    return case.accepted_by == viewer.account_id and not case.is_waiting


def reason_to_open(viewer: Viewer, case: CaseStanding, given: str) -> str:
    """The reason that goes into the audit log.

    Raises NotFound where this viewer may not open the case with what was given, Incomplete where a supervisor gave nothing.
    """
    if is_own(viewer, case):
        return OWN
    if case.is_waiting and viewer.role in (COUNSELLOR, SUPERVISOR):
        return WAITING
    kind, _, words = given.strip().partition(":")
    if viewer.role in (COUNSELLOR, SUPERVISOR) and kind == BREAK_GLASS and len(words.strip()) >= _LEAST_WORDS:
        return f"{BREAK_GLASS}: {words.strip()}"
    if viewer.role != SUPERVISOR:
        raise NotFound("another counsellor's case")
    if given.strip() not in (SUPERVISION, QUALITY):
        raise Incomplete(["reason"], reader_text="请先选为什么要看这个个案。")
    return given.strip()
