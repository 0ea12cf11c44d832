"""What is found wrong before Rasa is asked: each with its line and in plain Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest
from training_ground import FILES, lay_out

from bot.training.checks import Issue, Place, check
from bot.training.folder import TrainingFolder

ROOT = Path(__file__).resolve().parents[2]
DOMAIN, TELLING, TALK, RULES, STORIES = (
    "domain.yml",
    "data/nlu/telling.yml",
    "data/nlu/talk.yml",
    "data/rules/talk.yml",
    "data/stories/talk.yml",
)


def _found(folder: TrainingFolder, code: str, **files: str | None) -> list[Issue]:
    paths = {"domain": DOMAIN, "telling": TELLING, "talk": TALK, "rules": RULES, "stories": STORIES}
    return [issue for issue in check(folder.view({paths[name]: text for name, text in files.items()})) if issue.code == code]


def _lines(path: str, part: str, times: int = 1) -> int:
    """The line of a text's part in FILES, from 1."""
    return FILES[path][: FILES[path].index(part)].count("\n") + times


def test_our_own_folder_has_no_error() -> None:
    assert [issue for issue in check(TrainingFolder(ROOT).view()) if issue.severity == "error"] == []


def test_the_folder_of_these_tests_is_sound_but_for_what_nobody_says(folder: TrainingFolder) -> None:
    found = check(folder.view())
    assert [(issue.severity, issue.code, issue.path, issue.line) for issue in found] == [
        ("warning", "never_reached", DOMAIN, _lines(DOMAIN, "  utter_lost:"))
    ]


def test_broken_yaml_is_told_alone(folder: TrainingFolder) -> None:
    found = check(
        folder.view({STORIES: FILES[STORIES] + "- story: a\n\tsteps:\n", RULES: FILES[RULES].replace("greet", "nobody")})
    )
    assert [(issue.code, issue.path, issue.line) for issue in found] == [("yaml", STORIES, 19)]
    assert "制表符" in found[0].message


SHAPES = [
    (TALK, "nlu:\n- intent: greet\n  examples: 你好\n", "wrong_shape", 3),
    (TALK, FILES[TALK].replace("    - 在吗", "    在吗"), "not_an_example", 6),
    (TALK, "nlu:\n  intent: greet\n", "wrong_shape", 1),
    (TALK, "nlu:\n- greet\n", "wrong_shape", 2),
    (TALK, "nlu:\n- intents: greet\n  examples: |\n    - x\n", "no_name", 2),
    (TALK, "nlu:\n- intent: greet\n  examples: |\n", "no_examples", 2),
    (TALK, "nul:\n- intent: greet\n", "wrong_key", 1),
    (TALK, "- 你好\n", "wrong_shape", 1),
    (TALK, "", "empty_file", 1),
    (DOMAIN, FILES[DOMAIN] + "intents:\n- x\n", "repeated_key", FILES[DOMAIN].count("\n") + 1),
    (STORIES, "stories:\n- story: a\n", "no_steps", 2),
    (STORIES, "stories:\n- story: a\n  steps:\n  - intnet: greet\n", "wrong_step", 4),
    ("content/hotlines.yml", "a: 1\nb: 2\na: 3\n", "repeated_key", 3),
]


@pytest.mark.parametrize(
    ("path", "text", "code", "line"), SHAPES, ids=[f"{number} {row[2]}" for number, row in enumerate(SHAPES)]
)
def test_a_file_of_the_wrong_shape_is_told_with_its_line(
    folder: TrainingFolder, path: str, text: str, code: str, line: int
) -> None:
    assert (code, path, line) in [
        (issue.code, issue.path, issue.line) for issue in check(folder.view({path: text})) if issue.severity == "error"
    ]


NAMES = [
    (STORIES, "intent: greet", "intent: gret", "unknown_intent", "是不是想写 greet"),
    (STORIES, "utter_greet", "utter_gret", "unknown_action", "没有叫“utter_gret”的回复"),
    (STORIES, "action_support", "action_suport", "unknown_action", "是不是想写 action_support"),
    (STORIES, "active_loop: talk_form", "active_loop: walk_form", "unknown_form", "表单"),
    (STORIES, "active_loop: null", "slot_was_set:\n    - topik: x", "unknown_slot", "topic"),
    (TALK, "intent: greet", "intent: gret", "unknown_intent", "没有叫“gret”的意图"),
    (TELLING, "(duration)", "(dauer)", "unknown_entity", "dauer"),
    (DOMAIN, "payload: /night_shift", "payload: /day_shift", "unknown_intent", "按钮"),
    (DOMAIN, "      - stop\n", "      - stopp\n", "unknown_intent", "“reply”"),
    (DOMAIN, "    - reply\n", "    - replay\n", "unknown_slot", "talk_form"),
]


@pytest.mark.parametrize(
    ("path", "old", "new", "code", "said"), NAMES, ids=[f"{number} {row[3]}" for number, row in enumerate(NAMES)]
)
def test_a_name_that_nobody_knows_is_an_error_with_a_hint(
    folder: TrainingFolder, path: str, old: str, new: str, code: str, said: str
) -> None:
    found = [
        issue
        for issue in check(folder.view({path: FILES[path].replace(old, new, 1)}))
        if issue.code == code and issue.path == path
    ]
    assert found
    assert found[0].severity == "error"
    assert said in found[0].message
    assert (
        new.split("\n")[-1].strip(" -").split(": ")[0]
        in (folder.view({path: FILES[path].replace(old, new, 1)}).text(path) or "").split("\n")[found[0].line - 1]
    )


def test_the_same_sentence_in_two_intents_is_an_error_that_names_both(folder: TrainingFolder) -> None:
    found = _found(folder, "same_text", talk=FILES[TALK].replace("- 在吗", "- 想家了！"))
    assert [(issue.path, issue.line, issue.related) for issue in found] == [
        (TELLING, _lines(TELLING, "- 想家了"), (Place(TALK, 6),))
    ]
    assert "“homesick”" in found[0].message
    assert "“greet”" in found[0].message


def test_a_sentence_written_twice_and_a_held_back_one_that_is_taught_are_warnings(folder: TrainingFolder) -> None:
    assert _found(folder, "repeated_example", talk=FILES[TALK].replace("- 在吗", "- 你好"))[0].severity == "warning"
    held = 'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - 你好。\n'
    found = check(folder.view({"tests/understanding/held_back.yml": held}))
    assert ("warning", "held_back_taught", 5) in [(issue.severity, issue.code, issue.line) for issue in found]


def test_an_intent_of_a_rule_without_examples_is_an_error(folder: TrainingFolder) -> None:
    talk = FILES[TALK].replace("- intent: greet\n  examples: |\n    - 你好\n    - 在吗\n", "")
    assert [(issue.severity, issue.line) for issue in _found(folder, "no_examples", talk=talk)] == [
        ("error", _lines(DOMAIN, "- greet"))
    ]


def test_two_rules_that_begin_alike_and_end_otherwise_contradict(folder: TrainingFolder) -> None:
    other = "\n- rule: hello again\n  steps:\n  - intent: greet\n  - action: utter_stop\n"
    found = _found(folder, "rules_contradict", rules=FILES[RULES] + other)
    assert [(issue.line, issue.related) for issue in found] == [(FILES[RULES].count("\n") + 5, (Place(RULES, 7),))]
    assert "“hello again”和规则“hello”" in found[0].message
    assert "utter_stop" in found[0].message
    assert not _found(folder, "story_contradicts_rule", rules=FILES[RULES] + other)  # no story can go with both


def test_a_rule_that_goes_on_where_another_waits_contradicts(folder: TrainingFolder) -> None:
    longer = "\n- rule: hello longer\n  steps:\n  - intent: greet\n  - action: utter_greet\n  - action: utter_stop\n"
    assert "停下来等对方说话" in _found(folder, "rules_contradict", rules=FILES[RULES] + longer)[0].message


def test_rules_under_other_conditions_do_not_contradict(folder: TrainingFolder) -> None:
    inside = "\n- rule: hello in the form\n  condition:\n  - active_loop: talk_form\n  steps:\n  - intent: greet\n  - action: utter_stop\n"
    assert not _found(folder, "rules_contradict", rules=FILES[RULES] + inside)


def test_a_rule_written_twice_is_a_warning(folder: TrainingFolder) -> None:
    twice = "\n- rule: hello too\n  steps:\n  - intent: greet\n  - action: utter_greet\n"
    assert _found(folder, "rule_repeated", rules=FILES[RULES] + twice)[0].severity == "warning"


@pytest.mark.parametrize(
    "steps",
    [
        "  - intent: greet\n  - action: utter_stop\n",
        "  - intent: stop\n  - action: utter_stop\n  - intent: greet\n  - action: utter_greet\n  - action: utter_stop\n",
        "  - or:\n    - intent: homesick\n    - intent: greet\n  - action: utter_stop\n",
    ],
)
def test_a_story_that_does_something_else_than_the_rule_contradicts_it(folder: TrainingFolder, steps: str) -> None:
    found = _found(folder, "story_contradicts_rule", stories=FILES[STORIES] + "\n- story: another way\n  steps:\n" + steps)
    assert len(found) == 1
    assert "故事“another way”和规则“hello”矛盾" in found[0].message
    assert found[0].related[0].path == RULES


def test_a_form_that_goes_on_after_its_rule_contradicts_nothing(folder: TrainingFolder) -> None:
    assert not _found(folder, "story_contradicts_rule")


def test_two_stories_that_part_without_a_reason_contradict(folder: TrainingFolder) -> None:
    one = "\n- story: {0}\n  steps:\n  - intent: stop\n  - action: {1}\n"
    found = _found(
        folder, "stories_contradict", stories=FILES[STORIES] + one.format("a", "utter_stop") + one.format("b", "action_support")
    )
    assert len(found) == 1
    assert "故事“b”和故事“a”" in found[0].message


def test_a_story_that_nobody_answers_is_a_dead_end(folder: TrainingFolder) -> None:
    found = _found(
        folder,
        "dead_end",
        stories=FILES[STORIES]
        + "\n- story: left alone\n  steps:\n  - intent: greet\n  - action: utter_greet\n  - intent: homesick\n",
    )
    assert [(issue.severity, issue.line) for issue in found] == [("warning", FILES[STORIES].count("\n") + 6)]


def test_a_name_used_twice_is_told(folder: TrainingFolder) -> None:
    again = "\n- story: a night told\n  steps:\n  - intent: homesick\n  - action: utter_stop\n"
    assert _found(folder, "same_name", stories=FILES[STORIES] + again)[0].related == (Place(STORIES, 4),)


def test_a_long_wording_and_an_action_without_code_are_told(folder: TrainingFolder) -> None:
    domain = (
        FILES[DOMAIN].replace("好，停在这儿。", "好" * 91).replace("- action_support\n", "- action_support\n- action_dance\n")
    )
    assert [issue.line for issue in _found(folder, "long_wording", domain=domain)] == [_lines(DOMAIN, '- text: "好，停') + 1]
    assert "action_dance" in _found(folder, "action_without_code", domain=domain)[0].message


def test_an_unreadable_file_and_a_missing_domain_are_errors(tmp_path: Path) -> None:
    folder = lay_out(tmp_path)
    (tmp_path / "data/gbk.yml").write_bytes("夜班".encode("gbk"))
    assert [issue.path for issue in check(folder.view()) if issue.code == "unreadable"] == ["data/gbk.yml"]
    assert "no_domain" in [issue.code for issue in check(folder.view({DOMAIN: None, "data/gbk.yml": None}))]
