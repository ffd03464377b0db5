"""Which emoji were taken lately."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

from chat_client.engine.core import Core
from chat_client.engine.emoji import RECENT_MAX, RecentEmoji
from chat_client.store.settings import Settings


def test_recent_ones_are_kept_for_each_account(tmp_path: Path) -> None:
    """They outlast a restart, belong to the account, and are not many."""

    def of(account: str) -> RecentEmoji:
        return RecentEmoji(cast(Core, SimpleNamespace(account=account)), Settings(tmp_path))

    emoji = [chr(0x1F600 + number) for number in range(RECENT_MAX + 4)]
    for one in [*emoji, emoji[-2]]:
        of("zoe").used(one)
    assert of("zoe").recent()[:3] == (emoji[-2], emoji[-1], emoji[-3])
    assert len(of("zoe").recent()) == RECENT_MAX
    assert of("jules").recent() == ()
