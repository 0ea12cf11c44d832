"""What may be set of an account, and the sentence for each field that does not fit; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from bot.domain.account import Role
from bot.domain.errors import Incomplete
from bot.domain.topics import TOPICS

OVERSEAS = "overseas"
GENDERS = ("female", "male")
_LANGUAGE = re.compile(r"lang:[a-z]{2,3}")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{4,19}")
_LONGEST_SHOWN, _LONGEST_INTRODUCTION, _LONGEST_EMAIL = 32, 200, 254
_MOST_CASES, _MOST_SKILLS, _LAST_ON_CALL = 20, 40, 99


def checked(raw: Mapping[str, Any], timezones: Collection[str]) -> dict[str, Any]:
    """These fields of an account, ready to be stored; `timezones` are the names that exist.

    Raises Incomplete naming every field that does not fit or that no account has; the sentence is the first one's.
    """
    found: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for field, value in raw.items():
        rule = _RULES.get(field)
        try:
            if rule is None:
                raise ValueError("没有这一项。")
            found[field] = rule(value)
            if field == "timezone" and value not in timezones:
                raise ValueError("没有这个时区。")
        except ValueError as fault:
            faults[field] = str(fault)
    if faults:
        raise Incomplete(faults, reader_text=next(iter(faults.values())))
    return found


def _text(longest: int, sentence: str, least: int = 0) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        text = " ".join(value.split()) if isinstance(value, str) else None
        if text is None or not least <= len(text) <= longest or not text.isprintable():
            raise ValueError(sentence)
        return text

    return read


def _matching(pattern: re.Pattern[str], sentence: str) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str) or len(value) > _LONGEST_EMAIL or not pattern.fullmatch(value.strip()):
            raise ValueError(sentence)
        return value.strip()

    return read


def _number(least: int, most: int, sentence: str, *, may_miss: bool = False) -> Callable[[Any], int | None]:
    def read(value: Any) -> int | None:
        if value is None and may_miss:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(sentence)
        return value

    return read


def _choice(allowed: Collection[str], sentence: str, *, may_miss: bool = False) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        if value in (None, "") and may_miss:
            return None
        if not isinstance(value, str) or value not in allowed:
            raise ValueError(sentence)
        return value

    return read


def _skills(value: Any) -> list[str]:
    def is_skill(each: Any) -> bool:
        return isinstance(each, str) and (each in TOPICS or each == OVERSEAS or bool(_LANGUAGE.fullmatch(each)))

    if not isinstance(value, list) or len(value) > _MOST_SKILLS or not all(is_skill(each) for each in value):
        raise ValueError("熟悉的话题里有不认得的。")
    return sorted(set(value))


_RULES: Mapping[str, Callable[[Any], Any]] = {
    "shown_name": _text(_LONGEST_SHOWN, f"称呼要填，最多 {_LONGEST_SHOWN} 个字。", least=1),
    "introduction": _text(_LONGEST_INTRODUCTION, f"介绍最多 {_LONGEST_INTRODUCTION} 个字。"),
    "role": _choice([each.value for each in Role], "请选一个角色。"),
    "gender": _choice(GENDERS, "性别只能选女、男或不说明。", may_miss=True),
    "skills": _skills,
    "capacity": _number(0, _MOST_CASES, f"同时接的个案要在 0 到 {_MOST_CASES} 之间。"),
    "timezone": _text(64, "请选时区。", least=1),
    "email": _matching(_EMAIL, "邮箱写得不完整。"),
    "phone": _matching(_PHONE, "电话只写数字、空格和横线。"),
    "on_call_rank": _number(1, _LAST_ON_CALL, f"备班顺序要在 1 到 {_LAST_ON_CALL} 之间，不排就空着。", may_miss=True),
}
