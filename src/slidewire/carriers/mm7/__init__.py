"""MM7: SOAP over HTTP, with the message as a MIME body beside the envelope."""
