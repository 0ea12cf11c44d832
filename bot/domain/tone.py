"""How a wording will sound to a tired worker: hints in Chinese for whoever writes it; they advise and forbid nothing; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST_WORDING = 90  # domain.yml: at most 90 characters a wording, what a phone shows without scrolling
FEWEST_WORDINGS = 3  # the same words again and again sound like a machine
_BUTTON_TITLE = 12

# Each word with why: what one may say instead stands in CLINICAL.md.
_TONES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("说教：“{found}”像在教训人", re.compile(r"你应该|你必须|你需要明白|你要学会|你得学会|要懂得|正确的做法|你不应该|你不该|想开点|看开点|别想太多|不要想太多")),
    ("口号：“{found}”听着像口号", re.compile(r"加油|正能量|坚强一点|要坚强|阳光总在|风雨过后|明天会更好|相信自己|一切都会好|战胜自我|奋斗")),
    ("诊断词：“{found}”不能由程序来说", re.compile(r"抑郁症|焦虑症|双相|躁郁|精神分裂|强迫症|人格障碍|你患|确诊|你有.{0,3}障碍|病态")),
    ("称呼：“{found}”太像客服", re.compile(r"亲亲|亲爱的|(?<![父母双相乡至血省探近])亲(?=[，,~～！!]|$)|宝贝|小可爱|您好呀")),
    ("承诺：“{found}”我们做不到", re.compile(r"保证|一定会好|肯定会好|一定能好|永远陪|随时都在|绝对不会|包你|马上就好|我会一直在")),
    ("比较：“{found}”会让人觉得不被当回事", re.compile(r"比你惨|比你更难|人家都|别人都能|至少你|这算什么|没什么大不了")),
)  # fmt: skip


def hints(text: str) -> list[str]:
    """What to think over in one wording; empty when nothing stands out."""
    found = [words.format(found=match[0]) for words, pattern in _TONES if (match := pattern.search(text))]
    length = len(text)
    return [*([f"太长：{length} 字，最好不超过 {LONGEST_WORDING} 字"] if length > LONGEST_WORDING else []), *found]


def hints_of_response(wordings: Sequence[str]) -> list[str]:
    """What to think over in all wordings of a response together."""
    few = [f"只有 {len(wordings)} 种说法，最好有 {FEWEST_WORDINGS} 种以上"] if len(wordings) < FEWEST_WORDINGS else []
    twice = ["有两种说法一模一样"] if len(set(wordings)) < len(wordings) else []
    return [*few, *twice]


def hints_of_button(title: str) -> list[str]:
    """What to think over in a button's title."""
    return [f"按钮“{title}”太长，最好不超过 {_BUTTON_TITLE} 字"] if len(title) > _BUTTON_TITLE else []
