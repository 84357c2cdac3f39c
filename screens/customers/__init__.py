"""Customers: what is known of one, how it is edited, and the screen to find them on."""
