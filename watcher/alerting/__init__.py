"""Changed incidents in, decisions and alerts out: whether there is something new to say, and the words to say it in."""
