"""What a wording is hinted at for, and what is left alone."""

from __future__ import annotations

import pytest
import yaml

from bot.domain.tone import hints, hints_of_button, hints_of_response
from bot.settings import ROOT


@pytest.mark.parametrize(("text", "word"), [
    ("你应该多出去走走", "说教"), ("想开点，都会过去", "说教"), ("加油，你可以的", "口号"), ("听起来像抑郁症", "诊断词"),
    ("亲，别难过", "称呼"), ("在呢亲～", "称呼"), ("我保证你会好", "承诺"), ("人家都能熬过来", "比较"), ("嗯" * 91, "太长：91 字"),
])  # fmt: skip
def test_a_wording_that_sounds_wrong_is_hinted_at(text: str, word: str) -> None:
    assert any(hint.startswith(word) for hint in hints(text))


@pytest.mark.parametrize("text", [
    "母亲走得突然，你还没缓过来。", "想她是双亲里最疼你的。", "老人家刚走，白事还得你张罗。", "嗯" * 90, "听你说了两回加班，班是真的排满了。",
])  # fmt: skip
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert hints(text) == []


def test_too_few_and_equal_wordings_are_named() -> None:
    assert hints_of_response(["好", "嗯", "在"]) == []
    assert any("只有 2 种" in hint for hint in hints_of_response(["好", "嗯"]))
    assert any("一模一样" in hint for hint in hints_of_response(["好", "嗯", "好"]))


def test_a_long_button_is_named() -> None:
    assert hints_of_button("找真人聊") == []
    assert hints_of_button("我想现在就找一位真人咨询师聊")


def test_what_this_repository_says_today_is_hardly_hinted_at() -> None:
    responses = yaml.load((ROOT / "domain.yml").read_text("utf-8"), Loader=yaml.CSafeLoader)["responses"]
    texts = [each["text"] for wordings in responses.values() for each in wordings if "text" in each]
    hinted = [text for text in texts if hints(text)]
    assert len(texts) > 500
    assert len(hinted) <= len(texts) // 100, hinted
