"""Anonymous sessions: a signed worker id; no row exists before the first word, and an erased worker's session is over."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.domain.errors import NotSignedIn

_MAX_AGE_SECONDS = 90 * 24 * 3600


@dataclass(frozen=True)
class WorkerSession:
    """Who a token stands for; `epoch` ends all older tokens when it grows."""

    worker_id: str
    epoch: int


class SessionSigner:
    """Makes and reads session tokens (itsdangerous, HMAC)."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="xinyi.worker-session")

    def fresh(self) -> str:
        """A token for somebody new."""
        return str(self._serializer.dumps({"w": uuid.uuid4().hex, "e": 0}))

    def read(self, token: str | None) -> WorkerSession:
        """The session of a token; raises NotSignedIn for none, a forged or an old one."""
        if not token:
            raise NotSignedIn("no token")
        try:
            data = self._serializer.loads(token, max_age=_MAX_AGE_SECONDS)
            return WorkerSession(str(data["w"]), int(data["e"]))
        except (BadSignature, KeyError, TypeError, ValueError):
            raise NotSignedIn("bad token") from None
