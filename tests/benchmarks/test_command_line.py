"""The command lines of the measuring programs, as `make` calls them."""

import argparse
from collections.abc import Callable

import pytest

from benchmarks import cli
from benchmarks.siege import __main__ as siege


@pytest.mark.parametrize(("parser", "part"), [(cli.parser, "flood"), (siege.parser, "siege")])
def test_database_of_make_is_the_one_measured(
    parser: Callable[[], argparse.ArgumentParser], part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make siege DATABASE=mariadb` measured SQLite: the program did not look where `make` puts the URL."""
    monkeypatch.setenv("CHAT_BENCH_DATABASE", "mariadb")

    assert parser().parse_args([part]).database == "mariadb"
