"""What a worker's words mean about a screening: a wish inside a run, and whether they ask for one at all; pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from bot.domain.answer_words import ASKED_AGAIN
from bot.domain.safety_plan_state import PlanStep
from bot.domain.safety_plan_words import is_telling
from bot.domain.wishes import cores

FIRST_SCREEN = "phq-4"  # INSTRUMENTS.md 3: what is offered where no scale is named


class RunWish(str, Enum):
    """What can be wanted of a run, by a button (its `do`) or in words."""

    BEGIN = "begin"
    LATER = "later"
    AGREE = "agree"
    DECLINE = "decline"
    RESUME = "resume"
    STOP = "stop"
    SKIP = "skip"
    BACK = "back"
    CHANGE = "change"
    WHERE = "where"
    MEANING = "meaning"
    WHO_SEES = "who_sees"
    HOW_LONG = "how_long"
    NO_DIAGNOSIS = "no_diagnosis"
    RIGHT = "right"
    NOT_RIGHT = "not_right"
    GO_ON = "go_on"
    SHARE = "share"
    KEEP = "keep"


@dataclass(frozen=True)
class Wanted:
    """A wish; for CHANGE the number said, 0 when it is none, and the new answer where one was said with it."""

    wish: RunWish
    number: int = 0
    answer: str = ""


_ENDS = re.compile(r"[\s。.，,！!？?~～…、；;：:\"“”]+")
_SOFT_END = re.compile(r"(?:吧|啊|呀|哈|呢|嘛|哦|噢|喽|啦|哎|唉|了|谢谢|行吗|好吗|可以吗|行不行|先)+$")
_SOFT_START = re.compile(
    r"^(?:嗯|那个?|我们?|咱们?|就|要不|还是|能不能|可不可以|可以|想|要|唉|哎|额|呃|请|麻烦|帮我|等等|等下|不好意思|不行|算了)+(?=.)"
)
_NUMERAL = r"(\d{1,3}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九两])"
_CHANGE = re.compile(
    rf"^(?:再|重新|回去|回到|回|退到|返回|改|修改|重答|重选|看|一下|下|把|刚才)*第{_NUMERAL}(?:道|个)?题"
    r"(?:我?(?:答|选|点|按)错|重来|重答|重选|再答|改)*(?:一下|下|了)*(?:[改换]?(?:成|为|选)|应该是|应该选|我?选|是)?(?P<answer>.{0,16})$"
)
_CHANGE_SIGN = re.compile(r"改|重|回|退|错|换|应该|看")
_QUIZ = r"(?:测评|测试|测验|量表|问卷|题目?|做题|答题)"
_THIS = r"(?:这个|这题|这道题?|这一题|这一道题?|它)?"

# Whole messages, after the soft words around them are gone. The first that fits.
_WISHES: tuple[tuple[RunWish, re.Pattern[str]], ...] = tuple(
    (wish, re.compile(f"^(?:{pattern})$"))
    for wish, pattern in (
        (
            RunWish.NO_DIAGNOSIS,
            r".{0,8}(?:是不是|算不算|算|是)(?:诊断|确诊|看病)(?:吗|么)?|.{0,6}准不准|.{0,4}(?:这|测)?准吗|.{0,6}(?:能|可以)(?:诊断|确诊).{0,6}",
        ),
        (
            RunWish.MEANING,
            rf".{{0,14}}(?:什么意思|啥意思|么子意思|什么叫|啥叫|是指什么|指什么|指的是|怎么理解|没看懂|看不懂|没看明白|不太懂|不懂|不明白|没明白|没懂|听不懂|解释).{{0,10}}|"
            rf".{{0,10}}(?:怎么选|咋选|怎么算|咋算|怎么答|咋答|选哪个|算哪个|哪个算|算不算|算吗|算么).{{0,4}}|{_THIS}(?:举个?例子?|比如)(?:说|呢)?",
        ),
        (
            RunWish.WHO_SEES,
            r".{0,8}(?:谁.{0,4}看(?:得?到|得?见)?|给谁看)|"
            r".{0,8}(?:别人|公司|单位|老板|领导|站长|组长|班长|厂里|hr|咨询师|家里人?).{0,6}(?:看|知道)(?:得?到|得?见)?(?:吗|么|不)|.{0,6}(?:保密|匿名)(?:吗|么|的吗)?",
        ),
        (
            RunWish.HOW_LONG,
            r".{0,6}(?:要?多久|多长时间|几分钟|要多少时间|(?:一共|总共)(?:要)?(?:几|多少)(?:道|个)?题?).{0,4}",
        ),
        (
            RunWish.WHERE,
            r".{0,6}(?:做|答|测|到|问|写)(?:到)?(?:哪|第几)(?:儿|里|一?题|步|一步)?(?:道题)?|.{0,4}第几题|.{0,4}(?:进度|(?:还差|还剩|还有|剩)(?:几|多少)(?:道|个)?题?|还早吗)|现在是第几个?",
        ),
        (
            RunWish.SKIP,
            rf"{_THIS}(?:跳过|跳|略过|过|pass|skip|下一?(?:个|题|道|道题)|不想(?:答|说|回答|讲|填|选)|不(?:答|方便(?:答|说))|不愿意?(?:答|说)|空着){_THIS}",
        ),
        (
            RunWish.STOP,
            rf"(?:先|就)?(?:停|停一?下|停会儿?|暂停|停在?(?:这|这儿|这里)|歇一?会儿?|歇(?:一)?下|缓缓|缓一下)|(?:今天|就|先)*到(?:这|这儿|这里|此)(?:为止)?|算|退出{_QUIZ}?|结束(?:{_QUIZ})?|取消(?:{_QUIZ})?|"
            rf"(?:我)?(?:先)?不想?(?:再)?(?:做|弄|搞|继续|测|聊)(?:{_QUIZ}|下去|完)?|(?:改天|下次|回头|晚点|等会儿?|待会儿?|一会儿?|过会儿?|以后|明天)(?:再(?:做|说|弄|写|来|测|答|填))?|"
            r"不想?(?:再)?(?:答|填)了|别(?:再)?(?:问|测)|(?:做|答|测)不下去|(?:我)?(?:先)?(?:去)?(?:忙|干活|上班|开会|接单|送单|吃饭)去?|来单",
        ),
        (
            RunWish.BACK,
            r"(?:回到?|退回|退|返回|改|看|重答)*(?:上|前)(?:面)?(?:一)?(?:个|题|道|道题|条|一道)(?:.{0,2}(?:改|错|重)(?:一下|来|答|选)?|去)?|往回|返回|后退|(?:刚才|刚刚|上面)(?:那|这)?(?:一)?(?:题|道|个|道题)?(?:答|选|点|按|说|写)?错|(?:答|选|点|按)错",
        ),
        (
            RunWish.RESUME,
            rf"(?:接着|继续|回来|往下|再)(?:做|测|答|填)(?:完)?(?:刚才的|上次的|那个|那份|我的|没做完的|一下)*{_QUIZ}?|(?:接着|继续)(?:刚才的|上次的|那个|那份)*{_QUIZ}|回到{_QUIZ}|把{_QUIZ}做完",
        ),
        (RunWish.DECLINE, r"不同意|不愿意|拒绝"),
        (RunWish.AGREE, r"我?同意|我?愿意|同意开始|知道(?:了)?同意"),
        (
            RunWish.SHARE,
            r"(?:我)?(?:愿意|同意|可以)?(?:给|发给|分享给|让)(?:值班)?咨询师(?:看|看看|看一下)?|分享|给他看|给她看",
        ),
        (RunWish.KEEP, r"(?:先)?(?:不给|别给|不发|不分享|不让)(?:咨询师|别人|他|她)?(?:看)?|只(?:给)?(?:我)?自己看|我自己留着"),
        (RunWish.LATER, r"不用|不要|不想|不必|不需要|没必要|不|先不|暂时不用|算"),
        (RunWish.NOT_RIGHT, r"不是|不对|错|选错|搞错|不是这个"),
        (RunWish.RIGHT, r"对|是|是的|对的|没错|就是|嗯+|确认|正确"),
        (RunWish.BEGIN, rf"(?:开始|开始做|做|测|来|试试|试一下|做做看|测测|做一?[个份下]|做{_QUIZ}|测一下|开始{_QUIZ})"),
        (RunWish.GO_ON, r"好|好的|行|可以|成|中|ok|来|要|要的|继续|接着|接着来|没问题|准备好"),
    )
)
_LONGEST_NEAR = 10  # characters; longer words hold more than an answer
_IN_DOUBT = re.compile(
    "|".join(ASKED_AGAIN)
    + r"|没.*[不没]|不.*没|不[大多太怎咋]|不知|不晓|不清|不确|不记|忘|说不|不好说|随便|都行|看|以前|之前|昨|今天|除了|只有|就周|每个周|(?:周|星期|礼拜)[一二三四五六日天末]|比较|还行|凑合|可能|不是|一半|左右|挺|半个|年|十来|[\d十几]"
)
_COMMON_WORDS = (
    ("木有", "没有"),
    ("莫得", "没有"),
    ("冇得", "没有"),
    ("冇", "没有"),
    ("啥", "什么"),
    ("一点点", "一点"),
    ("有一点", "有点"),
)
_HOW_OFTEN = re.compile(r"天|次|回|时|每|多|少|半|周|月|常|总|老是|一直|偶|有过|没有|影响|困难|符合|严重")
_NARRATES = re.compile(r"[他她]|后来|然后|昨|今天|刚才|老板|领导|组长|站长|班长|同事|老公|老婆|孩子|我妈|我爸")
_PERSON = re.compile(r"(?:找|叫|换|转|来|接)(?:一?个|位|你们的?)?(?:真人|人工|活人|咨询师)|^(?:真人|人工)$|转接")
_MINOR = re.compile(
    r"我(?:今年|才|刚|现在|刚满|还)*(?:1[0-7]|[7-9]|十[一二三四五六七]?)(?:周)?岁(?!.{0,4}(?:就|那|的时候|时|开始|起|以前|之前|出来))|(?:我|还)(?:还)?(?:没|未)(?:有)?(?:满|到)(?:18|十八)|我(?:还)?(?:是)?未成年|我还没成年"
)

_ASKS = re.compile(
    r"(?:测|评估|评测|量)(?:一测|一量|一评|测|一?下|一哈|个|出来)|测评|自测|自评|评估|筛查|量表|问卷|测试|(?:做|来|整|给).{0,3}(?:套|份|个|张).{0,6}题|"
    r"(?:想|要|能|可以|帮我|给我|来)(?:不能)?测|能打分|做题|题目?(?:能|可以)(?:测|做)|(?:心理|情绪|压力|抑郁|焦虑|睡眠|孤独)(?:小)?测|测(?:职业|工作)?(?:抑郁|焦虑|压力|情绪|心情|心理|睡眠|失眠|孤独|倦怠)|^(?:做|测)(?:个|一?下)?$"
)
_NAMED = re.compile(
    r"(?:做|测|来|整|填)(?:一?[个下份套遍])?(?:那个)?(?:phq|gad|who-?5|k-?6(?!\d)|dass|audit-?c|ucla|jenkins|cbi|pc-?ptsd)|"
    r"(?:phq-?\d|gad-?7|who-?5|(?<![a-z0-9])k-?6).{0,8}(?:就行|就好|能做|再做|做一)"
)
_OTHER_TESTS = re.compile(
    r"体检|核酸|抗原|血压|血糖|血常规|体温|尿检|心电|酒精?检测|测酒驾|吹气|仪器|设备|机器|零件|产品|样品|车辆|验车|年检|年审|检测站|检测线|质检|"
    r"考试|考核|考证|考级|考题|驾照|科目|面试|笔试|背题|刷题|作业|试卷|试用|测速|测网|网速|测绘|测量|测温|测距|测亩|丈量|软件|代码|接口|上线|联调|bug|单元|压测|性能测试|"
    r"测试(?:岗|员|组|工程师|部|经理|环境|用例|报告|同事|机)|(?:做|干|搞|当)测试的|公测|内测|工程|项目|安全评估|绩效|职称|评级|评分|风险评估|环评|资产|房|车况|听力|视力|智商|mbti|星座|性格|塔罗|运势|dna|怀孕|孕|验孕|胎|产检|筛查癌|两癌|肺|结节|发我?问卷|问卷星|客户问卷|满意度|调查问卷",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"(?<![a-z0-9])(?:phq|gad|who-?5|k-?6(?!\d)|dass|audit|ucla|jenkins|cbi|ptsd)|抑郁|焦虑|心理|情绪|孤独|倦怠", re.IGNORECASE
)
_UNWILLING = re.compile(
    r"(?<!想)不想(?:再)?(?:做|测|填|评)|(?<!要)不要(?:再)?(?:做|测|填)|(?<![能可用])不(?:做|测|填)(?:评|试|量表|问卷|了)|别(?:再)?(?:给我)?(?:测|做)|不用测|没空(?:做|测)|"
    r"(?:做|测|填|评)(?:过|完)(?:了|一|几|两|三|的|好)|(?:测|评)出来|结果|报告|分数|得分|历史记录|上次.{0,6}(?:测|做)的|"
    r"让我们?(?:做|填).{0,6}(?:烦|有什么用|没用)|有什么用|有用吗|准吗|准不准|靠谱(?:吗|不)|(?:今天|现在|就是|先)不(?:做|测)|退出|取消|删|存下来|"
    r"看(?:得|不)?到我|测评(?:记录|历史|在哪看)|那个测评|几次测评|小镇做题|做题(?:总|老)|设计|(?:测试|测评|测验|量表)说我"
)
_SCALES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("phq-4", r"phq\s*-?\s*4|情绪四题|四道?题"),
        ("phq-9", r"phq\s*-?\s*9|phq|患者健康问卷|九(?:个|道)?题|9(?:个|道)题"),
        ("gad-7", r"gad|广泛性?焦虑"),
        ("who-5", r"who\s*-?\s*5|幸福感|身心健康五"),
        ("k6", r"(?<![a-z0-9])k\s*-?\s*6(?!\d)|凯斯勒|心理困扰"),
        ("dass-21", r"dass"),
        ("cbi-work", r"cbi|倦怠|过劳|哥本哈根"),
        ("ucla-3", r"ucla|孤独|孤单"),
        ("audit-c", r"audit|酒"),
        ("jenkins-4", r"jenkins|睡眠|失眠|睡不|睡得"),
        ("pc-ptsd-5", r"ptsd|创伤"),
        ("gad-7", r"焦虑|紧张|心慌|担心太多"),
        ("phq-9", r"抑郁|忧郁|情绪低落|心情(?:不好|低落|很差|差)|郁闷|提不起劲"),
        ("k6", r"压力"),
    )
)


def read_wish(words: str) -> Wanted | None:
    """The wish that is all of these words, or None: an answer, or something else."""
    for core in cores(_bare(words), _SOFT_START, _SOFT_END):
        changed = _CHANGE.match(core)
        if changed and _CHANGE_SIGN.search(core):
            return Wanted(RunWish.CHANGE, _value(changed[1]), changed["answer"])
        for wish, pattern in _WISHES:
            if pattern.match(core):
                return Wanted(wish)
    return None


def _bare(words: str) -> str:
    return _ENDS.sub("", unicodedata.normalize("NFKC", words).casefold())


def _value(number: str) -> int:
    if number.isdigit():
        return int(number)
    digits = {digit: place for place, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
    tens, ten, ones = number.rpartition("十")
    return (10 * (digits[tens] if tens else 1) if ten else 0) + (digits[ones] if ones else 0)


def wants_person(words: str) -> bool:
    """Whether a human is asked for: then the screening waits."""
    return bool(_PERSON.search(_bare(words)))


def says_minor(words: str) -> bool:
    """Whether the worker says to be under 18 now (INSTRUMENTS.md: no scale, a human and 12355)."""
    return bool(_MINOR.search(_bare(words)))


def tells_something(words: str) -> bool:
    """Whether words that are no answer and no wish tell a story, ask or feel something, rather than answer unclearly."""
    bare = _bare(words)
    if len(bare) <= 12 and any(word in bare for word in ASKED_AGAIN):
        return False
    if len(bare) > 16 or is_telling(words, PlanStep.ALONE):
        return True
    return not _HOW_OFTEN.search(bare) and (len(bare) > 8 or bool(_NARRATES.search(bare)))


def in_common_words(words: str) -> str:
    """Words of the regions and of quick talk as the options know them: 莫得 is 没有, 没啥 is 没什么."""
    plain = words  # with its signs: 1.5 is no 15
    for said, common in _COMMON_WORDS:
        plain = plain.replace(said, common)
    return plain


def may_be_near(words: str) -> bool:
    """Whether words that name no option may be compared by meaning: short, no doubt, no question, no other time or person."""
    bare = _bare(words)
    return 2 <= len(bare) <= _LONGEST_NEAR and not _IN_DOUBT.search(bare) and not tells_something(words)


def wants_screening(words: str) -> bool:
    """Whether a psychological screening is asked for; never for medical tests, machines, exams or software, nor for results."""
    bare = _bare(words)
    if len(bare) > 60 or _UNWILLING.search(bare):
        return False
    if _NAMED.search(bare):
        return True
    return bool(_ASKS.search(bare)) and (not _OTHER_TESTS.search(bare) or bool(_STRONG.search(bare) and not _exam(bare)))


def _exam(bare: str) -> bool:
    """Whether the test itself is another thing, and the feeling only what comes with it: 考试前焦虑."""
    return not re.search(
        r"(?:测|评估|量|筛查|自评).{0,8}(?:抑郁|焦虑|心理|情绪|孤独|倦怠|phq|gad)|(?:抑郁|焦虑|心理|情绪|孤独|倦怠|phq-?9?|gad-?7?).{0,4}(?:测|量表|问卷|筛查|自评|评估)",
        bare,
    )


def wanted_scale(words: str, entity: str = "") -> str | None:
    """The id of the questionnaire these words ask for; `entity` is what Rasa found (scale). None when none is asked for or named.

    Whether it is offered here is the caller's to look up; where none is named, FIRST_SCREEN is.
    """
    if not entity and not wants_screening(words):
        return None
    for text in filter(None, (entity, _bare(words))):
        for name, pattern in _SCALES:
            if text == name or pattern.search(text):
                return name
    return None
