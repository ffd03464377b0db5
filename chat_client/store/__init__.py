"""What the client keeps on disk: accounts, settings, drafts, the outbox."""
