"""The numbers of the protocol: what is promised may not move, and each is what its request is held to."""

import pytest

from chat_protocol import limits, requests
from chat_protocol.errors import ChatError
from chat_protocol.request_reading import parse_request

# What clients of version 1.0.0 rely on.
PROMISED = {
    "PROTOCOL_VERSION": 1,
    "DEFAULT_PORT": 5_000,
    "FRAME_MAX_BYTES": 65_536,
    "BODY_MAX_CHARS": 4_000,
    "NONCE_MAX_CHARS": 64,
    "REASON_MAX_CHARS": 300,
    "TOPIC_MAX_CHARS": 300,
    "STATUS_TEXT_MAX_CHARS": 80,
    "EMOJI_MAX_CHARS": 16,
    "QUERY_MAX_CHARS": 300,
    "REACTIONS_MAX": 20,
    "USERNAME_MIN_CHARS": 2,
    "USERNAME_MAX_CHARS": 32,
    "DISPLAY_NAME_MAX_CHARS": 60,
    "ROOM_NAME_MAX_CHARS": 60,
    "PASSWORD_MIN_CHARS": 10,
    "PASSWORD_MAX_CHARS": 1_024,
    "HISTORY_MAX": 200,
    "HISTORY_DEFAULT": 50,
    "SEARCH_MAX": 100,
    "SEARCH_DEFAULT": 25,
    "MEMBERS_MAX": 500,
    "WATCHED_MAX": 50,
    "USERS_MAX": 100,
    "USERS_DEFAULT": 25,
    "SEQ_MAX": 9_007_199_254_740_991,
    "EDIT_WINDOW_MS": 86_400_000,
    # Later ones.
    "DESCRIPTION_MAX_CHARS": 1_000,
    "ALL_BELOW": 50,
    "FILES_MAX": 10,
    "FILE_ID_MAX_CHARS": 64,
    "FILE_NAME_MAX_CHARS": 255,
    "PREVIEW_MAX_BYTES": 65_536,
    "DEVICE_NAME_MAX_CHARS": 64,
    "DEVICE_ID_MAX_CHARS": 64,
    "INVITATION_MAX_CHARS": 100,
    "PRIVATE_NAME_MAX_CHARS": 54,
    "PEOPLE_ADDED_MAX": 50,
    "INVITATION_DAYS_MAX": 365,
    "RECORDS_PAGE_MAX": 100,
    "RECORDS_PAGE_DEFAULT": 50,
    "CALLING_WORDS_MAX": 20,
    "CALLING_WORD_MAX_CHARS": 40,
    "ROOM_SETTINGS_MAX": 2_000,
    "SAVED_MAX": 1_000,
    "SAVED_PAGE_MAX": 100,
    "SAVED_PAGE_DEFAULT": 50,
    "PINS_MAX": 50,
    "AVATAR_MAX_BYTES": 46_080,
    "AVATAR_SIDE_MAX": 512,
}


def test_promised_numbers_stay() -> None:
    """A client that was written by the page goes on working."""
    assert {name: getattr(limits, name) for name in PROMISED} == PROMISED


NUMBERS = [
    ({"type": "history", "room": "r"}, "limit", 1, 200),
    ({"type": "history", "room": "r"}, "before", 1, 2**53 - 1),
    ({"type": "history", "room": "r"}, "after", 0, 2**53 - 1),
    ({"type": "sync", "rooms": {}}, "limit", 1, 200),
    ({"type": "search", "query": "x"}, "limit", 1, 100),
    ({"type": "users"}, "limit", 1, 100),
    ({"type": "read", "room": "r"}, "seq", 0, 2**53 - 1),
    ({"type": "edit", "room": "r", "body": "x"}, "seq", 1, 2**53 - 1),
    ({"type": "delete", "room": "r"}, "seq", 1, 2**53 - 1),
    ({"type": "react", "room": "r", "emoji": "x"}, "seq", 1, 2**53 - 1),
    ({"type": "send", "room": "r", "body": "x"}, "reply_to", 1, 2**53 - 1),
    ({"type": "moderation.sanction", "kind": "kick"}, "duration", 1, 100 * 366 * 86_400),
]


@pytest.mark.parametrize(("frame", "field", "low", "high"), NUMBERS, ids=lambda value: str(value))
def test_numbers_of_requests_have_both_ends(
    frame: dict[str, object], field: str, low: int, high: int
) -> None:
    """The least and the greatest are taken, and one beyond either is refused with the field's name."""
    for number in (low, high):
        assert getattr(parse_request(frame | {field: number}), field) == number
    for number in (low - 1, high + 1):
        with pytest.raises(ChatError) as caught:
            parse_request(frame | {field: number})
        assert (caught.value.code, caught.value.extra["field"]) == ("bad_request", field)


TEXTS = [
    ({"type": "register", "username": "zoe", "password": "x" * 10}, "display_name", 1, 60),
    ({"type": "resume"}, "token", 1, 200),
    ({"type": "send", "room": "r", "body": "x"}, "nonce", 1, 64),
    ({"type": "send", "room": "r", "nonce": "n"}, "body", 1, 4_000),
    ({"type": "edit", "room": "r", "seq": 1}, "body", 1, 4_000),
    ({"type": "react", "room": "r", "seq": 1}, "emoji", 1, 16),
    ({"type": "join", "room": "r"}, "reason", 0, 300),
    ({"type": "members", "room": "r"}, "after_username", 0, 128),
    ({"type": "status", "status": "away"}, "text", 0, 80),
    ({"type": "search"}, "query", 1, 300),
    ({"type": "users"}, "prefix", 0, 128),
    ({"type": "profile"}, "display_name", 1, 60),
    ({"type": "moderation.lift", "kind": "ban"}, "address", 1, 64),
]


@pytest.mark.parametrize(("frame", "field", "low", "high"), TEXTS, ids=lambda value: str(value))
def test_texts_of_requests_have_both_ends(frame: dict[str, object], field: str, low: int, high: int) -> None:
    """The shortest and the longest are taken, and one character beyond either is refused."""
    for length in (low, high):
        assert getattr(parse_request(frame | {field: "x" * length}), field) == "x" * length
    for length in {max(0, low - 1), high + 1} - {low}:
        with pytest.raises(ChatError) as caught:
            parse_request(frame | {field: "x" * length})
        assert caught.value.extra["field"] == field


def test_defaults_of_requests() -> None:
    """What is not asked for has the number that the page names."""
    assert requests.History("r").limit == requests.Sync({}).limit == 50
    assert requests.Search("x").limit == requests.Users().limit == 25
    assert requests.React("r", 1, "x").on is requests.Quiet().on is True
