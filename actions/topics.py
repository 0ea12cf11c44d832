"""The thirteen topics: how they are called in plain words, and which one a message is about."""

from __future__ import annotations

import re

from actions.turn import Turn

GENERAL = "general"  # a telling that fits no topic (yet)
LABELS = {
    "work_stress": "工作上的压力",
    "workplace_conflict": "单位里的矛盾",
    "family_conflict": "家里的事",
    "homesickness": "想家的心思",
    "loneliness": "没人说话的孤单",
    "relationship": "感情上的事",
    "sleep_problem": "睡不好的事",
    "anxiety": "心里的不安",
    "low_mood": "低落的心情",
    "burnout": "被工作掏空的累",
    "grief": "失去带来的难过",
    "parenting": "孩子的事",
    "self_worth": "对自己的怀疑",
}
TOPICS = frozenset(LABELS)
# How somebody feels is often only the next sentence of the same story, so these need a clearer sign to count as a change.
STATES = frozenset({"anxiety", "low_mood", "self_worth", "burnout", "loneliness", "sleep_problem"})

# Neighbours are told in one breath: the story drifts from one to the other without being called a change.
NEIGHBOURS = (
    frozenset({"work_stress", "workplace_conflict", "burnout"}),
    frozenset({"homesickness", "loneliness"}),
    frozenset({"anxiety", "sleep_problem"}),
    frozenset({"low_mood", "self_worth", "burnout"}),
    frozenset({"family_conflict", "relationship", "parenting"}),
)
HOME = NEIGHBOURS[-1]
_AT_WORK = re.compile(r"领导|老板|站长|同事|主管|师傅|客户|班长|组长|线长|经理|工友|上司|队长|店长|车间主任|甲方|乘客|顾客")
_PARTNER = re.compile(r"老公|老婆|对象|男朋友|女朋友|爱人|媳妇|丈夫|妻子|前任|前妻|前夫|他|她")
_FITTING = {"relationship": _PARTNER, "workplace_conflict": _AT_WORK}
# Soft questions, taken in turn; each has several wordings.
QUESTIONS = ("hardest", "body", "who_knows", "moment", "need", "before", "unsaid", "today")

CHANGE_CONFIDENCE = 0.55
CHANGE_CONFIDENCE_STATE = 0.75
CHANGE_CHARACTERS = 6
SECOND_CONFIDENCE = 0.22
SECOND_SHARE = 0.45
TWO_TOPICS_CHARACTERS = 12
NAMED_WORDS = {
    "work_stress": ("工作", "活", "上班", "单位"),
    "workplace_conflict": ("领导", "同事", "老板", "单位", "客户"),
    "family_conflict": ("家里", "爸", "妈", "父母", "婆婆", "家"),
    "homesickness": ("想家", "老家", "回家"),
    "loneliness": ("孤单", "孤独", "没人说话", "朋友"),
    "relationship": ("感情", "对象", "老公", "老婆", "男朋友", "女朋友", "他", "她"),
    "sleep_problem": ("睡", "觉", "失眠"),
    "anxiety": ("不安", "慌", "焦虑", "担心", "怕"),
    "low_mood": ("心情", "低落", "难过", "难受"),
    "burnout": ("累", "掏空", "倦"),
    "grief": ("走了", "去世", "失去"),
    "parenting": ("孩子", "娃", "儿子", "女儿"),
    "self_worth": ("自己", "自卑", "没用"),
}

# Troubles in the worker's own words, with the topic they belong to; a quarrel is named with the person when one was said.
SPOKEN = (
    ("work_stress", re.compile(r"加班|夜班|倒班|裁员|扣钱|罚款|欠薪|拖工资|考核|赶工期|跑单")),
    ("workplace_conflict", re.compile(r"(?:领导|老板|主管|站长|班长|组长|经理)[^，。,.]{0,6}(?:骂|吼|针对|刁难|找茬|穿小鞋)")),
    ("relationship", re.compile(r"(?:老公|老婆|对象|男朋友|女朋友|爱人|媳妇|丈夫|妻子)[^，。,.]{0,6}(?:吵|闹|冷战|离婚|分手)")),
    ("family_conflict", re.compile(r"(?:爸|妈|父母|爸妈|婆婆|公公|岳母|家里)[^，。,.]{0,6}(?:吵|闹|催婚|逼婚|要钱)")),
)
_DONE = re.compile(r"吵|闹|冷战|离婚|分手|催婚|逼婚|要钱|骂|吼|针对|刁难|找茬|穿小鞋")
_DONE_WORDS = {"吵": "吵架", "闹": "闹矛盾", "离婚": "闹离婚", "分手": "闹分手", "要钱": "为钱的事扯着"}
_DONE_BY_THEM = frozenset({"催婚", "逼婚", "骂", "吼", "针对", "刁难", "找茬", "穿小鞋"})
_WHO = re.compile(
    r"老公|老婆|对象|男朋友|女朋友|爱人|媳妇|丈夫|妻子|领导|老板|主管|站长|班长|组长|经理|婆婆|公公|岳母|爸妈|父母|家里|爸|妈"
)


def label(topic: str) -> str:
    """The topic in words that stand well inside a sentence; unknown ones are called 刚才那件事."""
    return LABELS.get(topic, "刚才那件事")


def told_topic(turn: Turn) -> str | None:
    """The topic this message tells of, or None when it is not understood as one."""
    return turn.intent if turn.intent in TOPICS else None


def fits(topic: str | None, person: str) -> bool:
    """Whether naming this person makes sense in that topic: no foreman in a loss, no child in a marriage."""
    if topic in ("grief", "family_conflict", "parenting", "homesickness"):
        return not _AT_WORK.search(person)
    wanted = _FITTING.get(topic or "")
    return wanted is None or bool(wanted.search(person))


def question(asked: int) -> str:
    """The soft question whose turn it is."""
    return f"utter_ask_{QUESTIONS[asked % len(QUESTIONS)]}"


def two_topics(turn: Turn) -> tuple[str, str] | None:
    """Both topics when one typed message carries two, the stronger first."""
    if len(turn.words) < TWO_TOPICS_CHARACTERS or turn.intent not in TOPICS:
        return None
    ranked = sorted(((p, name) for name, p in turn.ranking if name in TOPICS), reverse=True)[:2]
    if len(ranked) < 2:
        return None
    (first_p, first), (second_p, second) = ranked
    if second_p >= SECOND_CONFIDENCE and second_p >= SECOND_SHARE * first_p:
        return first, second
    return None


def two_troubles(turn: Turn) -> tuple[tuple[str, str], tuple[str, str]] | None:
    """Two troubles of one message as (topic, words for it): said outright, or two topics of the ranking."""
    spoken = [(topic, _spoken_words(found[0])) for topic, pattern in SPOKEN if (found := pattern.search(turn.words))]
    if len(spoken) >= 2:
        return spoken[0], spoken[1]
    pair = two_topics(turn)
    if pair is None:
        return None
    named = dict(spoken)
    first, second = ((topic, named.get(topic, label(topic))) for topic in pair)
    return first, second


def _spoken_words(found: str) -> str:
    done, who = _DONE.search(found), _WHO.search(found)
    if not done or not who:
        return found
    name = {"爸": "爸爸", "妈": "妈妈"}.get(who[0], who[0])
    if done[0] in _DONE_BY_THEM:
        return f"{name}{done[0]}" if done[0] in ("催婚", "逼婚") else f"{name}那样{done[0]}你"
    return f"跟{name}{_DONE_WORDS.get(done[0], done[0])}"


def changed_topic(turn: Turn, current: str) -> str | None:
    """The new topic when this message clearly leaves `current`; a short or doubtful one goes on with the old story."""
    told = told_topic(turn)
    if told is None or told == current:
        return None
    if turn.is_button:
        return told
    clearer = told in STATES or {told, current} <= HOME
    needed = CHANGE_CONFIDENCE_STATE if clearer else CHANGE_CONFIDENCE
    if turn.confidence >= needed and len(turn.words) >= CHANGE_CHARACTERS:
        return told
    return None


def drifts_to(turn: Turn, current: str) -> str | None:
    """The neighbouring topic when the same story is now more about that."""
    told = told_topic(turn)
    if told is None or turn.is_button or turn.confidence < CHANGE_CONFIDENCE:
        return None
    near = told != current and any({told, current} <= neighbours for neighbours in NEIGHBOURS)
    if near and {told, current} <= HOME and turn.confidence < CHANGE_CONFIDENCE_STATE:
        return None
    return told if near else None


def chosen_of(turn: Turn, first: str, second: str) -> str | None:
    """Which of two named topics an answer picks; None when it picks neither."""
    if turn.intent in (first, second):
        return turn.intent
    if any(word in turn.words for word in ("第一", "前面", "前一个", "前者")):
        return first
    if any(word in turn.words for word in ("第二", "后面", "后一个", "后者")):
        return second
    named = [topic for topic in (first, second) if any(word in turn.words for word in NAMED_WORDS[topic])]
    if len(named) == 1:
        return named[0]
    if turn.intent in ("affirm", "unsure") or any(word in turn.words for word in ("都行", "随便", "都可以", "你定")):
        return first
    return None
