"""Which fixed text a finding asks for, in which wording, and with which words of the worker."""

from __future__ import annotations

import pytest

from bot.domain.hotline import ShownLine
from bot.domain.risk import Cue, RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.domain.safety import SAFETY_SETS, SafetyMessages, bubbles, quotable, safety_set, spoken_numbers

HIGH, IMMINENT = RiskLevel.HIGH, RiskLevel.IMMINENT
SELF, OTHER = RiskSubject.SELF, RiskSubject.OTHER


@pytest.mark.parametrize(
    ("level", "subject", "kind", "name"),
    [
        (HIGH, SELF, RiskKind.SUICIDE, "high_self"), (IMMINENT, SELF, RiskKind.SUICIDE, "imminent_self"),
        (HIGH, SELF, RiskKind.SELF_HARM, "high_self_harm"), (IMMINENT, SELF, RiskKind.SELF_HARM, "imminent_self"),
        (HIGH, OTHER, RiskKind.SUICIDE, "high_other"), (IMMINENT, OTHER, RiskKind.SUICIDE, "imminent_other"),
        (HIGH, SELF, RiskKind.VIOLENCE_SUFFERED, "violence"), (IMMINENT, OTHER, RiskKind.VIOLENCE_TO_OTHERS, "violence_to_others"),
        (IMMINENT, SELF, RiskKind.MEDICAL_EMERGENCY, "medical"), (HIGH, RiskSubject.NONE, RiskKind.NONE, "high_self"),
    ],
)  # fmt: skip
def test_each_finding_has_its_set(level: RiskLevel, subject: RiskSubject, kind: RiskKind, name: str) -> None:
    assert safety_set(RiskFinding(level, subject, kind)) == name
    assert name in SAFETY_SETS


@pytest.mark.parametrize("kind", list(RiskKind))
@pytest.mark.parametrize("level", [RiskLevel.NONE, RiskLevel.WATCH])
def test_below_high_no_fixed_text_is_due(level: RiskLevel, kind: RiskKind) -> None:
    assert safety_set(RiskFinding(level, SELF, kind)) is None


def test_the_longest_sign_that_is_short_enough_is_quoted() -> None:
    text = "我真的，不想活了。" + "很" * 20
    cues = (Cue("a", 4, 8), Cue("b", 0, 9), Cue("c", 0, 25), Cue("none", 3, 3))
    assert quotable(text, RiskFinding(HIGH, cues=cues)) == "我真的，不想活了"
    assert quotable(text, RiskFinding(HIGH, cues=(Cue("c", 0, 25),))) == ""
    assert quotable(text, RiskFinding(HIGH)) == ""


MESSAGES = SafetyMessages(
    "1", {"high_self": [["你说“{words}”", "打{urgent}"], ["我在听", "打{urgent}或{talk}"], ["第三种{urgent}"]]}, {}
)


def _said(turn: int, words: str) -> list[str]:
    return bubbles(MESSAGES, "high_self", turn, words=words, urgent="120", talk="12356")


def test_wordings_take_turns_so_that_nobody_reads_the_same_twice_running() -> None:
    assert [_said(turn, "不想活")[0] for turn in range(4)] == ["你说“不想活”", "我在听", "第三种120", "你说“不想活”"]


def test_without_words_the_wordings_that_need_none_take_turns() -> None:
    assert [_said(turn, "")[0] for turn in range(3)] == ["我在听", "第三种120", "我在听"]


def test_braces_in_the_workers_own_words_are_only_words() -> None:
    assert _said(0, "{urgent}{0}")[0] == "你说“{urgent}{0}”"


def test_numbers_are_said_as_the_place_asks() -> None:
    assert spoken_numbers((), is_mainland=True) == {"urgent": "120或110", "talk": "想说话打12356（可能不在服务时间）"}
    consular = ShownLine("+86-10-12308", "外交部领事保护热线", "")
    japan = [ShownLine("119", "日本急救", ""), ShownLine("110", "日本报警", ""), consular]
    assert spoken_numbers(japan, is_mainland=False) == {"urgent": "当地的119或110", "talk": "要领事帮忙打+86-10-12308"}
    france = [ShownLine("112", "法国急救", ""), ShownLine("112", "法国报警", ""), consular]
    assert spoken_numbers(france, is_mainland=False)["urgent"] == "当地的112", "one number for both is said once"
    unknown = [ShownLine("", "当地急救电话", ""), consular]
    assert spoken_numbers(unknown, is_mainland=False)["urgent"] == "当地急救电话"
