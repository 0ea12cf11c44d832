"""The safety plan under any row of sayings and presses: no answer lost, nothing asked twice running, always to be taken up."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import MAX_BUBBLE, load_safety_plan
from bot.domain.conversation import Reply
from bot.domain.errors import InvalidInput
from bot.domain.hotline import ShownLine
from bot.domain.safety_plan import Said, advance, begin, pause, resume
from bot.domain.safety_plan_state import STEPS, PlanState, PlanStatus
from bot.domain.safety_plan_talk import PlanTurn
from bot.settings import ROOT

TEXTS = load_safety_plan(ROOT / "content" / "safety_plan.yml")
LINES = (ShownLine("120", "急救", "24小时"), ShownLine("12356", "全国心理援助热线", "可能不在服务时间"))
BUILDING, PAUSED = PlanStatus.BUILDING, PlanStatus.PAUSED
QUESTIONS = {text for step in STEPS for text in TEXTS.steps[step].questions}
COMMANDS = (
    "跳过", "上一步", "改第3步", "改第七步", "先停", "接着做安全计划", "做个安全计划", "看看我的安全计划", "没了", "完了", "有", "没有", "嗯", "不", "不知道",
    "谁能看到", "你是机器人吗", "我现在好难受", "睡不着", "听歌算吗", "放我姐那里", "手抖，没了", "好", "不用", "写错了", "就写刚才那句", "没有人",
)  # fmt: skip
PRESSES = st.sampled_from(range(5))  # the button of this number, of those shown last
SAYINGS = st.lists(st.sampled_from(COMMANDS) | PRESSES | st.text(max_size=90), max_size=25)


def _say(turn: PlanTurn, saying: str | int, shown: Sequence[Reply]) -> PlanTurn:
    if isinstance(saying, str):
        return advance(turn.state, Said(saying), TEXTS, LINES)
    buttons = [button for bubble in shown for button in bubble.buttons]
    payload = buttons[saying % len(buttons)].payload if buttons else '/plan{"do":"done","at":"alone"}'
    return advance(turn.state, Said(payload=payload), TEXTS, LINES)


def _takes_away(saying: str | int, before: PlanState, shown: Sequence[Reply]) -> bool:
    if isinstance(saying, str):
        return any(word in saying for word in ("错", "删", "清", "重", "不算", "不要", "撤回"))
    buttons = [button for bubble in shown for button in bubble.buttons]
    return bool(buttons) and '"clear"' in buttons[saying % len(buttons)].payload


@settings(max_examples=250, deadline=None, database=None)
@given(SAYINGS)
def test_whatever_is_said_no_answer_is_lost_and_nothing_is_asked_twice_in_the_same_words(sayings: list[str | int]) -> None:
    turn = begin(PlanState(), TEXTS, LINES)
    shown, question = turn.bubbles, turn.bubbles[-1].text
    for saying in sayings:
        before = turn.state
        turn = _say(turn, saying, shown)
        if not _takes_away(saying, before, shown):
            assert all(set(before.pieces(step)) <= set(turn.state.pieces(step)) for step in STEPS)
        assert turn.is_handled == bool(turn.bubbles)
        assert len(turn.bubbles) <= 3
        assert all(0 < len(bubble.text) <= MAX_BUBBLE for bubble in turn.bubbles)
        assert PlanState.from_json(json.loads(json.dumps(turn.state.to_json()))) == turn.state
        if turn.bubbles:
            shown = turn.bubbles
            asked = [bubble.text for bubble in turn.bubbles if bubble.text in QUESTIONS]
            assert question not in asked
            question = asked[-1] if asked else question


@settings(max_examples=150, deadline=None, database=None)
@given(SAYINGS)
def test_wherever_it_stands_it_can_be_paused_and_taken_up_at_the_same_step(sayings: list[str | int]) -> None:
    turn = begin(PlanState(), TEXTS, LINES)
    shown = turn.bubbles
    for saying in sayings:
        turn = _say(turn, saying, shown)
        shown = turn.bubbles or shown
    if turn.state.status not in (BUILDING, PAUSED):
        return
    waiting = PlanState.from_json(pause(turn.state).to_json())
    assert waiting.status is PAUSED
    again = resume(waiting, TEXTS, LINES)
    assert again.bubbles[-1].text in TEXTS.steps[turn.state.place].questions
    assert again.state.answers == turn.state.answers
    in_words = advance(waiting, Said("接着做安全计划"), TEXTS, LINES)
    assert in_words.bubbles[-1].text in TEXTS.steps[turn.state.place].questions


@pytest.mark.parametrize(
    "data", [{}, {"status": "flying"}, {**PlanState().to_json(), "answers": {"x": []}}, {**PlanState().to_json(), "asked": 1}]
)
def test_cannot_read_a_state_that_was_never_stored(data: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        PlanState.from_json(data)
