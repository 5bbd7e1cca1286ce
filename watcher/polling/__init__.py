"""When to poll: feeds and how their polls went in, when to poll next and what to ask of hubs out."""
