"""Finds what is wrong with the files before Rasa is asked: in a second, with the line, in plain Chinese."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.errors import InvalidInput
from bot.training.examples import Example, examples, held_back, same_words
from bot.training.folder import DOMAIN, View
from bot.training.issues import Issue as Issue
from bot.training.issues import Place as Place
from bot.training.issues import Severity as Severity
from bot.training.name_checks import name_issues
from bot.training.shape_checks import shape_issues
from bot.training.story_checks import story_issues
from bot.training.tree import BrokenYaml, require_readable, tree_of


def check(view: View) -> list[Issue]:
    """All that is wrong with the folder under this view; errors first, then by file and line.

    Names are compared only when every file can be read: one broken file would make a hundred others look wrong.
    """
    made: list[Issue] = []
    for path in view.paths():
        try:
            made += shape_issues(path, view.text(path) or "")
        except InvalidInput as error:  # too big, or no UTF-8
            made.append(Issue("error", "unreadable", path, 1, 1, error.reader_text))
    if view.text(DOMAIN) is None:
        made.append(Issue("error", "no_domain", DOMAIN, 1, 1, "没有 domain.yml，程序不知道有哪些意图和回复。"))
    elif not any(issue.code in ("yaml", "unreadable") for issue in made):
        made += [*name_issues(view), *story_issues(view), *_same_sentences(view)]
    return sorted(made, key=lambda one: (one.severity != "error", one.path, one.line, one.column, one.code))


def _same_sentences(view: View) -> Iterator[Issue]:
    """The same sentence in two intents, twice in one, or both taught and held back."""
    first: dict[str, Example] = {}
    for one in examples(view):
        other = first.setdefault(_words(one), one)
        if other is one:
            continue
        place = (Place(other.path, other.line),)
        if other.intent != one.intent:
            told = (
                f"“{one.plain}”同时教给了“{other.intent}”（{other.path} 第 {other.line} 行）和“{one.intent}”，程序不知道该听成哪个。"
                "请从其中一个里删掉。"
            )
            yield Issue("error", "same_text", one.path, one.line, 1, told, place)
        else:
            told = f"“{one.plain}”在“{one.intent}”里写了两遍（另一处在 {other.path} 第 {other.line} 行），留一句就够。"
            yield Issue("warning", "repeated_example", one.path, one.line, 1, told, place)
    for one in held_back(view):
        taught = first.get(_words(one))
        if taught is not None:
            told = f"“{one.plain}”是考题，可是也拿来训练了（{taught.path} 第 {taught.line} 行），这样考不出真本事。请从训练里删掉。"
            yield Issue("warning", "held_back_taught", one.path, one.line, 1, told, (Place(taught.path, taught.line),))


def _words(one: Example) -> str:
    return same_words(one.text)


def require_sound_yaml(path: str, text: str) -> None:
    """Raises InvalidInput naming line and column when this text can't be the file's (broken YAML, too big, tabs, BOM, bombs of references)."""
    try:
        if path.endswith((".yml", ".yaml")):
            tree_of(text)
        else:
            require_readable(text)
    except BrokenYaml as error:
        raise InvalidInput(path, reader_text=f"{path} {error.reader_text}") from error
