"""The one door to a running Rasa, and which one a conversation talks to; every failure is RasaUnavailable."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.domain.conversation import SIGNALS, Button, Reply, Understanding
from bot.domain.errors import RasaAway, RasaUnavailable
from bot.domain.publication import CANDIDATE, SLOTS, Routes

_READY_TIMEOUT_SECONDS = 2.0
_MOST_ARMS = 10_000  # conversations whose arm is remembered
ArmOf = Callable[[str, int], Awaitable[str]]  # conversation id, experiment id
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
        """Run one turn; raises RasaUnavailable when Rasa is away (RasaAway), late or wrong. Never asks twice."""
        body = {"sender": sender, "message": message, "metadata": metadata}
        try:
            async with self._http().post(f"{self._url}/webhook", json=body) as response:
                if response.status != 200:
                    raise RasaUnavailable(f"status {response.status}")
                return read_turn(await response.json())
        except aiohttp.ClientConnectorError as error:
            raise RasaAway(type(error).__name__) from error
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


class RasaRouter:
    """Asks the Rasa that a conversation belongs to: the live slot's, or an experiment's candidate; slot n listens on RASA_PORT + n.

    `routes` is all it knows; whoever moves the pointer calls `show`. Turns under way are counted by slot, so that a slot
    can be stopped when none is left. Only the first turn of a conversation during an experiment asks the database.
    """

    def __init__(self, first_port: int, token: str, timeout_seconds: float, arm_of: ArmOf | None = None) -> None:
        self.routes = Routes()
        self._clients = {slot: RasaClient(f"http://127.0.0.1:{first_port + slot}", token, timeout_seconds) for slot in SLOTS}
        self._arm_of = arm_of
        self._arms: OrderedDict[tuple[int, str], str] = OrderedDict()
        self._under_way: Counter[int] = Counter()

    def show(self, routes: Routes) -> None:
        """Send the turns that begin from now on this way."""
        self.routes = routes

    async def ask(self, conversation_id: str, message: str, metadata: dict[str, Any]) -> RasaTurn:
        """One turn of a worker; raises RasaUnavailable. A candidate that nothing listens for leaves its turn to the live model."""
        routes = self.routes
        if routes.candidate is not None and await self._is_candidates(conversation_id, routes):
            with contextlib.suppress(RasaAway):  # it never got the message
                return await self.ask_slot(routes.candidate, conversation_id, message, metadata)
        return await self.ask_slot(self.routes.live, conversation_id, message, metadata)

    async def ask_slot(self, slot: int, sender: str, message: str, metadata: dict[str, Any]) -> RasaTurn:
        """One turn with the Rasa of this slot; raises RasaUnavailable."""
        self._under_way[slot] += 1
        try:
            return await self._clients[slot].ask(sender, message, metadata)
        finally:
            self._under_way[slot] -= 1

    def under_way(self, slot: int) -> int:
        """How many turns this slot is asked at the moment."""
        return self._under_way[slot]

    async def ready_model(self, slot: int | None = None) -> str | None:
        """The file name of the model that this slot serves, the live one's by default; None when it is not ready."""
        return await self._clients[self.routes.live if slot is None else slot].ready_model()

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()

    async def _is_candidates(self, conversation_id: str, routes: Routes) -> bool:
        if self._arm_of is None or routes.experiment_id is None:
            return False
        key = (routes.experiment_id, conversation_id)
        arm = self._arms.get(key)
        if arm is None:
            arm = self._arms[key] = await self._arm_of(conversation_id, routes.experiment_id)
            if len(self._arms) > _MOST_ARMS:
                self._arms.popitem(last=False)
        return arm == CANDIDATE


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
