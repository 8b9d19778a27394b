"""The report on its way to people: mail, Slack, a file, the clipboard, a commit. Each shown before it goes."""
