from django.apps import AppConfig


class PlaygroundConfig(AppConfig):
    name = "playground"

    def ready(self) -> None:
        """Registers the system checks."""
        from playground import checks  # noqa: F401
