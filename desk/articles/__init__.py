"""Help articles: files that a shop writes, shown to its customers before anybody has to be asked."""
