"""The trail: what CloudTrail would have recorded.

A management call is written down by whoever answers it (`stream`), before it is answered; the journal's writer moves it to the
database. An Invoke is a data event: its row in the journal says all that its record says (`data_events`), so nothing more is
written on the way of an invocation.
"""
