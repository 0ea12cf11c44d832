"""Finds what is to be masked in a text: numbers by pattern; places, organisations and people by tag and by the words around."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.training.mask_tags import TAGGER, Token
from bot.training.mask_words import (
    AFTER_PLACE,
    BEFORE_COMPANY,
    BEFORE_PLACE,
    COMPANIES,
    COMPOUND_SURNAMES,
    FAMILIAR,
    GIVEN,
    LUCKY_NAMES,
    NAMED_BY,
    NO_PLACE_BEGINS,
    NOT_CALLED,
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
    WEAK_SURNAMES,
)

PERSON, PLACE, ORGANISATION, NUMBER = "person", "place", "organisation", "number"
STEMS = "甲乙丙丁戊己庚辛壬癸"
MASKED = re.compile(f"某(?:[{STEMS}]|人|地|单位|号)")
_COMMON = 150  # in jieba's counts: a word oftener than this is a word first and a name second
_RARE = 20
_LONGEST_NAME = 4
_NAMES = ("nr", "nrt", "nrfg")  # the tagger's marks of names of people
_KIN_TITLES = frozenset("哥姐嫂叔姨")
_ADMINISTRATIVE = tuple("省市县镇乡村")

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
            r"(?<![\d.])(?!12\d{3}|9[56]\d{3})\d{5}(?![\d.]|\s*[块元万多来左右人次步字个斤米])",
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
_COMPANY = re.compile(r"[\u4e00-\u9fffA-Za-z0-9（）()]{2,14}?(?:股份|责任|科技|实业|贸易)*(?P<head>有限(?:责任)?公司)")
_KNOWN_COMPANY = re.compile("|".join(sorted(map(re.escape, COMPANIES), key=len, reverse=True)))
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_AFTER_NAME = re.compile("(?:" + "|".join(sorted(NAMED_BY, key=len, reverse=True)) + r")\s*[:：]?\s*[“\"「『]?")
_TITLED = re.compile(
    f"(?P<name>{'|'.join(COMPOUND_SURNAMES)}|[{''.join(sorted(SURNAMES))}])(?P<title>{'|'.join(sorted(TITLES, key=len, reverse=True))})"
)
_CALLED = re.compile(f"[{''.join(sorted(GIVEN - NOT_CALLED))}](?=[哥姐嫂叔姨])")


@dataclass(frozen=True)
class Found:
    """A stretch to be masked, and what kind of thing stands there; `is_headed`: the word behind says what it is (某小学)."""

    start: int
    end: int
    kind: str
    is_headed: bool = False


def find(text: str, known: Sequence[str]) -> list[Found]:
    """What is to be masked, in order and without overlaps; the surer ways first. Masks that stand there already are left alone."""
    taken = [Found(match.start(), match.end(), "") for match in MASKED.finditer(text)]
    kept = len(taken)
    tokens = TAGGER.tokens(text)
    for source in (
        _by_pattern(text, known), _companies(text, tokens), _addresses(text, tokens), _rooms(text), _organisations(tokens),
        _people(text, tokens),
    ):  # fmt: skip
        for each in source:
            if all(each.end <= other.start or each.start >= other.end for other in taken):
                taken.append(each)
    return sorted(taken[kept:], key=lambda each: each.start)


def _by_pattern(text: str, known: Sequence[str]) -> Iterator[Found]:
    for match in _NUMBERS.finditer(text):
        yield Found(match.start(), match.end(), NUMBER)
    for name in known:
        for match in re.finditer(re.escape(name), text):
            yield Found(match.start(), match.end(), PERSON)


def _rooms(text: str) -> Iterator[Found]:
    for match in _ROOMS.finditer(text):
        yield Found(match.start(), match.end(), PLACE)


def _companies(text: str, tokens: Sequence[Token]) -> Iterator[Found]:
    """Whole names of companies, from behind the last small word, and the works that everybody knows."""
    for match in _COMPANY.finditer(text):
        inside = [token.end for token in tokens if match.start() <= token.start < match.end() and token.word in BEFORE_COMPANY]
        begin = max(inside, default=match.start())
        if begin < match.end("head") - len("有限公司"):
            yield Found(begin, match.end(), ORGANISATION)
    for match in _KNOWN_COMPANY.finditer(text):
        yield Found(match.start(), match.end(), ORGANISATION)


def _addresses(text: str, tokens: Sequence[Token]) -> Iterator[Found]:
    """Names of places, runs of them as one, with the number of house and room behind."""
    place = 0
    while place < len(tokens):
        last = place
        if tokens[place].word.endswith("人") and _is_native(tokens[place].word):  # 福建人
            yield Found(tokens[place].start, tokens[place].end - 1, PLACE)
        while last < len(tokens) and (step := _place_length(tokens, last, is_inside=last > place)):
            last += step
        if last == place:
            place += 1
            continue
        start, end = tokens[place].start, tokens[last - 1].end
        room = _ROOM.match(text, end) if text[start:end].endswith(PLACE_HEADS) else None
        yield Found(start, room.end() if room is not None and _is_room(room[0]) else end, PLACE)
        place = max(last, next((n for n, token in enumerate(tokens) if token.start >= end), len(tokens)))


def _is_native(word: str) -> bool:
    """Whether a word calls somebody by the place they come from."""
    stem = TAGGER.tokens(word[:-1]) if 3 <= len(word) <= _LONGEST_NAME else []
    return len(stem) == 1 and stem[0].flag == "ns" and stem[0].word not in PLAIN_PLACES


def _is_room(words: str) -> bool:
    return bool(re.search("号|栋|幢|座|单元|弄|组|队|室|房|楼", words))


def _place_length(tokens: Sequence[Token], place: int, *, is_inside: bool) -> int:
    """How many tokens from here name a place; 0 for none. `is_inside`: one was named just before."""
    token = tokens[place]
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    if following is not None and following.word in PLACE_HEADS and _names(token):
        return 2
    is_plain = token.word in PLAIN_PLACES or token.word in PLAIN_PERSONS or TAGGER.is_own(token.word)
    if is_plain or len(token.word) < 2 or _is_plain_headed(token.word):
        return 0
    count = TAGGER.count(token.word)
    is_headed = len(token.word) > 2 and token.word.endswith(PLACE_HEADS)
    if token.flag == "ns" and not _is_someone(token, following):
        return int(is_headed or count > 0 or _stands_as_place(tokens, place))
    if len(token.word) == 2 and _is_further_place(tokens, place, is_inside=is_inside):
        return 1
    is_named = count == 0 or token.flag in ("nr", "nz") or token.word.endswith(_ADMINISTRATIVE)
    return int(is_headed and is_named)


def _stands_as_place(tokens: Sequence[Token], place: int) -> bool:
    """Whether the words around it say that this unknown word is a place: 在石碣上班."""
    if tokens[place].word[0] in NO_PLACE_BEGINS:
        return False
    before = tokens[place - 1].word if place else ""
    after = tokens[place + 1].word if place + 1 < len(tokens) else ""
    return before in BEFORE_PLACE or after in AFTER_PLACE


def _is_further_place(tokens: Sequence[Token], place: int, *, is_inside: bool) -> bool:
    """A rarer place that the dictionary has as some other name: 深圳 龙华, 到 义乌, 湖南 邵阳 (at the end of what is said)."""
    token = tokens[place]
    is_moved_to = place > 0 and tokens[place - 1].word in BEFORE_PLACE and token.flag == "nz"
    is_last = place + 1 == len(tokens) or tokens[place + 1].flag in ("x", "uj") or tokens[place + 1].word in AFTER_PLACE
    is_name = token.flag == "nz" or (is_last and token.flag in ("n", "nr"))
    return TAGGER.count(token.word) <= _COMMON and (is_moved_to or (is_inside and is_name))


def _is_plain_headed(word: str) -> bool:
    """A head with a plain word before it: 隔壁村, 我们县."""
    return any(word.endswith(head) and word[: -len(head)] in PLAIN_BEFORE_HEAD for head in (*PLACE_HEADS, *ORGANISATION_HEADS))


def _is_someone(token: Token, following: Token | None) -> bool:
    """A surname that is a place as well (欧阳): with a title it is somebody."""
    return token.word in COMPOUND_SURNAMES and following is not None and following.word.startswith(TITLES)


def _names(token: Token) -> bool:
    """Whether this word before a head (电子厂, 小区) is a name and not what kind of thing it is."""
    word = token.word
    is_plain = word in PLAIN_BEFORE_HEAD or word in PLAIN_PLACES or word in PLAIN_PERSONS or word in PLATFORMS
    if is_plain or TAGGER.is_own(word) or len(word) < 2 or not _HAN.fullmatch(word) or MASKED.search(word):
        return False
    is_unknown = TAGGER.count(word) == 0 and token.flag.startswith("n")
    return token.flag in (*_NAMES, "nz", "ns", "nt") or is_unknown or word in LUCKY_NAMES


def _organisations(tokens: Sequence[Token]) -> Iterator[Found]:
    for place, token in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else None
        if place and following is not None and following.word in ORGANISATION_HEADS and _spell_a_name(tokens[place - 1], token):
            yield Found(tokens[place - 1].start, token.end, ORGANISATION, is_headed=True)
        elif following is not None and following.word in ORGANISATION_HEADS and _names(token):
            yield Found(token.start, token.end, ORGANISATION, is_headed=True)
        elif not _is_plain_organisation(token.word):
            is_whole = len(token.word) > 2 and token.flag in ("nz", "nt") and token.word.endswith(ORGANISATION_HEADS)
            if is_whole or (token.flag == "nt" and TAGGER.count(token.word) > 0):
                yield Found(token.start, token.end, ORGANISATION)


def _spell_a_name(first: Token, second: Token) -> bool:
    """Two syllables that the tagger could make no word of: 鑫源 五金厂."""
    is_short = len(first.word) == len(second.word) == 1 and bool(_HAN.fullmatch(first.word + second.word))
    is_plain = {first.word, second.word} & (PLAIN_BEFORE_HEAD | BEFORE_COMPANY)
    return is_short and not is_plain and all(each.flag[0] in "ngx" for each in (first, second))


def _is_plain_organisation(word: str) -> bool:
    is_plain = word in PLAIN_ORGANISATIONS or word in PLATFORMS or word in PLAIN_PLACES or TAGGER.is_own(word)
    return is_plain or _is_plain_headed(word)


def _people(text: str, tokens: Sequence[Token]) -> Iterator[Found]:
    borders = {token.start for token in tokens} | {len(text)}
    yield from _titled(text, borders)
    yield from _introduced(text, tokens)
    place = 0
    while place < len(tokens):
        length = _name_length(tokens, place)
        if length:
            yield Found(tokens[place].start, tokens[place + length - 1].end, PERSON)
        elif TAGGER.count(tokens[place].word) == 0 and len(tokens[place].word) == 2 and _CALLED.match(tokens[place].word):
            yield Found(tokens[place].start, tokens[place].start + 1, PERSON)  # 强哥
        place += max(length, 1)


def _titled(text: str, borders: set[int]) -> Iterator[Found]:
    """A surname before a form of address: 李师傅, 王总, 欧阳经理; the title stays."""
    for match in _TITLED.finditer(text):
        guard = TITLE_GUARD.get(match["title"], "")
        if match.start() in borders and (match.end() >= len(text) or text[match.end()] not in guard):
            yield Found(match.start("name"), match.end("name"), PERSON)


def _introduced(text: str, tokens: Sequence[Token]) -> Iterator[Found]:
    """What comes after 我叫, 儿子叫: a name, when it is no word that everybody knows."""
    at = {token.start: place for place, token in enumerate(tokens)}
    for match in _AFTER_NAME.finditer(text):
        place = at.get(match.end())
        if place is None:
            continue
        token = tokens[place]
        is_rare = _is_nameable(token) and TAGGER.count(token.word) <= _COMMON and 2 <= len(token.word) <= _LONGEST_NAME
        if is_rare and (not match[0].startswith("我是") or token.flag in _NAMES):
            yield Found(token.start, token.end, PERSON)


def _name_length(tokens: Sequence[Token], place: int) -> int:
    """How many tokens from here are somebody's name; 0 for none."""
    token = tokens[place]
    following = tokens[place + 1] if place + 1 < len(tokens) else None
    word, is_name = token.word, token.flag in _NAMES
    if following is not None and word in FAMILIAR and _is_called(following):
        return 2
    if (
        following is not None
        and following.word in _KIN_TITLES
        and len(word) == 2
        and set(word) <= GIVEN
        and _is_nameable(token)
    ):
        return 1
    if len(word) == 1:
        if following is None or word not in SURNAMES or not is_name:
            return 0
        return 2 if _is_given(following) else int(following.word.startswith("总"))  # 王 总是 骂 我
    if not _is_nameable(token) or len(word) > _LONGEST_NAME:
        return 0
    if word[0] in FAMILIAR and len(word) == 2:
        return int(_is_familiar(word, is_name))
    if word[0] in SURNAMES:
        return int(_is_whole_name(word, is_name))
    return int(_is_given_name(word, token.flag))


def _is_familiar(word: str, is_name: bool) -> bool:
    """小李, 老王, 阿珍: not 小心, not 老是."""
    count = TAGGER.count(word)
    if word[0] == "阿":
        return is_name or count == 0
    is_sure = word[1] in SURNAMES - WEAK_SURNAMES or (is_name and word[1] in SURNAMES)
    return (is_sure and (is_name or count <= _RARE)) or (is_name and word[1] in GIVEN and count <= _RARE)


def _is_whole_name(word: str, is_name: bool) -> bool:
    """张伟, 陈建国: a surname and syllables that names are made of."""
    given, count = set(word[1:]), TAGGER.count(word)
    if len(word) == 2:
        return given <= GIVEN | _NUMBERED and (is_name or count == 0) and count <= 3 * _COMMON
    if len(word) == 3:
        return is_name and (count > 0 or bool(GIVEN & given))
    return is_name and word.startswith(COMPOUND_SURNAMES)


_NUMBERED = frozenset("三四五")  # 张三, 李四, 王五


def _is_given_name(word: str, flag: str) -> bool:
    """志强, 丽丽 without a surname, or a foreign name that the dictionary has."""
    count = TAGGER.count(word)
    if word in COMPOUND_SURNAMES or (flag == "nrt" and count > 0 and len(word) > 2):
        return True
    if len(word) != 2 or not set(word) <= GIVEN or count > _COMMON:
        return False
    return flag in _NAMES or (word[0] == word[1] and (count == 0 or flag == "nz"))


def _is_nameable(token: Token) -> bool:
    word = token.word
    is_plain = word in PLAIN_PERSONS or word in PLAIN_PLACES or word in PLATFORMS or TAGGER.is_own(word)
    return bool(_HAN.fullmatch(word)) and not is_plain


def _is_called(token: Token) -> bool:
    """What stands after 小, 老 or 阿 as somebody's short name."""
    is_sure = token.word in SURNAMES - WEAK_SURNAMES or token.flag in _NAMES
    return len(token.word) == 1 and token.word in SURNAMES and is_sure and token.flag in (*_NAMES, "nz", "ng", "q", "n")


def _is_given(token: Token) -> bool:
    word = token.word
    is_unknown = token.flag in (*_NAMES, "nz", "ng") or TAGGER.count(word) == 0
    is_rare_name = len(word) == 2 and set(word) <= GIVEN and TAGGER.count(word) <= _COMMON
    is_known = is_unknown and bool(GIVEN & set(word))
    return len(word) <= 2 and (is_known or is_rare_name) and _is_nameable(token)
