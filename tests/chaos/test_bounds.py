"""What a failure may cost is compared with what it did: by share, and in words where it was more."""

from tests.chaos.bounds import Ledger, Seen, afterwards, elsewhere, heard, others, writes


def seen(
    *, hit: tuple[float, ...] = (), rest: tuple[float, ...] = (), stood_s: float = 0.0, lasted_s: float = 0.0
) -> Seen:
    return Seen(lasted_s, hit, rest, stood_s, heard=())


def test_bound_that_is_held() -> None:
    """Nothing is said, and the table has the figure."""
    ledger = Ledger({"kill": (elsewhere(3.0), writes(5.0), others(1.0), heard(0.1))})
    ledger.add("kill", seen(hit=(2.9, 0.1), stood_s=4.0))
    assert ledger.broken() == []
    lines = ledger.table().splitlines()[2:]
    assert [line.split("|")[-3:-1] for line in lines] == [
        [" 2.90 s ", " yes "],
        [" 4.00 s ", " yes "],
        [" - ", " - "],
        [" - ", " - "],
    ]


def test_bound_that_is_not_held() -> None:
    """It is told with its figure, and stands in the table; a failure that did not happen has no line."""
    ledger = Ledger({"kill": (writes(5.0),), "cut": (writes(5.0),)})
    ledger.add("kill", seen(stood_s=1.0))
    ledger.add("kill", seen(stood_s=5.1))
    assert ledger.broken() == ["kill: no message at all is stored for 5.10 s, at most 5 s are allowed"]
    assert ledger.table().splitlines()[2:] == [
        "| kill | no message at all is stored for | 5 s | 5.10 s | no |"
    ]


def test_share_of_the_samples() -> None:
    """Five of a hundred may be late, and not six."""
    late = [9.0] * 5
    assert elsewhere(3.0).figure([seen(hit=tuple([1.0] * 95 + late))]) == 1.0
    assert elsewhere(3.0).figure([seen(hit=tuple([1.0] * 94 + [*late, 9.0]))]) == 9.0


def test_bound_from_the_end_of_the_failure() -> None:
    """Whoever was served before has waited for nothing."""
    assert afterwards(3.0).figure([seen(hit=(9.5, 1.0), lasted_s=8.0)]) == 1.5
    assert afterwards(3.0).figure([seen(hit=(1.0,), lasted_s=8.0)]) == 0.0
