"""What is taught, read for the trainers' page: intents, examples, stories, responses, files, and what the check says."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from bot.dispatch import utc_now
from bot.domain import tone
from bot.domain.change_set import is_clinical_path
from bot.domain.errors import Incomplete, NotFound
from bot.services import models, response_reviews
from bot.services.response_reviews import ReviewLine
from bot.training.domain import Response, reached, read_domain
from bot.training.examples import Example, examples
from bot.training.folder import DOMAIN, View, kind_of, require_path
from bot.training.search import MOST_HITS, ExampleIndex, Hit, Pair
from bot.training.stories import Use, story_files, uses_of_intents
from bot.web.console_team import page_of
from bot.web.keys import CHECKER, FOLDER, INDEX, ROOT
from bot.web.studio import reading, require_trainer, view_of

_EXAMPLES_A_PAGE = 100
_LONGEST_QUERY = 200
_MOST_PAIRS = 500
_WAYS = ("word", "meaning")
_PATIENCE_SECONDS = 4.0  # of whoever types; the whole answer is there at the next asking


async def list_intents(request: web.Request) -> web.Response:
    """Every intent with its examples counted, how well it is understood, and where it is used."""
    await require_trainer(request)
    view, root = await view_of(request), request.app[ROOT]
    model_id, figures = await root.run_reading(_figures, root.settings.models_dir)
    shown, total = await reading(request, _intents, view, figures)
    return web.json_response({"intents": shown, "total_examples": total, "figures_of": model_id})


async def list_examples(request: web.Request) -> web.Response:
    """A hundred examples of an intent, as they stand in the file."""
    await require_trainer(request)
    view, page, query = await view_of(request), page_of(request), request.query.get("q", "").strip()[:_LONGEST_QUERY]
    return web.json_response(await reading(request, _examples, view, request.match_info["name"], query, page))


async def search(request: web.Request) -> web.Response:
    """Examples that hold these words, or mean about the same."""
    await require_trainer(request)
    query, by = request.query.get("q", "").strip(), request.query.get("by", "word")
    if not query or len(query) > _LONGEST_QUERY:
        raise Incomplete(["q"], reader_text=f"写上要找的话，1 到 {_LONGEST_QUERY} 字。")
    if by not in _WAYS:
        raise Incomplete(["by"])
    view = await view_of(request)
    index = await reading(request, request.app[INDEX].of, view)
    began = time.perf_counter()
    hits = await reading(request, _found, index, query, by)
    milliseconds = round((time.perf_counter() - began) * 1000)
    return web.json_response({"hits": [_hit(each) for each in hits], "milliseconds": milliseconds})


async def list_neighbours(request: web.Request) -> web.Response:
    """Examples that contradict or repeat each other, the gravest first."""
    await require_trainer(request)
    view, kind = await view_of(request), request.query.get("kind", "")
    index = await reading(request, request.app[INDEX].of, view)
    pairs = [pair for pair in await reading(request, index.neighbours) if kind in ("", pair.kind)]
    return web.json_response({"pairs": [_pair(each) for each in pairs[:_MOST_PAIRS]], "total": len(pairs)})


async def list_stories(request: web.Request) -> web.Response:
    """The files of stories, rules and test stories with what stands in them."""
    await require_trainer(request)
    files = await reading(request, story_files, await view_of(request))
    return web.json_response({"files": [asdict(each) for each in files]})


async def show_domain(request: web.Request) -> web.Response:
    """The names to choose from."""
    await require_trainer(request)
    domain = await reading(request, read_domain, await view_of(request))
    body = {
        "intents": list(domain.intents),
        "entities": list(domain.entities),
        "slots": [{"name": slot.name, "type": slot.type} for slot in domain.slots],
        "actions": list(domain.actions),
        "forms": list(domain.forms),
        "responses": [each.name for each in domain.responses],
    }
    return web.json_response(body)


async def list_responses(request: web.Request) -> web.Response:
    """Every response with its wordings, how they sound, where they are said, and whether a clinician has read them."""
    await require_trainer(request)
    view = await view_of(request)
    domain = await reading(request, read_domain, view)
    uses = await reading(request, reached, view)
    states = await request.app[ROOT].run_reading(response_reviews.states, domain.responses)
    shown = [_response(each, uses.get(each.name, []), states[each.name]) for each in domain.responses]
    return web.json_response({"responses": shown})


async def review_response(request: web.Request) -> web.Response:
    """A clinician has read the wordings as they stand in the folder."""
    actor, name = await require_trainer(request), request.match_info["name"]
    domain = await reading(request, read_domain, request.app[FOLDER].view())
    response = next((each for each in domain.responses if each.name == name), None)
    if response is None:
        raise NotFound(name)
    line = await request.app[ROOT].run_sync(response_reviews.review, response, actor, utc_now())
    return web.json_response({"review": _review(line)})


async def list_files(request: web.Request) -> web.Response:
    """Everything that may be read and proposed."""
    await require_trainer(request)
    return web.json_response({"files": await reading(request, _files, await view_of(request))})


async def show_file(request: web.Request) -> web.Response:
    """One file with the draft, and as the folder has it."""
    await require_trainer(request)
    view = await view_of(request)
    return web.json_response(await reading(request, _file, view, require_path(request.query.get("path", ""))))


async def check(request: web.Request) -> web.Response:
    """What is wrong with the files, each with its line."""
    await require_trainer(request)
    checked = await request.app[CHECKER].check(await view_of(request), _PATIENCE_SECONDS)
    return web.json_response(checked.as_json())


def _figures(session: Session, models_dir: Any) -> tuple[str | None, Mapping[str, Mapping[str, float]]]:
    """The live model's figures by intent, where it was proved."""
    model = models.live(session, models_dir)
    if model is None or not model.figures or not model.figures.get("intents"):
        return None, {}
    return model.id, model.figures["intents"]


def _intents(view: View, figures: Mapping[str, Mapping[str, float]]) -> tuple[list[dict[str, Any]], int]:
    found = examples(view)
    counts = Counter(each.intent for each in found)
    paths: dict[str, Counter[str]] = {}
    for each in found:
        paths.setdefault(each.intent, Counter())[each.path] += 1
    uses = uses_of_intents(view)
    names = [*read_domain(view).intents, *counts]
    shown = []
    for name in dict.fromkeys(names):
        own = figures.get(name, {})
        shown.append(
            {
                "name": name, "examples": counts[name], "f1": own.get("f1"), "precision": own.get("precision"),
                "recall": own.get("recall"), "used_in": [_use(each) for each in uses.get(name, [])],
                "path": paths[name].most_common(1)[0][0] if name in paths else DOMAIN,
            }
        )  # fmt: skip
    return shown, len(found)


def _examples(view: View, intent: str, query: str, page: int) -> dict[str, Any]:
    """A page of them; raises NotFound for an intent that nothing names."""
    found = [each for each in examples(view) if each.intent == intent]
    if not found and intent not in read_domain(view).intents:
        raise NotFound(intent)
    fitting = [each for each in found if all(word in each.plain for word in query.split())]
    start = (page - 1) * _EXAMPLES_A_PAGE
    shown = [{"text": each.text, "path": each.path, "line": each.line} for each in fitting[start : start + _EXAMPLES_A_PAGE]]
    return {"examples": shown, "total": len(fitting), "page": page}


def _found(index: ExampleIndex, query: str, by: str) -> list[Hit]:
    return index.by_word(query, MOST_HITS) if by == "word" else index.by_meaning(query, MOST_HITS)


def _files(view: View) -> list[dict[str, Any]]:
    deleted = [path for path in view.touched() if view.state(path) == "deleted"]
    return [
        {
            "path": path, "kind": kind_of(path).value, "is_clinical": is_clinical_path(path),
            "size": _size(view, path), "state": view.state(path),
        }
        for path in sorted({*view.paths(), *deleted})
    ]  # fmt: skip


def _size(view: View, path: str) -> int:
    """Bytes, of the draft's text where it has one; without reading the folder's files."""
    if view.state(path) in ("changed", "new"):
        return len((view.text(path) or "").encode())
    file = view.root / path
    return file.stat().st_size if view.state(path) == "same" and file.is_file() else 0


def _file(view: View, path: str) -> dict[str, Any]:
    text, base = view.text(path), view.base_text(path)
    if text is None and base is None:
        raise NotFound(path)
    return {"path": path, "text": text, "digest": view.digest(path), "base": base, "is_clinical": is_clinical_path(path)}


def _hit(hit: Hit) -> dict[str, Any]:
    return {**_example(hit.example), "similarity": round(hit.similarity, 3)}


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "kind": pair.kind, **_example(pair.example), "other": _example(pair.other), "similarity": round(pair.similarity, 3),
    }  # fmt: skip


def _example(example: Example) -> dict[str, Any]:
    return {"text": example.text, "intent": example.intent, "path": example.path, "line": example.line}


def _use(use: Use) -> dict[str, Any]:
    return {"path": use.path, "line": use.line, "kind": use.kind, "name": use.name}


def _response(response: Response, uses: list[Use], line: ReviewLine) -> dict[str, Any]:
    shared = tone.hints_of_response([each.text for each in response.wordings])
    wordings = []
    for place, each in enumerate(response.wordings):
        of_buttons = [hint for button in each.buttons for hint in tone.hints_of_button(button.title)]
        hints = [*tone.hints(each.text), *of_buttons, *(shared if place == 0 else [])]
        buttons = [{"title": button.title, "payload": button.payload} for button in each.buttons]
        wordings.append({"text": each.text, "buttons": buttons, "length": len(each.text), "hints": hints})
    return {
        "name": response.name, "line": response.line, "wordings": wordings,
        "used_in": [{"path": use.path, "line": use.line} for use in uses], "is_reached": bool(uses), "review": _review(line),
    }  # fmt: skip


def _review(line: ReviewLine) -> dict[str, Any]:
    at = None if line.reviewed_at is None else line.reviewed_at.isoformat()
    return {"state": line.state, "author": line.author, "reviewed_by": line.reviewed_by, "reviewed_at": at}
