"""Tells a room every morning who is on call this week, and whoever asks by naming it.

    CHAT_BOT_SERVER='chat://…' CHAT_BOT_TOKEN_FILE=rota.token python docs/build/bots/rota.py rota.toml

The file of the rota:

    room = "Informatique"
    hour = 9                                # of the reminder, 0 to 23, by this computer's clock
    first_week = 2026-01-05                 # a Monday, the first person's
    people = ["jules", "nadia", "karim"]    # usernames, a week each in turn
"""

import logging
import sys
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from chat_client.bot import Bot, Message

LOOK_EVERY_S = 30.0


@dataclass(frozen=True)
class Rota:
    """Who is on call when."""

    room: str
    hour: int
    first_week: date
    people: list[str]

    def on_call(self, day: date) -> str:
        """Return whose week it is."""
        return self.people[(day - self.first_week).days // 7 % len(self.people)]


class Reminder:
    """Say once a day who is on call."""

    def __init__(self, bot: Bot, rota: Rota, told_on: Path) -> None:
        self._bot = bot
        self._rota = rota
        self._told_on = told_on  # a file, so that a restart does not say it again

    def remind(self) -> None:
        """Say it if it is time, and it was not said today."""
        now = datetime.now()
        today = now.date().isoformat()
        told = self._told_on.read_text(encoding="utf-8") if self._told_on.exists() else ""
        if now.hour >= self._rota.hour and told != today:
            self._bot.send(self._rota.room, f"On call this week: @{self._rota.on_call(now.date())}")
            self._told_on.write_text(today, encoding="utf-8")

    def answer(self, message: Message) -> None:
        """Tell whoever asks."""
        message.reply(f"@{self._rota.on_call(date.today())} is on call.")


def main() -> None:
    """Run the bot."""
    logging.basicConfig(level=logging.INFO)
    file = Path(sys.argv[1])
    rota = Rota(**tomllib.loads(file.read_text(encoding="utf-8")))
    bot = Bot()
    reminder = Reminder(bot, rota, file.with_suffix(".told"))
    bot.on_start(lambda: bot.join(rota.room))
    bot.every(LOOK_EVERY_S)(reminder.remind)
    bot.on_mention(reminder.answer)
    bot.run()


if __name__ == "__main__":
    main()
