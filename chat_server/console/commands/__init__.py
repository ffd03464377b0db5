"""The commands of the console, a module for each group."""
