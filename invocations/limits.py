"""AWS's quotas and sizes (Developer Guide, "Lambda quotas"). Bytes, unless the name ends in another unit."""

from datetime import timedelta

KB = 1024
MB = 1024 * KB

SYNC_PAYLOAD = 6 * MB
"""A synchronous request or response: 6 MB."""
SYNC_PAYLOAD_WITH_ALLOWANCE = SYNC_PAYLOAD + 100
"""The number AWS's error messages show (6291556)."""
ASYNC_PAYLOAD = 1 * MB
STREAMED_RESPONSE = 200 * MB
CLIENT_CONTEXT = 3583
"""Encoded (base64) bytes of X-Amz-Client-Context."""
LOG_RESULT = 4 * KB
"""How much of the log's end LogType=Tail returns."""

TIMEOUT_SECONDS = range(1, 901)
DEFAULT_TIMEOUT_SECONDS = 3
MEMORY_SIZE_MB = range(128, 10241)
DEFAULT_MEMORY_SIZE_MB = 128
EPHEMERAL_STORAGE_MB = range(512, 10241)
DEFAULT_EPHEMERAL_STORAGE_MB = 512
ENVIRONMENT_VARIABLES = 4 * KB
LAYERS = 5
FUNCTION_NAME_LENGTH = 64

ZIP_FILE = 50 * MB
UNZIPPED_CODE = 262_144_000
CREATE_FUNCTION_REQUEST = 70_167_211
TOTAL_CODE_SIZE = 300 * 1024 * MB

OPEN_FILES = 1024
PROCESSES = 1024

INIT_TIMEOUT = timedelta(seconds=10)
"""On demand; an init that takes longer runs again inside the first invoke, under the function's timeout."""
PROVISIONED_INIT_TIMEOUT = timedelta(seconds=130)

ACCOUNT_CONCURRENCY = 1000
UNRESERVED_MINIMUM = 100
SCALING_RATE = 1000
"""Environments a function may add per SCALING_WINDOW, refilled continuously."""
SCALING_WINDOW = timedelta(seconds=10)

REQUESTS_PER_CONCURRENT_EXECUTION = 10
"""Synchronous requests a second that each unit of concurrency allows."""

POLICY_DOCUMENT = 20 * KB
TAGS = 50
