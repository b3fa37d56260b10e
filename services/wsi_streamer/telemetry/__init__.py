"""Logs and metrics. Law: no slide key, bucket name or secret ever gets here."""
