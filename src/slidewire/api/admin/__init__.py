"""/admin/v1: provisioning as JSON, for whoever holds the admin's token. Knows HTTP, decides nothing."""
