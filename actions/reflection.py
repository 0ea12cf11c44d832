"""Reading a message closely: which of the worker's own words to give back. Pure functions."""

from __future__ import annotations

import re

from actions.topics import fits
from actions.turn import Said, Turn

QUOTE_MIN_CHARACTERS = 4
QUOTE_MAX_CHARACTERS = 14
QUOTE_WEIGHT = 2  # a person alone does not make a clause worth quoting
QUOTE_SHORT_WEIGHT = 3  # a clause of three characters must carry more
ECHO_MIN_CHARACTERS = 5
SHORT_ANSWER_CHARACTERS = 3
APOLOGY_CHARACTERS = 14
LONG_TELLING_CHARACTERS = 15

FEELINGS = frozenset(
    {
        "tired",
        "wronged",
        "angry",
        "afraid",
        "sad",
        "lonely",
        "irritated",
        "disappointed",
        "guilty",
        "numb",
        "ashamed",
        "relieved",
    }
)

_BRACKETS = str.maketrans("{}[]", "（）（）")  # Rasa reads them as blanks
_CLAUSE_END = re.compile(r"[，,。.！!？?；;：:、~～…\s]+|—+|（|）|\(|\)|“|”|\"|「|」")
_OPENING = re.compile(
    r"^(?:然后呢?|就是说?|而且|但是?|可是|可(?![能以怜惜是])|所以|反正|其实|还有|后来|因为|不过|那个|嗯+|唉+|哎+|哦+|结果|就|我跟你说|说白了|说真的)"
)
_FEELING_WORDS = (
    "委屈",
    "难受",
    "难过",
    "害怕",
    "怕",
    "累",
    "烦",
    "气",
    "恨",
    "想哭",
    "哭",
    "疼",
    "痛",
    "寒心",
    "心酸",
    "失望",
    "孤单",
    "孤独",
    "丢人",
    "丢脸",
    "愧疚",
    "内疚",
    "后悔",
    "慌",
    "憋",
    "堵",
    "绝望",
    "崩溃",
    "麻木",
    "没意思",
    "空",
    "想家",
    "羡慕",
    "自责",
    "心凉",
    "不甘心",
    "窝囊",
    "操心",
    "担心",
    "放心不下",
    "舍不得",
    "亏欠",
    "对不起",
    "受罪",
    "心疼",
    "多余",
    "没用",
    "没出息",
    "看不起",
    "尴尬",
    "难堪",
)
_STRONG_WORDS = (
    "不公平",
    "从来",
    "一直",
    "天天",
    "每天",
    "每次",
    "总是",
    "老是",
    "全是",
    "再也",
    "凭什么",
    "没人",
    "一个人",
    "受不了",
    "熬",
    "扛",
    "撑",
    "忍",
    "白干",
    "不让",
    "只剩",
    "最后一",
    "白费",
    "不敢",
    "不想",
    "只想",
    "就是想",
    "不知道该",
    "没办法",
    "说不出",
    "睡不着",
    "吃不下",
    "抬不起头",
    "看不到头",
    "回不去",
    "喘不过气",
    "当着",
    "明明",
    "偏偏",
    "骂",
    "吼",
    "甩",
    "摔",
    "嫌",
    "催",
    "逼",
    "扣",
    "罚",
    "吵",
    "冷战",
    "分手",
    "离婚",
    "说我",
    "笑我",
    "怪我",
    "不要我",
    "丢下",
    "不理",
    "冷着",
    "瞒着",
    "装作",
    "假装",
    "欠",
    "拖",
    "走了",
    "没了",
    "从小",
    "小时候",
    "做什么都",
    "怎么努力",
)
_PERSON_WORDS = (
    "老公",
    "老婆",
    "对象",
    "男朋友",
    "女朋友",
    "我妈",
    "我爸",
    "妈妈",
    "爸爸",
    "婆婆",
    "公公",
    "孩子",
    "儿子",
    "女儿",
    "闺女",
    "领导",
    "老板",
    "站长",
    "同事",
    "主管",
    "师傅",
    "客户",
    "班长",
    "组长",
    "家里人",
    "爸妈",
    "父母",
    "奶奶",
    "爷爷",
    "朋友",
    "室友",
)
# A quotation gives words back with weight: never curses, never talk of dying or hurting, never words said to the bot itself.
_NEVER_QUOTED = re.compile(
    r"死|自杀|自残|割|跳楼|跳下|不活|活着|活够|活腻|结束|了断|遗|杀|砍|捅|打人|轻生|想不开|烧炭|吃药|安眠药|消失|解脱|不在了|"
    r"妈的|他妈|你妈|尼玛|卧槽|我操|我靠|草泥|傻[逼比叉B]|煞笔|[傻牛装]b|狗日|龟儿|王八|滚|贱|婊|屌|鸡巴|几把|垃圾|畜生|tmd|nmd|cnm|"
    r"强奸|猥亵|[您你]|\d{5,}|[/{}\[\]<>@#]"
)
_ASKS_ADVICE = re.compile(
    r"怎么办|咋办|咋整|咋个办|怎么搞|怎么做|怎么弄|点算|该怎么|怎么跟|怎么开口|该不该|要不要|应不应该|如何(?!是好地)|有(?:什么|啥)(?:好)?(?:办法|法子|建议)|"
    r"给(?:我)?(?:点|个|些)?(?:建议|主意|办法)|出(?:个|点)主意|支(?:个|点)招|帮我(?:想想|分析|出)|教教我|怎么才能|咋才能|还能怎么"
)
_DECIDES = re.compile(
    r"该不该|要不要|应不应该|是不是该|还是(?:该|要|走|留|离|分|辞|忍)|值不值|值得吗|辞不辞|离不离|分不分|走还是留|离不离职"
)
_APOLOGY = re.compile(
    r"对不起(?!他|她|孩子|爸|妈|家|人|老|兄弟|大家|父母)|不好意思|抱歉|说多了|话多|啰嗦|罗嗦|打扰|耽误你|烦到你|让你听"
)
_COMPLAINS = re.compile(
    r"复读机|车轱辘|套话|答非所问|敷衍我|机器人都|人工智障|你(?:就|只|光|老|总|就是|只是|就只)(?:会|知道)(?:说|问|重复|复制|这)|你(?:到底)?(?:听没听|听不听|懂不懂|听懂|能听懂)|"
    r"你(?:根本|压根|完全)(?:就)?(?:没|不)(?:在)?(?:听|懂)|(?:跟|和)你(?:说|讲|聊)(?:了)?(?:也)?(?:没用|白说|有什么用|有啥用)|你(?:说的|讲的)?(?:都是|全是|净)?废话|你烦不烦|老问(?:我)?这|说句话啊|说点(?:有用|人话)|说人话"
)
_NEW_PARENT = re.compile(
    r"月子|产后|刚生|生完|喂奶|涨奶|奶涨|挤奶|背奶|吸奶|奶粉|满月|新生儿|怀孕|孕期|孕吐|待产|(?:宝宝|孩子|娃).{0,4}个月(?!没|不)|几个月的?(?:娃|孩子|宝宝)"
)
_OUT_OF_WORK = re.compile(
    r"失业|被裁|裁员|裁了|裁(?:掉|到|的)|名单上.{0,6}我|谈赔偿|赔偿.{0,3}没谈|n\+1|N\+1|被优化|找工作|简历|面试|待业|没工作|找不到(?:活|工作)|下岗"
)
_SHOCK = re.compile(
    r"一闭眼|闭上眼|脑子里(?:都|全|老)是|老想起|总想起|一听(?:见|到)|哆嗦|发抖|噩梦|惊醒|不敢(?:再)?(?:骑|开|上路|上架|碰)"
)
_ACCIDENT = re.compile(r"撞(?!见|上领导)|车祸|事故|骨裂|骨折|工伤|摔下|摔了|压断|夹断|砸|烧伤|触电|塌")
# Feelings said bare, for when no entity was found; the first that fits.
_NAMED_FEELINGS = (
    ("guilty", re.compile(r"要是.{1,10}就好了|(?:我)?对不起(?:他|她|孩子|爸|妈|家|老|兄弟|大家)|怪我|都赖我|愧疚|内疚|自责")),
    ("wronged", re.compile(r"窝囊|委屈|憋屈|冤")),
    ("angry", re.compile(r"气得|气死|来气|生气|窝火|火大|就是气")),
    ("irritated", re.compile(r"^烦[死得了]?|好烦|烦死|真烦|心烦")),
    ("afraid", re.compile(r"^怕$|害怕|好怕|我怕|吓死|怕得")),
    ("sad", re.compile(r"难过|伤心|哭了|就哭|想哭|在哭")),
    ("ashamed", re.compile(r"丢人|丢脸|没脸")),
    ("numb", re.compile(r"麻木|没感觉了")),
)
_UNFELT = re.compile(r"不(?:是)?(?:很|太|怎么)?(?:难过|生气|害怕|委屈|伤心)|(?:一点|半点)(?:也|都)?不")
_WINDS_DOWN = re.compile(
    r"^(?:算了|就这样吧?|先这样吧?|再说吧|不说了?|不聊了?|没啥(?:可)?说的了?|没什么(?:可)?说的了?)[吧啊了。. ]*$"
)
_TELL_OR_NOT = re.compile(r"(?:该不该|要不要|应不应该).{0,4}(?:告诉|跟|说|讲|开口|坦白|瞒)")
_LOST_TO_SUICIDE = re.compile(
    r"(?:自杀|轻生|自尽|跳楼|跳河|跳江|上吊|喝农药|喝药|烧炭|想不开)(?:身亡|走了|死了|去世|没了|离开|没救|没抢救|离世|了(?![吗么呢]))"
)
_STILL_HERE = re.compile(r"没死|救回来|抢救过来|抢救中|送医院|在医院|未遂|没成|拦下|想(?:要)?(?:自杀|轻生|跳)")


def clauses(text: str) -> list[str]:
    """The text's clauses without the small words people begin them with."""
    found = []
    for piece in _CLAUSE_END.split(text):
        clause, before = piece.strip(), ""
        while clause != before:
            before, clause = clause, _OPENING.sub("", clause)
        if clause:
            found.append(clause)
    return found


def pick_quote(text: str, already_quoted: str | None = None) -> str | None:
    """The one clause of the worker's own that is worth giving back word for word, or None.

    4 to 14 characters, with a feeling or a strong word in it; the weightiest wins, the earliest of equals.
    """
    best: tuple[int, str] | None = None
    for clause in clauses(text):
        if not QUOTE_MIN_CHARACTERS - 1 <= len(clause) <= QUOTE_MAX_CHARACTERS or clause == already_quoted:
            continue
        if len(clause) < QUOTE_MIN_CHARACTERS and _weight(clause) < QUOTE_SHORT_WEIGHT:
            continue
        if _NEVER_QUOTED.search(clause) or _is_question(clause):
            continue
        weight = _weight(clause)
        if weight >= QUOTE_WEIGHT and (best is None or weight > best[0]):
            best = (weight, clause)
    return best[1] if best else None


def _weight(clause: str) -> int:
    feeling = any(word in clause for word in _FEELING_WORDS)
    strong = any(word in clause for word in _STRONG_WORDS)
    person = any(word in clause for word in _PERSON_WORDS)
    return 3 * feeling + 2 * strong + person


def _is_question(clause: str) -> bool:
    return bool(_ASKS_ADVICE.search(clause)) or clause.endswith(("吗", "么", "呢", "不"))


def named_feeling(turn: Turn) -> str | None:
    """The feeling of this message: the one understood, else one said bare in its words."""
    found = turn.entities.get("feeling")
    if found in FEELINGS:
        return found
    if _UNFELT.search(turn.words):
        return None
    return next((feeling for feeling, words in _NAMED_FEELINGS if words.search(turn.words)), None)


def follow_content(turn: Turn) -> tuple[Said, dict[str, object]] | None:
    """A bubble that follows what was just said, with the slots to remember; None when nothing stands out.

    A feeling named for the first time comes first; a feeling named again gives way to the worker's own words.
    """
    feeling = named_feeling(turn)
    quote = pick_quote(turn.words, turn.slot("quote"))
    if feeling and not (quote and feeling == turn.slot("feeling")):
        return Said(f"utter_listen_{feeling}"), {"feeling": feeling}
    if quote and not _quoted_twice(turn):
        return Said("utter_listen_quote", {"quote": quote}), {"quote": quote}
    person = turn.entities.get("person")
    if person and person != turn.slot("person") and fits(turn.slot("topic"), person) and f"没{person}" not in turn.words:
        return Said("utter_listen_person", {"person": person}), {"person": person}
    return None


def echo(turn: Turn) -> tuple[Said, dict[str, object]] | None:
    """When nothing stands out: the last clause itself, given back plainly, but never two turns running."""
    if _just_quoted(turn):
        return None
    said = [c for c in clauses(turn.words) if ECHO_MIN_CHARACTERS <= len(c) <= QUOTE_MAX_CHARACTERS]
    said = [c for c in said if not _NEVER_QUOTED.search(c) and not _is_question(c)]
    return (Said("utter_listen_echo", {"quote": said[-1]}), {"quote": said[-1]}) if said else None


def _just_quoted(turn: Turn) -> bool:
    quote = turn.slot("quote")
    return bool(quote and turn.earlier and quote in turn.earlier[-1])


def _quoted_twice(turn: Turn) -> bool:
    """Whether the last two turns both gave words back; a third would sound like an echo machine."""
    return _just_quoted(turn) and len(turn.earlier) > 1 and pick_quote(turn.earlier[-2]) is not None


def asks_advice(text: str) -> bool:
    """Whether the worker asks what to do."""
    return bool(_ASKS_ADVICE.search(text)) or faces_decision(text)


def faces_decision(text: str) -> bool:
    """Whether the question is a decision of theirs that no small exercise answers."""
    return bool(_DECIDES.search(text))


def is_short_answer(text: str) -> bool:
    """Whether it is a nod rather than a telling."""
    return len(re.sub(r"[\W_]", "", text)) <= SHORT_ANSWER_CHARACTERS


def is_long_telling(text: str) -> bool:
    """Whether it is long enough to be a piece of somebody's story, whatever it is about."""
    return len(text) >= LONG_TELLING_CHARACTERS


def apologises(text: str) -> bool:
    """Whether a short message only says sorry for talking."""
    return len(text) <= APOLOGY_CHARACTERS and bool(_APOLOGY.search(text))


def complains(text: str) -> bool:
    """Whether the words are a complaint about this program itself."""
    return bool(_COMPLAINS.search(text))


def tells_of_newborn(text: str) -> bool:
    return bool(_NEW_PARENT.search(text))


def tells_of_shock(now: str, recent: str) -> bool:
    """Whether what is told now is an accident, told before, that keeps coming back."""
    return bool(_SHOCK.search(now)) and bool(_ACCIDENT.search(recent))


def winds_down(text: str) -> bool:
    """Whether it closes the telling for now: 算了, 就这样吧."""
    return bool(_WINDS_DOWN.search(text))


def weighs_telling(text: str) -> bool:
    """Whether the decision is to tell somebody or not."""
    return bool(_TELL_OR_NOT.search(text))


def tells_of_lost_job(text: str) -> bool:
    return bool(_OUT_OF_WORK.search(text))


def tells_of_suicide_loss(text: str) -> bool:
    """Whether somebody was lost to suicide (not: is in danger now)."""
    return bool(_LOST_TO_SUICIDE.search(text)) and not _STILL_HERE.search(text)


def clip(text: str, characters: int = 24) -> str:
    """The text on one line, at most so long, with … where it was cut."""
    line = " ".join(text.split()).translate(_BRACKETS)
    return line if len(line) <= characters else line[: characters - 1] + "…"
