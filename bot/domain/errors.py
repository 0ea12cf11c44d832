"""The one error tree; each class has a code for programs and a sentence in Chinese for the reader.

XinyiError
├── SettingError            a setting has a wrong value (stops the start)
├── ContentError            a file of content/ is wrong (names file and field)
├── InvalidInput            what came from outside can't be taken
│   ├── EmptyText
│   ├── TextTooLong
│   ├── TooLarge            a whole request that is more than we take
│   └── UnknownChoice       a button that is not offered (any more)
├── NotSignedIn             no session, or one that is forged or ended
│   └── SignInRefused       name, password or code do not fit; the same words for all three
├── Forbidden               signed in, but not with a role that may do this
│   ├── PasswordDue         a one-time password must be replaced first
│   └── SecondPersonNeeded  one's own work must be approved by another
├── AlreadyAccepted         another counsellor was first
├── Incomplete              fields are missing or wrong; names them
├── Locked                  too many wrong passwords or codes: shut for a while
├── ConsentRequired         the worker has not read the notice yet
├── RateLimited             too many messages at once
├── NotFound                no such row, or not this person's
├── StorageUnavailable      the database refuses (full disk, read-only, locked, unknown revision)
│   ├── KeyMissing          a text was encrypted with a key that the ring does not hold
│   └── FolderUnwritable    the training folder refuses (full disk, read-only); nothing was changed
├── RasaUnavailable         Rasa did not answer, answered late, empty or with an error
│   └── RasaAway            nothing listens there: it never got the message
├── NotificationFailed      a robot, mail server or hook did not take a notice
├── EditedMeanwhile         somebody else changed the same text: three ways to look at
├── Busy                    one at a time: another training or publication is under way
├── PublishRefused          the proof forbids it, or asks for a reason
└── IllegalTransition       the state table does not allow it
"""

from __future__ import annotations

from collections.abc import Iterable


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


class TooLarge(InvalidInput):
    code = "too_large"
    reader_text = "一次最多 2 MB，请分几次来。什么都没有改。"


class UnknownChoice(InvalidInput):
    code = "bad_field"
    reader_text = "这个选项已经用不了了，直接打字告诉我吧。"


class NotSignedIn(XinyiError):
    code = "not_signed_in"
    reader_text = "这次会话已经失效，刷新一下页面就能继续。"


class SignInRefused(NotSignedIn):
    code = "sign_in_refused"
    reader_text = "名字、密码或验证码不对。连续输错几次会锁定一段时间。"


class Forbidden(XinyiError):
    code = "forbidden"
    reader_text = "你的账号没有这个权限。"


class PasswordDue(Forbidden):
    code = "password_due"
    reader_text = "现在用的是一次性密码，请先换成自己的。"


class SecondPersonNeeded(Forbidden):
    code = "second_person"
    reader_text = "自己改的要请另一位同事看过才行。"


class AlreadyAccepted(XinyiError):
    code = "already_accepted"
    reader_text = "已经有同事接了。"


class Incomplete(XinyiError):
    code = "incomplete"
    reader_text = "还有没填完的地方。"

    def __init__(self, fields: Iterable[str], *, reader_text: str | None = None) -> None:
        self.fields = list(fields)
        named = "incomplete: " + ", ".join(self.fields)
        super().__init__(f"{named}: {reader_text}" if reader_text else named, reader_text=reader_text)


class Locked(XinyiError):
    code = "locked"
    reader_text = "输错太多次，已经锁定，请过一会儿再试，或者请管理员重设。"


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


class FolderUnwritable(StorageUnavailable):
    reader_text = "训练目录写不进去（磁盘满了，或者没有权限），什么都没有改。"


class EditedMeanwhile(XinyiError):
    """`ours`, `theirs`, `base`: the three texts; `path` where they differ."""

    code = "edited_meanwhile"
    reader_text = "这个文件别人刚改过，请对照着合并。"

    def __init__(self, path: str, base: str, ours: str, theirs: str) -> None:
        super().__init__(path)
        self.path, self.base, self.ours, self.theirs = path, base, ours, theirs


class Busy(XinyiError):
    code = "busy"
    reader_text = "已经有一个在进行，等它结束再来。"


class PublishRefused(XinyiError):
    code = "publish_refused"
    reader_text = "现在还不能发布。"


class RasaUnavailable(XinyiError):
    code = "rasa"
    reader_text = "它现在没有应答，过几秒再试。"


class RasaAway(RasaUnavailable):
    code = "rasa"


class NotificationFailed(XinyiError):
    code = "notification"
    reader_text = "提醒没有发出去。"


class IllegalTransition(XinyiError):
    code = "illegal_transition"
    reader_text = "现在不能这样做。"
