"""How the window looks: themes, pictures, the screen; it must not know rooms or messages."""
