"""What an administrator's other programs are told about the server: health and metrics, over HTTP."""
