"""Where things stand in a project's YAML files: what is broken, and the line of an intent, a story, a step, a name of the domain."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_EXAMPLE = re.compile(r"^\s*- *\S", re.MULTILINE)
_SUFFIXES = (".yml", ".yaml")
_KEPT = 400  # files of several projects; a check of a draft leaves most of them as they were


@dataclass(frozen=True)
class Place:
    """A spot in a file: path relative to the project, line and column from 1."""

    path: str
    line: int
    column: int = 1


@dataclass(frozen=True)
class Broken:
    """A file that is no YAML, what is wrong with it in Chinese, and where."""

    place: Place
    message: str


@dataclass
class FileIndex:
    """What one file names, each with its line and column."""

    digest: str
    broken: Optional[Tuple[int, int, str]] = None
    names: Dict[Tuple[str, str], Tuple[int, int]] = field(default_factory=dict)
    steps: List[Tuple[str, str, str, int, int]] = field(default_factory=list)  # story, kind, name, line, column
    examples: Dict[str, int] = field(default_factory=dict)
    sections: Tuple[str, ...] = ()


class Places:
    """Finds things in the files of a project; what did not change since the last look is not read again."""

    def __init__(self) -> None:
        self._known: Dict[str, FileIndex] = {}
        self._files: Dict[str, FileIndex] = {}

    def read(self, project: Path) -> None:
        """Look at config.yml, domain.yml and data/ of this project."""
        self._files = {str(path.relative_to(project)): self._index(path) for path in training_files(project)}
        for digest in list(self._known)[:-_KEPT]:
            del self._known[digest]

    def _index(self, path: Path) -> FileIndex:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        found = self._known.pop(digest, None) or _read(content, digest)
        self._known[digest] = found
        return found

    @property
    def digests(self) -> Dict[str, str]:
        """SHA-256 of each file by path."""
        return {path: index.digest for path, index in self._files.items()}

    @property
    def broken(self) -> List[Broken]:
        """The files that are no YAML."""
        return [
            Broken(Place(path, index.broken[0], index.broken[1]), index.broken[2])
            for path, index in self._files.items()
            if index.broken
        ]

    @property
    def examples(self) -> Dict[str, int]:
        """How many examples each intent has, over all files."""
        counts: Dict[str, int] = {}
        for index in self._files.values():
            for intent, count in index.examples.items():
                counts[intent] = counts.get(intent, 0) + count
        return counts

    def has_section(self, path: str, section: str) -> bool:
        """Whether this file has such a key at its top: nlu, stories, rules, ..."""
        return section in self._files[path].sections

    def of(self, kind: str, name: str) -> Optional[Place]:
        """Where a thing is defined; kinds: nlu, stories, rules, and the domain's sections by their names."""
        for path, index in self._files.items():
            if (kind, name) in index.names:
                return Place(path, *index.names[(kind, name)])
        return None

    def block(self, name: str) -> Optional[Place]:
        """Where a story or rule begins; a tracker's name may join several blocks by " - " or " > "."""
        for part in [name, *re.split(r" - | > ", name)]:
            found = self.of("stories", part) or self.of("rules", part)
            if found:
                return found
        return None

    def step(self, kind: str, name: str, block: str = "") -> Optional[Place]:
        """The first step of this kind (intent, action, slot, active_loop) with this name, in that block where one is named."""
        return next(self.steps(kind, name, block), None)

    def after(self, block: str, before: str, action: str) -> Optional[Place]:
        """Where a block does this action (or, where it does none, waits for the worker) right after that intent or action."""
        found: Optional[Place] = None
        for path, index in self._files.items():
            told = [each for each in index.steps if each[0] == block and each[1] in ("intent", "action")]
            for step, following in zip(told, [*told, None][1:], strict=True):
                if step[2] == before:
                    found = found or Place(path, step[3], step[4])
                    if following is not None and following[2] == action:
                        return Place(path, following[3], following[4])
        return found

    def steps(self, kind: str, name: str, block: str = "") -> Iterator[Place]:
        """All of them."""
        for path, index in self._files.items():
            for story, each, called, line, column in index.steps:
                if (each, called) == (kind, name) and (not block or story == block):
                    yield Place(path, line, column)


def training_files(project: Path) -> List[Path]:
    """The YAML files that Rasa reads, config and domain first."""
    data = sorted(path for path in (project / "data").rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    return [*(path for path in (project / "config.yml", project / "domain.yml") if path.is_file()), *data]


def story_lines(path: Path) -> Dict[str, int]:
    """The line of each story and rule of a file, by name."""
    index = _read(path.read_bytes(), "")
    return {name: line for (kind, name), (line, _) in index.names.items() if kind in ("stories", "rules")}


def _read(content: bytes, digest: str) -> FileIndex:
    index = FileIndex(digest)
    try:
        node = yaml.compose(content.decode("utf-8"), Loader=_LOADER)
    except UnicodeDecodeError as error:
        index.broken = (content[: error.start].count(b"\n") + 1, 1, "这里的文字不是 UTF-8 编码，请另存为 UTF-8 再提交。")
        return index
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        index.broken = (line, column, f"第 {line} 行附近的格式不对：{_plain(error)}")
        return index
    except (yaml.YAMLError, RecursionError):
        index.broken = (1, 1, "这个文件不是能读的 YAML，可能混进了看不见的控制字符。")
        return index
    if isinstance(node, yaml.MappingNode):
        _note_double(node, index)
        index.sections = tuple(str(key.value) for key, _ in _pairs(node))
        for key, value in _pairs(node):
            _note_section(key, value, index)
    elif node is not None:
        index.broken = (1, 1, '文件的最外层应该是“名字: 内容”的样子，例如 version: "3.1"。')
    return index


def _plain(error: yaml.MarkedYAMLError) -> str:
    """What PyYAML found, in Chinese."""
    problem = error.problem or ""
    said = {
        "could not find expected ':'": "少了一个英文冒号，或者冒号写成了中文的“：”。",
        "mapping values are not allowed": "冒号的位置不对，可能是上一行没有缩进好，或文字里的冒号要用引号包起来。",
        "did not find expected key": "缩进没有对齐，或引号没有成对。",
        "did not find expected '-' indicator": "列表里有一行没有以“- ”开头，或缩进没有对齐。",
        "cannot start any token": "用了不能开头的符号（例如制表符 Tab、@、`），请换成空格或用引号包起来。",
        "unexpected end of stream": "引号没有成对。",
        "found unexpected end": "引号没有成对。",
        "undefined alias": "* 开头的文字要用引号包起来。",
        "expected alphabetic or numeric character": "*、& 开头的文字要用引号包起来。",
        "did not find expected ',' or": "方括号或花括号没有成对。",
        "unknown escape character": "双引号里的反斜杠 \\ 写法不对，请改用单引号。",
        "block sequence entries are not allowed": "“- ”的位置不对，可能是缩进没有对齐。",
        "control characters are not allowed": "有看不见的控制字符，请删掉重新输入。",
    }
    return next((plain for known, plain in said.items() if known in problem), "请看看缩进、冒号和引号。")


def _pairs(node: yaml.Node) -> Iterator[Tuple[yaml.Node, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from node.value


def _items(node: yaml.Node) -> List[yaml.Node]:
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _spot(node: yaml.Node) -> Tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _note_double(node: yaml.Node, index: FileIndex) -> None:
    """Rasa refuses a key that stands twice in one mapping; PyYAML takes the last one in silence."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen and index.broken is None:
                line, column = _spot(key)
                index.broken = (line, column, f"第 {line} 行的“{key.value}”在同一层里写了两次，请合并或改名。")
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
            _note_double(value, index)
    for item in _items(node):
        _note_double(item, index)


def _note_section(key: yaml.Node, value: yaml.Node, index: FileIndex) -> None:
    section = str(key.value)
    if section in ("nlu", "stories", "rules"):
        title = {"nlu": "", "stories": "story", "rules": "rule"}[section]
        for item in _items(value):
            _note_item(section, title, item, index)
    else:
        for name, _ in _pairs(value):
            index.names.setdefault((section, str(name.value)), _spot(name))
        for item in _items(value):
            name = next((first for first, _ in _pairs(item)), item)
            index.names.setdefault((section, str(name.value)), _spot(name))


def _note_item(section: str, title: str, item: yaml.Node, index: FileIndex) -> None:
    """One intent with its examples, or one story or rule with its steps."""
    fields = {str(key.value): (key, value) for key, value in _pairs(item)}
    if section == "nlu":
        for kind in ("intent", "synonym", "lookup", "regex"):
            if kind in fields:
                name = str(fields[kind][1].value)
                index.names.setdefault(("nlu" if kind == "intent" else kind, name), _spot(fields[kind][1]))
                if kind == "intent":
                    index.examples[name] = index.examples.get(name, 0) + _count(fields.get("examples"))
        return
    if title in fields:
        name = str(fields[title][1].value)
        index.names.setdefault((section, name), _spot(fields[title][1]))
        for part in ("condition", "steps"):
            if part in fields:
                _note_steps(name, fields[part][1], index)


def _note_steps(story: str, node: yaml.Node, index: FileIndex) -> None:
    for step in _items(node):
        for key, value in _pairs(step):
            kind = {"slot_was_set": "slot"}.get(str(key.value), str(key.value))
            if kind == "or":
                _note_steps(story, value, index)
            elif isinstance(value, yaml.ScalarNode):
                index.steps.append((story, kind, str(value.value), *_spot(value)))
            for item in _items(value):
                name = next((first for first, _ in _pairs(item)), item)
                if isinstance(name, yaml.ScalarNode):
                    index.steps.append((story, kind, str(name.value), *_spot(name)))


def _count(examples: Optional[Tuple[yaml.Node, yaml.Node]]) -> int:
    if examples is None:
        return 0
    node = examples[1]
    return len(_EXAMPLE.findall(str(node.value))) if isinstance(node, yaml.ScalarNode) else len(_items(node))
