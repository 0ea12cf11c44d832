"""What a worker has told of plan, means, time, company and the like, each with the message it stands in, for the one who takes over; pure.

Nothing is concluded: a fact is a quotation, of an answer to a question of ours or of words that name the matter. What may be
otherwise an hour later (company, drink, place, means, time) is left out when it is older than a day.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FACTS = ("intent", "plan", "means", "time", "alone", "alcohol", "attempts", "place", "phone")
_PASSING = frozenset({"means", "time", "alone", "alcohol", "place"})
_PASSES_AFTER = dt.timedelta(hours=24)
_LONGEST_QUOTE = 60  # characters
# our own questions by what they ask for: those of the dialogue (domain.yml), and by number those of content/asq.yml
_ASKED = {
    "intent": re.compile(r"念头有多强|自己会去做吗|那个念头是更近"),
    "plan": re.compile(r"具体要怎么做|具体的做法|已经想到怎么做"),
    "time": re.compile(r"想过什么时候|念头有没有带着时间|定过一个日子"),
    "means": re.compile(r"伤害自己的东西|拿来伤自己"),
    "alone": re.compile(r"身边有没有谁|旁边有人吗|有没有人跟你在一起|旁边有谁了吗|有人到你身边了吗|来的人是谁|身边有人"),
    "place": re.compile(r"(?:你|人)(?:现在|这会儿)?在哪[儿里]|现在人?在哪[儿里]|这会儿在哪[儿里]|在什么地方"),
    "phone": re.compile(r"能打通的电话|地方和电话|留个电话|电话多少"),
}
_OF_ANOTHER = re.compile(r"^(?:他|她)|(?:他|她)现在")
_BY_NUMBER = {"5": ("intent",), "4": ("attempts",), "when": ("attempts",)}
_BY_CUE = {
    "plan_or_means": ("plan",), "method_asked": ("plan",), "means_in_hand": ("means",), "act_under_way": ("intent",), "going_now": ("intent", "time"),
    "farewell": ("intent",), "last_arrangements": ("intent",), "near_time": ("time",), "at_the_place": ("place",), "own_attempt_past": ("attempts",),
}  # fmt: skip
_NAMED = {
    "phone": re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)|(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)|\+\d{1,3}[- ]?\d[\d -]{6,13}\d"),
    "place": re.compile(
        r"(?:地址|位置|定位)(?:是|在|[:：])|我?(?:人|现在|这会儿|正|就|还)?(?:在|到了?|站在|坐在|躲在)[^，,。！？!?\s]{0,12}"
        r"(?:楼|宿舍|寝室|家里|厂里?|车间|工地|桥|河边|江边|海边|湖边|水库|天台|阳台|窗边|医院|网吧|宾馆|酒店|旅馆|出租屋|屋里|房间|车里|站台|地铁站|车站|路口|[\d一二三四五六七八九十]+(?:层|号|室))"
    ),
    "alcohol": re.compile(r"喝了?[^，,。！？!?]{0,6}酒|喝(?:多|高|醉)了?|醉了|酒劲|[一二两三半几]瓶(?:白酒|啤酒|酒)"),
    "alone": re.compile(
        r"(?:就|只有|只剩)(?:我|自己)(?:一个人?|自己)?(?:$|[，,。！？!?在])|一个人(?:在|住|待|呆)|独自|身边没有?(?:人|谁)|没人在|家里没人|(?:室友|舍友|老公|老婆|家里?人|同事|工友|爸妈?|妈妈?|孩子|朋友)[^，,。！？!?]{0,4}(?:在旁边|在家|在身边|陪着|不在)"
    ),
    "attempts": re.compile(
        r"(?:以前|之前|上次|那次|去年|前年|年前|个月前|小时候)[^，,。！？!?]{0,10}(?:试过(?=$|[，,。！？!?一两三几好]|次)|割过|割腕|吞药|吞过|吃过药|跳过|自杀|轻生|抢救|洗胃)|(?:自杀|割腕|轻生|吞药|烧炭|上吊)过|(?:自杀|轻生)未遂|没死成"
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One bubble of the thread. `asked`: the number of our direct question under it; `answers`: the one that a pressed button names.

    `cues`: what the screen found in it, name and words. `is_human`: a counsellor's.
    """

    message_id: int
    is_worker: bool
    text: str
    created_at: dt.datetime
    asked: str | None = None
    answers: str | None = None
    cues: Sequence[tuple[str, str]] = ()
    is_human: bool = False


@dataclass(frozen=True)
class Fact:
    """The worker's words, with our question where they answer one."""

    text: str
    message_id: int


def facts_of(thread: Sequence[Told]) -> dict[str, Fact | None]:
    """The newest telling of each of FACTS in this thread (oldest first), None where nothing was said."""
    found: dict[str, tuple[Fact, dt.datetime]] = {}
    asked: Mapping[str, str] = {}
    open_number: tuple[str, str] | None = None
    spoken: list[Told] = []
    for told in thread:
        if not told.is_worker:
            if told.is_human and spoken and not spoken[-1].is_human:
                spoken = []  # the answer is to the person who has come, not to what the program asked before
            spoken.append(told)
            continue
        if spoken:  # what was asked before the last answer is not asked any more
            asked = _asked(spoken)
            open_number = next(((each.asked, each.text) for each in reversed(spoken) if each.asked), None)
            spoken = []
        for name, text in _told_by(told, asked, open_number).items():
            found[name] = Fact(text, told.message_id), told.created_at
        asked, open_number = {}, None
    newest = max((each.created_at for each in thread if each.is_worker), default=None)
    return {name: _still(name, found.get(name), newest) for name in FACTS}


def quoted(text: str, words: str = "") -> str:
    """The sentence that holds these words, short enough to read at a glance."""
    sentence = next((each for each in re.split(r"(?<=[。！？!?\n])", text) if words and words in each), text).strip()
    if len(sentence) <= _LONGEST_QUOTE:
        return sentence
    at = max(0, sentence.find(words) - _LONGEST_QUOTE // 3)
    return ("…" if at else "") + sentence[at : at + _LONGEST_QUOTE].strip() + "…"


def _told_by(told: Told, asked: Mapping[str, str], open_number: tuple[str, str] | None) -> dict[str, str]:
    """What one message tells: by answering, then by the screen's cues, then by its own words, the last being the plainest."""
    found = {name: f"问“{question}”，答“{quoted(told.text)}”" for name, question in asked.items()}
    number, question = open_number or ("", "")
    if told.answers is not None and told.answers != number:
        number, question = told.answers, ""  # a button further up: its question is not the one that stands here
    for name in _BY_NUMBER.get(number, ()):
        found[name] = f"问“{question}”，答“{quoted(told.text)}”" if question else quoted(told.text)
    for cue, words in told.cues:
        found.update({name: quoted(told.text, words) for name in _BY_CUE.get(cue, ())})
    for name, pattern in _NAMED.items():
        hit = pattern.search(told.text)
        if hit is not None:
            found[name] = quoted(told.text, hit[0])
    return found


def _asked(spoken: Sequence[Told]) -> dict[str, str]:
    own = [each.text for each in spoken if not _OF_ANOTHER.search(each.text)]
    found = {name: text for text in own for name, pattern in _ASKED.items() if pattern.search(text)}
    return {name: quoted(text) for name, text in found.items()}


def _still(name: str, told: tuple[Fact, dt.datetime] | None, newest: dt.datetime | None) -> Fact | None:
    if told is None or newest is None:
        return None
    return None if name in _PASSING and newest - told[1] > _PASSES_AFTER else told[0]
