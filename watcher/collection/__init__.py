"""What the service sees of its own work in, alerts about it out: feeds, habits and the machine."""
