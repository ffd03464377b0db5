"""Hands what bells tell of to the delivery, room by room; it reads no message and hears no bell itself.

Bells come on the thread that hears them, the ends of this server's own batches on the commit thread.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping

from chat_server.live.directory import Conversation, RoomDirectory
from chat_server.pipeline.batches import BatchQueue
from chat_server.pipeline.catch_up import Elsewhere
from chat_server.pipeline.commit import Batch


class Arrivals:
    """What other servers stored, on its way to the delivery. Whatever is left out, a look at the rooms finds.

    :param deliveries: where this server's own batches go, too.
    :param in_hand: returns the rooms of which a batch of this server is being stored.
    """

    def __init__(
        self,
        directory: RoomDirectory,
        deliveries: BatchQueue[Batch | Elsewhere],
        in_hand: Callable[[], Collection[int]],
    ) -> None:
        self._directory = directory
        self._deliveries = deliveries
        self._in_hand = in_hand
        self._lock = threading.Lock()  # guards what waits for the end of a batch
        self._waiting: dict[int, int] = {}  # room -> seq

    def heard(self, rooms: Mapping[int, int]) -> bool:
        """Hand on that others stored something in rooms, up to a seq each.

        :return: whether there is more to it than was handed on: a conversation that is not known here.
        """
        known = {room_id: seq for room_id, seq in rooms.items() if self._known(room_id)}
        with self._lock:
            for room_id, seq in known.items():
                self._waiting[room_id] = max(seq, self._waiting.get(room_id, 0))
        # Asked after it was written down: a batch that ends in between finds it.
        in_hand = self._in_hand()
        self.batch_ended(room_id for room_id in known if room_id not in in_hand)
        return len(known) < len(rooms)

    def batch_ended(self, room_ids: Iterable[int]) -> None:
        """Hand on what waited until a batch of this server in the same rooms was on its way.

        Else a message of that batch would be read with the others', and reach its sender before its `ok`.
        """
        if not self._waiting:
            return
        with self._lock:
            due = {room_id: self._waiting.pop(room_id, 0) for room_id in room_ids}
        found = [(self._known(room_id), seq) for room_id, seq in due.items()]
        arrived = [Elsewhere(room, 0, seq) for room, seq in found if room and seq > room.delivered_seq]
        if arrived:
            self._deliveries.put(arrived, timeout=0)

    def _known(self, room_id: int) -> Conversation | None:
        """Return a conversation of which it is known here what was delivered last."""
        room = self._directory.conversation_of(room_id)
        return None if room is None or (room.is_direct and not room.delivered_seq) else room
