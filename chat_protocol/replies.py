"""From the `ok` of a request to its reply, by the table of all replies; it must not know how they come about.

:data:`REPLIES` says which request is answered by which reply; a refusal is a `ChatError`.
"""

from typing import Any, Final

from chat_protocol import (
    message_replies,
    moderation_replies,
    moderation_requests,
    own_replies,
    own_requests,
    people_requests,
    pin_requests,
    requests,
    room_replies,
    room_requests,
)
from chat_protocol.reply import Done, Reply
from chat_protocol.request import Request

REPLIES: Final[dict[type[Request], type[Reply]]] = {
    requests.Register: own_replies.SignedIn,
    requests.Login: own_replies.SignedIn,
    requests.Resume: own_replies.SignedIn,
    requests.Ping: Done,
    requests.Send: message_replies.Stored,
    requests.Edit: message_replies.Stored,
    requests.Delete: message_replies.Stored,
    requests.React: message_replies.Stored,
    requests.Upload: message_replies.UploadReply,
    requests.Download: message_replies.DownloadReply,
    requests.History: message_replies.HistoryPage,
    requests.Read: message_replies.ReadMarked,
    requests.Sync: message_replies.Synced,
    requests.Join: room_replies.RoomReply,
    requests.Leave: room_replies.RoomReply,
    requests.Members: room_replies.MemberList,
    requests.Watch: room_replies.Watching,
    requests.Quiet: room_replies.QuietSet,
    requests.Typing: room_replies.TypingNoted,
    requests.Status: own_replies.StatusSet,
    requests.Search: message_replies.SearchPage,
    requests.Users: room_replies.PeopleFound,
    people_requests.Person: people_requests.PersonReply,
    people_requests.Avatar: people_requests.AvatarReply,
    people_requests.SetAvatar: people_requests.AvatarSet,
    requests.Password: own_replies.TokenReply,
    requests.Profile: own_replies.ProfileReply,
    requests.Logout: Done,
    requests.Devices: own_replies.DeviceList,
    requests.EndDevice: own_replies.DevicesEnded,
    own_requests.Settings: own_replies.SettingsTold,
    own_requests.SetSetting: own_replies.SettingKept,
    own_requests.Save: Done,
    own_requests.Saved: own_replies.SavedPage,
    own_requests.Receipt: own_replies.ReceiptReply,
    pin_requests.Pin: Done,
    pin_requests.Pins: message_replies.PinnedPage,
    room_requests.RoomCreate: room_replies.RoomReply,
    room_requests.RoomEdit: Done,
    room_requests.RoomAdd: Done,
    room_requests.RoomRemove: Done,
    room_requests.RoomArchive: Done,
    moderation_requests.ModerationPending: room_replies.JoinRequests,
    moderation_requests.ModerationDecide: Done,
    moderation_requests.ModerationSanction: Done,
    moderation_requests.ModerationLift: Done,
    moderation_requests.ModerationInForce: moderation_replies.SanctionPage,
    moderation_requests.ModerationAccept: moderation_replies.Accepted,
    moderation_requests.ModerationAvatar: Done,
    moderation_requests.ModerationRole: Done,
    moderation_requests.ModerationPassword: moderation_replies.OneTimePassword,
    moderation_requests.ModerationDevices: own_replies.DeviceList,
    moderation_requests.ModerationEndDevice: own_replies.DevicesEnded,
    moderation_requests.ModerationInvite: moderation_replies.Invited,
    moderation_requests.ModerationInvitations: moderation_replies.InvitationList,
    moderation_requests.ModerationRevoke: Done,
    moderation_requests.ModerationAudit: moderation_replies.AuditPage,
}


def reply_of(request: Request, frame: dict[str, Any]) -> Reply:
    """Read the `ok` that answers a request.

    :raises ValueError: when a field is missing or of the wrong form.
    """
    try:
        return REPLIES[type(request)].from_frame(frame)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ValueError(f"unreadable reply to {request.TYPE!r}: {error!r}") from error
