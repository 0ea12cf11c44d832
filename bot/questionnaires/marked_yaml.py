"""YAML whose every value knows its file, line and field, so that a wrong one is refused by its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeVar

import yaml

from bot.domain.errors import ContentError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where it is built
_TAG = "tag:yaml.org,2002:"
Named = TypeVar("Named", bound=Enum)


@dataclass(frozen=True)
class Field:
    """One value of a file; each reader gives the value as asked for or raises ContentError with its place."""

    path: Path
    name: str
    node: yaml.Node

    def refused(self, why: str) -> ContentError:
        """The error that names file, line and field."""
        return ContentError(f"{self.path}:{self.node.start_mark.line + 1}: {self.name or 'file'}: {why}")

    @property
    def is_null(self) -> bool:
        return bool(self.node.tag == _TAG + "null")

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.node, yaml.MappingNode)

    def text(self, longest: int) -> str:
        """A text of 1 to `longest` characters."""
        if not isinstance(self.node, yaml.ScalarNode) or self.node.tag != _TAG + "str":
            raise self.refused("must be a text (in quotes where it looks like a number, a date or on and off)")
        value = str(self.node.value).strip()
        if not 0 < len(value) <= longest:
            raise self.refused(f"{len(value)} characters, must be 1 to {longest}: {value[:20]}…")
        return value

    def whole(self, low: int, high: int) -> int:
        """A whole number, both bounds included."""
        if self.node.tag != _TAG + "int" or not isinstance(self.node, yaml.ScalarNode):
            raise self.refused("must be a whole number")
        try:
            value = int(self.node.value)
        except ValueError:
            raise self.refused("must be a whole number in plain digits") from None
        if not low <= value <= high:
            raise self.refused(f"{value} must lie between {low} and {high}")
        return value

    def flag(self) -> bool:
        """true or false."""
        if self.node.tag != _TAG + "bool" or self.node.value not in ("true", "false"):
            raise self.refused("must be true or false")
        return bool(self.node.value == "true")

    def date(self) -> dt.date:
        """A day such as 2026-11-22."""
        try:
            return dt.date.fromisoformat(str(self.node.value))
        except ValueError:
            raise self.refused("must be a day such as 2026-11-22") from None

    def choice(self, kind: type[Named]) -> Named:
        """A member of this enum, by its value."""
        allowed = {str(each.value): each for each in kind}
        value = self.node.value if isinstance(self.node, yaml.ScalarNode) and self.node.tag == _TAG + "str" else None
        if value not in allowed:
            raise self.refused("must be one of " + ", ".join(f'"{name}"' for name in allowed))
        return allowed[value]

    def entries(self, least: int = 0) -> list[Field]:
        """The entries of a list, at least `least`."""
        if not isinstance(self.node, yaml.SequenceNode) or len(self.node.value) < least:
            raise self.refused(f"must be a list of {least} or more" if least else "must be a list")
        return [Field(self.path, f"{self.name}[{place}]", node) for place, node in enumerate(self.node.value)]

    def by_name(self) -> dict[str, Field]:
        """The fields of a mapping; a name that stands twice is refused."""
        if not self.is_mapping:
            raise self.refused("must be a mapping")
        found: dict[str, Field] = {}
        for key, node in self.node.value:
            name = str(key.value)
            inner = Field(self.path, f"{self.name}.{name}" if self.name else name, node)
            if name in found:
                raise Field(self.path, inner.name, key).refused("stands twice")
            found[name] = inner
        return found

    def fields(self, needed: Iterable[str], optional: Iterable[str] = ()) -> Mapping[str, Field]:
        """The fields of a mapping that must have all of `needed` and nothing beyond these and `optional`."""
        found, wanted = self.by_name(), list(needed)
        for name in wanted:
            if name not in found:
                raise self.refused(f"{name} is missing")
        for name, inner in found.items():
            if name not in wanted and name not in optional:
                raise inner.refused("is no field here")
        return found


def read_marked(path: Path) -> Field:
    """The file as one value; raises ContentError when it can't be read as YAML."""
    try:
        node = yaml.compose(path.read_text("utf-8"), Loader=_LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContentError(f"{path}: can't be read as YAML: {error}") from error
    if node is None:
        raise ContentError(f"{path}:1: file: must be a mapping")
    return Field(path, "", node)
