"""What a report claims, compared with what its records say: lengths, counts, totals, dates, the order of phases.

Only what can be tied to records is judged: a length whose two ends the sentence names, a total, a number that two
places give for the same thing. What is judged wrong names both sources, and can stand with a stated basis.
"""

from app.review.claims.check import check_claims, judged
from app.review.claims.model import RULE, Judgement, accept, open_claims

__all__ = ["RULE", "Judgement", "accept", "check_claims", "judged", "open_claims"]
