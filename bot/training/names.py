"""Which names an intent, a response or a story may have, and says so in plain words."""

from __future__ import annotations

import re

from bot.domain.errors import InvalidInput

LONGEST_NAME = 50
LONGEST_STORY_NAME = 80
NEEDED_INTENTS = frozenset(
    {"out_of_scope", "nlu_fallback", "back", "restart", "session_start"}
)  # Rasa's own, and where "none of ours" goes

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})  # YAML reads them as something else
_FOR_OTHERS = ("utter_", "action_", "validate_")


def require_name(name: object, what: str = "意图") -> str:
    """The name, when Rasa and our files can carry it as a key: small letters, digits, underscore; raises InvalidInput."""
    if not isinstance(name, str) or not name.strip():
        raise InvalidInput("name", reader_text=f"{what}要有名字。")
    if len(name) > LONGEST_NAME:
        raise InvalidInput("name", reader_text=f"{what}的名字太长了，最多 {LONGEST_NAME} 个字符。")
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            "name",
            reader_text=f"{what}的名字只能用小写字母、数字和下划线，开头是字母，比如 night_shift；空格、汉字、斜杠和点都不行。",
        )
    if name in _YAML_WORDS:
        raise InvalidInput("name", reader_text=f"“{name}”在 YAML 里另有意思，请换一个名字。")
    return name


def require_intent(name: object) -> str:
    """The name of a new intent; raises InvalidInput."""
    found = require_name(name)
    if found in NEEDED_INTENTS:
        raise InvalidInput("name", reader_text=f"“{found}”是程序自己要用的名字，请换一个。")
    if found.startswith(_FOR_OTHERS):
        raise InvalidInput("name", reader_text=f"意图的名字不能用 {'、'.join(_FOR_OTHERS)} 开头，那是给回复和动作用的。")
    return found


def require_response(name: object) -> str:
    """The name of a response (utter_...); raises InvalidInput."""
    found = require_name(name, "回复")
    if not found.startswith("utter_") or found == "utter_":
        raise InvalidInput("name", reader_text="回复的名字要用 utter_ 开头，比如 utter_night_shift。")
    return found


def require_story_name(name: object) -> str:
    """A story's name: words of one line, in any script; raises InvalidInput."""
    found = " ".join(name.split()) if isinstance(name, str) else ""
    if not found:
        raise InvalidInput("name", reader_text="故事要有名字。")
    if len(found) > LONGEST_STORY_NAME:
        raise InvalidInput("name", reader_text=f"故事的名字太长了，最多 {LONGEST_STORY_NAME} 个字。")
    if "../" in found or not found.isprintable():
        raise InvalidInput("name", reader_text="故事的名字里有不能用的字符。")
    return found


def require_removable(intent: str) -> None:
    """Raises InvalidInput for the intents that Rasa or the program itself need."""
    if intent in NEEDED_INTENTS:
        raise InvalidInput("intent", reader_text=f"“{intent}”是程序自己要用的，不能删，也不能改名。")
