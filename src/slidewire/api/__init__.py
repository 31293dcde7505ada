"""What customers speak: knows HTTP, XML and JSON, decides nothing."""
