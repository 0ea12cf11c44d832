"""The examples of the training files: each with its text as it stands in the file, its plain text and its line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.domain.errors import InvalidInput
from bot.training.folder import HELD_BACK, View
from bot.training.tree import Node, readable_tree

# As Rasa reads them: [words](entity), [words](entity:value), [words]{"entity": ...}, [words][{...}, {...}]
ANNOTATION = re.compile(
    r"\[(?P<words>[^\]]+?)\](?:\((?P<entity>[^:)]+?)(?::(?P<value>[^)]+))?\)|\{(?P<dict>[^}]+?)\}|\[(?P<dicts>.*?)\])"
)
_NAMED = re.compile(r'"entity"\s*:\s*"([^"]+)"')
_BRACKETS = str.maketrans("[]", "［］")  # a worker's own brackets must not be read as an annotation


@dataclass(frozen=True)
class Example:
    """One example; `line` counts from 1."""

    text: str
    plain: str
    intent: str
    path: str
    line: int


@dataclass(frozen=True)
class Span:
    """An entity in a plain text, from `start` to before `end`; `value` where it differs from the words."""

    entity: str
    start: int
    end: int
    value: str | None = None


@dataclass(frozen=True)
class Block:
    """An item `- intent: ...` of a file; lines count from 0 as in the tree. `lines` are the examples (line, text)."""

    intent: Node
    item: Node
    examples: Node | None
    lines: tuple[tuple[int, str], ...]


def examples(view: View) -> list[Example]:
    """All examples below data/, in the order of files and lines; files that can't be read as YAML give none."""
    return [one for path in view.paths() if path.startswith("data/") for one in examples_in(path, view.text(path) or "")]


def held_back(view: View) -> list[Example]:
    """The examples that are never trained on (tests/understanding/held_back.yml)."""
    return list(examples_in(HELD_BACK, view.text(HELD_BACK) or ""))


@lru_cache(maxsize=256)
def examples_in(path: str, text: str) -> tuple[Example, ...]:
    """The examples of this one text."""
    return tuple(
        Example(words, plain_text(words), block.intent.value, path, line + 1)
        for block in blocks(text)
        for line, words in block.lines
        if words
    )


@lru_cache(maxsize=256)
def blocks(text: str) -> tuple[Block, ...]:
    """The intents of an NLU text with their examples; none when it is broken."""
    root = readable_tree(text) if "intent" in text else None
    found = root.get("nlu") if root is not None else None
    made: list[Block] = []
    for item in found.items if found is not None else ():
        intent, listed = item.get("intent"), item.get("examples")
        if intent is not None and intent.kind == "scalar":
            made.append(Block(intent, item, listed, tuple(_lines_of(listed))))
    return tuple(made)


def _lines_of(listed: Node | None) -> Iterator[tuple[int, str]]:
    """The examples of `examples: |` (a line each) and of `examples:` as a list (of texts or of `text:`)."""
    if listed is None:
        return
    if listed.style == "|":
        for number, line in enumerate(listed.value.split("\n"), listed.line + 1):
            if line.startswith("-"):
                yield number, line[1:].strip()
    for item in listed.items:
        said = item.get("text") if item.kind == "map" else item
        if said is not None and said.kind == "scalar":
            yield item.line, said.value.strip().removeprefix("- ").strip()


def plain_text(text: str) -> str:
    """The example without its annotations."""
    return ANNOTATION.sub(lambda found: found["words"], text)


def entities_of(text: str) -> list[str]:
    """The entities that are annotated in this example."""
    found: list[str] = []
    for match in ANNOTATION.finditer(text):
        found += [match["entity"]] if match["entity"] else _NAMED.findall(match["dict"] or match["dicts"] or "")
    return found


def annotated(plain: str, spans: Sequence[Span]) -> str:
    """The example as Rasa reads it, [words](entity) at each span; raises InvalidInput when spans overlap or leave the text."""
    made, at = "", 0
    for span in sorted(spans, key=lambda one: one.start):
        words = plain[span.start : span.end]
        if span.start < at or span.end > len(plain) or not words.strip():
            raise InvalidInput("entities", reader_text="标出的词有重叠，或者超出了这句话。")
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", span.entity) or re.search(r'[()\[\]{}"\\\n]', span.value or ""):
            raise InvalidInput("entities", reader_text="实体的名字和值里不能有括号和引号。")
        value = "" if span.value in (None, "", words) else f":{span.value}"
        made += _without_annotation(plain[at : span.start]) + f"[{words.translate(_BRACKETS)}]({span.entity}{value})"
        at = span.end
    return made + _without_annotation(plain[at:])


def _without_annotation(plain: str) -> str:
    return plain.translate(_BRACKETS) if "[" in plain or "]" in plain else plain


@lru_cache(maxsize=20_000)
def same_words(text: str) -> str:
    """The plain text by which two examples are the same sentence: width, case, spaces and the marks at its end do not count."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", plain_text(text)).casefold()).rstrip("。.!?~…,;、") or text
