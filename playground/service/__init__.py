"""The service process: the AWS endpoint, and this host's execution environments."""
