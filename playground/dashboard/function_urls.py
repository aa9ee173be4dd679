"""Addresses of functions. `name` is the function's; what changes something is a POST below the tab it belongs to."""

from django.urls import URLPattern, URLResolver, path

from playground.dashboard.views import function_async, function_permissions, function_url, functions
from playground.dashboard.views import function_changes as change

urlpatterns: list[URLPattern | URLResolver] = [
    path("functions/", functions.function_list, name="functions"),
    path("functions/create/", change.create, name="function-create"),
    path("functions/<str:name>/", functions.function_detail, name="function"),
    path("functions/<str:name>/delete/", change.delete, name="function-delete"),
    path("functions/<str:name>/code/deploy/", change.deploy, name="function-deploy"),
    path("functions/<str:name>/code/remove/", change.remove_file, name="function-remove-file"),
    path("functions/<str:name>/code/upload/", change.upload, name="function-upload"),
    path("functions/<str:name>/code/download/", change.download, name="function-download"),
    path("functions/<str:name>/code/restore/", change.restore_sample, name="function-restore"),
    path("functions/<str:name>/config/save/", change.configure, name="function-configure"),
    path("functions/<str:name>/events/save/", change.save_event, name="function-save-event"),
    path("functions/<str:name>/events/delete/", change.delete_event, name="function-delete-event"),
    path("functions/<str:name>/events/export/", change.export_events, name="function-export-events"),
    path("functions/<str:name>/versions/publish/", change.publish, name="function-publish"),
    path("functions/<str:name>/versions/<str:number>/delete/", change.delete_version, name="function-delete-version"),
    path("functions/<str:name>/aliases/save/", change.save_alias, name="function-save-alias"),
    path("functions/<str:name>/aliases/<str:alias>/delete/", change.delete_alias, name="function-delete-alias"),
    path("functions/<str:name>/async/save/", function_async.save, name="function-async-save"),
    path("functions/<str:name>/async/remove/", function_async.remove, name="function-async-remove"),
    path("functions/<str:name>/async/dead-letter/", function_async.dead_letter, name="function-dead-letter"),
    path("functions/<str:name>/async/recursion/", function_async.recursion, name="function-recursion"),
    path("functions/<str:name>/permissions/add/", function_permissions.add, name="function-permission-add"),
    path("functions/<str:name>/permissions/remove/", function_permissions.remove, name="function-permission-remove"),
    path("functions/<str:name>/url/save/", function_url.save, name="function-url-save"),
    path("functions/<str:name>/url/delete/", function_url.delete, name="function-url-delete"),
    path("functions/<str:name>/url/open/", function_url.open_to_all, name="function-url-open"),
    path("functions/<str:name>/url/send/", function_url.send, name="function-url-send"),
    path("functions/<str:name>/concurrency/reserve/", change.reserve, name="function-reserve"),
    path("functions/<str:name>/concurrency/provision/", change.provision, name="function-provision"),
    path("functions/<str:name>/<str:tab>/", functions.function_detail, name="function-tab"),
]
