"""Bots: programs that take part in a chat, on the client's own engine; no window, no terminal.

from chat_client.bot import Bot
"""

from chat_client.bot.bot import Bot
from chat_client.bot.engine_thread import Stopped
from chat_client.bot.message import Message
from chat_client.bot.signing_in import NoToken, SignInRefused

__all__ = ["Bot", "Message", "NoToken", "SignInRefused", "Stopped"]
