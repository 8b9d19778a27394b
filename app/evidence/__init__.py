"""Evidence: what machines recorded, kept as it came, and the questions the program asks of it.

Everything here is plain synchronous code; callers run it in a thread and pass *cancelled*.
"""
