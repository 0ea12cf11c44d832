"""Finds the lexicon's cues in a text, and whose life each is about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.risk import Cue, RiskKind, RiskLevel, RiskSubject
from bot.risk.lexicon import CuePattern, Lexicon
from bot.risk.normalise import Normalised, is_dense, normalise, squeezed
from bot.risk.people import PeopleFinder, Person

_NEGATION = re.compile(
    r"(?:没|没有|从没|从没有|从来没|从来没有|从未|并没|并没有|(?<!会)不会|绝不|绝不会|(?<!是)不是|没啥|无|不存在|未曾|(?<![要何能是好会对可])不|(?<![特分级])别|(?<!要)不要|从不|冇|莫得)"
    r"(?:有|过|要|想|去|什么|任何|真的?|再|曾|动过|出现|考虑|真正|到)*$"
)
_DENIED_AFTER = re.compile(
    r"^(?:的)?(?:念头|想法|冲动|打算|事|这种事|倾向|心)?(?:[，,]|那|是|倒|也|绝对|真的?|完全|从来|都|我|确实|还|一点|一次)*"
    r"(?:没有|没得|没|不会|不存在|不至于|不可能|木有|冇)(?:过|的|啊|呀|哦|啦|想过|有过|有|这|发生)*(?=$|[，。,.!！；;、 ~])"
)
_TAKEN_BACK = re.compile(r"骗|其实.{0,8}(?:有|想|是)|(?:但|可|不过|只是).{0,6}(?:还是|有时|偶尔|天天|又|会)")
_ACCIDENT = re.compile(r"(?:不小心|不慎|失手|手滑|被|让|误|机器|切菜|干活|摔倒?).{0,6}$")
_NOT_ACCIDENT = re.compile(r"(?:不是|并非|没有)(?:不小心|摔)|(?:说|骗.{0,3}说|以为).{0,6}(?:不小心|摔|手滑)")

_LONG_PAST = re.compile(
    r"(?:[二两三四五六七八九十百几好多\d]+年(?:多)?(?:前|以前|之前)|多年(?:以)?前|小时候|小学|初中|高中|中专|技校|大学(?:时|那|里|的时候)|上学(?:时|那会)|年轻(?:时|的时候|那会)|"
    r"(?:十|二十|三十)[一二三四五六七八九几]?岁(?:时|那年|的时候))[^。！？!?]*$"
)
_STILL = re.compile(
    r"现在|如今|最近|这(?:几|两|阵|些|段|次|回)|今[天晚年]|昨|又|还是|还想|还在|一直|依然|仍|再次|再来|再试|马上|准备|打算|明天|如果"
)


@dataclass(frozen=True)
class CueHit:
    """A cue that fired, its place in the original text, and the person it is about as far as the words say.

    `is_past`: said to be long over. `is_doubtful`: the bare word, denied, put to somebody else or told as an accident; the sentence decides.
    """

    pattern: CuePattern
    cue: Cue
    subject: RiskSubject
    is_negated: bool = False
    is_addressed: bool = False
    is_unclear: bool = False
    is_past: bool = False

    @property
    def level(self) -> RiskLevel:
        """What the cue asks for; an own deed or thought placed clearly in the past asks for watch (CLINICAL.md)."""
        return RiskLevel.WATCH if self.is_past and self.pattern.level is RiskLevel.HIGH else self.pattern.level

    @property
    def kind(self) -> RiskKind:
        return self.pattern.kind

    @property
    def is_doubtful(self) -> bool:
        return self.pattern.is_mention or self.is_negated or self.is_addressed


class CueFinder:
    """Runs one lexicon; pure, and safe to use from several threads."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._people = PeopleFinder(lexicon)

    def find(self, text: str) -> list[CueHit]:
        """Every cue of the text, each at most once, in the lexicon's order."""
        plain = normalise(text)
        close = squeezed(plain)
        sources = [plain] if len(close.text) == len(plain.text) else [plain, close]
        hits: dict[str, CueHit] = {}
        for source in sources:
            masked = self._masked(source.text)
            for pattern in self.lexicon.cues:
                if source is close and pattern.subject is not RiskSubject.NONE:
                    continue  # nobody hides words about others between signs
                known = hits.get(pattern.name)
                if known is None or known.is_negated:
                    hit = self._first(pattern, source, masked, is_close=source is close)
                    if hit and (known is None or not hit.is_negated):
                        hits[pattern.name] = hit
        ordered = [hits[cue.name] for cue in self.lexicon.cues if cue.name in hits]
        return [hit for hit in ordered if self._stands(hit, hits)]

    @staticmethod
    def _stands(hit: CueHit, hits: dict[str, CueHit]) -> bool:
        """Whether what the cue requires stands beside it, undenied."""
        beside = (hits.get(name) for name in hit.pattern.requires)
        return not hit.pattern.requires or any(other and not other.is_negated for other in beside)

    def _masked(self, text: str) -> str:
        return self.lexicon.masks.sub(lambda match: "\x00" * len(match.group()), text)

    def _first(self, pattern: CuePattern, source: Normalised, masked: str, is_close: bool) -> CueHit | None:
        """The first place that is not denied, else the first; in a squeezed text only where the signs were put between."""
        denied: CueHit | None = None
        for match in pattern.pattern.finditer(masked):
            if match.end() == match.start() or (is_close and not is_dense(source, match.start(), match.end())):
                continue
            if pattern.subject is RiskSubject.OTHER and self._people.is_passed_over_at(masked, match.start(), match.end()):
                continue
            hit = self._hit(pattern, source, masked, match)
            if not hit.is_negated:
                return hit
            denied = denied or hit
        return denied

    def _hit(self, pattern: CuePattern, source: Normalised, masked: str, match: re.Match[str]) -> CueHit:
        start, end = source.span(match.start(), match.end())
        person = self._people.nearest(masked, match.start(), match.end())
        subject = pattern.subject
        if subject is RiskSubject.NONE and person in (Person.WORKER, Person.OTHER):
            subject = RiskSubject.SELF if person is Person.WORKER else RiskSubject.OTHER
        is_negated = _is_denied(masked, match, pattern.kind)
        return CueHit(
            pattern, Cue(pattern.name, start, end), subject, is_negated, person is Person.READER, person is Person.UNCLEAR,
            _is_long_past(masked, match),
        )  # fmt: skip


def _is_long_past(text: str, match: re.Match[str]) -> bool:
    """Whether the sentence sets the cue years back, and nothing in the text says that it is still so."""
    before = text[max(0, match.start() - 14) : match.start()]
    return bool(_LONG_PAST.search(before)) and not _STILL.search(text)


def _is_denied(text: str, match: re.Match[str], kind: RiskKind) -> bool:
    before = text[max(0, match.start() - 12) : match.start()]
    if _NEGATION.search(before) or _DENIED_AFTER.search(text[match.end() : match.end() + 24]):
        return not _TAKEN_BACK.search(text[match.end() : match.end() + 24])
    if kind is not RiskKind.SELF_HARM:
        return False
    return bool(_ACCIDENT.search(before)) and not _NOT_ACCIDENT.search(before)
