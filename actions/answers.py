"""Reading an answer to a question about safety: joking, alone, drunk, a number, a person wanted. Pure functions."""

from __future__ import annotations

import re

from bot.domain.asq_words import answers_no, jokes

_SHORT = 6
_ONLY_THOUGHT = re.compile(
    r"(?:没有?|没啥|没什么)(?:计划|打算|具体|准备)|(?:就是|只是|就|光)(?:想想|想一想|想过|一闪)|想想而已|还没想好"
)
_ALONE = re.compile(r"一个人|自己一个|没人|就我|独自")
_WITH = re.compile(r"(?:有|跟|和|陪).{0,6}(?:在|一起|旁边|身边)|室友|同事|老公|老婆|妈|爸|哥|姐|弟|妹|朋友|工友|孩子")
_DRINK = re.compile(r"喝了?.{0,4}酒|喝多|喝高|醉|白酒|啤酒|刚喝")
_PAST = re.compile(r"有过|试过|以前|之前|那次|那年|上次|一次|两次")
_BURDEN = re.compile(r"麻烦|拖累|打扰|连累|添乱|怕(?:他|她|他们|家里)?(?:担心|知道|操心)|丢人|丢脸|笑话|开不了口|说不出口")
_EDGE = re.compile(
    r"桥上|桥边|大桥|楼顶|天台|顶楼|河边|江边|海边|湖边|水边|水库|窗台|窗边|铁轨|轨道|栏杆|高架|塔吊|悬崖|阳台[上边外]?[^，。,.]{0,3}[站坐]|[站坐]在?阳台|阳台边"
)
_MYSELF = re.compile(
    r"(?:其实|不瞒你说|说实话|就)(?:就)?是我(?:自己|本人|啦|了)?(?:$|[，。,.！!]|想|不想)|(?:那个)?朋友就是我|没有?什么朋友|说的是我自己|是我自己"
)
_NOT_THERE = re.compile(r"不在|没在|没去|回来了|下来了|离开了|走开了|退")
_NUMBER = re.compile(r"^\D{0,3}(10|十|\d)\s*分?\D{0,2}$")
STRONG = 7
_PERSON = re.compile(
    r"(?:找|叫|要|换|转|来|接)(?:一?个|位)?(?:真人|人工|咨询师|活人|真的人|真正的人)|(?:叫|找)(?:一?个|点)?人(?:来|跟我|陪我|和我|帮我)|转接|^人工$|^真人$"
)
_NO_PERSON = re.compile(
    r"(?:不|别|没|不用|不想|不要|先不)(?:用|想|要|必|需要)?(?:再)?(?:找|叫|换|转|接)|不要(?:真人|人工)|有用吗|多久|在哪"
)
_WHEN = re.compile(r"多久|人呢|怎么还|还没(?:来|人|有人)|来了吗|什么时候(?:来|回)|没人(?:理|回|来)")
_MINOR = re.compile(
    r"^我?(?:今年|才|刚满?|还没到)?(?:1[3-7]|十[三四五六七])岁?了?$|我(?:今年|才|刚满?)?(?:1[3-7]|十[三四五六七])岁|我?未成年$|我未成年|(?:不满|没满|没到)(?:18|十八)"
)


def is_short(text: str) -> bool:
    return len(text.strip()) <= _SHORT


def wants_person(text: str) -> bool:
    """Whether a person is asked for in plain words, whatever was understood."""
    return bool(_PERSON.search(text)) and not _NO_PERSON.search(text)


def asks_when(text: str) -> bool:
    """Whether it asks where the requested person stays."""
    return bool(_WHEN.search(text))


def tells_minor_age(text: str) -> bool:
    return bool(_MINOR.search(text))


def is_myself(text: str) -> bool:
    """Whether a worker who asked for a friend now says that it is about themselves."""
    return bool(_MYSELF.search(text))


def is_at_the_edge(text: str) -> bool:
    """Whether the place named is one where a life is in danger now."""
    return bool(_EDGE.search(text)) and not _NOT_THERE.search(text)


def answer_kind(text: str, step: str | None) -> str | None:
    """What a short answer in the row of safety questions tells: the name of the acknowledgement that fits, or None."""
    number = _NUMBER.match(text.strip())
    if number:
        strong = number[1] in ("10", "十") or int(number[1]) >= STRONG
        return "strong" if strong else "number"
    if jokes(text):
        return "joke"
    for kind, pattern in (("drink", _DRINK), ("only_thought", _ONLY_THOUGHT), ("burden", _BURDEN)):
        if pattern.search(text):
            return kind
    if step == "company" and _ALONE.search(text):
        return "alone"
    if step in ("company", "person") and _WITH.search(text) and not answers_no(text):
        return "with"
    return "past" if step != "company" and _PAST.search(text) and not answers_no(text) else None
