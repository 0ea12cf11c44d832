"""Which lines to show to a worker here and now; a line with unknown hours never stands alone and never claims to be open."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

_MAINLAND = frozenset({"Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Harbin", "Asia/Kashgar", "PRC", "Etc/GMT-8"})
_COUNTRIES = (
    "国外|海外|非洲|中东|东南亚|尼日利亚|拉各斯|安哥拉|肯尼亚|埃塞俄比亚|埃塞|埃及|刚果|阿尔及利亚|几内亚|加纳|赞比亚|坦桑尼亚|沙特|迪拜|阿联酋|卡塔尔|科威特|伊拉克|伊朗|"
    "巴基斯坦|孟加拉|斯里兰卡|尼泊尔|印度|印尼|印度尼西亚|越南|柬埔寨|缅甸|老挝|泰国|马来西亚|菲律宾|蒙古|哈萨克斯坦|乌兹别克斯坦|俄罗斯|塞尔维亚|墨西哥|巴西|秘鲁|智利|阿根廷|"
    "德国|法国|英国|意大利|西班牙|匈牙利|波兰|美国|加拿大|日本|韩国|澳洲|澳大利亚|新西兰|新加坡"
)
_ABROAD = re.compile(
    rf"(?:我|我们|人|现在|一个人)?(?:在|到|来|来了|驻|被派到|派到|派驻)(?:{_COUNTRIES})(?!(?:客户|公司|老板|留学|的?(?:朋友|亲戚)))|外派|驻外|派驻海外|国内都(?:半夜|睡)|跟国内(?:有|隔着)?.{{0,3}}时差"
)
_GRAVE_DAYS, _OTHER_DAYS = 90, 180
_ALWAYS = "24小时"
_MAYBE = "可能不在服务时间"


@dataclass(frozen=True)
class OpenSpan:
    """Hours on some ISO weekdays, local to the line: minutes since midnight, `until` exclusive and at most 1440."""

    days: frozenset[int]
    since: int
    until: int


@dataclass(frozen=True)
class Hotline:
    """One line of content/hotlines.yml; `spans` is None when its hours are not known."""

    id: str
    number: str
    name: str
    what: str
    kind: str
    timezone: str
    spans: tuple[OpenSpan, ...] | None
    is_verified: bool
    is_for_mainland: bool
    numbers_abroad: tuple[str, ...]
    hours_text: str = ""
    source: str = ""
    last_verified: dt.date | None = None

    def age_days(self, today: dt.date) -> int | None:
        """Days since somebody of ours dialled it; None when nobody has."""
        return None if self.last_verified is None else (today - self.last_verified).days

    def is_stale(self, today: dt.date) -> bool:
        """Whether it is time to dial it again (CLINICAL.md: 90 days for emergency and crisis, 180 for the rest)."""
        age = self.age_days(today)
        return age is None or age > (_GRAVE_DAYS if self.kind in ("emergency", "crisis") else _OTHER_DAYS)

    def is_open(self, now: dt.datetime) -> bool | None:
        """Whether the line answers at this moment; None when its hours are not known."""
        if self.spans is None:
            return None
        local = now.astimezone(ZoneInfo(self.timezone))
        minute = local.hour * 60 + local.minute
        return any(local.isoweekday() in span.days and span.since <= minute < span.until for span in self.spans)


@dataclass(frozen=True)
class EmergencyNumbers:
    """Local numbers of one country or region."""

    country: str
    police: str
    ambulance: str


@dataclass(frozen=True)
class ShownLine:
    """One row as a worker sees it."""

    number: str
    name: str
    hours: str
    what: str = ""
    open_now: bool | None = None


def is_mainland(timezone: str) -> bool:
    return timezone in _MAINLAND


def tells_abroad(text: str) -> bool:
    """Whether the words say that the writer is abroad, where mainland numbers do not help, whatever the phone's clock says."""
    return bool(_ABROAD.search(text))


def lines_for(
    hotlines: Sequence[Hotline], local: EmergencyNumbers | None, timezone: str, now: dt.datetime, *, kinds: frozenset[str]
) -> tuple[ShownLine, ...]:
    """The verified lines of these kinds for a worker in this time zone: emergency numbers first, closed lines left out.

    Abroad the local emergency numbers come first (unknown country: 当地急救电话), then 12308 as dialled from abroad.
    """
    if not is_mainland(timezone):
        return _abroad(hotlines, local)
    shown: list[ShownLine] = []
    for line in sorted(hotlines, key=lambda each: each.kind != "emergency"):
        state = line.is_open(now)
        if line.kind in kinds and line.is_verified and line.is_for_mainland and state is not False:
            hours = _MAYBE if state is None else (_ALWAYS if line.kind == "emergency" else "现在开着")
            shown.append(ShownLine(line.number, line.name, hours, line.what, state))
    return tuple(shown)


def _abroad(hotlines: Sequence[Hotline], local: EmergencyNumbers | None) -> tuple[ShownLine, ...]:
    if local is None:
        first = [ShownLine("", "当地急救电话", "请马上问身边的人", "", None)]
    else:
        first = [
            ShownLine(local.ambulance, f"{local.country}急救", "号码请再核实", "", None),
            ShownLine(local.police, f"{local.country}报警", "号码请再核实", "", None),
        ]
    consular = [
        ShownLine(number, line.name, _ALWAYS, line.what, True)
        for line in hotlines
        if line.id == "12308" and line.is_verified
        for number in line.numbers_abroad[:1]
    ]
    return tuple(first + consular)
