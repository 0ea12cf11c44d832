"""Whose life a cue is about, read from the words before it: the nearest person, without those who are only spoken to or of."""

from __future__ import annotations

import re
from enum import Enum

from bot.risk.lexicon import Lexicon, any_of

_LOOK_BACK = 40
_SENTENCE_END = re.compile(r"[。！？!?\n;；…]")
_CLAUSE_END = re.compile(r"[，,、:：\s]")
_REPORT = re.compile(r"^.{0,8}?(?:说|讲|话(?!题)|念叨|喊|嚷|发(?:微信|消息|信息|朋友圈|帖)|留言|提到|写(?:着|了|道)|念)")
# a person after one of these is who it is done to or said of, not who thinks of dying
_OBJECT_OF = re.compile(
    r"(?:被|跟|和|对|给|向|为了?|因为|由于|离开|没有?|失去|怪|恨|爱|骂|拖累|连累|舍不得|不如|除了|欠|告诉|瞒着?|(?:不想|不敢|别|没|不)让|"
    r"陪|看着|骗|比|像|求|等|帮|找|害|伤害|同|替|愧对|对不起|放不下|丢下|抛下|想见|感谢|谢谢|在|靠|问|与|抱着?|带着?|拉着|搂着|岁的?|我是(?:一名|一个|一位|个)?.{0,5}|作为)(?:我的?|着|了|过)?$"
)
_OWNER_OF = re.compile(r"(?:公司|家楼|面前|门口|单位|眼前|看(?:$|[，。,.!！]))")
_SPOKEN_TO = re.compile(r"(?:跟|和|对|给|向|朝|同|告诉)(?:了)?$")
_SPEAKING = re.compile(r"^(?:们)?.{0,3}(?:说|讲|发|提|聊|念叨|哭|打电话|打视频|打过|表示|坦白|写)")


class Person(Enum):
    """Who stands nearest to a cue."""

    NOBODY = "nobody"
    WORKER = "worker"
    OTHER = "other"
    READER = "reader"  # 你: whoever reads the message
    UNCLEAR = "unclear"  # somebody else stands in an earlier clause and may or may not be meant


class PeopleFinder:
    """Finds people in a text by the lexicon's words for them; pure."""

    def __init__(self, lexicon: Lexicon) -> None:
        kin = any_of(lexicon.kin_words)
        own = any_of(tuple(word for word in lexicon.self_words if not _is_reflexive(word)))
        self._people = re.compile(
            # 我朋友, 我的同事, 我们一个老乡: the person is the other one; 其他, 没有人, 大学生, 朋友圈, 他妈的, 妈呀 are nobody
            rf"(?P<other>(?:(?:我|俺|咱)(?:们)?(?:的|家|那|这|有)?)?(?:个|一个|位|几个)?(?<![其吉没所大特尼])(?:{kin})(?!圈|人们|妈的|呀))"
            rf"|(?P<own>{own})|(?P<reader>你|您)"
        )

    def nearest(self, text: str, start: int, end: int) -> Person:
        """The person whom the cue at start:end is about, as far as its sentence says."""
        begin = max(0, start - _LOOK_BACK)
        for match in _SENTENCE_END.finditer(text, begin, start):
            begin = match.end()
        clause = begin
        for match in _CLAUSE_END.finditer(text, begin, start):
            clause = match.end()
        found = [(match.start(), match.end(), match.lastgroup) for match in self._people.finditer(text, begin, end)]
        standing = [person for person in found if not self._is_passed_over(text, *person)]
        inside = [who for place, _, who in standing if place >= start and who != "reader"]
        if inside:  # whoever the cue itself names last
            return Person.WORKER if inside[-1] == "own" else Person.OTHER
        if not standing:
            return Person.NOBODY
        place, _, who = standing[-1]
        return self._judged(text, place, clause, start, who)

    def is_passed_over_at(self, text: str, start: int, end: int) -> bool:
        """Whether the first person of a cue about others is one who is only spoken to or of, as in 和妈妈吵架想死."""
        match = self._people.match(text, start, end)
        return bool(match and self._is_passed_over(text, match.start(), match.end(), match.lastgroup))

    @staticmethod
    def _is_passed_over(text: str, place: int, stop: int, who: str | None) -> bool:
        before = text[max(0, place - 6) : place]
        if who == "own":  # 他跟我说想死: it is his
            return bool(_SPOKEN_TO.search(before) and _SPEAKING.search(text[stop : stop + 8]))
        if who == "reader":
            return bool(_SPOKEN_TO.search(before)) or text[stop : stop + 1] in (
                "好",
                "说",
                "知",
                "懂",
                "们",
                "看",
                "别",
                "能",
                "可",
            )
        return bool(_OBJECT_OF.search(before) or _OWNER_OF.match(text, stop))

    @staticmethod
    def _judged(text: str, place: int, clause: int, start: int, who: str | None) -> Person:
        if who == "own":
            return Person.WORKER
        if who == "reader":
            return Person.READER if place >= clause else Person.NOBODY
        if place >= clause or _REPORT.search(text[clause:start]):
            return Person.OTHER
        return Person.UNCLEAR


def _is_reflexive(word: str) -> bool:
    """自己 stands for whoever was named before it."""
    return word.startswith("自")
