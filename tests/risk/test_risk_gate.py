"""The gate: a new classifier that lost a risky class is refused."""

from __future__ import annotations

from dataclasses import replace

from risk_ground import TEXTS, finder, screen, small_classifier, vector_by_hash

from bot.domain.risk import RiskKind, RiskLevel, RiskSubject
from bot.risk.classifier import Weights
from bot.risk.gate import ClassFigures, compare, kept_apart
from bot.risk.screen import RiskScreen
from bot.risk.texts import RiskText


def figures(**changes: int | bool | str) -> ClassFigures:
    values: dict[str, int | bool | str] = {
        "label": "active", "is_risky": True, "must_be_loud": True, "texts": 30,
        "seen_before": 28, "seen_after": 28, "loud_before": 25, "loud_after": 25,
    }  # fmt: skip
    return ClassFigures(**{**values, **changes})  # type: ignore[arg-type]


def test_the_same_screen_passes() -> None:
    found = compare(screen(), screen(), kept_apart(TEXTS)[:60], vector_by_hash)
    assert found.failing == ()


def test_one_lost_text_is_chance_and_two_are_refused() -> None:
    assert not figures(seen_after=27).is_worse
    assert figures(seen_after=26).is_worse
    assert figures(loud_after=23).is_worse
    assert not figures(loud_after=23, must_be_loud=False).is_worse


def test_more_false_alarms_are_shown_and_no_reason_to_refuse() -> None:
    assert not figures(is_risky=False, must_be_loud=False, seen_before=2, seen_after=0).is_worse


def test_a_classifier_gone_deaf_is_refused_by_the_class_it_lost() -> None:
    trained = small_classifier()
    deaf = Weights(trained.full.coefficients * 0, trained.full.intercepts * 0 - 20)
    veiled = ["不知道还能这样多久", "要是明天不用来该多好", "就这样吧，都无所谓了", "我对谁都不重要"]
    texts = [RiskText(text, "passive", RiskLevel.WATCH, RiskSubject.SELF, RiskKind.SUICIDE) for text in veiled]
    loud = Weights(trained.full.coefficients * 0, trained.full.intercepts * 0 + 20)
    old = RiskScreen(finder(), replace(trained, full=loud))
    found = compare(old, RiskScreen(finder(), replace(trained, full=deaf)), texts, vector_by_hash)
    assert found.failing == ("passive",)


def test_only_texts_that_never_train_are_compared() -> None:
    assert all(item.is_kept_apart for item in kept_apart(TEXTS))
