"""Starting and stopping the Rasa processes of the serving slots: supervisord does it, asked over its unix socket."""

from __future__ import annotations

import asyncio
import http.client
import threading
import xmlrpc.client
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from bot.domain.errors import PublishRefused

_NO_SUPERVISOR = "发布要在 make run 下运行的系统里做：这里没有能启动新模型的进程管理。"
_ALREADY_STARTED, _NOT_RUNNING = 60, 70  # supervisor.xmlrpc.Faults
_RUNNING, _STOPPING = (10, 20, 30), (40,)  # STARTING, RUNNING, BACKOFF; STOPPING


class SlotState(str, Enum):
    """How the process of a slot stands."""

    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"


class Slots(Protocol):
    """What starts and stops the process of a slot; both are asked again without harm. Raises PublishRefused when it can't."""

    def why_not(self) -> str | None:
        """Why nothing can be started here, in Chinese; None when it can."""
        ...

    async def start(self, slot: int) -> None: ...

    async def stop(self, slot: int) -> None: ...

    async def state(self, slot: int) -> SlotState: ...


class SupervisorSlots:
    """The programs rasa:rasa-0 to rasa-2 of a supervisord that listens on this unix socket."""

    def __init__(self, socket: Path | None) -> None:
        self._socket = socket
        self._lock = threading.Lock()
        self._proxy: xmlrpc.client.ServerProxy | None = None

    def why_not(self) -> str | None:
        return None if self._socket is not None and self._socket.is_socket() else _NO_SUPERVISOR

    async def start(self, slot: int) -> None:
        await asyncio.to_thread(self._call, "startProcess", slot, True, _ALREADY_STARTED)

    async def stop(self, slot: int) -> None:
        await asyncio.to_thread(self._call, "stopProcess", slot, True, _NOT_RUNNING)

    async def state(self, slot: int) -> SlotState:
        info = await asyncio.to_thread(self._call, "getProcessInfo", slot)
        code = int(info["state"])
        return SlotState.RUNNING if code in _RUNNING else SlotState.STOPPING if code in _STOPPING else SlotState.STOPPED

    def _call(self, method: str, slot: int, *arguments: Any) -> Any:
        """One call; the last argument of a start or stop is the fault that means it is so already."""
        fine = arguments[-1] if arguments else None
        why_not = self.why_not()
        if why_not is not None:
            raise PublishRefused("no supervisord", reader_text=why_not)
        try:
            with self._lock:  # one connection, one call at a time
                return getattr(self._opened().supervisor, method)(f"rasa:rasa-{slot}", *arguments[:-1])
        except xmlrpc.client.Fault as fault:
            if fault.faultCode == fine:
                return None
            raise PublishRefused(
                f"{method}: {fault.faultCode}", reader_text="进程管理没有照办，请看 supervisord 的日志。"
            ) from fault
        except (OSError, http.client.HTTPException, xmlrpc.client.Error, ValueError) as error:
            self._proxy = None
            raise PublishRefused(f"{method}: {type(error).__name__}", reader_text="进程管理没有应答，过几秒再试。") from error

    def _opened(self) -> xmlrpc.client.ServerProxy:
        if self._proxy is None:
            from supervisor.xmlrpc import SupervisorTransport  # only where a slot is moved

            transport = SupervisorTransport(None, None, f"unix://{self._socket}")
            self._proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        return self._proxy
