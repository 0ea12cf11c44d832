"""Ready-made sentences that a counsellor puts into a draft, reads and changes there."""

from __future__ import annotations

from dataclasses import dataclass

CANNED_GROUPS = ("打招呼", "听见", "直接问安全", "现在有危险", "约下次", "转介", "结束")
CANNED_BLANKS = ("称呼", "我")  # the worker's nickname, the counsellor's shown name: the page fills them


@dataclass(frozen=True)
class CannedReply:
    """One bubble with its blanks still open; `group` is one of CANNED_GROUPS."""

    id: str
    title: str
    group: str
    text: str
