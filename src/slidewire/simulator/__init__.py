"""A carrier for development and tests: an MMSC that is as strict as a real one, and a handset to look at.

Nothing here may lean on ``slidewire.carriers``: the two readings of MM7 are only worth something while apart.
"""
