"""While the gateway asks its direct questions: one line of hearing before them, nothing beside them, and no request is lost."""

from __future__ import annotations

import pytest
from stage import Bubble, Stage, executor

from actions.base import SupportAction

WATCH = ("watch", "self", "suicide")
HIGH = ("high", "self", "suicide")
FIRST = "最近天天加班到十一点，回家还跟老公吵，感觉撑不住"


def names(bubbles: list[Bubble]) -> list[str]:
    return [bubble.response for bubble in bubbles]


def cards(bubbles: list[Bubble]) -> list[str]:
    return [bubble.card["kind"] for bubble in bubbles if bubble.card]


def tell_first(stage: Stage) -> list[Bubble]:
    ranking = {"work_stress": 0.35, "burnout": 0.2, "relationship": 0.15}
    return stage.say(
        FIRST, "work_stress", 0.35, ranking, WATCH, ("passive_wish",), voice="brief", person="老公", time="最近"
    )  # fmt: skip


def test_both_troubles_are_named_before_the_question_and_kept_for_after_it(stage: Stage) -> None:
    (heard,) = tell_first(stage)
    assert heard.response == "utter_two_troubles"
    assert "加班" in heard.text
    assert "跟老公吵架" in heard.text
    assert (stage.slots["topic"], stage.slots["second_topic"]) == ("work_stress", "relationship")


@pytest.mark.parametrize(
    ("text", "intent", "heard"),
    [
        ("活着真没意思", "low_mood", "utter_selfharm_notice"),
        ("我不想活了", "disclose_self_harm", "utter_selfharm_notice"),
        ("撑不下去了", "burnout", "utter_tired_notice"),
        ("快熬不住了", "nlu_fallback", "utter_tired_notice"),
    ],
)
def test_brief_gives_one_line_of_hearing_without_a_question_or_a_signal(
    stage: Stage, text: str, intent: str, heard: str
) -> None:
    bubbles = stage.say(text, intent, risk=WATCH, voice="brief")
    assert names(bubbles) == [heard]
    assert "？" not in bubbles[0].text
    assert (bubbles[0].buttons, bubbles[0].card) == ([], None)


INTENTS = ["work_stress", "nlu_fallback", "deny", "affirm", "greet", "thank", "insult", "complain", "goodbye", "stop", "help",
           "ask_hotline", "ask_privacy", "start_exercise", "start_screening", "log_mood", "report_violence", "worry_about_other",
           "grief", "disclose_self_harm", "just_listen", "feel_better", "are_you_human", "book_appointment"]  # fmt: skip


@pytest.mark.parametrize("intent", INTENTS)
@pytest.mark.parametrize("risk", [WATCH, ("none", "none", "none")])
def test_whatever_was_understood_brief_leaves_room_for_the_question(intent: str, risk: tuple[str, str, str]) -> None:
    stage = Stage()
    stage.say("领导天天当众说我", "workplace_conflict")
    bubbles = stage.say("我真的有点扛不住了", intent, 0.95, risk=risk, voice="brief")
    assert len(bubbles) == 1
    assert "？" not in bubbles[0].text
    assert bubbles[0].buttons == []
    assert stage.loop is None


@pytest.mark.parametrize("intent", INTENTS)
def test_silent_says_nothing_and_keeps_what_was_told(intent: str) -> None:
    stage = Stage()
    tell_first(stage)
    before = dict(stage.slots)
    assert stage.say("没有", intent, 0.95, voice="silent") == []
    assert stage.slots == before


def test_after_the_questions_the_story_goes_on_where_it_stood(stage: Stage) -> None:
    stage.say("睡不着，天天三点还醒着", "sleep_problem")
    depth = stage.slots["depth"]
    stage.say("有时候觉得活着没意思", "low_mood", risk=WATCH, voice="brief")
    for answer in ("有", "没有", "没有", "没有", "没有"):
        stage.say(answer, "deny", voice="silent")
    assert (stage.slots["topic"], stage.slots["depth"]) == ("sleep_problem", depth)
    assert names(stage.say("嗯就是脑子停不下来", "nlu_fallback"))[-1] == "utter_explore_sleep_problem"


def test_who_asks_for_a_person_beside_a_sign_is_answered_in_brief_and_the_counsellors_are_told(stage: Stage) -> None:
    bubbles = stage.say("我撑不住了，给我找个真人", "ask_counsellor", 0.95, risk=WATCH, voice="brief")
    assert names(bubbles) == ["utter_counsellor_requested"]
    assert cards(bubbles) == ["handoff"]
    assert stage.slots["handoffs"] == 1


def test_a_doubtful_request_beside_a_sign_is_only_heard(stage: Stage) -> None:
    stage.say("领导天天当众说我", "workplace_conflict")
    bubbles = stage.say("我真的扛不住了", "ask_hotline", 0.45, risk=WATCH, voice="brief")
    assert len(bubbles) == 1
    assert names(bubbles)[0] in ("utter_tired_notice", "utter_listen_tired", "utter_listen_quote")


@pytest.mark.parametrize("voice", ["brief", "silent"])
def test_a_sign_inside_an_exercise_pauses_it(stage: Stage, voice: str) -> None:
    stage.press('/start_exercise{"exercise": "thought_record"}')
    stage.say("组长在群里说我效率低", "work_stress")
    notes, step = stage.slots["exercise_notes"], stage.slots["exercise_step"]
    said = stage.say("我真的扛不住了", "burnout", risk=WATCH, voice=voice)
    assert len(said) == (1 if voice == "brief" else 0)
    assert (stage.loop, stage.slots["exercise_state"]) == (None, "paused")
    assert (stage.slots["exercise_notes"], stage.slots["exercise_step"]) == (notes, step)
    assert stage.slots["exercise_reply"] is None, "the answer to the gateway is none to the exercise"
    assert stage.slots["requested_slot"] is None
    assert names(stage.press("/start_exercise"))[-1] == "utter_exercise_resume"


def test_every_action_says_nothing_when_the_gateway_speaks_alone() -> None:
    ours = [run.__self__ for run in executor().actions.values() if isinstance(run.__self__, SupportAction)]
    assert len(ours) > 10
    for action in ours:
        stage = Stage()
        tell_first(stage)
        stage.say("没有", "deny", voice="silent")
        _, messages = stage.run_once(action.name())
        assert messages == [], action.name()


@pytest.mark.parametrize("carried", ["none", "watch"])
def test_the_row_of_safety_questions_closes_when_a_human_has_lowered_the_level(stage: Stage, carried: str) -> None:
    stage.say("天天站十二个钟头腰都直不起来", "burnout")
    stage.say("我不想活了", "disclose_self_harm", risk=HIGH)
    stage.say("就我一个人", "nlu_fallback")
    assert stage.slots["path"] == "self"
    said = names(stage.say("今天又站了十二个钟头", "burnout", carried=carried))
    assert not [name for name in said if name.startswith(("utter_self_", "utter_safety_"))]
    assert (stage.slots["path"], stage.slots["left_path"]) == (None, None)


@pytest.mark.parametrize("carried", ["high", "imminent"])
def test_the_row_stays_open_while_the_level_stands(stage: Stage, carried: str) -> None:
    stage.say("我不想活了", "disclose_self_harm", risk=HIGH, carried=carried)
    stage.say("今天挺好的", "feel_better", carried=carried)
    assert stage.slots["path"] == "self"


def test_a_row_that_waits_behind_another_closes_as_well_and_the_other_goes_on(stage: Stage) -> None:
    stage.say("我不想活了", "disclose_self_harm", risk=HIGH)
    stage.say("老公又打我", "report_violence", 0.95)
    assert (stage.slots["path"], stage.slots["left_path"]) == ("violence", "self")
    stage.say("在楼下小卖部", "nlu_fallback", carried="watch")
    assert stage.slots["left_path"] is None


def test_a_new_sign_at_high_opens_the_row_again_after_it_was_lowered(stage: Stage) -> None:
    stage.say("我不想活了", "disclose_self_harm", risk=HIGH)
    stage.say("今天好多了", "feel_better", carried="none")
    assert names(stage.say("又不想活了", "disclose_self_harm", risk=HIGH))[-1] == "utter_self_company"


def test_words_understood_as_a_wish_where_the_screen_found_none_ask_the_gateway_to_ask(stage: Stage) -> None:
    bubbles = stage.say("真想一了百了算了", "disclose_self_harm", 0.8)
    assert names(bubbles) == ["utter_selfharm_notice"]
    assert cards(bubbles) == ["ask_directly"]
    assert "？" not in bubbles[0].text


def test_nothing_is_signalled_while_asking_directly_rests(stage: Stage) -> None:
    assert cards(stage.say("真想一了百了算了", "disclose_self_harm", 0.8, rests=True)) == []
    assert cards(stage.say("我哥上个月自杀走了", "grief", rests=True)) == []


def test_a_doubtful_understanding_is_no_reason_to_ask_directly(stage: Stage) -> None:
    stage.say("跟男朋友异地两年了", "relationship")
    assert cards(stage.say("想死你了", "disclose_self_harm", 0.3)) == []


def test_after_the_row_of_safety_questions_a_plan_is_offered_once(stage: Stage) -> None:
    offered = [cards(stage.say("我不想活了", "disclose_self_harm", risk=HIGH))]
    offered += [cards(stage.say(f"说不好，脑子里乱，{turn}", "nlu_fallback")) for turn in range(16)]
    assert [each for each in offered if each] == [["offer_plan"]]
