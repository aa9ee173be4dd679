"""One bucket: its objects by folders, one object as text, what goes in and out, and what is configured."""

from django import forms
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header, urlencode

from invocations.errors import AwsError
from invocations.models import Bucket, Function, MultipartUpload, StoredObject
from invocations.region import REGION
from invocations.services import s3
from invocations.services.s3 import blobs, multipart, objects
from playground.dashboard import bucket_objects
from playground.dashboard.api_call import ApiCall
from playground.dashboard.bucket_forms import UploadForm
from playground.dashboard.bucket_objects import ObjectView
from playground.dashboard.changes import is_confirmed, saved, sentence
from playground.dashboard.last_change import done
from playground.dashboard.resources.kind import Kind, View
from playground.dashboard.resources.page import refused, show
from playground.dashboard.web import DashboardRequest, endpoint_url

TABS = {"objects": "Objects", "properties": "Properties"}
SHOWN_UPLOADS = 50
AT_ONCE = 1000
"""Objects that emptying deletes in one step."""
NO_PAGE = "sandbox; default-src 'none'"
"""The policy of what is downloaded: should a browser show it after all, it may do nothing."""


def bucket(request: DashboardRequest, kind: Kind, name: str) -> HttpResponseBase:
    """What is in it (?prefix=, ?after=), one object (?key=, with ?download its bytes), or with ?tab=properties what is configured."""
    row = _find(request, name)
    if "download" in request.GET:
        return _download(row, request.GET.get("key", ""))
    return _show(request, kind, row)


def upload(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """PutObject."""
    row = _find(request, name)
    form = UploadForm(request.POST, request.FILES)

    def call() -> None:
        body = blobs.receive(form.pieces())
        try:
            objects.put(row, form.object_key(), body, objects.Attributes(form.object_type()))
        finally:
            body.discard()

    if not saved(form, call, {"key": "key"}):
        return _show(request, kind, row, 422, upload_form=form)
    key = form.object_key()
    return done(request, _object_url(kind, row, key), f"Uploaded {key}.", ApiCall("s3", "HeadObject", {"Bucket": name, "Key": key}))


def delete_object(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """DeleteObject."""
    row, key = _find(request, name), request.POST.get("key", "")
    objects.delete(row, [key])
    url = kind.url(row.account_id, name) + _query(request.POST.get("prefix", ""))
    return done(request, url, f"Deleted {key}.", ApiCall("s3", "DeleteObject", {"Bucket": name, "Key": key}))


def empty(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """Deletes every object, once the name has been typed."""
    row, count = _find(request, name), 0
    if not is_confirmed(request, name):
        return refused(request, kind, name, f"Nothing was deleted: type {name} to confirm.")
    while keys := [each.key for each in StoredObject.objects.of(row.account_id).filter(bucket=row).only("key_utf8")[:AT_ONCE]]:
        objects.delete(row, keys)
        count += len(keys)
    return done(request, kind.url(row.account_id, name), f"Deleted {count} object{'' if count == 1 else 's'}.")


def abort_upload(request: DashboardRequest, kind: Kind, name: str) -> HttpResponse:
    """AbortMultipartUpload."""
    row, upload_id = _find(request, name), request.POST.get("upload", "")
    try:
        found = multipart.find(row, request.POST.get("key", ""), upload_id)
    except AwsError as error:
        return refused(request, kind, name, sentence(error))
    multipart.abort(found)
    members = {"Bucket": name, "Key": found.key, "UploadId": upload_id}
    url = f"{kind.url(row.account_id, name)}?tab=properties"
    return done(request, url, f"The upload of {found.key} is aborted.", ApiCall("s3", "AbortMultipartUpload", members))


CHANGES: dict[str, View] = {"upload": upload, "delete-object": delete_object, "empty": empty, "abort-upload": abort_upload}


def _find(request: DashboardRequest, name: str) -> Bucket:
    try:
        return s3.bucket_of(request.account.account_id, name)
    except AwsError as error:
        raise Http404(error.message) from None


def _show(request: DashboardRequest, kind: Kind, row: Bucket, status: int = 200, **forms_shown: forms.Form) -> HttpResponse:
    tab = request.GET.get("tab", "objects")
    if tab not in TABS:
        raise Http404(f"A bucket has no page {tab!r}.")
    context = {"tab": tab, "tabs": TABS, "region": REGION, "bucket": row, "bucket_url": f"{endpoint_url(request)}/{row.name}"}
    context |= _objects(request, kind, row) if tab == "objects" else _properties(row)
    return show(request, kind, row.name, "dashboard/resource/bucket.html", status, **(context | forms_shown))


def _objects(request: DashboardRequest, kind: Kind, row: Bucket) -> dict[str, object]:
    prefix, after, key = (request.GET.get(name, "") for name in ("prefix", "after", "key"))
    chosen = bucket_objects.find(row, key)
    return {
        "prefix": prefix,
        "after": after,
        "way": bucket_objects.way_to(prefix),
        "folder": bucket_objects.folder(row, prefix, after),
        "chosen_key": key,
        "chosen": chosen,
        "functions": Function.objects.of(row.account_id).order_by("name").values_list("name", flat=True) if chosen else [],
        "download_url": f"{kind.url(row.account_id, row.name)}?{urlencode({'key': key, 'download': ''})}",
        "folder_url": kind.url(row.account_id, row.name) + _query(prefix),
        "upload_form": UploadForm(prefix_shown=prefix),
    }


def _properties(row: Bucket) -> dict[str, object]:
    uploads = MultipartUpload.objects.of(row.account_id).filter(bucket=row).order_by("key_utf8")
    return {"uploads": uploads[:SHOWN_UPLOADS]}


def _download(row: Bucket, key: str) -> HttpResponseBase:
    """An object's bytes as a file to be saved: never as a page of this origin, whatever its type says."""
    try:
        found, reader = s3.get_object(row.account_id, row.name, key)
    except AwsError as error:
        raise Http404(error.message) from None
    response = StreamingHttpResponse(reader.stream(), content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, ObjectView(found).file_name)
    response["Content-Security-Policy"] = NO_PAGE
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _object_url(kind: Kind, row: Bucket, key: str) -> str:
    folder = key[: key.rfind("/") + 1]
    return f"{kind.url(row.account_id, row.name)}?{bucket_objects.object_query(folder, key)}"


def _query(prefix: str) -> str:
    return f"?{urlencode({'prefix': prefix})}" if prefix else ""
