"""Alerts in, what each channel is sent out: routing, back-off and rendering."""
