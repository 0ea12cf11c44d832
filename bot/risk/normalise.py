"""Makes evasions readable: width, traditional characters, homophones, pinyin, signs put between characters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

# What people write instead of the words that get a message blocked elsewhere; the source is everyday use on Chinese
# platforms. Left: a regular expression over the half-width, lower-case text.
_EVASIONS: tuple[tuple[str, str], ...] = (
    (r"紫砂(?![壶杯茶泥锅器])|[自子紫籽][鲨沙莎煞]|自[s殺刹]|(?<![a-z])zi\s?sha(?![a-z])|(?<![a-z])zs(?![a-z0-9])", "自杀"),
    (r"(?<![a-z])suicide|kill myself|kms(?![a-z])", "自杀"),
    (r"want to die|wanna die", "想死"),
    (r"(?<![a-z])xiang\s?si(?![a-z])|(?<![a-z])xs(?=了算|算了)", "想死"),
    (r"(?<![a-z])bu\s?xiang\s?huo(\s?le)?(?![a-z])|(?<![a-z])bxhl?(?![a-z])", "不想活"),
    (r"(?<![a-z])qu\s?si(?![a-z])", "去死"),
    (r"自[杀s]了自己|杀鼠自己", "杀了自己"),
    (r"(?<![a-z])huo\s?gou\s?le(?![a-z])", "活够了"),
    (r"(?<![a-z])si\s?le\s?suan\s?le(?![a-z])", "死了算了"),
    (r"(?<![a-z])huo\s?bu\s?xia\s?qu(?![a-z])", "活不下去"),
    (r"(?<=[想去要])(?:si(?![a-z])|(?:s|4|亖|噶|嘎|鼠|四|寄)(?=了|$|[，。,.!！~ 掉一算啊]))", "死"),
    (r"(?<![a-z0-9])(?:s|4|亖|噶|嘎)(?=了?算了|掉算|了一了)", "死"),
    (r"(?<=不想)(?:huo|h)(?![a-z])", "活"),
    (r"歹匕|屎(?=了?算了)|(?<=想)[似巳]了?(?=$|[，。,.!！~])|亖", "死"),
    (r"不想[话或获](?=了|着|下去|$)", "不想活"),
    (r"死s(?![a-z])", "死"),
    (r"著(?![名作称书述录])", "着"),
    (r"(?:割|戈)[wW万](?![a-z])|割wan", "割腕"),
    (r"跳[l漏搂娄](?![a-z])|tiao\s?lou", "跳楼"),
    (r"自c(?![a-z])|(?<![a-z])zc(?=了|过|的冲动|上瘾|好多年|三年|两年)", "自残"),
    (r"谂|諗", "想"),
    (r"(?:不|bu\s?)(?:[香相向像](?=活)|xiang(?=\s?[活醒]))", "不想"),
    (r"(?<![a-z])xiang(?=\s?(?:自杀|死|自残|[跳割]))", "想"),
    (r"唔(?=想|要|好|活|知|敢|死)", "不"),
    ("🔪(?=自己|手|腕)", "割"),
)
_COMPILED = tuple((re.compile(pattern), plain) for pattern, plain in _EVASIONS)
_ANY = re.compile("|".join(f"(?:{pattern})" for pattern, _ in _EVASIONS))
_KEPT = re.compile(r"[0-9a-z\u4e00-\u9fff]")


@dataclass(frozen=True)
class Normalised:
    """A text as the cues read it; `origin[i]` is the place in the original of character i."""

    text: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original text (characters, end exclusive) of a span of this one."""
        if not self.origin or start >= end:
            return 0, 0
        return self.origin[start], self.origin[end - 1] + 1


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def normalise(text: str) -> Normalised:
    """Half-width, lower-case, simplified characters, with evasions spelled out."""
    characters: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(text):
        if "\u4e00" <= character <= "\u9fff":
            characters.append(character)
            origin.append(place)
            continue
        for part in unicodedata.normalize("NFKD", character).lower():
            if unicodedata.category(part) not in ("Mn", "Cf", "Me", "Cs"):
                characters.append(part)
                origin.append(place)
    plain = _simplified("".join(characters))
    return _spelled_out(Normalised(plain, tuple(origin)))


def _simplified(text: str) -> str:
    if text.isascii():
        return text
    converted = str(_converter().convert(text))
    if len(converted) == len(text):
        return converted
    # a phrase changed its length: convert character by character, so that places stay right
    return "".join(str(_converter().convert(character))[:1] or character for character in text)


def _spelled_out(source: Normalised) -> Normalised:
    if not _ANY.search(source.text):  # most texts: one search instead of thirty
        return source
    for pattern, plain in _COMPILED:
        if pattern.search(source.text):
            source = _replaced(source, pattern, plain)
    return source


def _replaced(source: Normalised, pattern: re.Pattern[str], plain: str) -> Normalised:
    pieces: list[str] = []
    origin: list[int] = []
    last = 0
    for match in pattern.finditer(source.text):
        pieces.append(source.text[last : match.start()] + plain)
        origin.extend(source.origin[last : match.start()])
        place, end = match.start(), match.end()
        # the last character stands for all that is left, so that a span covers the whole evasion
        origin.extend(source.origin[min(place + step, end - 1)] for step in range(len(plain) - 1))
        origin.append(source.origin[end - 1])
        last = match.end()
    pieces.append(source.text[last:])
    origin.extend(source.origin[last:])
    return Normalised("".join(pieces), tuple(origin))


def squeezed(source: Normalised) -> Normalised:
    """The same without anything between the characters: spaces, stars, punctuation, emoji."""
    places = [match.start() for match in _KEPT.finditer(source.text)]
    return _spelled_out(
        Normalised("".join(source.text[place] for place in places), tuple(source.origin[place] for place in places))
    )


def is_dense(source: Normalised, start: int, end: int) -> bool:
    """Whether a find in a squeezed text was hidden by signs, and not put together from two clauses.

    A short one may hold any sign; a longer one must hold a sign after every second character or so.
    """
    places = source.origin[start:end]
    gaps = sum(later - earlier > 1 for earlier, later in pairwise(places))
    return gaps > 0 and (end - start <= 5 or gaps * 2 >= end - start - 1)
