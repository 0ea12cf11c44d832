"""What a worker may agree to beside the chat itself, in the words they agree to; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CHAT = "chat"
ASSESSMENT = "assessment"
IMPROVEMENT = "improvement"
RESEARCH = "research"
CONSENTS_VERSION = "2026-11"  # of the texts below; a changed text needs a new one


@dataclass(frozen=True)
class ConsentText:
    """One consent as the page shows it; `can_grant`: it is given by this switch, else where the thing itself begins."""

    title: str
    text: str
    can_grant: bool


# CLINICAL.md, privacy: separate consents, each withdrawable. The one to chat ends by erasing the record.
CONSENTS: Mapping[str, ConsentText] = {
    ASSESSMENT: ConsentText("存着测评的回答", "关掉以后，没做完的停在那里；做过的还在，想删可以一份份删。", False),
    IMPROVEMENT: ConsentText("帮着改进程序", "我听错的话，可能会去掉人名和地名，用来教我听得更准。随时能关。", True),
    RESEARCH: ConsentText(
        "参加匿名研究",
        "测评里选的答案和分数，换成编号交给做职工心理研究的人，没有名字，也没有你说的话。满18岁才能参加，随时能关，交出去的收不回来。",
        True,
    ),
}
