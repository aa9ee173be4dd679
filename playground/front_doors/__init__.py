"""HTTP that becomes an event of a function, and back. What Lambda allows is decided in `invocations`."""
