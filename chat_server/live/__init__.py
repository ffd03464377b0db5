"""Who is here now, in memory: sessions, rooms, presence, rates; it must not know any SQL."""
