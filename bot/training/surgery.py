"""Changes lines of a text and leaves every other line as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from bot.domain.errors import InvalidInput
from bot.training.tree import Node

_SAFE_PLAIN = re.compile(r"[\w/一-鿿][\w/一-鿿 .，。！？、（）～…-]*(?<! )")
_LOOKS_ELSE = re.compile(r"(?i)(?:true|false|yes|no|on|off|y|n|null|[-+.\d][\d_.,:eE+-]*)")


class Lines:
    """The lines of a text, to be changed by their numbers as they were at first; the line ends of the text are kept."""

    def __init__(self, text: str) -> None:
        self._end = "\r\n" if "\r\n" in text else "\n"
        self._lines = text.split("\n")
        if self._lines[-1] == "":
            self._lines.pop()
        elif self._lines:
            self._lines[-1] += "\r" if self._end == "\r\n" else ""
        self._inserted: dict[int, list[str]] = {}
        self._deleted: set[int] = set()
        self._spans: dict[int, set[tuple[int, int, str]]] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, line: int) -> str:
        return self._lines[line].rstrip("\r")

    def insert(self, before: int, lines: Iterable[str]) -> None:
        """Put these lines before this one."""
        self._inserted.setdefault(before, []).extend(lines)

    def delete(self, first: int, behind: int) -> None:
        """Take away the lines from `first` to before `behind`."""
        self._deleted.update(range(first, behind))

    def replace(self, line: int, start: int, end: int, new: str) -> None:
        """Put other characters in the place of some of one line."""
        self._spans.setdefault(line, set()).add((start, end, new))

    def replace_in(self, node: Node, old: str, new: str) -> None:
        """Put `new` for the first `old` that stands in this scalar, whatever its quotes; raises InvalidInput when it is escaped."""
        for line in range(node.line, min(node.end_line, len(self) - 1) + 1):
            start = self[line].find(old, node.column if line == node.line else 0)
            if start >= 0:
                self.replace(line, start, start + len(old), new)
                return
        told = f"第 {node.line + 1} 行里的“{old[:50]}”写成了别的样子（比如 \\u 开头的编码），工作室改不了，请直接改文件。"
        raise InvalidInput("scalar", reader_text=told)

    def last_line(self, node: Node) -> int:
        """The last line that this value fills, without the blank lines and comments behind it."""
        if node.kind == "scalar" and node.style not in ("|", ">"):
            return node.end_line
        if node.is_flow:
            return node.end_line
        if node.kind != "scalar":
            children = [value for _, value in node.pairs] or node.items
            return max([node.line, *(self.last_line(child) for child in children)])
        last = min(node.end_line if node.end_column else node.end_line - 1, len(self) - 1)
        while last > node.line and not self[last].strip():
            last -= 1
        return last

    def text(self) -> str:
        """The text with all changes."""
        made: list[str] = []
        for number in range(len(self._lines) + 1):
            made.extend(line + ("\r" if self._end == "\r\n" else "") for line in self._inserted.get(number, ()))
            if number < len(self._lines) and number not in self._deleted:
                line = self._lines[number]
                for start, end, new in sorted(self._spans.get(number, ()), reverse=True):
                    line = line[:start] + new + line[end:]
                made.append(line)
        return "".join(line + "\n" for line in made)


def quoted(text: str) -> str:
    """The text as a double-quoted scalar of one line."""
    return json.dumps(text, ensure_ascii=False)


def scalar(text: str) -> str:
    """The text as a scalar inside {...}: plain where that is safe, in single quotes where not."""
    if _SAFE_PLAIN.fullmatch(text) and not _LOOKS_ELSE.fullmatch(text):
        return text
    return "'" + text.replace("'", "''") + "'" if "\n" not in text else quoted(text)


def walk(node: Node | None) -> Iterator[Node]:
    """The node and everything below it."""
    if node is not None:
        yield node
        for key, value in node.pairs:
            yield key
            yield from walk(value)
        for item in node.items:
            yield from walk(item)


def scalars(node: Node | None) -> Sequence[Node]:
    """A scalar, or the scalars of a list."""
    if node is None:
        return ()
    return [node] if node.kind == "scalar" else [item for item in node.items if item.kind == "scalar"]
