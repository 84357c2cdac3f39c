"""Folders of Markdown files with front matter, which people edit with whatever they like and which can live in git."""
