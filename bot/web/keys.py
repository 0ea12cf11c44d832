"""What the gateway's handlers find on the application."""

from __future__ import annotations

from aiohttp import web

from bot.bootstrap import Root
from bot.channels.console_socket import ConsoleSocket
from bot.channels.feed import Feed
from bot.channels.session import SessionSigner
from bot.channels.sockets import Hub
from bot.channels.websocket import WorkerSocket
from bot.content import Content
from bot.domain.handoff_talk import HandoffDesk
from bot.metrics import Metrics
from bot.notify.notifier import Notifier
from bot.rasa_client import RasaClient
from bot.screen_loader import ScreenRunner
from bot.services.screening_turns import Scales
from bot.web.gate import Gate

ROOT = web.AppKey("root", Root)
CONSOLE = web.AppKey("console", ConsoleSocket)
CONTENT = web.AppKey("content", Content)
FEED = web.AppKey("feed", Feed)
GATE = web.AppKey("gate", Gate)
HANDOFF = web.AppKey("handoff", HandoffDesk)
HUB = web.AppKey("hub", Hub)
METRICS = web.AppKey("metrics", Metrics)
NOTIFIER = web.AppKey("notifier", Notifier)
RASA = web.AppKey("rasa", RasaClient)
SCALES = web.AppKey("scales", Scales)
SCREEN = web.AppKey("screen", ScreenRunner)
SIGNER = web.AppKey("signer", SessionSigner)
SOCKET = web.AppKey("socket", WorkerSocket)
