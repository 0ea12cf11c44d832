"""The words of the domain: complete, short enough, and every name that an action may use stands there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from stage import ROOT, domain, executor, rules

from actions.reflection import FEELINGS
from actions.safety import ANSWERS, STEPS
from actions.services import ANSWERS as SERVICE_ANSWERS
from actions.topics import GENERAL, QUESTIONS, TOPICS

RESPONSES: dict[str, list[dict[str, Any]]] = domain()["responses"]
MOMENTS = ("reflect", "ask", "follow", "explore", "normalise", "hint")


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_a_response_has_three_wordings_of_at_most_90_characters_and_one_without_blanks(name: str) -> None:
    texts = [wording["text"] for wording in RESPONSES[name]]
    assert len(set(texts)) == len(texts) >= 3
    assert max(map(len, texts)) <= 90
    needs_values = {
        "utter_listen_quote", "utter_listen_echo", "utter_recall_words", "utter_two_topics", "utter_choose_topic", "utter_topic_change", "utter_topic_return",
        "utter_recall_second", "utter_two_troubles", "utter_back_to_topic", "utter_thought_record_summary",
    }  # fmt: skip
    assert name in needs_values or sum("{" not in text for text in texts) >= 2


@pytest.mark.parametrize("name", sorted(RESPONSES))
def test_a_response_never_uses_the_forbidden_tone(name: str) -> None:
    for wording in RESPONSES[name]:
        assert not re.search(r"亲[，,]|加油|！|!|抑郁症|焦虑症|24小时|功能开发中|想想你父母|您好", wording["text"])


def test_listening_has_at_least_twelve_wordings() -> None:
    assert min(len(RESPONSES[name]) for name in ("utter_listen", "utter_listen_quiet", "utter_encourage")) >= 12


def test_no_wording_stands_twice_in_the_domain() -> None:
    texts = [wording["text"] for wordings in RESPONSES.values() for wording in wordings]
    assert len(texts) == len(set(texts))


def test_every_name_an_action_may_build_exists() -> None:
    built = {f"utter_{moment}_{topic}" for moment in MOMENTS for topic in (*TOPICS, GENERAL, "newborn", "jobless", "shock")}
    built |= {f"utter_listen_{feeling}" for feeling in FEELINGS}
    built |= {f"utter_{path}_{step}" for path, steps in STEPS.items() for step in steps}
    built |= {f"utter_ask_{question}" for question in QUESTIONS}
    built |= {f"utter_safety_heard_{kind}" for kind in ANSWERS} | set(SERVICE_ANSWERS.values())
    for path in sorted((ROOT / "actions").glob("*.py")):
        built |= set(re.findall(r'"(utter_\w+)"', path.read_text(encoding="utf-8")))
    assert built <= set(RESPONSES)


def test_every_response_is_used() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "actions").glob("*.py"))
    named = {action for actions in rules().values() for action in actions} | set(re.findall(r"utter_\w+", code))
    families = r"utter_(?:reflect|ask|follow|explore|normalise|hint|listen|self|imminent|other|violence|threat|injury|medical|breathing|grounding|thought_record|safety_heard)_\w+"
    unused = [name for name in RESPONSES if name not in named and not re.fullmatch(families, name)]
    assert unused == []


def test_every_intent_has_a_rule_and_buttons_name_intents() -> None:
    intents = {next(iter(entry)) for entry in domain()["intents"]}
    assert intents | {"nlu_fallback"} == set(rules())
    assert len(intents) == 47
    payloads = {b["payload"] for wordings in RESPONSES.values() for w in wordings for b in w.get("buttons", [])}
    assert {re.match(r"/(\w+)", payload)[1] for payload in payloads} <= intents  # type: ignore[index]


def test_rasa_does_not_read_the_braces_of_a_payload_as_a_blank() -> None:
    payloads = [b["payload"] for wordings in RESPONSES.values() for w in wordings for b in w.get("buttons", [])]
    assert all("{{" in payload for payload in payloads if "{" in payload)


def test_the_domain_names_exactly_the_actions_there_are() -> None:
    ours = {name for name, run in executor().actions.items() if type(run.__self__).__module__.startswith("actions.")}
    assert set(domain()["actions"]) == ours


def test_one_slot_is_read_by_policies_and_no_action_needs_the_domain() -> None:
    assert [name for name, slot in domain()["slots"].items() if slot["influence_conversation"]] == ["exercise_opens"]
    assert all(isinstance(action, str) for action in domain()["actions"])
