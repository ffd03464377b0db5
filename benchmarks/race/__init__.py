"""The server beside IRC servers in C, by turns on one machine; what is compared is what clients see."""
