"""The desktop client: network, model and outbox without a window, and the window on top of them."""
