"""What the gateway's handlers find on the application."""

from __future__ import annotations

from aiohttp import web

from bot.bootstrap import Root
from bot.channels.session import SessionSigner
from bot.channels.sockets import Hub
from bot.channels.websocket import WorkerSocket
from bot.content import Content
from bot.metrics import Metrics
from bot.rasa_client import RasaClient
from bot.screen_loader import ScreenRunner

ROOT = web.AppKey("root", Root)
CONTENT = web.AppKey("content", Content)
HUB = web.AppKey("hub", Hub)
METRICS = web.AppKey("metrics", Metrics)
RASA = web.AppKey("rasa", RasaClient)
SCREEN = web.AppKey("screen", ScreenRunner)
SIGNER = web.AppKey("signer", SessionSigner)
SOCKET = web.AppKey("socket", WorkerSocket)
