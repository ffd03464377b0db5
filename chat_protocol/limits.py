"""The numbers of the wire protocol; it must not know who enforces them."""

from typing import Final

PROTOCOL_VERSION: Final = 1
DEFAULT_PORT: Final = 5000

FRAME_MAX_BYTES: Final = 65_536  # newline included; docs/build/protocol.md, "Transport and framing"
BODY_MAX_CHARS: Final = 4_000
NONCE_MAX_CHARS: Final = 64
REASON_MAX_CHARS: Final = 300
TOPIC_MAX_CHARS: Final = 300
DESCRIPTION_MAX_CHARS: Final = 1_000
STATUS_TEXT_MAX_CHARS: Final = 80
EMOJI_MAX_CHARS: Final = 16  # the longest emoji sequences (families, flags of subdivisions) take 14
QUERY_MAX_CHARS: Final = 300
ALL_BELOW: Final = 50  # in rooms of fewer members anybody may mention all
REACTIONS_MAX: Final = 20  # different ones under a message: together with its text they must fit in a frame

FILES_MAX: Final = 10  # of one message
FILE_ID_MAX_CHARS: Final = 64
FILE_NAME_MAX_CHARS: Final = 255
PREVIEW_MAX_BYTES: Final = 65_536

USERNAME_MIN_CHARS: Final = 2
USERNAME_MAX_CHARS: Final = 32
DISPLAY_NAME_MAX_CHARS: Final = 60
DEVICE_NAME_MAX_CHARS: Final = 64
DEVICE_ID_MAX_CHARS: Final = 64
INVITATION_MAX_CHARS: Final = 100
ROOM_NAME_MAX_CHARS: Final = 60
PRIVATE_NAME_MAX_CHARS: Final = 54  # with the mark behind it, it is a room name
PEOPLE_ADDED_MAX: Final = 50  # by one request
INVITATION_DAYS_MAX: Final = 365
RECORDS_PAGE_MAX: Final = 100  # sanctions, or entries of the audit
RECORDS_PAGE_DEFAULT: Final = 50

PASSWORD_MIN_CHARS: Final = 10
PASSWORD_MAX_CHARS: Final = 1_024  # bounds the work of one hash

HISTORY_MAX: Final = 200
HISTORY_DEFAULT: Final = 50
SEARCH_MAX: Final = 100
SEARCH_DEFAULT: Final = 25
MEMBERS_MAX: Final = 500
WATCHED_MAX: Final = 50
USERS_MAX: Final = 100
USERS_DEFAULT: Final = 25
CALLING_WORDS_MAX: Final = 20  # that call their user wherever they are said
CALLING_WORD_MAX_CHARS: Final = 40
ROOM_SETTINGS_MAX: Final = 2_000  # of one user: two for each of very many rooms
SAVED_MAX: Final = 1_000  # messages of one user
SAVED_PAGE_MAX: Final = 100
SAVED_PAGE_DEFAULT: Final = 50
PINS_MAX: Final = 50  # of one room
AVATAR_MAX_BYTES: Final = 46_080  # in base64 it fits into one frame
AVATAR_SIDE_MAX: Final = 512  # pixels; the client shows at most 144

SEQ_MAX: Final = 2**53 - 1  # the largest integer that every JSON reader keeps exactly (RFC 8259, section 6)
EDIT_WINDOW_MS: Final = 24 * 3600 * 1000
