"""A check of a project that stays warm: what did not change since the last one is not read again."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections import OrderedDict
from pathlib import Path
from typing import Any, Callable, Dict, Generic, Iterable, List, Optional, Tuple, TypeVar

from rasa.core.policies.rule_policy import InvalidRule, RulePolicy
from rasa.core.training.story_conflict import StoryConflict, _get_previous_event, find_story_conflicts
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates, TrainingDataGenerator
from rasa.shared.core.training_data.loading import load_data_from_files
from rasa.shared.core.training_data.structures import StoryGraph, StoryStep
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_yaml
from rasa.validator import Validator

from bot.nlu.complaints import DOMAIN, ERROR, Issue, of_exception, of_warning
from bot.nlu.places import Place, Places

T = TypeVar("T")
_MOST_STORIES_NAMED = 3


class Shelf(Generic[T]):
    """Keeps what was read by the digest of what it was read from, with the issues of the reading; the oldest goes first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[str, Tuple[T, List[Issue]]] = OrderedDict()

    def get(self, key: str, read: Callable[[], Tuple[T, List[Issue]]]) -> Tuple[T, List[Issue]]:
        """What is kept under this key, read now where nothing is."""
        if key not in self._kept:
            self._kept[key] = read()
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


class WarmCheck:
    """Rasa's own validation of one project after another, as issues with file and line."""

    def __init__(self) -> None:
        self._places = Places()
        self._domains: Shelf[Optional[Domain]] = Shelf(8)
        self._nlu: Shelf[Optional[TrainingData]] = Shelf(200)
        self._stories: Shelf[List[StoryStep]] = Shelf(200)
        self._talks: Shelf[None] = Shelf(16)

    def check(self, project: Path) -> List[Issue]:
        """All that is wrong with the project; broken files are all that is told while there are some."""
        self._places.read(project)
        broken = [Issue(ERROR, "yaml", each.message, each.place) for each in self._places.broken]
        digests = self._places.digests
        if broken or "domain.yml" not in digests:
            return broken or [Issue(ERROR, "no_domain", "没有 domain.yml，程序不知道有哪些意图和回复。", DOMAIN)]
        domain, found = self._domains.get(digests["domain.yml"], lambda: self._read_domain(project))
        if domain is None:
            return found
        data = {path: digest for path, digest in digests.items() if path.startswith("data/")}
        nlu, of_nlu = self._read_nlu(project, data)
        names = _names(domain)
        steps, of_stories = self._read_stories(project, data, domain, names)
        issues = [*found, *of_nlu, *of_stories, *self._validate(domain, nlu, StoryGraph(steps))]
        if not any(each.severity == ERROR for each in issues):
            key = self._talk_key(names, digests)
            issues += self._talks.get(key, lambda: (None, self._check_talk(project, domain, steps)))[1]
        return list(dict.fromkeys(issues))

    def _read_domain(self, project: Path) -> Tuple[Optional[Domain], List[Issue]]:
        path = "domain.yml"
        return self._reading(path, lambda: Domain.from_yaml((project / path).read_text("utf-8"), path))

    def _reading(self, path: str, read: Callable[[], T]) -> Tuple[Optional[T], List[Issue]]:
        """What `read` gives, or None, and what Rasa said meanwhile."""
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                got: Optional[T] = read()
                issues: List[Issue] = []
            except Exception as error:
                got, issues = None, of_exception(error, self._places, path)
                if not issues:
                    raise
        return got, issues + _issues(said, self._places, path)

    def _read_nlu(self, project: Path, data: Dict[str, str]) -> Tuple[TrainingData, List[Issue]]:
        parts: List[TrainingData] = []
        issues: List[Issue] = []
        for path, digest in data.items():
            if self._places.has_section(path, "nlu"):

                def read(path: str = path) -> Tuple[Optional[TrainingData], List[Issue]]:
                    return self._reading(path, lambda: load_data(str(project / path), "zh"))

                part, found = self._nlu.get(f"{path} {digest}", read)
                parts += [part] if part is not None else []
                issues += found
        examples = [example for part in parts for example in part.training_examples]
        return TrainingData(training_examples=examples), issues

    def _read_stories(
        self, project: Path, data: Dict[str, str], domain: Domain, names: str
    ) -> Tuple[List[StoryStep], List[Issue]]:
        steps: List[StoryStep] = []
        issues: List[Issue] = []
        for path, digest in data.items():
            if self._places.has_section(path, "stories") or self._places.has_section(path, "rules"):

                def read(path: str = path) -> Tuple[List[StoryStep], List[Issue]]:
                    got, found = self._reading(path, lambda: load_data_from_files([str(project / path)], domain))
                    return got or [], found

                part, found = self._stories.get(f"{path} {digest} {names}", read)
                steps += part
                issues += found
        return steps, issues

    def _validate(self, domain: Domain, nlu: TrainingData, stories: StoryGraph) -> List[Issue]:
        """Rasa's Validator, whose warnings are what it has to say."""
        validator = Validator(domain, nlu, stories, None)
        checks = (
            validator.verify_domain_validity, validator.verify_actions_in_stories_rules,
            validator.verify_forms_in_stories_rules, validator.verify_form_slots, validator.verify_slot_mappings,
            validator.verify_intents_in_stories, validator.verify_utterances_in_stories,
        )  # fmt: skip
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            for check in checks:
                check()
        return _issues(said, self._places, "")

    def _talk_key(self, names: str, digests: Dict[str, str]) -> str:
        """What the findings about the talk depend on: the files with stories, the domain's names and the configuration."""
        told = (
            path for path in digests if self._places.has_section(path, "stories") or self._places.has_section(path, "rules")
        )
        facts = [names, digests.get("config.yml", ""), *(f"{path} {digests[path]}" for path in told)]
        return hashlib.sha256("\0".join(facts).encode("utf-8")).hexdigest()

    def _check_talk(self, project: Path, domain: Domain, steps: List[StoryStep]) -> List[Issue]:
        """Stories against stories, rules against rules and stories."""
        graph = StoryGraph(steps)
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            told = TrainingDataGenerator(graph, domain=domain, remove_duplicates=False, augmentation_factor=0)
            conflicts = find_story_conflicts(told.generate_story_trackers(), domain, None)
            trackers = TrainingDataGenerator(graph, domain=domain, augmentation_factor=0, debug_plots=False).generate()
            return [*(_conflict(each, self._places) for each in conflicts), *self._check_rules(project, domain, trackers)]

    def _check_rules(self, project: Path, domain: Domain, trackers: List[TrackerWithCachedStates]) -> List[Issue]:
        """What RulePolicy refuses to learn, without training anything."""
        wanted = _rule_policy(project)
        if wanted is None:
            return []
        storage = LocalModelStorage(project)  # nothing is stored: the policy is never persisted
        config = {**RulePolicy.get_default_config(), **wanted}
        policy = RulePolicy(config, storage, Resource("check"), ExecutionContext(GraphSchema({})))
        rules = [tracker for tracker in trackers if tracker.is_rule_tracker]
        stories = [tracker for tracker in trackers if not tracker.is_rule_tracker]
        try:
            policy._check_rule_restriction(rules)
            policy._check_for_incomplete_rules(rules, domain)
            policy._create_lookup_from_trackers(rules, stories, domain)
            policy._analyze_rules(rules, trackers, domain)
        except InvalidRule as error:
            return of_exception(error, self._places)
        return []


def _issues(said: Iterable[warnings.WarningMessage], places: Places, path: str) -> List[Issue]:
    """Rasa's UserWarnings as issues; those of Python's own are about code."""
    texts = [str(each.message) for each in said if issubclass(each.category, UserWarning)]
    return [found for text in texts if (found := of_warning(text, places, path))]


def _names(domain: Domain) -> str:
    """All of a domain that stories are read and checked with; the wordings of responses are none of it."""
    facts = domain.as_dict()
    facts["responses"] = sorted(facts.get("responses") or {})
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode("utf-8")).hexdigest()


def _rule_policy(project: Path) -> Optional[Dict[str, Any]]:
    """The configuration of RulePolicy in config.yml, None without it."""
    path = project / "config.yml"
    config = read_yaml(path.read_text("utf-8")) if path.is_file() else {}
    policies = config.get("policies") or []
    found = next((each for each in policies if isinstance(each, dict) and each.get("name") == "RulePolicy"), None)
    return None if found is None else {key: value for key, value in found.items() if key != "name"}


def _conflict(conflict: StoryConflict, places: Places) -> Issue:
    """“A”接 x，“B”接 y, with the line of each."""
    kind, before = _get_previous_event(conflict._sliced_states[-1])
    where = f"用户说到「{before}」" if kind == "intent" else f"“{before}”"
    found: List[Tuple[Place, str, Tuple[Place, ...]]] = []
    for action, stories in conflict._conflicting_actions.items():
        names = sorted(set(stories), key=lambda name: _order(places.block(name)))
        shown = "".join(f"「{name}」" for name in names[:_MOST_STORIES_NAMED]) + (
            "等" if len(names) > _MOST_STORIES_NAMED else ""
        )
        spots = [spot for name in names[:_MOST_STORIES_NAMED] if (spot := _spot(name, str(before), action, places))]
        found.append((spots[0] if spots else DOMAIN, f"{shown}{_then(action)}", tuple(spots)))
    found.sort(key=lambda each: _order(each[0]))
    told = "，".join(text for _, text, _ in found)
    message = f"在{where}之后，{told}，程序不知道该听哪个。请改成一致，或在前面写出不同的前提。"
    related = [spot for _, _, spots in found for spot in spots if spot != found[0][0]]
    return Issue(ERROR, "stories_contradict", message, found[0][0], tuple(dict.fromkeys(related)))


def _order(place: Optional[Place]) -> Tuple[str, int]:
    return (place.path, place.line) if place else ("", 0)


def _then(action: str) -> str:
    return "不再说话、等用户开口" if action == ACTION_LISTEN_NAME else f"接“{action}”"


def _spot(tracker: str, before: str, action: str, places: Places) -> Optional[Place]:
    """The line in the block of this tracker; its name joins the names of its blocks."""
    blocks = [tracker, *reversed(tracker.split(" > "))]
    return next((spot for block in blocks if (spot := places.after(block, before, action))), places.block(tracker))
