"""What looks for weak places: in the code, and in the packages that running needs."""
