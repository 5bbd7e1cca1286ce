"""Changed incidents in, decisions and alerts out: whether there is something new to say."""
