"""Whom a worker names to be called when a life is in danger; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.errors import Incomplete

_LONGEST_NAME, _LONGEST_RELATION = 32, 16  # characters
_BETWEEN_DIGITS = re.compile(r"[\s\-()（）－]")
_PHONE = re.compile(r"\+?[0-9]{7,15}")  # ITU-T E.164: at most 15 digits; 7 for a landline without its area code
_WRONG = {
    "name": "怎么称呼这个人",
    "relation": "是你的什么人（比如姐姐、工友）",
    "phone": "电话号码（7 到 15 位数字，国外的以 + 开头）",
}


@dataclass(frozen=True)
class Contact:
    """Name, relation in the worker's own word, and a phone number of digits, with + before a country code."""

    name: str
    relation: str
    phone: str


def checked(name: object, relation: object, phone: object) -> Contact:
    """The contact of these fields; raises Incomplete, naming the fields that do not fit."""
    plain = [" ".join(each.split()) if isinstance(each, str) else "" for each in (name, relation)]
    digits = _BETWEEN_DIGITS.sub("", phone).replace("＋", "+") if isinstance(phone, str) else ""
    fits = {
        "name": 0 < len(plain[0]) <= _LONGEST_NAME, "relation": 0 < len(plain[1]) <= _LONGEST_RELATION,
        "phone": _PHONE.fullmatch(digits) is not None,
    }  # fmt: skip
    wrong = [field for field, is_right in fits.items() if not is_right]
    if wrong:
        raise Incomplete(wrong, reader_text="还差一点，请再看看：" + "、".join(_WRONG[field] for field in wrong) + "。")
    return Contact(plain[0], plain[1], digits)
