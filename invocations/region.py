"""The one AWS Region this server stands for."""

import os

REGION = os.environ.get("PLAYGROUND_REGION", "us-east-1")
