"""The one error tree; each class has a code for programs and a sentence in Chinese for the reader.

XinyiError
├── SettingError            a setting has a wrong value (stops the start)
├── ContentError            a file of content/ is wrong (names file and field)
├── InvalidInput            what came from outside can't be taken
│   ├── EmptyText
│   ├── TextTooLong
│   └── UnknownChoice       a button that is not offered (any more)
├── NotSignedIn             no session, or one that is forged or ended
├── ConsentRequired         the worker has not read the notice yet
├── RateLimited             too many messages at once
├── NotFound                no such row, or not this person's
├── StorageUnavailable      the database refuses (full disk, read-only, locked, unknown revision)
│   └── KeyMissing          a text was encrypted with a key that the ring does not hold
├── RasaUnavailable         Rasa did not answer, answered late, empty or with an error
└── IllegalTransition       the state table does not allow it
"""

from __future__ import annotations


class XinyiError(Exception):
    """Base of all errors of the product; `code` for programs, `reader_text` for people."""

    code = "internal"
    reader_text = "出了点问题，请稍后再试。"

    def __init__(self, detail: str = "", *, reader_text: str | None = None) -> None:
        super().__init__(detail or self.code)
        if reader_text is not None:
            self.reader_text = reader_text


class SettingError(XinyiError):
    code = "setting"


class ContentError(XinyiError):
    code = "content"


class InvalidInput(XinyiError):
    code = "bad_field"
    reader_text = "这条消息没法识别，请换个方式再发一次。"


class EmptyText(InvalidInput):
    code = "empty"
    reader_text = "这条消息是空的，写点什么再发吧。"


class TextTooLong(InvalidInput):
    code = "too_long"
    reader_text = "这条太长了，最多 4000 字，分成几条发给我就好。"


class UnknownChoice(InvalidInput):
    code = "bad_field"
    reader_text = "这个选项已经用不了了，直接打字告诉我吧。"


class NotSignedIn(XinyiError):
    code = "not_signed_in"
    reader_text = "这次会话已经失效，刷新一下页面就能继续。"


class ConsentRequired(XinyiError):
    code = "consent_required"
    reader_text = "先看一眼上面的说明，点“知道了，开始聊”，刚才这句会接着发出去。"


class RateLimited(XinyiError):
    code = "rate_limited"
    reader_text = "发得有点快，歇几秒再发，不会丢。急的话直接打 120 或 110。"


class NotFound(XinyiError):
    code = "not_found"
    reader_text = "没有找到。"


class StorageUnavailable(XinyiError):
    code = "storage"
    reader_text = "这条没能存下来，请稍后点重发。急的话请直接拨 120、110 或 12356。"


class KeyMissing(StorageUnavailable):
    code = "storage"


class RasaUnavailable(XinyiError):
    code = "rasa"


class IllegalTransition(XinyiError):
    code = "illegal_transition"
    reader_text = "现在不能这样做。"
