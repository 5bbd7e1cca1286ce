"""What the watcher costs: its public commands, on news of our own making, beside what cannot be avoided."""
