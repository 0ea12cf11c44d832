"""Reading an answer to a question about safety: yes, no, only tired, joking, alone, drunk. Pure functions."""

from __future__ import annotations

import re

_NOT_THOUGHT = re.compile(
    r"(?:从来?)?(?:没有?|不|不是)(?:这么|这样|那么|真的?|说)?(?:想过|会想|有过|想到|要|想)?(?:不想活|不活|想死|要死|去死|死|这些|那些|想过|会想|有过)"
)
_YES = re.compile(
    r"想过|会想|有过|有时|偶尔|经常|有一?点|有的|有吧|有啊|^有$|^有[，,。.]|都有|两个都|两样都|后者|第二个|不想活|想死|想消失|"
    r"真的想|确实|是的?$|^对|闪过|冒出来"
)
_NO = re.compile(
    r"没有|没什么|没啥|没想|没到|不会|不是那|不至于|就是(?:太|单纯)?累|只是(?:太)?累|太累了?$|单纯累|纯累|前者|第一个|别误会|想多了|没那|不想死|^没$|^不$"
)
_TIRED = re.compile(r"累|没那么严重|没到那|不至于|前者|第一个|困|歇歇就好|睡一觉")
_UNSURE = re.compile(r"不知道|不晓得|不清楚|说不(?:清|上|好)|没想好|随便|看吧|再说")
_BARE_NOD = re.compile(r"^[嗯恩哦噢喔唔额呃啊]+[。.~…]*$")
_SHORT = 6
_JOKE = re.compile(r"开个?玩笑|说着玩|逗你|随口|说说而已|就(?:是)?说说|当真|吓你|瞎说|哈哈")
_ONLY_THOUGHT = re.compile(
    r"(?:没有?|没啥|没什么)(?:计划|打算|具体|准备)|(?:就是|只是|就|光)(?:想想|想一想|想过|一闪)|想想而已|还没想好"
)
_ALONE = re.compile(r"一个人|自己一个|没人|就我|独自")
_WITH = re.compile(r"(?:有|跟|和|陪).{0,6}(?:在|一起|旁边|身边)|室友|同事|老公|老婆|妈|爸|哥|姐|弟|妹|朋友|工友|孩子")
_DRINK = re.compile(r"喝了?.{0,4}酒|喝多|喝高|醉|白酒|啤酒|刚喝")
_PAST = re.compile(r"有过|试过|以前|之前|那次|那年|上次|一次|两次")
_BURDEN = re.compile(r"麻烦|拖累|打扰|连累|添乱|怕(?:他|她|他们|家里)?(?:担心|知道|操心)|丢人|丢脸|笑话|开不了口|说不出口")
_EDGE = re.compile(r"桥上|桥边|大桥|楼顶|天台|顶楼|河边|江边|海边|湖边|水边|水库|窗台|窗边|铁轨|轨道|栏杆|高架|塔吊|悬崖")
_NOT_THERE = re.compile(r"不在|没在|没去|回来了|下来了|离开了|走开了|退")
_NUMBER = re.compile(r"^\D{0,3}(10|十|\d)\s*分?\D{0,2}$")
STRONG = 7
_WEARY = re.compile(
    r"(?:撑|扛|熬|顶|挺|捱|坚持)(?:不|到头|到极限|够)[^，,。！!？?\s]{0,3}|快(?:撑|扛|熬|顶|坚持)[^，,。！!？?\s]{0,3}"
)
_WEARY_WORD = re.compile(r"(?:撑|扛|熬|顶|挺|捱|坚持)不(?:住|下去|过去|动|了)")
_WISH = re.compile(
    r"死|活(?!儿|干|多|动|该|计)|消失|不想醒|醒不过来|解脱|累赘|多余|没意思|没意义|结束|了断|自杀|轻生|自残|遗书|拖累"
)
_PERSON = re.compile(
    r"(?:找|叫|要|换|转|来|接)(?:一?个|位)?(?:真人|人工|咨询师|活人|真的人|真正的人)|(?:叫|找)(?:一?个|点)?人(?:来|跟我|陪我|和我|帮我)|转接|^人工$|^真人$"
)
_NO_PERSON = re.compile(
    r"(?:不|别|没|不用|不想|不要|先不)(?:用|想|要|必|需要)?(?:再)?(?:找|叫|换|转|接)|不要(?:真人|人工)|有用吗|多久|在哪"
)
_ABROAD = re.compile(
    r"国外|海外|外派|驻外|非洲|尼日利亚|拉各斯|安哥拉|肯尼亚|埃塞|刚果|阿尔及利亚|沙特|迪拜|阿联酋|伊拉克|巴基斯坦|孟加拉|印尼|印度尼西亚|越南|柬埔寨|缅甸|"
    r"老挝|马来西亚|俄罗斯|墨西哥|巴西|秘鲁|德国|法国|英国|美国|日本|韩国|澳洲|澳大利亚|新加坡|大使馆|领事馆|国内都(?:半夜|睡)|跟国内|时差"
)
_WHEN = re.compile(r"多久|人呢|怎么还|还没(?:来|人|有人)|来了吗|什么时候(?:来|回)|没人(?:理|回|来)")
_MINOR = re.compile(
    r"^我?(?:今年|才|刚满?|还没到)?(?:1[3-7]|十[三四五六七])岁?了?$|我(?:今年|才|刚满?)?(?:1[3-7]|十[三四五六七])岁|我?未成年$|我未成年|(?:不满|没满|没到)(?:18|十八)"
)


def answers_yes(text: str) -> bool:
    """Whether an answer to the direct question says that such thoughts are there; in doubt after a yes-word, it does."""
    return bool(_YES.search(_NOT_THOUGHT.sub("", text.strip())))


def answers_no(text: str) -> bool:
    """Whether it plainly says no, without any word that says yes."""
    plain = text.strip()
    return bool(_NO.search(plain) or _NOT_THOUGHT.search(plain)) and not answers_yes(plain)


def denies_plainly(text: str) -> bool:
    """Whether it takes the direct question up by itself and says no, also when something else was asked since."""
    return bool(
        re.search(r"没有?(?:不想活|想死|想过死|要死)|不是不想活|不想死|没想(?:过)?(?:死|不活)|(?:就是|只是)(?:太)?累", text)
    ) and not answers_yes(text)


def names_dying(text: str) -> bool:
    return bool(_WISH.search(text))


def says_tired(text: str) -> bool:
    return bool(_TIRED.search(text))


def is_unsure(text: str) -> bool:
    return bool(_UNSURE.search(text))


def is_bare_nod(text: str) -> bool:
    """Whether it is only 嗯 or 哦, which accepts nothing."""
    return bool(_BARE_NOD.search(text.strip()))


def is_short(text: str) -> bool:
    return len(text.strip()) <= _SHORT


def jokes(text: str) -> bool:
    """Whether it takes its own words back as a joke."""
    return bool(_JOKE.search(text))


def may_be_tiredness(text: str, cues: tuple[str, ...]) -> bool:
    """Whether words of a watched message may be only exhaustion: no word in it touches on dying."""
    exhausted = any("exhaust" in cue for cue in cues) or bool(_WEARY.search(text))
    return exhausted and not _WISH.search(text)


def weary_words(text: str) -> str | None:
    """The worker's own 撑不住, to ask about in the same words."""
    found = _WEARY_WORD.search(text)
    return found[0] if found else None


def wants_person(text: str) -> bool:
    """Whether a person is asked for in plain words, whatever was understood."""
    return bool(_PERSON.search(text)) and not _NO_PERSON.search(text)


def asks_when(text: str) -> bool:
    """Whether it asks where the requested person stays."""
    return bool(_WHEN.search(text))


def tells_abroad(texts: tuple[str, ...]) -> bool:
    """Whether the worker said to be abroad, where mainland numbers do not help."""
    return any(_ABROAD.search(text) for text in texts)


def tells_minor_age(text: str) -> bool:
    return bool(_MINOR.search(text))


def is_at_the_edge(text: str) -> bool:
    """Whether the place named is one where a life is in danger now."""
    return bool(_EDGE.search(text)) and not _NOT_THERE.search(text)


def answer_kind(text: str, step: str | None) -> str | None:
    """What a short answer in the row of safety questions tells: the name of the acknowledgement that fits, or None."""
    number = _NUMBER.match(text.strip())
    if number:
        strong = number[1] in ("10", "十") or int(number[1]) >= STRONG
        return "strong" if strong else "number"
    kinds = (("drink", _DRINK), ("joke", _JOKE), ("only_thought", _ONLY_THOUGHT), ("burden", _BURDEN))
    for kind, pattern in kinds:
        if pattern.search(text):
            return kind
    if step == "company" and _ALONE.search(text):
        return "alone"
    if step in ("company", "person") and _WITH.search(text) and not answers_no(text):
        return "with"
    return "past" if step != "company" and _PAST.search(text) and not answers_no(text) else None
