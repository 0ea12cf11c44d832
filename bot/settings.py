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

from bot.domain.account import POLICY as STAFF
from bot.domain.account import StaffPolicy
from bot.domain.errors import SettingError
from bot.domain.follow_up import FIRST_DAY_HOURS, POLICY, CarePolicy
from bot.domain.handoff import HANDOFF, HandoffPolicy
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


def _address(raw: str, open_scheme: str, *safe_schemes: str) -> bool:
    """Whether this is an address under a safe scheme, or on this very machine under the open one."""
    try:
        parts = urlsplit(raw)
        is_whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # its text would repeat the address
        return False
    is_here = parts.scheme == open_scheme and parts.hostname in _LOOPBACK
    return is_whole and (is_here or parts.scheme in safe_schemes)


def _robot(raw: str) -> str:
    """The address of a robot or hook; whoever knows it can speak in its name, so no error repeats it."""
    if raw and not _address(raw, "http", "https"):
        raise ValueError("the address of a robot starts with https://")
    return raw


def _robot_secret(raw: str) -> str:
    return raw


def _mail_server(raw: str) -> str:
    if raw and not _address(raw, "smtp", "smtps", "smtp+starttls"):
        raise ValueError("a mail server is smtps://name:password@host:port or smtp+starttls://name:password@host:port")
    return raw


def _mail_address(raw: str) -> str:
    if raw and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", raw):
        raise ValueError("it is no mail address")
    return raw


def _in(duration: dt.timedelta, unit: dt.timedelta) -> str:
    return f"{duration / unit:g}"


_HIDDEN = (_token, _robot, _robot_secret, _mail_server)  # what no error may repeat
_SECOND, _MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)
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
        "TRAINING_DIR", ".", Path, "folder of config.yml, domain.yml, data/ and content/ that the studio reads and changes"
    ),
    Setting("CONTENT_DIR", "content", Path, "folder of what clinicians own and the gateway says, asks and screens with"),
    Setting("TRAINING_MEMORY_MB", "6000", _number(1000, 64000), "memory a training may take before it is stopped"),
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
        "ACCEPT_IMMINENT_SECONDS",
        _in(HANDOFF.accept_imminent, _SECOND),
        _number(5, 600),
        "within how many seconds a counsellor must have accepted a worker in imminent danger",
    ),
    Setting("ACCEPT_HIGH_SECONDS", _in(HANDOFF.accept_high, _SECOND), _number(5, 3600), "the same at high"),
    Setting("ACCEPT_SECONDS", _in(HANDOFF.accept_other, _SECOND), _number(5, 86400), "the same for everybody else who waits"),
    Setting(
        "OFFER_SECONDS",
        _in(HANDOFF.offer, _SECOND),
        _number(2, 600),
        "how long a case is offered to one counsellor before it goes on to the next",
    ),
    Setting(
        "SILENT_SECONDS",
        _in(HANDOFF.silent, _SECOND),
        _number(5, 86400),
        "how long a worker may wait for a counsellor's word until the counsellor is reminded, and again until another is asked",
    ),
    Setting(
        "EXPIRE_SECONDS",
        _in(HANDOFF.expire, _SECOND),
        _number(60, 604800),
        "after how long an ordinary request that nobody accepted goes back to the program",
    ),
    Setting(
        "SCALES_ON",
        "",
        _scales_on,
        "questionnaires that are off until a named person answers for their text and licence: `id:name:date`, separated by commas",
    ),
    Setting("RATE_MESSAGES", "20", _number(1, 1000), "messages a worker may send in RATE_SECONDS"),
    Setting("RATE_SECONDS", "10", _number(1, 3600), "length of that window"),
    Setting("STAFF_SESSION_HOURS", _in(STAFF.session, _HOUR), _number(1, 72), "how long a sign-in of the staff lasts at most"),
    Setting(
        "STAFF_IDLE_MINUTES", _in(STAFF.idle, _MINUTE), _number(5, 1440), "and without any use; an open console counts as use"
    ),
    Setting(
        "STAFF_SIGN_INS",
        "30",
        _number(1, 1000),
        "sign-ins that one address may try in a minute; behind a proxy all share its address",
    ),
    Setting("NOTIFY_WECOM_URL", "", _robot, "WeCom group robot, with its key in the address"),
    Setting("NOTIFY_DINGTALK_URL", "", _robot, "DingTalk group robot, with its access token"),
    Setting("NOTIFY_DINGTALK_SECRET", "", _robot_secret, "its signing secret (加签)"),
    Setting("NOTIFY_FEISHU_URL", "", _robot, "Feishu group robot"),
    Setting("NOTIFY_FEISHU_SECRET", "", _robot_secret, "its signing secret (签名校验)"),
    Setting("NOTIFY_WEBHOOK_URL", "", _robot, "a hook of your own, such as a calling service (docs/notifications.md)"),
    Setting("NOTIFY_WEBHOOK_SECRET", "", _token, "signs what is sent there"),
    Setting(
        "NOTIFY_MAIL_SERVER", "", _mail_server, "`smtps://name:password@host:465` or `smtp+starttls://name:password@host:587`"
    ),
    Setting("NOTIFY_MAIL_FROM", "", _mail_address, "sender of those mails"),
    Setting("XINYI_SUPERVISOR", "", str, "unix socket of the process manager that starts models; `make run` sets it"),
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
    training_dir: Path
    content_dir: Path
    training_memory_mb: float
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
    accept_imminent_seconds: float
    accept_high_seconds: float
    accept_seconds: float
    offer_seconds: float
    silent_seconds: float
    expire_seconds: float
    scales_on: tuple[SwitchedOn, ...]
    rate_messages: float
    rate_seconds: float
    staff_session_hours: float
    staff_idle_minutes: float
    staff_sign_ins: float
    notify_wecom_url: str
    notify_dingtalk_url: str
    notify_dingtalk_secret: str
    notify_feishu_url: str
    notify_feishu_secret: str
    notify_webhook_url: str
    notify_webhook_secret: str
    notify_mail_server: str
    notify_mail_from: str
    xinyi_supervisor: str
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
    def console_origin(self) -> str:
        """Where a notice's link leads: the first origin named, else the address listened on."""
        return self.public_origin[0] if self.public_origin else f"http://{self.host}:{self.port}"

    @property
    def handoff(self) -> HandoffPolicy:
        """The clocks of a handoff."""
        return HandoffPolicy(
            self.accept_imminent_seconds * _SECOND, self.accept_high_seconds * _SECOND, self.accept_seconds * _SECOND,
            self.offer_seconds * _SECOND, self.silent_seconds * _SECOND, self.expire_seconds * _SECOND, self.review_hours * _HOUR,
        )  # fmt: skip

    @property
    def staff(self) -> StaffPolicy:
        """How long a sign-in of the staff lasts."""
        return StaffPolicy(dt.timedelta(hours=self.staff_session_hours), dt.timedelta(minutes=self.staff_idle_minutes))

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
            shown = "(hidden)" if setting.read in _HIDDEN else repr(raw)
            raise SettingError(f"{setting.name}={shown}: {error}") from error
        values[setting.field] = ROOT / value if isinstance(value, Path) else value
    url = values["database_url"]
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        values["database_url"] = "sqlite:///" + str(ROOT / url.removeprefix("sqlite:///"))
    return Settings(**values)


def child_environ(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a process that we start: this one's, telemetry off, plus `extra`."""
    return {**os.environ, "RASA_TELEMETRY_ENABLED": "false", **(extra or {})}
