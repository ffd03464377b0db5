"""The console from another terminal: a socket in the data folder, and the program that speaks to it."""
