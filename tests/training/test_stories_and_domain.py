"""Stories, rules and the domain as the pages list them; a story more at the end of a file."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from training_ground import FILES, lay_out

from bot.domain.errors import InvalidInput
from bot.training.domain import Button, reached, read_domain
from bot.training.examples import Span, annotated, entities_of, plain_text, same_words
from bot.training.folder import FileKind, TrainingFolder
from bot.training.stories import Use, append_story, story_files, uses_of_actions, uses_of_intents

STORY = {
    "story": "夜里的事",
    "steps": [
        {"intent": "night_shift"},
        {"action": "action_support"},
        {"slot_was_set": [{"topic": "night_shift"}]},
        {"active_loop": None},
    ],
}
STORIES = "data/stories/talk.yml"


def test_files_are_listed_with_their_stories_and_lines(folder: TrainingFolder) -> None:
    found = {one.path: one for one in story_files(folder.view())}
    assert {path: one.kind for path, one in found.items()} == {
        "data/rules/talk.yml": FileKind.RULES, STORIES: FileKind.STORIES, "tests/dialogue/talk.yml": FileKind.TESTS
    }  # fmt: skip
    assert [(item.name, item.line, item.steps) for item in found["data/rules/talk.yml"].items] == [
        ("hello", 4, 2),
        ("the form begins", 9, 4),
    ]


def test_a_use_names_file_line_and_what_it_stands_in(folder: TrainingFolder) -> None:
    assert uses_of_intents(folder.view())["stop"] == [
        Use(STORIES, 15, "story", "a night told"), Use("domain.yml", 25, "slot", "reply"), Use("domain.yml", 44, "button", "utter_greet")
    ]  # fmt: skip
    assert Use("tests/dialogue/talk.yml", 9, "test", "only hello") in uses_of_actions(folder.view())["utter_greet"]
    assert {use.kind for use in uses_of_actions(folder.view())["talk_form"]} == {"story", "rule"}


def test_the_domain_names_what_may_be_chosen(folder: TrainingFolder) -> None:
    domain = read_domain(folder.view())
    assert list(domain.intents) == ["night_shift", "homesick", "greet", "stop", "out_of_scope"]
    assert (list(domain.entities), list(domain.actions), list(domain.forms)) == (
        ["duration"],
        ["action_support"],
        ["talk_form"],
    )
    assert [(slot.name, slot.type) for slot in domain.slots] == [("topic", "text"), ("reply", "text")]
    greet = domain.responses[0]
    assert (greet.name, greet.line, len(greet.wordings)) == ("utter_greet", 40, 3)
    assert greet.wordings[0].buttons[1] == Button("先停一下", '/stop{{"topic": "none"}}')
    assert greet.wordings[1].line == 45


def test_a_broken_or_missing_domain_is_an_empty_one(folder: TrainingFolder) -> None:
    assert read_domain(folder.view({"domain.yml": "intents: ["})).intents == {}
    assert read_domain(folder.view({"domain.yml": None})).responses == ()


def test_a_response_is_reached_by_a_story_by_code_or_by_a_name_put_together(tmp_path: Path) -> None:
    code = 'WHERE = ("lost", "nowhere")\ndef said(place):\n    return f"utter_{place}"\n'
    assert set(reached(lay_out(tmp_path / "a").view())) == {"utter_greet", "utter_stop"}
    assert reached(lay_out(tmp_path / "b", {"actions/a.py": code}).view())["utter_lost"] == [
        Use("actions/a.py", 3, "code", "utter_{}")
    ]
    assert "utter_lost" not in reached(lay_out(tmp_path / "c", {"actions/a.py": code.replace('"lost", ', "")}).view())


def test_a_story_more_leaves_every_other_line(folder: TrainingFolder) -> None:
    edited = append_story(folder.view(), STORIES, STORY)
    text = edited.files[STORIES] or ""
    assert text.startswith(FILES[STORIES])
    assert yaml.safe_load(text)["stories"][-1] == STORY
    assert text.endswith(
        "\n\n- story: 夜里的事\n  steps:\n  - intent: night_shift\n  - action: action_support\n  - slot_was_set:\n    - topic: night_shift\n  - active_loop: null\n"
    )


@pytest.mark.parametrize("path", ["data/stories/from_conversations.yml", "tests/dialogue/from_conversations.yml"])
def test_a_file_that_is_none_yet_begins_with_the_story(folder: TrainingFolder, path: str) -> None:
    edited = append_story(folder.view(), path, STORY)
    assert yaml.safe_load(edited.files[path] or "") == {"version": "3.1", "stories": [STORY]}
    again = append_story(folder.view(edited.files), path, {**STORY, "story": "又一夜"})
    assert [item["story"] for item in yaml.safe_load(again.files[path] or "")["stories"]] == ["夜里的事", "又一夜"]


def test_a_story_written_as_yaml_is_taken_with_its_comments(folder: TrainingFolder) -> None:
    edited = append_story(
        folder.view(), "data/rules/talk.yml", "  rule: 想家\n  steps:\n  - intent: homesick  # 老家\n  - action: utter_stop\n"
    )
    assert (edited.files["data/rules/talk.yml"] or "").endswith(
        "\n\n- rule: 想家\n  steps:\n  - intent: homesick  # 老家\n  - action: utter_stop\n"
    )


def test_an_empty_list_of_stories_takes_its_first(folder: TrainingFolder) -> None:
    for begun in ("stories: []\n", "stories:\n", '# mine\nversion: "3.1"\n', ""):
        edited = append_story(folder.view({STORIES: begun}), STORIES, STORY)
        assert yaml.safe_load(edited.files[STORIES] or "")["stories"] == [STORY]


@pytest.mark.parametrize(
    ("path", "item", "said"),
    [
        (STORIES, {**STORY, "story": "a night told"}, "已经有叫"),
        (STORIES, {**STORY, "story": " "}, "要有名字"),
        (STORIES, {**STORY, "story": "x" * 81}, "太长"),
        (STORIES, {**STORY, "story": "../x"}, "不能用的字符"),
        (STORIES, {"story": "空的", "steps": []}, "还没有一步"),
        (STORIES, "story: x\n\tsteps: []\n", "第 2 行"),
        (STORIES, "- story: a\n  steps: []\n- story: b\n  steps: []\n", "一次加一个"),
        ("data/nlu/talk.yml", STORY, "要放在"),
        ("content/x.yml", STORY, "要放在"),
    ],
)
def test_what_is_no_story_is_refused_in_chinese(
    folder: TrainingFolder, path: str, item: dict[str, object] | str, said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        append_story(folder.view(), path, item)
    assert said in refused.value.reader_text


def test_annotations_are_made_and_taken_away() -> None:
    marked = annotated("倒班三年了，[真]的累", [Span("duration", 2, 4), Span("feeling", 10, 11, "tired")])
    assert marked == "倒班[三年](duration)了，［真］的[累](feeling:tired)"
    assert plain_text(marked) == "倒班三年了，［真］的累"
    assert entities_of(marked + '[我妈]{"entity": "person", "value": "妈妈"}') == ["duration", "feeling", "person"]


@pytest.mark.parametrize(
    "spans",
    [[Span("a", 0, 3), Span("b", 2, 4)], [Span("a", 3, 99)], [Span("a", 2, 2)], [Span("a b", 0, 1)], [Span("a", 0, 1, "x)")]],
)
def test_spans_that_do_not_fit_are_refused(spans: list[Span]) -> None:
    with pytest.raises(InvalidInput):
        annotated("倒班三年了", spans)


def test_the_same_words_are_known_by_width_case_spaces_and_last_marks() -> None:
    assert same_words("OK 了。") == same_words("ｏｋ了！！") == same_words("[ok](x)了")
    assert same_words("睡不着") != same_words("睡得着")
    assert same_words("？") != same_words("！")
