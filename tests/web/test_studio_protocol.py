"""docs/studio.md names exactly the calls that are served below /api/studio."""

from __future__ import annotations

import re

from bot.bootstrap import Root
from bot.settings import ROOT
from bot.web.app import make_app

DOCS = (ROOT / "docs" / "studio.md").read_text("utf-8")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_CALL = re.compile(r"^\| `(" + "|".join(METHODS) + r") (/api/studio[^`? ]*)", re.M)


def _nameless(path: str) -> str:
    """The docs write {id} and {name}, the routes what they are numbers of."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def _served(root: Root) -> set[tuple[str, str]]:
    routes = make_app(root.settings, root).router.routes()
    found = {(route.method, route.resource.canonical) for route in routes if route.resource is not None}
    return {(method, _nameless(path)) for method, path in found if path.startswith("/api/studio") and method in METHODS}


def _documented() -> list[tuple[str, str]]:
    return [(method, _nameless(path)) for method, path in _CALL.findall(DOCS)]


def test_every_call_of_the_docs_is_served(sqlite_root: Root) -> None:
    assert sorted(set(_documented()) - _served(sqlite_root)) == []


def test_every_call_that_is_served_stands_in_the_docs(sqlite_root: Root) -> None:
    assert sorted(_served(sqlite_root) - set(_documented())) == []


def test_no_call_stands_in_the_docs_twice() -> None:
    documented = _documented()
    assert len(documented) > 40
    assert len(set(documented)) == len(documented)
