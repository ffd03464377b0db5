"""Fixtures of the sheets' tests."""

import pytest


@pytest.fixture
def door(start):
    """The window of somebody who is not signed in."""
    return start("960x700")


@pytest.fixture
def account_menu(hand, monkeypatch):
    """The menu of one's own account, opened."""
    monkeypatch.setattr(hand.main.menus.menu, "tk_popup", lambda x, y: None)
    hand.main.show_account_menu()
    return hand.main.menus.menu
