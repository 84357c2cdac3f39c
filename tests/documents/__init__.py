"""What all folders of documents have in common."""
