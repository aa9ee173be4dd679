"""The web process's one kind of WebSocket."""

from channels.routing import URLRouter
from django.urls import path

from playground.live.consumers import LiveConsumer

socket = URLRouter([path("ws/w/<str:account_id>/", LiveConsumer.as_asgi())])
