"""Rules of accounts: names, passwords, the lock that grows, and fields with a sentence each."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.domain.account import Failures, account_name, require_strong
from bot.domain.account_fields import checked
from bot.domain.errors import Incomplete

NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.timezone.utc)
ZONES = {"Asia/Shanghai", "Africa/Lagos"}


@pytest.mark.parametrize(("raw", "name"), [(" Lin ", "lin"), ("ＬＩＮ", "lin"), ("王敏", "王敏"), ("li.n-2@a", "li.n-2@a")])
def test_width_case_and_blanks_make_no_other_name(raw: str, name: str) -> None:
    assert account_name(raw) == name


@pytest.mark.parametrize("raw", ["", " ", "l", "a b", "a" * 65, "a\x00b", "\ud83d\ud83d", "<b>", "a\nb"])
def test_cannot_be_called_what_nobody_can_type(raw: str) -> None:
    with pytest.raises(Incomplete) as refused:
        account_name(raw)
    assert refused.value.fields == ["name"]


WEAK = [
    ("", "至少 12"), ("松木灯塔七月", "现在只有 6 个"), ("a" * 129, "最多 128"), ("aaaaaaaaaaaa", "重复"), ("abcabcabcabc", "重复"),
    ("lin-lin-lin-lin-", "重复"), ("song-lin-1984x", "登录名"), ("SONG-LIN-1984X", "登录名"), ("Ｌin在这里一直都是好好的呀", "登录名"),
    ("123456789012", "连着"), ("xx-87654321-yy", "连着"), ("qwertyuiop-7", "连着"), ("Poiuytrewq-9", "连着"), ("password2026", "太常见"),
    ("P@ssw0rd!2026", "太常见"), ("woaini 20261122", "太常见"), ("Admin--2026-11", "太常见"),
]  # fmt: skip


@pytest.mark.parametrize(("password", "said"), WEAK)
def test_a_weak_password_is_refused_with_what_is_wrong(password: str, said: str) -> None:
    with pytest.raises(Incomplete) as refused:
        require_strong(password, "lin")
    assert said in refused.value.reader_text
    assert refused.value.fields == ["new"]


@pytest.mark.parametrize(
    "password", ["松木-灯塔-七月-3914", "我每天早上走路去上班的路", "korrekt pferd batterie", "zah8-wynf-r8af-wyym"]
)
def test_a_long_password_of_unlike_words_is_taken(password: str) -> None:
    require_strong(password, "lin")


def test_every_fifth_failure_shuts_the_account_for_longer_each_time() -> None:
    failures, minutes, now = Failures(), [], NOW
    for count in range(1, 41):
        failures = failures.one_more(now)
        assert failures.count == count
        assert failures.is_locked(now) == (count % 5 == 0)
        if failures.locked_until is not None and failures.is_locked(now):
            minutes.append(int((failures.locked_until - now).total_seconds() // 60))
            assert not failures.is_locked(failures.locked_until)
            now = failures.locked_until
    assert minutes == [15, 30, 60, 120, 240, 480, 960, 1440]


def test_fields_are_cleaned_and_empty_ones_are_none() -> None:
    given: dict[str, Any] = {
        "shown_name": "  林  老师 ", "introduction": "", "role": "counsellor", "gender": "", "capacity": 0, "timezone": "Africa/Lagos",
        "skills": ["overseas", "anxiety", "lang:yue", "anxiety"], "email": " lin@example.cn ", "phone": "", "on_call_rank": None,
    }  # fmt: skip
    assert checked(given, ZONES) == {
        **given, "shown_name": "林 老师", "gender": None, "skills": ["anxiety", "lang:yue", "overseas"], "email": "lin@example.cn",
        "phone": None,
    }  # fmt: skip


WRONG: list[tuple[str, Any]] = [
    ("shown_name", ""), ("shown_name", "林" * 33), ("shown_name", None), ("shown_name", "林\u202e老师"), ("introduction", "长" * 201),
    ("role", "boss"), ("role", None), ("role", ["admin"]), ("gender", "x"), ("capacity", -1), ("capacity", 21), ("capacity", True),
    ("capacity", "3"), ("skills", "anxiety"), ("skills", ["magic"]), ("skills", [1]), ("skills", ["lang:x"]), ("skills", ["anxiety"] * 41),
    ("timezone", "Beijing"), ("timezone", None), ("email", "lin"), ("email", "a@b.c\nBcc: x@y.z"), ("email", 3), ("phone", "救命"),
    ("phone", "1"), ("on_call_rank", 0), ("on_call_rank", 100), ("password_hash", "x"), ("id", "x"), ("disabled_at", None),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_field_that_does_not_fit_is_named(field: str, value: Any) -> None:
    with pytest.raises(Incomplete) as refused:
        checked({"capacity": 3, field: value}, ZONES)
    assert refused.value.fields == [field]
    assert any("\u4e00" <= character <= "\u9fff" for character in refused.value.reader_text)


def test_all_fields_that_do_not_fit_are_named_at_once() -> None:
    with pytest.raises(Incomplete) as refused:
        checked({"role": "boss", "capacity": 99, "email": "lin@example.cn"}, ZONES)
    assert refused.value.fields == ["role", "capacity"]
