-- SQLite's trigger has no place here: the row of the room is what servers take turns at. The numbers stay equal.

DO 0;
