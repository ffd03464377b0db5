"""Two real windows talk through a real server, over TLS."""

import os
import subprocess
import sys
from pathlib import Path
from tkinter import filedialog

import pytest

from chat_client.ui.look.raster import encode_png
from tests.chat_client.ui.people import PASSWORD, trust, until
from tests.support.clipboard import offered
from tests.support.pictures import png
from tests.support.server import ROOT


def test_two_people_talk(together, server_process, database):
    """Two sign up, talk in Général and in private; what one misses waits, unread."""
    server = server_process(database=database)
    zoe, jules = people = together("zoe", "jules")
    for person in people:
        person.sign_up(server)
    trust(people, server)
    until(people, lambda: all(person.main.room is not None for person in people))
    for person in people:
        person.main.open_room("general")

    zoe.say("Hello **Jules**")
    until(people, lambda: "Hello Jules\n" in jules.timeline())
    jules.say("Hello @zoe")
    until(people, lambda: "Hello @zoe\n" in zoe.timeline())
    until(people, lambda: not zoe.main.view.timeline.paper.tag_ranges("pending"))

    zoe.main.open_direct("jules")
    zoe.say("between us")
    until(people, lambda: jules.rooms().get("zoe") == 1)
    jules.main.open_room("@zoe")
    until(people, lambda: "between us" in jules.timeline())

    jules.close()
    zoe.main.open_room("general")
    zoe.say("are you there?")
    until([zoe], lambda: not zoe.main.room.pending and zoe.main.room.last_seq == 3)
    jules.open()
    until(people, lambda: jules.main is not None and jules.main.room is not None)
    assert jules.main.room.key == "@zoe"  # the room that was open last
    until(people, lambda: jules.rooms().get("Général") == 1)
    jules.main.open_room("general")
    jules.look()
    until(people, lambda: "are you there?" in jules.timeline())
    assert [rule.label for rule in jules.main.view.timeline.paper.embedded("n")] == ["New messages"]
    until(people, lambda: jules.main.room.unread == 0)


@pytest.mark.long
def test_messages_wait_for_the_server(together, server_process):
    """While the server is gone the window says so and keeps what is written; then it goes out, once."""
    server = server_process()
    [zoe] = people = together("zoe")
    zoe.sign_up(server)
    trust(people, server)
    until(people, lambda: zoe.main.room is not None)
    server.stop()
    until(people, lambda: "Trying again" in zoe.app.status.words)
    zoe.say("is anybody there?")
    until(people, lambda: zoe.main.view.timeline.paper.tag_ranges("pending"))
    server_process(port=server.port)
    zoe.app.status.retry.invoke()
    until(people, lambda: not zoe.main.room.pending and zoe.main.room.messages)
    until(people, lambda: zoe.app.status.words.endswith("encrypted"))
    assert zoe.timeline().count("is anybody there?") == 1


@pytest.mark.long
def test_changed_certificate_is_refused(together, server_process, tmp_path):
    """Another certificate at the same place is refused before a password is sent."""
    server = server_process()
    [zoe] = people = together("zoe")
    zoe.app.client.known_servers.trust(server.host, server.port, ":".join(["AB"] * 32))
    zoe.sign_up(server)
    until(people, lambda: "your password was not sent" in zoe.app.sign_in.message)
    assert zoe.app.sign_in._forget.winfo_manager()


def make_admin(data: Path, name: str, database: str | None) -> None:
    """Make an administrator before the server starts."""
    command = [sys.executable, "-m", "chat_server.admin", "--data-dir", str(data)]
    environ = dict(os.environ) | {"CHAT_DATABASE": database or f"sqlite:///{data}/chat.db"}
    subprocess.run(
        [*command, "create-admin", name], input=f"{PASSWORD}\n", text=True, check=True, cwd=ROOT, env=environ
    )


@pytest.mark.long
def test_moderator_lets_somebody_in(together, server_process, tmp_path, database):
    """Who asks to join a room with a reason is let in by a moderator; both see it at once."""
    make_admin(tmp_path / "data", "zoe", database)
    server = server_process("--no-limits", database=database)
    zoe, jules = people = together("zoe", "jules")
    view = zoe.app.sign_in
    for field, value in ((view.host, server.host), (view.port, str(server.port)), (view.name, "zoe")):
        field.set(value)
    view.password.set(PASSWORD)
    view.button.invoke()
    jules.sign_up(server)
    trust(people, server)
    until(people, lambda: "Informatique" in jules.rooms())
    jules.main.open_room("informatique")
    card = jules.main.view.join_card
    card.reason.insert("1.0", "I mend the printers.")
    card.button.invoke()
    until(people, lambda: "You have asked to join." in card.words.text)
    until(people, lambda: "1 request" in zoe.main.rooms.requests.cget("text"))
    zoe.main.show_pane("requests")
    until(people, lambda: zoe.main.requests.buttons)
    zoe.main.requests.buttons[("jules", "Informatique", "accept")].invoke()
    until(people, lambda: jules.main.room is not None and jules.main.room.joined)
    until(people, lambda: jules.main.view.timeline.winfo_ismapped())
    until(people, lambda: not zoe.main.state.join_requests)


def test_messages_change_for_both(together, server_process, database):
    """Replies, reactions, edits and deletions of one appear in the other's window; search finds and jumps."""
    server = server_process("--no-limits", database=database)
    zoe, jules = people = together("zoe", "jules")
    for person in people:
        person.sign_up(server)
    trust(people, server)
    until(people, lambda: all(person.main.room is not None for person in people))
    zoe.say("the printer blinks")
    until(people, lambda: "the printer blinks" in jules.timeline())

    jules.main.view.start_reply(jules.main.room.messages[0])
    jules.say("which one?")
    until(people, lambda: "zoe — the printer blinks" in zoe.timeline())
    jules.main.view.messages.toggle_reaction(jules.main.room.messages[0], "👀")
    until(people, lambda: [c.labels for c in zoe.main.view.timeline.paper.embedded("m1")] == [["👀 1"]])

    zoe.main.view.composer.text.focus_force()
    zoe.app.root.update()
    zoe.main.view.composer.text.event_generate("<Up>")
    zoe.main.view.composer.set("the copier blinks")
    zoe.main.view.composer.submit()
    until(people, lambda: "the copier blinks  (edited)" in jules.timeline())

    zoe.main.toggle_search()
    zoe.main.search.query.set("copier")

    def found() -> bool:
        search = zoe.main.state.search
        if not search.busy and not search.results:
            zoe.main.search.search()
        return bool(search.results)

    until(people, found)
    zoe.main.search.list.on_choose("0")
    until(people, lambda: zoe.main.view.timeline.paper.tag_ranges("found"))

    zoe.app.client.outbox.delete("general", 1)
    until(people, lambda: "This message was deleted." in jules.timeline())
    assert "copier" not in jules.timeline()


def test_presence_and_typing(together, server_process):
    """Who is there, what they say of it and that they write is seen by the other."""
    server = server_process("--no-limits")
    zoe, jules = people = together("zoe", "jules")
    for person in people:
        person.sign_up(server)
    trust(people, server)
    until(people, lambda: all(person.main.room is not None for person in people))

    def row_of_zoe():
        return next((row for row in jules.main.members.list.rows if row.key == "zoe"), None)

    until(people, lambda: row_of_zoe() is not None and row_of_zoe().status == "online")
    zoe.app.client.status.set("busy", "in a meeting")
    until(people, lambda: (row_of_zoe().status, row_of_zoe().detail) == ("busy", "in a meeting"))
    zoe.main.view.composer.insert("I am wri")
    until(people, lambda: jules.main.view.typing.words == "zoe is typing…")
    zoe.close()
    until([jules], lambda: row_of_zoe().status == "offline")


def both_in_a_room(together, server):
    """Sign two people up on a server; both windows show a room then."""
    people = together("zoe", "jules")
    for person in people:
        person.sign_up(server)
    trust(people, server)
    until(people, lambda: all(person.main.room is not None for person in people))
    return people


@pytest.mark.long
def test_pasted_picture_goes_from_window_to_window(together, server_process, tmp_path, monkeypatch):
    """Ctrl+V of a screenshot and Return; the other sees its name, saves it, and has the same bytes."""
    people = zoe, jules = both_in_a_room(together, server_process())
    picture = encode_png(300, 200, os.urandom(300 * 200 * 4))
    field = zoe.main.view.composer.text
    field.focus_force()
    with offered("image/png", picture):
        zoe.app.root.update()  # this process hears that the clipboard has another owner
        field.event_generate("<<Paste>>")
    zoe.app.root.update()
    field.event_generate("<Return>")
    until(people, lambda: ".png  " in jules.timeline() and not zoe.main.room.pending)
    target = tmp_path / "saved.png"
    monkeypatch.setattr(filedialog, "asksaveasfilename", lambda **_options: str(target))
    message = jules.main.room.messages[-1]
    assert (message.files[0].type, message.files[0].width, message.files[0].height) == ("image/png", 300, 200)
    jules.main.view.messages.save_files(message)
    until(people, lambda: str(target) in jules.main.toast.words)
    assert target.read_bytes() == picture


def test_picture_is_seen_in_the_other_window(together, server_process, tmp_path):
    """What one attaches is seen in the other's timeline, and the keyboard opens it."""
    people = zoe, jules = both_in_a_room(together, server_process())
    (tmp_path / "a.png").write_bytes(png(200, 480))
    (tmp_path / "half.png").write_bytes(png(200, 480)[:-40])
    zoe.main.view.files.add([tmp_path / "a.png", tmp_path / "half.png"])
    zoe.main.view.composer.submit()
    paper = jules.main.view.timeline.paper

    def shown():
        images = [paper.pictures.shown(placed) for placed in paper.pictures.of("m1")]
        return [(image.width(), image.height()) for image in images if image is not None]

    until(people, lambda: shown() == [(152, 362)])
    until(people, lambda: "half.png  " in jules.timeline() and "incomplete" in jules.timeline())
    until(people, lambda: zoe.main.view.timeline.paper.pictures.of("m1"))
    paper.focus_force()
    jules.app.root.update()
    paper.event_generate("<Up>")
    paper.event_generate("<v>")
    until(people, lambda: jules.main.sheet is not None and jules.main.sheet.image is not None)
    assert jules.main.sheet.image.height() > 362
    jules.main.sheet.canvas.event_generate("<Escape>")
    assert jules.main.sheet.closed


@pytest.mark.long
def test_long_paste_goes_as_a_file(together, server_process, tmp_path, monkeypatch):
    """A log longer than a message arrives whole in the other window, by one button."""
    people = zoe, jules = both_in_a_room(together, server_process())
    log = "".join(f"{number} é 😀\n" for number in range(20_000))
    composer = zoe.main.view.composer
    zoe.app.root.clipboard_clear()
    zoe.app.root.clipboard_append(log)
    composer.text.focus_force()
    composer.text.event_generate("<<Paste>>")
    until(people, composer.noticed.button.winfo_ismapped)
    composer.noticed.button.invoke()
    until(people, lambda: ".txt  " in jules.timeline() and not zoe.main.room.pending)
    target = tmp_path / "saved.txt"
    monkeypatch.setattr(filedialog, "asksaveasfilename", lambda **_options: str(target))
    jules.main.view.messages.save_files(jules.main.room.messages[-1])
    until(people, lambda: str(target) in jules.main.toast.words)
    assert target.read_text("utf-8") == log
