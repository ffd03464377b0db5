"""A bot on a real server: it hears everything once, answers, keeps on, and ends when it is not wanted."""

import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_client.bot import Bot, Message, SignInRefused
from chat_client.bot.bot import UNSENT_MAX
from chat_client.bot.engine_thread import Stopped
from tests.chat_client.bot.running import new_token, running
from tests.chat_client.live import LiveClient, Stage, all_until, clients
from tests.support.admin import answer
from tests.support.cutting_proxy import CuttingProxy
from tests.support.pictures import png
from tests.support.server import ServerProcess

_numbers = itertools.count(1)


class Listening:
    """Handlers that remember what they hear."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.mentions: list[str] = []
        self.threads: set[int] = set()

    def set_up(self, bot: Bot) -> None:
        bot.on_message(self._hear)
        bot.on_mention(lambda message: self.mentions.append(message.text))

    def _hear(self, message: Message) -> None:
        self.threads.add(threading.get_ident())
        self.heard.append(message)

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.heard]


@pytest.fixture
def token(stage: Stage, tmp_path: Path) -> Path:
    """The token of a bot of the test's own."""
    return new_token(stage.server, f"bot{next(_numbers)}", tmp_path)


def name_of(token: Path) -> str:
    return token.stem


def let_in(stage: Stage, person: LiveClient, token: Path) -> None:
    """Let the bot into the room in which the person is."""
    answer(stage.server, ["add", "member", name_of(token), person.here.name])


def answering(bot: Bot) -> None:
    """Answer every mention with a reply and a reaction."""

    @bot.on_mention
    def reply(message: Message) -> None:
        message.react("👍")
        message.reply(f"you said {len(message.text)} characters")


def test_bot_answers(stage: Stage, token: Path, tmp_path: Path) -> None:
    """Named in a room it was let into, a bot replies and reacts; people see that it is one."""
    with stage.act(tmp_path, "zoe") as (zoe,), running(stage.server, token, answering):
        let_in(stage, zoe, token)
        zoe.say("nobody is meant")
        zoe.say(f"hello @{name_of(token)}")
        zoe.until(lambda: len(zoe.heard) == 3)
        question, reply = zoe.here.messages[1:]
        assert (reply.body, reply.reply_to, reply.bot) == (
            f"you said {len(question.body)} characters",
            question.seq,
            True,
        )
        assert question.reactions == {"👍": (name_of(token),)}


def test_bot_answers_in_private(stage: Stage, token: Path, tmp_path: Path) -> None:
    """What is said to a bot in private is meant for it, named or not."""
    with stage.act(tmp_path, "zoe") as (zoe,), running(stage.server, token, answering):
        key = zoe.client.rooms.direct(name_of(token))
        zoe.client.outbox.send(key, "psst")
        zoe.until(lambda: zoe.bodies(key) == ["psst", "you said 4 characters"])


def test_bot_shows_a_picture(stage: Stage, token: Path, tmp_path: Path) -> None:
    """What a bot shows of itself people see, as they see each other's pictures."""
    path = tmp_path / "bot.png"
    path.write_bytes(png(32, 32))

    def showing(bot: Bot) -> None:
        bot.on_start(lambda: bot.show_picture(path))

    with stage.act(tmp_path, "zoe") as (zoe,), running(stage.server, token, showing):
        zoe.until(lambda: zoe.client.avatars.find(name_of(token)) is not None)
        shown = zoe.client.avatars.find(name_of(token))
        assert shown is not None
        assert shown.read_bytes() == path.read_bytes()


def test_all_is_handled_over_cut_connections(stage: Stage, token: Path, tmp_path: Path) -> None:
    """Over a line that is cut again and again, each message is handled once, in order, on one thread."""
    listening, proxy = Listening(), CuttingProxy(stage.server.port, seed=15)
    try:
        with stage.act(tmp_path, "zoe") as (zoe,):
            let_in(stage, zoe, token)
            with running(stage.server, token, listening.set_up, port=proxy.port) as runs:
                sent = [f"{number}" for number in range(120)]
                for text in sent:
                    zoe.say(text)
                    zoe.poll()
                all_until([zoe], lambda: runs.hurry() and proxy.cuts >= 3 and not zoe.here.pending)
                proxy.gentle = True
                all_until([zoe], lambda: runs.hurry() and len(listening.heard) >= len(sent))
            assert listening.texts == sent
            assert len(listening.threads) == 1
    finally:
        proxy.close()


def test_bot_comes_back_to_what_it_missed(stage: Stage, token: Path, tmp_path: Path) -> None:
    """What was said while the program did not run is handled at its next start, and nothing a second time."""
    first, second = Listening(), Listening()
    with stage.act(tmp_path, "zoe") as (zoe,):
        let_in(stage, zoe, token)
        with running(stage.server, token, first.set_up):
            zoe.say("one")
            zoe.until(lambda: first.texts == ["one"])
        for text in ("two", "three"):
            zoe.say(text)
        zoe.until(lambda: not zoe.here.pending)
        with running(stage.server, token, second.set_up):
            zoe.until(lambda: len(second.heard) == 2)
    assert second.texts == ["two", "three"]


def test_handler_that_ends_the_bot(stage: Stage, token: Path, tmp_path: Path) -> None:
    """A message whose handler stops the bot is done with; one whose handler that interrupts comes again."""
    heard: list[str] = []

    def set_up(bot: Bot) -> None:
        @bot.on_message
        def hear(message: Message) -> None:
            heard.append(message.text)
            if message.text != "later":
                bot.stop()
            if heard == ["interrupted"]:
                message.reply("too late")

    with stage.act(tmp_path, "zoe") as (zoe,):
        let_in(stage, zoe, token)
        zoe.say("interrupted")
        zoe.until(lambda: not zoe.here.pending)
        for expected in (["interrupted"], ["interrupted"] * 2):
            with running(stage.server, token, set_up) as runs:
                runs.wait_for_end()
            assert (heard, runs.error) == (expected, None)
        zoe.say("later")
        with running(stage.server, token, set_up):
            zoe.until(lambda: heard[-1] == "later")
    assert heard == ["interrupted", "interrupted", "later"]


@pytest.mark.logged_errors
def test_handler_that_fails(stage: Stage, token: Path, tmp_path: Path) -> None:
    """A handler's exception is logged, and the next message is handled."""
    listening = Listening()

    def fail(message: Message) -> None:
        raise ZeroDivisionError(message.text)

    def set_up(bot: Bot) -> None:
        bot.on_message(fail)
        listening.set_up(bot)

    with stage.act(tmp_path, "zoe") as (zoe,), running(stage.server, token, set_up):
        let_in(stage, zoe, token)
        for text in ("one", "two"):
            zoe.say(text)
        zoe.until(lambda: listening.texts == ["one", "two"])


def test_bots_do_not_answer_each_other(stage: Stage, token: Path, tmp_path: Path) -> None:
    """Of two bots that echo everything, each says what a person said, and neither what the other says."""
    other = new_token(stage.server, f"{name_of(token)}-b", tmp_path)

    def echo(bot: Bot) -> None:
        bot.on_message(lambda message: message.send(message.text))

    listening = Listening()
    with (
        stage.act(tmp_path, "zoe") as (zoe,),
        running(stage.server, token, echo),
        running(stage.server, other, echo),
    ):
        for one in (token, other):
            let_in(stage, zoe, one)
        zoe.say("hello")
        zoe.until(lambda: len(zoe.heard) == 3)
        third = new_token(stage.server, f"{name_of(token)}-c", tmp_path)
        let_in(stage, zoe, third)
        with running(stage.server, third, listening.set_up, to_bots=True):
            zoe.say("again")
            zoe.until(lambda: len(listening.heard) == 3 and len(zoe.heard) == 6)
        assert zoe.heard == ["hello"] * 3 + ["again"] * 3
        assert sorted(message.by_bot for message in listening.heard) == [False, True, True]


def test_files_come_and_go(stage: Stage, token: Path, tmp_path: Path) -> None:
    """A bot brings the file that somebody sends, and sends one itself."""
    brought = tmp_path / "brought"
    brought.mkdir()

    def set_up(bot: Bot) -> None:
        @bot.on_message
        def turn(message: Message) -> None:
            for file in message.files:
                path = message.fetch(file, brought)
                path.write_text(path.read_text(encoding="utf-8").upper(), encoding="utf-8")
                bot.send_files(message.room, [path], "louder", reply_to=message.seq)

    with stage.act(tmp_path, "zoe") as (zoe,), running(stage.server, token, set_up):
        let_in(stage, zoe, token)
        (tmp_path / "words.txt").write_text("hello", encoding="utf-8")
        zoe.client.files.send(zoe.place, [tmp_path / "words.txt"])
        zoe.until(lambda: len(zoe.heard) == 2)
        assert [file.name for file in zoe.here.messages[1].files] == ["words.txt"]
    assert (brought / "words.txt").read_text(encoding="utf-8") == "HELLO"


def test_flood_is_held_to_the_servers_rate(
    server_process: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    """A bot that says more than it may waits for the server, keeps the order and loses nothing."""
    settings = tmp_path / "chat.toml"
    settings.write_text("[limits]\nmessages_burst = 30\nmessages_per_second = 100\n", encoding="utf-8")
    server = server_process("--config", str(settings))

    def set_up(bot: Bot) -> None:
        @bot.on_mention
        def talk(message: Message) -> None:
            for number in range(45):
                message.send(f"{number}")

    token = new_token(server, "rota", tmp_path)
    with clients(tmp_path, "zoe") as (zoe,), running(server, token, set_up):
        zoe.sign_up(server)
        key = zoe.client.rooms.direct("rota")
        zoe.client.outbox.send(key, "talk")
        zoe.until(lambda: zoe.bodies(key)[1:] == [f"{number}" for number in range(45)], 60.0)


def test_who_says_too_much_waits(tmp_path: Path) -> None:
    """While too much is unsent, whoever would say more waits: for the server, or for the end of the bot."""
    (tmp_path / "token").write_text("s3cret", encoding="utf-8")
    bot = Bot("127.0.0.1:1", token_file=tmp_path / "token", home=tmp_path / "home", insecure=True)
    bot._unsent = UNSENT_MAX
    refused: list[Exception] = []

    def say() -> None:
        try:
            bot.send("Lobby", "one more")
        except Stopped as error:
            refused.append(error)

    thread = threading.Thread(target=say, name="say")
    thread.start()
    thread.join(0.05)
    assert thread.is_alive()
    bot.stop()
    thread.join(20.0)
    assert len(refused) == 1
    bot._client.close()


def test_token_revoked_while_it_runs(stage: Stage, token: Path) -> None:
    """A bot whose token ends says why, and ends; with the next token it comes back."""
    with running(stage.server, token, lambda bot: None) as runs:
        assert runs.started.wait(20.0)
        answer(stage.server, ["bot", "revoke", name_of(token)])
        runs.wait_for_end()
    assert isinstance(runs.error, SignInRefused)
    assert runs.error.code == "killed"
    with running(stage.server, token, lambda bot: None) as runs:
        runs.wait_for_end()
    assert isinstance(runs.error, SignInRefused)
    assert "bot rotate" in str(runs.error)
    new_token(stage.server, name_of(token), token.parent)
    with running(stage.server, token, lambda bot: None) as runs:
        assert runs.started.wait(20.0)
    assert runs.error is None
