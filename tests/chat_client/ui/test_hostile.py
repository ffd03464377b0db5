"""Content that tries to break the window."""

import time

import pytest

from chat_client.model import changes as ch
from chat_protocol.objects import File

#: The CPU time that one message may take, with all that belongs to it; most take a hundredth of that.
PATIENCE_S = 1.0

HOSTILE = {
    "astral": "😀👩‍👩‍👧‍👦🏳️‍🌈🇫🇷𝄞𓀀" * 40,
    "right_to_left": "\u202eevil\u202c שלום עולם مرحبا " * 50,
    "towers": ("Z" + "\u0301\u0323\u0489" * 100) * 12,
    "zero_width": "a\u200b\u200d\u2060\ufeff" * 700,
    "controls": "".join(map(chr, range(32))) * 20 + "\x1b]0;title\x07\x1b[2J",
    "nul": "\x00" * 4000,
    "no_space": "x" * 4000,
    "wide": "W漢" * 2000,
    "lines": "\n".join(["line"] * 500),
    "blank_lines": "\n" * 3998 + "x",
    "surrogates": "\ud800\udfff" * 100,
    "marks": "**" * 900 + "`" * 900 + "```" * 300,
    "links": "https://a.example/" + "é" * 2000,
    "mentions": "@zoe " * 700,
    "tcl": '[exit] {} $argv "; exit #\\' * 100,
    "tabs": "\t" * 2000 + "x",
    "fenced": "```\n" + "code\n" * 400 + "```",
    "flags": "🇫" * 999,
    "private_use": "\ue000\uf8ff\U000f0000" * 100,
}


@pytest.fixture(params=["colour", "plain"])
def emoji(request, hand):
    """A display with safe colour emoji, and one without."""
    hand.app.look.emoji = request.param == "colour" and hand.app.look.emoji
    yield hand.app.look.emoji
    hand.app.look.emoji = True


@pytest.mark.parametrize("name", HOSTILE)
def test_message_is_shown_or_replaced(hand, client, at, emoji, name):
    """A hostile message neither ends nor freezes the window, and the next one is shown as ever."""
    room = client.state.rooms["general"]
    client.arrive(room, "jules", HOSTILE[name], at(), mentions_me=True)
    before = time.process_time()
    hand.settle()
    assert time.process_time() - before < PATIENCE_S
    client.arrive(room, "jules", "after it", at(1))
    hand.settle()
    assert "after it" in hand.timeline()
    assert hand.paper.at_bottom()


@pytest.mark.parametrize(
    "name", ["W" * 32, "\u202e" + "漢" * 30, "Z" + "\u0301" * 59, "\x00\n\t", "😀" * 30, " " * 60]
)
def test_hostile_name(hand, client, at, name):
    """A hostile displayed name is shown in every place without harm."""
    person = client.add_person("mallory", name)
    room = client.state.rooms["general"]
    room.members.append("mallory")
    room.typing = {"mallory": 1.0}
    client.arrive(room, "mallory", "/me waves", at(), reactions={"x\x00" * 8: ("mallory",)})
    client.arrive(room, "mallory", "hello", at(1), reply_to=1)
    client.add_direct("mallory")
    client.tell(ch.MembersChanged("general"), ch.TypingChanged("general"), ch.PeopleChanged())
    hand.settle()
    hand.open("@mallory")
    hand.open("general")
    assert "hello" in hand.timeline()
    assert person.display_name == name


def test_hostile_room(hand, client, at):
    """A hostile topic, draft and room name are harmless."""
    room = client.add_room("R\u202e" + "W" * 57, topic="t\x00\n" * 90, draft="\x00\ud800😀")
    hand.settle()
    hand.open(room.key)
    room.membership, room.refusal = "none", "no\x00\n" * 50
    client.tell(ch.RoomsChanged())
    hand.settle()
    assert hand.view.loss_card.winfo_ismapped()  # it keeps the draft


def test_nothing_reaches_tcl_as_a_command(hand, client, at):
    """Brackets and dollar signs are letters."""
    client.arrive(client.state.rooms["general"], "jules", "[destroy .] $x {", at())
    hand.settle()
    assert "[destroy .] $x {" in hand.timeline()
    assert hand.app.root.winfo_exists()


HOSTILE_FILE_NAMES = {
    "wide": "\u8a9e" * 255,
    "path": "../../x",
    "device": "CON.txt",
    "right_to_left": "photo\u202egpj.exe",
    "controls": "a\nb\x00c\x1b[2J.png",
    "towers": ("Z" + "\u0301" * 60) * 4,
    "nothing": "",
    "tcl": "[destroy .] $x {.png",
    "surrogates": "\ud800.png",
}


@pytest.mark.parametrize("name", HOSTILE_FILE_NAMES)
@pytest.mark.parametrize("kind", ["text/plain", "image/png"])
def test_hostile_file_name(hand, client, at, name, kind):
    """Whatever a server calls a file, the window goes on, and shows what comes next on a line of its own."""
    room = client.state.rooms["general"]
    size = (300, 200) if kind == "image/png" else ()
    client.arrive(room, "jules", "", at(), files=(File("f1", HOSTILE_FILE_NAMES[name], 2_000, kind, *size),))
    client.arrive(room, "jules", "after it", at(1))
    hand.settle()
    assert "after it" in [line.strip() for line in hand.timeline().splitlines()]
    assert "\u202e" not in hand.timeline()


def test_thousand_files(hand, client, at):
    """A hundred messages with ten pictures each take no long time, and only those in view are brought."""
    room = client.state.rooms["general"]
    before = time.process_time()
    for number in range(100):
        files = [File(f"f{number}-{one}", "a.png", 2_000, "image/png", 300, 200) for one in range(10)]
        client.arrive(room, "jules", "", at(number), files=tuple(files))
        hand.settle()
    assert time.process_time() - before < 100 * PATIENCE_S
    wanted = {file.id for (file,) in client.called("pictures.want")}
    assert {f"f99-{one}" for one in range(9)} & wanted
    assert len(wanted - {file.id for (file,) in client.called("pictures.leave")}) <= 10
    client.arrive(room, "jules", "after them", at(101))
    hand.settle()
    assert "after them" in hand.timeline()
