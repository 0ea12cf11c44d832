"""Every route of the studio; each handler asks for its role."""

from __future__ import annotations

from aiohttp import web

from bot.web import studio, studio_changes, studio_inbox, studio_models, studio_reading

_MODEL = "/api/studio/models/{model_id:[0-9a-f]{32}}"
_JOB = "/api/studio/jobs/{job_id:[0-9]{1,9}}"
_EXPERIMENT = "/api/studio/experiments/{experiment_id:[0-9]{1,9}}"
_CHANGE_SET = "/api/studio/change-sets/{change_set_id:[0-9]{1,9}}"
_MESSAGE = "/api/studio/messages/{message_id:[0-9]{1,9}}"
_CONVERSATION = "/api/studio/conversations/{conversation_id:[0-9a-f]{32}}"


def add_studio(app: web.Application) -> None:
    """The page, and all calls below /api/studio."""
    app.router.add_get("/studio", studio.page)
    app.router.add_get("/api/studio/staff", studio.list_staff)
    _add_inbox(app)
    _add_reading(app)
    _add_changes(app)
    _add_models(app)


def _add_inbox(app: web.Application) -> None:
    """Messages worth a look, and conversations."""
    app.router.add_get("/api/studio/inbox", studio_inbox.show_inbox)
    app.router.add_get("/api/studio/inbox/groups/{group_id:[0-9]{1,9}}", studio_inbox.show_group)
    app.router.add_post("/api/studio/inbox/decisions", studio_inbox.decide)
    app.router.add_post("/api/studio/inbox/reopen", studio_inbox.reopen)
    app.router.add_post("/api/studio/inbox/assign", studio_inbox.assign)
    app.router.add_get(_MESSAGE, studio_inbox.show_message)
    app.router.add_put(f"{_MESSAGE}/comment", studio_inbox.put_comment)
    app.router.add_post(f"{_MESSAGE}/marks", studio_inbox.mark)
    app.router.add_get(_CONVERSATION, studio_inbox.show_conversation)
    app.router.add_post(f"{_CONVERSATION}/story", studio_inbox.save_story)


def _add_reading(app: web.Application) -> None:
    """What is taught."""
    app.router.add_get("/api/studio/intents", studio_reading.list_intents)
    app.router.add_get("/api/studio/intents/{name}/examples", studio_reading.list_examples)
    app.router.add_get("/api/studio/search", studio_reading.search)
    app.router.add_get("/api/studio/neighbours", studio_reading.list_neighbours)
    app.router.add_get("/api/studio/stories", studio_reading.list_stories)
    app.router.add_get("/api/studio/domain", studio_reading.show_domain)
    app.router.add_get("/api/studio/responses", studio_reading.list_responses)
    app.router.add_post("/api/studio/responses/{name}/review", studio_reading.review_response)
    app.router.add_get("/api/studio/files", studio_reading.list_files)
    app.router.add_get("/api/studio/file", studio_reading.show_file)
    app.router.add_get("/api/studio/check", studio_reading.check)


def _add_changes(app: web.Application) -> None:
    """Change sets from the first touch to the folder."""
    app.router.add_get("/api/studio/change-sets", studio_changes.list_change_sets)
    app.router.add_post("/api/studio/change-sets", studio_changes.create_change_set)
    app.router.add_get(_CHANGE_SET, studio_changes.show_change_set)
    app.router.add_get(f"{_CHANGE_SET}/diff", studio_changes.show_diff)
    app.router.add_put(f"{_CHANGE_SET}/file", studio_changes.put_file)
    for name, deed in {
        "edits": studio_changes.edit, "resolve": studio_changes.resolve, "revert": studio_changes.revert,
        "propose": studio_changes.propose, "review": studio_changes.review, "apply": studio_changes.apply,
        "withdraw": studio_changes.withdraw,
    }.items():  # fmt: skip
        app.router.add_post(f"{_CHANGE_SET}/{name}", deed)


def _add_models(app: web.Application) -> None:
    """Training, proving, publishing, draft talk and A/B."""
    app.router.add_get("/api/studio/models", studio_models.list_models)
    app.router.add_get("/api/studio/jobs", studio_models.list_jobs)
    app.router.add_post("/api/studio/jobs", studio_models.create_job)
    app.router.add_get(_JOB, studio_models.show_job)
    app.router.add_post(f"{_JOB}/cancel", studio_models.cancel_job)
    app.router.add_get(f"{_MODEL}/comparison", studio_models.show_comparison)
    app.router.add_post(f"{_MODEL}/publish", studio_models.publish)
    app.router.add_post("/api/studio/rollback", studio_models.roll_back)
    app.router.add_get("/api/studio/publications/{publication_id:[0-9]{1,9}}", studio_models.show_publication)
    app.router.add_post(f"{_MODEL}/draft", studio_models.start_draft)
    app.router.add_post("/api/studio/draft/messages", studio_models.talk)
    app.router.add_delete("/api/studio/draft", studio_models.end_draft)
    app.router.add_post("/api/studio/experiments", studio_models.start_experiment)
    app.router.add_get(_EXPERIMENT, studio_models.show_experiment)
    app.router.add_post(f"{_EXPERIMENT}/end", studio_models.end_experiment)
