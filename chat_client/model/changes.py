"""What a view has to redraw, as small frozen dataclasses that name parts of the state; no widget in them."""

from dataclasses import dataclass
from typing import Protocol

from chat_client.model.state import MessageState


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """The status line (`state.connection`) changed; `phase` says whether another window is due."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Signed in (`fresh`), or back after a lost connection; rooms and role are up to date."""

    fresh: bool


@dataclass(frozen=True, slots=True)
class SignedOut:
    """The account is no longer active; `code` is empty after the user's own logout (otherwise why)."""

    code: str = ""


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """The user's own name, role, status or `must_change_password` changed."""


@dataclass(frozen=True, slots=True)
class RoomsChanged:
    """A room appeared, went away, changed its name, membership or order: draw the list again."""


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """One room's badge, topic, notify level, draft or loading mark changed."""

    room: str


@dataclass(frozen=True, slots=True)
class MessagesAppended:
    """`count` stored messages came at the end of `room.messages`."""

    room: str
    count: int


@dataclass(frozen=True, slots=True)
class MessagesInserted:
    """Messages came in front of or between known ones (older history, a gap filled).

    `at_front` holds when `count` messages are new at the head of the list and nothing else moved.
    """

    room: str
    count: int
    at_front: bool


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """A stored message was edited, deleted or reacted to."""

    room: str
    seq: int


@dataclass(frozen=True, slots=True)
class PendingChanged:
    """`room.pending` changed: one was added, stored (it then is in `messages`), refused or discarded."""

    room: str


@dataclass(frozen=True, slots=True)
class MembersChanged:
    """The list of members, their presence or the counts of a room changed."""

    room: str


@dataclass(frozen=True, slots=True)
class PeopleChanged:
    """Names or presence of these users (usernames) changed; empty: many."""

    usernames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AvatarChanged:
    """Somebody shows another picture, or the one that was wanted has come."""

    username: str


@dataclass(frozen=True, slots=True)
class TypingChanged:
    """Who types in a room changed."""

    room: str


@dataclass(frozen=True, slots=True)
class SearchChanged:
    """`state.search` changed."""


@dataclass(frozen=True, slots=True)
class FoundPeopleChanged:
    """`state.found_people` changed."""


@dataclass(frozen=True, slots=True)
class DevicesChanged:
    """`state.devices` changed."""


@dataclass(frozen=True, slots=True)
class SavedChanged:
    """`state.saved` changed."""


@dataclass(frozen=True, slots=True)
class PinsChanged:
    """`pins` of a room changed."""

    room: str


@dataclass(frozen=True, slots=True)
class OwnSettingsChanged:
    """What the user has chosen for all devices changed, here or on another one."""


@dataclass(frozen=True, slots=True)
class DevicesEnded:
    """So many of the user's devices were signed out: the one that was asked for, or all others (empty)."""

    count: int
    device: str = ""


@dataclass(frozen=True, slots=True)
class DeviceSignedIn:
    """Somebody has signed in to this account with the password, on another device (its name may be empty)."""

    device: str
    address: str


@dataclass(frozen=True, slots=True)
class JumpReady:
    """The history around a message was loaded: show it."""

    room: str
    seq: int


@dataclass(frozen=True, slots=True)
class ModerationChanged:
    """`state.join_requests` or `state.join_request_count` changed."""


@dataclass(frozen=True, slots=True)
class NoticeArrived:
    """The administrator says something to everybody."""

    text: str


@dataclass(frozen=True, slots=True)
class Attention:
    """A live message that its room's notify level lets through: notify if the window is not in front."""

    room: str
    message: MessageState


@dataclass(frozen=True, slots=True)
class MembershipDecided:
    """Somebody else let the user into a room, refused a request, or took the user out of the room.

    `was` is the membership before, `membership` what it is now.
    """

    room: str
    was: str
    membership: str
    reason: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class RequestFailed:
    """A request that the user asked for was refused.

    `request` is its type (`join`, `edit`, `password`, …), `code` the error code, `detail` the server's
    sentence; `room` a room's key where it was about one.
    """

    request: str
    code: str
    detail: str = ""
    room: str = ""
    retry_after: float = 0.0
    field: str = ""


@dataclass(frozen=True, slots=True)
class RequestDone:
    """A request without another visible result succeeded (`password`, `profile`, `moderation.decide`, …)."""

    request: str
    room: str = ""


@dataclass(frozen=True, slots=True)
class ListChanged:
    """A list of `state.lists`, by its name there, is as the server has answered."""

    name: str


@dataclass(frozen=True, slots=True)
class PasswordMade:
    """A user has a one-time password, told only now."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class InvitationMade:
    """A one-time invitation was made: a link, told only now.

    :param username: for whom alone it is; empty for whoever has it.
    """

    link: str
    username: str
    role: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class TransferChanged:
    """A transfer of `state.transfers` began, came further, waits, or is there no more."""

    key: str


@dataclass(frozen=True, slots=True)
class FileFetched:
    """A file (by its id), or its small picture, is in the cache."""

    file: str
    preview: bool = False


@dataclass(frozen=True, slots=True)
class PictureChanged:
    """A picture that was wanted (by its file's id) can be shown, or never will be."""

    file: str


@dataclass(frozen=True, slots=True)
class RoomFilesChanged:
    """More is known of the files of the room in `state.room_files`."""


@dataclass(frozen=True, slots=True)
class FileSaved:
    """A file (by its id) stands where the user wanted it."""

    file: str
    path: str


Change = (
    ConnectionChanged
    | SignedIn
    | SignedOut
    | ProfileChanged
    | RoomsChanged
    | RoomChanged
    | MessagesAppended
    | MessagesInserted
    | MessageChanged
    | PendingChanged
    | MembersChanged
    | PeopleChanged
    | AvatarChanged
    | TypingChanged
    | SearchChanged
    | FoundPeopleChanged
    | DevicesChanged
    | OwnSettingsChanged
    | SavedChanged
    | PinsChanged
    | DevicesEnded
    | DeviceSignedIn
    | JumpReady
    | ModerationChanged
    | NoticeArrived
    | Attention
    | MembershipDecided
    | RequestFailed
    | RequestDone
    | TransferChanged
    | FileFetched
    | PictureChanged
    | FileSaved
    | RoomFilesChanged
    | ListChanged
    | PasswordMade
    | InvitationMade
)


class Emit(Protocol):
    """Takes changes in the order in which they happen."""

    def __call__(self, *changes: Change) -> None:
        """Pass the changes on."""
