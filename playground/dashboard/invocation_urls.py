"""Addresses of the fire panel and of invocations."""

from django.urls import URLPattern, URLResolver, path

from playground.dashboard.views import fire, invocations

urlpatterns: list[URLPattern | URLResolver] = [
    path("fire/", fire.fire, name="fire"),
    path("fire/save/", fire.save_event, name="fire-save"),
    path("fire/outcome/", fire.outcome, name="fire-outcome"),
    path("fire/reserve/", fire.reserve, name="fire-reserve"),
    path("fire/calls/", fire.calls, name="fire-calls"),
    path("invocations/", invocations.invocation_list, name="invocations"),
    path("invocations/replay/", invocations.replay_many, name="invocations-replay"),
    path("invocations/<str:request_id>/", invocations.invocation, name="invocation"),
    path("invocations/<str:request_id>/replay/", invocations.replay, name="invocation-replay"),
    path("invocations/<str:request_id>/save/", invocations.save_event, name="invocation-save"),
    path("invocations/<str:request_id>/compare/", invocations.compare, name="invocation-compare"),
    path("invocations/<str:request_id>/compare/<str:other_id>/", invocations.compare, name="invocation-compare-with"),
    path("invocations/<str:request_id>/files/<str:what>", invocations.download, name="invocation-download"),
    path("invocations/<str:request_id>/<str:depth>/", invocations.invocation, name="invocation-depth"),
]
