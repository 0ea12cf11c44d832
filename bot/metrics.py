"""Counters and timings for `/metrics`; never anything a person wrote."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.services.report import Totals

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
        self.alerts = Gauge("xinyi_alerts", "Alerts raised so far, by reason", ["reason"], registry=self.registry)
        self.takeovers = Gauge("xinyi_takeovers", "Alerts somebody took so far", registry=self.registry)
        self.marks = Gauge("xinyi_screen_marks", "Messages marked so far, by verdict", ["verdict"], registry=self.registry)
        self.overdue = Gauge("xinyi_follow_ups_overdue", "Follow-ups that were overdue so far", registry=self.registry)
        self.screen_seconds = Histogram("xinyi_screen_seconds", "Risk screen", buckets=_SECONDS, registry=self.registry)
        self.rasa_seconds = Histogram("xinyi_rasa_seconds", "Rasa's part of a turn", buckets=_SECONDS, registry=self.registry)
        self.gateway_seconds = Histogram(
            "xinyi_gateway_seconds",
            "The gateway's own part of a turn, screen left out",
            buckets=_SECONDS,
            registry=self.registry,
        )

    def show(self, totals: Totals) -> None:
        """Show what the database counts: alerts are taken and screens marked by other processes too, and restarts lose nothing."""
        for reason, count in totals.alerts.items():
            self.alerts.labels(reason).set(count)
        for verdict, count in totals.marks.items():
            self.marks.labels(verdict).set(count)
        self.takeovers.set(totals.takeovers)
        self.overdue.set(totals.follow_ups_overdue)
