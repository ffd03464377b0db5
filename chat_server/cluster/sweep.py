"""Finds in the database what other servers have stored, and hands it to the delivery; it reads no message.

Runs on the cluster's thread. A room's last seq is compared with what this server has delivered: whatever else
fails, a message is found here.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Final

from chat_server.live.directory import Conversation, RoomDirectory
from chat_server.pipeline.batches import BatchQueue
from chat_server.pipeline.catch_up import Elsewhere
from chat_server.pipeline.commit import Batch
from chat_server.storage import Storage
from chat_server.storage.core.errors import GivenUp

DIRECTS_KEPT: Final = 1_000  # private conversations whose last delivery is remembered
PUT_MAX_S: Final = 1.0

Find = Callable[[int, int], Conversation | None]


class Sweep:
    """Look at the rooms.

    :param deliveries: where this server's own batches go, too.
    :param in_hand: returns the rooms of which a batch of this server is being stored.
    :param find_direct: returns a private conversation in which somebody here takes part, by its number and
        the seq that was stored.
    """

    def __init__(
        self,
        storage: Storage,
        directory: RoomDirectory,
        deliveries: BatchQueue[Batch | Elsewhere],
        in_hand: Callable[[], Collection[int]],
        find_direct: Find,
    ) -> None:
        self._storage = storage
        self._directory = directory
        self._deliveries = deliveries
        self._in_hand = in_hand
        self._find_direct = find_direct
        # Else one that nobody has open would be forgotten, and with it what was delivered.
        self._directs: OrderedDict[int, Conversation] = OrderedDict()
        self._postponed = (0, 0)  # room and seq
        self._unread: dict[int, Elsewhere] = {}  # private conversations, by room; the delivery adds to them

    def look(self) -> set[int]:
        """Hand on what came into the rooms; return which rooms those are.

        :raises StorageUnavailable: when the database does not answer.
        """
        last_seqs = self._storage.messages.last_seqs([record.id for record in self._directory.all()])
        in_hand = self._in_hand()  # after reading: a batch that begins now has later seqs
        self._hand_in_again()
        found = set()
        for room_id, last_seq in last_seqs.items():
            room = self._directory.conversation_of(room_id)
            # What is in hand is left to the batch's own delivery, and its rest to the next look.
            if room is None or last_seq <= room.delivered_seq or room_id in in_hand:
                continue
            if self._deliveries.put([Elsewhere(room, 0, last_seq)], timeout=0):
                found.add(room_id)
        return found

    def unread(self, item: Elsewhere) -> None:
        """Hand in again, at a later look, what the delivery could not read; any thread."""
        if item.room.is_direct:  # the others are found by any look
            self._unread[item.room.id] = item

    def _hand_in_again(self) -> None:
        for room_id in list(self._unread):
            item = self._unread.pop(room_id)
            if not self._deliveries.put([item], timeout=0):
                self._unread[room_id] = item

    def direct(self, room_id: int, seq: int) -> None:
        """Hand on what another server has stored in a private conversation, from a seq on.

        :raises StorageUnavailable: when it has to be called again: the database does not answer, the
            delivery has too much to do, or this server stores something there just now.
        """
        room = self._find_direct(room_id, seq)
        if room is None:
            return
        self._directs[room_id] = room
        self._directs.move_to_end(room_id)
        while len(self._directs) > DIRECTS_KEPT:
            self._directs.popitem(last=False)
        last_seq = self._storage.messages.last_seqs([room_id]).get(room_id, seq)
        if room_id in self._in_hand() and self._postponed != (room_id, seq):
            self._postponed = (room_id, seq)  # once: others must not wait for two who say very much
            raise GivenUp("a batch of the same conversation is under way")
        if not self._deliveries.put([Elsewhere(room, seq - 1, last_seq)], timeout=PUT_MAX_S):
            raise GivenUp("the delivery is busy")
