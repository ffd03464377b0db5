"""What a server stored and died before telling is found by comparing with storage."""

import pytest

from tests.chat_server.building import ADMIN
from tests.chat_server.cluster.pair import Pair, is_in, is_known, muted, sanction, was_ended


def test_what_a_server_died_before_telling_is_found(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a minute a server compares sanctions, rooms, users and settings with storage."""
    with monkeypatch.context() as patch:
        patch.setattr(pair.first.server.parts.audience, "_pass_on", None)
        admin, roles = pair.first.services.room_admin, pair.first.server.parts.roles
        admin.rename(ADMIN, pair.room(), f"Renamed {pair.number}")
        admin.archive(ADMIN, pair.room(pair.asking))
        roles.set_role(ADMIN, pair.bob, "moderator")
        pair.first.services.notices.set_motd(ADMIN, f"Hello {pair.number}")
        sanction(pair, "mute")
    pair.turn()
    assert not muted(pair)
    _compare(pair)
    assert muted(pair)
    assert is_known(pair, f"Renamed {pair.number}")
    assert not is_known(pair, pair.asking)
    assert pair.session.role == "moderator"
    assert pair.second.services.notices.motd == f"Hello {pair.number}"
    with monkeypatch.context() as patch:
        patch.setattr(pair.first.server.parts.audience, "_pass_on", None)
        pair.first.services.moderation.lift(ADMIN, "mute", pair.bob)
        sanction(pair, "ban")
    _compare(pair)
    assert not muted(pair)
    assert was_ended(pair, "banned")


def _compare(pair: Pair) -> None:
    cluster = pair.second.server.parts.cluster
    assert cluster is not None
    cluster._compare_at = 0.0
    cluster.turn()


def test_comparison_finds_a_membership(pair: Pair) -> None:
    """What another server stored and died before telling is found a minute later."""
    pair.first.storage.members.join(pair.room().id, pair.bob.id)
    pair.turn()
    assert not is_in(pair, pair.open)
    cluster = pair.second.server.parts.cluster
    assert cluster is not None
    cluster._compare()
    assert is_in(pair, pair.open)
