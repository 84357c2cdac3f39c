"""What queue and tags a conversation has, guessed from subject and first words, as learned from those before it.

`training` alone imports scikit-learn, in a process of its own (`python -m desk.learning`); what it leaves are numbers
in a file, which `model` applies in plain Python. What it is worth is measured with the very code that is used.
"""
