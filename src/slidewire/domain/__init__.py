"""Words and rules: pure, without I/O, async or third parties but the phone library."""
