"""The words of one entry."""

import pytest

from chat_client import i18n
from chat_client.model.state import MessageState, Status
from chat_client.ui.look.sanitise import safe_text
from chat_client.ui.room.timeline.entries import Entry
from chat_client.ui.room.timeline.wording import FOLD_OVER_LINES, FOLDED_LINES, STYLED_MAX, Context, word
from chat_protocol.objects import File


@pytest.fixture(autouse=True)
def _english():
    i18n.use("en")


def worded(at, body="hello", *, head=False, others=(), unfolded=(), **values):
    known = {message.seq: message for message in others}
    context = Context(
        safe=safe_text,
        safe_line=lambda text: safe_text(text, single_line=True),
        name_of=str.title,
        find=known.get,
        me="zoe",
        unfolded=set(unfolded),
    )
    message = MessageState(values.pop("seq", 5), values.pop("author", "jules"), body, at(), **values)
    return word(Entry("m5", "message", at(), message, head=head), context)


def text(runs):
    return "".join(run.text for run in runs)


def styles(runs, piece):
    return next(run.styles for run in runs if piece in run.text)


def test_head_names_author_and_time(at):
    """The first message of a group says who and when."""
    assert text(worded(at, head=True)) == "Jules  12:00\nhello\n"


def test_bot_has_a_badge(at):
    """Beside the name of a program stands what it is."""
    runs = worded(at, head=True, bot=True)
    assert text(runs) == "Jules  BOT  12:00\nhello\n"
    assert "badge" in styles(runs, "BOT")


def test_erased_author(at):
    """A message of an account that was erased has a general name."""
    assert "Former member" in text(worded(at, head=True, author=""))


def test_action_is_told_in_the_third_person(at):
    """An action stands with the name, in italics."""
    runs = worded(at, "/me waves", head=True)
    assert text(runs) == "Jules waves\n"
    assert "action" in styles(runs, "waves")


def test_deleted_message_says_so(at):
    """Of a deleted message only the trace is shown."""
    runs = worded(at, "", deleted=True, reactions={"👍": ("a",)})
    assert text(runs) == "This message was deleted.\n"


def test_edited_message_is_marked(at):
    """An edited message says so behind its text."""
    assert text(worded(at, edited_at=at(1))) == "hello  (edited)\n"


def test_own_message_carries_its_state(at):
    """One's own message is grey with a clock, then has a tick."""
    waiting = worded(at, mine=True, status=Status.PENDING, seq=None, nonce="n")
    stored = worded(at, mine=True)
    assert "pending" in styles(waiting, "hello")
    assert [run.picture for run in waiting if run.picture] == ["clock"]
    assert [run.picture for run in stored if run.picture] == ["check"]


def test_refused_message_says_why_and_offers_to_retry(at):
    """A refused message tells the reason in the reader's language, with what can be done."""
    runs = worded(at, mine=True, status=Status.REFUSED, error="muted", seq=None, nonce="n")
    assert "Not sent. You may not write at the moment." in text(runs)
    assert "retry" in styles(runs, "Try again")
    assert "discard" in styles(runs, "Discard")


def test_reply_shows_what_it_answers(at):
    """A reply begins with the author and the beginning of the original."""
    original = MessageState(2, "nadia", "**What** a\nday", at())
    assert text(worded(at, reply_to=2, others=[original])).startswith(" Nadia — What a day\n")
    assert "an earlier message" in text(worded(at, reply_to=3))


def test_reactions_are_counted(at):
    """Reactions are shown with their number, and whether one's own is among them."""
    runs = worded(at, reactions={"👍": ("zoe", "jules"), "🎉": ("jules",), "👀": ()})
    assert [run.chips for run in runs if run.chips] == [(("👍", 2, True), ("🎉", 1, False))]


def test_mention_of_the_reader_is_highlighted(at):
    """What names the reader stands out, the whole line of it."""
    runs = worded(at, "hey @zoe look", mentions_me=True)
    assert "me" in styles(runs, "@zoe")
    assert all("mentioned" in run.styles for run in runs)


def test_long_message_is_folded(at):
    """A message of many lines shows its beginning and offers the rest."""
    body = "\n".join(str(number) for number in range(FOLD_OVER_LINES + 10))
    folded = text(worded(at, body))
    assert folded.count("\n") == FOLDED_LINES + 1
    assert f"Show {FOLD_OVER_LINES + 10 - FOLDED_LINES} more lines" in folded
    assert text(worded(at, body, unfolded=["m5"])) == body + "\n"


def test_code_block_has_lines_of_its_own(at):
    """Fenced code begins and ends with its own lines."""
    runs = worded(at, "so:\n```\na\n```\ndone")
    assert text(runs) == "so:\na\ndone\n"
    assert "block" in styles(runs, "a")
    assert "block" not in styles(runs, "so:")


def test_emoji_have_a_font_of_their_own(at):
    """Emoji are set apart from the text, so that they are drawn in colour where that is possible."""
    runs = worded(at, "well 😀👍 done")
    assert "emoji" in styles(runs, "😀👍")
    assert "emoji" not in styles(runs, "well")


def test_author_cannot_forge_a_line(at):
    """A name with line ends is shown on one line."""
    assert text(worded(at, head=True, author="x\ny: hi")).count("\n") == 2


def test_styles_of_one_message_are_bounded(at):
    """A message of nothing but marks is styled at its beginning, and no letter of it is lost."""
    runs = worded(at, "**a** " * 600)
    assert text(runs).count("a") == 600
    assert len(runs) < 2 * STYLED_MAX
    assert len(worded(at, "x 😀 " * 900)) < 2 * STYLED_MAX


def test_files_stand_below_the_text_with_their_sizes(at):
    """Each has a line; a name that turns the reading is shown without that; a quote says the name."""
    files = (File("f1", "a.png", 12_345), File("f2", "x\u202egpj.exe\n", 5))
    runs = worded(at, "look", files=files)
    assert text(runs) == "look\n a.png  12 KB\n xgpj.exe  5 B\n"
    assert text(worded(at, "", files=files[:1])) == " a.png  12 KB\n"
    quoted = MessageState(3, "jules", "", at(), files=files[:1])
    assert "Jules — [file: a.png]" in text(worded(at, "nice", reply_to=3, others=[quoted]))
