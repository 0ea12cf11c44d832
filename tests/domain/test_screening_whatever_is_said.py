"""Every scale under any row of sayings and presses: nothing lost, nothing asked twice in the same words, always to be taken up."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from screening_talk import Run, scales, texts

from bot.content import MAX_BUBBLE
from bot.domain.questionnaire import next_item, progress
from bot.domain.questionnaire import score as scored
from bot.domain.questionnaire_definition import Sex
from bot.domain.screening import pause, resume
from bot.domain.screening_state import OPEN, RunStatus, ScreeningState
from bot.domain.screening_talk import ScreeningTurn

COMMANDS = (
    "上一题", "改第3题", "改第2题", "第1题改成几乎每天", "什么意思", "先停一下", "接着做测评", "不想答这个", "做到哪了", "谁能看到", "是诊断吗", "要多久", "好",
    "对", "不是", "嗯", "有时", "还好", "没有", "几乎每天", "好几天", "经常", "偶尔", "有", "1", "0", "3", "第二个", "同意", "不用了", "我好难受", "你是机器人吗",
    "昨天被组长骂了一顿，回来一晚上没合眼", "找真人", "男", "女", "跳过", "给咨询师看", "不知道",
)  # fmt: skip
PRESSES = st.integers(min_value=0, max_value=5)  # the button of this number, of those shown last
RESUMES = st.just(-1)
SAYINGS = st.lists(st.sampled_from(COMMANDS) | PRESSES | PRESSES | RESUMES | st.text(max_size=60), max_size=40)
NAMES = st.sampled_from(sorted(scales()))


def _do(run: Run, saying: str | int) -> ScreeningTurn:
    if isinstance(saying, str):
        return run.say(saying)
    if saying < 0:
        return run.resume()
    return run.button(saying % len(run.buttons)) if run.buttons else run.press("/screening{}")


@settings(max_examples=300, deadline=None, database=None)
@given(NAMES, SAYINGS, st.booleans())
def test_whatever_is_said_no_answer_is_lost_and_nothing_is_asked_twice_in_the_same_words(
    name: str, sayings: list[str | int], has_consent: bool
) -> None:
    run = Run(name, has_consent=has_consent)
    question = run.shown[-1].text
    for saying in sayings:
        before = run.state
        turn = _do(run, saying)
        after = run.state
        assert after == turn.state
        changed = {link for link in after.answers if link in before.answers and after.answers[link] != before.answers[link]}
        assert set(before.answers) <= set(after.answers)
        assert changed <= {before.place} | ({"1"} if saying == "第1题改成几乎每天" else set())
        assert len(set(after.answers) - set(before.answers)) <= 1
        assert all(0 < len(bubble.text) <= MAX_BUBBLE for bubble in turn.bubbles)
        assert all("{" not in bubble.text for bubble in turn.bubbles)
        asked = [bubble.text for bubble in turn.bubbles if any('"score"' in each.payload for each in bubble.buttons)]
        assert len(asked) <= 1
        assert question not in asked
        question = asked[0] if asked else question
        if turn.is_story:
            assert turn.bubbles
        if turn.alerts and any(rule.is_asked or rule.level for rule in turn.alerts):
            assert after.status in (RunStatus.PAUSED, RunStatus.CONFIRMING, RunStatus.FINISHED)
        if not before.has_agreed and not turn.is_consent:
            assert after.answers == {}


@settings(max_examples=200, deadline=None, database=None)
@given(NAMES, SAYINGS)
def test_wherever_it_stands_it_can_be_stopped_and_taken_up_at_the_same_item(name: str, sayings: list[str | int]) -> None:
    run = Run(name)
    for saying in sayings:
        _do(run, saying)
    if run.state.status not in OPEN:
        return
    place, answers = run.state.place, run.state.answers
    run.say("先停一下")
    assert run.state.status is RunStatus.PAUSED
    waiting = ScreeningState.from_json(pause(run.state).to_json())
    again = resume(waiting, run.paper)
    assert (again.state.place, again.state.answers) == (place, answers)
    assert again.state.status is RunStatus.ASKING
    in_words = run.say("接着做测评")
    assert (in_words.state.place, in_words.state.answers) == (place, answers)


@settings(max_examples=200, deadline=None, database=None)
@given(NAMES, SAYINGS, st.integers(min_value=0, max_value=7))
def test_every_run_comes_to_an_end_and_its_score_is_that_of_the_answers_kept(
    name: str, sayings: list[str | int], last: int
) -> None:
    run = Run(name)
    for saying in sayings:
        _do(run, saying)
    for _ in range(60):
        if run.state.status not in OPEN | {RunStatus.PAUSED}:
            break
        if run.state.status is RunStatus.PAUSED:
            run.resume()
        elif run.state.status is RunStatus.CONFIRMING:
            run.titled(texts().buttons["right"])
        else:
            item = run.paper.item(run.state.place)
            assert item is not None
            run.answer(item.options[last % len(item.options)].score)
    assert run.state.status in (RunStatus.FINISHED, RunStatus.STOPPED)
    if run.state.status is RunStatus.FINISHED:
        questionnaire, answers = run.paper.questionnaire, run.state.answers
        assert next_item(questionnaire, answers) is None
        assert progress(questionnaire, answers).done == progress(questionnaire, answers).of
        total = scored(questionnaire, answers, run.state.sex or Sex.UNSAID).total
        assert total is None or f"{total:g}分" in run.result


@settings(max_examples=100, deadline=None, database=None)
@given(SAYINGS)
def test_a_nine_of_one_or_more_never_stays_without_its_alert(sayings: list[str | int]) -> None:
    run = Run("phq-9")
    for saying in [*(0,) * 8, *sayings]:
        _do(run, saying)
    if "9" in run.state.answers and run.state.answers["9"] != 0:
        assert any(rule.id.startswith("item-9") and not rule.id.endswith("-unconfirmed") for rule in run.alerts)
