"""Two changes of one text put together by git, and the chunks that a page shows of it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.training.merging import Chunk, three_way

BASE = "- 一\n- 二\n- 三\n- 四\n- 五\n"


def _side(chunks: tuple[Chunk, ...], side: str) -> list[str]:
    return [line for chunk in chunks for line in getattr(chunk, side)]


def test_changes_in_two_places_are_both_kept() -> None:
    merge = three_way(BASE, BASE.replace("- 一", "- 壹"), BASE + "- 六\n")
    assert merge.text == "- 壹\n- 二\n- 三\n- 四\n- 五\n- 六\n"
    assert [chunk.kind for chunk in merge.chunks] == ["ours", "same", "theirs"]


def test_two_changes_of_the_same_line_are_a_conflict_that_shows_all_three() -> None:
    merge = three_way(BASE, BASE.replace("三", "叁"), BASE.replace("三", "3"))
    assert merge.text is None
    assert merge.chunks[1] == Chunk("conflict", ("- 三",), ("- 叁",), ("- 3",))


def test_the_same_change_by_both_is_no_conflict() -> None:
    changed = BASE.replace("三", "叁")
    merge = three_way(BASE, changed, changed)
    assert merge.text == changed
    assert [chunk.kind for chunk in merge.chunks] == ["same", "both", "same"]


def test_lines_added_at_the_same_place_by_both_are_a_conflict() -> None:
    merge = three_way(BASE, BASE + "- 甲\n", BASE + "- 乙\n")
    assert merge.text is None
    assert merge.chunks[-1] == Chunk("conflict", (), ("- 甲",), ("- 乙",))


def test_texts_with_conflict_marks_of_their_own_do_not_confuse_it() -> None:
    base = "<<<<<<< a\n=======\n>>>>>>> b\n中\n尾\n"
    merge = three_way(base, base.replace("中", "钟"), base + "完\n")
    assert merge.text == base.replace("中", "钟") + "完\n"


def test_a_file_that_both_began_is_a_conflict() -> None:
    merge = three_way("", "甲\n", "乙\n")
    assert merge.text is None
    assert merge.chunks == (Chunk("conflict", (), ("甲",), ("乙",)),)


def test_nothing_changed_is_one_same_chunk() -> None:
    assert [chunk.kind for chunk in three_way(BASE, BASE, BASE).chunks] == ["same"]


_TEXTS = st.lists(st.sampled_from("甲乙丙丁"), max_size=8).map(lambda lines: "".join(line + "\n" for line in lines))


@settings(max_examples=40, deadline=None)
@given(_TEXTS, _TEXTS, _TEXTS)
def test_the_chunks_give_back_the_three_texts_and_agree_with_the_text(base: str, ours: str, theirs: str) -> None:
    merge = three_way(base, ours, theirs)
    assert _side(merge.chunks, "base") == base.splitlines()
    assert _side(merge.chunks, "ours") == ours.splitlines()
    assert _side(merge.chunks, "theirs") == theirs.splitlines()
    if merge.text is None:
        assert any(chunk.kind == "conflict" for chunk in merge.chunks)
