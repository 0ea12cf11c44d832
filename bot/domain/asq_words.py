"""Reads a worker's words as the answer to a direct question: yes, no, refused, unsure, a joke, or no answer at all; pure."""

from __future__ import annotations

import re
from enum import Enum


class Reading(str, Enum):
    """What an answer says; RECENT and OLDER only answer when an attempt was."""

    YES = "yes"
    NO = "no"
    REFUSED = "refused"
    UNSURE = "unsure"
    JOKE = "joke"
    RECENT = "recent"
    OLDER = "older"


_LONGEST_ANSWER = 24  # characters; what is longer tells something, and is read as an answer only when it names the matter
_NOT_THOUGHT = re.compile(
    r"(?:从来?)?(?:没有?|不|不是)(?:这么|这样|那么|真的?|说)?(?:想过|会想|有过|想到|要|想)?(?:不想活|不活|想死|要死|去死|死|自杀|这些|那些|想过|会想|有过)"
)
_YES = re.compile(
    r"想过|会想|(?<![没冇])有(?:过|时|一|两|几|好|那么|点|的|吧|啊|呢|呀|$|[，,。. ])|偶尔|经常|都有|两个都|两样都|后者|第二个|不想活|想死|想消失|"
    r"真的想|确实(?=是|有|会|想|在|$|[，,。. ])|是的?$|^对(?=的|啊|呀|$|[，,。. ])|闪过|冒出来|^在(?:的|啊|呢|$|[，,。. ])|(?<![没冇])[试做]过|(?<!没)[希盼]望?过|^想(?:$|的|啊|[，,。. ])|"
    r"(?:天天|一直|老|总|每天|现在就?)(?:是|都|在)?想|想想(?=而已|罢了|$|[，,。. ])|还在(?:的|啊|呢|吧)?(?=$|[，,。. ])"
)
_NO = re.compile(
    r"没有|没(?:什么|啥)(?!意思|意义|劲|盼头|希望|力气|用|胃口|办法|人)|没想|没到|不会|不是那|不至于|就是(?:太|单纯)?累|只是(?:太)?累|太累了?$|单纯累|纯累|前者|第一个|别误会|想多了|没那|不想死|"
    r"^没$|^不$|^不在|没[试做希盼]|^冇|^莫得|^木有|不能(?:够|啊|的)?(?:$|[，,。. ])|不可能|哪能|怎么会"
)
_TIRED = re.compile(r"累|没那么严重|没到那|不至于|前者|第一个|困|歇歇就好|睡一觉")
_UNSURE = re.compile(
    r"不知道|不晓得|不清楚|说不(?:清|上|好)|没想好|随便|看吧|再说|不好说|算(?:有|是)吧|(?<!没)(?:什么|啥)意思|没懂|没看懂"
)
_REFUSED = re.compile(
    r"不想(?:回答|答|说|讲|聊|提)|不(?:回答|答|说)(?:了|吧|行|可以|$)|别问|不要问|问这(?:个|些)?(?:干|做)|凭什么|不方便|拒绝|跳过|关你|不告诉"
)
_JOKE = re.compile(r"开个?玩笑|说着玩|逗你|随口|说说而已|就(?:是)?说说|当真|吓你|瞎说|哈哈")
# what an answer is made of; where more than a character is left, something else is told
_ANSWERING = re.compile(
    r"[\s，,。.！!？?、~…“”]|没想过?|想过?|有(?:时候?|一?点点?|过|的|吧|啊|呀)?|偶尔|经常|天天|一直|总是?|老是?|每天|会(?!想[我他她你家])|试过|做过|[希盼]望?过?|"
    r"[一两几好多]+(?:次|回|些|下|阵子?|点)|的时候|时候|念头|想法|意思|这(?:样|么|种|个)|那(?:样|么|种|个)?|不好意思|抱歉|对不起|谢谢|说实话|老实说|其实|可能|好像|"
    r"确实|真的?|也|就|还|都|倒|是|对|在|很快|过去|闪|冒|出来|觉得|最近|上周|昨[天晚]|夜里|晚上|半夜|现在|难受|特别|后者|第二个?|两[个样]|[的吧啊呢了呀哦嗯嘛啦唉哎我你一两快点过]"
)
_WEARINESS = re.compile(r"太|累|困|烦|难过|难熬|撑不住|扛不住|熬不住|很|时")
_MOST_ELSE = 1
_BARE_NOD = re.compile(r"^[嗯恩哦噢喔唔额呃啊]+[。.~…]*$")
_MATTER = re.compile(r"死|活|自杀|念头|这(?:种|样|些)想|想不开|轻生|结束")
_RECENT = re.compile(
    r"刚刚|刚才|今天|昨天|前天|前几天|这几天|这两天|(?:上|这|前几)(?:个)?(?:周|星期|礼拜)|(?:这|上|前两|前一)个?月|[一两二三123]个(?:多)?月(?:以?内|前|之前)?|最近|不久|几天|"
    r"三个月(?:以?内)|没多久|前阵子"
)
_OLDER = re.compile(
    r"去年|前年|大前年|[几好多数\d一二两三四五六七八九十]+年(?:前|以前|之前|了)?|半年|小时候|年轻|上学|读书|大学|高中|初中|小学|更早|很久|好久|以前的事|早就|老早|"
    r"[四五六七八九十4-9]个?月(?:前|以前|之前)"
)
_WEARY = re.compile(
    r"(?:撑|扛|熬|顶|挺|捱|坚持)(?:不|到头|到极限|够)[^，,。！!？?\s]{0,3}|快(?:撑|扛|熬|顶|坚持)[^，,。！!？?\s]{0,3}"
)
_WEARY_WORD = re.compile(r"(?:撑|扛|熬|顶|挺|捱|坚持)不(?:住|下去|过去|动|了)")
_WISH = re.compile(
    r"死|活(?!儿|干|多|动|该|计)|消失|不想醒|醒不过来|解脱|累赘|多余|没意思|没意义|结束|了断|自杀|轻生|自残|遗书|拖累"
)
_SAID = {
    "1": re.compile(
        r"(?:想|希望|盼着?|恨不得|巴不得)(?:自己)?(?:死|不在了|消失|别醒|永远睡)|不想(?:再)?(?:活|醒)|死了(?:算|就好|干净)"
    ),
    "2": re.compile(r"(?:没有?了?我|我死了?|我不在了?|少了我).{0,8}(?:更好|好过|轻松|省心|解脱)"),
}


def read_answer(question: str, words: str) -> Reading | None:
    """What these words answer to the open question, or None when they tell something else."""
    plain = words.strip()
    if question == "when":
        return _read_when(plain)
    if len(plain) > _LONGEST_ANSWER and not _MATTER.search(plain):
        return None
    if _REFUSED.search(plain):
        return Reading.REFUSED
    if any(pattern.search(plain) for pattern in _SAID.values()) and not answers_no(plain):
        return Reading.YES
    if answers_yes(plain):
        return Reading.YES if _MATTER.search(plain) or _says_nothing_else(question, plain) else None
    if jokes(plain):
        return Reading.JOKE
    if answers_no(plain) or (question == "tired" and says_tired(plain)):
        return Reading.NO
    return Reading.UNSURE if is_unsure(plain) or is_bare_nod(plain) else None


def _says_nothing_else(question: str, plain: str) -> bool:
    """Whether the words are no more than an answer: 有时候加班到十二点 holds a yes-word, but tells something else.

    Being tired may stand beside a yes (有时候会有吧，太累的时候), except where a yes means danger now.
    """
    rest = _ANSWERING.sub("", plain)
    return len(rest if question == "5" else _WEARINESS.sub("", rest)) <= _MOST_ELSE


def _read_when(plain: str) -> Reading | None:
    if _REFUSED.search(plain) or is_unsure(plain):
        return Reading.REFUSED
    if _RECENT.search(plain):
        return Reading.RECENT
    return Reading.OLDER if _OLDER.search(plain) else None


def answers_yes(text: str) -> bool:
    """Whether an answer to the direct question says that such thoughts are there; in doubt after a yes-word, it does."""
    return bool(_YES.search(_NOT_THOUGHT.sub("", text.strip())))


def answers_no(text: str) -> bool:
    """Whether it plainly says no, without any word that says yes."""
    plain = text.strip()
    return bool(_NO.search(plain) or _NOT_THOUGHT.search(plain)) and not answers_yes(plain)


def jokes(text: str) -> bool:
    """Whether it takes its own words back as a joke."""
    return bool(_JOKE.search(text))


def says_tired(text: str) -> bool:
    return bool(_TIRED.search(text))


def is_unsure(text: str) -> bool:
    return bool(_UNSURE.search(text))


def is_bare_nod(text: str) -> bool:
    """Whether it is only 嗯 or 哦, which accepts nothing."""
    return bool(_BARE_NOD.search(text.strip()))


def may_be_tiredness(text: str, cues: tuple[str, ...]) -> bool:
    """Whether words of a watched message may be only exhaustion: no word in it touches on dying."""
    exhausted = any("exhaust" in cue or "strength" in cue for cue in cues) or bool(_WEARY.search(text))
    return exhausted and not _WISH.search(text)


def weary_words(text: str) -> str | None:
    """The worker's own 撑不住, to ask about in the same words."""
    found = _WEARY_WORD.search(text)
    return found[0] if found else None


def said_already(text: str) -> tuple[str, ...]:
    """The questions that these words have answered with yes, so that they are not asked again."""
    return tuple(question for question, pattern in _SAID.items() if pattern.search(text) and not answers_no(text))
