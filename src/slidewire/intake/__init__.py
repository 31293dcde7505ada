"""What was asked for is checked against the world and kept: one transaction, then it may be answered."""
