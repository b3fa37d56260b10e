"""What charts run in a cluster, run here."""
