"""Sessions on disk: the TOML file, the journal, the lock, the backups, and the catalogue of all sessions."""
