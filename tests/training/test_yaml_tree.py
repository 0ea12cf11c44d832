"""Texts read with their lines, and told in plain Chinese where they can't be."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from training_ground import FILES

from bot.domain.errors import InvalidInput
from bot.training.checks import require_sound_yaml
from bot.training.surgery import Lines, quoted, scalar
from bot.training.tree import BrokenYaml, data_of, tree_of

BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("nlu:\n\t- intent: x\n", 2, 1, "制表符"),
        ("nlu:\n- intent: a: b\n", 2, 12, "多了一个冒号"),
        ("a: [1, 2\n", 2, 1, "方括号没有配对"),
        ("a: {b: 1\n", 2, 1, "花括号没有配对"),
        ("a: 1\nb: 'no end\nc: 2\n", 2, 4, "引号只开了头"),
        ("- a\nb: c\n", 2, 1, "“- ”开头"),
        ("a: @b\n", 1, 4, "“@”不能放在开头"),
        ("a: 1\n---\nb: 2\n", 2, 1, "只能有一份内容"),
        ("a: !!python/object:os.system x\n", 1, 4, "类型标记"),
        ("a: *b\n", 1, 4, "引用"),
        ("a: &b [*b]\n", 1, 8, "引用"),
        (BOMB, 4, 17, "展开以后太大"),
        ("[" * 300_000 + "]" * 300_000, 1, 25, "套得太深"),
        ("\ufeffa: 1\n", 1, 1, "BOM"),
        ("a: 1\nb: x\x00y\n", 2, 5, "控制字符"),
        ("a: x\u2028b: y\n", 1, 5, "控制字符"),
        ("a: 1\rb: 2\n", 1, 5, "控制字符"),
        ("x" * 1_000_001, 1, 1, "太大了"),
        ("字" * 400_000, 1, 1, "太大了"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else value,
)
def test_what_can_not_be_read_is_told_with_its_place(text: str, line: int, column: int, said: str) -> None:
    with pytest.raises(BrokenYaml) as broken:
        tree_of(text)
    assert (broken.value.line, broken.value.column) == (line, column)
    assert said in broken.value.told
    with pytest.raises(InvalidInput) as refused:
        require_sound_yaml("data/nlu/x.yml", text)
    assert refused.value.reader_text.startswith(f"data/nlu/x.yml 第 {line} 行第 {column} 列：")


def test_a_dictionary_is_no_yaml_but_must_be_readable() -> None:
    require_sound_yaml("content/jieba/words.txt", "夜班: 5: n\n")
    with pytest.raises(InvalidInput):
        require_sound_yaml("content/jieba/words.txt", "夜班\x00 5 n\n")


def test_a_reference_that_stays_small_is_read() -> None:
    assert data_of(tree_of("a: &x [1, 2]\nb: *x\n")) == {"a": [1, 2], "b": [1, 2]}


def test_an_empty_text_has_no_tree() -> None:
    assert tree_of("") is None
    assert tree_of("# only a comment\n") is None


@pytest.mark.parametrize("path", [path for path in FILES if path.endswith(".yml")])
def test_the_tree_holds_what_yaml_reads(path: str) -> None:
    assert data_of(tree_of(FILES[path])) == yaml.safe_load(FILES[path])


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_text_survives_as_a_quoted_and_as_a_flow_scalar(text: str) -> None:
    kept = "".join(sign for sign in text if sign.isprintable())
    assert yaml.safe_load(f"a: {quoted(kept)}")["a"] == kept
    if kept.strip() == kept and kept:
        assert str(yaml.safe_load(f"{{a: {scalar(kept)}, b: 1}}")["a"]) == kept


@given(st.text(alphabet="ab\r\n", max_size=30).filter(lambda text: "\r" not in text.replace("\r\n", "")))
def test_lines_that_nothing_changes_give_the_text_back(text: str) -> None:
    whole = text if not text or text.endswith("\n") else text + ("\r\n" if "\r\n" in text else "\n")
    assert Lines(text).text() == whole
