"""`manage.py bench fuzz`: malformed and hostile HTTP requests to both ports, without a 500 or a crash.

Hypothesis makes them: `values` what stands in them, `requests` the drafts; `wire` makes bytes of each, several times with something
changed; `sending` sends and judges. Signed ones are signed by an account of their own.
"""
