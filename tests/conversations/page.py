"""Makes docs/build/conversations.md from the conversations; run it as a program to write the page."""

from itertools import groupby
from typing import Final

from tests.conversations.script import FOLDER, Conversation, read_all
from tests.support.filemap import ROOT

PAGE: Final = ROOT / "docs" / "build" / "conversations.md"
OPENING: Final = """\
# Conversations

What [the wire protocol](protocol.md) says, rule by rule, as conversations with a server.
`make conversations` holds each with a real server, on SQLite and on MariaDB, with frames whole, glued
into one write, split, and byte by byte. They serve whoever writes another server or client. The files
are in `tests/conversations`; this page is made from them by `make conversations-page`.

How to read one:

| line | |
|---|---|
| `people: zoe, jules` | have accounts and are signed in, each on a connection of that name; so are `admins` |
| `names: paul` | a username that nobody has yet |
| `room: lobby` | a public room that all of them have joined; a `moderated room` is empty |
| `zoe -> …` | zoe's client sends this line |
| `zoe ~> …` | it sends these bytes, with `\\r`, `\\n` and `\\xff`; nothing is added |
| `zoe ?> …` | it sends this line until the reply is the next line (for what happens a moment later) |
| `zoe <- …` | the next frame that the server sends to it. Fields that do not stand here are ignored |
| `zoe << …` | the next frame of this type; what comes before it is passed over |
| `* zoe/2 signs in` | a second connection of zoe's |
| `* guest connects` | a connection that is not signed in |
| `* zoe goes away` | its client closes the connection |
| `* zoe gets nothing` | no frame has come to it before the reply to a `ping` |
| `* zoe is closed by the server` | the server closes the connection, without a further frame |
| `* console: …` | the administrator types this command; `=> $given` keeps the last word of its first line |
| `server: strict` | one that takes two messages at once, one in two seconds; guests have one second |
| `server: own` | one for this conversation alone, where a client may leave 64 KiB unread |
| `* days 2` | the messages of the rooms are two days older |
| `* jules floods $lobby` | sends 16 MB there, which zoe does not read meanwhile |
| `"$zoe"`, `"$lobby"`, `"$zoe.token"`, `"$password"` | a username, a room's name, a token, a password |
| `"$time"` | any value, and the same one where it stands again |
| `"$absent"` | the field must not be there |
| `"..."` | at the end of a list: further items |
| `${x*4000}` | 4,000 times x |
"""


def make_page() -> str:
    """Return the text of the page: the conversations in the order of the protocol page's sections."""
    parts = [OPENING]
    for section, conversations in groupby(_in_order(), key=_section):
        parts.append(f"\n## {section}\n")
        parts += [_shown(conversation) for conversation in conversations]
    return "".join(parts)


def _in_order() -> list[Conversation]:
    protocol = (ROOT / "docs" / "build" / "protocol.md").read_text(encoding="utf-8")
    headings = [line.lstrip("# ") for line in protocol.splitlines() if line.startswith("##")]
    return sorted(read_all(), key=lambda conversation: headings.index(_section(conversation)))


def _section(conversation: Conversation) -> str:
    return conversation.words("page")[0]


def _shown(conversation: Conversation) -> str:
    lines = (FOLDER / f"{conversation.name}.txt").read_text(encoding="utf-8").splitlines()[1:]
    kept = [line for line in lines if not line.startswith("page: ")]
    return f"\n### {conversation.title}\n" + "".join(f"    {line}".rstrip() + "\n" for line in kept)


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")
