"""EventBridge: one module for buses, rules, events, and archives with replays."""
