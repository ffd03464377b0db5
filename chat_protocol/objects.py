"""Rooms, messages, users and members as frames carry them; it must not know where they are kept."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from chat_protocol.times import from_rfc3339, to_rfc3339

_Plain = TypeVar("_Plain", int, bool)


@dataclass(frozen=True, slots=True)
class User:
    """The signed-in user, in the answer to a sign-in.

    :param avatar: names the picture that others see, by its content; empty where there is none.
    """

    username: str
    display_name: str
    role: str = "member"
    avatar: str = ""

    def to_frame(self) -> dict[str, Any]:
        """Return the JSON object."""
        frame = {"username": self.username, "display_name": self.display_name, "role": self.role}
        return frame | {"avatar": self.avatar} if self.avatar else frame

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "User":
        """Read the JSON object; unknown fields are ignored."""
        return cls(
            str(frame["username"]),
            str(frame["display_name"]),
            str(frame.get("role", "member")),
            str(frame.get("avatar") or ""),
        )


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a list of people: `status` is `online`, `away`, `busy` or `offline`.

    :param owner: whether the room whose members are listed is this one's.
    :param bot: whether it is a program's account.
    :param role: `moderator` or `admin`; empty for a plain member, and where roles are not told.
    :param avatar: names the person's picture, by its content; empty where there is none.
    """

    username: str
    display_name: str
    status: str = "offline"
    text: str = ""
    owner: bool = False
    bot: bool = False
    role: str = ""
    avatar: str = ""

    def to_frame(self) -> dict[str, Any]:
        """Return the JSON object; what there is nothing to say of is left out."""
        frame = {"username": self.username, "display_name": self.display_name, "status": self.status}
        extra = {"text": self.text, "owner": self.owner, "role": self.role, "avatar": self.avatar}
        return frame | {name: value for name, value in (extra | {"bot": self.bot}).items() if value}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "Member":
        """Read the JSON object; unknown fields are ignored."""
        username = str(frame["username"])
        return cls(
            username,
            str(frame.get("display_name", username)),
            str(frame.get("status", "offline")),
            str(frame.get("text", "")),
            frame.get("owner") is True,
            frame.get("bot") is True,
            str(frame.get("role", "")),
            str(frame.get("avatar") or ""),
        )


@dataclass(frozen=True, slots=True)
class Room:
    """A room as one user sees it; of a direct one, `display_name`, `status` and `avatar` are the other's.

    Of a private one, `display_name` is its name without the mark behind it.

    :param id: what no other room ever has; empty from a server that knows no ids.
    :param last_at: when something was said last, in milliseconds since 1970 UTC; None where nothing was.
    :param unread: others' messages after `read_seq`, up to `last_seq`; None where they were not counted.
    :param mentions: how many of these mention the user.
    :param owner: whether the user owns it.
    :param archived: whether it is read-only, and left out of lists.
    """

    name: str
    kind: str
    topic: str = ""
    membership: str = "none"
    last_seq: int = 0
    read_seq: int = 0
    first_seq: int = 1
    display_name: str = ""
    status: str = ""
    id: str = ""
    last_at: int | None = None
    unread: int | None = None
    mentions: int | None = None
    description: str = ""
    owner: bool = False
    archived: bool = False
    avatar: str = ""

    def to_frame(self) -> dict[str, Any]:
        """Return the JSON object."""
        frame: dict[str, Any] = {
            "room": self.name,
            "kind": self.kind,
            "topic": self.topic,
            "membership": self.membership,
            "last_seq": self.last_seq,
            "read_seq": self.read_seq,
        }
        if self.first_seq > 1:
            frame["first_seq"] = self.first_seq
        if self.kind == "direct":
            frame |= {"display_name": self.display_name, "status": self.status}
        if self.kind == "private":
            frame["display_name"] = self.display_name
        extra = {"description": self.description, "owner": self.owner, "archived": self.archived}
        extra |= {"id": self.id, "avatar": self.avatar}
        frame |= {name: value for name, value in extra.items() if value}
        if self.last_at is not None:
            frame["last_at"] = to_rfc3339(self.last_at)
        if self.unread is not None:
            frame |= {"unread": self.unread, "mentions": self.mentions or 0}
        return frame

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "Room":
        """Read the JSON object; unknown fields are ignored."""
        return cls(
            str(frame["room"]),
            str(frame["kind"]),
            str(frame.get("topic") or ""),
            str(frame.get("membership", "none")),
            int(frame.get("last_seq", 0)),
            int(frame.get("read_seq", 0)),
            int(frame.get("first_seq", 1)),
            str(frame.get("display_name", "")),
            str(frame.get("status", "")),
            str(frame.get("id") or ""),
            from_rfc3339(frame["last_at"]) if frame.get("last_at") else None,
            _optional(int, frame.get("unread")),
            _optional(int, frame.get("mentions")),
            str(frame.get("description") or ""),
            frame.get("owner") is True,
            frame.get("archived") is True,
            str(frame.get("avatar") or ""),
        )


@dataclass(frozen=True, slots=True)
class Device:
    """A device on which the user is signed in.

    :param id: what it is ended by; it signs nobody in.
    :param created_at: milliseconds since 1970 UTC, as `last_used_at`.
    :param current: whether it is the one that asks.
    :param name: what its client calls itself; empty where it says nothing.
    :param address: from where it was used last; empty where that is not known.
    """

    id: str
    created_at: int
    last_used_at: int
    current: bool = False
    name: str = ""
    address: str = ""

    def to_frame(self) -> dict[str, Any]:
        """Return the JSON object; what is not known is left out."""
        known = {name: text for name, text in (("name", self.name), ("address", self.address)) if text}
        return {
            "id": self.id,
            **known,
            "created_at": to_rfc3339(self.created_at),
            "last_used_at": to_rfc3339(self.last_used_at),
            "current": self.current,
        }

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "Device":
        """Read the JSON object; unknown fields are ignored."""
        return cls(
            str(frame["id"]),
            from_rfc3339(frame["created_at"]),
            from_rfc3339(frame["last_used_at"]),
            bool(frame.get("current", False)),
            str(frame.get("name") or ""),
            str(frame.get("address") or ""),
        )


@dataclass(frozen=True, slots=True)
class File:
    """A file that was uploaded.

    :param id: what it is downloaded under.
    :param name: what its sender called it: for people to read, and no path.
    :param size: in bytes.
    :param type: the media type (RFC 6838) that the server made out from the file's bytes.
    :param width: of a picture, in pixels; None where the server did not make it out.
    :param height: likewise.
    :param preview: whether there is a small picture of it.
    """

    id: str
    name: str
    size: int
    type: str = "application/octet-stream"
    width: int | None = None
    height: int | None = None
    preview: bool = False

    def to_frame(self) -> dict[str, Any]:
        """Return the JSON object; what does not apply is left out."""
        frame: dict[str, Any] = {"id": self.id, "name": self.name, "size": self.size, "type": self.type}
        if self.width is not None and self.height is not None:
            frame |= {"width": self.width, "height": self.height}
        return frame | {"preview": True} if self.preview else frame

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "File":
        """Read the JSON object; unknown fields are ignored."""
        return cls(
            str(frame["id"]),
            str(frame["name"]),
            int(frame["size"]),
            str(frame.get("type") or "application/octet-stream"),
            _optional(int, frame.get("width")),
            _optional(int, frame.get("height")),
            bool(frame.get("preview", False)),
        )


@dataclass(frozen=True, slots=True)
class Message:
    """A place in a room's order: something said, or a change to it (`kind`, `target`).

    :param sent_at: milliseconds since 1970 UTC.
    :param kind: `text`, `edit`, `delete` or `react`.
    :param target: the seq that an edit, a deletion or a reaction is about.
    :param on: of a reaction: put (true) or taken away.
    :param reactions: emoji -> the usernames that put it.
    :param former: the author's account was erased, and `author` only says so.
    :param bot: the author is a program.
    :param room_id: the room's id; empty where the frame around it names the room.
    :param files: the files that it names; a deleted message has none.
    """

    room: str
    seq: int
    author: str
    body: str
    sent_at: int
    kind: str = "text"
    target: int | None = None
    on: bool | None = None
    reply_to: int | None = None
    edited_at: int | None = None
    deleted: bool = False
    reactions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    former: bool = False
    room_id: str = ""
    files: tuple[File, ...] = ()
    bot: bool = False

    def to_frame(self) -> dict[str, Any]:
        """Return the JSON object; what a plain message does not have is left out."""
        frame: dict[str, Any] = {"room": self.room} | ({"room_id": self.room_id} if self.room_id else {})
        frame |= {"seq": self.seq, "from": self.author} | ({"bot": True} if self.bot else {})
        frame["body"] = self.body
        frame["sent_at"] = to_rfc3339(self.sent_at)
        if self.kind != "text":
            frame |= {"kind": self.kind, "target": self.target}
        if self.on is not None:
            frame["on"] = self.on
        if self.reply_to is not None:
            frame["reply_to"] = self.reply_to
        if self.edited_at is not None:
            frame["edited_at"] = to_rfc3339(self.edited_at)
        if self.deleted:
            frame["deleted"] = True
        if self.reactions:
            frame["reactions"] = {emoji: list(names) for emoji, names in self.reactions.items()}
        if self.former:
            frame["former"] = True
        if self.files:
            frame["files"] = [file.to_frame() for file in self.files]
        return frame

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "Message":
        """Read the JSON object of an event or of a history; unknown fields are ignored."""
        edited_at = frame.get("edited_at")
        return cls(
            room=str(frame["room"]),
            seq=int(frame["seq"]),
            author=str(frame["from"]),
            body=str(frame["body"]),
            sent_at=from_rfc3339(frame["sent_at"]),
            kind=str(frame.get("kind", "text")),
            target=_optional(int, frame.get("target")),
            on=_optional(bool, frame.get("on")),
            reply_to=_optional(int, frame.get("reply_to")),
            edited_at=from_rfc3339(edited_at) if edited_at else None,
            deleted=bool(frame.get("deleted", False)),
            reactions={str(emoji): tuple(names) for emoji, names in (frame.get("reactions") or {}).items()},
            former=bool(frame.get("former", False)),
            room_id=str(frame.get("room_id") or ""),
            files=tuple(File.from_frame(file) for file in frame.get("files") or ()),
            bot=frame.get("bot") is True,
        )


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """A request to join a moderated room; `requested_at` is in milliseconds since 1970 UTC."""

    username: str
    display_name: str
    room: str
    reason: str
    requested_at: int

    def to_frame(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "username": self.username,
            "display_name": self.display_name,
            "room": self.room,
            "reason": self.reason,
            "requested_at": to_rfc3339(self.requested_at),
        }

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "JoinRequest":
        """Read the JSON object; unknown fields are ignored."""
        username = str(frame["username"])
        return cls(
            username,
            str(frame.get("display_name") or username),
            str(frame["room"]),
            str(frame.get("reason") or ""),
            from_rfc3339(frame["requested_at"]),
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """What the user has chosen, on any device.

    :param value: None where a choice was taken back.
    :param version: grows with each choice of this setting: the greater one holds.
    :param room: the id of the room that it is for; None where it is for none.
    """

    setting: str
    value: str | bool | tuple[str, ...] | None
    version: int
    room: str | None = None

    def to_frame(self) -> dict[str, Any]:
        """Return the JSON object."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        frame = {"setting": self.setting, "value": value, "version": self.version}
        return frame if self.room is None else frame | {"room": self.room}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "Setting":
        """Read the JSON object; unknown fields are ignored."""
        value = frame.get("value")
        if isinstance(value, list):
            value = tuple(map(str, value))
        elif value is not None and type(value) not in (str, bool):
            raise TypeError("value is of the wrong type")
        return cls(
            str(frame["setting"]),
            value,
            int(frame["version"]),
            None if frame.get("room") is None else str(frame["room"]),
        )


def _optional(kind: type[_Plain], value: Any) -> _Plain | None:
    if value is not None and type(value) is not kind:
        raise TypeError(f"{value!r} is not of type {kind.__name__}")
    return value
