"""Reads a worker's free words as one option of an item, or as none where they leave any doubt; pure.

The rules: a bare number or 第二个 names an option, a drink with its volume counts in standard glasses; else the longest phrases of
the options are found in the words, what is denied (不是几乎每天) falls away, and exactly one option must be left. A phrase that denies
(没有, 从不) must be all that is said: 一点兴趣都没有 is no "not at all". Never a guess between two neighbours (INSTRUMENTS.md).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot.domain.questionnaire_definition import Item, Numbers, Option
from bot.domain.standard_glasses import is_measured, standard_glasses

ASKED_AGAIN = (
    "有时候", "有时", "偶尔", "经常", "还好", "一般", "差不多", "看情况", "挺多的", "时不时", "不一定", "说不准", "时多时少", "有点", "一半",
)  # fmt: skip
_LONGEST = 24  # characters of an answer; what is longer tells something
_WHOLE_ONLY = frozenset({
    "没有", "没", "有", "无", "不", "是", "会", "不会", "不是", "没事", "冇", "是的", "对", "从不", "一直", "没得", "没断", "几乎没", "几乎不",
    "大部分", "一部分", "有点", "有些", "有一点", "有点儿", "一点点", "还有", "整天", "时时", "夜夜", "每晚", "总会", "会有", "常会", "不难",
})  # fmt: skip
_FILLER = re.compile(
    r"^(?:嗯|恩|呃|额|哦|噢|喔|啊|唉|哎|那个|那就|那|就是|就|我(?:觉得|选|想选|感觉)|我|应该是|应该|算是|大概是|属于|选择|选|答案是|是(?!的?$))+"
)
_DENIAL = re.compile(r"没|无|未|冇|木有|莫得|(?<!差)不(?!到|止)")
_TROUBLE = re.compile(  # denials that tell the trouble itself, not its absence
    r"[睡吃坐停静忍提放松高缓开安集记看听].?不(?:着|下|住|了|好|起|松|来|开|稳|香|中|进|清|踏实)|没(?:有?精神|有?劲|有?力气?|有?胃口|有?兴趣|有?意思|有?心思|睡好?|睡着|法|完没了)|"
    r"不想(?:动|干|说话|起|吃|上班|做|见人)|受不了|不行|不安|不得了|不停|不爱动|不踏实|不舒服"
)
_AROUND_NOTHING = (
    re.compile(
        r"^(?:这两周|这两个?星期|这半个月|过去两周|近两周|最近|这段时间|这阵子|这[种个样些]的?(?:情况|念头|想法|感觉|事)?|这方面|目前|倒是|倒|真的?|确实|一直|都|也|我)+"
    ),
    re.compile(r"(?:过|这[种样]的?(?:情况|念头|想法|感觉|事)|这回事|这些)+$"),
)
_TAIL = re.compile(r"(?:[吧啊呢哦噢呀嘛啦哈咯喽]|的样子|这样子|这样|这种|这个|这一项|这项|的|了)+$")
_COUNT = r"[\d零〇一二两三四五六七八九十]"
_RANGE = re.compile(rf"(?<={_COUNT})\s*[-~—–到至]+\s*(?={_COUNT})")
_NO_SIGNS = re.compile(rf"[\s,，.。!！、…;；:：\"'“”‘’（）()《》【】\[\]·—–-]+|(?<!{_COUNT})~+|~+(?!{_COUNT})")
_QUESTION = re.compile(r"[?？]|什么意思|啥意思|是不是|算不算|算吗|吗$|怎么(?:选|算|答)|哪个|上一题|改第|跳过")
_ANOTHER_MATTER = re.compile(
    r"[他她它]|老板|领导|同事|客户|孩子|小孩|老公|老婆|我妈|我爸|对象|别人|以前|之前|原来|去年|小时候|曾经|当时|那时|那会|年轻|昨天|今天|上个?月|"
    r"如果|要是|假如|的时候|的话|除了|除非|周末|工作日|平时|放假|节假|有人|或者|或是|还是|之间|到底|反正"
)
_UNSURE = re.compile(
    r"不知道|不晓得|不清楚|不确定|不记得|记不清|忘了|说不(?:清|上|好|准)|不好说|没想过|没注意|没数过|没想好|随便|没有?[这那]么|假的|骗你|逗你|玩笑|才怪"
)
_DENIED_BEFORE = re.compile(
    r"(?:不|没|没有|并非|不是|没到|不到|不算|谈不上|算不上|说不上|不至于|不怎么|不太|不大|不能说|不可能|哪能|哪有|怎么可能|怎么会)(?:是|到|有|说|很|那么)?$"
)
_DENIED_AFTER = re.compile(r"^[都也倒那就可却]*(?:没有|不会|不是|不至于|谈不上|算不上|说不上|没到|不到|没|不)$")
_SHADED = re.compile(
    r"(?:比较|稍微|略微|有一?点儿?|老|贼|太|忒|超|巨|更|比|不止|不只|不光|不仅|何止|最多|最少|至少|多于|少于|超过|接近|将近|快要?|小于|大于|[这那前头过隔]|最近)$"
)
_TURNED = re.compile(
    r"但|不过|就是|可是|只是|可又|其实|只有|好像|似乎|可能|也许|也不|又不|也没有?$|倒是|累|难受|烦|慌|怕|睡|想(?!得开)|疼|哭"
)
_LONGEST_REASON = 14  # characters
_PICTURES = {"So", "Sk", "Cf", "Mn"}  # emoji and what joins and colours them
_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_NUMBER = r"(\d{1,3}|[零〇一二两俩三四五六七八九]?十[一二三四五六七八九]?|[零〇一二两俩三四五六七八九])"
_BROKEN_NUMBER = re.compile(rf"\d[\s.,、/]+\d|(?<!{_COUNT})[-—–−]\d")  # 1.5, 1 2 and -1 are no 15, 12 and 1
_ROUNDED = 0.25  # glasses by which the table of standard glasses is itself rounded
_CLAUSE = re.compile(r"[\s,，.。!！、…;；]+")
_BARE = re.compile(rf"{_NUMBER}分?")
_ORDINAL = re.compile(rf"第{_NUMBER}(?:个|项|条|种)?(?:选项|答案)?")
_AMOUNT = re.compile(rf"(?:喝|有|每次|平均|就)*{_NUMBER}(?:~?{_NUMBER})?(?:个?标准)?[杯天]?")


@dataclass(frozen=True)
class _Found:
    """A phrase of an option in the words, by characters."""

    start: int
    end: int
    option: Option


def read_option(item: Item, words: str) -> Option | None:
    """The option that these words name beyond doubt, or None: then the item is asked again.

    Longer words than 24 characters, questions, other times, other people and two options at once name none.
    """
    folded = _folded(words)
    if len(words) > 4 * _LONGEST or _QUESTION.search(folded) or _BROKEN_NUMBER.search(folded):
        return None
    core = _core(folded)
    plain = _plain(folded)
    if item.numbers is Numbers.AMOUNT and is_measured(plain):
        return _by_glasses(item, plain)
    exact = _exact(item, plain) or _exact(item, core)
    if exact is not None:
        return exact
    if not core or len(core) > _LONGEST:
        return None
    clauses = _CLAUSE.split(folded)
    return _by_number(item, core) or _by_phrase(item, clauses) or _with_its_reason(item, clauses)


def _folded(text: str) -> str:
    """Half-width, without pictures, with every sign of a range (3-4, 三到四) as one tilde."""
    plain = "".join(each for each in text if unicodedata.category(each) not in _PICTURES)
    return _RANGE.sub("~", unicodedata.normalize("NFKC", plain).casefold())


def _plain(folded: str) -> str:
    return _NO_SIGNS.sub("", folded)


def _core(folded: str) -> str:
    """The words without signs, opening fillers and closing particles."""
    plain = _plain(folded)
    return _FILLER.sub("", _TAIL.sub("", plain)) or plain


def _phrases(option: Option) -> tuple[str, ...]:
    plain = [_plain(_folded(each)) for each in (option.text, *option.says)]
    return (*plain, *(_core(_folded(each)) for each in option.says))


def _exact(item: Item, core: str) -> Option | None:
    """The option that is said whole; beside one that denies may stand words such as 最近 or 这种情况."""
    bare = core if _DENIAL.search(core) else ""
    for around in _AROUND_NOTHING:
        bare = around.sub("", bare)
    return next((option for option in item.options if {core, bare} & set(_phrases(option))), None)


def _by_number(item: Item, text: str) -> Option | None:
    """An ordinal counts the options as they are shown; a bare number is a score or an amount, as the item says."""
    ordinal = _ORDINAL.fullmatch(text)
    if ordinal:
        place = _value(ordinal[1])
        return item.options[place - 1] if 1 <= place <= len(item.options) else None
    if item.numbers is Numbers.SCORE and (bare := _BARE.fullmatch(text)):
        return next((option for option in item.options if option.score == _value(bare[1])), None)
    if item.numbers is Numbers.AMOUNT and (amount := _AMOUNT.fullmatch(text)):
        low = _value(amount[1])
        high = _value(amount[2]) if amount[2] else low
        if amount[2] and low >= high:
            return None
        for option in item.options:
            if option.amounts and option.amounts[0] <= low <= high <= option.amounts[1]:
                return option
    return None


def _by_glasses(item: Item, plain: str) -> Option | None:
    """The option that a named drink and its volume come to; none where it falls between two."""
    glasses = standard_glasses(plain)
    if glasses is None:
        return None
    for option in item.options:
        if option.amounts and option.amounts[0] - _ROUNDED <= glasses <= option.amounts[1] + _ROUNDED:
            return option
    return None


def _value(number: str) -> int:
    if number.isdigit():
        return int(number)
    tens, ten, ones = number.rpartition("十")
    if ten:
        return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)
    return _DIGITS[ones]


def _by_phrase(item: Item, clauses: list[str]) -> Option | None:
    core = ",".join(map(_plain, clauses))
    found = _longest(item, core)
    rest = _rest(core, found)
    if _in_doubt(rest):
        return None
    if _DENIAL.search(_undoubted(rest if item.is_pleasant else _TROUBLE.sub("x", rest))):
        return None
    standing = {option.score: False for option in (_exact(item, _core(clause)) for clause in clauses) if option}
    for place, each in enumerate(found):
        before = core[found[place - 1].end if place else 0 : each.start]
        after = core[each.end : found[place + 1].start if place + 1 < len(found) else len(core)]
        if _SHADED.search(before):
            return None
        if not _DENIED_BEFORE.search(before) and not _DENIED_AFTER.search(after.replace(",", "")):
            is_plain = not _DENIAL.search(core[each.start : each.end])
            standing[each.option.score] = standing.get(each.option.score, False) or is_plain
    if list(standing.values()) != [True] or any(int(number) not in standing for number in re.findall(r"\d+", rest)):
        return None
    return next(option for option in item.options if option.score in standing)


def _with_its_reason(item: Item, clauses: list[str]) -> Option | None:
    """An option said whole, then a short why: 经常啊，这边没熟人. Nothing after it may name an option, doubt it or turn it round.

    After a denial no trouble may be told: 没有，干啥都没劲 says the contrary.
    """
    told = [clause for clause in clauses if clause]
    rest = ",".join(map(_plain, told[1:]))
    found = _exact(item, _core(told[0])) if rest and len(rest) <= _LONGEST_REASON else None
    if found is None or _in_doubt(rest) or _TURNED.search(rest) or re.search(_COUNT, rest):
        return None
    if _longest(item, rest) or any(_exact(item, _core(clause)) for clause in told[1:]):
        return None
    is_denial = _DENIAL.search(told[0]) is not None
    return None if is_denial and (_DENIAL.search(rest) or _TROUBLE.search(rest)) else found


def _in_doubt(rest: str) -> bool:
    """Whether what stands beside an option doubts it, tells of somebody or some time else, or names what must be asked again."""
    return bool(_UNSURE.search(rest) or _ANOTHER_MATTER.search(rest)) or any(word in rest for word in ASKED_AGAIN)


def _undoubted(rest: str) -> str:
    """The words without what denies a neighbouring phrase: that is weighed phrase by phrase."""
    return "|".join(_DENIED_BEFORE.sub("", _DENIED_AFTER.sub("", part)) for part in re.split(r"\|+", rest.replace(",", "")))


def _longest(item: Item, core: str) -> list[_Found]:
    """Every phrase of an option in the words that lies within no longer one, in their order."""
    hits: list[_Found] = []
    for option in item.options:
        for phrase in _phrases(option):
            if phrase in _WHOLE_ONLY or len(phrase) < 2:
                continue
            hits += [_Found(at.start(), at.end(), option) for at in re.finditer(re.escape(phrase), core)]
    hits.sort(key=lambda hit: (hit.start, -hit.end))
    kept: list[_Found] = []
    for hit in hits:
        if not any(other.start <= hit.start and hit.end <= other.end for other in kept):
            kept.append(hit)
    return kept


def _rest(core: str, found: list[_Found]) -> str:
    """The words outside the phrases."""
    covered = {place for each in found for place in range(each.start, each.end)}
    return "".join(sign if place not in covered else "|" for place, sign in enumerate(core))
