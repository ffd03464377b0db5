"""One example of every request, reply and event, for the round trips and for the documentation's test."""

from typing import Any, Final

from chat_protocol import events, replies, requests
from chat_protocol.objects import JoinRequest, Member, Message, Room, User

NOON: Final = 1_795_343_462_123  # 2026-11-22T10:31:02.123Z

REQUESTS: Final[tuple[requests.Request, ...]] = (
    requests.Register("Zoé", "correct horse", "Zoé 🎈"),
    requests.Register("Zoé", "correct horse"),
    requests.Login("zoe", "correct horse"),
    requests.Resume("dG9rZW4"),
    requests.Ping(),
    requests.Send("Général", "bonjour\n👋", "n-1", 12),
    requests.Send("@jules", "salut"),
    requests.Edit("Général", 12, "bonsoir", "n-2"),
    requests.Delete("Général", 12, "n-3"),
    requests.React("Général", 12, "👍🏽", False, "n-4"),
    requests.React("Général", 12, "👍"),
    requests.History("Général", before=90, limit=20),
    requests.History("Général", after=0),
    requests.History("Général"),
    requests.Read("Général", 0),
    requests.Join("Marketing", "I work there."),
    requests.Join("Blabla"),
    requests.Leave("Blabla"),
    requests.Members("Général"),
    requests.Watch("Général"),
    requests.Watch(None),
    requests.Typing("@jules"),
    requests.Status("busy", "in a meeting"),
    requests.Status("online"),
    requests.Search("cahier des charges", "Général", NOON, 100),
    requests.Search("x"),
    requests.Users("ju", 5),
    requests.Users(),
    requests.Password("correct horse", "battery staple"),
    requests.Profile("Zoé M."),
    requests.Logout(),
    requests.ModerationPending(),
    requests.ModerationDecide("jules", "Marketing", False, "Not yet."),
    requests.ModerationSanction("kick", "jules", None, 3600, "Général", "Spam.", True),
    requests.ModerationSanction("ban", None, "192.0.2.0/24"),
    requests.ModerationLift("mute", "jules", None, "Général"),
)

# Of each field: values that must be refused with `bad_request` (or, for a body, `body_too_long`).
NO_TEXT: Final[tuple[Any, ...]] = (7, True, 1.5, [], {}, ["x"], "half \ud83d")
NO_NUMBER: Final[tuple[Any, ...]] = ("7", True, 1.0, 2.5, float("inf"), [], {}, -1, 2**53, 10**400)
BAD_VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "username": (*NO_TEXT, "", "x" * 129),
    "password": (*NO_TEXT, "", "x" * 1025),
    "old": (*NO_TEXT, "", "x" * 1025),
    "new": (*NO_TEXT, "", "x" * 1025),
    "display_name": (*NO_TEXT, "", "x" * 61),
    "token": (*NO_TEXT, "", "x" * 201),
    "room": (*NO_TEXT, "", "x" * 241),
    "body": (*NO_TEXT, "", "x" * 4001),
    "nonce": (*NO_TEXT, "", "x" * 65),
    "reply_to": (*NO_NUMBER, 0),
    "seq": NO_NUMBER,
    "emoji": (*NO_TEXT, "", "x" * 17),
    "on": (0, 1, "true", []),
    "confirm": (0, 1, "false", {}),
    "accept": (0, 1, "false", {}),
    "before": (*NO_NUMBER, "yesterday", "2026-11-22T10:31:02", "2026-13-01T00:00:00Z"),
    "after": NO_NUMBER,
    "limit": (*NO_NUMBER, 0, 201),
    "reason": (*NO_TEXT, "x" * 301),
    "status": (*NO_TEXT, "", "offline", "Online"),
    "text": (*NO_TEXT, "x" * 81),
    "query": (*NO_TEXT, "", "x" * 301),
    "prefix": (*NO_TEXT, "x" * 129),
    "kind": (*NO_TEXT, "", "warn"),
    "address": (*NO_TEXT, "", "x" * 65),
    "duration": (*NO_NUMBER, 0),
}

ROOMS: Final = (
    Room("Général", "public", "Tout et rien", "joined", 1042, 1040),
    Room("Archives", "moderated", membership="pending", first_seq=500),
    Room("@jules", "direct", membership="joined", last_seq=3, display_name="Jules", status="away"),
)

MESSAGES: Final = (
    Message("Général", 1, "Zoé", "bonjour\n👋", NOON),
    Message("Général", 2, "Zoé", "oui", NOON, reply_to=1),
    Message("Général", 3, "Zoé", "bonsoir", NOON, kind="edit", target=1),
    Message("Général", 4, "Zoé", "", NOON, kind="delete", target=2),
    Message("Général", 5, "jules", "👍", NOON, kind="react", target=1, on=False),
    Message("Général", 1, "Zoé", "bonsoir", NOON, edited_at=NOON + 5, reactions={"👍": ("jules", "Zoé")}),
    Message("Général", 2, "Zoé", "", NOON, deleted=True),
    Message("Général", 6, "former member", "adieu", NOON, former=True),
)

EVENTS: Final[tuple[events.Event, ...]] = (
    events.Hello("Chat", "1.0.0", "closed"),
    *(events.MessageEvent(message) for message in MESSAGES),
    events.MembershipEvent("Marketing", "joined"),
    events.MembershipEvent("Marketing", "none", "Not yet."),
    events.MemberEvent("Général", "jules", "joined", "Jules"),
    events.MemberEvent("Général", "jules", "left"),
    *(events.RoomEvent(room) for room in ROOMS),
    events.RoomEvent(ROOMS[0], was="Accueil"),
    events.RoomEvent(None, removed="Blabla"),
    events.PresenceEvent("Général", {"jules": "busy", "Zoé": "offline"}, 4, 12),
    events.PresenceEvent("@jules", {"jules": "away"}, 1, 2, {"jules": "back at two"}),
    events.TypingEvent("Général", "jules"),
    events.ReadEvent("Général", 1042),
    events.NoticeEvent("Coffee is ready."),
    events.ModerationEvent(3),
    events.ShutdownScheduledEvent(NOON, "update"),
    events.ShutdownScheduledEvent(None),
    *(events.EndEvent(kind, "why") for kind in sorted(events.END_KINDS)),
    events.EndEvent("kicked", "why", NOON),
)

REPLIES: Final[tuple[tuple[requests.Request, replies.Reply], ...]] = (
    (REQUESTS[0], replies.SignedIn(user=User("Zoé", "Zoé 🎈"), token="dG9rZW4", rooms=ROOMS)),
    (REQUESTS[2], replies.SignedIn(user=User("Zoé", "Zoé"), must_change_password=True, token="t", rooms=())),
    (requests.Resume("t"), replies.SignedIn(user=User("Zoé", "Zoé", "admin"), token="t", rooms=ROOMS[:1])),
    (requests.Ping(), replies.Done()),
    (requests.Send("Général", "bonjour"), replies.Stored("Général", 1042, NOON)),
    (requests.Edit("Général", 12, "bonsoir"), replies.Stored("Général", 1043, NOON, 12)),
    (requests.Delete("Général", 12), replies.Stored("Général", 1044, NOON, 12)),
    (requests.React("Général", 12, "👍"), replies.Stored("Général", 1045, NOON, 12)),
    (requests.History("Général"), replies.HistoryPage("Général", MESSAGES, True)),
    (requests.History("Général", after=9), replies.HistoryPage("Général", (), False)),
    (requests.Read("Général", 7), replies.ReadMarked("Général", 7)),
    (requests.Join("Général"), replies.RoomReply.joined(ROOMS[0])),
    (requests.Join("Archives"), replies.RoomReply("Archives", "pending")),
    (requests.Leave("Général"), replies.RoomReply("Général", "none")),
    (
        requests.Members("Général"),
        replies.MemberList("Général", (Member("Zoé", "Z", "busy", "lunch"), Member("jules", "J")), 9, 1),
    ),
    (requests.Watch("Général"), replies.Watching("Général")),
    (requests.Watch(None), replies.Watching(None)),
    (requests.Typing("@jules"), replies.TypingNoted("@jules")),
    (requests.Status("busy"), replies.StatusSet("busy")),
    (requests.Search("x"), replies.SearchPage(MESSAGES[:1], True)),
    (requests.Users("ju"), replies.PeopleFound((Member("jules", "Jules", "away"),))),
    (requests.Password("correct horse", "battery staple"), replies.TokenReply("t")),
    (requests.Profile("Zoé M."), replies.ProfileReply(User("Zoé", "Zoé M."))),
    (requests.Logout(), replies.Done()),
    (
        requests.ModerationPending(),
        replies.JoinRequests((JoinRequest("jules", "Jules", "Marketing", "I work there.", NOON),)),
    ),
    (requests.ModerationDecide("jules", "Marketing", False), replies.Done()),
    (requests.ModerationSanction("kick", "jules"), replies.Done()),
    (requests.ModerationLift("kick", "jules"), replies.Done()),
)
