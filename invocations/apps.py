from django.apps import AppConfig


class InvocationsConfig(AppConfig):
    name = "invocations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Every process tells the others when a resource's policy changes, whether or not it decides anything itself."""
        from invocations import attached_policies  # noqa: F401
