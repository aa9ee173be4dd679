"""Starts the processes and keeps them up. Imports neither Django nor any package: it is to be small and quick."""
