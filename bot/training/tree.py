"""A YAML text as a tree that knows its lines, made without recursion; what can't be read is told in plain Chinese with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from bot.domain.errors import InvalidInput

DEEPEST = 24
MOST_REPEATED = 5_000  # what references (*name) may stand for in one file, in nodes
LONGEST_TEXT = 1_000_000  # bytes of UTF-8; our largest file has 120,000
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where it is built
_NULL = ("", "~", "null", "Null", "NULL")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]|\r(?!\n)")

# The words of libyaml, the first that fits; (its words, what a trainer is told).
_SAID = (
    ("tab character", "这里用了制表符（Tab），请换成空格。"),
    ("did not find expected alphabetic", "& 和 * 不能放在开头，请给整句加上引号。"),
    ("directive", "% 不能放在开头，请给整句加上引号。"),
    ("mapping keys are not allowed", "这里多了一个问号“? ”，请给整句加上引号。"),
    ("comment or line break", "竖线“|”后面不能再写字，内容从下一行开始。"),
    ("unexpected ':'", "这里多了一个冒号。话里要写冒号时，请给整句加上引号。"),
    ("mapping values are not allowed", "这里多了一个冒号，或者缩进不对。话里要写冒号时，请给整句加上引号。"),
    ("did not find expected key", "缩进和上面对不齐，或者少了“名字: 值”里的冒号。"),
    ("did not find expected '-' indicator", "这里应该是“- ”开头的一项，看看缩进是不是对齐了。"),
    ("could not find expected ':'", "这里少一个冒号，要写成“名字: 值”，冒号后面空一格。"),
    ("found unexpected end of stream", "引号只开了头，没有收尾。"),
    ("found unexpected document indicator", "引号只开了头，没有收尾。"),
    ("did not find expected ',' or ']'", "方括号没有配对，或者中间少了逗号。"),
    ("did not find expected ',' or '}'", "花括号没有配对，或者中间少了逗号。"),
    ("block sequence entries are not allowed", "“- ”不能放在这里，请另起一行并对齐缩进。"),
    ("found unknown escape character", "双引号里的反斜杠写法不认识，改成单引号就好。"),
    ("did not find expected node content", "这里少了内容，或者括号没有配对。"),
    ("did not find expected <document start>", "这里多出一段，不属于上面任何一项，看看缩进。"),
    ("did not find expected <stream", "这里多出一段，不属于上面任何一项，看看缩进。"),
)
_ELSE_SAID = "这里的写法不对，看看缩进、冒号和引号。"


class BrokenYaml(InvalidInput):
    """The text can't be read; `line` and `column` count from 1, `told` says why in Chinese."""

    def __init__(self, line: int, column: int, told: str) -> None:
        super().__init__(f"line {line}, column {column}", reader_text=f"第 {line} 行第 {column} 列：{told}")
        self.line, self.column, self.told = line, column, told


@dataclass(eq=False)
class Node:
    """A scalar, mapping or sequence; lines and columns count from 0, `end_*` is just behind it."""

    kind: str
    line: int
    column: int
    end_line: int = 0
    end_column: int = 0
    value: str = ""
    style: str = ""  # of a scalar: "" plain, ' " | >
    is_flow: bool = False
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    size: int = 1  # with everything below it, references written out

    @property
    def is_null(self) -> bool:
        return self.kind == "scalar" and not self.style and self.value in _NULL

    def get(self, key: str) -> Node | None:
        """The value under this key of a mapping, None for anything else."""
        return next((value for name, value in self.pairs if name.value == key), None)

    def keyed(self) -> Iterator[tuple[Node, Node]]:
        """The pairs whose key is a scalar."""
        return ((key, value) for key, value in self.pairs if key.kind == "scalar")


def tree_of(text: str) -> Node | None:
    """The tree of this text, None when it is empty; kept for texts seen lately. Raises BrokenYaml."""
    found = _tree_or_error(text)
    if isinstance(found, BrokenYaml):
        raise BrokenYaml(found.line, found.column, found.told)
    return found


def readable_tree(text: str | None) -> Node | None:
    """The tree of this text, None where it is missing, empty or broken."""
    found = None if text is None else _tree_or_error(text)
    return None if isinstance(found, BrokenYaml) else found


def data_of(node: Node | None) -> Any:
    """What Rasa would read: dicts, lists, strings, numbers, booleans, None."""
    if node is None:
        return None
    if node.kind == "map":
        return {str(data_of(key)): data_of(value) for key, value in node.pairs}
    if node.kind == "seq":
        return [data_of(item) for item in node.items]
    return _plain_value(node.value) if not node.style else node.value


def _plain_value(value: str) -> Any:
    if value in _NULL:
        return None
    if value in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return value.lower() == "true"
    for kind in (int, float):
        try:
            return kind(value) if re.fullmatch(r"[-+]?[0-9.][0-9.eE+-]*", value) else value
        except ValueError:
            continue
    return value


@lru_cache(maxsize=256)
def _tree_or_error(text: str) -> Node | BrokenYaml | None:
    try:
        require_readable(text)
        return _Builder(text).tree()
    except BrokenYaml as error:
        return error.with_traceback(None)
    except yaml.YAMLError as error:
        return _told(error, text)


def require_readable(text: str) -> None:
    """Raises BrokenYaml when this can be no file of ours: too big, a BOM, control characters."""
    if len(text) > LONGEST_TEXT or len(text.encode("utf-8", "surrogatepass")) > LONGEST_TEXT:
        raise BrokenYaml(1, 1, "文件太大了（超过 1 MB），请拆成几个。")
    if text.startswith("\ufeff"):
        raise BrokenYaml(1, 1, "文件开头有一个看不见的标记（BOM），请用“UTF-8 无 BOM”另存一次。")
    unseen = _UNSEEN.search(text)
    if unseen:
        line = text.count("\n", 0, unseen.start())
        raise BrokenYaml(
            line + 1, unseen.start() - text.rfind("\n", 0, unseen.start()), "这里有一个看不见的控制字符，删掉它就好。"
        )


class _Builder:
    """Puts the parser's events together; refuses what our files never need and what can blow up: tags, depth, references to references."""

    def __init__(self, text: str) -> None:
        self._parser: Any = _PARSER(text)
        self._open: list[tuple[Node, Node | None]] = []  # with the key that waits for its value
        self._root: Node | None = None
        self._documents = 0
        self._anchors: dict[str, Node] = {}
        self._repeated = 0

    def tree(self) -> Node | None:
        try:
            while self._parser.check_event():
                self._take(self._parser.get_event())
        finally:
            self._parser.dispose()
        root = self._root
        return None if root is None or root.is_null else root

    def _take(self, event: Any) -> None:
        at: Any = event.start_mark
        end: Any = event.end_mark
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise BrokenYaml(at.line + 1, at.column + 1, "一个文件里只能有一份内容，请去掉“---”和它后面多出的一份。")
        elif isinstance(event, yaml.AliasEvent):
            self._add(self._repeat(event.anchor or "", at))
        elif getattr(event, "tag", None) not in (None, "!"):
            raise BrokenYaml(
                at.line + 1, at.column + 1, "这里用了类型标记（!），工作室不收这种写法。感叹号放在句首时，请给整句加上引号。"
            )
        elif isinstance(event, yaml.ScalarEvent):
            self._add(Node("scalar", at.line, at.column, end.line, end.column, event.value, event.style or ""), event.anchor)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(self._open) >= DEEPEST:
                raise BrokenYaml(at.line + 1, at.column + 1, "一层套一层，套得太深了。")
            node = Node(
                "map" if isinstance(event, yaml.MappingStartEvent) else "seq",
                at.line,
                at.column,
                is_flow=bool(event.flow_style),
            )
            self._add(node, event.anchor)
            self._open.append((node, None))
        elif isinstance(event, yaml.CollectionEndEvent):
            node, _ = self._open.pop()
            node.end_line, node.end_column = end.line, end.column
            node.size = 1 + sum(key.size + value.size for key, value in node.pairs) + sum(item.size for item in node.items)

    def _repeat(self, anchor: str, at: Any) -> Node:
        node = self._anchors.get(anchor)
        if node is None or any(node is opened for opened, _ in self._open):
            raise BrokenYaml(
                at.line + 1, at.column + 1, "“*”在这里是引用，可上面没有对应的“&”。话里要写 * 时，请给整句加上引号。"
            )
        self._repeated += node.size
        if self._repeated > MOST_REPEATED:
            raise BrokenYaml(at.line + 1, at.column + 1, "引用（& 和 *）展开以后太大了，请把内容直接写出来。")
        return node

    def _add(self, node: Node, anchor: str | None = None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        parent, key = self._open[-1]
        if parent.kind == "seq":
            parent.items.append(node)
        elif key is None:
            self._open[-1] = (parent, node)
        else:
            parent.pairs.append((key, node))
            self._open[-1] = (parent, None)


def _told(error: yaml.YAMLError, text: str) -> BrokenYaml:
    problem = str(getattr(error, "problem", None) or error)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    opened = getattr(error, "context_mark", None)
    if opened is not None and ("end of stream" in problem or "document indicator" in problem):
        mark = opened  # where the quote begins helps; where the file ends does not
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    if "cannot start any token" in problem:
        lines = text.split("\n")
        sign = lines[line][column : column + 1] if line < len(lines) else ""
        told = "这里用了制表符（Tab），请换成空格。" if sign == "\t" else f"“{sign}”不能放在开头，请给整句加上引号。"
    else:
        told = next((said for words, said in _SAID if words in problem), _ELSE_SAID)
    return BrokenYaml(line + 1, column + 1, told)
