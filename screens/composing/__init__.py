"""What the composer is made of."""
