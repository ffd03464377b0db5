"""Puts the runs of a message that is read from the right into the order in which they are shown; no widget.

It keeps what each shown character stands for, so that copying gives the text as it was written.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from chat_client.ui.look.bidi import Glyph, arranged, begins_right_to_left, is_right_to_left
from chat_client.ui.room.timeline.wording import Run

#: Whether a text in some styles has room on one line.
Fits = Callable[[str, tuple[str, ...]], bool]


@dataclass(slots=True)
class Original:
    """What a shown text was before: ``text``, and for each shown character its places in it."""

    text: str = ""
    places: list[tuple[int, ...]] = field(default_factory=list)

    def of(self, first: int, last: int) -> str:
        """Give what the shown characters from ``first`` to before ``last`` stand for, in its own order."""
        places = sorted({place for chosen in self.places[first:last] for place in chosen})
        return "".join(self.text[place] for place in places)

    def add(self, text: str, places: list[tuple[int, ...]]) -> None:
        """Add a piece; its places count from its own beginning."""
        start = len(self.text)
        self.text += text
        self.places += [tuple(start + place for place in chosen) for chosen in places]


def needs_reordering(runs: list[Run]) -> bool:
    """Say whether anything in a message is read from the right."""
    return any(is_right_to_left(run.text) for run in runs)


def reordered(runs: list[Run], fits: Fits) -> tuple[list[Run], Original]:
    """Give the runs as they are shown, and what they stand for."""
    shown: list[Run] = []
    original = Original()
    for line in _lines(runs):
        text = "".join(run.text for run in line)
        if is_right_to_left(text):
            shown += _line(line, fits, original)
        else:
            shown += line
            original.add(text, [(place,) for place in range(len(text))])
    return shown, original


def _lines(runs: list[Run]) -> Iterator[list[Run]]:
    """Split runs after each newline."""
    line: list[Run] = []
    for run in runs:
        if not run.text:
            line.append(run)
        for piece in run.text.splitlines(keepends=True):
            line.append(Run(piece, run.styles, run.picture, run.chips))
            if piece.endswith("\n"):
                yield line
                line = []
    if line:
        yield line


def _line(line: list[Run], fits: Fits, original: Original) -> list[Run]:
    """Arrange one line; what is noted behind a message, such as "(edited)", stays at its end."""
    notes = next((at for at, run in enumerate(line) if "note" in run.styles), len(line))
    body, tail = line[:notes], [run for run in line[notes:] if run.text != "\n"]
    end = line[-1] if line[-1].text.endswith("\n") else None
    ends = [Run("\n", end.styles)] if end is not None else []
    leading = [run for run in body if run.picture]
    styles = [run.styles for run in body for character in run.text if character != "\n"]
    words = "".join(run.text for run in body).rstrip("\n")
    first_styles = styles[0] if styles else ()
    from_right = begins_right_to_left(words)
    shown = list(leading)
    pieces = arranged(words, lambda piece: fits(piece, first_styles))
    for number, glyphs in enumerate(pieces):
        if number:
            shown.append(Run("\n", first_styles))
            original.add("", [()])
        if number == len(pieces) - 1 and from_right and tail:
            shown += [*tail, Run("  ", tail[-1].styles)]
            original.add("", [()] * (2 + sum(len(run.text) for run in tail)))
        shown += _styled(glyphs, styles)
        original.places += [tuple(len(original.text) + at for at in g.sources) for g in glyphs]
    original.text += words
    if not from_right:
        shown += tail
        original.add("".join(run.text for run in tail), [()] * sum(len(run.text) for run in tail))
    original.add("\n" if ends else "", [(0,)] if ends else [])
    return _aligned([*shown, *ends]) if from_right else [*shown, *ends]


def _styled(glyphs: list[Glyph], styles: list[tuple[str, ...]]) -> list[Run]:
    return [
        Run("".join(glyph.text for glyph in group), style)
        for style, group in groupby(glyphs, key=lambda glyph: styles[glyph.sources[0]])
    ]


def _aligned(runs: list[Run]) -> list[Run]:
    """Let lines that are read from the right stand at the right."""
    return [Run(run.text, (*run.styles, "from_right"), run.picture, run.chips) for run in runs]
