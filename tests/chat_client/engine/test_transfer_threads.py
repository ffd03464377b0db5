"""Transfers by their keys: which may begin, what rests, and what is forgotten with the end of one."""

from collections.abc import Mapping
from typing import Any

import pytest

from chat_client.engine import transfer_threads
from chat_client.engine.transfer_threads import TransferThreads
from chat_client.model.changes import TransferChanged
from chat_client.net.transport import Address
from chat_protocol.errors import ChatError
from tests.chat_client.engine.desk import Line
from tests.chat_client.fakes import Bench

ACCESS = (Address("far", 1), "t0ken")


class Threads:
    """The transfers of a client, and what is kept of those that rest."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.kept: list[dict[str, int]] = []
        self.threads = TransferThreads(bench.client._core, self._keep)
        self.threads.note("f1", "a.bin", 100)
        bench.poll()

    def _keep(self, paused: Mapping[str, int]) -> None:
        self.kept.append(dict(paused))

    @property
    def changed(self) -> bool:
        """Whether the transfer is told as changed by now."""
        return TransferChanged("f1") in self.bench.poll()

    @property
    def state(self) -> Any:
        return self.bench.state.transfers["f1"]


@pytest.fixture
def one(bench: Bench) -> Threads:
    """One transfer that is known, and has not begun."""
    return Threads(bench)


def test_transfer_is_shown_from_its_beginning_on(one: Threads) -> None:
    """Once, with nothing of it done; nobody else's thread is touched by a key that is not known."""
    assert (one.state.done, one.state.paused, one.threads.may_start("f1")) == (0, False, True)
    one.threads.note("f1", "a.bin", 100)
    assert not one.changed
    for act in (one.threads.pause, one.threads.go_on, one.threads.end):
        act("gone")
    assert (one.bench.poll(), one.kept) == ([], [])


def test_transfer_that_rests_is_kept_until_it_goes_on(one: Threads) -> None:
    """With how far it has come; each step is told."""
    one.state.done = 40
    one.threads.pause("f1")
    assert one.changed
    assert (one.kept, one.threads.may_start("f1"), one.state.paused) == ([{"f1": 40}], False, True)
    one.state.code = "dropped"
    one.threads.go_on("f1")
    assert one.changed
    assert (one.kept[1:], one.threads.may_start("f1")) == ([{}], True)
    assert (one.state.paused, one.state.code) == (False, "")


@pytest.mark.parametrize(("size", "done"), [(100, 40), (30, 30)])
def test_transfer_that_rested_at_the_end_of_the_program_rests_again(
    one: Threads, size: int, done: int
) -> None:
    """As far as it had come, and never further than the file is long."""
    one.threads.rest({"f2": 40})
    one.threads.note("f2", "b.bin", size)
    state = one.bench.state.transfers["f2"]
    assert (state.done, state.paused, one.threads.may_start("f2")) == (done, True, False)


@pytest.mark.parametrize(("told", "wait_s"), [({}, 2.0), ({"retry_after": 7}, 7.0)])
def test_transfer_waits_after_a_refusal_for_now(one: Threads, told: dict[str, int], wait_s: float) -> None:
    """And says why; it goes on at once where the user wants it, and begins anew after its end."""
    refusal = ChatError("rate_limited", "slowly", **told)
    assert one.threads.try_later("f1", refusal)
    assert one.changed
    assert one.state.code == "rate_limited"
    one.bench.steady.now += wait_s - 0.5
    assert not one.threads.may_start("f1")
    one.bench.steady.now += 0.5
    assert one.threads.may_start("f1")
    for act in (one.threads.go_on, one.threads.end):
        one.threads.try_later("f1", refusal)
        assert not one.threads.may_start("f1")
        act("f1")
        assert one.threads.may_start("f1")


def test_refusal_for_good_is_no_matter_of_time(one: Threads) -> None:
    """Nothing is told of it here."""
    assert not one.threads.try_later("f1", ChatError("no_such_file", "gone"))
    assert (one.changed, one.threads.may_start("f1")) == (False, True)


def test_end_forgets_what_rests(one: Threads) -> None:
    """It is told once, and kept no more."""
    one.threads.pause("f1")
    one.bench.poll()
    one.threads.end("f1")
    assert one.changed
    assert (one.kept[-1], one.bench.state.transfers) == ({}, {})
    one.threads.end("f1")
    assert not one.changed


def test_account_that_was_left_keeps_what_rests(one: Threads) -> None:
    """For its return: it is forgotten here alone; the next account's transfers begin at once."""
    one.threads.pause("f1")
    one.threads.try_later("f2", ChatError("dropped", "?"))
    one.threads.end_all()
    assert (one.kept, one.bench.state.transfers) == ([{"f1": 0}], {})
    assert one.threads.may_start("f1")
    assert one.threads.may_start("f2")


def test_thread_tells_its_end_to_the_poll(one: Threads, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a daemon, and named by its transfer; what it says after the end of the transfer is dropped."""
    monkeypatch.setattr(transfer_threads, "TransferLine", Line)
    ended: list[str] = []
    for stays in (True, False):
        one.threads.start("f1", lambda _line, _told: lambda: ended.append("end"), ACCESS, lambda _error: None)
        assert (one.threads.running, one.threads.may_start("f1")) == (["f1"], False)
        thread = one.threads._running["f1"].thread
        assert thread is not None
        assert (thread.daemon, thread.name) == (True, "transfer-f1")
        thread.join()
        if not stays:
            one.threads.end_all()
        one.threads.take()
        assert (one.threads.running, ended) == ([], ["end"])
