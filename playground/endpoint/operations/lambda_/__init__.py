"""Lambda's operations. Each reads the call, asks invocations.resources, and shows the answer in AWS's shape."""
