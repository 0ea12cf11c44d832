"""Counters and timings for `/metrics`; never anything a person wrote."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """One set per gateway, on a registry of its own so that tests can have several."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.messages = Counter("xinyi_messages", "Worker messages by result", ["result"], registry=self.registry)
        self.turns = Counter("xinyi_turns", "Turns by outcome", ["outcome"], registry=self.registry)
        self.findings = Counter("xinyi_risk_findings", "Screened messages by level", ["level"], registry=self.registry)
        self.vectors = Counter("xinyi_vectors", "Sentence vectors by result", ["result"], registry=self.registry)
        self.safety = Counter("xinyi_safety_replies", "Fixed safety replies by set", ["name"], registry=self.registry)
        self.recovered = Counter("xinyi_turns_recovered", "Turns finished after a restart", registry=self.registry)
        self.connections = Gauge("xinyi_connections", "Open worker sockets", registry=self.registry)
        self.screen_seconds = Histogram("xinyi_screen_seconds", "Risk screen", buckets=_SECONDS, registry=self.registry)
        self.rasa_seconds = Histogram("xinyi_rasa_seconds", "Rasa's part of a turn", buckets=_SECONDS, registry=self.registry)
        self.gateway_seconds = Histogram(
            "xinyi_gateway_seconds",
            "The gateway's own part of a turn, screen left out",
            buckets=_SECONDS,
            registry=self.registry,
        )
