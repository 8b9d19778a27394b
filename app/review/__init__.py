"""What a review is: immutable records, and pure rules over them.

Nothing here reads a file, a clock or the network, and nothing here knows the rest of the program.
"""
