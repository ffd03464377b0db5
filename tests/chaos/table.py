"""The result as a table in Markdown, for a terminal and for docs/run/reliability.md alike."""

from dataclasses import asdict, fields

from tests.chaos.rounds import Result, Row

HEADS = (
    "rounds",
    "sent",
    "acknowledged",
    "lost",
    "doubled",
    "other faults found",
    "longest answer",
    "longest recovery",
)


def _total(rows: list[Row]) -> Row:
    """Sums, and of times the longest."""
    total = Row()
    for item in fields(Row):
        values = [getattr(row, item.name) for row in rows]
        setattr(total, item.name, max(values) if item.name.endswith("_s") else sum(values))
    return total


def _line(name: str, row: Row) -> str:
    cells = [f"{value:.2f} s" if name.endswith("_s") else f"{value:,}" for name, value in asdict(row).items()]
    return f"| {name} | {' | '.join(cells)} |"


def table(result: Result) -> str:
    """Return the table, a line for each kind of fault and one for all."""
    lines = [f"| fault | {' | '.join(HEADS)} |", "|---" * (len(HEADS) + 1) + "|"]
    lines += [_line(name, row) for name, row in result.rows.items() if row.rounds]
    lines.append(_line("**all**", _total(list(result.rows.values()))))
    return "\n".join(lines)
