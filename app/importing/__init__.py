"""Reports that were written elsewhere, read into a review: document -> blocks -> parts, line by line.

No line is lost: what is not understood is kept as text under its own heading, and the account says for every
line of the document what it became. Nothing here writes a file or asks anybody.
"""
