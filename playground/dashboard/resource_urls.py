"""Addresses of resources: the overview, a kind's list, one resource. A POST below a resource is one of its kind's changes."""

from django.urls import URLPattern, URLResolver, path

from playground.dashboard.views import resources

urlpatterns: list[URLPattern | URLResolver] = [
    path("resources/", resources.overview, name="resources"),
    path("resources/<str:slug>/", resources.kind_list, name="resource-kind"),
    path("resources/<str:slug>/<str:name>/", resources.resource, name="resource"),
    path("resources/<str:slug>/<str:name>/delete/", resources.delete, name="resource-delete"),
    path("resources/<str:slug>/<str:name>/<str:change>/", resources.change, name="resource-change"),
]
