"""The timeline of a room: which entries it has, how one is worded, and the widget that shows them."""
