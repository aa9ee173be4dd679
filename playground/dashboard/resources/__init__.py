"""The kinds of resources beside functions that have pages: queues, topics, buses, buckets.

A new kind is a file here that describes it (a `kind.Kind`), and its line in `registry.KINDS`. From that come, without another line:

- its part of `/resources/`, its list at `/resources/<slug>/` with the form that creates one, its places in the palette;
- `/resources/<slug>/<name>/`, which is `Kind.page`, and a POST to `/resources/<slug>/<name>/<change>/`, one of `Kind.changes`;
- deleting, once the name has been typed: `Kind.delete`.

Templates extend `dashboard/resource/base.html` (what it takes stands at its top). A change is a plain form, so that it works without
scripts: `changes.saved` runs it and turns AWS's refusal into an error of the form, which comes back with status 422; what was done is
told once on the page that follows, and its call is in the drawer (`last_change.done`).

Live: a region `{% live "rules" topic %}` is fetched anew when something it follows has changed. `topic` is `resource:<service>:<name>`
on the page of one resource, `resource:<service>` on the list. Whoever changes a resource says so: `announce.publish(account_id,
[{"kind": "resource", "service": "sns", "name": "orders"}])`. What moves many times a second announces nothing: its kind has a
`pulse`, a text that differs when the contents do, asked for while a page is open and never otherwise. Either way a page fetches at
most every `live.resources.FETCH_SECONDS`. Regions of `class="redraw"` are drawn anew as a whole instead of being morphed (lists whose
rows change places), and `data-hold` keeps a region as it is while the pointer or the focus is in it.
"""
