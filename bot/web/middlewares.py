"""Around every request: errors as one JSON body, security headers, and the origin of whatever changes something."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.domain.errors import (
    AlreadyAccepted,
    Busy,
    EditedMeanwhile,
    Forbidden,
    IllegalTransition,
    Incomplete,
    InvalidInput,
    Locked,
    NotFound,
    NotSignedIn,
    PublishRefused,
    RateLimited,
    StorageUnavailable,
    TooLarge,
    XinyiError,
)
from bot.settings import Settings
from bot.training.merging import three_way

log = logging.getLogger(__name__)
_STATUS: tuple[tuple[type[XinyiError], int], ...] = (
    (NotSignedIn, 401), (NotFound, 404), (RateLimited, 429), (TooLarge, 413), (InvalidInput, 400), (StorageUnavailable, 503),
    (Forbidden, 403), (AlreadyAccepted, 409), (IllegalTransition, 409), (Incomplete, 422), (Locked, 429),
    (EditedMeanwhile, 409), (Busy, 409), (PublishRefused, 409),
)  # fmt: skip
_NOBODY = "'none'"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; connect-src {connect}; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; object-src 'none'"
)


def error_body(code: str, message: str) -> dict[str, dict[str, str]]:
    return {"error": {"code": code, "message": message}}


def _three_ways(error: EditedMeanwhile) -> dict[str, Any]:
    """The three texts and their chunks, so that the page can lay them side by side at once."""
    chunks = three_way(error.base, error.ours, error.theirs).chunks
    texts = {"path": error.path, "base": error.base, "ours": error.ours, "theirs": error.theirs}
    return {**texts, "chunks": [asdict(chunk) for chunk in chunks]}


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error is `{"error": {"code", "message"}}`; a 500 says nothing more."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return web.json_response(
            error_body(f"http_{error.status}", "没有这个页面。" if error.status == 404 else "这个请求没法处理。"),
            status=error.status,
        )
    except XinyiError as error:
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
        body: dict[str, dict[str, Any]] = {**error_body(error.code, error.reader_text)}
        if isinstance(error, Incomplete):
            body["error"]["fields"] = error.fields
        if isinstance(error, EditedMeanwhile):
            body["error"] |= await asyncio.to_thread(_three_ways, error)
        return web.json_response(body, status=status)
    except Exception as error:  # noqa: BLE001 - the last boundary: class name only, a traceback could carry what a person wrote
        log.error(
            "request failed: %s on %s",
            type(error).__name__,
            request.match_info.route.resource and request.match_info.route.resource.canonical,
        )
        return web.json_response(error_body("internal", XinyiError.reader_text), status=500)


def make_security(settings: Settings, origins: Callable[[], frozenset[str]]) -> Middleware:
    """Headers on every answer; requests that change something must come from our own origin."""
    ancestors = " ".join(settings.embed_origins) or _NOBODY

    @web.middleware
    async def security(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if request.method not in _SAFE_METHODS and origin not in origins():
            return web.json_response(error_body("wrong_origin", "这个请求不是从我们的页面发出的。"), status=403)
        response = await handler(request)
        if response.prepared:
            return response
        is_frame = request.path == "/embed"
        # older Safari does not take 'self' for web sockets
        sockets = " ".join(each.replace("http", "ws", 1) for each in sorted(origins()))
        policy = _CSP.format(connect=f"'self' {sockets}")
        response.headers["Content-Security-Policy"] = f"{policy}; frame-ancestors {ancestors if is_frame else _NOBODY}"
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin" if request.path == "/widget.js" else "same-origin"
        if not is_frame:
            response.headers["X-Frame-Options"] = "DENY"
        if settings.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    return security
