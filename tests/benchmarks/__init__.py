"""Measured here, beside a yardstick in the same run: a ratio says something on any machine, a number only on one."""
