"""Who may call everybody in a room by `@all`; it must not know what a mention does.

Runs on client threads.
"""

from chat_protocol.errors import ChatError, ErrorCode
from chat_protocol.limits import ALL_BELOW
from chat_protocol.mentions import mentions_all
from chat_server.live.directory import Conversation
from chat_server.live.session import Sender
from chat_server.services.vocabulary.actors import rank
from chat_server.storage import Storage


def refuse_all(storage: Storage, sender: Sender, conversation: Conversation, body: str) -> None:
    """Refuse a text that mentions everybody where its author may not: owners, moderators, all in small rooms.

    The database is asked only where a text has `@all`.

    :raises ChatError: `all_forbidden`.
    """
    if not mentions_all(body) or conversation.is_direct or rank(sender.account.role) >= rank("moderator"):
        return
    membership = storage.members.get(conversation.id, sender.user_id)
    if membership is not None and membership.owner:
        return
    if storage.members.count(conversation.id) >= ALL_BELOW:
        raise ChatError(
            ErrorCode.ALL_FORBIDDEN,
            f"@all calls everybody: in a room of {ALL_BELOW} or more, only owners and moderators may.",
            field="body",
        )
