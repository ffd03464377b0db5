"""The shell: from a typed line to a command and its answer; it must not know where lines come from."""
