"""What a postback says."""
