"""Robots, mail and hook: what they are told, signed by their own rules, and every way they may refuse."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest
from aiohttp import web
from fake_robots import FakeMailServer, FakeRobots
from ground import NOW, settings_for

from bot.domain.errors import NotificationFailed, SettingError
from bot.domain.notification import ROBOTS, Channel, Facts
from bot.domain.risk import RiskLevel
from bot.notify import dingtalk, feishu, webhook
from bot.notify.notice import make_notice
from bot.notify.notifier import Notifier

WAITED = dt.timedelta(seconds=80)
IMMINENT = Facts(RiskLevel.IMMINENT, "imminent", 1, NOW - WAITED)
ORDINARY = Facts(RiskLevel.NONE, "asked_for_person", 0, NOW - WAITED)


async def _send(notifier: Notifier, channel: Channel, facts: Facts = IMMINENT, address: str | None = None) -> None:
    await notifier.send(channel, "handoff:12:1", facts, 12, address, NOW)


def test_signatures_are_those_that_openssl_makes() -> None:
    assert dingtalk.signature("1599360473000", "SECabc") == "3SJkK5Fm70JVVkwmvZFkgdPlr53Kn2utLHLz9DzuOSc="
    assert feishu.signature("1599360473", "SECabc") == "KjJCRpeZcpDq6nFA4wlSAm5ZsE3Y8HuB1O1Sgv2Y9xA="
    hexed = "589db66e1f1f22fda1a49e5562cebd4709c09becff47c84b981ebdffcbcd1574"
    assert webhook.signature("1599360473", b'{"id":"a"}', "k" * 32) == f"sha256={hexed}"


def test_a_notice_tells_level_reason_waiting_time_and_link_and_nothing_else() -> None:
    notice = make_notice("k", IMMINENT, 12, "https://xinyi.example.cn", NOW)
    assert notice.text.splitlines() == [
        "【心驿】请马上接手：危急", "原因：可能马上有生命危险", "已等：1 分 20 秒", "还没有人接，请在岗的同事接手", "https://xinyi.example.cn/console#/cases/12",
    ]  # fmt: skip
    taken = make_notice(
        "k", Facts(RiskLevel.IMMINENT, "imminent", 0, NOW - WAITED, is_taken=True), 12, "https://xinyi.example.cn", NOW
    )
    assert (taken.title, taken.lines[1]) == ("【心驿】正在接待的人风险升高：危急", "已有咨询师在接待，请督导留意")
    later = make_notice("k", ORDINARY, 12, "https://xinyi.example.cn", NOW + dt.timedelta(hours=2))
    assert later.text.splitlines()[:3] == ["【心驿】有人在等：一般", "原因：本人想找真人聊", "已等：2 小时 1 分"]


async def test_every_robot_takes_a_signed_notice_and_calls_everybody_only_at_imminent(
    notifier: Notifier, robots: FakeRobots
) -> None:
    for channel in ROBOTS:
        await _send(notifier, channel)
        await _send(notifier, channel, ORDINARY)
    text = make_notice("k", IMMINENT, 12, "https://xinyi.example.cn", NOW).text
    loud, quiet = robots.told["wecom"]
    assert loud == {"msgtype": "text", "text": {"content": text, "mentioned_list": ["@all"]}}
    assert quiet["text"]["mentioned_list"] == []
    loud, quiet = robots.told["dingtalk"]
    assert (loud["text"]["content"], loud["at"], quiet["at"]) == (text, {"isAtAll": True}, {"isAtAll": False})
    loud, quiet = robots.told["feishu"]
    assert loud["content"]["text"] == f'{text}\n<at user_id="all">所有人</at>'
    assert "<at" not in quiet["content"]["text"]


async def test_the_hook_gets_facts_and_the_phone_to_call(notifier: Notifier, robots: FakeRobots) -> None:
    await _send(notifier, Channel.WEBHOOK, address="13800000000")
    (told,) = robots.told["webhook"]
    assert told.pop("text").startswith("【心驿】")
    assert told == {
        "id": "handoff:12:1", "case_id": 12, "level": "imminent", "reason": "imminent", "tier": 1, "is_taken": False, "waiting_seconds": 80,
        "link": "https://xinyi.example.cn/console#/cases/12", "phone": "13800000000",
    }  # fmt: skip


async def test_a_mail_goes_to_one_mailbox_and_keeps_its_id_when_sent_again(
    notifier: Notifier, mail_server: FakeMailServer
) -> None:
    await _send(notifier, Channel.EMAIL, address="wang@example.cn")
    await _send(notifier, Channel.EMAIL, address="wang@example.cn")
    first, again = mail_server.mails
    assert mail_server.recipients == ["wang@example.cn"] * 2
    assert (first["Subject"], first["To"], first["X-Priority"]) == ("【心驿】请马上接手：危急", "wang@example.cn", "1")
    assert first["Message-ID"] == again["Message-ID"]
    body = first.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body.decode().splitlines()[-1] == "https://xinyi.example.cn/console#/cases/12"


@pytest.mark.parametrize("address", [None, "a@b.cn\nBcc: all@b.cn", "nobody"])
async def test_a_mailbox_that_is_none_gets_no_mail(
    notifier: Notifier, mail_server: FakeMailServer, address: str | None
) -> None:
    mail_server.refusal = "550 no such user"
    with pytest.raises(NotificationFailed):
        await _send(notifier, Channel.EMAIL, address=address)
    assert mail_server.mails == []


async def _error(_request: web.Request) -> web.StreamResponse:
    return web.json_response({"errcode": 0, "code": 0}, status=500)


async def _moved(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPTemporaryRedirect("/elsewhere")


async def _refused(_request: web.Request) -> web.StreamResponse:
    return web.json_response({"errcode": 45009, "code": 45009, "errmsg": "api freq out of limit"})


async def _no_json(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>ok</html>")


async def _cut(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _late(_request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


TROUBLES = {
    _error: "status 500",
    _moved: "status 307",
    _refused: "45009",
    _no_json: "robot",
    _cut: "Disconnected|OSError",
    _late: "imeout",
}


@pytest.mark.parametrize("channel", ROBOTS)
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda each: each.__name__)
async def test_a_robot_that_does_not_take_it_is_a_failure_that_names_no_secret(
    notifier: Notifier, robots: FakeRobots, channel: Channel, trouble: object
) -> None:  # fmt: skip
    robots.answer = trouble  # type: ignore[assignment]
    with pytest.raises(NotificationFailed, match=TROUBLES[trouble]) as failed:  # type: ignore[index]
        await _send(notifier, channel)
    assert robots.calls == 1
    assert not any(robots.told.values())
    said = str(failed.value)
    assert not any(secret in said for secret in ("127.0.0.1", "693a91f6", "abc", "SEC-ding", "fei-secret"))


async def test_a_wrong_secret_is_refused_by_the_robot(tmp_path: Path, robots: FakeRobots) -> None:
    environ = {
        **robots.environ(),
        "NOTIFY_DINGTALK_SECRET": "another",
        "NOTIFY_FEISHU_SECRET": "another",
        "NOTIFY_WEBHOOK_SECRET": "v" * 32,
    }
    wrong = Notifier(settings_for(tmp_path, **environ))
    for channel, code in {Channel.DINGTALK: "310000", Channel.FEISHU: "19021", Channel.WEBHOOK: "403"}.items():
        with pytest.raises(NotificationFailed, match=code):
            await _send(wrong, channel)
    await wrong.close()


async def test_a_server_that_is_away_is_a_failure(notifier: Notifier, robots: FakeRobots, mail_server: FakeMailServer) -> None:
    await robots.stop()
    await mail_server.stop()
    for channel in (*ROBOTS, Channel.WEBHOOK, Channel.EMAIL):
        with pytest.raises(NotificationFailed):
            await _send(notifier, channel, address="wang@example.cn")


def test_only_what_is_set_up_is_a_channel(tmp_path: Path) -> None:
    assert Notifier(settings_for(tmp_path)).channels == frozenset()
    found = Notifier(settings_for(tmp_path, NOTIFY_WECOM_URL="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1"))
    assert found.channels == {Channel.WECOM}


@pytest.mark.parametrize(
    "environ",
    [{"NOTIFY_WEBHOOK_URL": "https://call.example.cn/x"}, {"NOTIFY_MAIL_SERVER": "smtps://a:b@mail.example.cn:465"}],
    ids=["hook", "mail"],
)
def test_cannot_start_with_half_a_channel(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(SettingError, match="NOTIFY_"):
        Notifier(settings_for(tmp_path, **environ))
