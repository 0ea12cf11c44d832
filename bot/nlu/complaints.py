"""Rasa's exceptions and warnings in plain Chinese, each with the file and the line it is about."""

from __future__ import annotations

import errno
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Match, Optional, Tuple

from rasa.core.policies.rule_policy import InvalidRule
from rasa.engine.exceptions import GraphSchemaException
from rasa.shared.exceptions import RasaException, YamlException, YamlSyntaxException
from rasa.shared.utils.validation import YamlValidationException

from bot.nlu.places import Place, Places
from bot.nlu.progress import JobError

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Issue:
    """Something wrong in a project; `related` are the other places that belong to it."""

    severity: str
    code: str
    message: str
    place: Place
    related: Tuple[Place, ...] = ()

    def as_dict(self) -> Dict[str, Any]:
        related = [{"path": each.path, "line": each.line} for each in self.related]
        return {"severity": self.severity, "code": self.code, **asdict(self.place), "message": self.message, "related": related}


DOMAIN = Place("domain.yml", 1)


def as_job_error(error: BaseException, places: Places) -> BaseException:
    """The same error with a Chinese sentence where it is the project's; any other is given back."""
    cause: Optional[BaseException] = error
    while cause is not None:  # Rasa wraps what a component raises
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return cause
        cause = cause.__cause__
    found = of_exception(error, places)
    if not found:
        return error
    lines = [f"{each.place.path} 第 {each.place.line} 行：{each.message}" for each in found[:5]]
    return JobError(found[0].code, "\n".join(lines))


def of_exception(error: BaseException, places: Places, path: str = "") -> List[Issue]:
    """What an exception of Rasa's says about the project, empty when it is not about the project; `path` is the file being read."""
    if isinstance(error, InvalidRule):
        return of_invalid_rule(str(error.message), places)
    if isinstance(error, YamlException):
        return _of_yaml(error, path)
    if isinstance(error, (RasaException, ValueError, KeyError, TypeError, AttributeError)) and path:
        return [Issue(ERROR, "unreadable", "这个文件的结构 Rasa 读不懂，请对照别的文件看看缩进和字段名。", Place(path, 1))]
    if isinstance(error, (RasaException, GraphSchemaException)):
        return [Issue(ERROR, "unreadable", _shortened(str(error)), Place("config.yml", 1))]
    return []


def _of_yaml(error: YamlException, path: str) -> List[Issue]:
    name = path or _relative(error.filename)
    if isinstance(error, YamlSyntaxException):
        mark = getattr(error.underlying_yaml_exception, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return [Issue(ERROR, "broken_yaml", f"第 {line} 行附近的格式不对，请看看缩进、冒号和引号。", Place(name, line, column))]
    if isinstance(error, YamlValidationException):
        found = []
        for each in error.validation_errors or []:
            line = error._line_number_for_path(error.content, each.path) or 1
            found.append(Issue(ERROR, "bad_structure", _structure(each), Place(name, line)))
        return list(dict.fromkeys(found)) or [Issue(ERROR, "bad_structure", "这个文件的最外层结构不对。", Place(name, 1))]
    return [Issue(ERROR, "unreadable", "这个文件读不出来。", Place(name, 1))]


def _relative(filename: Optional[str]) -> str:
    path = Path(filename or "domain.yml")
    return str(path.relative_to(Path.cwd())) if path.is_absolute() and path.is_relative_to(Path.cwd()) else str(path)


def _structure(error: Any) -> str:
    """One error of the schema check."""
    text = str(error)
    unknown = re.search(r"Key '(.+?)' was not defined", text)
    if unknown:
        return f"这里不能写“{unknown.group(1)}”，也许是拼写或缩进不对。"
    missing = re.search(r"Cannot find required key '(.+?)'", text)
    if missing:
        return f"这里少了“{missing.group(1)}”。"
    return "这里的写法不符合要求，也许少了“- ”、缩进不对，或该写文字的地方写了别的。"


def _shortened(text: str) -> str:
    return "Rasa 说：" + " ".join(text.split())[:300]


# --- rules ---------------------------------------------------------------------------------------------------------------------

_CONTRADICTION = re.compile(
    r"- the prediction of the action '(?P<action>.+?)' in (?P<kind>rule|story) '(?P<block>.+?)' is contradicting with rule\(s\) "
    r"'(?P<rules>.+?)'(?: which predicted action '(?P<other>.+?)')?\.(?:\n|$)"
)
_MISSING_SLOT = re.compile(
    r"- the action '(?P<action>.+?)' in rule '(?P<block>.+?)' does not set some of the slots .*? Slots not set in rule "
    r"'.+?': '(?P<slots>.+?)'\."
)
_MISSING_LOOP = re.compile(
    r"- the form '(?P<action>.+?)' in rule '(?P<block>.+?)' does not set the 'active_loop', that it sets in other rules: '(?P<loops>.+?)'\."
)
_LONG = re.compile(r"Found rules '(?P<blocks>.+?)' that contain more than")
_OWN = {"handling active loops and forms - ": "表单自己的流程", "predicting default action with intent ": "Rasa 自带的规则"}


def of_invalid_rule(text: str, places: Places) -> List[Issue]:
    """RulePolicy's complaint, one issue for each pair that can't both hold."""
    flat = text.replace("\r", "")
    found = [_contradiction(match, places) for match in _CONTRADICTION.finditer(flat)]
    found += [_missing_slot(match, places) for match in _MISSING_SLOT.finditer(flat)]
    found += [_missing_loop(match, places) for match in _MISSING_LOOP.finditer(flat)]
    long = _LONG.search(flat)
    if long:
        for name in long.group("blocks").split(", "):
            told = f"规则「{name}」里用户说了不止一句。规则只管一句话之后怎么接；一来一回的过程请写成故事。"
            found.append(Issue(ERROR, "rule_too_long", told, places.block(name) or DOMAIN))
    return found or [Issue(ERROR, "contradicting_rules", _shortened(text), places.block("") or DOMAIN)]


def _block(kind: str) -> str:
    return "规则" if kind == "rule" else "故事"


def _contradiction(match: Match[str], places: Places) -> Issue:
    """“A”接 x，“B”接 y; Rasa gives the names of the rules joined by commas."""
    block, action, other = match.group("block"), match.group("action"), match.group("other")
    names = _split_names(match.group("rules"), places)
    told = "、".join(_rule_name(name) for name in names)
    then = f"却接“{other}”" if other else "走的是另一条路"
    message = f"{_block(match.group('kind'))}「{block}」在这里接“{action}”，{told}在同样的情形下{then}，程序不知道该听哪个。请改成一致，或让两者的前提不同。"
    related = tuple(place for name in names if (place := places.block(name)))
    place = places.step("action", action, _first_block(block, places)) or places.block(block) or DOMAIN
    return Issue(ERROR, "contradicting_rules", message, place, related)


def _rule_name(name: str) -> str:
    own = next((plain for start, plain in _OWN.items() if name.startswith(start)), None)
    return own or f"规则「{name}」"


def _split_names(joined: str, places: Places) -> List[str]:
    """Names may hold commas themselves: as few parts as are known blocks."""
    if places.block(joined) is not None or ", " not in joined:
        return [joined]
    parts = joined.split(", ")
    for cut in range(len(parts) - 1, 0, -1):
        first = ", ".join(parts[:cut])
        if places.block(first) is not None:
            return [first, *_split_names(", ".join(parts[cut:]), places)]
    return [parts[0], *_split_names(", ".join(parts[1:]), places)]


def _first_block(name: str, places: Places) -> str:
    """The name under which a tracker's first block stands in the files."""
    return next((part for part in [name, *re.split(r" - | > ", name)] if places.block(part)), name)


def _missing_slot(match: Match[str], places: Places) -> Issue:
    block, action, slots = match.group("block"), match.group("action"), match.group("slots").split(", ")
    told = "、".join(f"“{slot}”" for slot in slots)
    message = f"规则「{block}」里“{action}”之后没有写词槽{told}，别的规则里写了。请补上 slot_was_set（不该有值就写 null）；若它是最后一步，加上 wait_for_user_input: false。"
    return _incomplete(message, block, action, places)


def _missing_loop(match: Match[str], places: Places) -> Issue:
    block, action = match.group("block"), match.group("action")
    message = f"规则「{block}」里表单“{action}”之后没有写 active_loop，别的规则里写了。请补上 active_loop（表单结束就写 null）；若它是最后一步，加上 wait_for_user_input: false。"
    return _incomplete(message, block, action, places)


def _incomplete(message: str, block: str, action: str, places: Places) -> Issue:
    place = places.step("action", action, block) or places.block(block) or DOMAIN
    others = tuple(each for each in places.steps("action", action) if each != place)[:3]
    return Issue(ERROR, "incomplete_rule", message, place, others)


# --- warnings of Rasa's validator and readers ----------------------------------------------------------------------------------

_Maker = Callable[[Match[str], Places], Optional[Issue]]


def of_warning(text: str, places: Places, path: str = "") -> Optional[Issue]:
    """One warning of Rasa's as an issue, or None for those that say nothing to a trainer."""
    flat = " ".join(text.split())
    for pattern, make in _WARNINGS:
        match = pattern.search(flat)
        if match:
            return make(match, places)
    return Issue(WARNING, "rasa_warning", _shortened(flat), Place(path or "domain.yml", 1))


def _ignored(_match: Match[str], _places: Places) -> Optional[Issue]:
    return None


def _about(severity: str, code: str, message: str, *looks: Tuple[str, str]) -> _Maker:
    """An issue whose message takes the pattern's groups, at the first place found; looks: kind and group ("step:intent" for steps)."""

    def make(match: Match[str], places: Places) -> Optional[Issue]:
        for kind, group in looks:
            name = match.group(group)
            step = kind.partition("step:")[2]
            place = places.step(step, name) if step else places.block(name) if kind == "block" else places.of(kind, name)
            if place:
                return Issue(severity, code, message.format(**match.groupdict()), place)
        return Issue(severity, code, message.format(**match.groupdict()), DOMAIN)

    return make


_WARNINGS: Tuple[Tuple[Any, _Maker], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (r"Slot auto-fill has been removed", _ignored),
        (r"The form 'should_not_be_set' is used", _ignored),  # Rasa's own mark for "no loop" in rules
        # bot.training.checks tells these three with the exact line, and knows what actions say in code
        (r"The intent '.+?' is listed in the domain file, but is not found in the NLU", _ignored),
        (r"The example '.+?' was found labeled with multiple different intents", _ignored),
        (r"The utterance '.+?' is not used in any story or rule", _ignored),
        (r"There is a message in the training data labeled with intent '(?P<name>.+?)'\.",
         _about(ERROR, "unknown_intent", "意图「{name}」有例句，但 domain.yml 的 intents 里没有它。", ("nlu", "name"))),
        (r"The intent '(?P<name>.+?)' is used in your stories, but it is not listed",
         _about(ERROR, "unknown_intent", "故事里用了意图「{name}」，但 domain.yml 的 intents 里没有它。", ("step:intent", "name"))),
        (r"The intent '(?P<name>.+?)' is not used in any story or rule",
         _about(WARNING, "unused_intent", "意图「{name}」没有任何故事或规则用到：认出来了也不知道怎么接。", ("intents", "name"))),
        (r"The action '(?P<name>.+?)' is used in the stories, but is not a valid utterance",
         _about(ERROR, "unknown_response", "这里要说“{name}”，但 domain.yml 里没有这条回复。", ("step:action", "name"))),
        (r"The form '(?P<name>.+?)' is used in the '(?P<block>.+?)' block, but it is not listed",
         _about(ERROR, "unknown_form", "「{block}」里用了表单“{name}”，但 domain.yml 的 forms 里没有它。", ("step:active_loop", "name"), ("block", "block"))),
        (r"The action '(?P<name>.+?)' is used in the '(?P<block>.+?)' block, but it is not listed",
         _about(ERROR, "unknown_action", "「{block}」里用了动作“{name}”，但 domain.yml 的 actions 里没有它。", ("step:action", "name"), ("block", "block"))),
        (r"The form slot '(?P<name>.+?)' in form '(?P<form>.+?)' is not present in the domain slots",
         _about(ERROR, "unknown_slot", "表单“{form}”要填词槽“{name}”，但 domain.yml 的 slots 里没有它。", ("forms", "form"))),
        (r"Slot '(?P<name>.+?)' has a mapping condition for form '(?P<form>.+?)' which is not listed",
         _about(ERROR, "unknown_form", "词槽“{name}”的条件里写了表单“{form}”，但 forms 里没有它。", ("slots", "name"))),
        (r"Slot '(?P<name>.+?)' has a mapping condition for form '(?P<form>.+?)', but it's not present",
         _about(ERROR, "slot_not_in_form", "词槽“{name}”的条件里写了表单“{form}”，但这个表单的 required_slots 里没有它。", ("slots", "name"))),
        (r"Found intent '(?P<name>.+?)' in stories which is not part of the domain",
         _about(ERROR, "unknown_intent", "故事里用了意图「{name}」，但 domain.yml 的 intents 里没有它。", ("step:intent", "name"))),
        (r"references? (?:an )?(?:the )?entity '(?P<name>.+?)'.* not (?:listed|part)",
         _about(ERROR, "unknown_entity", "用到了实体“{name}”，但 domain.yml 的 entities 里没有它。", ("step:entities", "name"))),
        (r"[Ss]lot '(?P<name>.+?)' .*(?:is not listed|not (?:present|defined) in)",
         _about(ERROR, "unknown_slot", "用到了词槽“{name}”，但 domain.yml 的 slots 里没有它。", ("step:slot", "name"))),
        (r"The (?:story|rule) has no steps", _ignored),  # told by the reading of the files, with its line
        (r"Misaligned entity annotation in message '(?P<text>.+?)' with intent '(?P<name>.+?)'",
         _about(WARNING, "misaligned_entity", "意图「{name}」里“{text}”标的实体没有落在词的边界上。", ("nlu", "name"))),
    )
)  # fmt: skip
