"""Whether somebody says that they have been drinking just now; pure.

CLINICAL.md, levels: a passive wish said drunk is high. Drink that is long past, denied, asked about, somebody else's or a habit is none.
"""

from __future__ import annotations

import re

_SPIRITS = r"(?:闷|白|啤|红|黄|米|药)?酒|二锅头|江小白|老白干"
_MEASURE = r"(?:[一二两三四五六七八九十半几\d]+(?:来)?(?:杯|瓶|两|斤|罐|口|盅|听|箱|提|打))"
_DRUNK = re.compile(
    rf"喝(?:了|着|过)?(?:点|些|不少|好多|很多|一点|几口|口)?(?:了)?{_MEASURE}?(?:多|来)?(?:的)?(?:{_SPIRITS})|喝(?:多|高|醉|大|麻|晕)了?|喝(?:得|到)(?:断片|吐|迷糊|晕乎)"
    rf"|{_MEASURE}(?:{_SPIRITS})?下(?:肚|去)|(?:{_SPIRITS})劲|醉(?:了|醺醺|得)|微醺|(?:吹|干|闷)了?{_MEASURE}(?:{_SPIRITS})?|借着酒|喝酒呢|在喝酒|饮(?:咗|醉)"
)
_NOT_NOW = re.compile(
    r"(?:没|没有|不|别|从不|戒|少|冇|唔)(?:怎么|再|敢|能|会|想|让)?$|(?:以前|从前|那年|去年|前年|上次|上个?月|前天|昨天|当年|小时候|上周)[^，,。！？!?]{0,8}$"
    r"|(?:天天|每天|每晚|经常|老是|总是|常常|爱|习惯)[^，,。！？!?]{0,4}$"
)
_OF_ANOTHER = re.compile(
    r"(?:他|她|他们|老公|老婆|丈夫|爸|爹|妈|哥|弟|老板|领导|客户|同事|工头|师傅|朋友|室友|男友|对象|前任)(?:又|昨晚|今天|一|老|总|天天|都|就|们|是|在)*$"
)
_ASKED = re.compile(r"^(?:的)?(?:吗|嘛|么|没有?[？?]|不[？?])")


def drinking_words(text: str) -> re.Match[str] | None:
    """The words by which the writer says that they have drunk, or None."""
    for found in _DRUNK.finditer(text):
        before, after = text[max(0, found.start() - 14) : found.start()], text[found.end() :]
        if not (_NOT_NOW.search(before) or _OF_ANOTHER.search(before) or _ASKED.search(after)):
            return found
    return None
