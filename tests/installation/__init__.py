"""The installation guide, followed word for word on bare Debian machines."""
