"""S3's operations."""
