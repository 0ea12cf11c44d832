"""What a worker's words mean inside the safety plan: a wish about the plan, an answer, or something to be heard instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from bot.domain.safety_plan_state import PlanStep
from bot.domain.wishes import LONGEST_WISH, cores


class Wish(str, Enum):
    """What can be wanted of the plan, by a button (its `do`) or in words."""

    BEGIN = "begin"
    LATER = "later"
    RESUME = "resume"
    SKIP = "skip"
    DONE = "done"
    BACK = "back"
    CHANGE = "change"
    CLEAR = "clear"
    DROP = "drop"
    KEEP = "keep"
    STOP = "stop"
    SHOW = "show"
    WHO_SEES = "who_sees"
    UNSURE = "unsure"
    YES = "yes"
    NO = "no"
    NONE = "none"
    MORE = "more"


@dataclass(frozen=True)
class Wanted:
    """A wish; `number` is the step that 改第3步 names, or None."""

    wish: Wish
    number: int | None = None


_PLAN = r"(?:安全(?:小)?计划|自救计划|安全卡片?)"
_WORK = re.compile(
    r"生产|项目|工地|施工|消防|车间|班组|公司|单位|领导|老板|主管|经理|组长|站长|工厂|厂里|部门|甲方|年度|季度|月度|交上去|要交|明天交|检查|"
    r"ppt|培训|作业|交通|网络|信息|校园|食品|数据|员工",
    re.IGNORECASE,
)
_UNWILLING = re.compile(
    rf"(?:(?<!想)不想|(?<!要)不要|(?<!用)不用|别|没空|不愿意?|懒得|先不).{{0,4}}(?:做|写|弄|建|定|列|看|搞|填|改).{{0,6}}{_PLAN}|"
    rf"(?<![能要可想是用])不(?:做|写|弄|看|搞|填).{{0,6}}{_PLAN}"
)
_START = re.compile(
    rf"(?:做|写|弄|建|定|列|订|制定|搞|填|要|来|开始|继续|接着)(?:一?[个份张]|下|一下|点|我的|我?自己的|那个|这个|完)*{_PLAN}(?!是|有什么用|有用)|"
    rf"{_PLAN}(?:怎么|咋)(?:做|写|弄)|^(?:我要|我想要)?{_PLAN}$"
)
_SHOW = re.compile(
    rf"(?:看看|看下|看一下|看一眼|再看|想看|要看|看我|翻出来?|找出来?|打开|发我|调出来?|显示|拿出来?|给我)(?:看看|看|一下|一遍|下|我|的|那个|这个|之前|上次|写|做|自己|一?份)*{_PLAN}|"
    rf"{_PLAN}(?:在哪|呢|发我|拿出来|打开|还在吗|(?:我|给我|让我)?再?看(?:看|一下|一眼|下))|^我(?:的|那个){_PLAN}$"
)

_ENDS = re.compile(r"[\s。.，,！!？?~～…、；;]+")
_SOFT_END = re.compile(r"(?:吧|啊|呀|哈|呢|嘛|哦|噢|喽|啦|哎|唉|了)+$")
_SOFT_START = re.compile(r"^(?:嗯|那个?|我|我们|咱们?|就|要不|还是|能不能|可不可以|可以|想|先|唉|哎|额|呃|请|帮我)+(?=.)")
_THIS = r"(?:这个|这步|这题|这一步|这一题|这条|它|吧)?"
_DIGITS = {digit: place % 10 for place, digit in enumerate("零一二三四五六七八九0123456789")}  # others name no step
_CHANGE = re.compile(
    r"^(?:再|重新|回去|回到|回|退到|返回|改|修改|重写|补充|补|换|看|一下|下)*"
    r"第?([一二三四五六七八九十百几\d]{1,3})(?:步|条|题)(?:改|重写|重来|补|写错|再改)?(?:一下|下|了)*$"
)
_NUMBERED = re.compile(r"第[一二三四五六七八九十百几\d]|[改回补][^，,。]{0,4}[步条题]")

# Whole messages, after the soft words around them are gone. The first that fits.
_WISHES: tuple[tuple[Wish, re.Pattern[str]], ...] = tuple(
    (wish, re.compile(f"^(?:{pattern})$"))
    for wish, pattern in (
        (Wish.CLEAR, rf"{_THIS}(?:都|全)?(?:清掉|清空|重写|重来|重新写|全删|都删掉?|删掉重写|清掉重写){_THIS}|都不要"),
        (
            Wish.DROP,
            r"(?:刚才|刚刚|上面|上一?)(?:那|这)?(?:一)?[条句个](?:不算|不要|删掉|删|去掉|错)|(?:写|说|打|发)错|撤回|删掉?(?:刚才|上)?(?:那|这|一)*[条句个]",
        ),
        (
            Wish.STOP,
            r"停|停一?下|暂停|停在?(?:这|这儿|这里)|(?:今天|就|先)*到(?:这|这儿|这里|此)(?:为止)?|算|这样|退出|结束|不(?:再)?(?:做|弄|搞|聊|继续|问)|不想?(?:写|填|说)了|"
            r"不想(?:再)?(?:做|弄|搞|继续|聊)|改天(?:再(?:做|说|弄|写|来|聊))?|下次(?:再(?:做|说|弄|写|来))?|回头(?:再(?:做|说|弄|写))?|晚点(?:再(?:做|说|弄|写))?|"
            r"等会儿?(?:再(?:做|说|弄|写))?|以后再(?:做|说|弄|写)|今天(?:就)?(?:不做|不弄|不写|算|这样)|别(?:再)?问|(?:做|写|弄)不下去",
        ),
        (
            Wish.BACK,
            r"(?:回到?|退回|退|返回|改|看)*(?:上|前)(?:一)?(?:步|个|题|条)(?:改(?:一下)?|去)?|往回|返回|后退|回去改(?:一下)?",
        ),
        (
            Wish.SKIP,
            rf"{_THIS}(?:跳过|跳|略过|过|pass|下一(?:步|个|题|条)|不想(?:答|说|写|回答|讲|填)|不(?:答|填|方便(?:答|说|写))|空着|换一?个(?:问题)?){_THIS}",
        ),
        (
            Wish.DONE,
            r"(?:暂时|目前|别的|其他|其它|真|应该|大概)?(?:没|没有|没有别的|没别的|没啥|没什么|没别人)|就?(?:这些|这样|这么多|这几个|这一?个)|"
            r"(?:都|全)?(?:说|写|填)(?:完|好)了?|完了|好了|差不多|够|没了?下一步",
        ),
        (
            Wish.WHO_SEES,
            r".{0,8}(?:谁.{0,4}看(?:得?到|得?见)?|给谁看)|"
            r".{0,8}(?:别人|公司|单位|老板|领导|站长|组长|咨询师|家里人?).{0,6}(?:看|知道)(?:得?到|得?见)?(?:吗|么|不)",
        ),
        (
            Wish.UNSURE,
            r"(?:我|也|真|真的|还|这个|这|都|实在|一时|有点|暂时)*(?:不知道|不晓得|不清楚|说不(?:清楚?|上来|好|出来?)|想不(?:出来?|到|起来)|没想好|不懂|不会写?|"
            r"什么意思|不太明白|不明白|看不懂|没明白)(?:该|要|能|怎么|写|说|答|回答|什么|啥|哪些|有|的|是)*|"
            r"(?:给|举)?个?(?:例子|比如|举例|例如|比方)(?:看看|吗)?|怎么写|随便",
        ),
        (Wish.NO, r"不用|不要|不|不想|不必|不需要|没必要"),
        (Wish.MORE, r"(?:还)?有(?:的|一?点|一些|几个|一?个|吧|东西)?|还有(?:一个|几个)?"),
        (
            Wish.YES,
            r"[嗯恩哦噢喔唔额呃啊]+|好|好的|行|可以|成|中|ok|OK|来|试试|试一下|做|继续|接着(?:来)?|开始做?|要|对|是|是的|愿意",
        ),
        (Wish.RESUME, r"(?:接着|继续|回来|往下)(?:做|写|填|弄)(?:完|刚才的|那个|下去)*|(?:接着|继续)(?:那个|刚才的|我的)?计划"),
        (
            Wish.KEEP,
            r"写(?:这|刚才那?)[句个条]|(?:把)?刚才(?:那|这)?[句个条]?(?:就是|算|写上|记上)|(?:写上|记上|算(?:这|那)?一?[条句])",
        ),
    )
)
_NOBODY = re.compile(
    r"^.{0,5}(?:没有?(?:什么)?人(?!的)|没谁|谁(?:都|也)没有|(?:一个|朋友|亲人|人)(?:都|也)没有?|找不到人|没有?朋友).{0,8}$"
)
_NOTHING = re.compile(
    r"^(?:我|真|真的|好像|暂时|现在|目前|也|都|手边|身边|这儿|这里|家里|应该)*(?:没有?|没啥|没什么|什么都没有?|啥都没有?|啥也没有?)(?:的|这些|这种|这样的)?(?:东西|想法|办法|地方|事)?(?:可写)?$"
)
_TRAILING_DONE = re.compile(
    r"^(.+?)(?:[\s，,。.；;！!、]+(?:没了|没有了|没有别的了?|完了|好了)|[\s，,。.；;！!、]*(?:就这些|就这么多|就这几个|别的没了|其他没了|暂时就这样)了?)[\s。.!！吧]*$",
    re.S,
)
_COUNTS_AS_ANSWER = re.compile(
    r"^(?!你|这样|那样|这个|那个)(.{2,20}?)(?:这个|这种)?(?:算吗|算不算|也?行吗|行不行|可以吗|可不可以|也算吗|可以么)[?？]*$"
)

LONG_TELLING_CHARACTERS = 60  # policy: longer than that is a story, unless it is a list
_LONGEST_LIST = 200
_PIECE_OF_LIST = 16
_LISTING = re.compile(r"[，,、；;。\n]+")
_QUESTION = re.compile(
    r"(?:[?？]|吗|(?<![什怎那这多要])么)$|(?<!不知道)(?:为什么|凭什么|怎么办|咋办|怎么回事)|你(?:是|会不会|能不能|到底|觉得|叫什么|多大|懂)|有(?:什么)?用(?:吗|呢|啊)"
)
_ANSWER_IN_DOUBT = re.compile(r"^(?!.*(?:什么|谁|哪|怎|咋|为啥|几|多|你)).{1,8}(?<![吗么])[?？]$")  # 打给我妈？
_FEELING_NOW = re.compile(
    r"(?:我|好|太|真|很|快|要|特别)(?:的|是|要|快)*(?:受不了|难受|痛苦|绝望|崩溃|累|烦|想哭|委屈|害怕|怕|难过|孤独|气|恨)|受不了|撑不住|撑不下去|呜呜|烦死|气死|累死|"
    r"(?:现在|这会儿|此刻).{0,6}(?:慌|乱|哭|疼|怕|难受|空)|(?:一直|正)?在哭|哭了"
)
_REALLY_NOW = re.compile(r"现在|这会儿|此刻|真的|呜呜|[!！]|^我?(?:好|太|快|真)|受不了|撑不")
_NAMES_A_TIME = re.compile(r"的时候|时候|的时|之前|以后|就|时$|一.{1,6}就|老是|总是|经常|一直|开始|变得|晚上|整夜")
_EVENT = re.compile(
    r"(?:今天|昨天|刚才|刚刚|昨晚|前天|早上|上午|中午|下午|上周|那天).{0,24}(?:说我|骂|吼|扣|罚|打我|吵|裁|开除|分手|离婚|甩|辞|出事|投诉|出轨|走了|没理)"
)
_RUDE = re.compile(
    r"^滚|滚(?:蛋|开|犊子)|傻[逼比叉B]|我操(?!心)|操你|卧槽|他?妈的$|你有病|神经病|烦不烦|废话|(?:你|破|个)机器人|听不懂|人工智障|复读机"
)
_COURTESY = re.compile(
    r"^(?:你好|您好|在吗|在不在|谢谢你?|多谢|感谢|再见|拜拜|晚安|哈|呵|收到|知道|明白|辛苦|对不起|不好意思)+[啊呀了哦呢吧]*$"
)
_PERSON = re.compile(r"(?:找|叫|换|转|来|接)(?:一?个|位|你们的?)?(?:真人|人工|活人)|^(?:真人|人工)$|转接")
_COUNSELLOR = re.compile(r"(?:找|叫|换|转|来|跟|和)(?:一?个|位|你们的?)?(?:值班)?咨询师")
_READABLE = re.compile(r"[^\W_]")

_PUT_AWAY = re.compile(
    r"放(?!心|弃|松|假|不|桌|床|枕)|交给|给了?(?:我|他|她|妈|爸|哥|姐|弟|妹|老|室友|同事|朋友)|收(?:着|走|起|好|了)|扔|丢掉|锁|拿走|拿开|不在|远|送(?:走|回)|倒掉|处理|藏"
)
_NOT_YET_AWAY = re.compile(
    r"(?:没|不|舍不得|不敢|不愿|难)(?:有|想|肯|能|会|知道|用|愿意)?(?:放|给|交|收|扔|丢|锁|拿|送|处理)|放不|就在|还在"
)
_NEVER_QUOTED = re.compile(
    r"死|自杀|自残|割|跳|不活|活着|活够|活腻|结束|了断|遗|杀|砍|捅|轻生|想不开|烧炭|药|刀|绳|农药|消失|解脱|操|傻|妈的|滚|[您你]|\d{5,}|[/{}\[\]<>@#\n]"
)
LONGEST_QUOTE = 14
_FILLER = re.compile(r"^(?:嗯|那个|就是说?|然后|我觉得|我想想?|一般|可能|大概|应该|比如说?)+(?=.{2})")


def starts_plan(words: str) -> bool:
    """Whether a safety plan of one's own is asked for; never for 安全生产计划 or what a superior wants written."""
    return _is_own(words) and bool(_START.search(_bare(words)))


def shows_plan(words: str) -> bool:
    """Whether the worker wants to see the plan: 看看我的安全计划."""
    return _is_own(words) and bool(_SHOW.search(_bare(words)))


def _is_own(words: str) -> bool:
    bare = _bare(words)
    return len(bare) <= LONG_TELLING_CHARACTERS and not (_WORK.search(bare) or _UNWILLING.search(bare))


def _bare(words: str) -> str:
    return _ENDS.sub("", words.strip())


def read_wish(words: str) -> Wanted | None:
    """The wish that is all of these words, or None: an answer, or something else."""
    if shows_plan(words):
        return Wanted(Wish.SHOW)
    if starts_plan(words):
        return Wanted(Wish.RESUME if re.search("继续|接着", words) else Wish.BEGIN)
    for core in cores(_bare(words), _SOFT_START, _SOFT_END):
        changed = _CHANGE.match(core)
        if changed and _NUMBERED.search(core):
            return Wanted(Wish.CHANGE, _DIGITS.get(changed[1], 0))
        for wish, pattern in _WISHES:
            if pattern.match(core):
                return Wanted(wish)
    return None


def says_none(words: str, step: PlanStep) -> Wish | None:
    """NONE where an answer says that there is nothing or nobody to write at this step; else None."""
    bare = _SOFT_END.sub("", _bare(words)[:LONGEST_WISH])
    asks_people = step in (PlanStep.DISTRACTION, PlanStep.PEOPLE, PlanStep.PROFESSIONALS)
    return Wish.NONE if _NOTHING.match(bare) or (asks_people and _NOBODY.match(bare)) else None


def says_nobody(words: str) -> bool:
    return bool(_NOBODY.match(_bare(words)))


def is_telling(words: str, step: PlanStep) -> bool:
    """Whether it is no answer to the step: a long story, a question to the program, a strong feeling, a courtesy."""
    text = words.strip()
    if _is_story(text):
        return True
    bare = _bare(text)
    if not _READABLE.search(bare) or _COURTESY.match(bare) or _RUDE.search(bare) or _PERSON.search(bare):
        return True
    if step is not PlanStep.PROFESSIONALS and _COUNSELLOR.search(bare):
        return True
    if _EVENT.search(bare) and not _NAMES_A_TIME.search(bare):
        return True
    if _COUNTS_AS_ANSWER.match(text):
        return False
    if _QUESTION.search(text) and not _ANSWER_IN_DOUBT.match(text):
        return True
    feels = _FEELING_NOW.search(text) and not _NAMES_A_TIME.search(bare)
    return bool(feels and (step is not PlanStep.WARNING_SIGNS or _REALLY_NOW.search(text)))


def _is_story(text: str) -> bool:
    if len(text) <= LONG_TELLING_CHARACTERS:
        return False
    pieces = [piece for piece in _LISTING.split(text) if piece.strip()]
    return len(text) > _LONGEST_LIST or len(pieces) < 4 or max(map(len, pieces)) > _PIECE_OF_LIST


def split_end(words: str) -> tuple[str, bool]:
    """The answer without a 没了 at its end, and whether there was one; 算吗 at its end goes too."""
    text = words.strip()
    ended = _TRAILING_DONE.match(text)
    if ended:
        text = ended[1].strip()
    counts = _COUNTS_AS_ANSWER.match(text)
    return (counts[1].strip() if counts else text), bool(ended)


def is_put_away(words: str) -> bool:
    """Whether it tells that the thing is out of reach."""
    return bool(_PUT_AWAY.search(words)) and not _NOT_YET_AWAY.search(words)


def short_quote(words: str) -> str:
    """The worker's own words, 2 to 14 characters, to say back; empty where they are long or touch on dying, means or curses."""
    text = _FILLER.sub("", words.strip()).strip(" ，。,.!！?？、~～…")
    return text if 2 <= len(text) <= LONGEST_QUOTE and not _NEVER_QUOTED.search(text) else ""
