"""Frozen settings; the only reader of os.environ."""

from __future__ import annotations

import datetime as dt
import os
import re
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.domain.errors import SettingError
from bot.domain.follow_up import FIRST_DAY_HOURS, POLICY, CarePolicy
from bot.domain.questionnaire_definition import SwitchedOn

ROOT = Path(__file__).resolve().parent.parent
_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Setting:
    """One line of the README's table: environment name, default as text, how it is read, what it is for."""

    name: str
    default: str
    read: Callable[[str], Any]
    about: str

    @property
    def field(self) -> str:
        return self.name.lower()


def _port(raw: str) -> int:
    if not raw.isdigit() or not 1 <= int(raw) <= 65535:
        raise ValueError("a port is a whole number from 1 to 65535")
    return int(raw)


def _number(low: float, high: float) -> Callable[[str], float]:
    def read(raw: str) -> float:
        value = float(raw)
        if not low <= value <= high:
            raise ValueError(f"it must lie between {low:g} and {high:g}")
        return value

    return read


def _hours(raw: str) -> tuple[int, ...]:
    hours = tuple(int(part) for part in raw.split(","))
    if list(hours) != sorted(set(hours)) or not 1 <= hours[0] <= FIRST_DAY_HOURS or hours[-1] > 24 * 366:
        raise ValueError(f"rising whole hours, the first from 1 to {FIRST_DAY_HOURS}, none above a year")
    return hours


def _choice(*allowed: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if raw not in allowed:
            raise ValueError("it must be one of " + ", ".join(allowed))
        return raw

    return read


def _origins(raw: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/").lower() for part in raw.split(",") if part.strip())
    for origin in origins:
        parts = urlsplit(origin)
        if not _ORIGIN.fullmatch(origin) or not 0 < (parts.port or 80) < 65536:
            raise ValueError(f"{origin!r} is no origin such as https://intranet.example.cn")
    return origins


def _scales_on(raw: str) -> tuple[SwitchedOn, ...]:
    found: list[SwitchedOn] = []
    for part in filter(None, raw.split(",")):
        pieces = [piece.strip() for piece in part.split(":")]
        if len(pieces) != 3 or not all(pieces):
            raise ValueError(f"{part.strip()!r} must be questionnaire:name:date, such as cbi-work:王医生:2026-11-22")
        try:
            on_date = dt.date.fromisoformat(pieces[2])
        except ValueError:
            raise ValueError(f"{pieces[2]!r} is no day such as 2026-11-22") from None
        if any(each.questionnaire_id == pieces[0] for each in found):
            raise ValueError(f"{pieces[0]} stands twice")
        found.append(SwitchedOn(pieces[0], pieces[1], on_date))
    return tuple(found)


def _database_url(raw: str) -> str:
    if not raw.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("it must start with sqlite:/// or postgresql+psycopg://")
    return raw


@lru_cache(maxsize=1)
def timezone_names() -> frozenset[str]:
    """All time zones; finding them opens some 600 files, so once is enough."""
    return frozenset(zoneinfo.available_timezones())


def _timezone(raw: str) -> str:
    if raw not in timezone_names():
        raise ValueError("it is no time zone name such as Asia/Shanghai")
    return raw


def _token(raw: str) -> str:
    if raw and len(raw) < 32:
        raise ValueError("a secret has at least 32 characters")
    return raw


def _in(duration: dt.timedelta, unit: dt.timedelta) -> str:
    return f"{duration / unit:g}"


_HOUR, _DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SETTINGS: tuple[Setting, ...] = (
    Setting("VAR_DIR", "var", Path, "folder of database, key ring, secrets and logs"),
    Setting("DATABASE_URL", "sqlite:///var/xinyi.db", _database_url, "SQLite, or `postgresql+psycopg://user@host/name`"),
    Setting("DATABASE_SCHEMA", "", str, "PostgreSQL schema to work in; empty is the role's own"),
    Setting("KEY_RING", "var/keys.json", Path, "file of the encryption keys, mode 0600, made at first start"),
    Setting("HOST", "127.0.0.1", str, "address the gateway listens on"),
    Setting("PORT", "8080", _port, "port of the gateway"),
    Setting("RASA_PORT", "5005", _port, "port of Rasa, on 127.0.0.1 only"),
    Setting("ACTIONS_PORT", "5055", _port, "port of the action server, on 127.0.0.1 only"),
    Setting("RASA_TIMEOUT_SECONDS", "20", _number(1, 120), "how long a turn waits for Rasa before the safe line is given"),
    Setting("MODELS_DIR", "models", Path, "folder of trained archives"),
    Setting(
        "PUBLIC_ORIGIN",
        "",
        _origins,
        "origins under which people reach the page, for example `https://xinyi.example.cn`; empty: the address listened on",
    ),
    Setting("EMBED_ORIGINS", "", _origins, "sites that may show `/embed` in a frame, separated by commas; empty: none"),
    Setting("DEFAULT_TIMEZONE", "Asia/Shanghai", _timezone, "time zone of a worker whose page names none"),
    Setting(
        "CONSENT_REMINDER_SECONDS",
        "7200",
        _number(60, 86400),
        "continuous use after which the page says again that this is a program",
    ),
    Setting(
        "FOLLOW_UP_HOURS",
        ",".join(map(str, POLICY.follow_up_hours)),
        _hours,
        "hours after a crisis at which a counsellor must come back to the worker, the first within a day",
    ),
    Setting(
        "REVIEW_HOURS", _in(POLICY.review, _HOUR), _number(1, 24), "within how many hours a human must have read a watch alert"
    ),
    Setting(
        "WELCOME_BACK_HOURS",
        _in(POLICY.welcome_pause, _HOUR),
        _number(6, 168),
        "pause after which a worker who was at watch is asked how it has been",
    ),
    Setting("WATCH_DAYS", _in(POLICY.watch_lasts, _DAY), _number(7, 365), "days until watch ends by time alone"),
    Setting(
        "ASQ_CLEAR_HOURS",
        _in(POLICY.clear_lasts, _HOUR),
        _number(24, 720),
        "hours until watch ends after five clear No to the ASQ",
    ),
    Setting(
        "SECOND_NAME_HOURS",
        _in(POLICY.second_name, _HOUR),
        _number(1, 24),
        "how long a first name waits for the second when imminent is lowered",
    ),
    Setting(
        "SCALES_ON",
        "",
        _scales_on,
        "questionnaires that are off until a named person answers for their text and licence: `id:name:date`, separated by commas",
    ),
    Setting("RATE_MESSAGES", "20", _number(1, 1000), "messages a worker may send in RATE_SECONDS"),
    Setting("RATE_SECONDS", "10", _number(1, 3600), "length of that window"),
    Setting("LOG_LEVEL", "INFO", _choice("DEBUG", "INFO", "WARNING", "ERROR"), "least level written to the logs"),
    Setting("XINYI_SESSION_SECRET", "", _token, "key that signs sessions; `make run` makes it in var/secrets"),
    Setting("XINYI_RASA_TOKEN", "", _token, "token between gateway and Rasa; made the same way"),
    Setting("XINYI_ACTIONS_TOKEN", "", _token, "token between Rasa and the action server; made the same way"),
)


@dataclass(frozen=True)
class Settings:
    """All settings of one process; times in seconds, paths relative to the project's root."""

    var_dir: Path
    database_url: str
    database_schema: str
    key_ring: Path
    host: str
    port: int
    rasa_port: int
    actions_port: int
    rasa_timeout_seconds: float
    models_dir: Path
    public_origin: tuple[str, ...]
    embed_origins: tuple[str, ...]
    default_timezone: str
    consent_reminder_seconds: float
    follow_up_hours: tuple[int, ...]
    review_hours: float
    welcome_back_hours: float
    watch_days: float
    asq_clear_hours: float
    second_name_hours: float
    scales_on: tuple[SwitchedOn, ...]
    rate_messages: float
    rate_seconds: float
    log_level: str
    xinyi_session_secret: str
    xinyi_rasa_token: str
    xinyi_actions_token: str

    @property
    def is_loopback(self) -> bool:
        return self.host in _LOOPBACK

    @property
    def origins(self) -> frozenset[str]:
        """Origins that are ours: what PUBLIC_ORIGIN names, else the address listened on."""
        if self.public_origin:
            return frozenset(self.public_origin)
        hosts = {self.host, "localhost", "127.0.0.1"} if self.is_loopback else {self.host}
        return frozenset(f"http://{host}:{self.port}" for host in hosts)

    @property
    def care(self) -> CarePolicy:
        """The figures for the time after a crisis."""
        return CarePolicy(
            self.follow_up_hours, dt.timedelta(hours=self.review_hours), dt.timedelta(hours=self.welcome_back_hours),
            dt.timedelta(days=self.watch_days), dt.timedelta(hours=self.asq_clear_hours), dt.timedelta(hours=self.second_name_hours),
        )  # fmt: skip

    @property
    def is_secure(self) -> bool:
        """Whether the page is reached by https, so that its cookie must be Secure."""
        return bool(self.public_origin) and all(origin.startswith("https://") for origin in self.public_origin)


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this environment; raises SettingError naming the variable and what is wrong with it."""
    source = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        raw = source.get(setting.name, "").strip() or setting.default
        try:
            value = setting.read(raw)
        except ValueError as error:
            shown = "(hidden)" if setting.read is _token else repr(raw)
            raise SettingError(f"{setting.name}={shown}: {error}") from error
        values[setting.field] = ROOT / value if isinstance(value, Path) else value
    url = values["database_url"]
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        values["database_url"] = "sqlite:///" + str(ROOT / url.removeprefix("sqlite:///"))
    return Settings(**values)


def child_environ(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a process that we start: this one's, telemetry off, plus `extra`."""
    return {**os.environ, "RASA_TELEMETRY_ENABLED": "false", **(extra or {})}
