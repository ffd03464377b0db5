"""Takes the pictures in ``docs/screenshots`` of the real window against a real server (``make screenshots``).

    python -m tests.chat_client.ui.screenshots [FOLDER] [--scale 2]

It needs Xvfb, and nothing else: the picture is read from the frame buffer that Xvfb keeps in a file.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from chat_client.engine.client import Client
from chat_client.model.changes import PinsChanged
from chat_client.model.state import Phase
from chat_client.net import transfer
from chat_client.ui.app import App
from chat_client.ui.notify import Notifier
from chat_client.ui.sheets.picture_sheet import PictureSheet
from chat_protocol.objects import Message
from tests.chat_client.live import PASSWORD, LiveClient, all_until
from tests.chat_client.ui.photographer import PATIENCE_S, Photographer, screen
from tests.chat_client.ui.screenshots_of_moderation import take_moderation
from tests.chat_client.ui.screenshots_of_rooms import take_keeping
from tests.support.certificate import make_certificate
from tests.support.pictures import landscape, portrait
from tests.support.server import ROOT, ServerProcess, start_server

PEOPLE = {"jules": "Jules", "nadia": "Nadia B.", "karim": "Karim", "lea": "Léa", "ines": "Inès"}


def open_app(home: Path, language: str, theme: str) -> App:
    client = Client(home)
    client.settings.set("language", language)
    client.settings.set("theme", theme)
    client.settings.set("desktop_notifications", False)
    app = App(client, Notifier(lambda _command: None), lambda: False)
    width, height = app.look.px(1120), app.look.px(740)
    app.root.geometry(f"{width}x{height}+0+0")
    app.root.focus_force()
    return app


def converse(people: dict[str, LiveClient]) -> None:
    """Let some people say something, so that there is something to see."""

    def say(name: str, body: str, room: str = "general", reply_to: int | None = None) -> int:
        person = people[name]
        before = person.room(room).last_seq
        person.client.outbox.send(room, body, reply_to)
        person.until(lambda: person.room(room).last_seq > before and not person.room(room).pending)
        return person.room(room).last_seq

    first = say("lea", "Bonjour à tous ! Le nouveau serveur est en place depuis ce matin.")
    say("lea", "Pensez à mettre à jour vos favoris : https://intranet.example.org/accueil")
    say("karim", "Merci **Léa**, c’est beaucoup plus rapide.")
    question = say(
        "nadia",
        "Est-ce que quelqu’un sait où trouver le modèle de *note de frais* ? Je ne le vois plus dans le "
        "dossier partagé depuis le déménagement, et j’en aurais besoin avant vendredi.",
    )
    say("jules", "Il est dans `Partage/Modeles/2026`", reply_to=question)
    say("jules", "Pour les curieux :\n```\nrsync -av --delete /srv/partage/ sauvegarde:/srv/partage/\n```")
    mine = say("zoe", "Parfait, merci. Je le remets a l’ancien endroit aussi.")
    people["zoe"].client.outbox.edit(
        "general", mine, "Parfait, merci. Je le remets à l’ancien endroit aussi."
    )
    say("karim", "/me apporte des croissants")
    for name, emoji in (("jules", "👍"), ("ines", "👍"), ("karim", "🎉")):
        person = people[name]
        person.until(lambda person=person: person.room("general").message(first))
        person.client.outbox.react("general", first, emoji)
        person.until(lambda person=person: person.room("general").message(first).reactions)
    say("ines", "@zoe tu peux regarder l’imprimante du deuxième étage ? Elle clignote en orange.")
    say("karim", "Elle manque de papier, comme tous les lundis 😅")
    private = people["jules"].client.rooms.direct("zoe")
    say("jules", "Tu as cinq minutes avant la réunion de onze heures ?", private)
    say("jules", "Il me manque juste le devis du mois dernier.", private)
    for name, room, reason in (
        ("ines", "marketing", "Je prépare le stand du salon avec Léa."),
        ("nadia", "comptabilite", "Je remplace Karim pendant ses congés."),
    ):
        people[name].client.rooms.join(room, reason)
        people[name].until(lambda name=name, room=room: people[name].room(room).membership == "pending")
    for name in ("zoe", "jules", "lea"):
        people[name].client.rooms.join("blabla")
        people[name].until(lambda name=name: people[name].room("blabla").joined)
    show_pictures(people)
    say("jules", "Qui vient au marché samedi ?", "blabla")
    say("lea", "Moi !", "blabla")
    people["nadia"].client.status.set("away", "de retour à 14 h")
    people["karim"].client.status.set("busy", "en réunion")
    people["jules"].client.rooms.typing("general")


def show_themselves(people: dict[str, LiveClient]) -> None:
    """Let some people show a picture of themselves; the others are seen by their initials."""
    looks = {"jules": ((70, 110, 120), (60, 40, 30)), "lea": ((150, 90, 60), (40, 30, 30))}
    looks |= {"zoe": ((90, 80, 140), (120, 60, 30))}
    for name, (ground, hair) in looks.items():
        person = people[name]
        person.client.avatars.choose(portrait(144, ground, hair))
        person.until(lambda person=person: person.client.avatars.named(person.state.username))


def show_pictures(people: dict[str, LiveClient]) -> None:
    """Let two people show something: a photograph, what is on a screen, and half a file."""
    lea = people["lea"]
    view = lea.home / "Vue du refuge.png"
    view.write_bytes(landscape(1200, 675))
    half = lea.home / "Panorama.png"
    half.write_bytes(view.read_bytes()[:6_000])
    for person, files, words in (
        (lea, [view, half], "Dimanche dernier, juste avant la pluie :"),
        (
            people["jules"],
            [ROOT / "docs" / "screenshots" / "sign-in-english.png"],
            "Chez moi c’est en anglais…",
        ),
    ):
        before = person.room("blabla").last_seq
        person.client.files.send("blabla", files, words)
        person.until(lambda person=person, before=before: person.room("blabla").last_seq > before)


def sign_everybody_in(server: ServerProcess, folder: Path, stack: ExitStack) -> dict[str, LiveClient]:
    people: dict[str, LiveClient] = {}
    for name, display_name in PEOPLE.items():
        person = LiveClient(folder / name, name)
        stack.callback(person.client.close)
        person.sign_up(server)
        person.client.status.set_display_name(display_name)
        person.until(lambda person=person, shown=display_name: person.state.display_name == shown)
        people[name] = person
    zoe = LiveClient(folder / "zoe", "zoe")
    stack.callback(zoe.client.close)
    zoe.client.session.sign_in(server.host, server.port, "zoe", PASSWORD)
    zoe.until(lambda: zoe.state.connection.phase == Phase.FINGERPRINT)
    zoe.client.trust.answer(True)
    zoe.until_online()
    zoe.client.status.set_display_name("Zoé")
    zoe.until(lambda: zoe.state.display_name == "Zoé")
    people["zoe"] = zoe
    for person in people.values():
        person.open("general")
    return people


def take_all(photographer: Photographer, server: ServerProcess, folder: Path, stack: ExitStack) -> None:
    people = sign_everybody_in(server, folder, stack)
    show_themselves(people)
    converse(people)
    all_until(list(people.values()), lambda: "@jules" in people["zoe"].state.rooms)
    all_until(list(people.values()), lambda: people["zoe"].room("@jules").last_seq == 2)
    zoe = people.pop("zoe")
    zoe.client.close()
    for theme, language, name in (
        ("light", "fr", "room-light"),
        ("dark", "fr", "room-dark"),
        ("light", "en", "room-english"),
    ):
        app = open_app(zoe.home, language, theme)
        app.tick()
        wait_for_main(app)
        app.main.open_room("general")
        photographer.take(
            name, app, lambda app=app: len(app.main.members.list.rows) > 5 and app.main.room.messages
        )
        if name == "room-light":
            take_panes(photographer, app)
        if language == "fr":
            take_pictures(photographer, app, theme)
            take_keeping(photographer, app, theme)
            take_moderation(photographer, app, theme)
        app.close()
    take_sign_in(photographer, folder)


def take_panes(photographer: Photographer, app: App) -> None:
    main = app.main
    assert main is not None
    main.open_room("@jules")
    photographer.take("private", app, lambda: len(main.view.timeline.paper.entries) > 2)
    main.open_room("general")
    main.show_pane("requests")
    photographer.take("requests", app, lambda: len(main.requests.buttons) >= 4)
    main.toggle_search()
    main.search.query.set("imprimante")
    photographer.take("search", app, lambda: main.state.search.results or main.search.search())
    main.show_members_again()
    main.show_switcher()
    photographer.take("switcher", app)
    main.sheet.close()
    app.show_settings()
    photographer.take("settings", app)
    app.settings_sheet.close()
    take_emoji(photographer, app)
    main.open_room("informatique")
    photographer.take("join", app)


def take_emoji(photographer: Photographer, app: App) -> None:
    """Show the palette beside the composer, with two that were taken lately."""
    main = app.main
    assert main is not None
    for emoji in ("☕", "🥐"):
        app.client.emoji.used(emoji)
    main.view.composer.choose_emoji()
    photographer.take("emoji", app)
    palette = app.root.tk.call("grab", "current", app.root)
    app.root.nametowidget(palette).close()


def take_pictures(photographer: Photographer, app: App, theme: str) -> None:
    main = app.main
    assert main is not None
    main.open_room("blabla")
    paper = main.view.timeline.paper

    def there() -> bool:
        return bool(found := paper.pictures.in_view()) and all(map(paper.pictures.shown, found))

    main.view.timeline.show_around(1, flash=False)
    photographer.take(f"pictures-{theme}", app, there)
    main.show_picture(paper.pictures.in_view()[0].file)
    photographer.take(
        f"viewer-{theme}", app, lambda: isinstance(main.sheet, PictureSheet) and main.sheet.image
    )
    assert main.sheet is not None
    main.sheet.close()
    main.show_pane("files")
    photographer.take(f"files-{theme}", app, lambda: len(main.files.list.rows) >= 3)
    take_pins(photographer, app, theme)
    main.show_members_again()
    take_upload(photographer, app, theme)


def take_pins(photographer: Photographer, app: App, theme: str) -> None:
    """Show two pinned messages of a room: in the bar, and in the pane."""
    main = app.main
    assert main is not None
    assert main.room is not None
    said = [message for message in main.room.messages if message.seq and message.body and not message.deleted]
    main.room.pins = [
        Message(main.room.name, one.seq or 0, one.author, one.body, one.sent_at) for one in said[-2:]
    ]
    main.apply(PinsChanged(main.room.key))
    main.show_pane("pins")
    photographer.take(f"pins-{theme}", app, lambda: len(main.pins.list.rows) == 2)


def take_upload(photographer: Photographer, app: App, theme: str) -> None:
    """Send a picture and a large file, and stop in the middle of the second."""
    main = app.main
    assert main is not None
    main.open_room("general")
    folder = app.client.home / "to-send"
    folder.mkdir(exist_ok=True)
    view, video = folder / "Salle de réunion.png", folder / "Visite des locaux.mp4"
    view.write_bytes(landscape(480, 200))
    video.write_bytes(bytes(30_000_000))
    stop = threading.Event()
    pieces = transfer._pieces

    def held(*arguments: Any) -> Iterator[bytes]:
        for number, piece in enumerate(pieces(*arguments)):
            if number == 200:
                stop.wait(PATIENCE_S)
            yield piece

    transfer._pieces = held  # type: ignore[assignment]  # until the picture is taken
    try:
        main.view.files.add([view, video])
        main.view.files.send("general", "Les photos de ce matin, et la visite :", None)
        main.jump_to_newest()

        def half_way() -> bool:
            return any(one.done > 12_000_000 for one in main.state.transfers.values())

        photographer.take(f"upload-{theme}", app, half_way)
    finally:
        transfer._pieces = pieces
        for key in list(main.state.transfers):
            app.client.files.cancel(key)
        stop.set()


def take_sign_in(photographer: Photographer, folder: Path) -> None:
    for language, name in (("fr", "sign-in"), ("en", "sign-in-english")):
        app = open_app(folder / name, language, "light")
        assert app.sign_in is not None
        app.sign_in.host.set("chat.example.org")
        app.sign_in.name.set("zoe")
        app.sign_in.password.set(PASSWORD)
        photographer.take(name, app)
        app.close()


def wait_for_main(app: App) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while app.main is None or app.client.state.connection.phase != Phase.ONLINE:
        assert time.monotonic() < deadline
        app.root.update()
        app.tick()
        time.sleep(0.01)


def make_admin(data: Path) -> None:
    """Make the account whose window is shown an administrator, before the server starts."""
    command = [sys.executable, "-m", "chat_server.admin", "--data-dir", str(data)]
    command += ["--database", f"sqlite:///{data}/chat.db", "create-admin", "zoe"]
    subprocess.run(command, input=PASSWORD + "\n", text=True, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--scale", type=float, default=1.0, help="the density of the screen, 2 for HiDPI")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    os.environ["CHAT_SCALE"] = str(options.scale)
    suffix = "" if options.scale == 1 else f"-{options.scale:.0%}".rstrip("%")
    size = f"{round(1200 * options.scale)}x{round(800 * options.scale)}x24"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chat-")))
        certificate, key = make_certificate(folder)
        make_admin(folder / "data")
        server = start_server(
            folder / "data", "--tls-cert", str(certificate), "--tls-key", str(key), "--no-limits"
        )
        stack.callback(server.stop)
        buffer = stack.enter_context(screen(folder, size))
        take_all(Photographer(buffer, options.folder, suffix), server, folder, stack)


if __name__ == "__main__":
    main()
