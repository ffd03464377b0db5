"""Compares what the talkers know with what a fresh client is told; it breaks nothing."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.chaos.talker import PAGE, Participant, Place, Said, connect_to
from tests.support.waiting import came_true
from tests.support.wire import Frame, WireClient

CAUGHT_UP_TIMEOUT_S = 180.0  # the program's client may have been started again, and reads everything
SERVED_TIMEOUT_S = 60.0  # that recovery is quick is judged where it is measured
History = dict[str, dict[int, Said]]
Acknowledged = dict[str, tuple[str, int, str]]  # nonce -> room, seq, body


@dataclass
class Verdict:
    """What one round's check found; `wrong` says each fault in words."""

    lost: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)


class Checker:
    """Remembers up to where each history was checked, so that a round costs what the round added.

    One talker in turn is checked from the first message on in each round, and all are at the end.
    """

    def __init__(self) -> None:
        self._checked: dict[str, History] = {}
        self._round = 0

    def check(self, place: Place, talkers: Sequence[Participant], *, everything: bool = False) -> Verdict:
        """Check all talkers, each against a fresh connection of its own."""
        verdict = Verdict()
        self._round += 1
        for number, talker in enumerate(talkers):
            whole = everything or number == self._round % len(talkers)
            known = {} if whole else self._checked.get(talker.username, {})
            history = _fresh_history(place, talker, known, verdict)
            self._checked[talker.username] = history
            self._compare(talker, history, verdict)
        return verdict

    def _compare(self, talker: Participant, history: History, verdict: Verdict) -> None:
        find_faults(talker.username, talker.record.acknowledged, history, verdict)
        came_true(lambda: _sizes(talker.record.view) == _sizes(history), CAUGHT_UP_TIMEOUT_S)
        if talker.record.view != history:
            view = talker.record.view
            rooms = [
                f"{room} ({len(view.get(room, {}))} of {len(there)} messages)"
                for room, there in history.items()
                if there != view.get(room, {})
            ]
            verdict.wrong.append(f"{talker.username}'s view differs from a fresh client's in {rooms}")
        verdict.wrong += talker.record.wrong
        talker.record.wrong.clear()


def _fresh_history(place: Place, talker: Participant, known: History, verdict: Verdict) -> History:
    """Read every room of the talker's user, on a new connection, behind what is known already."""
    client = connect_to(place)
    try:
        history: History = {}
        for room in served(client, "resume", token=talker.token)["rooms"]:
            if room["membership"] != "joined":
                continue
            name = room["room"]
            seen = history[name] = dict(known.get(name, {}))
            more, after = True, max(seen, default=0)
            while more:
                page = served(client, "history", room=name, after=after, limit=PAGE)
                for message in page["messages"]:
                    if message["seq"] <= after:
                        verdict.wrong.append(f"{name}: the history has {message['seq']} after {after}")
                    after = message["seq"]
                    seen[after] = (message["from"], message["body"])
                more = page["more"]
            if after != room["last_seq"]:
                verdict.wrong.append(f"{name}: last_seq {room['last_seq']}, the history ends at {after}")
        return history
    finally:
        client.close()


def served(client: WireClient, kind: str, **fields: object) -> Frame:
    """Return the `ok`; shortly after an outage a request may be `unavailable` once more."""
    end = time.monotonic() + SERVED_TIMEOUT_S
    while (reply := client.request(kind, **fields)).get("code") == "unavailable" and time.monotonic() < end:
        time.sleep(0.1)
    assert reply["type"] == "ok", f"{kind}: {reply}"
    return reply


def find_faults(who: str, acknowledged: Acknowledged, history: History, verdict: Verdict) -> None:
    """Look into a whole history for holes, doubles, and what was acknowledged and is not there."""
    _no_hole(who, history, verdict)
    _nothing_doubled(who, history, verdict)
    _nothing_lost(who, acknowledged, history, verdict)


def _no_hole(who: str, history: History, verdict: Verdict) -> None:
    for room, messages in history.items():
        if list(messages) != list(range(1, len(messages) + 1)):
            verdict.wrong.append(f"{who}: a hole among the seqs of {room}")


def _nothing_doubled(who: str, history: History, verdict: Verdict) -> None:
    """Every body is unique, since its nonce stands in it."""
    for room, messages in history.items():
        doubled = [
            body for body, times in Counter(body for _, body in messages.values()).items() if times > 1
        ]
        verdict.doubled += len(doubled)
        verdict.wrong += [f"{who}: stored twice in {room}: {body!r}" for body in doubled[:3]]


def _nothing_lost(who: str, acknowledged: Acknowledged, history: History, verdict: Verdict) -> None:
    lost = [
        f"{who}: acknowledged as {room} {seq} and not there: {body!r}"
        for room, seq, body in acknowledged.values()
        if history.get(room, {}).get(seq) != (who, body)
    ]
    verdict.lost += len(lost)
    verdict.wrong += lost[:3]
    own = sum(sender == who for room in history.values() for sender, _ in room.values())
    if own != len(acknowledged):
        verdict.wrong.append(f"{who}: {len(acknowledged)} acknowledged, {own} stored")


def _sizes(view: History) -> dict[str, int]:
    return {room: len(messages) for room, messages in list(view.items()) if messages}


def all_quiet(talkers: Sequence[Participant], timeout_s: float) -> bool:
    """Wait until everything that was said has been acknowledged."""
    return came_true(lambda: all(talker.quiet() for talker in talkers), timeout_s)
