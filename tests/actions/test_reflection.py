"""Which of the worker's own words are given back, and what is read from a message."""

from __future__ import annotations

import pytest

from actions import reflection
from actions.turn import Turn


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("站长骂我当着全站的人，我一句没回", "站长骂我当着全站的人"),
        ("然后我就蹲在楼道里哭，后来自己起来了", "我就蹲在楼道里哭"),
        ("其实我不敢跟家里说。他们觉得我挺好的", "我不敢跟家里说"),
        ("今天吃了面条，又去了趟超市", None),
        ("烦", None),
        ("领导来了", None),
    ],
)
def test_quotes_the_weightiest_clause_of_the_workers_own(text: str, quote: str | None) -> None:
    assert reflection.pick_quote(text) == quote


@pytest.mark.parametrize(
    "text",
    [
        "我一直在想死的事",
        "他妈的天天扣我钱",
        "我难受得想跳楼",
        "我怕你也听烦了",
        "我一直打13800001111没人接",
        "到底怎么办我好难受",
        "我真的受不了了吗",
        "活着真没意思",
    ],
)
def test_never_quotes_curses_danger_numbers_questions_or_words_to_the_bot(text: str) -> None:
    assert reflection.pick_quote(text) is None


def test_does_not_quote_the_same_clause_twice() -> None:
    assert reflection.pick_quote("我不敢说", already_quoted="我不敢说") is None


def test_a_new_feeling_comes_before_the_quote_and_a_repeated_one_after() -> None:
    new = Turn(text="我不敢说 心里很怕", entities={"feeling": "afraid"})
    again = Turn(text="我不敢说 心里很怕", entities={"feeling": "afraid"}, slots={"feeling": "afraid"})
    first, second = reflection.follow_content(new), reflection.follow_content(again)
    assert first is not None
    assert first[0].response == "utter_listen_afraid"
    assert second is not None
    assert second[0].response == "utter_listen_quote"


def test_an_unknown_feeling_value_is_ignored() -> None:
    assert reflection.follow_content(Turn(text="嗯嗯", entities={"feeling": "hungry"})) is None


def test_a_person_is_followed_only_when_new() -> None:
    turn = Turn(text="老公回来了", entities={"person": "老公"})
    followed = reflection.follow_content(turn)
    assert followed is not None
    assert followed[0].values == {"person": "老公"}
    assert reflection.follow_content(Turn(text="老公回来了", entities={"person": "老公"}, slots={"person": "老公"})) is None


@pytest.mark.parametrize("text", ["这可咋整", "我该怎么跟她说", "要不要辞职啊", "给我出个主意", "这样值得吗"])
def test_knows_when_advice_is_asked_for(text: str) -> None:
    assert reflection.asks_advice(text)


@pytest.mark.parametrize("text", ["他怎么这样", "我跟他说了", "没办法就这么过"])
def test_does_not_take_a_sigh_for_a_question(text: str) -> None:
    assert not reflection.asks_advice(text)


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("我同事上周跳楼走了", True),
        ("表弟去年自杀身亡，我还是想不通", True),
        ("我室友说想自杀", False),
        ("她喝药了，救回来了，在医院", False),
        ("他是不是想跳楼了", False),
    ],
)
def test_tells_a_loss_to_suicide_from_a_danger_now(text: str, lost: bool) -> None:
    assert reflection.tells_of_suicide_loss(text) is lost


def test_clip_gives_one_line_without_brackets() -> None:
    assert reflection.clip("他说\n{x} 然后 0[1]") == "他说 （x） 然后 0（1）"
    assert len(reflection.clip("好" * 50)) == 24


@pytest.mark.parametrize("text", ["你就会问", "复读机", "你根本没听我说", "跟你说了也白说", "你倒是说句话啊"])
def test_a_complaint_about_the_program_is_heard_as_one(text: str) -> None:
    assert reflection.complains(text)


@pytest.mark.parametrize("text", ["这会说什么都没用", "他就会说我不行", "老公根本没听我说", "领导说的都是废话"])
def test_a_complaint_about_others_is_none(text: str) -> None:
    assert not reflection.complains(text)
