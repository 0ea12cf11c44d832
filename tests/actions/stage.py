"""A stand-in for Rasa in tests: the real domain, the real rules and the real actions, without a model or a server."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.interfaces import Tracker

ROOT = Path(__file__).resolve().parents[2]
FORM = "exercise_form"
LEVELS = ["none", "watch", "high", "imminent"]
_BLANK = re.compile(r"\{([a-z_]+)\}")


@lru_cache(maxsize=1)
def domain() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def rules() -> dict[str, list[str]]:
    """For each intent, the actions its rule names."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "data" / "rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            steps = rule["steps"]
            if "intent" in steps[0]:
                actions = [step["action"] for step in steps[1:] if "action" in step]
                found[steps[0]["intent"]] = max(actions, found.get(steps[0]["intent"], []), key=len)
    return found


@lru_cache(maxsize=1)
def executor() -> ActionExecutor:
    made = ActionExecutor()
    made.register_package("actions")
    return made


@dataclass
class Bubble:
    """What the worker would see, and the response it came from."""

    response: str
    text: str
    buttons: list[str] = field(default_factory=list)
    card: dict[str, Any] | None = None
    values: dict[str, str] = field(default_factory=dict)


def check(bubbles: list[Bubble]) -> None:
    """What holds for every turn: one to three bubbles, short, one question, buttons on the last, one signal at most."""
    assert 1 <= len(bubbles) <= 3, bubbles
    assert all(len(bubble.text) <= 90 or bubble.response == "utter_thought_record_summary" for bubble in bubbles), bubbles
    assert not any(bubble.buttons for bubble in bubbles[:-1]), bubbles
    assert sum("？" in bubble.text for bubble in bubbles) <= 1, bubbles
    kinds = [(bubble.card or {}).get("kind") for bubble in bubbles]
    assert max(kinds.count(kind) for kind in ("handoff", "ask_directly", "offer_plan")) <= 1, bubbles


class Stage:
    """One conversation: `say` a message as understood, get the bubbles."""

    def __init__(self) -> None:
        self.slots: dict[str, Any] = dict.fromkeys(domain()["slots"]) | {"requested_slot": None}
        self.events: list[dict[str, Any]] = []
        self.loop: str | None = None
        self.bubbles: list[Bubble] = []
        self.turns = 0
        self.carried = "none"

    def say(
        self,
        text: str,
        intent: str,
        confidence: float = 0.9,
        ranking: dict[str, float] | None = None,
        risk: tuple[str, str, str] = ("none", "none", "none"),
        cues: tuple[str, ...] = (),
        voice: str = "whole",
        carried: str | None = None,
        rests: bool = False,
        **entities: str,
    ) -> list[Bubble]:
        self.turns += 1
        before = len(self.bubbles)
        if carried is not None:  # a human lowered it, or an answer to the gateway raised it
            self.carried = carried
        elif risk[1] == "self":
            self.carried = max(self.carried, risk[0], key=LEVELS.index)
        order = ranking or {intent: confidence}
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "intent_ranking": [{"name": name, "confidence": p} for name, p in order.items()],
            "entities": [{"entity": name, "value": value} for name, value in entities.items()],
            "metadata": {
                "message_id": self.turns,
                "voice": voice,
                "carried": self.carried,
                "rests": rests,
                "risk": dict(zip(("level", "subject", "kind"), risk, strict=False)) | {"cues": list(cues)},
            },
        }
        self.events.append({"event": "user", "text": text, "metadata": message["metadata"]})
        self.message = message
        if not self._form_takes(text, intent):
            for action in rules()[intent]:
                if action != FORM or self.slots["exercise_opens"]:
                    self._do(action)
        bubbles = self.bubbles[before:]
        if voice == "silent":
            assert bubbles == []
        else:
            check(bubbles)
        return bubbles

    def press(self, payload: str) -> list[Bubble]:
        """A button: Rasa reads its payload as an intent with entities."""
        match = re.fullmatch(r"/(\w+)(?:\{(.*)\})?", payload)
        assert match, payload
        entities = dict(re.findall(r'"(\w+)": "(\w+)"', match[2] or ""))
        return self.say(payload, match[1], 1.0, **entities)

    def _form_takes(self, text: str, intent: str) -> bool:
        refused = domain()["slots"]["exercise_reply"]["mappings"][0]["not_intent"]
        if self.loop != FORM or self.slots["requested_slot"] is None or intent in refused:
            return False
        self.slots["exercise_reply"] = text
        self._run("validate_exercise_form")
        self._after_form()
        return True

    def _after_form(self) -> None:
        if self.slots["requested_slot"] is not None:
            self._run("action_ask_exercise_reply")
        else:
            self.loop = None
            self._do("action_finish_exercise")

    def _do(self, action: str) -> None:
        if action == FORM:
            self.loop, self.slots["requested_slot"] = FORM, "exercise_reply"
            self._run("action_ask_exercise_reply")
        elif action.startswith("utter_"):
            self._show({"response": action})
        else:
            self._run(action)

    def tracker(self) -> Tracker:
        loop = {"name": self.loop} if self.loop else {}
        return Tracker("c1", dict(self.slots), self.message, list(self.events), False, None, loop, None)

    def run_once(self, action: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The events and messages of one run of an action, without applying them."""
        dispatcher = CollectingDispatcher()
        events = asyncio.run(executor().actions[action](dispatcher, self.tracker(), {}))
        return events, dispatcher.messages

    def _run(self, action: str) -> None:
        events, messages = self.run_once(action)
        for message in messages:
            self._show(message)
        follow_up = None
        for event in events:
            if event["event"] == "slot":
                assert event["name"] in self.slots, event["name"]
                self.slots[event["name"]] = event["value"]
            elif event["event"] == "active_loop":
                self.loop = event["name"]
            elif event["event"] == "followup":
                follow_up = event["name"]
        if follow_up:
            self._do(follow_up)

    def _show(self, message: dict[str, Any]) -> None:
        known = {"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"}
        values = {name: value for name, value in message.items() if name not in known}
        name = message["response"]
        wording = self._wording(name, {**self.slots, **values})
        text = _BLANK.sub(lambda blank: str({**self.slots, **values}[blank[1]]), wording["text"])
        buttons = [b["payload"].replace("{{", "{").replace("}}", "}") for b in wording.get("buttons", [])]
        buttons += [b["payload"] for b in message.get("buttons") or []]
        self.bubbles.append(Bubble(name, text, buttons, message.get("custom") or None, values))
        self.events.append({"event": "bot", "text": text, "wording": wording["text"]})

    def _wording(self, name: str, values: dict[str, Any]) -> dict[str, Any]:
        """The wording used longest ago among those whose blanks are known; those with blanks first."""
        said = [event["wording"] for event in self.events if event["event"] == "bot"]
        possible = [w for w in domain()["responses"][name] if all(values.get(b) for b in _BLANK.findall(w["text"]))]
        assert possible, f"{name} has no wording without blanks"

        def rank(wording: dict[str, Any]) -> tuple[int, int]:
            text = wording["text"]
            last = max((place for place, one in enumerate(said) if one == text), default=-1)
            return last, 0 if _BLANK.search(text) else 1

        chosen: dict[str, Any] = min(possible, key=rank)
        return chosen
