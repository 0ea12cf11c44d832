"""Takes names of people, places, organisations and numbers out of a text before anybody but the worker's counsellor reads it."""

from __future__ import annotations

import re
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.settings import ROOT
from bot.training.mask_words import (
    BEFORE_COMPANY,
    COMPANIES,
    COMPOUND_SURNAMES,
    FAMILIAR,
    LUCKY_NAMES,
    NAMED_BY,
    ORGANISATION_HEADS,
    PLACE_HEADS,
    PLAIN_BEFORE_HEAD,
    PLAIN_ORGANISATIONS,
    PLAIN_PERSONS,
    PLAIN_PLACES,
    PLATFORMS,
    SURNAMES,
    TITLE_GUARD,
    TITLES,
)

PERSON, PLACE, ORGANISATION, NUMBER = "person", "place", "organisation", "number"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_MASKED = re.compile(f"某(?:[{_STEMS}]|人|地|单位|号)")
_COMMON = 150  # in jieba's counts: a word oftener than this is a word first and a name second
_LONGEST_NAME = 4
_OWN_WORDS = ROOT / "content" / "jieba" / "words.txt"

_PLATE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Za-z][·.]?[A-Za-z0-9]{5,6}(?![A-Za-z0-9])"
_CHINESE_DIGITS = "[零〇一二三四五六七八九幺]"
_NUMBERS = re.compile(
    "|".join(
        (
            r"(?:https?://|www\.)[^\s\u4e00-\u9fff，。；！？、]+",
            r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
            r"[1-9]\d{16}[\dXx]",
            r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)",
            r"(?<!\d)0\d{2,3}[\s-]\d{7,8}(?!\d)",
            r"(?<!\d)\d{4}(?:[\s-]\d{4}){2,4}(?:[\s-]\d{1,3})?(?!\d)",
            _PLATE,
            r"(?:(?<=微信)|(?<=微信号)|(?<=vx)|(?<=VX)|(?<=V信)|(?<=v信)|(?<=wx)|(?<=WX)|(?<=QQ)|(?<=qq)|(?<=扣扣)|(?<=抖音号)|(?<=工号)|(?<=学号)|(?<=账号)"
            r"|(?<=密码)|(?<=编号)|(?<=单号)|(?<=证号))\s*(?:号码|号)?\s*(?:是|为)?\s*[:：]?\s*(?=[\w-]*[\dA-Za-z])[A-Za-z0-9][A-Za-z0-9_-]{3,}",
            r"(?<![A-Za-z0-9])(?=[A-Za-z0-9_-]*\d{3})(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{6,}",
            r"[0-9０-９](?:[\s-]?[0-9０-９]){5,}",
            r"(?<![\d.])\d{5}(?![\d.]|\s*[块元万多来左右人次步字个斤米])",
            f"{_CHINESE_DIGITS}{{7,}}",
        )
    )
)  # fmt: skip
_ROOM = re.compile(
    r"\s*[,，]?\s*(?:\d{1,4}|[A-Za-z]\d{0,2}|[一二三四五六七八九十]{1,3})\s*(?:号楼|号院|号|栋|幢|座|单元|弄|组|队|室|房|楼|层)?(?:\s*\d{1,4}\s*(?:单元|室|房|号|楼|层)?)*"
)
_ROOMS = re.compile(
    r"(?:\d{1,4}|[A-Za-z])(?:号楼|栋|幢|单元|号院)\s*\d{1,4}[\d\-]*\s*(?:单元|室|房|号|楼|层)?(?:\s*\d{1,4}\s*(?:室|房|号|楼|层)?)*"
)
_COMPANY = re.compile(r"[\u4e00-\u9fffA-Za-z0-9（）()]{2,14}?(?:股份|责任|科技|实业|贸易)*有限(?:责任)?公司")
_KNOWN_COMPANY = re.compile("|".join(sorted(map(re.escape, COMPANIES), key=len, reverse=True)))
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_AFTER_NAME = re.compile("(?:" + "|".join(sorted(NAMED_BY, key=len, reverse=True)) + r")\s*[:：]?\s*[“\"「『]?")
_TITLED = re.compile(
    f"(?P<name>{'|'.join(COMPOUND_SURNAMES)}|[{''.join(sorted(SURNAMES))}])(?P<title>{'|'.join(sorted(TITLES, key=len, reverse=True))})"
)


@dataclass(frozen=True)
class Span:
    """What was masked: characters `start` to `end` of the text as it was, what kind of thing stood there, and what stands there now."""

    start: int
    end: int
    kind: str
    mask: str


@dataclass(frozen=True)
class Masked:
    """A text without names, places and numbers; the same name has the same mask in it. `spans` are in the text's order."""

    text: str
    spans: tuple[Span, ...]

    def at(self, position: int) -> int:
        """Where a place of the text as it was (in characters) lies in the masked one; inside a mask: at its beginning."""
        moved = 0
        for span in self.spans:
            if position <= span.start:
                break
            if position < span.end:
                return span.start + moved
            moved += len(span.mask) - (span.end - span.start)
        return position + moved

    def part(self, start: int, end: int) -> str:
        """The masked words of this stretch of the text as it was; a mask that is touched is shown whole."""
        begin, finish = self.at(start), self.at(end)
        touched = next((span for span in self.spans if span.start < end < span.end), None)
        return self.text[begin : finish if touched is None else finish + len(touched.mask)]


@dataclass(frozen=True)
class _Token:
    word: str
    flag: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.word)


@dataclass(frozen=True)
class _Found:
    start: int
    end: int
    kind: str


class _Tagger:
    """jieba's part-of-speech tagger, loaded when first needed (about a second) and shared by all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tagger: Any = None
        self._counts: dict[str, int] = {}
        self._own: frozenset[str] = frozenset()

    def load(self) -> None:
        """Load it now; calling it again does nothing."""
        with self._lock:
            if self._tagger is None:
                import jieba
                import jieba.posseg

                jieba.setLogLevel(60)
                jieba.initialize()
                self._counts = jieba.dt.FREQ
                self._own = frozenset(line.split()[0] for line in _OWN_WORDS.read_text("utf-8").splitlines() if line.strip())
                self._tagger = jieba.posseg.POSTokenizer(jieba.dt)

    def tokens(self, text: str) -> list[_Token]:
        """The words of a text with their tags and places."""
        self.load()
        found, place = [], 0
        for pair in self._tagger.cut(text):
            found.append(_Token(pair.word, pair.flag or "x", place))
            place += len(pair.word)
        return found

    def count(self, word: str) -> int:
        """How often jieba's dictionary counts a word; 0 for one it does not have."""
        return self._counts.get(word, 0)

    def is_own(self, word: str) -> bool:
        """Whether our own dictionary has it: words of the trade, nobody's name."""
        return word in self._own


_TAGGER = _Tagger()
load = _TAGGER.load


def mask(text: str, known: Iterable[str] = ()) -> Masked:
    """The text without names of people, places and organisations and without numbers that lead to somebody.

    `known`: names that are to go wherever they stand (a nickname, an emergency contact). Masking a masked text changes nothing.
    """
    names = [name for name in dict.fromkeys(each.strip() for each in known) if len(name) >= 2 and not _MASKED.fullmatch(name)]
    spans: list[Span] = []
    current, stems = text, _Stems(text)
    while (
        True
    ):  # each round masks what the round before uncovered; it ends, for every round leaves fewer words that are no mask
        found = _found(current, names)
        if not found:
            return Masked(current, tuple(spans))
        fresh = [
            Span(each.start, each.end, each.kind, stems.mask_for(each.kind, current[each.start : each.end])) for each in found
        ]
        spans = _composed(text, spans, fresh)
        current = _replaced(text, spans)


class _Stems:
    """Which mask stands for which name of one text."""

    def __init__(self, text: str) -> None:
        self._free = [stem for stem in _STEMS if f"某{stem}" not in text]
        self._given: dict[str, str] = {}

    def mask_for(self, kind: str, words: str) -> str:
        if kind == PLACE:
            return "某地"
        if kind == ORGANISATION:
            return "某单位"
        if kind == NUMBER:
            return "某号"
        name = words[1:] if len(words) == 2 and words[0] in FAMILIAR else words
        if name not in self._given:
            self._given[name] = f"某{self._free.pop(0)}" if self._free else "某人"
        return self._given[name]


def _composed(text: str, earlier: Sequence[Span], fresh: Sequence[Span]) -> list[Span]:
    """Earlier spans and those found in the text they left, all in places of the first text."""
    starts, moved, shifts = [], 0, []
    for span in earlier:
        moved += len(span.mask) - (span.end - span.start)
        starts.append(span.end + moved)
        shifts.append(moved)

    def back(position: int) -> int:
        passed = bisect_right(starts, position)
        return position - (shifts[passed - 1] if passed else 0)

    placed = [Span(back(each.start), back(each.start) + each.end - each.start, each.kind, each.mask) for each in fresh]
    return sorted([*earlier, *placed], key=lambda span: span.start)


def _replaced(text: str, spans: Sequence[Span]) -> str:
    parts, place = [], 0
    for span in spans:
        parts += [text[place : span.start], span.mask]
        place = span.end
    return "".join([*parts, text[place:]])


def _found(text: str, known: Sequence[str]) -> list[_Found]:
    """What is to be masked, in order and without overlaps; the surer ways first."""
    taken = [_Found(match.start(), match.end(), "") for match in _MASKED.finditer(text)]
    kept = len(taken)
    tokens = _TAGGER.tokens(text)
    for source in (_by_pattern(text, known), _addresses(text, tokens), _organisations(text, tokens), _people(text, tokens)):
        for each in source:
            if all(each.end <= other.start or each.start >= other.end for other in taken):
                taken.append(each)
    return sorted(taken[kept:], key=lambda each: each.start)


def _by_pattern(text: str, known: Sequence[str]) -> Iterator[_Found]:
    for name in known:
        for match in re.finditer(re.escape(name), text):
            yield _Found(match.start(), match.end(), PERSON)
    for match in _NUMBERS.finditer(text):
        yield _Found(match.start(), match.end(), NUMBER)
    for match in _ROOMS.finditer(text):
        yield _Found(match.start(), match.end(), PLACE)
    for match in _KNOWN_COMPANY.finditer(text):
        yield _Found(match.start(), match.end(), ORGANISATION)


def _addresses(text: str, tokens: Sequence[_Token]) -> Iterator[_Found]:
    """Names of places, runs of them as one, with the number of house and room behind."""
    place = 0
    while place < len(tokens):
        last = place
        while last < len(tokens) and (step := _place_length(tokens, last)):
            last += step
        if last == place:
            place += 1
            continue
        start, end = tokens[place].start, tokens[last - 1].end
        is_address = text[start:end].endswith(PLACE_HEADS)
        room = _ROOM.match(text, end) if is_address else None
        yield _Found(start, end if room is None or not room[0].strip(" ,，") or not _is_room(room[0]) else room.end(), PLACE)
        place = last


def _is_room(words: str) -> bool:
    return bool(re.search("号|栋|幢|座|单元|弄|组|队|室|房|楼", words))


def _place_length(tokens: Sequence[_Token], place: int) -> int:
    """How many tokens from here name a place; 0 for none."""
    token = tokens[place]
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    if following is not None and following.word in PLACE_HEADS and _names(token) and not _is_title_next(tokens, place):
        return 2
    if token.word in PLAIN_PLACES or _TAGGER.is_own(token.word) or len(token.word) < 2:
        return 0
    if token.flag == "ns" and not _is_someone(token, following):
        return 1
    is_named = len(token.word) > 2 and token.word.endswith(PLACE_HEADS)
    return int(
        is_named and (_TAGGER.count(token.word) == 0 or token.flag in ("nr", "nz", "ns")) and not _is_plain_headed(token.word)
    )


def _is_plain_headed(word: str) -> bool:
    """A head with a plain word before it: 隔壁村, 我们县."""
    return any(word.endswith(head) and word[: -len(head)] in PLAIN_BEFORE_HEAD for head in PLACE_HEADS)


def _is_someone(token: _Token, following: _Token | None) -> bool:
    """A surname that is a place as well (欧阳, 于都): with a title it is somebody."""
    return token.word in COMPOUND_SURNAMES and following is not None and following.word.startswith(TITLES)


def _is_title_next(tokens: Sequence[_Token], place: int) -> bool:
    return place + 1 < len(tokens) and tokens[place + 1].word in TITLES


def _names(token: _Token) -> bool:
    """Whether this word before a head (电子厂, 小区) is a name and not what kind of thing it is."""
    word = token.word
    if (
        word in PLAIN_BEFORE_HEAD
        or word in PLAIN_PLACES
        or word in PLAIN_PERSONS
        or not _HAN.fullmatch(word)
        or _MASKED.search(word)
    ):
        return False
    if word in PLATFORMS or _TAGGER.is_own(word) or len(word) < 2:
        return False
    return token.flag in ("nz", "nr", "ns", "nrt", "nrfg", "nt") or _TAGGER.count(word) == 0 or word in LUCKY_NAMES


def _organisations(text: str, tokens: Sequence[_Token]) -> Iterator[_Found]:
    for match in _COMPANY.finditer(text):
        start = max(
            (token.start for token in tokens if token.start <= match.start() or token.word in BEFORE_COMPANY), default=0
        )
        begin = match.start() if start < match.start() or start >= match.end() else start
        begin = _after_small_words(tokens, match.start(), match.end(), begin)
        yield _Found(begin, match.end(), ORGANISATION)
    for place, token in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        if (following is not None and following.word in ORGANISATION_HEADS and _names(token)) or (token.flag == "nt" and not _is_plain_organisation(token.word)) or (token.flag == "nz" and len(token.word) >= 3 and token.word.endswith(ORGANISATION_HEADS)):
            yield _Found(token.start, token.end, ORGANISATION)


def _after_small_words(tokens: Sequence[_Token], start: int, end: int, begin: int) -> int:
    """A company's name does not begin with 在, 去 and the like."""
    for token in tokens:
        if start <= token.start < end and token.word in BEFORE_COMPANY:
            begin = token.end
    return begin


def _is_plain_organisation(word: str) -> bool:
    return word in PLAIN_ORGANISATIONS or word in PLATFORMS or _TAGGER.is_own(word) or word in PLAIN_PLACES


def _people(text: str, tokens: Sequence[_Token]) -> Iterator[_Found]:
    borders = {token.start for token in tokens} | {len(text)}
    yield from _titled(text, borders)
    yield from _introduced(text, tokens)
    place = 0
    while place < len(tokens):
        length = _name_length(tokens, place)
        if length:
            yield _Found(tokens[place].start, tokens[place + length - 1].end, PERSON)
        place += max(length, 1)


def _titled(text: str, borders: set[int]) -> Iterator[_Found]:
    """A surname before a form of address: 李师傅, 王总, 欧阳经理; 小 or 老 before it goes with it."""
    for match in _TITLED.finditer(text):
        guard = TITLE_GUARD.get(match["title"], "")
        if match.start() in borders and (match.end() >= len(text) or text[match.end()] not in guard):
            yield _Found(match.start("name"), match.end("name"), PERSON)


def _introduced(text: str, tokens: Sequence[_Token]) -> Iterator[_Found]:
    """What comes after 我叫, 儿子叫: a name, when it is no word that everybody knows."""
    at = {token.start: place for place, token in enumerate(tokens)}
    for match in _AFTER_NAME.finditer(text):
        place = at.get(match.end())
        if place is None:
            continue
        token = tokens[place]
        if _is_nameable(token) and _TAGGER.count(token.word) <= _COMMON and len(token.word) <= _LONGEST_NAME:
            if len(token.word) >= 2 and (not match[0].startswith("我是") or token.flag in ("nr", "nrt", "nrfg")):
                yield _Found(token.start, token.end, PERSON)


def _name_length(tokens: Sequence[_Token], place: int) -> int:
    """How many tokens from here are somebody's name; 0 for none."""
    token = tokens[place]
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    word, is_name = token.word, token.flag in ("nr", "nrt", "nrfg")
    if following is not None and word in FAMILIAR and _is_called(following):
        return 2
    if len(word) == 1:
        is_whole = following is not None and word in SURNAMES and is_name and _is_given(following)
        if is_whole:
            return 2
        return int(is_name and word in SURNAMES and word not in PLAIN_PERSONS)
    if not is_name:
        return int(
            len(word) == 2 and word[0] in FAMILIAR and word[1] in SURNAMES and _is_nameable(token) and _TAGGER.count(word) <= 20
        )
    if not _is_nameable(token):
        return 0
    if word[0] in SURNAMES and len(word) == 3:
        return 1
    return int(_TAGGER.count(word) <= (_COMMON * 3 if word[0] in SURNAMES else _COMMON))


def _is_nameable(token: _Token) -> bool:
    word = token.word
    return (
        bool(_HAN.fullmatch(word))
        and word not in PLAIN_PERSONS
        and not _TAGGER.is_own(word)
        and word not in PLAIN_PLACES
        and word not in PLATFORMS
    )


def _is_called(token: _Token) -> bool:
    """What stands after 小, 老 or 阿 as somebody's short name."""
    word = token.word
    return word in SURNAMES and len(word) == 1 and token.flag in ("nr", "nrfg", "nz", "ng", "q", "n")


def _is_given(token: _Token) -> bool:
    return (
        len(token.word) <= 2
        and (token.flag in ("nr", "nrfg", "nrt", "nz") or _TAGGER.count(token.word) == 0)
        and _is_nameable(token)
    )
