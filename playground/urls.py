"""All addresses of the web process."""

from django.urls import URLPattern, URLResolver, include, path

from playground.dashboard.urls import urlpatterns as dashboard
from playground.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [path("healthz", healthz), path("", include(dashboard))]

handler400 = "playground.dashboard.views.errors.bad_request"
handler403 = "playground.dashboard.views.errors.denied"
handler404 = "playground.dashboard.views.errors.not_found"
handler500 = "playground.dashboard.views.errors.server_error"
