"""The one door to a running Rasa: a turn, and whether it is ready; every failure is RasaUnavailable."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.domain.conversation import SIGNALS, Button, Reply, Understanding
from bot.domain.errors import RasaUnavailable

_READY_TIMEOUT_SECONDS = 2.0
_ODD_SHAPE = (AttributeError, KeyError, TypeError)  # JSON of another shape than the channel's


@dataclass(frozen=True)
class RasaTurn:
    """Rasa's answer to one message; `signals` are what the dialogue wants of the gateway beside its words."""

    replies: tuple[Reply, ...]
    understanding: Understanding | None
    signals: frozenset[str] = frozenset()


class RasaClient:
    """Talks to one Rasa on loopback; close it when done."""

    def __init__(self, base_url: str, token: str, timeout_seconds: float) -> None:
        self._url = f"{base_url}/webhooks/gateway"
        self._headers = {"Authorization": f"Bearer {token}"}
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds, connect=2)
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, sender: str, message: str, metadata: dict[str, Any]) -> RasaTurn:
        """Run one turn; raises RasaUnavailable when Rasa is away, late or wrong. Never asks twice."""
        body = {"sender": sender, "message": message, "metadata": metadata}
        try:
            async with self._http().post(f"{self._url}/webhook", json=body) as response:
                if response.status != 200:
                    raise RasaUnavailable(f"status {response.status}")
                return read_turn(await response.json())
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError, *_ODD_SHAPE) as error:
            raise RasaUnavailable(type(error).__name__) from error

    async def ready_model(self) -> str | None:
        """The file name of the model Rasa serves now, or None when it is not ready."""
        timeout = aiohttp.ClientTimeout(total=_READY_TIMEOUT_SECONDS)
        try:
            async with self._http().get(f"{self._url}/", timeout=timeout) as response:
                body = await response.json()
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError):
            return None
        return str(body["model"]) if isinstance(body, dict) and body.get("ready") else None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout, headers=self._headers, connector=aiohttp.TCPConnector(limit=64)
            )
        return self._session


def read_turn(body: Any) -> RasaTurn:
    """A turn from the channel's JSON."""
    if not isinstance(body, dict):
        raise RasaUnavailable("not an object")
    replies: list[Reply] = []
    signals: set[str] = set()
    for entry in body.get("messages") or []:
        custom = entry.get("custom")
        if isinstance(custom, dict) and custom.get("kind") in SIGNALS:
            signals.add(custom["kind"])
        elif isinstance(custom, dict) and replies and replies[-1].custom is None:
            last = replies[-1]
            replies[-1] = Reply(last.text, last.author, last.buttons, custom)
        elif entry.get("text") or isinstance(custom, dict):
            buttons = tuple(Button(str(each["title"]), str(each["payload"])) for each in entry.get("buttons") or [])
            replies.append(
                Reply(str(entry.get("text") or ""), buttons=buttons, custom=custom if isinstance(custom, dict) else None)
            )
    return RasaTurn(tuple(replies), _read_understanding(body.get("understanding")), frozenset(signals))


def _read_understanding(found: Any) -> Understanding | None:
    if not isinstance(found, dict):
        return None
    runner_up = found.get("runner_up")
    return Understanding(
        str(found.get("intent") or ""),
        float(found.get("confidence") or 0.0),
        tuple(found.get("entities") or ()),
        str(found.get("model") or ""),
        str(runner_up) if runner_up else None,
        float(found.get("runner_up_confidence") or 0.0) if runner_up else None,
    )
