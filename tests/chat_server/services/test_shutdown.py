"""The end of the server: announced, called off, begun, on a timer that the test moves."""

from typing import cast

from chat_protocol.server_events import ShutdownScheduledEvent
from chat_server.live.timer import Timer
from chat_server.services.audience import Audience
from chat_server.services.shutdown import Shutdown

NOW = 1_000_000


class Told:
    """Stands for everybody who is connected to this server; each server of a cluster stops by itself."""

    def __init__(self) -> None:
        self.events: list[ShutdownScheduledEvent] = []

    def to_everyone(self, event: ShutdownScheduledEvent, *, here: bool = False) -> None:
        assert here
        self.events.append(event)


class Desk:
    """A shutdown, who is told of it, and the seconds that pass."""

    def __init__(self) -> None:
        self.told, self.now = Told(), 0.0
        self.timer = Timer(lambda: self.now)
        self.shutdown = Shutdown(cast(Audience, self.told), self.timer, lambda: NOW)
        self.ends: list[str] = []
        self.shutdown.on_begin(lambda: self.ends.append("first"))
        self.shutdown.on_begin(lambda: self.ends.append("second"))

    def due(self) -> None:
        """Run what the timer has to run now."""
        job = self.timer._next()
        assert job is not None
        job()


def test_shutdown_at_once_tells_those_who_wait_for_it() -> None:
    """Each of them once, in their order, and those who come later at once; no delay is announced."""
    desk = Desk()
    desk.shutdown.request(0, "update")
    assert (desk.shutdown.begun, desk.ends, desk.told.events) == (True, ["first", "second"], [])
    desk.shutdown.on_begin(lambda: desk.ends.append("late"))
    assert desk.ends == ["first", "second", "late"]
    assert desk.shutdown.reason == "update"


def test_shutdown_after_less_than_a_second_is_announced() -> None:
    """However short, a delay is one."""
    desk = Desk()
    desk.shutdown.request(0.5)
    assert (desk.shutdown.begun, desk.told.events) == (False, [ShutdownScheduledEvent(NOW + 500)])


def test_shutdown_is_announced_and_comes() -> None:
    """Everybody is told when and why, those who sign in meanwhile too; it comes then, and not before."""
    desk = Desk()
    desk.shutdown.request(2.5, "update")
    event = ShutdownScheduledEvent(NOW + 2_500, "update")
    assert (desk.told.events, desk.shutdown.announced, desk.shutdown.begun) == ([event], event, False)
    assert desk.timer._due[0][0] == 2.5
    desk.now = 2.5
    desk.due()
    assert (desk.shutdown.begun, desk.ends) == (True, ["first", "second"])
    assert not desk.shutdown.cancel()


def test_shutdown_is_called_off() -> None:
    """Everybody is told; a second time there is nothing to call off, and nothing comes."""
    desk = Desk()
    assert not desk.shutdown.cancel()
    desk.shutdown.request(60)
    assert desk.shutdown.cancel()
    assert not desk.shutdown.cancel()
    assert desk.told.events[1:] == [ShutdownScheduledEvent(None)]
    assert desk.shutdown.announced is None
    assert all(job.job is None for _, _, job in desk.timer._due)


def test_later_request_takes_the_place_of_the_first() -> None:
    """The first is called off before the second is announced, and its time means nothing."""
    desk = Desk()
    desk.shutdown.request(60)
    desk.shutdown.request(90)
    assert [event.at for event in desk.told.events] == [NOW + 60_000, None, NOW + 90_000]
    assert [job.job is None for _, _, job in sorted(desk.timer._due, key=lambda due: due[0])] == [True, False]


def test_shutdown_without_a_delay_begins_at_once() -> None:
    """Where nothing is said of one, nobody waits for it."""
    desk = Desk()
    desk.shutdown.request()
    assert (desk.shutdown.begun, desk.shutdown.reason, desk.told.events) == (True, "", [])
