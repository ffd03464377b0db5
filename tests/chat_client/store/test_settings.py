"""What a user chose, and what holds before."""

from pathlib import Path

from chat_client.store.settings import DEFAULTS, Settings


def test_settings_before_anything_was_chosen(tmp_path: Path) -> None:
    """The system decides on look and language; notifications, a kept sign-in, spelling, the tray are on."""
    settings = Settings(tmp_path)
    assert {name: settings.get(name) for name in DEFAULTS if DEFAULTS[name]} == {
        "text_percent": 100,
        "desktop_notifications": True,
        "away_after_minutes": 10,
        "stay_signed_in": True,
        "spell_check": True,
        "tray": True,
    }
