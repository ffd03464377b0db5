"""The picture of oneself: chosen by a file, shown in the settings, taken away; by moderators, too."""

import pytest

from chat_client.model import changes as ch
from chat_client.model.pictures import check_avatar
from chat_client.ui import own_picture
from chat_client.ui.sheets.person_sheet import PersonSheet
from tests.support.pictures import landscape


@pytest.fixture
def choose(monkeypatch, tmp_path):
    """A function that lets the question for a file be answered with one of these bytes."""

    def chosen(data: bytes | None) -> None:
        path = tmp_path / "own.png"
        if data is not None:
            path.write_bytes(data)
        answer = str(path) if data is not None else ""
        monkeypatch.setattr(own_picture, "askopenfilename", lambda **_options: answer)

    return chosen


def test_chosen_by_a_command(hand, client, choose):
    """The middle of a photograph is sent as a small picture; nothing without an answer."""
    choose(None)
    hand.main.actions.do("choose_avatar")
    assert client.called("avatars.choose") == []
    choose(landscape(640, 480))
    hand.main.actions.do("choose_avatar")
    ((made,),) = client.called("avatars.choose")
    check_avatar(made)


@pytest.mark.parametrize(("pillow", "words"), [(None, "Pillow"), (object(), "JPEG")])
def test_no_picture_is_said(hand, client, choose, monkeypatch, pillow, words):
    """A file that is none is told in the window's words, with what helps."""
    monkeypatch.setattr(own_picture, "pillow", lambda: pillow)
    choose(b"\xff\xd8\xff a JPEG")
    hand.main.actions.do("choose_avatar")
    hand.settle()
    assert words in hand.main.toast.words
    assert client.called("avatars.choose") == []


def test_taken_away_by_a_command(hand, client):
    """It can be taken away where there is one."""
    actions = hand.main.actions
    assert not actions.can("remove_avatar")
    client.state.avatars["zoe"] = "ab" * 16
    actions.do("remove_avatar")
    assert client.called("avatars.choose") == [(None,)]


def test_in_the_settings(hand, client, choose):
    """The sheet shows it, and has both buttons; what is wrong with a file stands there."""
    hand.app.show_settings()
    sheet = hand.app.settings_sheet
    assert sheet.remove_picture.instate(["disabled"])
    choose(b"text")
    sheet.choose_picture.invoke()
    assert "PNG" in sheet.told.cget("text")
    client.state.avatars["zoe"] = "ab" * 16
    hand.app.look.pictures.changed()
    hand.until(lambda: sheet.remove_picture.instate(["!disabled"]))
    sheet.remove_picture.invoke()
    assert client.called("avatars.choose") == [(None,)]


def test_moderators_take_it_away(hand, client):
    """A moderator's card of a person has the button where there is a picture."""
    client.state.role = "moderator"
    for shown in (False, True):
        if shown:
            client.state.avatars["jules"] = "ab" * 16
        hand.main.menus.show_person("jules")
        hand.settle()
        sheet = hand.main.sheet
        assert isinstance(sheet, PersonSheet)
        assert ("avatar" in sheet.buttons) == shown
        if not shown:
            sheet.close()
    sheet.buttons["avatar"].invoke()
    assert client.called("avatars.take_away") == [("jules",)]
    del client.state.avatars["jules"]
    client.tell(ch.AvatarChanged("jules"))
    hand.until(lambda: sheet.buttons["avatar"].instate(["disabled"]))
