"""Answers whoever names it with what was said: the smallest bot that does something.

CHAT_BOT_SERVER='chat://…' CHAT_BOT_TOKEN_FILE=echo.token python docs/build/bots/echo.py
"""

import logging

from chat_client.bot import Bot, Message

logging.basicConfig(level=logging.INFO)
bot = Bot()


@bot.on_mention
def answer(message: Message) -> None:
    """Say again what was said."""
    words = message.text.replace(f"@{bot.username}", "").strip()
    message.reply(words or "Yes?")


bot.run()
