"""Which names an intent, a response or a story may have, and says so in plain words."""

from __future__ import annotations

NEEDED_INTENTS = frozenset({"out_of_scope", "nlu_fallback", "back", "restart", "session_start"})


def require_name(name: object, what: str = "意图") -> str:
    """The name, when Rasa and our files can carry it as a key: letters, digits, underscore; raises InvalidInput."""
    raise NotImplementedError


def require_response(name: object) -> str:
    """The name of a response (utter_...); raises InvalidInput."""
    raise NotImplementedError


def require_story_name(name: object) -> str:
    """A story's name: words of a line, in any script; raises InvalidInput."""
    raise NotImplementedError


def require_removable(intent: str) -> None:
    """Raises InvalidInput for the intents that Rasa or the program itself need."""
    raise NotImplementedError
