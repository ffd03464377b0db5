"""Owns the language of the window: reads gettext catalogues (``locale/``) and looks messages up by id.

No tkinter here. Call it from one thread, the one of the views. The catalogues are read as they are
written, so that a fresh clone needs no compiler of catalogues.
"""

import ast
import gettext
import locale
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources

LOCALE_FOLDER = resources.files("chat_client") / "locale"  # perhaps in an archive
FALLBACK = "en"

#: Each language by its own name, for the switch.
LANGUAGES = {"en": "English", "fr": "Français"}

_log = logging.getLogger("chat.client.i18n")


@dataclass(slots=True)
class Catalogue:
    """The messages of one language: id -> its forms (one, or as many as the language has plurals)."""

    language: str
    messages: dict[str, tuple[str, ...]] = field(default_factory=dict)
    plural: Callable[[int], int] = lambda number: int(number != 1)

    def text(self, message_id: str, number: int | None = None) -> str | None:
        """Return a message's translation in the form for ``number``, or None where there is none."""
        forms = self.messages.get(message_id)
        if forms is None:
            return None
        index = self.plural(number) if number is not None else 0
        return forms[min(index, len(forms) - 1)]


def parse_po(text: str, language: str) -> Catalogue:
    """Read a catalogue in the format of gettext's ``.po`` files.

    :raises ValueError: where a line is none of a comment, a keyword and a quoted string.
    """
    catalogue = Catalogue(language)
    for entry in _entries(text):
        message_id = entry.get("msgid", "")
        if not message_id:
            _read_header(catalogue, entry.get("msgstr", ""))
            continue
        plurals = tuple(entry[key] for key in sorted(entry) if key.startswith("msgstr["))
        catalogue.messages[message_id] = plurals or (entry.get("msgstr", ""),)
    return catalogue


def _entries(text: str) -> Iterator[dict[str, str]]:
    entry: dict[str, str] = {}
    key = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith('"'):
            entry[key] += _unquote(line, number)
            continue
        key, _, quoted = line.partition(" ")
        if key == "msgid" and entry:
            yield entry
            entry = {}
        entry[key] = _unquote(quoted.strip(), number)
    if entry:
        yield entry


def _unquote(quoted: str, number: int) -> str:
    if len(quoted) < 2 or quoted[0] != '"' or quoted[-1] != '"':
        raise ValueError(f"line {number}: not a quoted string: {quoted}")
    return str(ast.literal_eval(quoted))


def _read_header(catalogue: Catalogue, header: str) -> None:
    for line in header.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "Plural-Forms":
            expression = value.partition("plural=")[2].strip().rstrip(";")
            catalogue.plural = gettext.c2py(expression)


def load(language: str) -> Catalogue:
    """Read the catalogue of a language of :data:`LANGUAGES`."""
    path = LOCALE_FOLDER / language / "LC_MESSAGES" / "chat_client.po"
    return parse_po(path.read_text(encoding="utf-8"), language)


def system_language(environ: Mapping[str, str] = os.environ) -> str:
    """Choose the system's language where there is a catalogue for it, and English otherwise."""
    for name in _system_locales(environ):
        code = name.replace("-", "_").partition("_")[0].lower()
        if code in LANGUAGES:
            return code
        if code and code not in ("c", "posix"):
            break
    return FALLBACK


def _system_locales(environ: Mapping[str, str]) -> Iterator[str]:
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(variable):
            yield from (part.partition(".")[0] for part in environ[variable].split(":"))
            return
    if sys.platform == "win32":
        import ctypes

        identifier = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        yield locale.windows_locale.get(identifier, "")
    yield locale.getlocale()[0] or ""


_current = Catalogue(FALLBACK)
_fallback = Catalogue(FALLBACK)


def use(language: str) -> None:
    """Switch the language; an empty or unknown name follows the system."""
    global _current, _fallback
    if not _fallback.messages:
        _fallback = load(FALLBACK)
    chosen = language if language in LANGUAGES else system_language()
    _current = load(chosen) if chosen != FALLBACK else _fallback


def language() -> str:
    """Name the language in use."""
    return _current.language


def _(message_id: str, /, **values: object) -> str:
    """Look a message up and fill in its values; an unknown id is logged and shown as it is."""
    return _filled(message_id, None, values)


def ngettext(message_id: str, number: int, /, **values: object) -> str:
    """Look a message up in the form that ``number`` calls for; ``{n}`` in it is the number."""
    return _filled(message_id, number, {"n": number, **values})


def has(message_id: str) -> bool:
    """Say whether there is such a message."""
    if not _fallback.messages:
        use("")
    return message_id in _fallback.messages


def error_text(code: str, **values: object) -> str:
    """Say an error code in the reader's language; a code of a newer server gets a general sentence."""
    message_id = f"error.{code}"
    return _(message_id, **values) if has(message_id) else _("error.other", code=code)


def _filled(message_id: str, number: int | None, values: Mapping[str, object]) -> str:
    if not _current.messages:
        use("")
    text = _current.text(message_id, number)
    if text is None:
        text = _fallback.text(message_id, number)
    if text is None:
        _log.error("no message %r in any catalogue", message_id)
        return message_id
    return text.format(**values) if values else text
