"""What must not leave: tokens, keys, passwords, addresses of people. Found, named, and masked with a stable tag.

A redactor is a seat belt, not a driver: the list of what it found is there to be read before anything is sent.
"""
