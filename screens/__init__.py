"""One module per step of a review, the opening list, and the dialogs. Screens turn keys into edits."""
