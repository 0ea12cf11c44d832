"""The safety plan as a worker lives it: each step asked in turn, every answer kept, stopped and taken up at any place."""

from __future__ import annotations

import dataclasses
import json

import pytest

from bot.content import MAX_BUBBLE, load_safety_plan
from bot.domain.hotline import ShownLine
from bot.domain.safety_plan import Said, advance, begin, offer, pause, show
from bot.domain.safety_plan_state import STEPS, PlanState, PlanStatus, PlanStep
from bot.domain.safety_plan_talk import PlanTurn
from bot.settings import ROOT

TEXTS = load_safety_plan(ROOT / "content" / "safety_plan.yml")
LINES = (
    ShownLine("120", "急救", "24小时"),
    ShownLine("110", "报警", "24小时"),
    ShownLine("119", "火警和救援", "24小时"),
    ShownLine("12356", "全国心理援助热线", "可能不在服务时间"),
)
BUILDING, PAUSED, FINISHED = PlanStatus.BUILDING, PlanStatus.PAUSED, PlanStatus.FINISHED
QUESTIONS = {text: step for step in STEPS for text in TEXTS.steps[step].questions}


def _after(*words: str, state: PlanState | None = None) -> PlanTurn:
    """The turn after these words, from the first question on."""
    turn = PlanTurn(state) if state else begin(PlanState(), TEXTS, LINES)
    for each in words:
        turn = advance(turn.state, Said(each), TEXTS, LINES)
    return turn


def _press(turn: PlanTurn, title: str) -> PlanTurn:
    payload = next(button.payload for bubble in turn.bubbles for button in bubble.buttons if button.title == title)
    return advance(turn.state, Said(payload=payload), TEXTS, LINES)


def _at(step: PlanStep) -> PlanState:
    return _after(*["跳过"] * (step.number - 1)).state


def _texts(turn: PlanTurn) -> str:
    return "\n".join(bubble.text for bubble in turn.bubbles)


def _asked(turn: PlanTurn) -> PlanStep | None:
    return QUESTIONS.get(turn.bubbles[-1].text) if turn.bubbles else None


def _card(turn: PlanTurn) -> dict[str, object]:
    return next(bubble.custom for bubble in turn.bubbles if bubble.custom)


def test_the_seven_steps_come_in_the_order_of_stanley_and_brown() -> None:
    turn, seen = begin(PlanState(), TEXTS, LINES), []
    while turn.state.status is BUILDING:
        seen.append(_asked(turn))
        turn = _press(turn, "跳过这步")
    assert seen == list(STEPS)
    assert [step.number for step in STEPS] == [1, 2, 3, 4, 5, 6, 7]
    assert STEPS[-1] is PlanStep.WORTH_LIVING


def test_the_beginning_says_what_it_is_and_who_sees_it_before_the_first_question() -> None:
    turn = begin(PlanState(), TEXTS, LINES)
    assert [bubble.text for bubble in turn.bubbles[:2]] == [TEXTS.lines["opening"][0], TEXTS.lines["who_sees"][0]]
    assert _asked(turn) is PlanStep.WARNING_SIGNS


@pytest.mark.parametrize(
    ("words", "status"), [("好", BUILDING), ("嗯嗯", PlanStatus.OFFERED), ("来吧", BUILDING), ("不用了", PlanStatus.DECLINED),
    ("改天吧", PlanStatus.DECLINED)],
)  # fmt: skip
def test_an_offer_is_taken_or_left_in_plain_words(words: str, status: PlanStatus) -> None:
    assert _after(words, state=offer(PlanState(), TEXTS).state).state.status is status


def test_an_offer_passed_over_is_not_taken_by_a_later_nod() -> None:
    turn = _after("我组长今天又骂我", state=offer(PlanState(), TEXTS).state)
    assert not turn.is_handled
    assert not _after("嗯", state=turn.state).is_handled
    assert not _after("嗯", state=pause(offer(PlanState(), TEXTS).state)).is_handled
    assert _after("那做个安全计划吧", state=turn.state).state.status is BUILDING


def test_an_offer_follows_what_is_already_there() -> None:
    assert "第2步" in _texts(offer(pause(_at(PlanStep.ALONE)), TEXTS))
    finished = _after("跳过", state=_at(PlanStep.WORTH_LIVING)).state
    assert _texts(offer(finished, TEXTS)) in TEXTS.lines["offer_show"]


def test_an_answer_comes_in_pieces_and_one_question_for_more() -> None:
    turn = _after("睡不着")
    assert turn.bubbles[-1].text in TEXTS.lines["more"]
    turn = _after("不想接单", "手抖", state=turn.state)
    assert turn.bubbles[-1].text in TEXTS.lines["also"]
    turn = _after("没了", state=turn.state)
    assert turn.state.pieces(PlanStep.WARNING_SIGNS) == ("睡不着", "不想接单", "手抖")
    assert _asked(turn) is PlanStep.ALONE


@pytest.mark.parametrize(
    "end", ["没了", "没有了", "就这些", "完了", "没有", "好了", "不用了", "嗯", "下一步", "想不出来了", "说完了。"]
)
def test_every_plain_end_moves_on(end: str) -> None:
    assert _asked(_after("睡不着", end)) is PlanStep.ALONE


@pytest.mark.parametrize(
    ("words", "kept"),
    [("睡不着，没了", "睡不着"), ("手抖 就这些", "手抖"), ("嗯那个就是晚上不想说话就这些了", "嗯那个就是晚上不想说话")],
)
def test_an_answer_with_its_end_in_one_breath_moves_on(words: str, kept: str) -> None:
    turn = _after(words)
    assert turn.state.pieces(PlanStep.WARNING_SIGNS) == (kept,)
    assert _asked(turn) is PlanStep.ALONE


@pytest.mark.parametrize("words", ["胃口没了", "力气全没了", "觉得活儿干不完了", "话也没有了"])
def test_a_loss_is_an_answer_and_no_end(words: str) -> None:
    turn = _after(words)
    assert turn.state.pieces(PlanStep.WARNING_SIGNS) == (words,)
    assert turn.state.place is PlanStep.WARNING_SIGNS


@pytest.mark.parametrize("words", ["跳过", "跳过吧", "不想答这个", "我不想说", "过", "先空着", "这个不想写", "不想"])
def test_a_step_can_be_skipped(words: str) -> None:
    turn = _after(words)
    assert not turn.state.pieces(PlanStep.WARNING_SIGNS)
    assert _asked(turn) is PlanStep.ALONE


@pytest.mark.parametrize(
    "words",
    [
        "先停",
        "先停一下吧",
        "不做了",
        "改天",
        "改天再说吧",
        "不想做了",
        "算了",
        "先这样",
        "今天先到这吧",
        "别问了",
        "不写了",
        "我不想弄了",
    ],
)
def test_it_can_be_stopped_and_taken_up_at_the_same_step(words: str) -> None:
    before = _after("睡不着", "没了", "听歌").state
    stopped = _after(words, state=before)
    assert stopped.state.status is PAUSED
    again = _after("接着做安全计划", state=stopped.state)
    assert _asked(again) is PlanStep.ALONE
    assert "第2步" in again.bubbles[0].text
    assert again.state.answers == before.answers


def test_back_and_change_open_a_step_with_what_stands_there_and_return_to_the_open_one() -> None:
    turn = _after("睡不着", "没了", "听歌", "没了")
    assert turn.state.place is PlanStep.DISTRACTION
    for words, step in (("上一步", PlanStep.ALONE), ("改第1步", PlanStep.WARNING_SIGNS), ("回到第二步改一下", PlanStep.ALONE)):
        opened = _after(words, state=turn.state)
        assert _asked(opened) is step
        assert "1条" in opened.bubbles[0].text
        added = _after("下楼走走", "没了", state=opened.state)
        assert added.state.pieces(step)[-1] == "下楼走走"
        assert len(added.state.pieces(step)) == 2
        assert _asked(added) is PlanStep.DISTRACTION


@pytest.mark.parametrize("words", ["改第9步", "改第十二步", "改第几步"])
def test_a_step_that_is_none_only_asks_again(words: str) -> None:
    turn = _after(words)
    assert _asked(turn) is PlanStep.WARNING_SIGNS
    assert not turn.state.pieces_count


def test_only_a_plain_wish_takes_an_answer_away() -> None:
    turn = _after("睡不着", "手抖", "刚才那句不算")
    assert turn.state.pieces(PlanStep.WARNING_SIGNS) == ("睡不着",)
    assert _press(turn, "这步清掉重写").state.pieces(PlanStep.WARNING_SIGNS) == ()


@pytest.mark.parametrize(
    "words",
    [
        "你是机器人吗", "这有用吗？", "为什么要写这个", "我真的受不了了", "现在心里好难受", "今天组长当着所有人骂我手脚慢", "你好", "哈哈哈", "……", "😭",
        "给我转人工", "我想找咨询师", "你烦不烦",
        "我昨天跑了十二个小时的单子，有个顾客嫌我慢，在电话里骂了我快十分钟，我一句都没敢回，后来站长还扣了我五十块钱，我坐在楼道里半天没起来",
    ],
)  # fmt: skip
def test_what_is_no_answer_is_left_to_the_conversation_and_the_plan_waits(words: str) -> None:
    before = _after().state
    turn = _after(words, state=before)
    assert not turn.is_handled
    assert turn.bubbles == ()
    assert dataclasses.replace(turn.state, strays=before.strays) == before


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (PlanStep.WARNING_SIGNS, "就是晚上睡不着然后一个人躺着胡思乱想手机也不想看"), (PlanStep.WARNING_SIGNS, "心里特别烦"), (PlanStep.WARNING_SIGNS, "被骂的时候想哭"),
        (PlanStep.WARNING_SIGNS, "心慌，手抖，不想吃饭，不想接电话，躺着不开灯，头疼，老是发火，听见手机响就烦，衣服也不洗，门也不想出，跟谁都不想说话，想请假"),
        (PlanStep.ALONE, "难受的时候就骑车去河边兜风"), (PlanStep.ALONE, "去操场跑步"), (PlanStep.ALONE, "歇会儿"), (PlanStep.ALONE, "深呼吸"),
        (PlanStep.DISTRACTION, "没人的公园"), (PlanStep.PEOPLE, "打给我妈？"), (PlanStep.PEOPLE, "我姐 13800000000"),
        (PlanStep.PROFESSIONALS, "找单位的咨询师"), (PlanStep.WORTH_LIVING, "想看女儿上学"),
    ],
)  # fmt: skip
def test_an_answer_as_people_say_it_is_written_down_whole(step: PlanStep, words: str) -> None:
    assert _after(words, state=_at(step)).state.pieces(step) == (words,)


def test_an_answer_in_doubt_counts() -> None:
    assert _after("听歌算吗", state=_at(PlanStep.ALONE)).state.pieces(PlanStep.ALONE) == ("听歌",)


def test_after_a_telling_words_are_written_down_only_when_the_worker_says_so() -> None:
    turn = _after("现在心里好难受", "半年了")
    assert not turn.state.pieces_count
    assert _asked(turn) is PlanStep.WARNING_SIGNS
    kept = _press(turn, "就写刚才那句")
    assert kept.state.pieces(PlanStep.WARNING_SIGNS) == ("半年了",)
    assert _after("睡不着", state=turn.state).state.pieces(PlanStep.WARNING_SIGNS) == ("睡不着",)


@pytest.mark.parametrize("words", ["没有", "有", "嗯", "不知道", "没了", "不用"])
def test_after_a_telling_a_short_word_closes_no_step(words: str) -> None:
    turn = _after("现在心里好难受", words, state=_at(PlanStep.SAFE_PLACE))
    assert _asked(turn) is PlanStep.SAFE_PLACE
    assert turn.bubbles[0].text in TEXTS.lines["returned"]
    assert not turn.tells_means
    assert not turn.state.pieces_count


def test_who_does_not_know_gets_examples_and_at_last_an_empty_step() -> None:
    turn = _after("不知道")
    assert turn.bubbles[0].text == TEXTS.steps[PlanStep.WARNING_SIGNS].examples[0]
    turn = _after("什么意思", "想不出来", state=turn.state)
    assert _asked(turn) is PlanStep.ALONE


def test_nobody_to_ask_is_met_kindly_and_moves_on_to_the_professionals() -> None:
    turn = _after("没有人可以找", state=_at(PlanStep.PEOPLE))
    assert turn.bubbles[0].text in TEXTS.lines["nobody"]
    assert _asked(turn) is PlanStep.PROFESSIONALS


def test_the_lines_open_now_are_filled_in_with_emergency_first() -> None:
    numbers = _after("跳过", state=_at(PlanStep.PEOPLE)).bubbles[1].text
    assert numbers.index("120") < numbers.index("110") < numbers.index("12356（可能不在服务时间）")
    many = [*LINES, *(ShownLine("010-12345678", "很长很长的一条热线名字", "现在开着") for _ in range(5))]
    assert len(advance(_at(PlanStep.PEOPLE), Said("跳过"), TEXTS, many).bubbles[1].text) <= MAX_BUBBLE


def test_without_lines_only_the_question_is_asked_and_abroad_the_local_number_stands_first() -> None:
    turn = advance(_at(PlanStep.PEOPLE), Said("跳过"), TEXTS, ())
    assert [bubble.text in QUESTIONS for bubble in turn.bubbles] == [False, True]
    abroad = (ShownLine("", "当地急救电话", "请马上问身边的人"), ShownLine("+86-10-12308", "外交部领事保护热线", "24小时"))
    row = _card(show(_at(PlanStep.PEOPLE), TEXTS, abroad))["steps"][4]
    assert row["answers"] == ["当地急救电话（请马上问身边的人）"]
    assert [line["number"] for line in row["lines"]] == ["+86-10-12308"]


@pytest.mark.parametrize(
    ("words", "at_hand"),
    [("有", True), ("有的", True), ("就在抽屉里", True), ("还没放", True), ("舍不得扔", True), ("放我姐那里了", False), ("室友收着", False),
     ("没有", False), ("跳过", False)],
)  # fmt: skip
def test_means_at_hand_are_told_to_the_caller(words: str, at_hand: bool) -> None:
    assert _after(words, state=_at(PlanStep.SAFE_PLACE)).tells_means is at_hand


def test_means_at_hand_are_asked_away_before_anything_else_and_never_named_back() -> None:
    turn = _after("有", state=_at(PlanStep.SAFE_PLACE))
    assert turn.bubbles[-1].text in TEXTS.lines["put_away"]
    turn = _after("抽屉里的东西", state=_at(PlanStep.SAFE_PLACE))
    assert turn.bubbles[-1].text in TEXTS.lines["put_away"]
    assert "抽屉" not in _texts(turn)


def test_nothing_at_hand_stands_in_the_plan() -> None:
    turn = _after("没有", state=_at(PlanStep.SAFE_PLACE))
    assert turn.state.pieces(PlanStep.SAFE_PLACE) == ("手边没有这样的东西",)
    assert turn.bubbles[0].text in TEXTS.lines["none_at_hand"]


@pytest.mark.parametrize("words", ["想死的念头一直在", "药吃多了", "妈的烦", "1380000000012"])
def test_words_of_dying_means_and_curses_are_not_said_back(words: str) -> None:
    assert words not in _texts(_after(words))


def test_short_words_are_said_back_and_braces_are_only_words() -> None:
    assert "“听老歌”" in _texts(_after("听老歌", state=_at(PlanStep.ALONE)))
    assert _after("{lines}{0}", state=_at(PlanStep.ALONE)).state.pieces(PlanStep.ALONE) == ("{lines}{0}",)


def test_who_asks_who_sees_it_is_told_and_asked_again() -> None:
    for words in ("谁能看到", "老板会知道吗？", "这个给谁看啊"):
        turn = _after(words)
        assert turn.bubbles[0].text in TEXTS.lines["who_sees"]
        assert _asked(turn) is PlanStep.WARNING_SIGNS


def test_the_end_shows_the_whole_plan_and_that_no_counsellor_has_seen_it() -> None:
    turn = _after(
        "睡不着",
        "没了",
        "听歌",
        "没了",
        "便利店",
        "没了",
        "我姐",
        "没了",
        "王大夫",
        "没了",
        "放我姐那里",
        "没了",
        "我家猫",
        "没了",
    )
    assert turn.state.status is FINISHED
    assert "还没有和咨询师一起看过" in turn.bubbles[0].text
    assert "看看我的安全计划" in turn.bubbles[1].text
    assert "咨询师" in turn.bubbles[1].text
    card = _card(turn)
    assert card["kind"] == "safety_plan"
    assert card["note"] == "还没有和咨询师一起看过"
    assert [row["answers"] for row in card["steps"]] == [
        ["睡不着"],
        ["听歌"],
        ["便利店"],
        ["我姐"],
        ["王大夫"],
        ["放我姐那里"],
        ["我家猫"],
    ]
    assert card["steps"][4]["lines"][0] == {"number": "120", "name": "急救", "hours": "24小时"}


def test_an_empty_plan_still_holds_the_six_steps_and_the_lines() -> None:
    turn = _after("跳过", state=_at(PlanStep.WORTH_LIVING))
    assert turn.bubbles[1].text in TEXTS.lines["finished_empty"]
    assert [row["answers"] for row in _card(turn)["steps"]] == [["先空着，想到了再补"]] * 4 + [[], ["先空着，想到了再补"]]


def test_a_finished_plan_is_shown_and_changed_and_lets_the_rest_of_the_conversation_be() -> None:
    done = _after("睡不着", "没了", *["跳过"] * 6).state
    assert done.status is FINISHED
    assert _card(_after("看看我的安全计划", state=done))["steps"][0]["answers"] == ["睡不着"]
    assert _card(_after("做个安全计划", state=done))
    assert not _after("今天还行", state=done).is_handled
    turn = _after("改第2步", "听歌", "没了", state=done)
    assert turn.state.status is FINISHED
    assert _card(turn)["steps"][1]["answers"] == ["听歌"]


def test_without_a_plan_to_show_one_is_offered() -> None:
    turn = show(PlanState(status=PlanStatus.DECLINED), TEXTS, LINES)
    assert turn.bubbles[0].text in TEXTS.lines["nothing_yet"]
    assert _press(turn, "开始做").state.status is BUILDING


def test_looking_at_a_plan_half_way_keeps_the_place() -> None:
    turn = _after("睡不着", "看看我的安全计划")
    assert _card(turn)["steps"][0]["answers"] == ["睡不着"]
    assert _asked(turn) is PlanStep.WARNING_SIGNS
    waiting = show(pause(turn.state), TEXTS, LINES)
    assert waiting.state.status is PAUSED
    assert _press(waiting, "接着做").state.status is BUILDING


def test_a_late_press_of_an_old_button_skips_nothing() -> None:
    first = begin(PlanState(), TEXTS, LINES)
    moved = _press(first, "跳过这步")
    late = advance(moved.state, Said(payload=first.bubbles[-1].buttons[0].payload), TEXTS, LINES)
    assert late.is_handled
    assert _asked(late) is PlanStep.ALONE
    assert late.bubbles[-1].text != moved.bubbles[-1].text


@pytest.mark.parametrize("payload", ["/plan", "/plan{}", "/plan[1]", '/plan{"do":"fly"}', '/plan{"do":["skip"]}', "/plan{"])
@pytest.mark.parametrize("status", list(PlanStatus))
def test_a_button_that_says_nothing_is_answered_all_the_same(payload: str, status: PlanStatus) -> None:
    turn = advance(PlanState(status=status), Said(payload=payload), TEXTS, LINES)
    assert turn.is_handled
    assert turn.bubbles


def test_payloads_are_plain_json_after_the_name() -> None:
    skip, stop = begin(PlanState(), TEXTS, LINES).bubbles[-1].buttons
    assert json.loads(skip.payload.removeprefix("/plan")) == {"do": "skip", "at": "warning_signs"}
    assert json.loads(stop.payload.removeprefix("/plan")) == {"do": "stop"}
