"""/docs: the OpenAPI document of J2 and /admin/v1 and its page, written from the tables that serve the requests."""
