"""Edits of a trainer: what they change, line by line, and what they refuse."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from training_ground import FILES, lay_out

from bot.domain.errors import Incomplete, InvalidInput
from bot.training.checks import check
from bot.training.edits import Edited, apply_edit
from bot.training.examples import examples, held_back
from bot.training.folder import HELD_BACK, TrainingFolder
from bot.training.stories import uses_of_intents

TELLING, TALK = "data/nlu/telling.yml", "data/nlu/talk.yml"


def _changed(folder: TrainingFolder, edited: Edited, path: str) -> list[str]:
    """The lines that an edit took (-) and gave (+)."""
    old, new = folder.view().text(path) or "", edited.files[path] or ""
    return [line for line in difflib.ndiff(old.splitlines(), new.splitlines()) if line[:1] in "+-"]


def _edit(folder: TrainingFolder, name: str, **fields: Any) -> Edited:
    return apply_edit(folder.view(), {"edit": name, **fields})


def _taught(folder: TrainingFolder, edited: Edited, intent: str) -> list[str]:
    return [one.text for one in examples(folder.view(edited.files)) if one.intent == intent]


def test_one_example_more_is_one_line_more(folder: TrainingFolder) -> None:
    edited = _edit(folder, "add_examples", intent="night_shift", examples=["夜班[两年](duration)了，人都熬垮了"])
    assert list(edited.files) == [TELLING]
    assert _changed(folder, edited, TELLING) == ["+     - 夜班[两年](duration)了，人都熬垮了"]


def test_what_the_intent_has_already_is_not_added_again(folder: TrainingFolder) -> None:
    edited = _edit(folder, "add_examples", intent="homesick", examples="- 想家了。\n\n  想 妈妈  了 \n- 想妈妈了\n")
    assert _changed(folder, edited, TELLING) == ["+     - 想 妈妈 了"]
    assert edited.summary == "给“homesick”加了 1 句，2 句本来就有"


def test_a_changed_example_is_one_changed_line(folder: TrainingFolder) -> None:
    edited = _edit(
        folder, "change_example", intent="night_shift", old="倒班倒了[三年](duration)", new="倒班倒了[三年](duration)多"
    )
    assert _changed(folder, edited, TELLING) == ["-     - 倒班倒了[三年](duration)", "+     - 倒班倒了[三年](duration)多"]


def test_examples_are_removed_and_moved_by_their_lines(folder: TrainingFolder) -> None:
    edited = _edit(folder, "remove_examples", intent="greet", examples=["你好"])
    assert _changed(folder, edited, TALK) == ["-     - 你好"]
    moved = _edit(folder, "move_examples", examples=["停", "别说了"][:1], **{"from": "stop", "to": "homesick"})
    assert _changed(folder, moved, TALK) == ["-     - 停"]
    assert _changed(folder, moved, TELLING) == ["+     - 停"]


def test_the_last_example_of_an_intent_stays(folder: TrainingFolder) -> None:
    with pytest.raises(InvalidInput, match="examples") as refused:
        _edit(folder, "remove_examples", intent="greet", examples=["你好", "在吗"])
    assert "至少要留一句" in refused.value.reader_text


def test_an_example_that_is_gone_by_now_is_told(folder: TrainingFolder) -> None:
    for name, fields in (("remove_examples", {"examples": ["没这句"]}), ("change_example", {"old": "没这句", "new": "x"})):
        with pytest.raises(InvalidInput) as refused:
            _edit(folder, name, intent="greet", **fields)
        assert "已经没有这句了：没这句" in refused.value.reader_text


def test_held_back_examples_leave_the_training(folder: TrainingFolder) -> None:
    edited = _edit(folder, "hold_back", intent="greet", examples=["在吗", "有人没有"])
    view = folder.view(edited.files)
    assert [one.text for one in held_back(view)] == ["在吗", "有人没有"]
    assert _taught(folder, edited, "greet") == ["你好"]
    assert yaml.safe_load(edited.files[HELD_BACK] or "")["nlu"][0]["intent"] == "greet"
    again = apply_edit(view, {"edit": "hold_back", "intent": "stop", "examples": ["到此打住"]})
    assert (again.files[HELD_BACK] or "").startswith(edited.files[HELD_BACK] or "no")


def test_only_what_the_draft_has_alone_is_taken_back(folder: TrainingFolder) -> None:
    laid = _edit(folder, "add_examples", intent="greet", examples=["有人吗"]).files
    laid |= apply_edit(folder.view(laid), {"edit": "hold_back", "intent": "greet", "examples": ["喂喂"]}).files
    asked = {"edit": "take_back", "intent": "greet", "examples": ["你好", "有人吗", "喂喂", "没这句"]}
    back = apply_edit(folder.view(laid), asked)
    view = folder.view({**laid, **back.files})
    assert back.summary == "撤回了 2 句"
    assert view.touched() == []
    assert "你好" in [one.text for one in examples(view)]


def test_a_new_intent_stands_in_the_domain_and_in_a_file_of_its_own(folder: TrainingFolder) -> None:
    edited = _edit(folder, "add_intent", intent="overtime", examples="又加班\n天天加班\n")
    assert _changed(folder, edited, "domain.yml") == ["+ - overtime: {use_entities: []}"]
    assert (
        edited.files["data/nlu/overtime.yml"]
        == 'version: "3.1"\nnlu:\n- intent: overtime\n  examples: |\n    - 又加班\n    - 天天加班\n'
    )
    assert not [issue for issue in check(folder.view(edited.files)) if issue.severity == "error"]


@pytest.mark.parametrize(
    "name",
    [
        "空格",
        "a b",
        " ",
        "",
        "../x",
        "a/b",
        "1a",
        "A",
        "x" * 51,
        "nlu_fallback",
        "yes",
        "null",
        "utter_x",
        "greet",
        None,
        7,
        "a\nb",
    ],
)
def test_a_name_that_can_not_be_one_is_refused_in_chinese(folder: TrainingFolder, name: object) -> None:
    for edit in (
        {"edit": "add_intent", "intent": name, "examples": ["甲", "乙"]},
        {"edit": "rename_intent", "intent": "stop", "to": name},
    ):
        with pytest.raises(InvalidInput) as refused:
            apply_edit(folder.view(), edit)
        assert any("一" <= sign <= "鿿" for sign in refused.value.reader_text)


def test_a_new_intent_needs_two_examples(folder: TrainingFolder) -> None:
    with pytest.raises(Incomplete):
        _edit(folder, "add_intent", intent="overtime", examples=["只有一句"])


def test_renaming_an_intent_follows_it_everywhere(folder: TrainingFolder) -> None:
    held = _edit(folder, "hold_back", intent="night_shift", examples=["夜里上工"])
    view = folder.view(held.files)
    edited = apply_edit(view, {"edit": "rename_intent", "intent": "night_shift", "to": "shift_work"})
    renamed = view.over(edited.files)
    assert "night_shift" not in uses_of_intents(renamed)
    assert {use.kind for use in uses_of_intents(renamed)["shift_work"]} == {"story", "rule", "button", "slot"}
    assert [one.text for one in held_back(renamed) if one.intent == "shift_work"] == ["夜里上工"]
    assert len(_taught(folder, Edited({**held.files, **edited.files}, ""), "shift_work")) == 3
    assert _changed(folder, edited, "domain.yml") == [
        "- - night_shift: {use_entities: []}",
        "+ - shift_work: {use_entities: []}",
        "-       - night_shift",
        "+       - shift_work",
        "-     - {title: 夜班的事, payload: /night_shift}",
        "+     - {title: 夜班的事, payload: /shift_work}",
    ]
    assert "value: night_shift" in (edited.files["domain.yml"] or "")  # a slot's value is no intent
    assert "actions/support.py 里还写着旧名字" in edited.summary
    assert not [issue for issue in check(renamed) if issue.severity == "error"]


def test_renaming_reaches_payloads_with_entities_alternatives_and_typed_tests(folder: TrainingFolder) -> None:
    edited = _edit(folder, "rename_intent", intent="stop", to="enough")
    assert '\'/enough{{"topic": "none"}}\'' in (edited.files["domain.yml"] or "")
    assert "    - intent: enough\n    - intent: homesick\n" in (edited.files["data/stories/talk.yml"] or "")
    typed = _edit(folder, "rename_intent", intent="greet", to="hello")
    assert "      /hello\n    intent: hello\n" in (typed.files["tests/dialogue/talk.yml"] or "")


def test_an_intent_that_stories_use_is_not_deleted_and_they_are_named(folder: TrainingFolder) -> None:
    with pytest.raises(Incomplete) as refused:
        _edit(folder, "delete_intent", intent="night_shift")
    assert refused.value.fields == ["force"]
    for named in ("故事“a night told”", "规则“the form begins”", "按钮，在回复“utter_greet”", "data/stories/talk.yml 第 8 行"):
        assert named in refused.value.reader_text


def test_deleting_by_force_takes_the_stories_along_and_names_the_buttons(folder: TrainingFolder) -> None:
    edited = _edit(folder, "delete_intent", intent="night_shift", force=True)
    assert edited.files["data/stories/talk.yml"] is None
    assert _changed(folder, edited, "domain.yml") == ["- - night_shift: {use_entities: []}", "-       - night_shift"]
    assert "utter_greet" in edited.summary
    assert [issue.code for issue in check(folder.view(edited.files)) if issue.severity == "error"] == ["unknown_intent"]


def test_a_list_whose_last_intent_goes_is_no_list_any_more(folder: TrainingFolder) -> None:
    view = folder.view({"domain.yml": FILES["domain.yml"].replace("      - stop\n", "")})
    edited = apply_edit(view, {"edit": "delete_intent", "intent": "night_shift", "force": True})
    assert yaml.safe_load(edited.files["domain.yml"] or "")["slots"]["reply"]["mappings"][0] == {
        "type": "from_text", "conditions": [{"active_loop": "talk_form"}]
    }  # fmt: skip


def test_an_intent_that_nothing_uses_goes_with_its_file(tmp_path: Path) -> None:
    folder = lay_out(
        tmp_path,
        {"data/nlu/rent.yml": 'version: "3.1"\nnlu:\n- intent: rent\n  examples: |\n    - 房租又涨\n    - 交不起房租\n'},
    )
    folder = lay_out(tmp_path, {"domain.yml": FILES["domain.yml"].replace("- greet:", "- rent\n- greet:", 1)})
    edited = _edit(folder, "delete_intent", intent="rent")
    assert edited.files["data/nlu/rent.yml"] is None
    assert _changed(folder, edited, "domain.yml") == ["- - rent"]


@pytest.mark.parametrize("name", ["delete_intent", "rename_intent"])
def test_what_the_program_needs_is_neither_deleted_nor_renamed(folder: TrainingFolder, name: str) -> None:
    with pytest.raises(InvalidInput, match="intent"):
        _edit(folder, name, intent="out_of_scope", to="elsewhere", force=True)


def test_wordings_that_stay_keep_their_lines(folder: TrainingFolder) -> None:
    old = yaml.safe_load(FILES["domain.yml"])["responses"]["utter_greet"]
    wordings = [old[0], {"text": "嗯，我来了。"}, {"text": old[2]["text"]}, {"text": '新的："引号"'}]
    edited = _edit(folder, "set_response", response="utter_greet", wordings=wordings)
    assert _changed(folder, edited, "domain.yml") == [
        '-   - text: "嗯，来了。"  # short',
        '+   - text: "嗯，我来了。"  # short',
        '+   - text: "新的：\\"引号\\""',
    ]


def test_a_text_changes_without_its_condition_and_buttons_change_without_the_text(folder: TrainingFolder) -> None:
    old = yaml.safe_load(FILES["domain.yml"])["responses"]["utter_greet"]
    wordings = [
        {"text": old[0]["text"], "buttons": [{"title": "想家: 了", "payload": "/homesick"}]},
        old[1],
        {"text": "在的。"},
    ]
    edited = _edit(folder, "set_response", response="utter_greet", wordings=wordings)
    now = yaml.safe_load(edited.files["domain.yml"] or "")["responses"]["utter_greet"]
    assert now == [wordings[0], old[1], {**old[2], "text": "在的。"}]


@pytest.mark.parametrize(
    ("wordings", "said"),
    [
        ([], "至少要有一种说法"),
        ([{"text": " "}], "第 1 种说法还没写"),
        ([{"text": "好"}, {"text": "好"}], "一模一样"),
        ([{"text": "好", "buttons": [{"title": "x", "payload": "/nobody"}]}], "意图不存在"),
        ([{"text": "好", "buttons": [{"title": "", "payload": "/stop"}]}], "没写全"),
        ([{"text": "x" * 1001}], "太长"),
        ("好", "至少要有一种说法"),
    ],
)
def test_wordings_that_can_not_be_are_refused(folder: TrainingFolder, wordings: object, said: str) -> None:
    for fields in ({"edit": "set_response", "response": "utter_greet"}, {"edit": "add_response", "response": "utter_new"}):
        with pytest.raises((InvalidInput, Incomplete)) as refused:
            apply_edit(folder.view(), {**fields, "wordings": wordings})
        assert said in refused.value.reader_text


def test_responses_are_added_renamed_and_deleted(folder: TrainingFolder) -> None:
    added = _edit(
        folder,
        "add_response",
        response="utter_rest",
        wordings=[{"text": "歇会儿。", "buttons": [{"title": "停", "payload": "/stop"}]}],
    )
    assert _changed(folder, added, "domain.yml") == [
        "+   utter_rest:", '+   - text: "歇会儿。"', "+     buttons:", "+     - {title: 停, payload: /stop}"
    ]  # fmt: skip
    renamed = _edit(folder, "rename_response", response="utter_stop", to="utter_halt")
    assert _changed(folder, renamed, "domain.yml") == ["-   utter_stop:", "+   utter_halt:"]
    assert "  - action: utter_halt  # the end\n" in (renamed.files["data/stories/talk.yml"] or "")
    deleted = _edit(folder, "delete_response", response="utter_lost")
    assert _changed(folder, deleted, "domain.yml") == ["-   utter_lost:", '-   - text: "这句没人说。"']
    with pytest.raises(Incomplete) as refused:
        _edit(folder, "delete_response", response="utter_stop")
    assert "故事“a night told”" in refused.value.reader_text


@pytest.mark.parametrize(
    "given",
    ["停\n" * 2001, ["x" * 200_001], ["x" * 1001], [], "", ["/stop"], None, 7, [None]],
    ids=["2,001 lines", "200 KB", "a long one", "empty list", "empty", "a payload", "none", "a number", "a list of none"],
)
def test_too_much_and_nothing_at_once_are_refused(folder: TrainingFolder, given: object) -> None:
    with pytest.raises((InvalidInput, Incomplete)) as refused:
        _edit(folder, "add_examples", intent="stop", examples=given)
    assert any("一" <= sign <= "鿿" for sign in refused.value.reader_text)


@pytest.mark.parametrize(
    "edit", [{}, {"edit": "burn"}, {"edit": "add_examples", "intent": "nobody", "examples": ["x"]}, {"edit": "change_example"}]
)
def test_edits_that_name_nothing_are_refused(folder: TrainingFolder, edit: dict[str, Any]) -> None:
    with pytest.raises((InvalidInput, Incomplete)):
        apply_edit(folder.view(), edit)


def test_a_broken_file_is_named_and_nothing_is_edited(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, {TALK: "nlu:\n\t- intent: greet\n"})
    with pytest.raises(InvalidInput) as refused:
        _edit(folder, "add_examples", intent="homesick", examples=["想回去"])
    assert f"{TALK} 第 2 行第 1 列" in refused.value.reader_text


@pytest.mark.parametrize(
    ("intents", "made"),
    [
        ("intents: [greet, stop]", "intents: [greet, stop, overtime]"),
        ("intents: []", "intents:\n- overtime"),
        ("intents:", "intents:\n- overtime"),
        ("intents:\n  - 'greet'  # first", "intents:\n  - 'greet'  # first\n  - overtime"),
        ("intents:\n- greet:\n    use_entities: []", "intents:\n- greet:\n    use_entities: []\n- overtime"),
        ("entities: []", "entities: []\nintents:\n- overtime"),
    ],
)
def test_a_new_intent_is_written_like_the_others(folder: TrainingFolder, intents: str, made: str) -> None:
    view = folder.view({"domain.yml": intents + "\n"})
    edited = apply_edit(view, {"edit": "add_intent", "intent": "overtime", "examples": ["又加班", "天天加班"]})
    assert edited.files["domain.yml"] == made + "\n"


@pytest.mark.parametrize(
    ("intents", "said"),
    [("intents: {greet: stop}", "- ”开头的项"), ("intents: [greet, stop]", "同一行"), ('intents:\n- "\\u0073top"', "编码")],
)
def test_a_domain_written_otherwise_is_not_guessed_at(folder: TrainingFolder, intents: str, said: str) -> None:
    view = folder.view({"domain.yml": intents + "\n", "data/stories/talk.yml": None, "data/rules/talk.yml": None})
    name = {"- ”开头的项": "add_intent", "同一行": "delete_intent", "编码": "rename_intent"}[said]
    intent = "overtime" if name == "add_intent" else "stop"
    with pytest.raises(InvalidInput) as refused:
        apply_edit(view, {"edit": name, "intent": intent, "to": "halt", "examples": ["又加班", "天天加班"], "force": True})
    assert said in refused.value.reader_text


def test_examples_as_a_list_are_read_and_edited(tmp_path: Path) -> None:
    listed = 'version: "3.1"\nnlu:\n- intent: greet\n  examples:\n  - text: |\n      你好\n    metadata: {from: x}\n  - text: 在吗\n- intent: stop\n  examples: |\n    - 停\n'
    folder = lay_out(tmp_path, {TALK: listed + "    - 别说\n"})
    assert [(one.text, one.line) for one in examples(folder.view()) if one.intent == "greet"] == [("你好", 5), ("在吗", 8)]
    edited = _edit(folder, "change_example", intent="greet", old="在吗", new="在不在: 啊")
    assert _changed(folder, edited, TALK) == ["-   - text: 在吗", '+   - text: "在不在: 啊"']
    gone = _edit(folder, "remove_examples", intent="greet", examples=["你好"])
    assert _changed(folder, gone, TALK) == ["-   - text: |", "-       你好", "-     metadata: {from: x}"]
    more = _edit(folder, "add_examples", intent="greet", examples=["喂"])
    assert _taught(folder, more, "greet") == ["你好", "在吗", "喂"]


def test_line_ends_of_windows_stay(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, {TALK: FILES[TALK].replace("\n", "\r\n")})
    edited = _edit(folder, "add_examples", intent="greet", examples=["喂"])
    assert (edited.files[TALK] or "").replace("    - 喂\r\n", "") == FILES[TALK].replace("\n", "\r\n")


_SENTENCE = st.text(
    st.characters(whitelist_categories=("Lo", "Ll", "Nd", "Po", "Ps", "Pe", "Sm"), max_codepoint=0x9FFF),
    min_size=1,
    max_size=20,
)


@settings(max_examples=25, deadline=None)
@given(st.lists(_SENTENCE.filter(lambda text: text.strip() and text[0] not in "/-"), min_size=1, max_size=4))
def test_whatever_is_added_is_read_back_and_no_other_line_moves(
    tmp_path_factory: pytest.TempPathFactory, sentences: Sequence[str]
) -> None:
    folder = lay_out(tmp_path_factory.getbasetemp() / "property")
    edited = _edit(folder, "add_examples", intent="night_shift", examples=list(sentences))
    text = edited.files.get(TELLING, FILES[TELLING]) or ""
    added = text.count("\n") - FILES[TELLING].count("\n")
    taught = _taught(folder, edited, "night_shift")
    assert len(taught) == 3 + added
    assert set(taught[3:]) <= set(sentences)
    read = next(item for item in yaml.safe_load(text)["nlu"] if item.get("intent") == "night_shift")["examples"]
    assert [line[1:].strip() for line in read.splitlines()] == taught
    lines = text.split("\n")
    assert lines[:9] + lines[9 + added :] == FILES[TELLING].split("\n")
