"""Who is connected to other servers: by number and by room, and what those who watch here are told of it."""

from chat_server.live.remote_users import RemoteUser, RemoteUsers
from chat_server.live.session import Account


def remote(user_id: int, name: str, *rooms: int) -> RemoteUser:
    return RemoteUser(Account(user_id, name, name.lower(), name, "member"), set(rooms))


def names(users: RemoteUsers, room_id: int) -> list[str]:
    return sorted(user.account.username for user in users.in_room(room_id))


def test_users_are_found_by_number_and_by_room() -> None:
    """Entering, leaving and going away are followed; who is not known is passed over."""
    users = RemoteUsers()
    users.put([remote(1, "Ada", 7, 8), remote(2, "Bob", 7)], users.changes)
    assert (names(users, 7), names(users, 8), names(users, 9)) == (["Ada", "Bob"], ["Ada"], [])
    users.join(2, 8)
    users.join(5, 8)
    assert names(users, 8) == ["Ada", "Bob"]
    users.leave(1, 7)
    users.leave(5, 7)
    assert names(users, 7) == ["Bob"]
    users.close_room(8)
    users.close_room(8)
    assert (names(users, 8), users.all()[0].rooms) == ([], set())
    users.join(1, 8)
    users.remove(2)
    users.remove(2)
    assert (names(users, 7), names(users, 8), users.of(2)) == ([], ["Ada"], None)
    assert [user.account.username for user in users.all()] == ["Ada"]


def test_users_whose_rooms_were_read_too_early_are_not_entered() -> None:
    """Whoever joined or left while they were being read may be one of them."""
    users = RemoteUsers()
    before = users.changes
    users.leave(1, 7)
    assert not users.put([remote(1, "Ada", 7)], before)
    assert users.of(1) is None
    assert users.put([remote(1, "Ada")], users.changes)
