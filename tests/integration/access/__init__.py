"""Tests of access with real parts beside it."""
