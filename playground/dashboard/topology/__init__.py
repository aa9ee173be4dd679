"""What is wired to what in an account: wires.py reads it from rows, drawing.py lays it out, account.py brings both and a page together."""
