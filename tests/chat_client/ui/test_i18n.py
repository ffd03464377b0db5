"""The catalogues: complete in each language, used, and read as gettext reads them."""

import re
import string
from pathlib import Path

import pytest

import chat_client
from chat_client import i18n
from chat_client.model.pictures import Fault
from chat_protocol.errors import ALL_CODES

CLIENT = Path(chat_client.__file__).parent
#: The codes that the client itself gives (see ConnectionState in chat_client/model/state.py).
OWN_CODES = {
    "unreachable", "dropped", "silent", "not_tls", "not_chat", "fingerprint_changed", "fingerprint_unknown",
    "insecure_refused", "suspended", "not_connected", "other", "file_unreadable", "file_changed",
    "files_off", "not_saved",
}  # fmt: skip
#: Ids that are put together in the code: their beginnings, and where the ends come from.
COMPOSED = {
    "error.": ALL_CODES | OWN_CODES | {"shutdown", "slow_consumer", "killed"},
    "connection.": {"connecting", "fingerprint", "signing_in", "encrypted", "plain"},
    "ended.": {"kicked", "banned", "killed", "shutdown", "slow_consumer"},
    "notify.": {"all", "mentions", "none"},
    "status.": {"online", "away", "busy", "offline"},
    "picture.": {fault.value for fault in Fault},
    "moderation.": {"requests", "sanctions", "people", "invitations", "audit"},
    "sanctions.": {"mute", "kick", "ban", "10m", "1h", "1d", "1w", "forever"},
    "sanctions.do_": {"mute", "kick", "ban"},
    "sanctions.means_": {"mute", "kick", "ban"},
    "person.role_": {"member", "moderator", "admin"},
    "person.": {"mute", "kick", "ban", "mute_title", "kick_title", "ban_title"},
    "rooms.": {"favourites", "joined", "direct", "other", "archived"},
    "date_jump.": {"today", "yesterday", "week", "month", "year"},
    "keeping.kind_": {"private", "public", "moderated"},
    "keeping.means_": {"private", "public", "moderated"},
    "done.": {"save", "set_avatar", "no_avatar"},
    "done.room.": {"add", "remove", "archive", "edit"},
    "date.weekday": {str(number) for number in range(7)},
    "date.month": {str(number) for number in range(1, 13)},
    "date.month_short": {str(number) for number in range(1, 13)},
}
_LITERAL = re.compile(r"[\"']([a-z_]+\.[a-z_0-9]+)[\"']")


@pytest.fixture(params=sorted(i18n.LANGUAGES))
def catalogue(request):
    return i18n.load(request.param)


def wanted():
    """Collect every id that the code names."""
    sources = [*(CLIENT / "ui").rglob("*.py"), *(CLIENT / "terminal").rglob("*.py"), CLIENT / "i18n.py"]
    sources += [CLIENT / "file_words.py", CLIENT / "transcript_words.py"]
    named = {found for path in sources for found in _LITERAL.findall(path.read_text(encoding="utf-8"))}
    known = set(i18n.load("en").messages)
    composed = {beginning + end for beginning, ends in COMPOSED.items() for end in ends}
    prefixes = {message_id.partition(".")[0] for message_id in known}
    return {name for name in named if name.partition(".")[0] in prefixes} | composed


def test_catalogue_has_every_message(catalogue):
    """Each message that the code asks for is there."""
    files = {"locale.po"}
    assert wanted() - set(catalogue.messages) - files == set()


def test_catalogue_has_no_message_too_many(catalogue):
    """No message is left over from something that is no longer shown."""
    assert set(catalogue.messages) - wanted() == set()


def test_messages_are_not_empty(catalogue):
    """Each message says something, in each of its forms."""
    assert [name for name, forms in catalogue.messages.items() if not all(forms)] == []


def test_languages_agree():
    """A message has the same values and the same kind of plural in each language."""
    english, french = i18n.load("en").messages, i18n.load("fr").messages

    def fields(forms):
        return [{name for _, name, _, _ in string.Formatter().parse(form) if name} for form in forms]

    for name in english:
        assert fields(english[name]) == fields(french[name]), name


def test_french_differs_from_english():
    """The French catalogue is French: few messages are the same in both."""
    english, french = i18n.load("en").messages, i18n.load("fr").messages
    same = {name for name in english if english[name] == french[name]}
    assert len(same) < 20, sorted(same)


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [
        ("en", 0, "0 new messages"),
        ("en", 1, "1 new message"),
        ("fr", 0, "0 nouveau message"),
        ("fr", 1, "1 nouveau message"),
        ("fr", 2, "2 nouveaux messages"),
    ],
)
def test_plural_follows_the_language(language, number, text):
    """Zero is singular in French and plural in English."""
    i18n.use(language)
    assert i18n.ngettext("timeline.new_below", number) == text


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "fr_CA.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANGUAGE": "fr:en", "LANG": "en_US"}, "fr"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
    ],
)
def test_system_language(environ, language):
    """The language follows the system where there is a catalogue for it."""
    assert i18n.system_language(environ) == language


@pytest.mark.parametrize(
    ("language", "message_id", "text"),
    [
        ("en", "password.old", "Current password"),
        ("en", "signin.title_first", "Welcome"),
        ("fr", "signin.title_first", "Bienvenue"),
        ("fr", "notify.all", "Me prévenir de tous les messages"),
        ("fr", "keys.title", "Raccourcis clavier"),
        ("fr", "status.text", "Message de statut…"),
        (
            "fr",
            "error.weak_password",
            "Le mot de passe doit compter au moins 10 caractères et différer du nom.",
        ),
    ],
)
def test_words_that_were_mistaken_once(language, message_id, text):
    """“Signaler” is to report somebody, ten characters are the least, and a first start is no return."""
    i18n.use(language)
    assert i18n._(message_id) == text


def test_error_of_a_newer_server():
    """A code that this client does not know is shown by a general sentence."""
    i18n.use("en")
    assert i18n.error_text("quantum_trouble") == "The server refused this (quantum_trouble)."
    assert i18n.error_text("muted") == "You may not write at the moment."


def test_values_are_not_read_as_messages():
    """Braces in what people write are text."""
    i18n.use("en")
    assert i18n._("composer.hint", room="{0} {x}") == "Write to {0} {x}"


def test_po_with_continued_lines_and_escapes():
    """The reader of catalogues knows continued strings, escapes and comments."""
    catalogue = i18n.parse_po(
        '# a comment\nmsgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n'
        'msgid "a.b"\nmsgstr ""\n"one "\n"\\"two\\"\\n"\n',
        "fr",
    )
    assert catalogue.messages == {"a.b": ('one "two"\n',)}
    assert [catalogue.plural(number) for number in (0, 1, 2)] == [0, 0, 1]


def test_po_with_a_broken_line():
    """A broken catalogue is an error that names the line."""
    with pytest.raises(ValueError, match="line 2"):
        i18n.parse_po('msgid "a"\nmsgstr nothing\n', "en")
