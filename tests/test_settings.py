"""Settings: defaults, one clear line for each wrong value, hidden secrets, and the table of the README."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields

import pytest

from bot.domain.errors import SettingError
from bot.domain.follow_up import POLICY
from bot.domain.questionnaire_definition import SwitchedOn
from bot.settings import ROOT, SETTINGS, Settings, child_environ, read_settings

DAY = dt.timedelta(days=1)
READMES = ("README.md", "README.zh-CN.md")
SECRET = "geheim-0123456789"


def test_the_defaults_are_safe_and_need_nothing() -> None:
    found = read_settings({})
    assert (found.host, found.port, found.rasa_port, found.actions_port) == ("127.0.0.1", 8080, 5005, 5055)
    assert found.database_url == f"sqlite:///{ROOT / 'var' / 'xinyi.db'}"
    assert found.key_ring == ROOT / "var" / "keys.json"
    assert (found.public_origin, found.embed_origins, found.is_secure) == ((), (), False)
    assert found.origins == {"http://127.0.0.1:8080", "http://localhost:8080"}
    assert (found.rate_messages, found.rate_seconds, found.consent_reminder_seconds) == (20, 10, 7200)


def test_settings_can_not_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        read_settings({}).port = 1  # type: ignore[misc]


def test_every_setting_is_a_field_and_every_field_a_setting() -> None:
    assert [each.field for each in SETTINGS] == [each.name for each in fields(Settings)]


WRONG = [
    ("PORT", "0"), ("PORT", "65536"), ("PORT", "80a"), ("PORT", "-1"), ("RASA_PORT", "x"), ("ACTIONS_PORT", "1.5"),
    ("DATABASE_URL", "mysql://x"), ("DATABASE_URL", "xinyi.db"), ("DATABASE_URL", "postgresql://x"),
    ("RASA_TIMEOUT_SECONDS", "0"), ("RASA_TIMEOUT_SECONDS", "soon"), ("RASA_TIMEOUT_SECONDS", "nan"), ("RATE_MESSAGES", "0"),
    ("RATE_SECONDS", "4000"), ("CONSENT_REMINDER_SECONDS", "5"), ("DEFAULT_TIMEZONE", "Beijing"), ("LOG_LEVEL", "loud"),
    ("EMBED_ORIGINS", "oa.example.cn"), ("EMBED_ORIGINS", "https://a.cn/path"), ("EMBED_ORIGINS", "https://a.cn; script-src *"),
    ("EMBED_ORIGINS", "https://a.cn https://b.cn"), ("EMBED_ORIGINS", "*"), ("EMBED_ORIGINS", "https://*"), ("PUBLIC_ORIGIN", "ftp://a.cn"),
    ("PUBLIC_ORIGIN", "https://"), ("PUBLIC_ORIGIN", "https://a.cn:99999"), ("EMBED_ORIGINS", "https://a.cn'"),
    ("FOLLOW_UP_HOURS", "72,24"), ("FOLLOW_UP_HOURS", "24,24"), ("FOLLOW_UP_HOURS", "48,72"), ("FOLLOW_UP_HOURS", "24,soon"),
    ("FOLLOW_UP_HOURS", "0,24"), ("FOLLOW_UP_HOURS", "24,99999"), ("FOLLOW_UP_HOURS", "24,"), ("WATCH_DAYS", "6.9"),
    ("ASQ_CLEAR_HOURS", "23"), ("SECOND_NAME_HOURS", "25"), ("REVIEW_HOURS", "25"), ("WELCOME_BACK_HOURS", "1"),
    ("SCALES_ON", "cbi-work"), ("SCALES_ON", "cbi-work:王医生"), ("SCALES_ON", "cbi-work::2026-11-22"), ("SCALES_ON", "cbi-work:王医生:昨天"),
    ("SCALES_ON", "cbi-work:王医生:2026-13-01"), ("SCALES_ON", "who-5:王医生:2026-11-22,who-5:李医生:2026-11-23"),
    ("NOTIFY_WECOM_URL", f"http://qyapi.example.cn/{SECRET}"), ("NOTIFY_DINGTALK_URL", SECRET), ("NOTIFY_FEISHU_URL", f"https://:9/{SECRET}"),
    ("NOTIFY_WEBHOOK_URL", f"https://[{SECRET}"), ("NOTIFY_WEBHOOK_SECRET", SECRET), ("NOTIFY_MAIL_FROM", "值班"),
    ("NOTIFY_MAIL_SERVER", f"smtp://a:{SECRET}@mail.example.cn"), ("NOTIFY_MAIL_SERVER", f"smtps://a:{SECRET}@host:port"),
    ("XINYI_SESSION_SECRET", SECRET), ("XINYI_RASA_TOKEN", SECRET), ("XINYI_ACTIONS_TOKEN", SECRET),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_cannot_start_with_a_wrong_value_and_the_line_names_it(name: str, value: str) -> None:
    with pytest.raises(SettingError) as refused:
        read_settings({name: value})
    line = str(refused.value)
    assert line.startswith(f"{name}=")
    assert "\n" not in line
    assert SECRET not in line
    assert value in line or SECRET in value


def test_an_empty_value_is_the_default() -> None:
    assert read_settings({"PORT": "  ", "LOG_LEVEL": ""}) == read_settings({})


def test_the_clinical_figures_are_those_of_the_policy_unless_they_are_set() -> None:
    assert read_settings({}).care == POLICY
    found = read_settings({"FOLLOW_UP_HOURS": "12, 48", "WATCH_DAYS": "14", "WELCOME_BACK_HOURS": "24"}).care
    assert (found.follow_up_hours, found.watch_lasts, found.welcome_pause) == ((12, 48), 14 * DAY, DAY)


def test_a_questionnaire_is_switched_on_by_a_name_and_a_day() -> None:
    assert read_settings({}).scales_on == ()
    found = read_settings({"SCALES_ON": "cbi-work:王医生:2026-11-22, who-5 : 李敏 : 2026-12-01,"}).scales_on
    assert found == (
        SwitchedOn("cbi-work", "王医生", dt.date(2026, 11, 22)),
        SwitchedOn("who-5", "李敏", dt.date(2026, 12, 1)),
    )


def test_both_readmes_name_the_same_settings_with_the_same_defaults() -> None:
    rows = [re.findall(r"^\| (`[A-Z_]+`) \| (\S*) ", (ROOT / name).read_text("utf-8"), flags=re.M) for name in READMES]
    assert len(rows[0]) == len(SETTINGS)
    assert rows[0] == rows[1]


def test_a_relative_path_is_relative_to_the_project() -> None:
    found = read_settings({"DATABASE_URL": "sqlite:///other/x.db", "KEY_RING": "other/k.json", "VAR_DIR": "/srv/var"})
    assert found.database_url == f"sqlite:///{ROOT / 'other' / 'x.db'}"
    assert found.key_ring == ROOT / "other" / "k.json"
    assert str(found.var_dir) == "/srv/var"


def test_named_origins_are_the_only_ones_of_ours() -> None:
    found = read_settings({"PUBLIC_ORIGIN": "https://xinyi.example.cn/, https://xy.example.cn", "HOST": "0.0.0.0"})
    assert found.origins == {"https://xinyi.example.cn", "https://xy.example.cn"}
    assert found.is_secure
    assert not found.is_loopback


def test_a_child_process_sends_no_telemetry() -> None:
    assert child_environ({"A": "1"})["RASA_TELEMETRY_ENABLED"] == "false"
    assert child_environ({"A": "1"})["A"] == "1"


def test_the_readme_has_the_table_that_the_command_prints() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    table = re.search(r"<!-- settings -->\s*(.*?)\s*<!-- /settings -->", readme, flags=re.S)
    assert table is not None
    printed = subprocess.run([sys.executable, "-m", "bot", "settings"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert table[1].strip() == printed.stdout.strip()
    for setting in SETTINGS:
        assert f"`{setting.name}`" in printed.stdout
