"""Sockets: accepting, encrypting, reading, writing; it must not know what the frames ask for."""
