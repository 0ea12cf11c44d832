"""How many standard glasses of 10 g of alcohol a drink comes to, where drink and volume are both said; pure."""

from __future__ import annotations

import re

# Strength in percent of volume where none is said (INSTRUMENTS.md 10, the table of standard glasses, [23]); 白的 names no one drink
_DRINKS = (
    (re.compile("啤酒|生啤|扎啤|鲜啤"), 4),
    (re.compile("白酒|白干|二锅头"), 52),
    (re.compile("红酒|葡萄酒|干红"), 12),
    (re.compile("黄酒|花雕"), 15),
)
_NUMERAL = r"\d{1,4}|十?[一二两三四五六七八九十]|半"
_MILLILITRES = {"两": 50, "斤": 500, "毫升": 1, "ml": 1}
_VOLUME = re.compile(rf"({_NUMERAL})(?:个)?(两|斤|毫升|ml)(半)?(?!杯|天)")
_VESSEL = re.compile(rf"({_NUMERAL})(?:个|大|小)*(?:瓶|罐|听|支|盅|碗|扎|口)(?:装的?)?")
_STRENGTH = re.compile(r"(\d{1,2})度的?")
_ANY_MEASURE = re.compile(
    r"[\d一二两三四五六七八九十半几][个大小]*(?:两(?![杯天\d一二三四五六七八九十])|斤|毫升|ml|瓶|罐|听|支|盅|碗|扎|口)"
)
_FILLER = re.compile(
    r"喝|有|每[次顿回]|一[次顿回]|平均|就|大概|大约|约|左右|上下|多数|通常|我|都是|是|能|要|个|吧|的|了|嘛|呢|啊|酒"
)
_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "半": 0.5}


def is_measured(plain: str) -> bool:
    """Whether a drink, its strength, or a measure that is no standard glass is named: 二两, 啤酒, 三瓶, 52度."""
    return bool(_ANY_MEASURE.search(plain) or _STRENGTH.search(plain) or any(drink.search(plain) for drink, _ in _DRINKS))


def standard_glasses(plain: str) -> float | None:
    """The glasses of a folded answer without signs: 白酒二两 is 4.16; None unless one drink and its volume are all that is said.

    A glass, bottle or can has no certain size: it counts only with its volume (两罐330毫升啤酒). 10 g is a glass: millilitres
    times strength times 0.8 g/ml (INSTRUMENTS.md 10).
    """
    strengths = [strength for drink, strength in _DRINKS if drink.search(plain)]
    volumes, vessels, said = (list(pattern.finditer(plain)) for pattern in (_VOLUME, _VESSEL, _STRENGTH))
    if len(strengths) != 1 or len(volumes) != 1 or len(vessels) > 1 or len(said) > 1:
        return None
    rest = plain
    for pattern in (_STRENGTH, _VOLUME, _VESSEL, *(drink for drink, _ in _DRINKS), _FILLER):
        rest = pattern.sub("", rest)
    if rest:
        return None
    number, unit, half = volumes[0].groups()
    millilitres = (_value(number) + (0.5 if half else 0)) * _MILLILITRES[unit]
    times = _value(vessels[0][1]) if vessels else 1
    return millilitres * times * (int(said[0][1]) if said else strengths[0]) / 100 * 0.8 / 10


def _value(number: str) -> float:
    if number.isdigit():
        return int(number)
    tens, ten, ones = number.rpartition("十")
    return (10 * (_DIGITS[tens] if tens else 1) if ten else 0) + (_DIGITS[ones] if ones else 0)
