"""Takes names of people, places, organisations and numbers out of a text before anybody but the worker's counsellor reads it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.training.mask_finding import MASKED, NUMBER, ORGANISATION, PERSON, PLACE, STEMS, Found, find
from bot.training.mask_tags import TAGGER
from bot.training.mask_words import FAMILIAR

_MASKS = {PLACE: "某地", ORGANISATION: "某单位", NUMBER: "某号"}
load = TAGGER.load


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


def mask(text: str, known: Iterable[str] = ()) -> Masked:
    """The text without names of people, places and organisations and without numbers that lead to somebody.

    `known`: names that are to go wherever they stand (a nickname, an emergency contact). Masking a masked text changes nothing.
    """
    names = [name for name in dict.fromkeys(each.strip() for each in known) if len(name) >= 2 and not MASKED.fullmatch(name)]
    names += _said_once(text, find(text, names))
    spans: list[Span] = []
    current, stems = text, _Stems(text)
    while (
        True
    ):  # each round masks what the round before uncovered; it ends, for every round leaves fewer words that are no mask
        found = find(current, names)
        if not found:
            return Masked(current, tuple(spans))
        fresh = [Span(each.start, each.end, each.kind, stems.mask_for(each, current[each.start : each.end])) for each in found]
        spans = _composed(spans, fresh)
        current = _replaced(text, spans)


def _said_once(text: str, found: Sequence[Found]) -> list[str]:
    """Names that were found in one place of the text, to be found in all; 张三先 (走) is 张三 where that is said as well."""
    names = {text[each.start : each.end] for each in found if each.kind == PERSON and each.end - each.start >= 2}
    return sorted(name for name in names if not any(name != other and name.startswith(other) for other in names))


class _Stems:
    """Which mask stands for which name of one text."""

    def __init__(self, text: str) -> None:
        self._free = [stem for stem in STEMS if f"某{stem}" not in text]
        self._given: dict[str, str] = {}

    def mask_for(self, found: Found, words: str) -> str:
        if found.kind != PERSON:
            return "某" if found.is_headed else _MASKS[found.kind]
        name = words[1:] if len(words) == 2 and words[0] in FAMILIAR else words
        if name not in self._given:
            self._given[name] = f"某{self._free.pop(0)}" if self._free else "某人"
        return self._given[name]


def _composed(earlier: Sequence[Span], fresh: Sequence[Span]) -> list[Span]:
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
