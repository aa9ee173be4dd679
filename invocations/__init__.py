"""The domain: how AWS Lambda functions are invoked. Knows no HTTP request, no template, no socket."""
