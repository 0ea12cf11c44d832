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
from bot.rasa_client import RasaRouter
from bot.rasa_slots import Slots
from bot.screen_loader import ScreenRunner
from bot.services.change_set_applying import Desk
from bot.services.screening_turns import Scales
from bot.training.folder import TrainingFolder
from bot.web.gate import Gate
from bot.web.studio_check import Checker
from bot.web.studio_index import TaughtIndex

ROOT = web.AppKey("root", Root)
CHECKER = web.AppKey("checker", Checker)
CONSOLE = web.AppKey("console", ConsoleSocket)
CONTENT = web.AppKey("content", Content)
DESK = web.AppKey("desk", Desk)
FEED = web.AppKey("feed", Feed)
FOLDER = web.AppKey("folder", TrainingFolder)
GATE = web.AppKey("gate", Gate)
HANDOFF = web.AppKey("handoff", HandoffDesk)
HUB = web.AppKey("hub", Hub)
INDEX = web.AppKey("index", TaughtIndex)
METRICS = web.AppKey("metrics", Metrics)
NOTIFIER = web.AppKey("notifier", Notifier)
RASA = web.AppKey("rasa", RasaRouter)
SCALES = web.AppKey("scales", Scales)
SCREEN = web.AppKey("screen", ScreenRunner)
SIGNER = web.AppKey("signer", SessionSigner)
SLOTS = web.AppKey("slots", Slots)
SOCKET = web.AppKey("socket", WorkerSocket)
