"""What an admin can see and change: one set of functions for the command line and /admin/v1 alike."""
