"""Everything people and programs talk to: reads requests, shows results, decides nothing about Lambda."""
