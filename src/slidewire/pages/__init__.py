"""The hosted fallback page: a message's slides for whoever has the link, and for nobody else."""
