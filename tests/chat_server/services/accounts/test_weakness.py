"""Passwords that would be guessed first are refused, and good ones are not."""

import pytest

from chat_server.services.accounts.weakness import _common, weakness_of


@pytest.mark.parametrize(
    "password",
    [
        "password123",
        "Password2024!",
        "P@ssw0rd123",
        "1234567890",
        "qwertyuiop",
        "iloveyou!!",
        "dragondragon",
        "aaaaaaaaaaaa",
        "abc123abc123",
        "marguerite",
        "marguerite1975",
        "etireugram12",
    ],
)
def test_password_that_would_be_guessed_first_is_weak(password: str) -> None:
    """Common ones with a year or a sign added, repeated ones, and those made of the name."""
    assert weakness_of(password, "Marguerite")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "quite another password",
        "zk3-vv9q-pp2m",
        "marguerite likes tulips",
        "日本語のパスワード長い",
    ],
)
def test_good_password_is_taken(password: str) -> None:
    """Several words, random ones and other scripts are no common passwords."""
    assert weakness_of(password, "Marguerite") == ""


def test_list_has_ten_thousand_passwords() -> None:
    """The file is read whole, without its licence."""
    assert len(_common()) == 10_000


@pytest.mark.parametrize(
    ("name", "password", "weak"),
    [
        ("ann", "ann-zk3-v", True),
        ("ann", "zk3-vvann", True),
        ("ann", "ann-zk3-vv", False),
        ("al", "al-zk3", False),
        ("zoe", "zk3-vv", False),
    ],
)
def test_name_counts_where_it_is_long_enough_and_in_the_password(
    name: str, password: str, weak: bool
) -> None:
    """Up to six characters beside it are no password of their own; two letters stand in many good ones."""
    assert bool(weakness_of(password, name)) == weak


@pytest.mark.parametrize(("password", "weak"), [("z" * 12, True), ("zq" * 6, False)])
def test_one_character_repeated_is_told_as_such(password: str, weak: bool) -> None:
    """Two are something else."""
    assert ("one character" in weakness_of(password, "ann")) == weak
