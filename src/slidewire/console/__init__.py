"""The console: what a browser shows of this gateway, to its admins and to the owners of accounts."""
