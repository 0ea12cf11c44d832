"""The studio's calls about models: training and proving, comparing, publishing and going back, draft talk, A/B."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

from aiohttp import web

from bot.dispatch import question_of, utc_now
from bot.domain.conversation import clean_text
from bot.domain.errors import Busy, Incomplete, PublishRefused, RasaUnavailable
from bot.domain.publication import READY, require_reason, require_share
from bot.rasa_client import RasaTurn
from bot.services import drafts, experiments, models, proofs, publications, training_jobs
from bot.services.slots import DRAFT_SENDER
from bot.settings import Settings
from bot.studio_jobs import read_log
from bot.web import auth
from bot.web.keys import RASA, ROOT, SCREEN, SLOTS
from bot.web.studio import require_trainer

_THREAD = re.compile(r"[0-9a-f]{32}")
_MOST_LINE = 10**7


async def list_models(request: web.Request) -> web.Response:
    """All models with what is live, under way and being compared, and whether publishing is possible here."""
    await require_trainer(request)
    root, why_not = request.app[ROOT], request.app[SLOTS].why_not()
    lines = await root.run_reading(models.listing, _models_dir(request))
    moves = await root.run_reading(publications.listing)
    under_way = await root.run_reading(publications.under_way)
    experiment = await root.run_reading(experiments.newest)
    return web.json_response(
        {
            "models": [line.as_json() for line in lines],
            "live": next((line.id for line in lines if line.role == "live"), None),
            "publication": None if under_way is None else under_way.as_json(),
            "publications": [move.as_json() for move in moves],
            "experiment": None if experiment is None else experiment.as_json(),
            "can_publish": why_not is None,
            "why_not": why_not,
        }
    )


async def list_jobs(request: web.Request) -> web.Response:
    """The last fifty trainings and proofs."""
    await require_trainer(request)
    found = await request.app[ROOT].run_reading(training_jobs.listing)
    return web.json_response({"jobs": [job.as_json() for job in found]})


async def create_job(request: web.Request) -> web.Response:
    """Queue a training or a proof."""
    viewer, body = await require_trainer(request), await auth.body_of(request)
    job = await request.app[ROOT].run_sync(
        training_jobs.request, body.get("kind"), viewer.name, utc_now(),
        change_set_id=body.get("change_set_id"), model_id=body.get("model_id"),
    )  # fmt: skip
    return web.json_response(job.as_json())


async def show_job(request: web.Request) -> web.Response:
    """One job with the lines of its log from `after` on."""
    await require_trainer(request)
    raw = request.query.get("after", "")
    after = min(int(raw), _MOST_LINE) if raw.isdecimal() and len(raw) < 9 else 0
    root, job_id = request.app[ROOT], _job_id(request)
    job = await root.run_reading(training_jobs.get, job_id)
    lines, end = await asyncio.to_thread(read_log, root.settings.var_dir, job_id, after)
    return web.json_response({**job.as_json(), "log": lines, "log_end": end})


async def cancel_job(request: web.Request) -> web.Response:
    """Cancel one that waits, ask one that runs to stop."""
    viewer = await require_trainer(request)
    job = await request.app[ROOT].run_sync(training_jobs.cancel, _job_id(request), viewer.name, utc_now())
    return web.json_response(job.as_json())


async def show_comparison(request: web.Request) -> web.Response:
    """Old beside new, figure by figure; `with` is the live model by default."""
    await require_trainer(request)
    old = request.query.get("with") or None
    found = await request.app[ROOT].run_reading(proofs.comparison, _model_id(request), old, _models_dir(request))
    return web.json_response(found)


async def publish(request: web.Request) -> web.Response:
    """Ask for a model to go live."""
    viewer, body = await require_trainer(request), await _body_or_none(request)
    _require_slots(request)
    reason = require_reason(body.get("reason"))
    move = await request.app[ROOT].run_sync(
        publications.publish, _model_id(request), viewer.name, reason, utc_now(), *await _where(request)
    )
    return web.json_response(move.as_json())


async def roll_back(request: web.Request) -> web.Response:
    """Ask for the model before."""
    viewer, body = await require_trainer(request), await auth.body_of(request)
    _require_slots(request)
    reason = require_reason(body.get("reason"))
    move = await request.app[ROOT].run_sync(publications.rollback, viewer.name, reason, utc_now(), *await _where(request))
    return web.json_response(move.as_json())


async def show_publication(request: web.Request) -> web.Response:
    """One move of the live pointer."""
    await require_trainer(request)
    found = await request.app[ROOT].run_reading(publications.get, int(request.match_info["publication_id"]))
    return web.json_response(found.as_json())


async def start_draft(request: web.Request) -> web.Response:
    """Have a model served beside the live one; asked again, how far it is."""
    viewer = await require_trainer(request)
    _require_slots(request)
    draft = await request.app[ROOT].run_sync(drafts.start, _model_id(request), viewer.name, utc_now(), _models_dir(request))
    return web.json_response({"model_id": draft.model_id, "state": draft.state})


async def talk(request: web.Request) -> web.Response:
    """The same text to draft and live model; neither answer is kept after the draft ends."""
    await require_trainer(request)
    body, root, router = await auth.body_of(request), request.app[ROOT], request.app[RASA]
    thread, text = body.get("thread"), body.get("text")
    if not isinstance(thread, str) or not _THREAD.fullmatch(thread):
        raise Incomplete(["thread"])
    if not isinstance(text, str):
        raise Incomplete(["text"])
    said = clean_text(text)
    draft = await root.run_sync(drafts.touch, utc_now())
    if draft.state != READY:
        raise Busy("draft starts", reader_text="草稿模型还在启动，大约要半分钟。")
    screened = await request.app[SCREEN].screen(said)
    metadata = question_of(said, screened)

    async def ask(slot: int, sender: str) -> dict[str, Any]:
        started = time.perf_counter()
        try:
            turn = await router.ask_slot(slot, sender, said, metadata)
        except RasaUnavailable as error:
            return {**_turn(RasaTurn((), None), screened.finding.level.value, started), "error": error.reader_text}
        return _turn(turn, screened.finding.level.value, started)

    both = (ask(draft.slot, DRAFT_SENDER + thread), ask(router.routes.live, f"{DRAFT_SENDER}live-{thread}"))
    ours, live = await asyncio.gather(*both)
    return web.json_response({"draft": ours, "live": live})


async def end_draft(request: web.Request) -> web.Response:
    """End the talk; its slot stops and nothing of it is kept."""
    await require_trainer(request)
    await request.app[ROOT].run_sync(drafts.end, utc_now())
    return web.json_response({})


async def start_experiment(request: web.Request) -> web.Response:
    """Let a share of the new conversations talk to a model."""
    viewer, body = await require_trainer(request), await auth.body_of(request)
    _require_slots(request)
    model_id, share = body.get("model_id"), require_share(body.get("share"))
    if not isinstance(model_id, str):
        raise Incomplete(["model_id"], reader_text="请选要对比的模型。")
    reason = require_reason(body.get("reason"))
    found = await request.app[ROOT].run_sync(
        experiments.start, model_id, share, viewer.name, reason, utc_now(), *await _where(request)
    )
    return web.json_response(found.as_json())


async def show_experiment(request: web.Request) -> web.Response:
    """The table of an experiment."""
    await require_trainer(request)
    found = await request.app[ROOT].run_reading(experiments.outcome, int(request.match_info["experiment_id"]))
    return web.json_response(found.as_json())


async def end_experiment(request: web.Request) -> web.Response:
    """End it: everybody talks to the live model again."""
    viewer = await require_trainer(request)
    experiment_id = int(request.match_info["experiment_id"])
    found = await request.app[ROOT].run_sync(experiments.end, experiment_id, viewer.name, utc_now())
    return web.json_response(found.as_json())


def _turn(turn: RasaTurn, level: str, started: float) -> dict[str, Any]:
    understood = turn.understanding
    return {
        "texts": [reply.text for reply in turn.replies if reply.text],
        "buttons": [button.title for reply in turn.replies for button in reply.buttons],
        "intent": None if understood is None else understood.intent,
        "confidence": None if understood is None else round(understood.confidence, 4),
        "level": level,
        "seconds": round(time.perf_counter() - started, 3),
        "error": None,
    }


def _require_slots(request: web.Request) -> None:
    why_not = request.app[SLOTS].why_not()
    if why_not is not None:
        raise PublishRefused("no slots", reader_text=why_not)


async def _where(request: web.Request) -> tuple[Any, str | None]:
    """Where the archives are, and the file that the live slot says it serves."""
    return _models_dir(request), await request.app[RASA].ready_model()


async def _body_or_none(request: web.Request) -> dict[str, Any]:
    return await auth.body_of(request) if request.can_read_body else {}


def _models_dir(request: web.Request) -> Any:
    settings: Settings = request.app[ROOT].settings
    return settings.models_dir


def _model_id(request: web.Request) -> str:
    return str(request.match_info["model_id"])


def _job_id(request: web.Request) -> int:
    return int(request.match_info["job_id"])
