"""Metrics as text, in the formats that Prometheus reads; it must not know what they mean.

OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/), and the text format 0.0.4 before it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from chat_server.measurements import Distribution

OPENMETRICS: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN: Final = "text/plain; version=0.0.4; charset=utf-8"
GAUGE: Final = "gauge"
COUNTER: Final = "counter"
HISTOGRAM: Final = "histogram"

Value = float | Mapping[str, float] | Distribution


@dataclass(frozen=True, slots=True)
class Family:
    """One metric.

    :param name: without the suffixes of a kind; a counter's gets `_total`.
    :param value: a number; numbers by the value of the label; or a distribution.
    :param label: the name of the label where there are numbers by label.
    """

    name: str
    kind: str
    help: str
    value: Value
    label: str = ""


def render(families: Iterable[Family], *, openmetrics: bool) -> str:
    """Write families as text."""
    lines: list[str] = []
    for family in families:
        classic_counter = family.kind == COUNTER and not openmetrics
        name = f"{family.name}_total" if classic_counter else family.name
        lines += (f"# HELP {name} {_escaped(family.help)}", f"# TYPE {name} {family.kind}", *_samples(family))
    if openmetrics:
        lines.append("# EOF")
    return "\n".join(lines) + "\n"


def _samples(family: Family) -> Iterator[str]:
    value = family.value
    if isinstance(value, Distribution):
        for bound, count in zip(value.bounds, value.cumulative, strict=True):
            yield f'{family.name}_bucket{{le="{float(bound)}"}} {count}'
        yield f'{family.name}_bucket{{le="+Inf"}} {value.count}'
        yield f"{family.name}_sum {_number(value.sum)}"
        yield f"{family.name}_count {value.count}"
        return
    name = f"{family.name}_total" if family.kind == COUNTER else family.name
    if not isinstance(value, Mapping):
        yield f"{name} {_number(value)}"
        return
    for label, number in sorted(value.items()):
        yield f'{name}{{{family.label}="{_escaped(label)}"}} {_number(number)}'


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
