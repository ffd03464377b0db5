"""Pictures of people: named wherever people are told of, asked for when shown, checked, and one's own."""

import base64

import pytest

from chat_client.engine.avatars import AT_A_TIME_MAX, WANTED_MAX, Avatars
from chat_client.model.changes import AvatarChanged, RequestDone, RequestFailed
from chat_protocol.people_requests import avatar_name
from tests.chat_client.fakes import Bench, a_room
from tests.support.pictures import gif, png

PICTURE = png(32, 32)
NAME = avatar_name(PICTURE)
DIRECT = a_room("@jules", id="db,9", display_name="Jules", status="online", avatar=NAME)


def text_of(picture: bytes) -> str:
    return base64.b64encode(picture).decode()


@pytest.fixture
def avatars(bench: Bench) -> Avatars:
    bench.capabilities = ["avatars", "person", "moderation"]
    bench.sign_in(a_room("Général"), DIRECT)
    return bench.client.avatars


def answered(bench: Bench, picture: bytes, name: str = NAME) -> None:
    """Answer the request for jules's picture."""
    request = bench.server.take("avatar")
    bench.server.ok(request, username=request["username"], avatar=name, data=text_of(picture))
    assert AvatarChanged(request["username"]) in bench.poll()


def test_asked_for_when_it_is_to_be_shown(bench: Bench, avatars: Avatars) -> None:
    """Nothing comes by itself; what has come is asked for once, also after a restart."""
    assert (avatars.named("Jules"), avatars.named("zoe")) == (NAME, "")
    bench.poll()
    assert bench.server.take_all("avatar") == []
    assert (avatars.find("jules"), avatars.find("jules"), avatars.find("zoe")) == (None, None, None)
    bench.poll()
    answered(bench, PICTURE)
    assert bench.server.take_all("avatar") == []
    found = avatars.find("jules")
    assert found is not None
    assert found.read_bytes() == PICTURE
    bench.restart()
    bench.sign_in(DIRECT)
    assert bench.client.avatars.find("jules") == found
    bench.poll()
    assert bench.server.take_all("avatar") == []


@pytest.mark.parametrize(
    ("picture", "name"),
    [
        (png(33, 33), NAME),  # another one than was named
        (PICTURE[:-20], avatar_name(PICTURE[:-20])),
        (gif(513, 8), avatar_name(gif(513, 8))),
        (b"text", avatar_name(b"text")),
        (PICTURE.ljust(46_081, b"\0"), avatar_name(PICTURE.ljust(46_081, b"\0"))),
    ],
)
def test_hostile_picture_is_not_shown(bench: Bench, avatars: Avatars, picture: bytes, name: str) -> None:
    """It never reaches a decoder, and is not asked for again."""
    avatars.find("jules")
    bench.poll()
    answered(bench, picture, name)
    assert (avatars.named("jules"), avatars.find("jules")) == ("", None)
    bench.poll()
    assert bench.server.take_all("avatar") == []


def test_few_at_a_time_and_the_latest_wish_first(bench: Bench, avatars: Avatars) -> None:
    """Of a long list that is scrolled through only the end is asked for, and little at once."""
    names = [f"u{number}" for number in range(WANTED_MAX + 40)]
    members = [
        {"username": name, "display_name": name, "status": "offline", "avatar": NAME} for name in names
    ]
    bench.client.people.directory()
    bench.server.ok(bench.server.take("users"), users=members)
    bench.poll()
    for name in [*names, names[-5]]:
        avatars.find(name)
    wanted = [names[-5], *(name for name in reversed(names[-WANTED_MAX:]) if name != names[-5])]
    asked: list[str] = []
    bench.poll()
    while requests := bench.server.take_all("avatar"):
        assert len(requests) <= AT_A_TIME_MAX
        asked += [request["username"] for request in requests]
        for request in requests:
            bench.server.error(request, "internal")
        bench.poll()
    assert asked == wanted


def test_of_whom_nothing_was_told(bench: Bench, avatars: Avatars) -> None:
    """The author of an old message is asked about once; who has none, or is no user, never again."""
    for name in ("old", "none", "nobody"):
        assert avatars.named(name) == ""
        bench.poll()
        request = bench.server.take("avatar")
        assert request["username"] == name
        if name == "old":
            bench.server.ok(request, username=name, avatar=NAME, data=text_of(PICTURE))
        elif name == "none":
            bench.server.ok(request, username=name)
        else:
            bench.server.error(request, "no_such_user")
        bench.poll()
    assert [avatars.named(name) for name in ("old", "none", "nobody")] == [NAME, "", ""]
    bench.poll()
    assert bench.server.take_all("avatar") == []


def test_server_without_pictures_is_asked_nothing(bench: Bench) -> None:
    """A server of an earlier release has none."""
    bench.sign_in(a_room("Général"))
    assert bench.client.avatars.named("jules") == ""
    bench.poll()
    assert bench.server.take_all("avatar") == []


def test_waits_when_it_was_too_fast(bench: Bench, avatars: Avatars) -> None:
    """A refused request is repeated when the server said."""
    avatars.find("jules")
    bench.poll()
    bench.server.error(bench.server.take("avatar"), "rate_limited", retry_after=3)
    bench.poll()
    bench.pass_s(2)
    assert bench.server.take_all("avatar") == []
    bench.pass_s(1)
    answered(bench, PICTURE)


def test_changed_and_taken_away(bench: Bench, avatars: Avatars) -> None:
    """An event names another picture, or none; what nobody shows any more is thrown away."""
    avatars.find("jules")
    bench.poll()
    answered(bench, PICTURE)
    path = avatars.find("jules")
    assert path is not None
    bench.server.say({"type": "avatar", "username": "karim", "avatar": NAME})
    bench.server.say({"type": "avatar", "username": "jules"})
    assert AvatarChanged("jules") in bench.poll()
    assert (avatars.named("jules"), avatars.find("karim")) == ("", path)
    bench.server.say({"type": "avatar", "username": "karim", "avatar": "ab" * 16})
    bench.poll()
    assert not path.exists()


def test_named_wherever_people_are_told_of(bench: Bench, avatars: Avatars) -> None:
    """A card, a list of members and a newcomer name pictures as a conversation does."""
    bench.client.people.ask_about("ann")
    fields = {"display_name": "Ann", "role": "member", "rooms": []}
    bench.server.ok(bench.server.take("person"), username="ann", avatar=NAME, **fields)
    event = {"type": "member", "room": "Général", "username": "bob", "change": "joined", "avatar": NAME}
    bench.server.say(event)
    bench.poll()
    assert [avatars.named(name) for name in ("ann", "bob")] == [NAME, NAME]


def test_own_picture(bench: Bench, avatars: Avatars) -> None:
    """It is sent, and shown by the name that the server gives; or taken away."""
    avatars.choose(PICTURE)
    request = bench.server.take("set_avatar")
    assert request["data"] == text_of(PICTURE)
    bench.server.ok(request, avatar=NAME)
    assert RequestDone("set_avatar") in bench.poll()
    assert avatars.named("zoe") == NAME
    avatars.choose(None)
    bench.server.ok(bench.server.take("set_avatar"))
    assert RequestDone("no_avatar") in bench.poll()
    assert avatars.named("zoe") == ""


def test_refused_to_the_muted(bench: Bench, avatars: Avatars) -> None:
    """Why it is refused is told."""
    avatars.choose(PICTURE)
    bench.server.error(bench.server.take("set_avatar"), "muted", reason="")
    (failed,) = (change for change in bench.poll() if isinstance(change, RequestFailed))
    assert failed.code == "muted"


def test_moderators_take_it_away(bench: Bench, avatars: Avatars) -> None:
    """The request names the person."""
    avatars.take_away("jules")
    request = bench.server.take("moderation.avatar")
    assert request["username"] == "jules"
    bench.server.ok(request)
    assert RequestDone("moderation.avatar") in bench.poll()


def test_picture_that_cannot_be_decoded_or_kept_is_not_shown(
    bench: Bench, avatars: Avatars, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is it asked for again: the window could not draw it, or the disk does not take it."""

    def full(_name: str, _picture: bytes) -> None:
        raise OSError(28, "No space left on device")

    avatars.find("jules")
    bench.poll()
    with monkeypatch.context() as patch:
        patch.setattr(avatars._cache, "put", full)
        answered(bench, PICTURE)
    assert (avatars.named("jules"), avatars.find("jules")) == ("", None)
    bench.server.say({"type": "avatar", "username": "ida", "avatar": "ab" * 16})
    bench.poll()
    avatars.refuse("ida")
    assert (avatars.named("ida"), avatars.find("ida")) == ("", None)
    bench.poll()
    assert bench.server.take_all("avatar") == []


def test_wish_of_a_picture_that_was_changed_meanwhile_is_none(bench: Bench, avatars: Avatars) -> None:
    """The next one is asked for when it is to be shown."""
    avatars.find("jules")
    bench.server.say({"type": "avatar", "username": "jules", "avatar": "ab" * 16})
    bench.poll()
    assert bench.server.take_all("avatar") == []


def test_wishes_of_one_account_are_not_those_of_the_next(bench: Bench, avatars: Avatars) -> None:
    """What was on its way for the one holds up nothing for the other."""
    for name in ("ann", "bob"):
        avatars.find(name)
    bench.poll()
    avatars.find("cleo")
    bench.sign_in(DIRECT, user="ada")
    bench.poll()
    assert bench.server.take_all("avatar") == []
    for name in ("ann", "bob"):
        avatars.find(name)
    bench.poll()
    assert len(bench.server.take_all("avatar")) == 2
