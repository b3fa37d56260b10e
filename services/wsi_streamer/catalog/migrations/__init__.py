"""Alembic's migrations, inside the package so that the wheel carries them.

Law: additive first. An older release goes on running on a newer schema while a roll-out lasts.
"""
