"""The sync process: what the gate has written goes to the county, batch by batch, until all is there.

It shares nothing with the gate's process but the records' file. Order of things for one batch: offer, answer, write
down in the file what was answered. Whatever is cut off in between is offered again, and the county knows a record by
its UUID. The gate's status goes first after every silence, and then about every minute: what the county then says it
lacks, and had acknowledged, is offered again.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from edge.core.answer import Answer, refused_pause_s, wish_s, wrong_token
from edge.core.errors import StoreError
from edge.core.lodging import is_away, missing, trouble
from edge.core.outbox import BATCH_RECORDS, Offered, OutboxState, Outcome, choose, held_back, look_ahead, step
from edge.core.record import fingerprint
from edge.core.texts import Text
from edge.ports import Store, Uplink

STATUS_EVERY_S = 60.0
# A county that loses the same records again and again gets them ever more seldom.
FIRST_AGAIN_S, LONGEST_AGAIN_S = 60.0, 3_600.0

# For how long the sync held back before this (s) -> the status to send; None: there is none to send now.
Status = Callable[[float], bytes | None]


@dataclass(frozen=True, slots=True)
class SyncEvent:
    """Where the sync stands. sent, acknowledged, set_aside, again: since it started; waiting: in the file, unanswered.

    sent: offers of a record; again: acknowledged ones that the county had lost. failure: why the last batch or status
    was not taken, or why the file could not be used; None while all goes well.
    """

    sent: int = 0
    acknowledged: int = 0
    set_aside: int = 0
    waiting: int = 0
    again: int = 0
    failure: Text | None = None


def run_sync(
    store: Store,
    uplink: Uplink,
    clock_now_s: Callable[[], float],
    stop: threading.Event,
    report: Callable[[SyncEvent], None],
    every_s: float = 5.0,
    uniform: Callable[[], float] = random.random,
    status: Status = lambda held_back_s: None,
) -> None:
    """Send until `stop` is set; looks for new records every_s seconds (0.1 to 3,600) after the last was sent.

    report is told of every change. uniform: in [0, 1), spreads the retries. Faults of network, county and file are
    reported and tried again, for ever; nothing is raised for them.
    """
    _Sync(store, uplink, clock_now_s, stop, report, uniform, status).run(every_s)


class _Sync:
    def __init__(
        self,
        store: Store,
        uplink: Uplink,
        clock_now_s: Callable[[], float],
        stop: threading.Event,
        report: Callable[[SyncEvent], None],
        uniform: Callable[[], float],
        status: Status,
    ) -> None:
        self._store, self._uplink, self._status = store, uplink, status
        self._now_s, self._stop, self._tell, self._uniform = clock_now_s, stop, report, uniform
        self._outbox = OutboxState()
        self._event = SyncEvent()
        self._told: SyncEvent | None = None
        self._status_at_s = float("-inf")
        self._held_back_s = 0.0
        self._again_at_s, self._again_pause_s = float("-inf"), FIRST_AGAIN_S

    def run(self, every_s: float) -> None:
        while not self._stop.is_set():
            any_offered = self._round()
            pause_s = self._held_back_s = max(0.0, self._outbox.not_before_s - self._now_s())
            if pause_s > 0:
                self._stop.wait(pause_s)
            elif not any_offered:
                self._stop.wait(every_s)

    def _round(self) -> bool:
        """Tell the status when it is time, offer a batch; whether there was one whose time has come."""
        try:
            self._report()
            if self._now_s() >= self._status_at_s and not self._tell_status():
                return False
            if self._stop.is_set():
                return False
            return self._send()
        except StoreError as error:
            self._outbox = held_back(self._outbox, self._now_s(), self._uniform)
            self._event = replace(self._event, failure=Text(error.zh, error.en))
            self._tell_of_change()
            return False

    def _send(self) -> bool:
        """Offer one batch and write down what the county said; whether there was one to offer."""
        newest = self._outbox.newest_next
        rows = self._store.unsent(BATCH_RECORDS + look_ahead(self._outbox), newest)
        waiting = [Offered(record.seq, record.uuid, fingerprint(body), body) for record, body in rows]
        if not waiting:
            self._say(None)
        batch = choose(self._outbox, waiting, self._now_s())
        if not batch:
            return False
        answer = self._uplink.send([one.body for one in batch])
        self._event = replace(self._event, sent=self._event.sent + len(batch))
        outbox, outcome = step(self._outbox, batch, answer, self._now_s(), self._uniform)
        self._settle(outcome)
        # Not before it is written down: what cannot be was not answered.
        self._outbox = outbox
        self._mind_silence(answer)
        self._say(outcome.failure)
        return True

    def _settle(self, outcome: Outcome) -> None:
        if outcome.acknowledged or outcome.set_aside:
            self._store.settle(outcome.acknowledged, {uuid: str(why) for uuid, why in outcome.set_aside})
        event = self._event
        self._event = replace(
            event,
            acknowledged=event.acknowledged + len(outcome.acknowledged),
            set_aside=event.set_aside + len(outcome.set_aside),
        )

    def _tell_status(self) -> bool:
        """Send the status; whether records may go on."""
        body = self._status(self._held_back_s)
        self._status_at_s = self._now_s() + STATUS_EVERY_S
        if body is None:
            return True
        answer = self._uplink.status(body)
        lacking = missing(answer)
        if lacking is not None:
            self._offer_again(lacking)
            return True
        now_s = self._now_s()
        self._event = replace(self._event, failure=trouble(answer))
        if wrong_token(answer):
            wait_s = refused_pause_s(answer, self._uniform)
            self._outbox = replace(self._outbox, failures=self._outbox.failures + 1, not_before_s=now_s + wait_s)
        elif is_away(answer):
            self._outbox = held_back(self._outbox, now_s, self._uniform, wish_s(answer))
        self._mind_silence(answer)
        self._tell_of_change()
        return not (wrong_token(answer) or is_away(answer))

    def _offer_again(self, lacking: tuple[tuple[int, int], ...]) -> None:
        """What the county had acknowledged and lacks (its disk was restored from a backup) waits again."""
        now_s = self._now_s()
        if now_s < self._again_at_s:
            return
        found = sum(self._store.offer_missing(first, last) for first, last in lacking)
        if not found:
            self._again_pause_s = FIRST_AGAIN_S
            return
        self._again_at_s = now_s + self._again_pause_s
        self._again_pause_s = min(LONGEST_AGAIN_S, 2 * self._again_pause_s)
        self._event = replace(self._event, again=self._event.again + found)
        self._report()

    def _mind_silence(self, answer: Answer) -> None:
        if answer.status is None:
            self._status_at_s = float("-inf")  # the first thing after connecting again

    def _say(self, failure: Text | None) -> None:
        self._event = replace(self._event, failure=failure)
        self._report()

    def _report(self) -> None:
        written, acknowledged, set_aside = self._store.counts()
        self._event = replace(self._event, waiting=written - acknowledged - set_aside)
        self._tell_of_change()

    def _tell_of_change(self) -> None:
        if self._event != self._told:
            self._told = self._event
            self._tell(self._event)
