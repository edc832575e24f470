"""What runs when: one table. One process does it all; a second one waits to take over."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Event

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from app.escalation import upkeep as escalation
from app.exports import upkeep as exports
from app.imports import upkeep as imports
from app.notifications import upkeep as notifications
from app.operators import gathering
from app.rest import repeats as kept_answers
from app.signup import actions as signup
from app.subscription import counting as subscription
from app.webhooks import upkeep as webhooks
from billing import ledger
from tenants import (
    clock,
    files,
    heartbeat,
    identities,
    locks,
    logins,
    lost_hints,
    mail,
    operator_sessions,
    provisioning,
    relay,
    request_errors,
    retention,
)
from tenants.backup import ending, nightly
from tenants.locks import Lead
from tenants.second_factors import steps

log = get_logger()


@dataclass(frozen=True, kw_only=True)
class Entry:
    name: str
    every: timedelta
    do: Callable[[], object]
    """Safe to run twice and to be killed."""


_RELAY = relay.Relay()

TABLE = (
    Entry(name="sign of life", every=heartbeat.EVERY, do=partial(heartbeat.beat, "scheduler")),
    Entry(name="mails", every=timedelta(seconds=1), do=mail.deliver_due),
    Entry(name="relay", every=relay.EVERY, do=_RELAY.look),
    Entry(name="unmarked changes", every=timedelta(minutes=1), do=relay.sweep),
    Entry(name="lost hints", every=timedelta(seconds=2), do=lost_hints.sweep),
    Entry(name="traffic", every=timedelta(seconds=5), do=ledger.write_down),
    Entry(name="traffic of the past", every=timedelta(minutes=10), do=ledger.fold),
    Entry(name="ready schemas", every=timedelta(seconds=1), do=provisioning.refill_stock),
    Entry(name="due jobs", every=timedelta(minutes=1), do=lost_hints.sweep_all),
    Entry(name="users, records, files", every=timedelta(minutes=15), do=subscription.count_everywhere),
    Entry(name="orphaned files", every=timedelta(hours=12), do=files.sweep),
    Entry(name="figures of tenants", every=timedelta(minutes=1), do=gathering.gather),
    Entry(name="old errors", every=timedelta(hours=6), do=request_errors.forget_old),
    Entry(name="expired log-ins of operators", every=timedelta(hours=1), do=operator_sessions.forget_expired),
    Entry(name="old log-ins", every=timedelta(hours=6), do=logins.forget_old),
    Entry(name="expired links", every=timedelta(hours=1), do=identities.forget_expired),
    Entry(name="expired steps of log-ins", every=timedelta(hours=1), do=steps.forget_expired),
    Entry(name="kept lists", every=timedelta(hours=6), do=imports.forget_lists_everywhere),
    Entry(name="kept exports", every=timedelta(hours=1), do=exports.forget_files_everywhere),
    Entry(name="kept answers", every=timedelta(hours=6), do=kept_answers.forget_everywhere),
    Entry(name="mails of the past", every=timedelta(hours=1), do=mail.forget_old),
    Entry(name="mails of firms of the past", every=timedelta(hours=6), do=notifications.forget_mails_everywhere),
    Entry(name="kept messages", every=timedelta(hours=6), do=webhooks.forget_messages_everywhere),
    Entry(name="old jobs", every=timedelta(hours=1), do=retention.forget_jobs_everywhere),
    Entry(name="old changes", every=timedelta(hours=6), do=retention.forget_changes_everywhere),
    Entry(name="old changes set aside", every=timedelta(hours=6), do=escalation.forget_set_aside_everywhere),
    Entry(name="counting processes of the past", every=timedelta(hours=6), do=ledger.forget_sources),
    Entry(name="backups", every=timedelta(minutes=10), do=nightly.take_due),
    Entry(name="old backups", every=timedelta(hours=6), do=nightly.forget_old),
    Entry(name="firms whose time is over", every=timedelta(hours=1), do=ending.sweep),
    Entry(name="expired sign-ups", every=timedelta(hours=1), do=signup.forget_expired),
)

_TICK = 0.05
_RETRY = 1.0
_PATIENCE = 5.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(app: Flask) -> None:
    """Until somebody says stop. What does not end by itself a few seconds later is left in the middle."""
    # What is loaded by now stays for ever; to look through it once more would take longer than all else at the end.
    gc.collect()
    gc.freeze()
    stop = Event()
    for number in _SIGNALS:
        signal.signal(number, lambda *_: stop.set())
    with app.app_context():
        while not stop.is_set():
            try:
                _lead(app, stop)
            except SQLAlchemyError as error:
                log.warning("schedule.no_database", error=type(error).__name__)
                stop.wait(_RETRY)


def _lead(app: Flask, stop: Event) -> None:
    """Wait to become the leader, then do what the table says for as long as we are."""
    with locks.candidate("schedule") as lead:
        if not lead.take():
            log.info("schedule.waiting")
        while not lead.take():
            if stop.wait(_RETRY):
                return
        log.info("schedule.leading")
        with closing(_RELAY):
            follow(app, TABLE, stop=stop, lead=lead)


def follow(app: Flask, table: tuple[Entry, ...], *, stop: Event, lead: Lead) -> None:
    """Each entry runs on a thread of its own, so that a slow or failing one holds up no other."""
    running: dict[str, Future[None]] = {}
    began = dict.fromkeys((entry.name for entry in table), -float("inf"))
    with_threads = ThreadPoolExecutor(len(table), thread_name_prefix="schedule")
    while lead.holds() and not stop.wait(_TICK):
        for entry in table:
            is_over = entry.name not in running or running[entry.name].done()
            if is_over and clock.stopwatch() - began[entry.name] >= entry.every.total_seconds():
                began[entry.name] = clock.stopwatch()
                running[entry.name] = with_threads.submit(_do, app, entry)
                running[entry.name].add_done_callback(partial(_tell, entry.name))
    with_threads.shutdown(wait=False, cancel_futures=True)
    if wait(running.values(), timeout=_PATIENCE).not_done:
        os._exit(0)


def _do(app: Flask, entry: Entry) -> None:
    with app.app_context():
        entry.do()


def _tell(name: str, future: Future[None]) -> None:
    error = None if future.cancelled() else future.exception()
    if error is not None:
        log.error("schedule.failed", entry=name, exc_info=error)
