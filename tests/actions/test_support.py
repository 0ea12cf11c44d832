"""Telling, deepening, nodding, changing, listening: what a worker meets over many turns."""

from __future__ import annotations

import itertools

from stage import Bubble, Stage

RIDER = [
    ("天天被扣钱，差评申诉也没用，跑一天白干", "work_stress", {}),
    ("站长派单也不公平，好单都给他亲戚", "workplace_conflict", {"confidence": 0.5, "person": "站长"}),
    ("我每天跑十四个小时，晚上腿都是抖的", "work_stress", {}),
    ("老婆还在老家带孩子，她也难，我不敢说", "vent_more", {"person": "老婆"}),
    ("怎么办啊 有没有啥法子", "work_stress", {}),
    ("嗯", "affirm", {}),
    ("我试过去送快递 更累", "nlu_fallback", {"feeling": "tired"}),
    ("上个月膝盖磕了一块，没人管", "nlu_fallback", {}),
    ("反正就是憋屈", "vent_more", {"feeling": "wronged"}),
    ("没有", "deny", {}),
    ("有时候停在路边就想哭一场", "low_mood", {"confidence": 0.6, "feeling": "sad"}),
    ("不是一次两次了", "nlu_fallback", {}),
    ("凭什么就我倒霉", "vent_more", {}),
    ("爸妈还以为我在外头挣大钱", "family_conflict", {"confidence": 0.6, "person": "爸妈"}),
    ("过年都不敢回去，说起来全是丢脸的事", "homesickness", {"confidence": 0.5}),
    ("不知道", "unsure", {}),
    ("嗯", "affirm", {}),
    ("我弟还管我借钱", "family_conflict", {"person": "弟弟"}),
    ("不借吧说我没良心", "nlu_fallback", {}),
    ("借了我自己喝西北风", "vent_more", {}),
    ("就这么耗着", "nlu_fallback", {}),
    ("谢谢你听我说", "thank", {}),
]


def names(bubbles: list[Bubble]) -> list[str]:
    return [bubble.response for bubble in bubbles]


def check_turn(bubbles: list[Bubble]) -> None:
    assert 1 <= len(bubbles) <= 3
    assert all(len(bubble.text) <= 90 for bubble in bubbles)
    assert sum("？" in bubble.text for bubble in bubbles) <= 1
    assert not any(bubble.buttons for bubble in bubbles[:-1])


def test_a_rider_talks_for_twenty_turns_and_never_meets_a_loop(stage: Stage) -> None:
    replies, texts = [], []
    for text, intent, rest in RIDER:
        bubbles = stage.say(text, intent, **rest)  # type: ignore[arg-type]
        check_turn(bubbles)
        replies.append(tuple(names(bubbles)))
        texts += [bubble.text for bubble in bubbles]
    assert len(texts) == len(set(texts))
    pairs = list(itertools.pairwise(replies))
    assert all(one != two for one, two in pairs)
    assert len(pairs) == len(set(pairs))
    shown = [turn for turn, reply in enumerate(replies) if "utter_offer_choices" in reply]
    assert len(shown) >= 2
    assert all(later - sooner >= 6 for sooner, later in itertools.pairwise(shown))


def test_the_first_answer_reflects_the_topic_and_asks_its_own_question(stage: Stage) -> None:
    bubbles = stage.say("跟我婆婆又吵了一架，三年了", "family_conflict", person="婆婆", duration="三年")
    assert names(bubbles) == ["utter_reflect_family_conflict", "utter_ask_family_conflict"]
    assert "婆婆" in bubbles[0].text
    assert (stage.slots["topic"], stage.slots["depth"], stage.slots["person"]) == ("family_conflict", 1, "婆婆")


def test_deepening_follows_the_words_then_explores_normalises_hints_and_offers(stage: Stage) -> None:
    stage.say("睡不着，天天三点还醒着", "sleep_problem")
    assert names(stage.say("嗯就是脑子停不下来", "nlu_fallback")) == [
        "utter_follow_sleep_problem",
        "utter_explore_sleep_problem",
    ]
    third = names(stage.say("白天上机器腿发软，我害怕出事", "nlu_fallback", feeling="afraid"))
    assert third == ["utter_listen_afraid", "utter_normalise_sleep_problem", "utter_ask_need"]
    fourth = stage.say("试过喝牛奶泡脚", "nlu_fallback")
    assert names(fourth) == ["utter_hint_sleep_problem", "utter_offer_choices"]
    assert fourth[-1].buttons == ["/start_exercise", "/start_screening", "/ask_counsellor", "/just_listen"]


def test_asking_for_advice_gets_something_to_do_and_a_decision_gets_weighed(stage: Stage) -> None:
    stage.say("领导天天当众说我", "workplace_conflict")
    assert "utter_hint_workplace_conflict" in names(stage.say("我该怎么办", "workplace_conflict"))
    assert "utter_weigh" in names(stage.say("我该不该辞职", "work_stress", confidence=0.5))


def test_a_new_topic_is_acknowledged_and_the_old_one_kept(stage: Stage) -> None:
    stage.say("项目压得喘不过气来了", "work_stress")
    changed = stage.say("孩子期中考又垫底，老师来电话", "parenting", confidence=0.7)
    assert "utter_topic_change" in names(changed)
    assert (stage.slots["topic"], stage.slots["second_topic"]) == ("parenting", "work_stress")
    back = stage.say("说到底还是那个项目闹的", "work_stress", confidence=0.7)
    assert "utter_topic_return" in names(back)


def test_two_topics_are_both_named_and_one_is_chosen(stage: Stage) -> None:
    ranking = {"work_stress": 0.45, "relationship": 0.35}
    both = stage.say("天天加班到十点，回家老公还嫌我不管孩子", "work_stress", ranking=ranking)
    assert names(both) == ["utter_two_topics"]
    assert both[0].buttons == ["/work_stress", "/relationship"]
    assert "工作上的压力" in both[0].text
    assert "感情上的事" in both[0].text
    chosen = stage.press("/relationship")
    assert names(chosen) == ["utter_choose_topic", "utter_ask_relationship"]
    assert (stage.slots["topic"], stage.slots["second_topic"]) == ("relationship", "work_stress")


def test_a_long_answer_to_the_two_topics_is_heard_not_only_filed(stage: Stage) -> None:
    stage.say("天天加班到十点，老公也嫌我", "work_stress", ranking={"work_stress": 0.4, "relationship": 0.35})
    told = stage.say("先说他吧，他说我挣那点钱还不如在家待着", "relationship")
    assert names(told)[0] == "utter_reflect_relationship"


def test_nods_get_room_then_an_easier_question_then_something_without_words(stage: Stage) -> None:
    stage.say("最近老想哭，也不知道为啥", "low_mood")
    assert names(stage.say("嗯", "affirm")) == ["utter_encourage"]
    assert names(stage.say("嗯", "affirm")) == ["utter_encourage", "utter_ask_easier"]
    assert names(stage.say("不知道", "unsure")) == ["utter_offer_easier"]
    assert stage.slots["topic"] == "low_mood"


def test_a_yes_accepts_an_offer_only_in_the_next_turn(stage: Stage) -> None:
    stage.say("想报个21天的课", "start_programme")
    assert names(stage.say("好", "affirm")) == ["utter_exercise_choose"]
    stage.press("/stop")
    stage.say("想报个21天的课", "start_programme")
    stage.say("最近上班太累了，想歇歇", "work_stress")
    assert names(stage.say("好", "affirm")) == ["utter_encourage"]


def test_only_listening_gives_no_advice_and_few_questions_for_eight_turns(stage: Stage) -> None:
    stage.say("就想说说", "just_listen")
    told = [
        "我妈昨天又打电话催婚，说我没出息",
        "我一句话没回她",
        "挂了电话我蹲在楼道里",
        "三十岁了，好像做什么都不对",
        "她也不容易，一个人拉扯我",
        "可我每次都觉得自己多余",
        "小时候也这样",
        "考了第二她问怎么不是第一",
        "我就是想听她夸我一句",
    ]
    replies = [stage.say(text, "family_conflict" if n % 2 else "nlu_fallback") for n, text in enumerate(told)]
    said = [name for reply in replies for name in names(reply)]
    assert not any(name.startswith(("utter_hint", "utter_offer", "utter_normalise", "utter_explore")) for name in said)
    assert [n + 1 for n, reply in enumerate(replies) if "utter_listen_ask" in names(reply)] == [3, 6, 9]
    assert [n + 1 for n, reply in enumerate(replies) if "utter_listen_check_in" in names(reply)] == [8]
    texts = [bubble.text for reply in replies for bubble in reply]
    assert len(texts) == len(set(texts))


def test_advice_comes_back_when_it_is_asked_for_while_listening(stage: Stage) -> None:
    stage.say("我跟我妈又吵了，心里堵", "family_conflict")
    stage.say("就想说说", "just_listen")
    assert "utter_hint_family_conflict" in names(stage.say("那我该怎么跟她开口", "family_conflict"))


def test_not_understood_with_nothing_open_is_asked_about_then_offers_a_person(stage: Stage) -> None:
    assert names(stage.say("那啥", "nlu_fallback")) == ["utter_clarify"]
    again = stage.say("就那个嘛", "nlu_fallback")
    assert names(again) == ["utter_clarify_again"]
    assert again[-1].card == {"kind": "not_understood"}, "the gateway is told that a person should look"
    assert names(stage.say("好", "affirm"))[0] == "utter_counsellor_requested"


def test_a_long_text_nobody_understood_is_a_story_all_the_same(stage: Stage) -> None:
    bubbles = stage.say("昨天夜里两点他给我发了一大段，我看完坐到天亮，也没回", "nlu_fallback")
    assert names(bubbles) == ["utter_reflect_general", "utter_ask_general"]


def test_half_sentences_in_the_middle_of_a_story_are_never_asked_about(stage: Stage) -> None:
    stage.say("昨天跟老公吵得很凶", "relationship", person="老公")
    assert "utter_clarify" not in names(stage.say("然后他就摔门走了", "nlu_fallback"))


def test_earlier_words_are_remembered(stage: Stage) -> None:
    stage.say("我从来没被夸过，干多少都一样", "work_stress")
    said = [name for n in range(6) for name in names(stage.say(f"后来又过了{n}天", "nlu_fallback"))]
    assert "utter_recall_words" in said


def test_neighbouring_topics_are_one_story(stage: Stage) -> None:
    stage.say("这个月又改了三版需求，天天到半夜", "work_stress")
    said = names(stage.say("组长还在群里点名说我磨洋工", "workplace_conflict", confidence=0.8))
    assert not any("topic" in name for name in said)
    assert (stage.slots["topic"], stage.slots["depth"]) == ("workplace_conflict", 2)


def test_a_death_told_on_the_way_is_not_put_on_a_list(stage: Stage) -> None:
    stage.say("孩子天天哭，没人搭把手", "parenting")
    said = names(stage.say("我妈要是还在就好了，她去年没的", "grief", person="妈妈"))
    assert "utter_reflect_grief" in said
    assert "utter_topic_change" not in said
    assert stage.slots["topic"] == "grief"


def test_a_newborn_gets_words_of_its_own(stage: Stage) -> None:
    stage.say("生完孩子两个月，一听他哭我就想跑", "parenting")
    assert names(stage.say("夜里就我一个人", "nlu_fallback"))[-1] == "utter_explore_newborn"
    assert "utter_normalise_newborn" in names(stage.say("三个钟头醒一回", "nlu_fallback"))
    assert "utter_hint_newborn" in names(stage.say("有什么办法吗", "nlu_fallback"))


def test_saying_sorry_for_talking_is_waved_off(stage: Stage) -> None:
    stage.say("跟我爸又吵了一架", "family_conflict")
    assert names(stage.say("对不起 我说多了", "nlu_fallback")) == ["utter_no_need_to_apologise"]
