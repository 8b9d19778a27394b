"""From a session to what others read: Markdown, HTML, JSON and CSV, each through its own encoder."""
