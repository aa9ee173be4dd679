from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invocations", "0023_trail_of_messages")]

    operations = [
        migrations.AddField("account", "control_plane_requests_per_second", models.PositiveIntegerField(default=0)),
    ]
