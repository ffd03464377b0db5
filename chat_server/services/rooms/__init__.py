"""Rooms and private conversations: who belongs to them, who asks to, and how long they keep messages."""
