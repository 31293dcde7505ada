"""What happens after accepted: one file per step."""
