"""The error codes of the wire and the exception that carries one; it must not know how a code is shown."""

from typing import Any, Final


class ErrorCode:
    """The codes of `error` frames (docs/build/protocol.md, "Error codes")."""

    BAD_FRAME: Final = "bad_frame"
    FRAME_TOO_LARGE: Final = "frame_too_large"
    UNKNOWN_TYPE: Final = "unknown_type"
    BAD_REQUEST: Final = "bad_request"
    NOT_SIGNED_IN: Final = "not_signed_in"
    ALREADY_SIGNED_IN: Final = "already_signed_in"
    INVALID_CREDENTIALS: Final = "invalid_credentials"
    USERNAME_TAKEN: Final = "username_taken"
    INVALID_USERNAME: Final = "invalid_username"
    WEAK_PASSWORD: Final = "weak_password"
    PASSWORD_CHANGE_REQUIRED: Final = "password_change_required"
    REGISTRATION_CLOSED: Final = "registration_closed"
    INVALID_INVITATION: Final = "invalid_invitation"
    KICKED: Final = "kicked"
    BANNED: Final = "banned"
    MUTED: Final = "muted"
    RATE_LIMITED: Final = "rate_limited"
    NO_SUCH_ROOM: Final = "no_such_room"
    NO_SUCH_USER: Final = "no_such_user"
    NO_SUCH_MESSAGE: Final = "no_such_message"
    NOT_A_MEMBER: Final = "not_a_member"
    ALREADY_MEMBER: Final = "already_member"
    FORBIDDEN: Final = "forbidden"
    ALL_FORBIDDEN: Final = "all_forbidden"
    BODY_TOO_LONG: Final = "body_too_long"
    FILE_TOO_LARGE: Final = "file_too_large"
    NO_SUCH_FILE: Final = "no_such_file"
    NO_SPACE: Final = "no_space"
    QUOTA: Final = "quota"
    ROOM_LIMIT: Final = "room_limit"
    FILE_REFUSED: Final = "file_refused"
    UNAVAILABLE: Final = "unavailable"
    INTERNAL: Final = "internal"


ALL_CODES: Final = frozenset(value for name, value in vars(ErrorCode).items() if name.isupper())


class ChatError(Exception):
    """Report to the other side why a request was not carried out.

    :param code: one of :class:`ErrorCode`.
    :param message: one English sentence for a person.
    :param extra: further fields of the error frame: `field`, `retry_after` (seconds), `reason`, `until`.
    """

    def __init__(self, code: str, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.extra = {name: value for name, value in extra.items() if value is not None}

    def to_frame(self, ref: str | int | None = None) -> dict[str, Any]:
        """Return the `error` frame, with the request's `ref` where it had one."""
        frame: dict[str, Any] = {"type": "error"}
        if ref is not None:
            frame["ref"] = ref
        return {**frame, "code": self.code, "message": self.message, **self.extra}

    @classmethod
    def from_frame(cls, frame: dict[str, Any]) -> "ChatError":
        """Read an `error` frame; an unreadable one becomes `internal`."""
        extra = {k: v for k, v in frame.items() if k not in ("type", "ref", "code", "message")}
        return cls(str(frame.get("code", ErrorCode.INTERNAL)), str(frame.get("message", "")), **extra)


def bad_request(field: str, message: str) -> ChatError:
    """Return the error for a field that is missing or of the wrong form."""
    return ChatError(ErrorCode.BAD_REQUEST, message, field=field)
