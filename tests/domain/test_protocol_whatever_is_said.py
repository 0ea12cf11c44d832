"""What holds for the gateway's safety conversation whatever is said and pressed, over the real content and every place."""

from __future__ import annotations

import re

import pytest
from ground import NOW, content, desk
from hypothesis import given, settings
from hypothesis import strategies as st
from protocol_talk import CALM, HIGH, IMMINENT, SHANGHAI, TOKYO, WATCH, Talk, found, numbers_in, texts

from bot.domain.asq import Asq, level_of
from bot.domain.conversation import Author
from bot.domain.protocol import ASK_DIRECTLY, OFFER_PLAN, Place, Voice
from bot.domain.risk import Cue, RiskFinding, RiskKind, RiskLevel, RiskSubject
from bot.domain.safety import SAFETY_SETS
from bot.domain.safety_plan_state import PlanState, PlanStatus

MOST = 90  # CLINICAL.md: characters a bubble
PLACES = [SHANGHAI, TOKYO, "America/Nowhere", *sorted(content().emergency_by_timezone)]
WORDS = [
    "有", "没有", "想过", "不想回答", "别问了", "不知道", "说不清", "嗯", "哈哈开玩笑的", "就是累", "撑不住了", "不知道，就是撑不住了", "活着没意思", "我想自杀", "昨天", "三年前",
    "组长在群里点名说我", "今天下雨", "写安全计划", "跳过", "先停", "一听到手机响就心慌", "我在拉各斯", "好", "看看我的计划", "把猫托给室友了",
]  # fmt: skip
FINDINGS = [
    CALM, CALM, CALM, CALM, WATCH, found(RiskLevel.WATCH, cue="exhausted"), found(RiskLevel.WATCH, RiskSubject.OTHER),
    found(RiskLevel.WATCH, cue="last_arrangements"), found(RiskLevel.HIGH, RiskSubject.OTHER), HIGH, IMMINENT,
    RiskFinding(RiskLevel.HIGH, RiskSubject.SELF, RiskKind.SUICIDE, score=0.9),
]  # fmt: skip
SAYING = st.tuples(st.just("say"), st.sampled_from(WORDS), st.sampled_from(FINDINGS))
PRESSING = st.tuples(st.just("press"), st.integers(0, 30), st.integers(0, 2))
SIGNAL = st.tuples(st.just("signal"), st.sampled_from([ASK_DIRECTLY, OFFER_PLAN]), st.none())
WAIT = st.tuples(st.just("wait"), st.sampled_from([0.1, 7, 13, 100]), st.none())
MOVES = st.lists(st.one_of(SAYING, SAYING, SAYING, PRESSING, SIGNAL, WAIT), max_size=25)


def play(talk: Talk, kind: str, one: object, two: object) -> None:
    offered = [reply for reply in talk.bubbles if reply.buttons]
    if kind == "say":
        talk.say(str(one), two)  # type: ignore[arg-type]
    elif kind == "signal":
        talk.signal(str(one))
    elif kind == "wait":
        talk.later(hours=one)  # type: ignore[arg-type]
    elif offered:
        buttons = offered[one % len(offered)].buttons  # type: ignore[operator]
        button = buttons[two % len(buttons)]  # type: ignore[operator]
        talk.say(button.title, payload=button.payload)


@settings(max_examples=150)
@given(st.sampled_from([SHANGHAI, TOKYO]), MOVES)
def test_whatever_is_said_bubbles_are_short_levels_never_fall_and_the_state_survives_storage(
    timezone: str, moves: list[tuple[str, object, object]]
) -> None:
    talk = Talk(timezone)
    for move in moves:
        before, count = talk.known, len(talk.steps)
        play(talk, *move)
        assert talk.known.level >= before.level
        if talk.known.asq is not None:
            assert Asq.from_json(talk.known.asq.to_json()) == talk.known.asq
        assert PlanState.from_json(talk.known.plan.to_json()) == talk.known.plan
        for step in talk.steps[count:]:
            said = [*step.first, *step.after]
            for reply in said:
                assert 0 < len(reply.text) <= MOST, reply.text
                assert "{" not in reply.text
            assert step.told.level >= step.finding.level
            assert step.voice is not Voice.BRIEF or step.after, "who is only heard in brief is asked at once"
            assert step.voice is not Voice.SILENT or step.first, "nobody is left without a word"
            fixed = [reply for reply in said if reply.author is Author.SAFETY]
            assert bool(fixed) is (step.safety_set is not None)
            assert said[: len(fixed)] == fixed, "the fixed text comes first"
            if step.finding.level is RiskLevel.IMMINENT:
                assert talk.open is None, "nothing is asked any more"
                assert talk.known.plan.status is not PlanStatus.BUILDING


@settings(max_examples=150)
@given(MOVES)
def test_no_direct_question_comes_twice_in_the_same_words_in_one_row(moves: list[tuple[str, object, object]]) -> None:
    talk = Talk()
    asked: list[str] = []
    begun: object = None
    for move in moves:
        count = len(talk.steps)
        play(talk, *move)
        for step in talk.steps[count:]:
            new = [r.text for r in (*step.first, *step.after) if any("/asq" in button.payload for button in r.buttons)]
            assert len(new) <= 1, "one question at a time"
            if talk.known.asq is not None and talk.known.asq.turns == 1 and new:
                asked, begun = [], talk.known.asq
            assert not set(new) & set(asked), begun
            asked += new


@settings(max_examples=60)
@given(st.sampled_from(WORDS), st.sampled_from([WATCH, found(RiskLevel.WATCH, cue="exhausted")]), st.sampled_from(PLACES))
def test_after_the_first_question_the_numbers_stand_in_the_next_turn_at_the_latest(
    text: str, finding: RiskFinding, timezone: str
) -> None:
    talk = Talk(timezone)
    talk.say("活着没意思" if finding is WATCH else "撑不住了", finding)
    step = talk.say(text)
    said = numbers_in(*step.first, *step.after)
    assert ("12356" in said) if timezone == SHANGHAI and text != "我在拉各斯" else ("12308" in said)
    assert talk.known.asq is not None
    assert level_of(talk.known.asq) <= talk.known.level


@pytest.mark.parametrize("name", SAFETY_SETS)
def test_every_fixed_wording_is_short_in_every_place_with_the_longest_quote(name: str) -> None:
    text = "长" * 14
    finding = RiskFinding(RiskLevel.HIGH, RiskSubject.SELF, RiskKind.SUICIDE, (Cue("wish", 0, 14),))
    for timezone in PLACES:
        for turn in range(len(content().safety.sets[name])):
            for words, cues in ((text, finding), ("", RiskFinding(RiskLevel.HIGH))):
                for reply in desk().fixed(words, cues, turn, Place(timezone, NOW), name):
                    assert 5 < len(reply.text) <= MOST, (timezone, reply.text)
                    assert "{" not in reply.text


def test_every_wording_of_the_questions_is_short_in_every_place() -> None:
    asq, place = content().asq, [Place(timezone, NOW) for timezone in PLACES]
    plain = [text for group in (asq.questions, asq.again, asq.heard) for wordings in group.values() for text in wordings]
    endings = [text for wordings in asq.closing.values() for bubbles in wordings for text in bubbles]
    lines = [text for wordings in content().safety.lines.values() for text in wordings]
    for text in (*plain, *asq.lead_in):
        assert len(text.replace("{words}", "坚持不下去")) <= MOST
    for text in (*asq.help, *endings, *lines):
        for each in place:
            assert len(desk().filled(text, each)) <= MOST, (each.timezone, text)


def test_no_wording_of_the_questions_breaks_what_a_safety_reply_must_not_do() -> None:
    asq = content().asq
    said = [text for group in (asq.questions, asq.again, asq.heard) for wordings in group.values() for text in wordings]
    said += [*asq.lead_in, *asq.help, *(text for each in asq.closing.values() for bubbles in each for text in bubbles)]
    for text in said:
        assert not re.search(
            r"亲爱|亲，|[！!]|没有吧|药|刀|绳|跳楼|割|烧炭|答应我|保证不|想想你|父母|抑郁症|诊断|保密|马上就到|24小时|(?<!\d)\d{3,}",
            text,
        ), text
    assert len(said) == len(set(said)), "no wording stands twice"


def test_abroad_no_text_names_a_number_that_can_not_be_dialled_there() -> None:
    for timezone in PLACES[1:]:
        talk = Talk(timezone)
        talk.say("活着没意思", WATCH)
        for answer in ("没有", "没有", "有", "没有", "有"):
            talk.say(answer)
        assert talk.known.level is RiskLevel.IMMINENT
        said = numbers_in(*talk.bubbles)
        assert "12356" not in said
        local = content().emergency_by_timezone.get(timezone)
        assert (local.ambulance in said) if local else ("当地急救电话" in said)


@pytest.mark.parametrize("third", ["有", "没有"])
def test_no_bubble_of_a_whole_row_comes_twice(third: str) -> None:
    for answers in (["没有", "没有", third, "有", "三年前", "没有"], ["有", "不知道", "有", third, "没有", "没有", "没有"]):
        talk = Talk()
        talk.say("活着没意思", WATCH)
        for answer in answers:
            if talk.open is not None:
                talk.say(answer)
        assert talk.open is None
        said = texts(*talk.bubbles)
        assert len(said) == len(set(said)), [text for text in said if said.count(text) > 1]
