"""What `manage.py bench` measures. Figures, never tests: a slow machine fails nothing."""
