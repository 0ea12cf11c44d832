"""A definition as plain JSON values and back, so that a run keeps the version it began with when the file has changed; pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, cast, get_args, get_origin, get_type_hints

from bot.domain.errors import InvalidInput
from bot.domain.questionnaire_definition import Questionnaire


def definition_to_json(questionnaire: Questionnaire) -> dict[str, Any]:
    """All of a definition; `definition_from_json` gives an equal one back."""
    plain: dict[str, Any] = _plain(questionnaire)
    return plain


def definition_from_json(data: Mapping[str, Any]) -> Questionnaire:
    """The definition that `definition_to_json` gave; raises InvalidInput for anything else."""
    try:
        found: Questionnaire = _built(Questionnaire, data)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InvalidInput("not a stored questionnaire") from None
    return found


def digest_of(questionnaire: Questionnaire) -> str:
    """64 characters that name exactly this content, whatever its version says."""
    text = json.dumps(definition_to_json(questionnaire), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_plain(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


@lru_cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _built(kind: Any, value: Any) -> Any:
    """The value as this annotation wants it; the annotations are those of questionnaire_definition.py."""
    if value is None:
        return None
    inner = get_args(kind)
    if type(None) in inner:
        return _built(next(each for each in inner if each is not type(None)), value)
    if get_origin(kind) is tuple:
        return tuple(_built(inner[0], each) for each in value)
    if inner:  # the one generic left is Mapping
        return {_built(inner[0], key): _built(inner[1], each) for key, each in value.items()}
    if is_dataclass(kind):
        build = cast(Any, kind)
        hints = _hints(build)
        return build(**{field.name: _built(hints[field.name], value[field.name]) for field in fields(kind)})
    if issubclass(kind, dt.date):
        return kind.fromisoformat(value)
    if issubclass(kind, Enum):
        return kind(value)
    return value
