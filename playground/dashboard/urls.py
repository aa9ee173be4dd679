"""The dashboard's addresses. Below `/w/<account_id>/`, the middleware turns the id into `request.account`."""

from django.urls import URLPattern, URLResolver, include, path

from playground.dashboard.function_urls import urlpatterns as functions
from playground.dashboard.invocation_urls import urlpatterns as invocations
from playground.dashboard.resource_urls import urlpatterns as resources
from playground.dashboard.views import (
    capacity,
    clock,
    error_gallery,
    faults,
    filters,
    home,
    limits,
    palette,
    permissions,
    settings,
    trail,
)

of_account: list[URLPattern | URLResolver] = [
    path("", home.playground, name="playground"),
    path("deploy/", home.deploy_code, name="playground-deploy"),
    path("reset-sample/", home.reset_sample, name="playground-reset"),
    path("palette/", palette.search, name="palette"),
    path("legend/", palette.legend, name="legend"),
    path("settings/", settings.settings_page, name="settings"),
    path("settings/appearance/", settings.appearance, name="settings-appearance"),
    path("filters/", filters.filter_lab, name="filters"),
    path("filters/answer/", filters.answer, name="filters-answer"),
    path("trail/", trail.trail, name="trail"),
    path("trail/messages/", trail.messages, name="trail-messages"),
    path("permissions/", permissions.explainer, name="permissions"),
    path("permissions/allow/", permissions.allow, name="permissions-allow"),
    path("settings/clock/", clock.clock_page, name="settings-clock"),
    path("settings/limits/", limits.limits_page, name="settings-limits"),
    path("capacity/", capacity.capacity_page, name="capacity"),
    path("capacity/start/", capacity.start, name="capacity-start"),
    path("capacity/stop/", capacity.stop, name="capacity-stop"),
    path("capacity/knobs/", capacity.knobs, name="capacity-knobs"),
    path("errors/", error_gallery.gallery, name="errors"),
    path("errors/<str:entry_id>/", error_gallery.produced, name="error-produce"),
    path("settings/faults/", faults.faults_page, name="settings-faults"),
    *functions,
    *invocations,
    *resources,
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.default_account),
    path("w/<str:account_id>/", include(of_account)),
]
