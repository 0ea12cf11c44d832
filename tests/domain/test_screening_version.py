"""A definition comes back from JSON as it was, and its digest tells any two apart."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from screening_talk import scales

from bot.domain.errors import InvalidInput
from bot.domain.screening_version import definition_from_json, definition_to_json, digest_of


@pytest.mark.parametrize("name", sorted(scales()))
def test_a_definition_comes_back_equal(name: str) -> None:
    found = definition_from_json(json.loads(json.dumps(definition_to_json(scales()[name]))))
    assert found == scales()[name]
    assert digest_of(found) == digest_of(scales()[name])


def test_one_changed_word_is_another_version_whatever_the_file_says() -> None:
    whole = scales()["phq-9"]
    item = replace(whole.items[0], text=whole.items[0].text + "。")
    assert digest_of(replace(whole, items=(item, *whole.items[1:]))) != digest_of(whole)


@pytest.mark.parametrize("spoiled", [{}, {"offer": "nobody"}, {"items": 3}, {"items": [{}]}])
def test_cannot_read_a_definition_that_was_never_stored(spoiled: dict[str, object]) -> None:
    whole = definition_to_json(scales()["phq-9"])
    with pytest.raises(InvalidInput):
        definition_from_json({**whole, **spoiled} if spoiled else {})
