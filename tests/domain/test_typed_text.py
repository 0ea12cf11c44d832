"""What a typed text may hold: readable, at most 4,000 characters, never a command for Rasa."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.conversation import MAX_TEXT_CHARACTERS, clean_name, clean_text
from bot.domain.errors import EmptyText, TextTooLong

ANYTHING = st.text(alphabet=st.characters(exclude_categories=()), max_size=40)


@settings(max_examples=150, deadline=None, database=None)
@given(ANYTHING | st.text("/／ \t\n\u200b\x00\ud83da", max_size=12))
def test_whatever_is_typed_is_either_empty_or_safe_to_store_and_to_send(text: str) -> None:
    try:
        cleaned = clean_text(text)
    except EmptyText:
        return
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert cleaned
    assert not cleaned.lstrip().startswith(("/", "／"))
    assert clean_text(cleaned) == cleaned


@pytest.mark.parametrize("text", ["🥹", "🫠", "😭", "❤️", "。", "1", "？", "ˉ", "\U0001fae8", "👩🏽‍🏭"])
def test_one_sign_is_a_message(text: str) -> None:
    assert clean_text(text) == text


@pytest.mark.parametrize(
    "text", ["", " ", "\u3000", "\u200b\u2060\ufeff", "\x00", "\ud83d", "/", "／ / /", "\n\r\t", "\u202e", "\u00ad"]
)
def test_cannot_send_a_message_without_a_readable_sign(text: str) -> None:
    with pytest.raises(EmptyText):
        clean_text(text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("/restart", "restart"), ("//a", "a"), ("/ /a", "a"), ("\u200b/a", "a"), ("／a", "a"), (" \x00/a/b", "a/b"), ("9/10分的累", "9/10分的累"),
        ("好\r\n的\t吧", "好\r\n的\t吧"), ("\ud83d\ude00", ""), ("a\x1bb\x7fc", "abc"),
    ],
)  # fmt: skip
def test_slashes_in_front_and_control_characters_go_and_the_rest_stays(text: str, cleaned: str) -> None:
    if not cleaned:  # two halves that Python did not join are two halves
        with pytest.raises(EmptyText):
            clean_text(text)
    else:
        assert clean_text(text) == cleaned


def test_cannot_send_more_than_4000_characters() -> None:
    assert len(clean_text("累" * MAX_TEXT_CHARACTERS)) == 4000
    with pytest.raises(TextTooLong):
        clean_text("累" * (MAX_TEXT_CHARACTERS + 1))
    with pytest.raises(TextTooLong):
        clean_text(" " * 5000)


@pytest.mark.parametrize(
    ("name", "kept"),
    [("  小林 ", "小林"), ("", None), ("\x00\ud83d", None), ("\u200b", None), ("林" * 40, "林" * 32), ("a\x00b", "ab")],
)
def test_a_nickname_is_short_and_plain(name: str, kept: str | None) -> None:
    assert clean_name(name) == kept
