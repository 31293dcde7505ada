"""HTTP to the outside: the guard, the media fetcher and our own POST client. Imports nothing of ours."""
