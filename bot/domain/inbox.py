"""Which messages are worth a trainer's look, why, and how telling they are; pure."""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from math import log2

from bot.domain.conversation import Understanding
from bot.domain.topics import TOPICS

FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
# Our classifier answers most texts above 0.65; of our own sentences below one half more are wrong than right, and below 0.18 it
# gives no intent at all (config.yml, FallbackClassifier).
LOW_CONFIDENCE = 0.5
CLOSE_MARGIN = 0.2  # the second intent is so near that a word more would have turned it
TOPIC_TURN_WITHIN = dt.timedelta(minutes=10)  # one talk: who changes the topic later begins another
SHORTEST = 2  # characters; a single one tells nobody anything
SAMPLED_IN = 50  # one message in fifty, so that what goes unnoticed is seen as well
# e5 vectors of short Chinese texts: paraphrases of ours lie at 0.93 to 0.98, other matters of the same trade at 0.91 at most.
ALIKE = 0.93
_LONGEST_PROTEST = 24  # characters: longer texts tell of others who did not understand


class Reason(str, Enum):
    """Why a message is worth a look."""

    THUMBS_DOWN = "thumbs_down"
    NOT_UNDERSTOOD = "not_understood"
    MARKED = "marked"
    FALLBACK = "fallback"
    LOW_CONFIDENCE = "low_confidence"
    CHANGED_TOPIC = "changed_topic"
    RUNNER_UP = "runner_up"
    SAMPLE = "sample"


REASONS: Mapping[str, str] = {
    Reason.THUMBS_DOWN.value: "对方点了“没说到点上”",
    Reason.NOT_UNDERSTOOD.value: "对方说没听懂",
    Reason.MARKED.value: "同事标过",
    Reason.FALLBACK.value: "没认出来",
    Reason.LOW_CONFIDENCE.value: "拿不准",
    Reason.CHANGED_TOPIC.value: "话题突然变了",
    Reason.RUNNER_UP.value: "两个意图很接近",
    Reason.SAMPLE.value: "随机抽到",
}
# A person's word outweighs the program's own doubt; a sample says nothing yet.
_WEIGHTS = {
    Reason.THUMBS_DOWN: 4.0, Reason.MARKED: 4.0, Reason.NOT_UNDERSTOOD: 3.0, Reason.FALLBACK: 2.0, Reason.LOW_CONFIDENCE: 1.5,
    Reason.CHANGED_TOPIC: 1.0, Reason.RUNNER_UP: 1.0, Reason.SAMPLE: 0.2,
}  # fmt: skip


class Decided(str, Enum):
    """What a trainer makes of a message: understood well, another intent, none of ours, or nothing to learn from."""

    RIGHT = "right"
    INTENT = "intent"
    NOT_OURS = "not_ours"
    DISMISS = "dismiss"


class Use(str, Enum):
    """What an example is for: to train on, or held back to measure with."""

    TRAIN = "train"
    HELD_BACK = "held_back"


@dataclass(frozen=True)
class Before:
    """The worker's message before this one: its intent and when it was sent."""

    intent: str
    at: dt.datetime


_PROTEST = re.compile(
    r"没(?:有)?(?:听懂|听明白|明白我|理解我|理解对|搞懂|弄懂|看懂|懂我|听清)|听不懂(?:人话|我|吗|啊|么|$)|(?:理解|听|弄|搞|会)(?:错|岔|拧)了?(?:我|意思|吧|$)|误会我|误解我"
    r"|不是(?:这个|那个|这|那|一个|一回)意思|不是一(?:个意思|回事)|不是(?:问|说)(?:这个|那个|这|那)|答非所问|问东答西|我问东你答西|[驴牛]头不对马嘴|驴唇不对马嘴|文不对题|跑题|扯远|鸡同鸭讲"
    r"|我(?:说|问)的(?:不|又不|可不)是|你(?:到底|究竟)?(?:在|都|这)?(?:说|讲|扯)(?:些|的)?(?:什么|啥)(?:呀|啊|呢|东西)?[?？!！。]*$|(?:你)?(?:听|看)(?:没听|得|没看)懂|根本不(?:懂|明白|理解)|不懂我(?:的意思|说)"
)
_ABOUT_OTHERS = re.compile(
    "[他她它]们?|老公|老婆|爱人|对象|领导|组长|主管|老板|同事|客户|孩子|儿子|女儿|[爸妈爹娘]|老师|医生|别人|大家|师傅|婆婆|公公"
)


def is_protest(text: str) -> bool:
    """Whether the worker says that the program did not understand; who tells of others' deaf ears is not meant."""
    said = text.strip()
    return len(said) <= _LONGEST_PROTEST and _PROTEST.search(said) is not None and _ABOUT_OTHERS.search(said) is None


def reasons_of(message_id: int, understood: Understanding, at: dt.datetime, before: Before | None) -> list[Reason]:
    """The program's own doubts about a message; `before` is the worker's message before it."""
    found: list[Reason] = []
    if understood.intent == FALLBACK:
        found.append(Reason.FALLBACK)
    else:
        if understood.confidence < LOW_CONFIDENCE:
            found.append(Reason.LOW_CONFIDENCE)
        second = understood.runner_up_confidence
        if second is not None and understood.confidence - second < CLOSE_MARGIN:
            found.append(Reason.RUNNER_UP)
    if before is not None and _is_turn(before, understood.intent, at):
        found.append(Reason.CHANGED_TOPIC)
    if is_sampled(message_id):
        found.append(Reason.SAMPLE)
    return found


def _is_turn(before: Before, intent: str, at: dt.datetime) -> bool:
    topics = {before.intent, intent}
    return len(topics) == 2 and topics <= TOPICS and at - before.at <= TOPIC_TURN_WITHIN


def is_sampled(message_id: int) -> bool:
    """One message in fifty by its number, the same ones whenever asked."""
    return zlib.crc32(str(message_id).encode("ascii")) % SAMPLED_IN == 0


def is_readable(text: str) -> bool:
    """Whether a message says enough to be looked at."""
    return len(text.strip()) >= SHORTEST


def merged(one: Iterable[str], other: Iterable[str]) -> list[str]:
    """The reasons of both, the most telling first."""
    return sorted({*one, *other}, key=lambda code: -_WEIGHTS[Reason(code)])


def telling(reasons: Iterable[str]) -> float:
    """How telling one message is."""
    return sum(_WEIGHTS[Reason(code)] for code in reasons)


def group_score(tellings: Iterable[float]) -> float:
    """How telling a group of open messages is: its most telling one, and a little more for each doubling of their number; 0 for none."""
    known = list(tellings)
    return max(known) + log2(len(known)) if known else 0.0
