"""Presence, typing, search and moderation between real clients, on both kinds of database."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chat_client.model.changes import InvitationMade, JumpReady, PasswordMade, RequestFailed
from chat_client.model.state import Phase
from chat_protocol.invitations import parse_invitation
from tests.chat_client.live import Stage, all_until, clients, run_command
from tests.support.server import ServerProcess

Start = Callable[..., ServerProcess]


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.long)])
def database(request: pytest.FixtureRequest) -> str | None:
    """The URL of an empty database of each kind; None for SQLite in the data folder."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("mariadb_url"))


def test_presence_and_typing_reach_those_who_look(stage: Stage, tmp_path: Path) -> None:
    """Who comes, types, is busy and goes is seen by the other within seconds."""
    with stage.act(tmp_path, "zoe", "jules") as both:
        zoe, jules = both

        def status() -> str:
            person = zoe.state.people.get(jules.name)
            return person.status if person else ""

        all_until(both, lambda: status() == "online")
        assert zoe.here.members == [jules.name, zoe.name]
        jules.client.status.set("busy", "in a meeting")
        all_until(both, lambda: status() == "busy")
        jules.client.rooms.typing(jules.place)
        all_until(both, lambda: jules.name in zoe.here.typing)
        jules.say("here it is")
        all_until(both, lambda: zoe.heard == ["here it is"])
        assert not zoe.here.typing
        jules.client.close()
        zoe.until(lambda: status() == "offline")
        assert zoe.here.online == 1


def test_search_finds_and_jumps_into_the_history(
    server_process: Start, tmp_path: Path, database: str | None
) -> None:
    """A word said long ago is found without its accents, and shown where it was said."""
    server = server_process("--no-limits", database=database)
    with clients(tmp_path, "zoe", "jules") as (zoe, jules):
        zoe.sign_up(server)
        zoe.client.outbox.send("general", "la cérémonie d’été @jules")
        for number in range(200):
            zoe.client.outbox.send("general", f"chatter {number}")
        zoe.until(lambda: not zoe.room("general").pending)
        jules.sign_up(server).open("general")
        jules.client.rooms.join("blabla")

        def found() -> bool:
            """Search again until the index, which follows behind, has the message."""
            search = jules.state.search
            if not search.busy and not search.results:
                jules.client.search.start("CEREMONIE")
            return bool(search.results)

        jules.until(found)
        (result,) = jules.state.search.results
        assert (result.room, result.message.seq, result.message.author) == ("general", 1, "zoe")
        jules.client.history.load_older("general")
        jules.client.history.jump_to("general", 1)
        jules.until(lambda: JumpReady("general", 1) in jules.changes)
        message = jules.room("general").message(1)
        assert message is not None
        assert message.mentions_me


def test_moderator_lets_in_mutes_and_kicks(
    server_process: Start, tmp_path: Path, database: str | None
) -> None:
    """A request is seen and granted; a muted one hears why; a kicked one waits."""
    server = server_process(database=database)
    with clients(tmp_path, "zoe", "jules") as (zoe, jules):
        both = [zoe, jules]
        jules.sign_up(server)
        zoe.sign_up(server)
        run_command(server, ["role", "zoe", "moderator"])
        zoe.restart()
        zoe.until(lambda: zoe.state.connection.phase == Phase.ONLINE and zoe.state.moderator)
        jules.client.rooms.join("marketing", "I begin on Monday")
        all_until(both, lambda: zoe.state.join_requests)
        (asked,) = zoe.state.join_requests
        assert (asked.username, asked.room, asked.reason) == ("jules", "Marketing", "I begin on Monday")
        zoe.client.moderation.decide("jules", asked.room, True)
        all_until(both, lambda: jules.room("marketing").joined and not zoe.state.join_requests)
        zoe.client.moderation.sanction("mute", username="jules", duration_s=600, reason="shouting")
        zoe.until(lambda: any("sanction" in getattr(change, "request", "") for change in zoe.changes))
        assert not any(isinstance(change, RequestFailed) for change in zoe.changes)
        jules.client.outbox.send("general", "HELLO")
        jules.until(lambda: [m.error for m in jules.room("general").pending] == ["muted"])
        zoe.client.moderation.sanction("kick", username="jules", duration_s=600, reason="still shouting")
        all_until(both, lambda: jules.state.connection.phase == Phase.REFUSED)
        connection = jules.state.connection
        assert (connection.code, connection.detail) == ("kicked", "still shouting")
        assert connection.until is not None
        zoe.client.moderation.lift("kick", username="jules")
        zoe.client.moderation.lift("mute", username="jules")
        zoe.until(lambda: sum("lift" in getattr(change, "request", "") for change in zoe.changes) == 2)
        jules.client.session.reconnect_now()
        jules.until_online()
        jules.client.outbox.retry(jules.room("general").pending[0].nonce or "")
        all_until(both, lambda: zoe.bodies("general") == ["HELLO"])


@pytest.mark.long
def test_administrator_acts_from_a_client(server_process: Start, tmp_path: Path) -> None:
    """What is in force, a role, a one-time password, an invitation, the audit: all over the wire."""
    server = server_process()
    with clients(tmp_path, "zoe", "jules", "nadia") as (zoe, jules, nadia):
        jules.sign_up(server)
        zoe.sign_up(server)
        run_command(server, ["role", "zoe", "admin"])
        zoe.until(lambda: zoe.state.role == "admin")
        lists, administration = zoe.state.lists, zoe.client.administration
        zoe.client.moderation.sanction("mute", username="jules", duration_s=600, reason="shouting")
        zoe.client.moderation.sanctions()
        zoe.until(lambda: lists.sanctions.items)
        (mute,) = lists.sanctions.items
        assert (mute.username, mute.by, mute.reason, mute.liftable) == ("jules", "zoe", "shouting", True)
        zoe.client.moderation.lift(mute.kind, username="jules", number=mute.number)
        administration.set_role("jules", "moderator")
        jules.until(lambda: jules.state.moderator and not jules.state.mutes)
        administration.invite("nadia")
        zoe.until(lambda: any(isinstance(change, InvitationMade) for change in zoe.changes))
        link = next(change.link for change in zoe.changes if isinstance(change, InvitationMade))
        run_command(server, ["registration", "closed"])
        nadia.sign_up(server, code=parse_invitation(link).code)
        administration.one_time_password("jules")
        zoe.until(lambda: any(isinstance(change, PasswordMade) for change in zoe.changes))
        jules.until(lambda: jules.state.connection.phase != Phase.ONLINE)
        administration.audit(target="jules")
        zoe.until(lambda: lists.audit.items)
        done = [(entry.actor, entry.action) for entry in lists.audit.items]
        assert done[:4] == [("zoe", "password"), ("zoe", "role"), ("zoe", "unmute"), ("zoe", "mute")]


def test_room_renamed_and_removed_by_the_administrator(stage: Stage, tmp_path: Path) -> None:
    """A room keeps its messages under its new name, and disappears when it is removed."""
    with stage.act(tmp_path, "zoe") as (zoe,):
        old, new = zoe.here.name, f"New {zoe.here.name}"
        zoe.say("hello")
        zoe.until(lambda: zoe.heard == ["hello"])
        run_command(stage.server, ["rename", "room", old, new])
        zoe.place = new.lower()
        zoe.until(lambda: zoe.place in zoe.state.rooms)
        assert (zoe.heard, zoe.state.open_room) == (["hello"], zoe.place)
        zoe.say("again")
        zoe.until(lambda: zoe.heard == ["hello", "again"])
        run_command(stage.server, ["remove", "room", new])
        zoe.until(lambda: zoe.place not in zoe.state.rooms)
        assert zoe.state.open_room is None
