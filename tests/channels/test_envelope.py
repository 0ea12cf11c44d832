"""Reading frames: whatever a page sends gives a checked frame or a named refusal, never another error."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.envelope import ERROR_CODES, FROM_PAGE, BadFrame, Frame, error_frame, known_timezone, read_frame
from bot.domain.errors import IllegalTransition, RateLimited

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
GOOD = {
    "hello": {"protocol": 1, "after": 0, "timezone": "Asia/Shanghai", "token": "t"},
    "consent": {"version": "2026-11", "nickname": "小林"},
    "message": {"external_id": "e1", "text": "累"},
    "choice": {"external_id": "e1", "message_id": 1, "index": 0},
    "screening": {"external_id": "e1", "questionnaire": "phq-9"},
    "typing": {"active": True},
    "rate": {"external_id": "e1", "handoff_id": 4, "faces": 3, "text": "好多了"},
    "flag": {"message_id": 2},
    "read": {"event": 3},
    "ping": {},
}


def _code(data: str) -> str:
    with pytest.raises(BadFrame) as refused:
        read_frame(data)
    return refused.value.code


@pytest.mark.parametrize("kind", list(FROM_PAGE))
def test_a_whole_frame_is_read_and_what_is_not_ours_left_out(kind: str) -> None:
    frame = read_frame(json.dumps({"type": kind, **GOOD[kind], "is_admin": True}))
    assert (frame.type, frame.fields) == (kind, GOOD[kind])


def test_optional_fields_may_be_missing_or_null() -> None:
    hello = {"type": "hello", "protocol": 1, "after": 0, "timezone": "Asia/Shanghai"}
    assert "token" not in read_frame(json.dumps(hello)).fields
    assert "token" not in read_frame(json.dumps({**hello, "token": None})).fields


@pytest.mark.parametrize(
    "data", ["", "{", "[]", "null", "1", '"hello"', "[" * 100_000, "{'type': 'ping'}", "\ufeff{}", "1" * 5000]
)
def test_cannot_read_what_is_no_json_object(data: str) -> None:
    assert _code(data) == "bad_json"


@pytest.mark.parametrize("kind", ['"rm"', "null", "7", '["ping"]', '"PING"', '"welcome"'])
def test_cannot_read_an_unknown_type(kind: str) -> None:
    assert _code(f'{{"type": {kind}}}') == "unknown_type"
    assert _code("{}") == "unknown_type"


@pytest.mark.parametrize("kind", [kind for kind, fields in FROM_PAGE.items() if fields])
def test_cannot_read_a_frame_with_a_missing_or_wrong_field(kind: str) -> None:
    for name, wanted in FROM_PAGE[kind].items():
        key = name.rstrip("?")
        wrong = [
            [],
            {},
            1 if wanted is bool else True,
            1.5,
            7 if wanted is str else "7",
            -1 if wanted is int else 0,
            2**31 if wanted is int else 0,
        ]
        for value in wrong if name.endswith("?") else [*wrong, None]:
            assert _code(json.dumps({"type": kind, **GOOD[kind], key: value})) == "bad_field", (key, value)


@pytest.mark.parametrize("external_id", ["", "x" * 65, "a\x00b", "\ud83d", "换行\n", "一二三", "a b"])
def test_cannot_use_an_external_id_that_is_no_plain_name(external_id: str) -> None:
    assert _code(json.dumps({"type": "message", "external_id": external_id, "text": "累"})) == "bad_field"


def test_a_refusal_names_the_message_it_is_about() -> None:
    with pytest.raises(BadFrame) as refused:
        read_frame('{"type": "message", "external_id": "e7", "text": 5}')
    assert error_frame(refused.value, refused.value.external_id) == {
        "type": "error", "code": "bad_field", "message": BadFrame.reader_text, "external_id": "e7",
    }  # fmt: skip


def _read_or_refuse(data: str) -> Frame | BadFrame:
    try:
        return read_frame(data)
    except BadFrame as refused:
        return refused


@settings(max_examples=100, deadline=None, database=None)
@given(st.one_of(
    st.text(max_size=60),
    st.dictionaries(st.sampled_from(["type", "external_id", "text", "after", "timezone", "event", "index"]), VALUES).map(json.dumps),
    st.sampled_from(list(FROM_PAGE)).flatmap(
        lambda kind: st.fixed_dictionaries({name.rstrip("?"): VALUES | st.just(GOOD[kind][name.rstrip("?")]) for name in FROM_PAGE[kind]})
        .map(lambda fields: json.dumps({"type": kind, **fields}))
    ),
))  # fmt: skip
def test_whatever_comes_is_a_checked_frame_or_a_named_refusal(data: str) -> None:
    frame = _read_or_refuse(data)
    if isinstance(frame, BadFrame):
        assert frame.code in ERROR_CODES
        assert json.loads(json.dumps(error_frame(frame, frame.external_id)))["code"] == frame.code
        return
    wanted = {name.rstrip("?"): kind for name, kind in FROM_PAGE[frame.type].items()}
    assert all(type(value) is wanted[name] for name, value in frame.fields.items())
    assert all(name in frame.fields for name in FROM_PAGE[frame.type] if not name.endswith("?"))


def test_errors_that_the_protocol_does_not_know_are_called_internal() -> None:
    assert error_frame(IllegalTransition(), None)["code"] == "internal"
    assert error_frame(RateLimited("w1"), "e1") == {
        "type": "error", "code": "rate_limited", "message": RateLimited.reader_text, "external_id": "e1",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["", "Mars/Base", "../../etc/passwd", "\x00", "\ud83d", "asia/shanghai"])
def test_an_unknown_time_zone_gives_the_default(name: str) -> None:
    assert known_timezone(name, "Asia/Shanghai") == "Asia/Shanghai"
    assert known_timezone("Africa/Lagos", "Asia/Shanghai") == "Africa/Lagos"
