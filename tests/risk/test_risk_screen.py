"""The screen as a whole, and the rules by which cues and chances become a finding."""

from __future__ import annotations

from pathlib import Path

import pytest
from risk_ground import CONTENT, chances, cues_alone, finder, screen, vector_by_hash

from bot.domain.risk import RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.risk.judgement import FULL, judge
from bot.risk.screen import RiskScreen, merged


def judged(text: str, **given: float) -> RiskFinding:
    return judge(finder().find(text), chances(**given), FULL)


def test_without_a_trained_file_the_cues_answer_alone(tmp_path: Path) -> None:
    opened = RiskScreen.open(CONTENT, tmp_path)
    assert not opened.has_classifier
    found = opened.quick("我不想活了")
    assert (found.level, found.subject, found.kind) == (RiskLevel.HIGH, RiskSubject.SELF, RiskKind.SUICIDE)
    assert found.score is None
    assert found.lexicon_version
    assert found == opened.full("我不想活了", vector_by_hash("x"))


def test_a_bare_mention_counts_in_full_only_when_the_cues_are_alone() -> None:
    assert cues_alone().quick("自杀").level is RiskLevel.HIGH
    assert judged("自杀").level is RiskLevel.NONE
    assert judged("自杀", risk=0.95, high=0.5).level is RiskLevel.HIGH


def test_a_plain_cue_counts_whatever_the_classifier_says() -> None:
    assert judged("我不想活了", risk=0.01, high=0.01).level is RiskLevel.HIGH


def test_a_denied_cue_may_ask_and_not_alarm() -> None:
    assert judged("没有想过自杀", risk=0.99, high=0.99).level is RiskLevel.WATCH
    assert judged("没有想过自杀", risk=0.2, high=0.2).level is RiskLevel.NONE


def test_the_classifier_alone_can_raise() -> None:
    assert judged("今天天气不错", risk=0.95).level is RiskLevel.WATCH
    assert judged("今天天气不错", risk=0.95, high=0.95).level is RiskLevel.HIGH
    assert judged("今天天气不错", risk=0.95, imminent=0.95).level is RiskLevel.HIGH  # imminent has to show a cue


def test_about_somebody_else_high_becomes_watch() -> None:
    found = judged("今天天气不错", risk=0.95, high=0.95, other=0.9)
    assert (found.level, found.subject) == (RiskLevel.WATCH, RiskSubject.OTHER)


def test_a_wish_that_nobody_is_named_for_is_the_writers_own() -> None:
    assert judged("项目黄了，欠一屁股债，想自杀", risk=0.9, high=0.5, other=0.7).subject is RiskSubject.SELF


@pytest.mark.parametrize(
    ("text", "kind", "subject"),
    [
        ("老公又打我了", RiskKind.VIOLENCE_SUFFERED, RiskSubject.SELF),
        ("我真想捅死他", RiskKind.VIOLENCE_TO_OTHERS, RiskSubject.OTHER),
        ("同事中暑晕倒了叫不醒", RiskKind.MEDICAL_EMERGENCY, RiskSubject.SELF),
        ("我又割自己了", RiskKind.SELF_HARM, RiskSubject.SELF),
        ("我朋友想自杀", RiskKind.SUICIDE, RiskSubject.OTHER),
    ],
)
def test_kind_and_subject_follow_the_cue(text: str, kind: RiskKind, subject: RiskSubject) -> None:
    found = cues_alone().quick(text)
    assert (found.kind, found.subject) == (kind, subject)


def test_the_kind_without_a_cue_is_the_classifiers() -> None:
    found = judge([], chances(risk=0.95, kind=RiskKind.VIOLENCE_SUFFERED), FULL)
    assert (found.kind, found.subject) == (RiskKind.VIOLENCE_SUFFERED, RiskSubject.SELF)


def test_with_a_classifier_the_finding_names_both_versions() -> None:
    found = screen().quick("真的不想活了")
    assert found.model_version == "small"
    assert found.lexicon_version == finder().lexicon.version
    assert found.score is not None
    assert 0 <= found.score <= 1


def test_calm_talk_stays_calm() -> None:
    for text in ("中午吃什么", "今天加班到九点，有点累", "怎么请年假"):
        assert screen().quick(text).level is RiskLevel.NONE


def test_the_riskiest_sentence_of_a_long_text_is_chosen_for_the_vector() -> None:
    calm = "今天食堂的红烧肉不错，我和同事一起去吃的，下午开了两个会，都是讲流程的。" * 8
    text = calm + "我真的不想活了，想从楼上跳下去。" + calm
    chosen = screen().for_vector(text)
    assert "不想活" in chosen
    assert len(chosen) <= 120
    assert screen().quick(text).level is RiskLevel.HIGH


def test_a_short_text_is_embedded_whole() -> None:
    assert screen().for_vector("有点累") == "有点累"
    assert len(cues_alone().for_vector("累" * 500)) == 120


def test_a_late_finding_can_only_raise() -> None:
    low, high = RiskFinding(), RiskFinding(RiskLevel.HIGH, RiskSubject.SELF, RiskKind.SUICIDE)
    watch = RiskFinding(RiskLevel.WATCH, RiskSubject.SELF, RiskKind.SUICIDE)
    assert merged(high, low) is high
    assert merged(low, high) is high
    assert merged(high, watch) is high
    assert merged(watch, high) is high
