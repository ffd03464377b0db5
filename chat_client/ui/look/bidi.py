"""Puts right-to-left text into the order in which it is read, for a Tk that draws it as it is stored (X11).

Pure functions on text, for display only: what is stored, sent and copied is never touched. The order is that
of the Unicode Bidirectional Algorithm (UAX 9) without its control characters, which are never shown; Arabic
letters take the forms that join them (Unicode, section 9.2), from the tables that Python has.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_PAIRS: Final = "()[]{}<>«»‹›≤≥≪≫⟨⟩⟦⟧❨❩⦅⦆"
_MIRRORED: Final = {_PAIRS[at]: _PAIRS[at ^ 1] for at in range(len(_PAIRS))}
_BRACKETS: Final = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "⟦": "⟧", "❨": "❩", "⦅": "⦆"}
_NEUTRAL: Final = ("B", "S", "WS", "ON", "BN")
_JOINER: Final = "\u200d"
_TATWEEL: Final = "\u0640"
_LAM: Final = "\u0644"


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character as it is shown, and the places in the stored text that it stands for."""

    text: str
    sources: tuple[int, ...]


def is_right_to_left(text: str) -> bool:
    """Say whether anything in a text is read from the right."""
    return _RIGHT_TO_LEFT.search(text) is not None


def begins_right_to_left(text: str) -> bool:
    """Say whether a paragraph as a whole is read from the right: its first letter is (UAX 9, P2 and P3)."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return False


def in_reading_order(text: str) -> str:
    """Put the lines of a text, which have room, into the order in which they are shown."""
    if not is_right_to_left(text):
        return text
    return "\n".join(
        "".join(glyph.text for glyph in arranged(line)[0]) if is_right_to_left(line) else line
        for line in text.split("\n")
    )


def arranged(line: str, fits: Callable[[str], bool] = lambda _text: True) -> list[list[Glyph]]:
    """Break one paragraph into lines that fit, and put each into the order in which it is shown.

    :param line: without a newline.
    :param fits: says whether a piece of the stored text has room on a line.
    """
    levels = _levels(line)
    glyphs = _joined(line)
    lines = []
    for first, last in _broken(line, fits):
        inside = [glyph for glyph in glyphs if first <= glyph.sources[0] < last]
        lines.append(_reordered(line, inside, levels))
    return lines


def _broken(line: str, fits: Callable[[str], bool]) -> list[tuple[int, int]]:
    """Break after spaces, the way that Tk breaks; the space stays at the end of its line."""
    if fits(line):
        return [(0, len(line))]
    pieces, first, last = [], 0, 0
    for found in re.finditer(r"\S*\s*", line):
        if found.end() > last and last > first and not fits(line[first : found.end()].rstrip()):
            pieces.append((first, last))
            first = last
        last = found.end()
    return [*pieces, (first, len(line))]


# The order (UAX 9)


def _levels(text: str) -> list[int]:
    """Give each character its embedding level."""
    base = int(begins_right_to_left(text))
    kinds = [unicodedata.bidirectional(character) or "L" for character in text]
    outside = "R" if base else "L"
    _resolve_weak(kinds, outside)
    _resolve_brackets(text, kinds, outside)
    _resolve_neutral(kinds, outside)
    levels = [base + _step(kind, base) for kind in kinds]
    for at in reversed(range(len(text))):  # L1: space at the end stands at the end of the paragraph
        if not text[at].isspace():
            break
        levels[at] = base
    return levels


def _step(kind: str, base: int) -> int:
    if base:
        return int(kind in ("L", "EN", "AN"))
    return {"R": 1, "EN": 2, "AN": 2}.get(kind, 0)


def _resolve_weak(kinds: list[str], outside: str) -> None:
    """Rules W1 to W7: numbers, their signs, and marks."""
    before, strong = outside, outside
    for at, kind in enumerate(kinds):
        if kind == "NSM":
            kind = kinds[at] = before
        before = kind
        if kind in ("L", "R", "AL"):
            strong = kind
        elif kind == "EN" and strong == "AL":
            kinds[at] = "AN"
    for at, kind in enumerate(kinds):
        if kind == "AL":
            kinds[at] = "R"
    for at in range(1, len(kinds) - 1):
        left, right = kinds[at - 1], kinds[at + 1]
        if left == right and (
            (kinds[at] == "ES" and left == "EN") or (kinds[at] == "CS" and left in ("EN", "AN"))
        ):
            kinds[at] = left
    for first, last in _runs(kinds, ("ET", "BN")):
        beside = (kinds[first - 1] if first else "", kinds[last] if last < len(kinds) else "")
        has_sign = "ET" in kinds[first:last]
        kinds[first:last] = ["EN" if has_sign and "EN" in beside else "ON"] * (last - first)
    strong = outside
    for at, kind in enumerate(kinds):
        if kind in ("ES", "CS", "ET"):
            kinds[at] = "ON"
        elif kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"


def _runs(kinds: Sequence[str], wanted: tuple[str, ...]) -> list[tuple[int, int]]:
    runs, first = [], -1
    for at, kind in enumerate([*kinds, ""]):
        if kind in wanted:
            first = at if first < 0 else first
        elif first >= 0:
            runs.append((first, at))
            first = -1
    return runs


def _resolve_brackets(text: str, kinds: list[str], outside: str) -> None:
    """Rule N0: the two of a pair of brackets go the same way."""
    for opening, closing in _bracket_pairs(text, kinds):
        inside = {_strong(kind) for kind in kinds[opening + 1 : closing]} - {""}
        if outside in inside:
            way = outside
        elif inside:
            other = "L" if outside == "R" else "R"
            before = next((_strong(k) for k in reversed(kinds[:opening]) if _strong(k)), outside)
            way = other if before == other else outside
        else:
            continue
        kinds[opening] = kinds[closing] = way


def _bracket_pairs(text: str, kinds: list[str]) -> list[tuple[int, int]]:
    pairs, open_ones = [], list[tuple[str, int]]()
    for at, character in enumerate(text):
        if kinds[at] != "ON":
            continue
        if character in _BRACKETS:
            open_ones.append((_BRACKETS[character], at))
        for depth in reversed(range(len(open_ones))):
            if open_ones[depth][0] == character:
                pairs.append((open_ones[depth][1], at))
                del open_ones[depth:]
                break
    return sorted(pairs)


def _strong(kind: str) -> str:
    return "R" if kind in ("R", "EN", "AN") else "L" if kind == "L" else ""


def _resolve_neutral(kinds: list[str], outside: str) -> None:
    """Rules N1 and N2: what has no direction goes with both its neighbours, or with the paragraph."""
    for first, last in _runs(kinds, _NEUTRAL):
        left = _strong(kinds[first - 1]) if first else outside
        right = _strong(kinds[last]) if last < len(kinds) else outside
        kinds[first:last] = [left if left == right else outside] * (last - first)


def _reordered(text: str, glyphs: list[Glyph], levels: list[int]) -> list[Glyph]:
    """Reverse from the highest level down (L2); marks stay behind their letter (L3), brackets turn (L4)."""
    clusters = _clusters(glyphs)
    heights = [levels[cluster[0].sources[0]] for cluster in clusters]
    base = int(begins_right_to_left(text))
    for at in reversed(range(len(clusters))):  # L1, for the end of this line
        if not clusters[at][0].text.isspace():
            break
        heights[at] = base
    order = list(range(len(clusters)))
    for level in range(max(heights, default=0), 0, -1):
        first = 0
        while first < len(order):
            last = first
            while last < len(order) and heights[order[last]] >= level:
                last += 1
            order[first:last] = order[first:last][::-1]
            first = max(last, first + 1)
    return [glyph for at in order for glyph in _turned(clusters[at], heights[at])]


def _clusters(glyphs: list[Glyph]) -> list[list[Glyph]]:
    """Keep a letter and its marks together, and an emoji that is made of several."""
    clusters: list[list[Glyph]] = []
    for glyph in glyphs:
        mark = glyph.text == _JOINER or unicodedata.category(glyph.text[0]) in ("Mn", "Me", "Mc", "Sk")
        joined = bool(clusters) and clusters[-1][-1].text == _JOINER
        if clusters and (joined or (mark and glyph.text not in "^`¨¯´¸")):
            clusters[-1].append(glyph)
        else:
            clusters.append([glyph])
    return clusters


def _turned(cluster: list[Glyph], level: int) -> list[Glyph]:
    mirrored = _MIRRORED.get(cluster[0].text) if level % 2 else None
    return [Glyph(mirrored, cluster[0].sources), *cluster[1:]] if mirrored else cluster


# The forms of Arabic letters


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Give the forms of each letter, and of lam with alef: letters -> initial, medial, final, isolated."""
    forms: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFDFC), *range(0xFE80, 0xFEFD)):
        kind, *parts = unicodedata.decomposition(chr(code)).split() or [""]
        letters = "".join(chr(int(part, 16)) for part in parts)
        if len(letters) == 1 or (len(letters) == 2 and letters[0] == _LAM and code >= 0xFEF5):
            forms.setdefault(letters, {}).setdefault(kind.strip("<>"), chr(code))
    return forms


def _joined(text: str) -> list[Glyph]:
    """Give each letter the form that joins it to its neighbours; lam and alef become one."""
    glyphs: list[Glyph] = []
    forms, at = _forms(), 0
    while at < len(text):
        pair = text[at : at + 2]
        letters = pair if len(pair) == 2 and pair in forms else text[at]
        shapes = forms.get(letters)
        sources = tuple(range(at, at + len(letters)))
        at += len(letters)
        if shapes is None:
            glyphs.append(Glyph(letters, sources))
            continue
        before = "final" in shapes and _joins_forward(_neighbour(text, sources[0], -1))
        after = "initial" in shapes and _joins_backward(_neighbour(text, sources[-1], 1))
        kind = {(False, False): "isolated", (True, False): "final", (False, True): "initial"}.get(
            (before, after), "medial"
        )
        glyphs.append(Glyph(shapes.get(kind) or letters, sources))
    return glyphs


def _neighbour(text: str, at: int, step: int) -> str:
    at += step
    while 0 <= at < len(text) and unicodedata.category(text[at]) == "Mn":
        at += step
    return text[at] if 0 <= at < len(text) else ""


def _joins_forward(letter: str) -> bool:
    return letter == _TATWEEL or "initial" in _forms().get(letter, {})


def _joins_backward(letter: str) -> bool:
    return letter == _TATWEEL or "final" in _forms().get(letter, {})
